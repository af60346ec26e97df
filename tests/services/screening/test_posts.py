"""One person with two posts in one text."""

from __future__ import annotations

import pytest

from services.screening.posts import marks_in


def found(text: str) -> list[tuple[str, str]]:
    return [(text[mark.start : mark.end], mark.suggestion) for mark in marks_in(text, field="body")]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("校长王明宣布开幕。会后，副校长王明参观展区。", "校长王明", "副校长王明"),
        ("教务处副处长李晓东主持，处长李晓东总结。", "副处长李晓东", "处长李晓东"),
        ("党委书记周正明讲话，副书记周正明出席。", "书记周正明", "副书记周正明"),
        ("院长陈立，副院长陈立。", "院长陈立", "副院长陈立"),
    ],
)
def test_the_second_mention_is_marked(text: str, first: str, second: str) -> None:
    assert found(text) == [(second, f"前文写的是“{first}”，同一人的职务前后不一致，请核对。")]


@pytest.mark.parametrize(
    "text",
    [
        "校长王明、副校长李晓东出席，校长王明讲话，副校长李晓东主持。",
        "党委副书记、校长王明出席，校长王明讲话。",
        "校长王明回忆，时任副校长王明曾在此种树。",
        "原副处长李晓东，现任处长李晓东",
        "副校长王明华出席，校长王明讲话。",
        "处长李晓东说，教务处副主任李晓东",
        "校长在会上讲话，副校长主持会议。",
    ],
)
def test_what_does_not_contradict_is_left_alone(text: str) -> None:
    assert found(text) == []
