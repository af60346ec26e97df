"""What the process answers besides the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlmodel import select

from models import HeardPush, OfficialAccount, Publication, PublicationState, Revision, SignInSession
from sandbox import events
from sandbox.records import Callback
from services import wechat_callback
from services.queries.sessions import by_token
from tests import factories
from tests.desk import Desk
from tests.press import running_press
from tests.waiting import PATIENCE, until
from ui import picture_addresses
from ui.access import COOKIE

PNG = b"\x89PNG\r\n\x1a\n and the rest of a picture"
OURS = {"X-Portal": "1", "Sec-Fetch-Site": "same-origin"}


# --- Health ----------------------------------------------------------------------------------------------


def test_health_says_what_a_monitor_needs(address: str) -> None:
    answer = requests.get(f"{address}/healthz", timeout=PATIENCE)

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "ok": True,
            "mode": "rehearsal",
            "database": "ok",
            "worker_seen_at": None,
            "worker_seconds_ago": None,
        },
    )


# --- The cookie ------------------------------------------------------------------------------------------


def test_ticket_is_changed_into_a_cookie_scripts_cannot_read(desk: Desk, address: str) -> None:
    opened = desk.opened("小王")

    answer = requests.post(f"{address}/portal/session", data=opened.ticket, headers=OURS, timeout=PATIENCE)

    token = answer.cookies.get(COOKIE) or ""
    assert answer.status_code == 204
    assert answer.headers["set-cookie"] == f"{COOKIE}={token}; HttpOnly; Path=/; SameSite=strict"
    with desk.runtime.reading() as session:
        who = by_token(session, token, desk.office.now)
    assert who is not None
    assert (who.name, who.session_id) == ("小王", opened.session_id)


def test_ticket_works_once_over_the_wire_too(desk: Desk, address: str) -> None:
    ticket = desk.opened("小王").ticket
    requests.post(f"{address}/portal/session", data=ticket, headers=OURS, timeout=PATIENCE)

    again = requests.post(f"{address}/portal/session", data=ticket, headers=OURS, timeout=PATIENCE)

    assert (again.status_code, again.text, again.cookies.get_dict()) == (403, "登录凭证已过期，请重新登录。", {})


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Portal": "1", "Sec-Fetch-Site": "cross-site"}, {"X-Portal": "1", "Sec-Fetch-Site": "same-site"}],
    ids=["without our header", "from another site", "from a neighbouring host"],
)
def test_other_sites_can_neither_set_nor_drop_the_cookie(desk: Desk, address: str, headers: dict[str, str]) -> None:
    opened = desk.opened("小王")

    set_it = requests.post(f"{address}/portal/session", data=opened.ticket, headers=headers, timeout=PATIENCE)
    drop_it = requests.delete(f"{address}/portal/session", headers=headers, timeout=PATIENCE)

    assert (set_it.status_code, drop_it.status_code) == (403, 403)
    with desk.runtime.reading() as session:
        assert session.get_one(SignInSession, opened.session_id).ticket_hash is not None


def test_cookie_is_secure_behind_https(desk: Desk, address: str) -> None:
    answer = requests.post(
        f"{address}/portal/session",
        data=desk.opened("小王").ticket,
        headers={**OURS, "X-Forwarded-Proto": "https"},
        timeout=PATIENCE,
    )

    assert answer.headers["set-cookie"].endswith("; Secure")


def test_dropping_the_cookie_ends_its_life_in_the_browser(address: str) -> None:
    answer = requests.delete(f"{address}/portal/session", headers=OURS, timeout=PATIENCE)

    assert (answer.status_code, "Max-Age=0" in answer.headers["set-cookie"]) == (204, True)


# --- Pictures --------------------------------------------------------------------------------------------


def test_signed_address_shows_the_picture(desk: Desk, address: str) -> None:
    sha256 = desk.office.assets.put(PNG)

    answer = requests.get(f"{address}{picture_addresses.address(sha256)}", timeout=PATIENCE)

    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")


def test_address_stays_the_same_for_an_hour_and_ends_after_two(desk: Desk, address: str) -> None:
    sha256 = desk.office.assets.put(PNG)
    first = picture_addresses.address(sha256)
    desk.office.later(minutes=59)
    assert picture_addresses.address(sha256) == first

    desk.office.later(minutes=61)

    assert requests.get(f"{address}{first}", timeout=PATIENCE).status_code == 403


@pytest.mark.parametrize("change", [("signature=", "signature=0"), ("until=", "until=9")], ids=["signature", "end"])
def test_changed_address_shows_nothing(desk: Desk, address: str, change: tuple[str, str]) -> None:
    signed = picture_addresses.address(desk.office.assets.put(PNG))

    assert requests.get(f"{address}{signed.replace(*change)}", timeout=PATIENCE).status_code == 403


def test_address_of_one_picture_opens_no_other(desk: Desk, address: str) -> None:
    shown, other = desk.office.assets.put(PNG), desk.office.assets.put(PNG + b"2")

    stolen = picture_addresses.address(shown).replace(shown, other)

    assert requests.get(f"{address}{stolen}", timeout=PATIENCE).status_code == 403


@pytest.mark.parametrize(("content", "status"), [(None, 404), (b"<script>", 415)], ids=["lost", "not a picture"])
def test_what_is_no_picture_is_not_handed_out(desk: Desk, address: str, content: bytes | None, status: int) -> None:
    sha256 = desk.office.assets.put(content) if content else "0" * 64

    assert requests.get(f"{address}{picture_addresses.address(sha256)}", timeout=PATIENCE).status_code == status


def test_pictures_of_a_body_get_their_addresses(desk: Desk) -> None:
    sha256 = desk.office.assets.put(PNG)

    body = picture_addresses.resolved(f'<p>图</p><img src="asset:{sha256}" alt="会场"/>')

    assert body == f'<p>图</p><img src="{picture_addresses.address(sha256)}" alt="会场"/>'


# --- The campus mirror -----------------------------------------------------------------------------------


def test_mirror_pages_come_in_a_sandbox(desk: Desk, address: str) -> None:
    folder = desk.runtime.settings.site_folder
    folder.mkdir(parents=True)
    folder.joinpath("index.html").write_text("<h1>校园新闻</h1>", encoding="utf-8")

    answer = requests.get(f"{address}/site/", timeout=PATIENCE)

    assert (answer.status_code, answer.content.decode()) == (200, "<h1>校园新闻</h1>")
    assert answer.headers["content-security-policy"].startswith("sandbox allow-popups")
    assert "script-src" not in answer.headers["content-security-policy"]


def test_attachments_of_the_mirror_are_saved_not_shown(desk: Desk, address: str) -> None:
    files = desk.runtime.settings.site_folder / "files"
    files.mkdir(parents=True)
    files.joinpath("0a1b.txt").write_text("<script>alert(1)</script>", encoding="utf-8")

    answers = [
        requests.get(f"{address}/site/files/0a1b.txt", params=named, timeout=PATIENCE).headers
        for named in ({}, {"name": '获奖"名单".txt\r\nset-cookie: x=1'})
    ]

    escaped = "%E8%8E%B7%E5%A5%96%22%E5%90%8D%E5%8D%95%22.txt%0D%0Aset-cookie%3A%20x%3D1"
    assert [each["content-disposition"] for each in answers] == [
        "attachment",
        f"attachment; filename*=UTF-8''{escaped}",
    ]
    assert [("set-cookie" in each, each["x-content-type-options"]) for each in answers] == [(False, "nosniff")] * 2


@pytest.mark.parametrize("path", ["nothing.html", ".half-written", "../weishentai.db", "%2e%2e/secret.key"])
def test_mirror_shows_only_finished_files_of_its_own(desk: Desk, address: str, path: str) -> None:
    folder = desk.runtime.settings.site_folder
    folder.mkdir(parents=True)
    folder.joinpath(".half-written").write_text("not yet", encoding="utf-8")

    with requests.Session() as session:
        asked = requests.Request("GET", f"{address}/site/").prepare()
        asked.url = f"{address}/site/{path}"
        answer = session.send(asked, timeout=PATIENCE)

    assert (answer.status_code, "没有这个页面" in answer.content.decode()) == (404, True)


def test_mirror_before_the_first_article_says_there_is_no_page(address: str) -> None:
    assert requests.get(f"{address}/site/", timeout=PATIENCE).status_code == 404


# --- Streamlit's page ------------------------------------------------------------------------------------


def test_every_address_of_the_application_is_a_chinese_page(address: str) -> None:
    answer = requests.get(f"{address}/review?id=77", headers={"If-None-Match": "theirs"}, timeout=PATIENCE)

    page = answer.content.decode()
    assert '<html lang="zh-CN">' in page
    assert "<title>微审台</title>" in page
    assert '<script src="/portal/zh.js" defer></script></head>' in page
    assert "etag" not in answer.headers


def test_dictionary_is_served_as_a_script(address: str) -> None:
    answer = requests.get(f"{address}/portal/zh.js", timeout=PATIENCE)

    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/", "/healthz", "/portal/zh.js", "/nowhere"])
def test_every_answer_carries_the_security_headers(address: str, path: str) -> None:
    headers = requests.get(f"{address}{path}", timeout=PATIENCE).headers

    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


# --- WeChat ----------------------------------------------------------------------------------------------

TOKEN = "theAccountsToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx00000000000000a1"


@pytest.fixture
def callback(desk: Desk, address: str) -> str:
    """The callback address of the school's account, which has a token."""
    with desk.runtime.as_system() as work:
        account = work.session.get_one(OfficialAccount, desk.office.account_id)
        account.callback_token_sealed = desk.runtime.secrets.seal(TOKEN)
    return f"{address}/wechat/callback/{desk.office.account_id}"


