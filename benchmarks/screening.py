"""What the text check costs, as a multiple of the passes nobody can save, measured in the same run.

    python benchmarks/screening.py

The reference is the bare fold, one scan of the same automaton and the personal-data patterns on the same text.
The lexicon is 50,000 random terms of 2 to 8 characters over 3,500 common characters (the worst fan-out for an
automaton), beside the shipped lists.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from services.screening.engine import Manuscript, Screener
from services.screening.folding import fold, read, read_han_digits
from services.screening.lists import shipped_confusions, shipped_terms
from services.screening.marks import Level
from services.screening.personal_information import PersonalDataSettings, marks_in
from services.screening.terms import Term, TermFinder

TERMS = 50_000
LENGTH = 3_000
LONG = 100_000
STORIES = Path(__file__).parents[1] / "tests" / "services" / "screening" / "stories"
PLANTED = "联系电话13812345678，身份证号11010519491231002X，邮箱zhang.san@example.com。学校布署工作，再接再励。\n"


def random_terms(count: int, seed: int = 1) -> list[Term]:
    rng = random.Random(seed)  # noqa: S311 - reproducible filler, not a secret
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3_500)]
    texts = {"".join(rng.choices(letters, k=rng.randint(2, 8))) for _ in range(count + count // 10)}
    return [Term(text, "benchmark", Level.WARN) for text in sorted(texts)[:count]]


def campus_text(length: int) -> str:
    stories = [path.read_text("utf-8") for path in sorted(STORIES.glob("*.txt"))]
    text = PLANTED
    while len(text) < length:
        text += stories[len(text) % len(stories)] + PLANTED
    return text[:length]


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best * 1_000


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024 / 1024


def manuscript(body: str) -> Manuscript:
    return Manuscript("学校召开秋季运动会", "", "体育组", body, "news", "original", date(2026, 11, 22))


def main() -> None:
    begin = time.perf_counter()
    fold("x"), read("x"), read_han_digits("x")
    print(f"tables, once a process      {(time.perf_counter() - begin) * 1_000:9.1f} ms")

    lexicon = [*shipped_terms(), *shipped_confusions(), *random_terms(TERMS)]
    before, begin = resident_megabytes(), time.perf_counter()
    screener = Screener(lexicon)
    print(f"screener of {len(lexicon)} terms   {(time.perf_counter() - begin) * 1_000:9.1f} ms")
    print(f"its memory                  {resident_megabytes() - before:9.1f} MiB")

    finder, settings = TermFinder(lexicon), PersonalDataSettings()
    totals = {}
    for length, repeats in ((LENGTH, 200), (LONG, 10)):
        text = campus_text(length)
        seen = fold(text)
        folding = milliseconds(lambda text=text: fold(text), repeats)
        scan = milliseconds(lambda seen=seen: finder.hits(seen), repeats)
        patterns = milliseconds(lambda text=text: marks_in(text, settings=settings), repeats)
        item = manuscript(text)
        whole = totals[length] = milliseconds(lambda item=item: screener.screen(item), repeats)
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
