"""发布去处: who enters and switches them, and what becomes of an item there, faults included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import stamina
from sqlmodel import select

from models import (
    AuditAction,
    DeedState,
    Destination,
    ProofRead,
    ProofVerdict,
    Publication,
    PublicationState,
    PublicationWay,
    PublishOrder,
    RemedyAction,
    RemedyDeed,
    RemedyKind,
    RemedyReason,
    Target,
)
from services import destinations, proof_watch, published_copies, publishing, remedies, remedy_delivery
from services.adapters.outlets import ConfiguredOutlets
from services.adapters.webhook import Webhook
from services.adapters.wordpress import WordPress
from services.errors import InvalidInput, NotAllowed, StaleState, WrongState
from services.ports import OutletFinding, OutletSettings
from services.remedies import Proposal
from services.rules.variants import Pictures, Variant
from tests.office import Office
from tests.press import Press, running_press
from tests.receivers import PASSWORD, SHARED_KEY, USER, CmsServer, Fault, SftpServer, WordPressServer
from tests.waiting import PATIENCE

S = PublicationState
T = Target
V = ProofVerdict
HURRY = 1.0  # seconds; a late answer comes after six
OTHERS = ("小王", "张处长", "老李", "陈部长", "小赵", "孙老师", "徐校长")

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


class ImpatientOutlets(ConfiguredOutlets):
    """Wait for every answer, but not long for one that a fault makes late; `faults` are those of the servers."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        super().__init__(folder, clock)
        self.faults: list[Fault] = []

    def open(self, settings: OutletSettings) -> Any:
        late = any(what == "slow-after" for _, _, what in self.faults)
        timeout = (PATIENCE, HURRY if late else PATIENCE)
        if settings.kind == T.WORDPRESS:
            return WordPress(settings, timeout=timeout)
        if settings.kind == T.WEBHOOK:
            return Webhook(settings, self._clock, timeout=timeout)
        return super().open(settings)


@pytest.fixture
def press(office: Office, tmp_path: Path) -> Iterator[Press]:
    with running_press(office) as made:
        outlets = ImpatientOutlets(tmp_path / "outlets", lambda: office.now)
        made.runtime = replace(made.runtime, outlets=outlets)
        yield made


def add(office: Office, kind: Target, settings: Mapping[str, str], secret: str, who: str = "小林") -> Destination:
    with office.acting_as(who) as work:
        return destinations.add(
            work, office.box, kind=kind, name=f"测试{kind.value}", settings=settings, secret=secret, rehearsal=True
        )


def switched_on(press: Press, row: Destination) -> int:
    """Tested, and on."""
    found = press.runtime.outlets.open(destinations.opened(row, press.office.box)).examine()  # type: ignore[union-attr]  # this press has outlets
    with press.office.acting_as("小林") as work:
        destinations.keep_test(work, destination_id=row.id or 0, findings=found)
    with press.office.acting_as("小林") as work:
        destinations.switch(work, destination_id=row.id or 0, seen_version=row.version, active=True)
    return row.id or 0


def _met_by(press: Press) -> list[Fault]:
    """The faults that the outlets of this press know of."""
    outlets = press.runtime.outlets
    return outlets.faults if isinstance(outlets, ImpatientOutlets) else []


@contextmanager
def wordpress(press: Press) -> Iterator[tuple[WordPressServer, int]]:
    server = WordPressServer(faults=_met_by(press))
    with server.running() as base:
        yield server, switched_on(press, add(press.office, T.WORDPRESS, {"address": base, "user": USER}, PASSWORD))


@contextmanager
def cms(press: Press) -> Iterator[tuple[CmsServer, int]]:
    server = CmsServer(faults=_met_by(press), now=press.office.now.timestamp())
    with server.running() as base:
        yield server, switched_on(press, add(press.office, T.WEBHOOK, {"address": f"{base}/in"}, SHARED_KEY))


@contextmanager
def web_root(press: Press, folder: Path) -> Iterator[tuple[SftpServer, int]]:
    folder.mkdir()
    server = SftpServer(folder)
    with server.running() as port:
        settings = {
            "host": "127.0.0.1",
            "port": str(port),
            "user": USER,
            "folder": "/",
            "host_key": server.host_key,
            "address": "https://xb.example.edu.cn",
        }
        yield server, switched_on(press, add(press.office, T.SFTP, settings, PASSWORD))