@pytest.fixture
def sealed_callback(desk: Desk, callback: str) -> str:
    """The same for an account with an EncodingAESKey."""
    with desk.runtime.as_system() as work:
        account = work.session.get_one(OfficialAccount, desk.office.account_id)
        account.encoding_aes_key_sealed = desk.runtime.secrets.seal(AES_KEY)
    return callback


def signed(desk: Desk, token: str = TOKEN, *, seconds_ago: float = 0) -> dict[str, str]:
    timestamp = str(int(desk.office.now.timestamp() - seconds_ago))
    return {
        "timestamp": timestamp,
        "nonce": "n1",
        "signature": wechat_callback.sign(token, timestamp, "n1"),
    }


def test_wechat_gets_its_echo(desk: Desk, callback: str) -> None:
    answer = requests.get(callback, params={**signed(desk), "echostr": "8421"}, timeout=PATIENCE)

    assert (answer.status_code, answer.text) == (200, "8421")


def test_stranger_gets_no_echo_and_is_not_heard(desk: Desk, callback: str) -> None:
    forged = signed(desk, "a guess")

    asked = requests.get(callback, params={**forged, "echostr": "8421"}, timeout=PATIENCE)
    told = requests.post(callback, params=forged, data=b"<xml/>", timeout=PATIENCE)

    assert (asked.status_code, told.status_code) == (403, 403)


