"""违规记录: the cases this person may know of."""

from ui import emergency_debts, navigation, page, violation_form, violation_list

user = page.begin("违规记录", requires=navigation.ANSWERABLE)

emergency_debts.draw(user)
violation_form.opener(user)
violation_list.draw(user)
