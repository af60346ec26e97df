"""A small school for service tests: a standing cast on a fresh database, a clock that stands still until moved.

通讯员小王 and 张处长 of 教务处, 审核员老李 and 审核员老周, 陈部长 and 副部长老唐, 发布员小赵, 监督小组孙老师 and
郭老师, 徐校长, 管理员小林, and 外人小吴 of 学生处 with her head 黄处长.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import (
    AccountKind,
    Action,
    AuditAction,
    AuditEvent,
    Department,
    DepartmentKind,
    Draft,
    Notice,
    OfficialAccount,
    Person,
    Role,
    Submission,
)
from services import accounts, attachments, departments, findings, people, submissions
from services.database import Engines, make_engines, transaction
from services.ports import WeChatCredentials
from services.queries import people as people_reads
from services.rules.office_time import office_day
from services.rules.permissions import Actor
from services.screening.engine import Screener, default_screener
from services.secret_box import SecretBox
from services.submissions import DraftFields
from services.unit_of_work import SYSTEM, UnitOfWork
from tests.databases import Contents

MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Beijing

STORY = (
    "<p>11月20日，教务处在图书馆报告厅举办教学经验交流会，六十余名教师参加。</p>"
    "<h2>交流内容</h2><p>三位教师介绍了课堂组织的做法，与会教师就作业设计进行了讨论。</p>"
)


class MemoryAssets:
    """An `AssetStore` that remembers."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self.files[sha256] = content
        return sha256

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.files:
            raise FileNotFoundError(sha256)
        return self.files[sha256]

    def discard(self, sha256: str) -> None:
        self.files.pop(sha256, None)


@dataclass
class Office:
    """The school at work. `people` maps the names above to ids."""

    engines: Engines
    screener: Screener
    now: datetime = MONDAY_MORNING
    assets: MemoryAssets = field(default_factory=MemoryAssets)
    box: SecretBox = field(default_factory=lambda: SecretBox("a test key that opens nothing real"))
    people: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    account_id: int = 0

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    @contextmanager
    def acting_as(self, name: str) -> Iterator[UnitOfWork]:
        with transaction(self.engines) as session:
            actor = people_reads.actor(session, self.people[name], office_day(self.now))
            assert actor is not None, f"{name} is disabled"
            yield UnitOfWork(session=session, actor=actor, now=self.now)

    @contextmanager
    def as_system(self) -> Iterator[UnitOfWork]:
        with transaction(self.engines) as session:
            yield UnitOfWork(session=session, actor=SYSTEM, now=self.now)

    def reading(self) -> AbstractContextManager[Session]:
        return Session(self.engines.read, expire_on_commit=False)

    def actor(self, name: str) -> Actor:
        with self.reading() as session:
            actor = people_reads.actor(session, self.people[name], office_day(self.now))
        assert actor is not None
        return actor

    def stored(self, submission_id: int) -> Submission:
        with self.reading() as session:
            return session.get_one(Submission, submission_id)

    def trail(self, subject_type: str, subject_id: int) -> list[tuple[AuditAction, str, dict[str, object]]]:
        """What the trail says of one subject: the act, by whom, with which details."""
        names = {id_: name for name, id_ in self.people.items()}
        statement = (
            select(AuditEvent)
            .where(AuditEvent.subject_type == subject_type, AuditEvent.subject_id == subject_id)
            .order_by(col(AuditEvent.sequence))
        )
        with self.reading() as session:
            return [
                (line.action, names.get(line.actor_id or 0, "系统"), json.loads(line.details))
                for line in session.exec(statement)
            ]

    def told(self, name: str, words: str) -> int:
        """How many notices with these words in their title somebody got."""
        with self.reading() as session:
            titles = session.exec(select(Notice.title).where(Notice.person_id == self.people[name])).all()
        return sum(words in title for title in titles)

    # The usual way of an item, so that each test shows only its own step.

    def draft(self, author: str = "小王", **changes: object) -> int:
        """A complete draft, ready to hand in; its id."""
        given: dict[str, object] = {
            "title": "教务处举办教学经验交流会",
            "author": author,
            "body_html": STORY,
            "account_id": self.account_id,
            "declared_no_secrets": True,
            "declared_rights": True,
        }
        with self.acting_as(author) as work:
            submission = submissions.start(work, draft=DraftFields(**(given | changes)))  # type: ignore[arg-type]  # named in each test
            assert submission.id is not None
            return submission.id

    def attach(self, submission_id: int, name: str, content: bytes, author: str = "小王") -> str:
        """Attach a file to a draft; its hash."""
        read = attachments.read(self.screener, name=name, content=content, now=self.now)
        with self.acting_as(author) as work:
            edition = work.session.get_one(Draft, submission_id).edition
            attachments.attach(work, self.assets, submission_id=submission_id, seen_edition=edition, attachment=read)
        return read.reading.sha256

    def check(self, submission_id: int, author: str = "小王") -> None:
        with self.acting_as(author) as work:
            submissions.prepare(work, self.assets, submission_id=submission_id)
            findings.check(work, self.screener, submission_id=submission_id)

    def hand_in(self, submission_id: int, author: str = "小王") -> Submission:
        self.check(submission_id, author)
        with self.acting_as(author) as work:
            version = self.stored(submission_id).version
            return submissions.submit(work, submission_id=submission_id, seen_version=version)

    def perform(self, who: str, action: Action, submission_id: int, comment: str = "") -> Submission:
        version = self.stored(submission_id).version
        with self.acting_as(who) as work:
            return submissions.perform(work, action, submission_id=submission_id, seen_version=version, comment=comment)

    def submitted(self, **changes: object) -> int:
        """An item waiting for its department head."""
        submission_id = self.draft(**changes)  # type: ignore[arg-type]  # as above
        self.hand_in(submission_id)
        return submission_id

    def approved(self, **changes: object) -> int:
        """An item that passed all three stages and is sealed."""
        submission_id = self.submitted(**changes)
        self.perform("张处长", Action.SIGN_OFF, submission_id)
        self.perform("老李", Action.PASS, submission_id)
        self.perform("陈部长", Action.APPROVE, submission_id)
        return submission_id


