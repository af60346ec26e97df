"""The points ledger: one row for one published item."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from models import ContentCategory, Indicator, ScoreEntry, SourceKind, Submission
from services import appraisal
from tests.office import STORY, Office


def award(office: Office, submission_id: int) -> ScoreEntry:
    with office.as_system() as work:
        return appraisal.award_adoption(work, work.session.get_one(Submission, submission_id))


def test_a_published_item_scores_once_however_often_it_is_reported(office: Office) -> None:
    item = office.approved()

    first, second = award(office, item), award(office, item)

    assert first.id == second.id
    with office.reading() as session:
        rows = session.exec(select(ScoreEntry)).all()
    assert [row.model_dump(exclude={"id"}) for row in rows] == [
        {
            "scheme": "2026-default",
            "period": 202611,
            "department_id": office.departments["教务处"],
            "indicator": Indicator.ADOPTION,
            "hundredths": 500,
            "formula": "采用得分：原创·新闻报道 5 分",
            "cause": f"submission:{item}",
            "submission_id": item,
            "violation_id": None,
            "given_at": office.now,
        }
    ]


def test_the_month_of_a_score_is_the_office_s_month(office: Office) -> None:
    item = office.approved()
    office.now = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # midnight in Beijing

    assert award(office, item).period == 202612


@pytest.mark.parametrize(
    ("changes", "hundredths"),
    [
        ({"category": ContentCategory.NOTICE}, 0),
        ({"category": ContentCategory.FEATURE}, 600),
        ({"source_kind": SourceKind.REPRINT, "source_name": "新华社", "body_html": f"{STORY}<p>来源：新华社</p>"}, 200),
    ],
)
def test_the_points_follow_what_was_sealed(office: Office, changes: dict[str, object], hundredths: int) -> None:
    assert award(office, office.approved(**changes)).hundredths == hundredths
