"""A department's last items beside the next: which, how they ended, why they came back, and found without a scan."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models import Action, SubmissionState
from services.queries import department_record
from services.queries.department_record import RecordLine
from tests.office import Office

S = SubmissionState


def record(office: Office, who: str, submission_id: int) -> list[RecordLine]:
    with office.reading() as session:
        return list(department_record.before(session, office.actor(who), office.stored(submission_id)))


def test_the_last_five_are_listed_with_their_outcome_and_reasons(office: Office) -> None:
    first = office.submitted(title="第一篇")
    office.perform("张处长", Action.RETURN, first, "请补充时间")
    office.later(hours=1)
    second = office.submitted(title="第二篇")
    office.perform("张处长", Action.SIGN_OFF, second)
    office.perform("老李", Action.REJECT, second, "重复")
    office.draft(title="还没提交的")
    office.draft("小吴", title="别的单位的")
    office.later(hours=1)
    present = office.submitted(title="这一篇")

    found = record(office, "张处长", present)

    assert [(each.title, each.state, [(back.action, back.comment) for back in each.sent_back]) for each in found] == [
        ("第二篇", S.REJECTED, [(Action.REJECT, "重复")]),
        ("第一篇", S.RETURNED, [(Action.RETURN, "请补充时间")]),
    ]
    assert record(office, "黄处长", present) == []


def test_not_more_than_five_are_listed(office: Office) -> None:
    ids = [office.submitted(title=f"第 {number} 篇") for number in range(7)]

    assert [each.id for each in record(office, "老李", ids[-1])] == ids[1:6][::-1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_they_are_found_by_index(office: Office) -> None:
    statement = (
        "SELECT id FROM submission WHERE department_id = 1 AND submitted_at IS NOT NULL ORDER BY submitted_at DESC"
    )
    with office.reading() as session:
        plan = " ".join(row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {statement}")))

    assert "ix_submission_handed_in" in plan
    assert "TEMP B-TREE" not in plan