def test_account_without_a_token_hears_nobody(desk: Desk, address: str) -> None:
    url = f"{address}/wechat/callback/{desk.office.account_id}"

    assert requests.get(url, params={**signed(desk, ""), "echostr": "8421"}, timeout=PATIENCE).status_code == 403


def accepted_publication(desk: Desk) -> int:
    """A publication that the platform accepted, to be asked about in an hour."""
    with desk.runtime.as_system() as work:
        author = factories.person(work.session, "author", "作者")
        item = factories.submission(work.session, author)
        revision: Revision = factories.revision(work.session, item)
        publication = factories.publication(
            work.session,
            revision,
            account_id=desk.office.account_id,
            publish_id="2247503051",
            state=PublicationState.ACCEPTED,
            run_after=desk.office.now.replace(hour=23),
        )
        return factories.id_of(publication)


def run_after(desk: Desk, publication_id: int) -> object:
    with desk.runtime.reading() as session:
        return session.get_one(Publication, publication_id).run_after


FINISHED = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><CreateTime>1481013459</CreateTime>"
    "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[PUBLISHJOBFINISH]]></Event>"
    "<PublishEventInfo><publish_id>{}</publish_id><publish_status>0</publish_status></PublishEventInfo></xml>"
)


def test_push_about_a_finished_job_makes_it_due_now(desk: Desk, callback: str) -> None:
    publication_id = accepted_publication(desk)

    for _ in range(2):
        answer = requests.post(
            callback, params=signed(desk), data=FINISHED.format("2247503051").encode(), timeout=PATIENCE
        )
        assert (answer.status_code, answer.text) == (200, "success")

    assert run_after(desk, publication_id) == desk.office.now


