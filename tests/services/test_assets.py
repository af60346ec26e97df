"""图片: who may add one to an item, and when. Nobody learns of an item by trying."""

from __future__ import annotations

import pytest
from sqlmodel import func, select

from models import Action, Asset
from services import assets
from services.errors import NotAllowed, NotFound, WrongState
from services.manuscript.pictures import process_picture
from tests.documents import photograph
from tests.office import CAST, Office

PICTURE = process_picture(photograph(400, 300, seed=5), "会场.jpg")


def add(office: Office, who: str, submission_id: int) -> str:
    """What came of adding a picture."""
    try:
        with office.acting_as(who) as work:
            assets.add(work, office.assets, submission_id=submission_id, picture=PICTURE)
            work.session.rollback()
    except (NotFound, NotAllowed, WrongState) as refusal:
        return type(refusal).__name__
    return "added"


def everybody(office: Office, submission_id: int) -> dict[str, set[str]]:
    """By what came of it, who tried."""
    came: dict[str, set[str]] = {}
    for name, *_ in CAST:
        came.setdefault(add(office, name, submission_id), set()).add(name)
    return came


STRANGERS = {"小吴", "黄处长", "小林"}
OTHERS = {"张处长", "老李", "老周", "陈部长", "老唐", "小赵", "孙老师", "郭老师", "徐校长"}


def test_pictures_are_added_by_the_author_while_writing_and_by_the_office_while_adjusting(office: Office) -> None:
    submission_id = office.draft()
    while_writing = everybody(office, submission_id)
    office.hand_in(submission_id)
    at_the_head = everybody(office, submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    at_first_review = everybody(office, submission_id)
    office.perform("老李", Action.PASS, submission_id)
    office.perform("陈部长", Action.APPROVE, submission_id)
    sealed = everybody(office, submission_id)

    assert while_writing == {"added": {"小王"}, "NotFound": STRANGERS | OTHERS}
    assert at_the_head == {"WrongState": OTHERS | {"小王"}, "NotFound": STRANGERS}
    reviewers = {"老李", "老周", "老唐"}
    assert at_first_review == {
        "added": reviewers,
        "NotAllowed": OTHERS - reviewers,
        "WrongState": {"小王"},
        "NotFound": STRANGERS,
    }
    office_people = reviewers | {"陈部长"}
    assert sealed == {
        "added": office_people,
        "NotAllowed": OTHERS - office_people,
        "WrongState": {"小王"},
        "NotFound": STRANGERS,
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_picture_is_kept_once(office: Office) -> None:
    submission_id = office.draft()

    with office.acting_as("小王") as work:
        first = assets.add(work, office.assets, submission_id=submission_id, picture=PICTURE)
        again = assets.add(work, office.assets, submission_id=submission_id, picture=PICTURE)

    with office.reading() as session:
        assert (again.id, session.exec(select(func.count()).select_from(Asset)).one()) == (first.id, 1)
