"""Leaders are checked against the roster: post, former post, order. A name alone is never marked."""

from __future__ import annotations

from datetime import date

import pytest

from services.screening.roster import Leader, Roster

TODAY = date(2026, 11, 23)
ROSTER = Roster(
    [
        Leader("徐远征", "党委书记", 1),
        Leader("周正明", "校长", 2),
        Leader("韩立", "副校长", 3, valid_from=date(2026, 9, 1)),
        Leader("韩立", "教务处处长", 9, valid_to=date(2026, 8, 31)),
        Leader("高翔", "党委副书记", 4),
    ]
)


def quotes(text: str) -> list[str]:
    return [mark.quote for mark in ROSTER.marks_in(text, today=TODAY, field="body")]


@pytest.mark.parametrize(
    "text",
    [
        "党委书记徐远征、校长周正明出席会议。",
        "校长 周正明讲话。",
        "周正明校长走访实验室。",
        "副校长韩立主持会议。",
        "党委副书记高翔作报告。",
        "时任教务处处长韩立回忆了建校往事。",
        "原教务处处长韩立作报告。",
        "徐远征在会上讲话。",
        "同学们齐声朗诵。",
    ],
)
def test_what_agrees_with_the_roster_is_not_marked(text: str) -> None:
    assert quotes(text) == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("校长徐远征出席会议。", "校长徐远征"),
        ("党委书记周正明讲话。", "党委书记周正明"),
        ("韩立校长主持会议。", "韩立校长"),
        ("教务处处长韩立主持会议。", "教务处处长韩立"),
        ("校长周正明、党委书记徐远征出席会议。", "徐远征"),
    ],
)
def test_a_wrong_post_a_former_post_and_a_wrong_order_are_marked(text: str, quote: str) -> None:
    assert quotes(text) == [quote]


def test_without_a_day_nobody_can_say_who_is_in_office() -> None:
    assert [*ROSTER.marks_in("校长徐远征", today=None, field="body")] == []


def test_an_empty_roster_marks_nothing() -> None:
    assert [*Roster([]).marks_in("校长徐远征出席。", today=TODAY, field="body")] == []
