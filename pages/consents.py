"""肖像授权: who may be shown and until when, and what still shows somebody who withdrew."""

from services.rules.office_time import office_day
from services.rules.permissions import Capability
from ui import consent_card, consent_import_form, consent_register, consent_tasks, page, runtime

user = page.begin("肖像授权", requires=Capability.KEEP_CONSENTS)
today = office_day(runtime.current().now())

consent_card.opened(user)
consent_tasks.draw(user, today)
consent_register.form(user, today)
consent_import_form.draw(user)
consent_register.draw(user, today)
