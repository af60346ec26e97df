"""版式: an account's own, an item's own; who may choose, and what is never accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import Action, AuditAction, Draft, OfficialAccount
from services import layouts, submissions
from services.errors import InvalidInput, NotAllowed, WrongState
from tests.office import Office


def set_theme(office: Office, who: str, theme: str) -> None:
    with office.acting_as(who) as work:
        seen = work.session.get_one(OfficialAccount, office.account_id).version
        layouts.set_theme(work, account_id=office.account_id, seen_version=seen, theme=theme)


def choose(office: Office, submission_id: int, theme: str | None) -> None:
    with office.acting_as("小王") as work:
        kept = work.session.get_one(Draft, submission_id)
        fields = submissions.draft_fields(kept)
        submissions.save_draft(
            work, submission_id=submission_id, seen_edition=kept.edition, draft=replace(fields, theme=theme)
        )


def theme_of(office: Office, submission_id: int) -> str:
    with office.reading() as session:
        return layouts.theme_for(session, submission_id, session.get(OfficialAccount, office.account_id))


def test_an_item_looks_as_its_account_unless_it_chose_for_itself(office: Office) -> None:
    usual, own = office.draft(), office.draft()
    choose(office, own, "band:#0b5394")

    set_theme(office, "老李", "campus:#7a1f3d")

    assert (theme_of(office, usual), theme_of(office, own)) == ("campus:#7a1f3d", "band:#0b5394")
    action, who, details = office.trail("account", office.account_id)[-1]
    assert (action, who, details) == (
        AuditAction.ACCOUNT_CHANGED,
        "老李",
        {"fields": ["theme"], "from": "plain", "to": "campus:#7a1f3d"},
    )


@pytest.mark.parametrize("who", ["小王", "张处长", "小赵", "孙老师", "徐校长"])
def test_nobody_but_those_who_keep_the_accounts_chooses_for_an_account(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        set_theme(office, who, "campus")


@pytest.mark.parametrize("theme", ["pink", "campus:#ffff00", "campus:red;background:url(x)"])
def test_a_look_nobody_can_read_is_refused_for_account_and_item(office: Office, theme: str) -> None:
    submission_id = office.draft()

    with pytest.raises(InvalidInput):
        set_theme(office, "小林", theme)
    with pytest.raises(InvalidInput):
        choose(office, submission_id, theme)

    assert theme_of(office, submission_id) == "plain"


def test_what_is_under_review_keeps_its_look(office: Office) -> None:
    submission_id = office.submitted(theme="calm")

    with pytest.raises(WrongState):
        choose(office, submission_id, "band")
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    assert theme_of(office, submission_id) == "calm"
