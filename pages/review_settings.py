"""审核设置: through which stages items go, who signs last, and who may use the emergency channel."""

import streamlit as st

from services import routes
from services.queries import accounts, emergencies, people
from services.rules.permissions import KEEPS_ROUTES
from ui import emergency_list, page, route_settings, runtime

user = page.begin("审核设置", requires=KEEPS_ROUTES)

stages, emergency = st.tabs(["审核环节", "紧急快速通道"], key="review-settings")
with stages:
    with runtime.reading() as db:
        open_accounts = accounts.open_for_submissions(db)
    account_id = route_settings.choose_account(open_accounts)
    with runtime.reading() as db:
        base = routes.base_routes(db, account_id)
        risks = routes.risk_stages(db)
    route_settings.draw(user, base, risks, account_id=account_id)
with emergency:
    with runtime.reading() as db:
        listed = emergencies.listed(db)
        names = people.active_names(db)
    emergency_list.draw(user, listed, names)