def test_push_about_another_job_changes_nothing(desk: Desk, callback: str) -> None:
    publication_id = accepted_publication(desk)
    before = run_after(desk, publication_id)

    requests.post(callback, params=signed(desk), data=FINISHED.format("1").encode(), timeout=PATIENCE)

    assert run_after(desk, publication_id) == before


@pytest.mark.parametrize(
    "body",
    [
        b"not xml",
        b"<other/>",
        b"x" * 64_001,
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Event>&b;</Event></xml>',
    ],
    ids=["not XML", "another document", "too large", "with entities"],
)
def test_genuine_caller_with_a_bad_push_is_told_so(desk: Desk, callback: str, body: bytes) -> None:
    answer = requests.post(callback, params=signed(desk), data=body, timeout=PATIENCE)

    assert (answer.status_code, answer.content.decode().startswith("推送")) == (400, True)


@pytest.mark.parametrize("seconds", [601, -601, 86_400 * 30], ids=["ten minutes old", "to come", "a month old"])
def test_recorded_request_is_not_heard_again_later(desk: Desk, callback: str, seconds: int) -> None:
    publication_id = accepted_publication(desk)
    before = run_after(desk, publication_id)
    recorded = signed(desk, seconds_ago=seconds)

    asked = requests.get(callback, params={**recorded, "echostr": "8421"}, timeout=PATIENCE)
    told = requests.post(callback, params=recorded, data=FINISHED.format("2247503051").encode(), timeout=PATIENCE)

    assert (asked.status_code, told.status_code) == (403, 403)
    assert run_after(desk, publication_id) == before


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "99999999999"])
def test_time_that_is_none_is_refused(callback: str, timestamp: str) -> None:
    given = {
        "timestamp": timestamp,
        "nonce": "n1",
        "signature": wechat_callback.sign(TOKEN, timestamp, "n1"),
        "echostr": "8421",
    }

    assert requests.get(callback, params=given, timeout=PATIENCE).status_code == 403


def sealed_push(
    desk: Desk, xml: str, *, token: str = TOKEN, key: str = AES_KEY, app_id: str = APP_ID
) -> dict[str, Any]:
    """A request as the platform makes it in safe mode."""
    asked = signed(desk, token)
    secret = events.sealed(Callback("", token, key), app_id, xml)
    asked |= {
        "encrypt_type": "aes",
        "msg_signature": wechat_callback.sign(token, asked["timestamp"], asked["nonce"], secret),
    }
    body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{secret}]]></Encrypt></xml>"
    return {"params": asked, "data": body.encode()}


