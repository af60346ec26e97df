"""The pages under test: the small school behind them, and a visitor for each person of its cast."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlmodel import update
from streamlit.testing.v1 import AppTest

from models import Person
from services import sign_in
from services.bootstrap import Runtime, bootstrap
from services.queries.sessions import SignedInPerson, by_id
from services.screening.engine import Screener
from services.settings import load_settings
from services.sign_in import Candidate, OpenedSession
from tests.databases import Contents, FreshDatabase
from tests.factories import PASSWORD_HASH
from tests.office import Office, office_in
from tests.waiting import PATIENCE
from ui import access
from ui import runtime as process_runtime

SHELL = Path(__file__).resolve().parent.parent / "ui" / "shell.py"

AppAs = Callable[[str | None], AppTest]


@dataclass
class Desk:
    """The school, and the process's runtime over it. Its clock is the school's."""

    office: Office
    runtime: Runtime

    def opened(self, name: str) -> OpenedSession:
        """A sign-in session for somebody of the cast, as if they had just typed their password."""
        with self.runtime.as_system() as work:
            opened = sign_in.settle(work, Candidate(self.office.people[name], ""), matched=True)
        assert opened is not None
        return opened

    def user(self, name: str) -> SignedInPerson:
        """Somebody of the cast, signed in."""
        with self.runtime.reading() as session:
            user = by_id(session, self.opened(name).session_id, self.runtime.now())
        assert user is not None
        return user

    def disable(self, name: str) -> None:
        """End somebody's access, as an administrator does."""
        with self.runtime.as_system() as work:
            work.session.get_one(Person, self.office.people[name]).active = False


@pytest.fixture
def desk(
    fresh_sqlite: FreshDatabase,
    cast_entered: Contents,
    screener: Screener,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """The school on SQLite with its runtime installed in this process; everybody's password is `PASSWORD`."""
    for variable in ("WEISHENTAI_MODE", "WEISHENTAI_WECHAT_API", "WEISHENTAI_SECRET_KEY", "DATABASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    # A page under test leaves itself as the main module; a process spawned by a later test would run it again.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    with fresh_sqlite(cast_entered) as url:
        joined = bootstrap(load_settings(home=tmp_path, database_url=url))
        office = office_in(joined.engines, screener)
        runtime = replace(
            joined, clock=lambda: office.now, screener=lambda: screener, assets=office.assets, secrets=office.box
        )
        _give_passwords(runtime)
        process_runtime.install(runtime)
        yield Desk(office, runtime)
        process_runtime.uninstall()


def _give_passwords(runtime: Runtime) -> None:
    with runtime.as_system() as work:
        work.session.execute(update(Person).values(password_hash=PASSWORD_HASH))


@pytest.fixture
def app_as(desk: Desk) -> AppAs:
    """The application as somebody of the cast meets it, or a stranger (None), before its first `.run()`."""

    def visit(name: str | None) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=PATIENCE)
        if name is not None:
            app.session_state[access.SESSION] = desk.opened(name).session_id
        return app

    return visit
