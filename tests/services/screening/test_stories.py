"""Ordinary campus news is left alone: a machine that cries wolf is switched off."""

from datetime import date
from pathlib import Path

import pytest

from models import FindingLevel
from services.screening.engine import Manuscript, Screener, Screening, default_screener

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))


@pytest.fixture(scope="module")
def screener() -> Screener:
    return default_screener()


def screened(screener: Screener, story: Path) -> Screening:
    title, _, body = story.read_text("utf-8").partition("\n")
    manuscript = Manuscript(title, "", "校园记者团", body, "news", "original", date(2026, 11, 22))
    return screener.screen(manuscript)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_a_clean_story_is_neither_blocked_nor_warned_about(screener: Screener, story: Path) -> None:
    grave = [mark for mark in screened(screener, story).marks if mark.level is not FindingLevel.INFO]
    assert grave == []


def test_clean_stories_get_less_than_one_hint_in_two_thousand_characters(screener: Screener) -> None:
    hints = sum(len(screened(screener, story).marks) for story in STORIES)
    assert hints <= sum(len(story.read_text("utf-8")) for story in STORIES) / 2_000
