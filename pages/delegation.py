"""代办: who acts for me and for whom I act, and the days on which I am away."""

from ui import delegation_form, page

user = page.begin("代办")

delegation_form.standing(user)
delegation_form.delegate(user)
delegation_form.absence(user)
