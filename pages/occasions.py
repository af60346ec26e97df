"""稿件模板: how articles of one occasion usually begin, kept by the office."""

from services.queries import occasions
from services.rules.permissions import KEEPS_OCCASIONS
from ui import occasion_form, page, runtime

user = page.begin("稿件模板", requires=KEEPS_OCCASIONS)

with runtime.reading() as db:
    listed = occasions.everything(db)

occasion_form.draw(user, listed)
