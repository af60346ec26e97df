"""违规记录: the cases this person may know of."""

from services.rules.permissions import Capability
from ui import emergency_debts, navigation, page, published_alarms, violation_form, violation_list

user = page.begin("违规记录", requires=navigation.ANSWERABLE)

emergency_debts.draw(user)
if user.may(Capability.DECIDE_VIOLATIONS):
    published_alarms.strip(user)
violation_form.opener(user)
violation_list.draw(user)
