"""What the text check costs, as a multiple of the passes nobody can save, measured in the same run.

    python benchmarks/screening.py

The reference is the bare fold, one scan of the same automaton and the personal-data patterns on the same text.
The lexicon is 50,000 random terms of 2 to 8 characters over 3,500 common characters (the worst fan-out for an
automaton), beside the shipped lists, with everything a school can switch on switched on.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from models import FindingLevel
from services.screening import personal_information
from services.screening.engine import Manuscript, Screener
from services.screening.entries import Term
from services.screening.folding import fold, read, read_han_digits
from services.screening.lists import shipped_confusions, shipped_terms
from services.screening.roster import Leader
from services.screening.school import School
from services.screening.terms import TermFinder

TERMS = 50_000
LENGTH = 3_000
LONG = 100_000
# Everything a school can switch on: its units, domains and number formats, and a roster.
FIELDS = ("工程技术", "生命科学", "公共管理")
UNITS = tuple(f"{first}{field}学院" for first in "甲乙丙丁戊己庚辛壬癸" for field in FIELDS)
SCHOOL = School(
    own_domains=("school.example",),
    trusted_domains=tuple(f"partner{number}.example" for number in range(20)),
    student_numbers=("2023######", "@@######"),
    staff_numbers=("T#####",),
    names=UNITS,
)
POSTS = ("党委书记", "校长", "副校长", "副书记")
LEADERS = [Leader(f"某{'甲乙丙丁'[place]}明", post, place + 1) for place, post in enumerate(POSTS)]
STORIES = Path(__file__).parents[1] / "tests" / "services" / "screening" / "stories"
PLANTED = "联系电话13812345678，身份证号11010519491231002X，邮箱zhang.san@example.com。学校布署工作，再接再励。\n"


def random_terms(count: int, seed: int = 1) -> list[Term]:
    rng = random.Random(seed)  # noqa: S311 - reproducible filler, not a secret
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3_500)]
    texts = {"".join(rng.choices(letters, k=rng.randint(2, 8))) for _ in range(count + count // 10)}
    return [Term(text, "benchmark", FindingLevel.WARN) for text in sorted(texts)[:count]]


def campus_text(length: int) -> str:
    stories = [path.read_text("utf-8") for path in sorted(STORIES.glob("*.txt"))]
    text = PLANTED
    while len(text) < length:
        text += stories[len(text) % len(stories)] + PLANTED
    return text[:length]


def personal_data_patterns(view: str) -> int:
    """Each pattern that reads a whole text, once, and nothing made of what it finds."""
    scans = personal_information.WHOLE_TEXT_PATTERNS
    return sum(1 for pattern in scans for _ in pattern.finditer(view))


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    """Best of `repeats`, in processor time: other work on the machine does not count."""
    best = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best * 1_000


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024 / 1024


def manuscript(body: str) -> Manuscript:
    return Manuscript("学校召开秋季运动会", "", "体育组", body, "news", "original", date(2026, 11, 22))


def main() -> None:
    begin = time.process_time()
    fold("x"), read("x"), read_han_digits("x")
    print(f"tables, once a process      {(time.process_time() - begin) * 1_000:9.1f} ms")

    lexicon = [*shipped_terms(), *shipped_confusions(), *random_terms(TERMS)]
    before, begin = resident_megabytes(), time.process_time()
    screener = Screener(lexicon, leaders=LEADERS, school=SCHOOL)
    print(f"screener of {len(lexicon)} terms   {(time.process_time() - begin) * 1_000:9.1f} ms")
    print(f"its memory                  {resident_megabytes() - before:9.1f} MiB")

    finder = TermFinder(lexicon)
    totals = {}
    for length, repeats in ((LENGTH, 200), (LONG, 10)):
        text = campus_text(length)
        seen = fold(text)
        folding = milliseconds(partial(fold, text), repeats)
        scan = milliseconds(partial(finder.hits, seen), repeats)
        view = read(text).text
        patterns = milliseconds(partial(personal_data_patterns, view), repeats)
        item = manuscript(text)
        whole = totals[length] = milliseconds(partial(screener.screen, item), repeats)
        bare = folding + scan + patterns
        print(f"\n{length} characters, {len(screener.screen(item).marks)} marks")
        print(f"  fold                      {folding:9.3f} ms")
        print(f"  automaton scan            {scan:9.3f} ms")
        print(f"  personal-data patterns    {patterns:9.3f} ms")
        print(f"  whole check               {whole:9.3f} ms")
        print(f"  ratio to the bare passes  {whole / bare:9.2f}    (target 3 at {LENGTH})")
    print(f"\n{LONG} characters / {LENGTH}      {totals[LONG] / totals[LENGTH]:9.1f}    (target 40)")


if __name__ == "__main__":
    main()