CAST: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("小王", "教务处", (Role.CONTRIBUTOR,)),
    ("张处长", "教务处", (Role.DEPARTMENT_HEAD,)),
    ("老李", "宣传部", (Role.REVIEWER,)),
    ("老周", "宣传部", (Role.REVIEWER,)),
    ("陈部长", "宣传部", (Role.APPROVER,)),
    ("老唐", "宣传部", (Role.REVIEWER, Role.APPROVER)),
    ("小赵", "宣传部", (Role.PUBLISHER,)),
    ("孙老师", "监督小组", (Role.SUPERVISOR,)),
    ("郭老师", "监督小组", (Role.SUPERVISOR,)),
    ("徐校长", "学校领导", (Role.LEADER,)),
    ("小林", "网络中心", (Role.ADMIN,)),
    ("小吴", "学生处", (Role.CONTRIBUTOR,)),
    ("黄处长", "学生处", (Role.DEPARTMENT_HEAD,)),
)


def open_office(engines: Engines, screener: Screener, now: datetime = MONDAY_MORNING) -> Office:
    """The cast, their departments and one active account, on an empty database."""
    office = Office(engines=engines, screener=screener, now=now)
    with office.as_system() as work:
        for number, (name, department, roles) in enumerate(CAST):
            if department not in office.departments:
                kind = DepartmentKind.PUBLICITY_OFFICE if department == "宣传部" else DepartmentKind.ADMIN_DEPARTMENT
                made = departments.create(work, name=department, kind=kind)
                office.departments[department] = made.id or 0
            person = people.create_person(
                work,
                username=f"person{number}",
                name=name,
                department_id=office.departments[department],
                roles=roles,
                password_hash="not a hash: nobody signs in with it",
            )
            office.people[name] = person.id or 0
        account = _main_account(work, office)
        office.account_id = account.id or 0
    return office


def _main_account(work: UnitOfWork, office: Office) -> OfficialAccount:
    return accounts.register(
        work,
        office.box,
        name="测试大学",
        kind=AccountKind.SUBSCRIPTION,
        owner_department_id=office.departments["宣传部"],
        credentials=WeChatCredentials("wx00000000000000a1", "f" * 32),
        verified=True,
    )


@pytest.fixture(scope="session")
def screener() -> Screener:
    """Built once: the lists do not change between tests."""
    return default_screener()


@pytest.fixture(scope="session")
def cast_entered(screener: Screener) -> Contents:
    """The school as every test that asks for `office` or `desk` finds it in its database: entered once in a run."""

    def enter(url: str) -> None:
        engines = make_engines(url)
        open_office(engines, screener)
        engines.dispose()

    return Contents("cast", enter)


@pytest.fixture
def office(engines: Engines, screener: Screener) -> Office:
    """The school on SQLite and on PostgreSQL."""
    return office_in(engines, screener)


def office_in(engines: Engines, screener: Screener) -> Office:
    """The school in a database that holds it already."""
    office = Office(engines=engines, screener=screener)
    with office.reading() as session:
        office.people = {each.name: each.id or 0 for each in session.exec(select(Person))}
        office.departments = {each.name: each.id or 0 for each in session.exec(select(Department))}
        office.account_id = session.exec(select(OfficialAccount)).one().id or 0
    return office