def sent(press: Press, destination_id: int, submission_id: int | None = None, **values: Any) -> int:
    """An approved item queued for one destination; the id of its publication."""
    item = submission_id or press.office.approved()
    with press.office.acting_as("小赵") as work:
        (row,) = publishing.queue(work, press.office.box, submission_id=item, destinations=[destination_id], **values)
        return row.id or 0


def until_settled(press: Press) -> None:
    for seconds in (10, 60, 120, 600):
        press.work()
        press.office.later(seconds=seconds)
    press.work()


# --- Entering and switching ------------------------------------------------------------------------------


def test_a_place_is_off_until_it_was_tested_and_only_the_administrator_decides(press: Press) -> None:
    office = press.office
    settings = {"address": "http://127.0.0.1:9", "user": USER}
    for who in OTHERS:
        with pytest.raises(NotAllowed, match="只有系统管理员"):
            add(office, T.WORDPRESS, settings, PASSWORD, who)
    row = add(office, T.WORDPRESS, settings, PASSWORD)
    assert (row.active, PASSWORD in row.secret_sealed) == (False, False)

    with pytest.raises(WrongState, match="请先做一次自检"), office.acting_as("小林") as work:
        destinations.switch(work, destination_id=row.id or 0, seen_version=1, active=True)
    with pytest.raises(WrongState, match="没有启用"):
        sent(press, row.id or 0)
    with office.acting_as("小林") as work:
        destinations.keep_test(
            work, destination_id=row.id or 0, findings=[OutletFinding("登录", ok=True, sentence="好。")]
        )
    with office.acting_as("小林") as work:
        destinations.switch(work, destination_id=row.id or 0, seen_version=1, active=True)
    with pytest.raises(StaleState), office.acting_as("小林") as work:
        destinations.switch(work, destination_id=row.id or 0, seen_version=1, active=False)
    sent(press, row.id or 0)
    with pytest.raises(WrongState, match="还有任务要发到"), office.acting_as("小林") as work:
        destinations.switch(work, destination_id=row.id or 0, seen_version=2, active=False)

    acts = [
        (act, who, "secret_sealed" in str(details)) for act, who, details in office.trail("destination", row.id or 0)
    ]
    assert acts == [
        (AuditAction.DESTINATION_ADDED, "小林", False),
        (AuditAction.DESTINATION_TESTED, "小林", False),
        (AuditAction.DESTINATION_CHANGED, "小林", False),
    ]


@sqlite_is_enough
def test_a_change_switches_the_place_off_until_it_was_tested_again(press: Press) -> None:
    with wordpress(press) as (server, destination_id), press.office.acting_as("小林") as work:
        changed = destinations.change(
            work,
            press.office.box,
            destination_id=destination_id,
            seen_version=2,
            settings={"address": server.base, "user": "another"},
            rehearsal=True,
        )

    assert (changed.active, changed.findings, changed.settings["user"]) == (False, [], "another")


# --- WordPress -------------------------------------------------------------------------------------------


def test_an_item_is_posted_once_with_its_pictures_and_read_back_in_doubt(press: Press) -> None:
    with wordpress(press) as (server, destination_id):
        publication_id = sent(press, destination_id)
        press.work()

        row = press.row(publication_id)
        (post,) = server.posts
        assert (row.state, row.url, post["slug"]) == (S.LIVE, post["link"], row.marker)
        assert (post["title"], post["featured_media"]) == ("教务处举办教学经验交流会", 1)
        assert press.calls(publication_id) == [("wordpress/find", "ok"), ("wordpress/create", "ok")]


@sqlite_is_enough
@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "http-before", "http-after", "slow-after"])
@pytest.mark.parametrize("call", [("POST", "/posts"), ("POST", "/media"), ("GET", "/posts")])
def test_no_fault_makes_two_posts_or_loses_one(press: Press, call: tuple[str, str], fault: str) -> None:
    with wordpress(press) as (server, destination_id):
        server.faults.append((*call, fault))
        publication_id = sent(press, destination_id)

        until_settled(press)

        assert (press.state(publication_id), len(server.posts), server.faults) == (S.LIVE, 1, [])


@sqlite_is_enough
def test_a_wrong_password_is_told_in_the_offices_words(press: Press) -> None:
    with wordpress(press) as (server, destination_id):
        with press.office.as_system() as work:
            work.session.get_one(Destination, destination_id).secret_sealed = press.office.box.seal("wrong")
        publication_id = sent(press, destination_id)
        press.work()

        row = press.row(publication_id)
        assert (row.state, row.failure_code, server.posts) == (S.FAILED, "http_401", [])
        assert "应用程序密码" in row.failure
        assert "wrong" not in row.failure_raw