def test_sealed_push_is_opened_and_a_repeated_one_has_no_second_effect(desk: Desk, sealed_callback: str) -> None:
    publication_id = accepted_publication(desk)
    push = sealed_push(desk, FINISHED.format("2247503051"))

    first = requests.post(sealed_callback, timeout=PATIENCE, **push)
    hastened = run_after(desk, publication_id)
    with desk.runtime.as_system() as work:
        later = desk.office.now.replace(hour=22)
        work.session.get_one(Publication, publication_id).run_after = later
    again = requests.post(sealed_callback, timeout=PATIENCE, **push)

    assert [(each.status_code, each.text) for each in (first, again)] == [(200, "success")] * 2
    assert (hastened, run_after(desk, publication_id)) == (desk.office.now, later)


OTHER_KEY = AES_KEY[::-1]


@pytest.mark.parametrize(
    "forged",
    [{"key": OTHER_KEY}, {"app_id": "wx00000000000000a2"}, {"token": "anotherToken"}],
    ids=["another key", "another AppID", "another token"],
)
def test_push_the_accounts_keys_do_not_vouch_for_is_refused(
    desk: Desk, sealed_callback: str, forged: dict[str, str]
) -> None:
    publication_id = accepted_publication(desk)
    before = run_after(desk, publication_id)

    answer = requests.post(
        sealed_callback, timeout=PATIENCE, **sealed_push(desk, FINISHED.format("2247503051"), **forged)
    )

    assert (answer.status_code, run_after(desk, publication_id)) == (403, before)


def _unsigned(push: dict[str, Any]) -> None:
    push["params"]["msg_signature"] = "0" * 40


def _exchanged(push: dict[str, Any]) -> None:
    push["data"] = push["data"].replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA")


def _in_the_open(push: dict[str, Any]) -> None:
    del push["params"]["encrypt_type"]
    push["data"] = FINISHED.format("2247503051").encode()


def _half_open(push: dict[str, Any]) -> None:
    push["data"] = FINISHED.format("2247503051").encode()


@pytest.mark.parametrize("change", [_unsigned, _exchanged, _in_the_open, _half_open])
def test_changed_or_open_push_is_refused_where_pushes_come_sealed(
    desk: Desk, sealed_callback: str, change: Callable[[dict[str, Any]], None]
) -> None:
    publication_id = accepted_publication(desk)
    before = run_after(desk, publication_id)
    push = sealed_push(desk, FINISHED.format("2247503051"))
    change(push)

    answer = requests.post(sealed_callback, timeout=PATIENCE, **push)

    assert (answer.status_code, run_after(desk, publication_id)) == (403, before)


def test_sealed_push_of_another_kind_is_answered_without_a_write(desk: Desk, sealed_callback: str) -> None:
    greeting = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>"
    answer = requests.post(sealed_callback, timeout=PATIENCE, **sealed_push(desk, greeting))

    with desk.runtime.reading() as session:
        heard = session.exec(select(HeardPush)).all()
    assert (answer.status_code, answer.text, heard) == (200, "success", [])


def test_platforms_own_sealed_push_hastens_a_publication(desk: Desk, sealed_callback: str) -> None:
    office = desk.office
    with running_press(office) as press:
        declared = {"callback": {"url": sealed_callback, "token": TOKEN, "aes_key": AES_KEY}}
        greeted = requests.put(f"{press.address}/sandbox/accounts/{APP_ID}", json=declared, timeout=PATIENCE)
        publication_id = press.to_wechat()
        press.work()
        planned = press.row(publication_id).run_after
        office.later(seconds=3)  # the platform is done after two
        until(lambda: [event.state for event in press.platform.events] == ["delivered"])

        hastened = press.row(publication_id).run_after
        assert (greeted.status_code, planned > office.now, hastened) == (200, True, office.now)
        press.work()
        assert press.state(publication_id) is PublicationState.LIVE
