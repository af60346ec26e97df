"""通知: what happened that concerns me; for the administrator also what became of mails and the group robot."""

from services.rules.permissions import Capability
from ui import notice_list, page

user = page.begin("通知")

notice_list.draw(user)
notice_list.mail(user)
if user.may(Capability.ADMINISTER):
    notice_list.sendings(user)
