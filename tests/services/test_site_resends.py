"""全部重发: the whole site goes up again, once at a time, and whoever publishes or takes down there goes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stamina

from models import AuditAction, SiteResend
from services import publishing_stops, site_resends
from services.adapters import sftp_site
from services.adapters.outlets import ConfiguredOutlets
from services.errors import NotAllowed, NotFound, WrongState
from services.queries import site_resends as reads
from services.site_resends import GIVEN_UP, NOT_REACHED
from tests.office import CAST, Office
from tests.press import Press, running_press
from tests.services.test_destinations import CORRECT, TAKE_DOWN, cms, remedied, sent, sqlite_is_enough, web_root

LISTS = {"index.html", "feed.xml", "sitemap.xml", "style.css"}


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture
def press(office: Office, tmp_path: Path) -> Iterator[Press]:
    with running_press(office) as made:
        made.runtime = replace(made.runtime, outlets=ConfiguredOutlets(tmp_path / "outlets", lambda: office.now))
        yield made


def ask(press: Press, destination_id: int, who: str = "小林") -> int:
    with press.office.acting_as(who) as work:
        return site_resends.ask(work, destination_id=destination_id).id or 0


def do(press: Press, **later: float) -> SiteResend:
    """What the worker leaves of the last resending of the only place, after some time."""
    press.office.later(**later)
    site_resends.do_due(press.runtime)
    with press.office.reading() as session:
        line = reads.last_of(session, 1)
    assert line is not None
    return line.resend


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_lost_web_root_comes_back_whole_as_readers_should_get_it_now(press: Press, tmp_path: Path) -> None:
    root = tmp_path / "root"
    with web_root(press, root) as (_, place):
        first, second, third = (sent(press, place, press.illustrated()) for _ in range(3))
        for _ in range(3):
            press.work_for(seconds=2)
        remedied(press, second, CORRECT)
        remedied(press, third, TAKE_DOWN)
        before = files(root)
        taken_down = f"articles/{press.row(third).marker}.html"
        for path in root.rglob("*.*"):
            if path.name != Path(taken_down).name and path.is_file():
                path.write_text("changed by somebody") if path.name == "index.html" else path.unlink()

        resend = ask(press, place)
        row = do(press)

        assert files(root) == before
        assert (row.id, row.sent, row.total, row.failure) == (resend, len(before) - 1, len(before) - 1, "")
        assert "本文已由学校宣传部下架" in before[taken_down].decode()
        assert f"articles/{press.row(first).marker}.html" in before
        assert [(action, who) for action, who, _ in press.office.trail("destination", place)][-2:] == [
            (AuditAction.RESEND_ASKED, "小林"),
            (AuditAction.RESEND_ENDED, "系统"),
        ]


@sqlite_is_enough
def test_only_the_administrator_asks_once_at_a_time_for_a_web_root_that_is_on(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (_, place), cms(press) as (_, other):
        for who, *_ in CAST:
            if who != "小林":
                with pytest.raises(NotAllowed, match="只有系统管理员"):
                    ask(press, place, who)
                with pytest.raises(NotAllowed, match="只有系统管理员"), press.office.acting_as(who) as work:
                    site_resends.call_off(work, destination_id=place)
        with pytest.raises(WrongState, match="不是 SFTP 网站"):
            ask(press, other)
        with pytest.raises(NotFound):
            ask(press, 99)
        ask(press, place)
        with pytest.raises(WrongState, match="正在全部重发，不会同时进行两次"):
            ask(press, place)
        with press.office.acting_as("小林") as work:
            site_resends.call_off(work, destination_id=place)
        with pytest.raises(WrongState, match="已经结束"), press.office.acting_as("小林") as work:
            site_resends.call_off(work, destination_id=place)

        assert ask(press, place) == 2


@sqlite_is_enough
def test_whoever_publishes_there_goes_first_and_stands_in_the_lists_afterwards(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_site, "TOLD_EVERY", 1)
    root = tmp_path / "root"
    with web_root(press, root) as (server, place):
        sent(press, place, press.illustrated())
        press.work()
        ask(press, place)
        late: list[int] = []
        server.log.clear()

        def while_it_runs(self: Any, sftp: Any, name: str, put: Any = sftp_site.SftpSite._put) -> None:
            put(self, sftp, name)
            if not late:
                late.append(sent(press, place))
                press.work()  # another worker: it sees the place taken, and waits

        monkeypatch.setattr(sftp_site.SftpSite, "_put", while_it_runs)
        stopped = do(press)
        waited = press.state(late[0]).value
        went_up = [line for line in server.log if line.startswith("put")]
        press.work_for(seconds=2)
        marker = press.row(late[0]).marker
        published = press.state(late[0]).value
        finished = do(press, seconds=20)

        assert (stopped.finished_at, stopped.sent, len(went_up)) == (None, 1, 1)
        assert (waited, published) == ("preparing", "live")
        assert (finished.failure, finished.sent) == ("", finished.total)
        assert marker in (root / "index.html").read_text()


@sqlite_is_enough
def test_a_broken_line_goes_on_where_it_stopped_and_a_dead_server_is_given_up(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_site, "TOLD_EVERY", 1)
    with web_root(press, tmp_path / "root") as (server, place):
        sent(press, place, press.illustrated())
        press.work()
        ask(press, place)
        server.fail_after[:] = [3]
        broken = do(press)
        server.fail_after.clear()
        server.log.clear()
        whole = do(press, seconds=61)

        assert (broken.finished_at, broken.failure) == (None, NOT_REACHED)
        assert 0 < broken.sent < broken.total
        assert (whole.failure, whole.sent) == ("", whole.total)
        assert len([line for line in server.log if line.startswith("put")]) == whole.total - broken.sent
    ask(press, place)
    for wait in (0, 61, 301, 901, 3601):
        last = do(press, seconds=wait)
    assert last.failure == GIVEN_UP


@sqlite_is_enough
def test_it_waits_while_everything_is_stopped(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (_, place):
        sent(press, place)
        press.work()
        with press.office.acting_as("小赵") as work:
            publishing_stops.stop_everything(work, reason="演练")
        ask(press, place)

        assert (do(press).total, do(press, seconds=120).finished_at) == (0, None)
