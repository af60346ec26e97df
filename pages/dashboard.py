"""数据看板: the figures leaders ask for, by month and department; every figure opens its rows."""

from services.rules.permissions import Capability
from ui import dashboard_view, page

user = page.begin("数据看板", requires={Capability.READ_CHARTS, Capability.SIGN_OFF})

question = dashboard_view.choose(user)
dashboard_view.draw(user, question)
