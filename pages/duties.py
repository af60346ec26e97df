"""岗位职责: what my roles are there for, and that I have read it."""

from ui import my_duties, page

user = page.begin("岗位职责")

my_duties.draw(user)
