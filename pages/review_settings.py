"""审核设置: through which stages items go, and who signs last."""

from services import routes
from services.queries import accounts
from services.rules.permissions import KEEPS_ROUTES
from ui import page, route_settings, runtime

user = page.begin("审核设置", requires=KEEPS_ROUTES)

with runtime.reading() as db:
    open_accounts = accounts.open_for_submissions(db)
account_id = route_settings.choose_account(open_accounts)
with runtime.reading() as db:
    base = routes.base_routes(db, account_id)
    risks = routes.risk_stages(db)

route_settings.draw(user, base, risks, account_id=account_id)