ADDED = "<p>加微信领奖品！</p>"


def change_words(server: WordPressServer) -> None:
    server.posts[0]["content"] = server.posts[0]["content"].replace("六十余名", "六百余名")


def change_picture(server: WordPressServer) -> None:
    shown = urlsplit(re.findall(r'<img src="([^"]+)"', server.posts[0]["content"])[0]).path
    server.files[shown] = b"another"


def change_attachment(server: WordPressServer) -> None:
    name = next(each for each in server.files if each.endswith(".txt"))
    server.files[name] = b"another"


def point_elsewhere(server: WordPressServer) -> None:
    """A picture at another host that is not in the library."""
    server.posts[0]["content"] = re.sub(
        r'<img src="http://[^/]+/', '<img src="http://x.test/', server.posts[0]["content"]
    )


def rewrite_as_the_editor_does(server: WordPressServer) -> None:
    server.posts[0]["content"] = re.sub("<p>", "<!-- wp:paragraph --><p class='x'>", server.posts[0]["content"])


@sqlite_is_enough
@pytest.mark.parametrize(
    ("done", "verdict", "said"),
    [
        (lambda _: None, V.SAME, ()),
        (rewrite_as_the_editor_does, V.REWRITTEN, ()),
        (change_words, V.DIFFERENT, ("六百余名",)),
        (change_picture, V.DIFFERENT, ("第 1 张图片被换过。",)),
        (point_elsewhere, V.DIFFERENT, ("第 1 张图片被换过。",)),
        (change_attachment, V.DIFFERENT, ("附件“", "被换过")),
        (lambda server: server.posts[0].update(title="别的标题"), V.DIFFERENT, ("标题由“", "变成“别的标题”")),
        (lambda server: server.posts[0].update(excerpt="别的摘要"), V.DIFFERENT, ("摘要由“", "变成“别的摘要”")),
        (
            lambda server: server.posts[0].update(content=server.posts[0]["content"] + ADDED),
            V.DIFFERENT,
            ("多了“", "加微信领奖品！"),
        ),
        (
            lambda server: server.posts[0].update(content=server.posts[0]["content"] + "<script>1</script>"),
            V.DIFFERENT,
            ("页面里出现了不该有的内容：script",),
        ),
        (lambda server: server.posts[0].update(status="draft"), V.GONE, ("在 WordPress 网站上已看不到",)),
        (lambda server: server.posts[0].update(password="x"), V.GONE, ("在 WordPress 网站上已看不到",)),
        (lambda server: server.posts.clear(), V.GONE, ("在 WordPress 网站上已看不到",)),
        (lambda server: server.faults.append(("GET", "/posts", "http-before")), V.UNREAD, ("没有连上",)),
        (lambda server: server.faults.append(("GET", "/wp-content", "drop-before")), V.UNREAD, ("没有连上",)),
    ],
)
def test_a_post_is_read_back_over_rest_and_held_against_the_seal(
    press: Press, done: Callable[[WordPressServer], object], verdict: ProofVerdict, said: tuple[str, ...]
) -> None:
    with wordpress(press) as (server, destination_id):
        publication_id = sent(press, destination_id, press.illustrated(日程="九点开会".encode()))
        press.work()
        done(server)

        reading = published_copies.read(press.runtime, press.row(publication_id))

        words = "".join(reading.said)
        assert (reading.verdict, [each for each in said if each not in words]) == (verdict, []), words


@sqlite_is_enough
def test_a_library_on_another_host_is_recognised_and_not_opened(press: Press) -> None:
    with wordpress(press) as (server, destination_id):
        publication_id = sent(press, destination_id, press.illustrated())
        press.work()
        for each in server.media:
            each["source_url"] = each["source_url"].replace(server.base, "https://cdn.example.com")
        server.posts[0]["content"] = server.posts[0]["content"].replace(server.base, "https://cdn.example.com")

        assert published_copies.read(press.runtime, press.row(publication_id)).verdict is V.SAME


