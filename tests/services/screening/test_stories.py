"""Ordinary campus news is left alone: a machine that cries wolf is switched off.

Thirty-six stories of our own, every one different; nobody in them is real. The bounds are what was measured, with a
little room.
"""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from models import FindingLevel
from services.screening.engine import Manuscript, Screener, Screening
from services.screening.lists import shipped_confusions, shipped_terms
from services.screening.roster import Leader
from services.screening.school import School

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))
UNITS = ("环境学院", "外国语学院", "马克思主义学院", "计算机科学与技术学院", "心理健康教育中心", "实验室与设备管理处")


@pytest.fixture(scope="module")
def screener() -> Screener:
    """Everything switched on: the shipped lists, the units of a school, a roster."""
    return Screener(
        (*shipped_terms(), *shipped_confusions()),
        leaders=[Leader("周明远", "党委书记", 1), Leader("沈书宁", "校长", 2)],
        school=School(names=UNITS, student_numbers=("2023######",), staff_numbers=("T#####",)),
    )


def screened(screener: Screener, story: Path) -> Screening:
    title, _, body = story.read_text("utf-8").partition("\n")
    manuscript = Manuscript(title, "", "校园记者团", body, "news", "original", date(2026, 11, 22))
    return screener.screen(manuscript)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_a_clean_story_is_neither_blocked_nor_warned_about(screener: Screener, story: Path) -> None:
    grave = [mark for mark in screened(screener, story).marks if mark.level is not FindingLevel.INFO]
    assert grave == []


def test_thirty_thousand_characters_get_a_hint_in_seven_thousand(screener: Screener) -> None:
    characters = sum(len(story.read_text("utf-8")) for story in STORIES)
    hints = Counter(mark.rule for story in STORIES for mark in screened(screener, story).marks)

    assert characters >= 30_000
    assert hints.total() / characters * 1_000 <= 0.15, hints  # measured: 3 hints in 30,484 characters
