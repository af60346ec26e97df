"""What two texts share, held on our own stories: edits keep the share high, other stories share nothing."""

from __future__ import annotations

import random
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from services.screening.likeness import (
    SAME,
    SIMILAR,
    containment,
    first_alike,
    is_series,
    longest_shared,
    pieces,
    sample,
)

STORIES = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "stories").glob("*.txt"))]


def share(new: str, old: str) -> float:
    return containment(pieces(new), pieces(old))


def changed(text: str, part: float) -> str:
    """The text with this part of its characters replaced by others, evenly spread."""
    rng = random.Random(7)  # noqa: S311 - reproducible edits, not a secret
    letters = list(text)
    for place in range(len(letters)):
        if rng.random() < part:
            letters[place] = chr(rng.randrange(0x4E00, 0x9000))
    return "".join(letters)


def sentences(text: str) -> list[str]:
    return [f"{each}。" for each in text.replace("\n", "").split("。") if each]


@pytest.mark.parametrize("story", STORIES)
def test_an_edited_copy_is_the_same_and_a_reworked_one_similar(story: str) -> None:
    parts = sentences(story)
    shortened = "".join(each for number, each in enumerate(parts) if number % 3)
    shuffled = "".join(parts[::2] + parts[1::2])

    copies = (story, changed(story, 0.02), shortened, shuffled, story.replace("，", " , "))
    assert min(share(copy, story) for copy in copies) >= SAME
    assert SIMILAR <= share(changed(story, 0.1), story) < SAME


def test_different_stories_share_almost_nothing() -> None:
    known = [pieces(story) for story in STORIES]
    assert max(containment(one, other) for one, other in permutations(known, 2)) < 0.05


def test_a_text_inside_a_longer_one_is_the_same_and_the_longer_one_only_similar() -> None:
    one, other = STORIES[0], STORIES[1]
    assert share(one, one + other) == 1.0
    assert SIMILAR <= share(one + other, one) < SAME


def test_a_short_text_is_not_compared() -> None:
    assert (len(pieces("短" * 90)), share("", STORIES[0]), share(STORIES[0], "")) == (0, 0.0, 0.0)


def test_the_sample_is_a_sixteenth_of_the_pieces_and_the_same_in_every_text() -> None:
    own = pieces(STORIES[0])
    kept = sample(own)
    assert 0.03 < len(kept) / len(own) < 0.1
    assert set(kept) <= set(sample(pieces(STORIES[0] + STORIES[1])))
    assert np.all(np.diff(own.astype(np.int64)) > 0)


def test_the_longest_repeated_stretch_is_shown_in_the_text_as_it_is_written() -> None:
    passage = STORIES[2][100:300]
    text = f"{STORIES[0][:200]}{passage}{STORIES[1][:200]}"
    start, end = longest_shared(text, pieces(STORIES[2]))
    assert passage.strip("，。“”") in text[start - 1 : end + 1]
    assert longest_shared(STORIES[0], pieces(STORIES[1])) == (0, 0)


@pytest.mark.parametrize(
    ("title", "other", "alike"),
    [
        ("学校召开秋季运动会", "学校召开秋季运动会", True),
        ("学校召开秋季运动会！", "学校召开 秋季运动会", True),
        ("我校师生赴社区开展志愿服务活动", "我校师生走进社区开展志愿服务活动", True),
        ("我校在省大学生程序设计竞赛中获佳绩", "我校在省大学生程序设计竞赛中获奖", True),
        ("关于做好期末考试工作安排的通知", "关于做好期末考试工作安排通知", True),
        ("第38届运动会开幕", "第37届运动会开幕", False),
        ("第三十八届运动会开幕", "第三十七届运动会开幕", False),
        ("学校召开秋季运动会", "学校召开冬季座谈会", False),
        ("学校召开秋季运动会", "图书馆延长开放时间", False),
    ],
)
def test_titles_are_alike_but_for_a_word_and_a_series_is_not(title: str, other: str, *, alike: bool) -> None:
    assert first_alike(title, [STORIES[0][:10], other]) == (1 if alike else None)


def test_a_series_differs_in_its_numbers_only() -> None:
    assert is_series("十月教学检查（第3次）", "十一月教学检查（第4次）")
    assert not is_series("教学检查", "教学检查")
