"""An upgrade keeps what an office has: a database as the first release wrote it works on in this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Column, Connection, Engine, MetaData, create_engine, select, text

from models import Action, PublicationState, Revision, SubmissionState, Target
from services import audit, notices, search_texts
from services.database import Engines, make_engines, upgrade
from services.queries import inbox, submissions, trail
from services.rules.list_filters import Criteria
from services.sealing import fingerprint_of
from tests.databases import FreshDatabase
from tests.office import MONDAY_MORNING, Office, office_in
from tests.press import running_press

FIRST = "0001"
COUNT_ON = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")

Rows = dict[str, list[tuple[Any, ...]]]
ToFirstRelease = Callable[[Office], str]


@pytest.fixture
def to_first_release(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ToFirstRelease]:
    """What an office has, carried into the tables of the first release as far as those had columns for it."""
    engines: Engines = request.getfixturevalue("engines")
    fresh: FreshDatabase = request.getfixturevalue("fresh_sqlite" if engines.is_sqlite else "fresh_postgresql")
    with fresh() as url:

        def carried(office: Office) -> str:
            _empty(url)
            to = command.upgrade
            with monkeypatch.context() as patch:
                patch.setattr(command, "upgrade", lambda config, _head: to(config, FIRST))
                upgrade(url)
            _carry(office.engines.read, url)
            return url

        yield carried


def test_what_was_sealed_published_and_logged_before_an_upgrade_holds_after_it(
    office: Office, to_first_release: ToFirstRelease
) -> None:
    sealed = office.approved()
    with running_press(office) as press:
        live = press.row(press.live(Target.SITE)[Target.SITE])
    url = to_first_release(office)
    tables = _tables(url)
    _fill_what_is_empty(url, tables)
    before = _rows(url, tables)

    upgrade(url)

    assert _rows(url, tables) == before
    assert [name for name, rows in before.items() if not rows] == []
    with _office_at(url, office) as upgraded, upgraded.reading() as session:
        seals = {each: upgraded.stored(each) for each in (sealed, live.submission_id)}
        assert {each.seal for each in seals.values()} == {
            fingerprint_of(session.get_one(Revision, each.sealed_revision_id)) for each in seals.values()
        }
        assert audit.verify(session).ok
        chief = upgraded.actor("陈部长")
        opened = submissions.detail(session, chief, live.submission_id)
        assert [(each.url, each.state) for each in opened.publications] == [(live.url, PublicationState.LIVE)]
        listed = inbox.known_to(session, chief, now=upgraded.now)
        assert {line.id for line in listed} == {sealed, live.submission_id}
        supervisor = upgraded.actor("孙老师")
        assert trail.count(session, supervisor) == len(before["auditevent"])
        assert trail.lines(session, supervisor)


def test_work_goes_on_after_an_upgrade_where_it_stood(office: Office, to_first_release: ToFirstRelease) -> None:
    waiting, draft = office.submitted(), office.draft(title="一篇没写完的稿件")
    office.perform("张处长", Action.SIGN_OFF, waiting)
    url = to_first_release(office)

    upgrade(url)

    with _office_at(url, office) as upgraded:
        with upgraded.as_system() as work:  # as the application does of its own after a start
            notices.remind(work)
            search_texts.fill(work.session)
        with upgraded.reading() as session:
            found = inbox.waiting_for(
                session, upgraded.actor("老李"), now=upgraded.now, criteria=Criteria(words="教学经验")
            )
        upgraded.hand_in(draft)
        for who, action in (("老李", Action.PASS), ("陈部长", Action.APPROVE)):
            upgraded.perform(who, action, waiting)

        assert [(line.id, line.due_at is None) for line in found] == [(waiting, False)]
        assert upgraded.stored(waiting).state is SubmissionState.APPROVED
        assert upgraded.stored(draft).state is SubmissionState.DEPARTMENT_REVIEW


@contextmanager
def _office_at(url: str, office: Office) -> Iterator[Office]:
    engines = make_engines(url)
    moved = office_in(engines, office.screener)
    moved.assets, moved.now = office.assets, office.now
    yield moved
    engines.dispose()


def _empty(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).unlink()
        return
    with _plain(url) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def _carry(lived: Engine, url: str) -> None:
    tables = _tables(url)
    with _plain(url) as there, lived.connect() as here:
        if there.dialect.name == "postgresql":
            there.execute(text("SET session_replication_role = replica"))  # the tables refer to one another in circles
        for table in tables.tables.values():
            there.execute(table.delete())  # what the first migration itself entered
            rows = [dict(row) for row in here.execute(select(table)).mappings()]
            if rows:
                there.execute(table.insert(), rows)
            if rows and there.dialect.name == "postgresql" and "id" in table.c:
                there.execute(COUNT_ON, {"name": table.name, "last": max(row["id"] for row in rows)})


def _fill_what_is_empty(url: str, tables: MetaData) -> None:
    """A row in each table that still has none: any values the columns take, and the first row of what they refer to."""
    with _plain(url) as connection:
        for table in tables.sorted_tables:
            if connection.execute(select(table).limit(1)).first() is None:
                row = {column.name: _any_value(connection, column) for column in table.c if not column.nullable}
                connection.execute(table.insert(), row)


def _any_value(connection: Connection, column: Column[Any]) -> object:
    for key in column.foreign_keys:
        return connection.execute(select(key.column).limit(1)).scalar_one()
    given = {str: "x", bytes: b"x", bool: False, datetime: MONDAY_MORNING, date: MONDAY_MORNING.date()}
    return [] if isinstance(column.type, JSON) else given.get(column.type.python_type, 1)


def _tables(url: str) -> MetaData:
    tables = MetaData()
    with _plain(url) as connection:
        tables.reflect(connection)
    tables.remove(tables.tables["alembic_version"])
    return tables


def _rows(url: str, tables: MetaData) -> Rows:
    """Everything in these columns of these tables."""
    with _plain(url) as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in tables.tables.items()
        }


@contextmanager
def _plain(url: str) -> Iterator[Connection]:
    """A connection without what the application sets on its own: no foreign keys on SQLite."""
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()
