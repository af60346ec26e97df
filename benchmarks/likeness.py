"""What it costs to find an item among ten thousand earlier ones, as a multiple of the text check of the same item.

python benchmarks/likeness.py
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import insert
from sqlmodel import Session

from models import (
    ContentCategory,
    DepartmentKind,
    Draft,
    Revision,
    Shingle,
    SourceKind,
    Submission,
    SubmissionState,
)
from services import departments, duplicates, passwords, people
from services.database import make_engines, transaction, upgrade
from services.screening import likeness
from services.screening.engine import Manuscript, default_screener
from services.unit_of_work import SYSTEM, UnitOfWork

ITEMS = 10_000
LENGTH = 1_500  # characters
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def text_of(number: int) -> str:
    """Random characters with a common opening, as reports of one office have."""
    rng = random.Random(number)  # noqa: S311 - reproducible filler, not a secret
    letters = "".join(chr(rng.randrange(0x4E00, 0x4E00 + 3_500)) for _ in range(LENGTH - 40))
    return f"为深入学习贯彻全国教育大会精神，学校召开专题工作会议，研究部署下一阶段重点工作。{letters}"


def milliseconds(work: Callable[[], object], repeats: int = 20) -> float:
    best = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best * 1_000


def fill(session: Session, contributor_id: int, department_id: int) -> None:
    for start in range(1, ITEMS + 1, 500):
        ids = range(start, start + 500)
        common = {"contributor_id": contributor_id, "department_id": department_id, "category": ContentCategory.NEWS}
        rows = [
            {
                **common,
                "id": each,
                "title": f"第{each}篇{text_of(each)[45:60]}",
                "state": SubmissionState.ARCHIVED,
                "revision_id": each,
                "submitted_at": NOW,
                "created_at": NOW,
                "updated_at": NOW,
                "stage_entered_at": NOW,
                "route": [],
            }
            for each in ids
        ]
        session.execute(insert(Submission), rows)
        session.execute(
            insert(Revision),
            [
                {
                    "id": each,
                    "submission_id": each,
                    "number": 1,
                    "fingerprint": "x",
                    "made_by_id": contributor_id,
                    "made_at": NOW,
                    "title": f"第{each}篇",
                    "source_kind": SourceKind.ORIGINAL,
                    "body_html": f"<p>{text_of(each)}</p>",
                    "attachments": [],
                }
                for each in ids
            ],
        )
        kept = [
            {"hash": piece, "submission_id": each}
            for each in ids
            for piece in likeness.sample(likeness.pieces(text_of(each)))
        ]
        session.execute(insert(Shingle), kept)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.db"
        upgrade(f"sqlite:///{path}")
        engines = make_engines(f"sqlite:///{path}")
        with transaction(engines) as session:
            work = UnitOfWork(session=session, actor=SYSTEM, now=NOW)
            unit = departments.create(work, name="教务处", kind=DepartmentKind.ADMIN_DEPARTMENT).id or 0
            author = people.create_person(
                work, username="author", name="作者", department_id=unit, roles=(), password_hash=passwords.NONE
            )
            begin = time.process_time()
            fill(session, author.id or 0, unit)
            print(f"{ITEMS} items entered       {time.process_time() - begin:9.1f} s")
        screener = default_screener()
        with Session(engines.read) as session:
            for name, text in (("a copy", text_of(77)), ("a new text", text_of(ITEMS + 1))):
                draft = Draft(
                    title="一个新的标题在这里", body_html=f"<p>{text}</p>", submission_id=0, saved_at=NOW, saved_by_id=1
                )
                item = Manuscript("一个新的标题", "", "作者", text, "news", "original", date(2026, 11, 22))
                looked_up = milliseconds(partial(duplicates.marks, session, 0, draft))
                checked = milliseconds(partial(screener.screen, item))
                print(f"{name}: found {[each.rule for each in duplicates.marks(session, 0, draft)]}")
                print(f"  looking up                {looked_up:9.2f} ms")
                print(f"  text check                {checked:9.2f} ms")
                print(f"  ratio                     {looked_up / checked:9.1f}")
        print(f"database                    {path.stat().st_size / 1024 / 1024:9.1f} MiB")
        engines.dispose()


if __name__ == "__main__":
    main()