@sqlite_is_enough
def test_a_changed_post_raises_one_alarm_and_a_corrected_edition_raises_none(press: Press) -> None:
    with wordpress(press) as (server, destination_id):
        variant = Variant(title="教务处举办交流会", pictures=Pictures.NONE)
        publication_id = sent(press, destination_id, press.illustrated(), variants={destination_id: variant})
        press.work()
        remedied(press, publication_id, CORRECT)
        proof_watch.run_once(press.runtime)
        corrected = alarms_of(press)

        server.posts[0]["content"] += ADDED
        for _ in range(2):
            press.office.later(days=7)
            proof_watch.run_once(press.runtime)

        assert (corrected, alarms_of(press)) == ([], ["多了“加微信领奖品！”。"])


def alarms_of(press: Press) -> list[str]:
    with press.office.reading() as session:
        rows = session.exec(select(ProofRead).where(ProofRead.is_alarm)).all()
        return ["".join(row.said) for row in rows]


# --- The campus CMS --------------------------------------------------------------------------------------


@sqlite_is_enough
@pytest.mark.parametrize("fault", ["", "drop-before", "drop-after", "http-before", "http-after", "slow-after"])
def test_the_cms_takes_an_article_once_however_often_it_is_delivered(press: Press, fault: str) -> None:
    with cms(press) as (server, destination_id):
        if fault:
            server.faults.append(("POST", "/in", fault))
        publication_id = sent(press, destination_id)
        press.work()
        press.office.later(seconds=30)
        press.work()

        row = press.row(publication_id)
        (document,) = server.articles.values()
        assert (row.state, row.url) == (S.LIVE, f"{server.base}/info/1.htm")
        assert (document["id"], document["title"]) == (row.marker, "教务处举办教学经验交流会")


@sqlite_is_enough
def test_a_refusal_after_a_doubt_ends_it_because_a_taken_one_would_have_been_answered(press: Press) -> None:
    with cms(press) as (server, destination_id):
        server.faults.append(("POST", "/in", "drop-before"))
        publication_id = sent(press, destination_id)
        press.work()
        in_doubt = press.row(publication_id)
        server.refuses = 422
        press.work_for(seconds=30)

        assert (in_doubt.state, in_doubt.failure[:11]) == (S.UNKNOWN, "没有收到对方的明确回答")
        assert (press.state(publication_id), press.row(publication_id).failure_code) == (S.FAILED, "http_422")


# --- The same pages over SFTP ----------------------------------------------------------------------------


