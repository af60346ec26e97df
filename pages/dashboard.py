"""数据看板: the figures leaders ask for, by month and department; every figure opens its rows."""

from services.queries import emergencies
from services.rules.permissions import Capability
from ui import dashboard_view, emergency_debts, page, review_form_download, runtime

user = page.begin("数据看板", requires={Capability.READ_CHARTS, Capability.SIGN_OFF})

emergency_debts.draw(user)
question = dashboard_view.choose(user)
dashboard_view.draw(user, question)
if user.may(Capability.READ_CHARTS):
    with runtime.reading() as db:
        used = emergencies.by_month(db, question.board.months, question.now)
    emergency_debts.by_month(used)
review_form_download.of_month(user, question.now)
