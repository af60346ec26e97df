"""违规记录: the cases this person may know of."""

from ui import navigation, page, violation_form, violation_list

user = page.begin("违规记录", requires=navigation.ANSWERABLE)

violation_form.opener(user)
violation_list.draw(user)