def test_pages_go_up_whole_and_a_second_article_costs_only_what_changed(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (server, destination_id):
        server.log.clear()
        first = press.row(sent(press, destination_id))
        press.work()
        cost_of_first = list(server.log)
        server.log.clear()
        second = press.row(sent(press, destination_id))
        press.work()

        assert [press.state(each.id or 0) for each in (first, second)] == [S.LIVE, S.LIVE]
        assert cost_of_first[-1] == "put /sitemap.xml"
        assert cost_of_first.index(f"put /articles/{first.marker}.html") < cost_of_first.index("put /index.html")
        assert f"put /articles/{first.marker}.html" not in server.log
        page = (tmp_path / "root/articles" / f"{second.marker}.html").read_text()
        assert "教务处举办教学经验交流会" in page
        assert press.row(second.id or 0).url == f"https://xb.example.edu.cn/articles/{second.marker}.html"
        assert list((tmp_path / "root").rglob("*.part")) == []


@sqlite_is_enough
def test_pages_on_a_web_root_are_read_back_over_sftp_and_held_against_the_seal(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (_, destination_id):
        publication_id = sent(press, destination_id, press.illustrated())
        press.work()
        row = press.row(publication_id)
        page = tmp_path / "root" / "articles" / f"{row.marker}.html"
        picture = next(each for each in (tmp_path / "root" / "pictures").iterdir() if each.suffix == ".jpg")
        readings = [published_copies.read(press.runtime, row)]

        approved, shown = page.read_text(), picture.read_bytes()
        for path, content in ((page, approved.replace("六十余名", "六百余名")), (picture, "another")):
            path.write_text(content)
            readings.append(published_copies.read(press.runtime, row))
            page.write_text(approved)
            picture.write_bytes(shown)
        page.unlink()
        readings.append(published_copies.read(press.runtime, row))

        verdicts = [each.verdict.value for each in readings]
        assert verdicts == ["same", "different", "different", "gone"]
        assert readings[3].said == ("网页在网站服务器上已看不到。",)


@sqlite_is_enough
def test_machines_that_take_turns_leave_the_same_lists_and_no_picture_of_what_was_taken_down(
    press: Press, tmp_path: Path
) -> None:
    with web_root(press, tmp_path / "root") as (_, destination_id):
        kept = sent(press, destination_id)
        press.work()
        pictures = list((tmp_path / "root" / "pictures").iterdir())
        here = press.runtime
        # Another machine, which knows nothing of what went up, adds an article; the first takes it down again.
        press.runtime = replace(here, outlets=ImpatientOutlets(tmp_path / "elsewhere", lambda: press.office.now))
        added = sent(press, destination_id, press.illustrated())
        press.work()
        listed = (tmp_path / "root" / "index.html").read_text()
        press.runtime = here
        outcome = taken_down(press, added)

        left = (tmp_path / "root" / "index.html").read_text()
        markers = [press.row(each).marker for each in (kept, added)]
        assert outcome == (S.REMOVED, DeedState.DONE)
        assert [[each in page for each in markers] for page in (listed, left)] == [[True, True], [True, False]]
        assert list((tmp_path / "root" / "pictures").iterdir()) == pictures


@sqlite_is_enough
def test_an_upload_that_broke_off_goes_on_where_it_stopped(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (server, destination_id):
        server.log.clear()
        server.fail_after[:] = [3]
        publication_id = sent(press, destination_id)
        press.work()
        broken = (press.state(publication_id), list(server.log))
        server.fail_after.clear()
        press.work_for(seconds=30)

        assert broken[0] is S.QUEUED
        assert press.state(publication_id) is S.LIVE
        # The page alone is written again: it names the minute in which it went live.
        assert [each for each in server.log if server.log.count(each) > 1] == [broken[1][-1]] * 2
        assert len(broken[1]) == 3


@sqlite_is_enough
def test_another_host_key_or_password_stops_before_anything_is_written(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (server, destination_id):
        server.log.clear()
        other = SftpServer(tmp_path).host_key
        with press.office.as_system() as work:
            row = work.session.get_one(Destination, destination_id)
            row.settings = row.settings | {"host_key": other}
        impostor = sent(press, destination_id)
        press.work()
        with press.office.as_system() as work:
            row = work.session.get_one(Destination, destination_id)
            row.settings = row.settings | {"host_key": server.host_key}
            row.secret_sealed = press.office.box.seal("wrong")
        locked_out = sent(press, destination_id)
        press.work()

        codes = [press.row(each).failure_code for each in (impostor, locked_out)]
        assert (codes, server.log) == (["host_key", "sftp_auth"], [])
        assert "可能换了服务器" in press.row(impostor).failure


# --- Together --------------------------------------------------------------------------------------------


def test_a_place_that_is_on_gets_every_item_with_a_row_and_an_edition_of_its_own(press: Press) -> None:
    office = press.office
    with wordpress(press) as (server, destination_id):
        item = office.approved(digest="六十余名教师参加，三位教师介绍做法")
        with office.acting_as("小赵") as work:
            rows = publishing.queue(
                work,
                office.box,
                submission_id=item,
                way=PublicationWay.PUBLISH,
                order=PublishOrder.WECHAT_FIRST,
                variants={destination_id: Variant("教务处举办交流会", "三位教师介绍做法", Pictures.NONE)},
            )
            ids = {row.target: row.id or 0 for row in rows}
        press.work()
        before = (press.state(ids[T.WORDPRESS]), list(server.posts))
        press.work_for(seconds=10)

        assert before == (S.QUEUED, [])
        assert {target: press.state(id_) for target, id_ in ids.items()} == dict.fromkeys(
            (T.WECHAT, T.SITE, T.WORDPRESS), S.LIVE
        )
        (post,) = server.posts
        assert (post["title"], post["excerpt"], server.media) == ("教务处举办交流会", "三位教师介绍做法", [])
        assert press.site.written[0][0].entry.title == "教务处举办教学经验交流会"


@sqlite_is_enough
@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (Variant(title="教务处举办经验大会"), "只能从终审通过的标题里删字"),
        (Variant(title="会流交"), "只能从终审通过的标题里删字"),
        (Variant(digest="安排上课"), "删去了“不”"),
    ],
)
def test_an_edition_may_leave_out_and_never_add(press: Press, variant: Variant, said: str) -> None:
    with wordpress(press) as (_, destination_id):
        item = press.office.approved(digest="当天不安排上课")

        with pytest.raises(InvalidInput, match=said):
            sent(press, destination_id, item, variants={destination_id: variant})


def test_one_place_takes_a_version_once(press: Press) -> None:
    with cms(press) as (server, destination_id):
        item = press.office.approved()
        sent(press, destination_id, item)
        press.work()

        with pytest.raises(WrongState, match="测试webhook上的发布现在是“已上线”"):
            sent(press, destination_id, item)
        with press.office.reading() as session:
            assert len(session.exec(select(Publication)).all()) == len(server.articles) == 1


# --- Correcting and taking down --------------------------------------------------------------------------

TAKE_DOWN = Proposal(kind=RemedyKind.TAKE_DOWN, reason=RemedyReason.PRIVACY, facts="照片里有证件号。")
CORRECT = Proposal(
    kind=RemedyKind.CORRECT, reason=RemedyReason.FACTUAL, facts="人数写错。", wrong="六十余名", right="五十余名"
)
TOLD = "更正：文中“六十余名”应为“五十余名”。（2026年11月23日）"


def taken_down(press: Press, publication_id: int) -> tuple[PublicationState, DeedState]:
    """What two people's decision to take an item down leaves of one publication."""
    return remedied(press, publication_id, TAKE_DOWN)


def remedied(press: Press, publication_id: int, facts: Proposal) -> tuple[PublicationState, DeedState]:
    """What two people's decision leaves of one publication."""
    with press.office.acting_as("小赵") as work:
        item = press.row(publication_id).submission_id
        remedy = remedies.propose(work, submission_id=item, proposal=facts).id or 0
    with press.office.acting_as("陈部长") as work:
        remedies.decide(work, RemedyAction.CONFIRM, remedy_id=remedy, seen_version=1)
    remedy_delivery.do_due(press.runtime)
    with press.office.reading() as session:
        deed = session.exec(select(RemedyDeed).where(RemedyDeed.publication_id == publication_id)).one()
    return press.state(publication_id), deed.state


@sqlite_is_enough
def test_a_page_on_a_web_root_is_taken_down_with_its_pictures(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (_, destination_id):
        publication_id = sent(press, destination_id, press.illustrated())
        press.work()
        pictures = list((tmp_path / "root" / "pictures").iterdir())

        outcome = taken_down(press, publication_id)

        page = (tmp_path / "root" / "articles" / f"{press.row(publication_id).marker}.html").read_text()
        assert outcome == (S.REMOVED, DeedState.DONE)
        assert "本文已由学校宣传部下架" in page
        assert press.row(publication_id).marker not in (tmp_path / "root" / "index.html").read_text()
        assert (len(pictures), list((tmp_path / "root" / "pictures").iterdir())) == (1, [])


@sqlite_is_enough
def test_a_post_says_that_it_was_taken_down(press: Press) -> None:
    with wordpress(press) as (server, destination_id):
        publication_id = sent(press, destination_id)
        press.work()

        assert taken_down(press, publication_id) == (S.REMOVED, DeedState.DONE)
        (post,) = server.posts
        assert (post["title"], "交流会" in str(post["content"])) == ("本文已下架", False)


@sqlite_is_enough
def test_the_cms_is_told_what_was_corrected_and_what_was_taken_down_once_each(press: Press) -> None:
    with cms(press) as (server, destination_id):
        corrected, removed = sent(press, destination_id), sent(press, destination_id)
        press.work()
        server.faults.append(("POST", "/in", "drop-after"))

        again = remedied(press, corrected, CORRECT)
        press.office.later(seconds=31)
        server.now = press.office.now.timestamp()
        remedy_delivery.do_due(press.runtime)
        gone = taken_down(press, removed)

        first, second = server.articles.values()
        assert (again, gone) == ((S.LIVE, DeedState.WAITING), (S.REMOVED, DeedState.DONE))
        assert (first["event"], first["notice"], "五十余名" in first["html"]) == ("corrected", TOLD, True)
        assert second == {
            "event": "removed",
            "version": "1",
            "id": press.row(removed).marker,
            "title": second["title"],
            "notice": remedies.TOLD_INSTEAD,
        }
        # Two articles, a correction that was sent twice and kept once, and a removal.
        assert (len(server.answers), server.count("POST", "/in")) == (4, 6)


@sqlite_is_enough
def test_a_receiver_that_knows_deliveries_only_leaves_the_rest_to_a_person(press: Press) -> None:
    with cms(press) as (server, destination_id):
        server.events = ("article",)
        corrected, removed = sent(press, destination_id), sent(press, destination_id)
        press.work()

        assert remedied(press, corrected, CORRECT) == (S.LIVE, DeedState.NEEDS_PERSON)
        assert taken_down(press, removed) == (S.LIVE, DeedState.NEEDS_PERSON)
        assert {each["event"] for each in server.articles.values()} == {"article"}


@sqlite_is_enough
def test_a_page_on_a_web_root_is_corrected_in_its_place(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (_, destination_id):
        publication_id = sent(press, destination_id)
        press.work()

        outcome = remedied(press, publication_id, CORRECT)

        page = (tmp_path / "root" / "articles" / f"{press.row(publication_id).marker}.html").read_text()
        assert outcome == (S.LIVE, DeedState.DONE)
        assert (TOLD in page, "，五十余名教师参加" in page, "，六十余名" in page) == (True, True, False)


def read_there(press: Press, publication_id: int) -> ProofVerdict:
    return published_copies.read(press.runtime, press.row(publication_id)).verdict


def brought_back(press: Press, publication_id: int) -> tuple[PublicationState, DeedState, ProofVerdict]:
    """What one person's wish for the approved version leaves, and what is read there then."""
    facts = Proposal(kind=RemedyKind.RESTORE, reason=RemedyReason.TAMPERED, facts="网页被改动。")
    with press.office.acting_as("小赵") as work:
        remedies.propose(work, submission_id=press.row(publication_id).submission_id, proposal=facts)
    remedy_delivery.do_due(press.runtime)
    with press.office.reading() as session:
        deed = session.exec(select(RemedyDeed).where(RemedyDeed.publication_id == publication_id)).one()
    return press.state(publication_id), deed.state, read_there(press, publication_id)


@sqlite_is_enough
def test_a_page_that_somebody_changed_on_a_web_root_is_brought_back(press: Press, tmp_path: Path) -> None:
    with web_root(press, tmp_path / "root") as (_, destination_id):
        publication_id = sent(press, destination_id, press.illustrated())
        press.work()
        page = tmp_path / "root" / "articles" / f"{press.row(publication_id).marker}.html"
        (picture,) = (tmp_path / "root" / "pictures").iterdir()
        page.write_text(page.read_text().replace("六十余名", "十余名"))
        picture.unlink()
        assert read_there(press, publication_id) is ProofVerdict.DIFFERENT

        assert brought_back(press, publication_id) == (S.LIVE, DeedState.DONE, ProofVerdict.SAME)


@sqlite_is_enough
@pytest.mark.parametrize(
    "damage", [{"content": "<p>加微信领奖品</p>"}, {"status": "draft"}, {"password": "x"}], ids=str
)
def test_a_post_that_somebody_changed_or_hid_is_brought_back(press: Press, damage: dict[str, str]) -> None:
    with wordpress(press) as (server, destination_id):
        publication_id = sent(press, destination_id)
        press.work()
        server.posts[0].update(damage)
        assert read_there(press, publication_id) in {ProofVerdict.DIFFERENT, ProofVerdict.GONE}

        assert brought_back(press, publication_id) == (S.LIVE, DeedState.DONE, ProofVerdict.SAME)


@sqlite_is_enough
def test_what_only_the_cms_has_cannot_be_brought_back_because_nobody_reads_it(press: Press) -> None:
    with cms(press) as (_, destination_id):
        publication_id = sent(press, destination_id)
        press.work()

        with pytest.raises(WrongState, match="没有在网站上线"):
            brought_back(press, publication_id)


@sqlite_is_enough
def test_a_post_is_corrected_in_its_own_edition_and_a_deleted_one_is_left_to_a_person(press: Press) -> None:
    with wordpress(press) as (server, destination_id):
        variant = Variant(title="教务处举办交流会", pictures=Pictures.NONE)
        kept = sent(press, destination_id, press.illustrated(), variants={destination_id: variant})
        deleted = sent(press, destination_id)
        press.work()
        server.posts[:] = [each for each in server.posts if each["slug"] == press.row(kept).marker]

        outcomes = remedied(press, kept, CORRECT), remedied(press, deleted, CORRECT)

        (post,) = server.posts
        content = str(post["content"])
        assert outcomes == ((S.LIVE, DeedState.DONE), (S.LIVE, DeedState.NEEDS_PERSON))
        assert (post["title"], "<img" in content) == ("教务处举办交流会", False)
        assert content.startswith(f"<p><strong>{TOLD}</strong></p>")
