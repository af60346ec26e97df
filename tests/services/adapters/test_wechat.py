"""The gateway against a platform on a socket: each thing wechatpy gets wrong, and each way a call can end."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import stamina
from sqlmodel import Session, delete

from models import WeChatToken
from sandbox import tokens
from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import RunningSandbox, start
from services.adapters.wechat import WeChatGateway
from services.database import Engines, make_engines, upgrade
from services.ports import (
    Cure,
    DeliveryError,
    DeliveryRefused,
    NotSent,
    OutcomeUnknown,
    PublishedArticle,
    PublishOutcome,
    WeChatAccount,
    WeChatArticle,
    WeChatCredentials,
)
from services.secret_box import SecretBox
from tests.documents import photograph
from tests.waiting import PATIENCE, until

CREDENTIALS = WeChatCredentials("wx_school", "the-secret-of-this-account")
LATE, HURRY = 60, 0.2  # seconds: when the answer comes, and how long it is waited for
MARKER = "https://news.example.edu.cn/articles/7.html?pub=5f0c"
ARTICLE = WeChatArticle(
    title="书香浸润校园", digest="读书节", author="小王", body="<p>正文</p>", cover_media_id="", marker_url=MARKER
)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    url = f"sqlite:///{tmp_path_factory.mktemp('gateway') / 'tokens.db'}"
    upgrade(url)
    engines = make_engines(url)
    yield engines
    engines.dispose()


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    school = Account(CREDENTIALS.app_id, CREDENTIALS.app_secret)
    with start(platform=Platform(accounts=[school], settings=Settings(publish_delay=0, mass_delay=0))) as running:
        yield running


@pytest.fixture
def gateway(box: RunningSandbox, engines: Engines) -> Iterator[WeChatGateway]:
    yield gateway_to(lambda: box.base_url, engines)
    with Session(engines.write) as session, session.begin():
        session.exec(delete(WeChatToken))


@pytest.fixture
def account(gateway: WeChatGateway) -> WeChatAccount:
    return gateway.account(CREDENTIALS)


@pytest.fixture
def hurried(account: WeChatAccount, box: RunningSandbox, engines: Engines) -> WeChatAccount:
    """The same account for a call that is answered too late. Its token is there already."""
    account.count_drafts()
    return gateway_to(lambda: box.base_url, engines, patience=HURRY).account(CREDENTIALS)


def gateway_to(address: Callable[[], str], engines: Engines, *, patience: float = PATIENCE) -> WeChatGateway:
    return WeChatGateway(
        base_url=address,
        engines=engines,
        secrets=SecretBox("k" * 40),
        clock=lambda: datetime.now(UTC),
        timeout=(PATIENCE, patience),
    )


def asked(box: RunningSandbox, endpoint: str) -> int:
    return len(box.platform.calls(endpoint))


def drafted(account: WeChatAccount, **changes: str) -> str:
    cover = account.upload_cover("cover.jpg", photograph(90, 60), "image/jpeg")
    return account.add_draft(replace(ARTICLE, cover_media_id=cover, **changes))


# --- The whole way ---------------------------------------------------------------------------------------


def test_a_draft_is_stored_as_it_was_sent_and_found_by_its_marker(account: WeChatAccount) -> None:
    cover = account.upload_cover("cover.jpg", photograph(90, 60), "image/jpeg")
    sent = replace(ARTICLE, cover_media_id=cover)

    media_id = account.add_draft(sent)

    assert account.read_draft(media_id) == sent
    assert account.find_draft(MARKER) == media_id
    assert account.find_draft("https://news.example.edu.cn/articles/7.html?pub=ffff") is None


def test_a_publication_consumes_the_draft_and_is_found_by_its_marker(account: WeChatAccount) -> None:
    media_id = drafted(account)

    receipt = account.publish(media_id)
    status = account.publish_status(receipt.publish_id)

    assert status.outcome is PublishOutcome.LIVE
    assert account.find_published(MARKER) == PublishedArticle(status.article_id or "", status.url or "")
    assert account.read_draft(media_id) is None


def test_a_body_picture_has_the_address_the_platform_gave_it(box: RunningSandbox, account: WeChatAccount) -> None:
    address = account.upload_picture("a.jpg", photograph(90, 60), "image/jpeg")

    assert [address] == [f"http://mmbiz.qpic.cn{each.route}" for each in box.platform.pictures]


def test_a_mass_send_with_the_same_id_is_the_send_that_already_exists(
    box: RunningSandbox, account: WeChatAccount
) -> None:
    media_id = drafted(account)

    first = account.send_to_all(media_id, "5f0c")
    again = account.send_to_all(media_id, "5f0c")

    assert again.publish_id == first.publish_id
    assert again.msg_data_id is None  # WeChat does not name it a second time
    assert len(box.platform.mass_sends) == 1
    assert account.send_status(first.publish_id).outcome is PublishOutcome.LIVE


def test_a_mass_send_that_exists_without_a_number_is_in_doubt_and_not_refused(
    box: RunningSandbox, account: WeChatAccount
) -> None:
    media_id = drafted(account)
    box.platform.faults.add("message/mass/sendall:errcode=45065")

    with pytest.raises(OutcomeUnknown, match="45065"):
        account.send_to_all(media_id, "5f0c")


def test_the_marker_is_found_behind_more_than_one_page_of_drafts(account: WeChatAccount) -> None:
    wanted = drafted(account)
    cover = account.upload_cover("cover.jpg", photograph(90, 60), "image/jpeg")
    for number in range(21):
        account.add_draft(replace(ARTICLE, cover_media_id=cover, marker_url=f"https://example.edu.cn/?pub={number}"))

    assert account.find_draft(MARKER) == wanted


def test_one_account_is_one_object_until_its_secret_changes(gateway: WeChatGateway) -> None:
    first = gateway.account(CREDENTIALS)

    assert gateway.account(CREDENTIALS) is first
    assert gateway.account(replace(CREDENTIALS, app_secret="another")) is not first


# --- Text on the wire ------------------------------------------------------------------------------------


def test_chinese_is_sent_as_it_is_and_not_as_escapes(account: WeChatAccount) -> None:
    # The platform counts six characters for each escape: 64 characters would be refused as 384.
    title = "书" * 64

    assert account.read_draft(drafted(account, title=title)).title == title  # type: ignore[union-attr]  # it was just made


def test_comments_are_off_because_an_account_without_that_right_refuses_them(
    box: RunningSandbox, account: WeChatAccount
) -> None:
    school = box.platform.accounts.get(CREDENTIALS.app_id)
    assert school
    school.can_comment = False

    assert account.read_draft(drafted(account))


# --- Tokens ----------------------------------------------------------------------------------------------


def test_eight_threads_without_a_token_fetch_one(box: RunningSandbox, account: WeChatAccount) -> None:
    box.platform.faults.add("stable_token:delay=0.1")

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: account.count_drafts(), range(8)))

    assert counts == [0] * 8
    assert asked(box, "stable_token") == 1


def test_processes_share_a_token_that_is_not_readable_where_it_is_stored(
    box: RunningSandbox, account: WeChatAccount, engines: Engines
) -> None:
    account.count_drafts()
    with Session(engines.read) as session:
        stored = session.get_one(WeChatToken, CREDENTIALS.app_id)

    gateway_to(lambda: box.base_url, engines).account(CREDENTIALS).count_drafts()

    assert asked(box, "stable_token") == 1
    assert not [token for token in box.platform.tokens if token.value in stored.token_sealed]


def test_the_token_that_would_invalidate_other_systems_is_never_fetched(
    box: RunningSandbox, account: WeChatAccount
) -> None:
    account.count_drafts()

    assert asked(box, "token") == 0


def test_a_token_rejected_for_good_costs_exactly_two_fetches(box: RunningSandbox, account: WeChatAccount) -> None:
    box.platform.faults.add("draft/count:errcode=40001")

    with pytest.raises(DeliveryRefused) as refused:
        account.count_drafts()

    assert (refused.value.code, refused.value.cure) == ("40001", Cure.ADMIN)
    assert asked(box, "stable_token") == 2
    assert asked(box, "draft/count") == 2


def test_an_upload_repeated_with_a_new_token_sends_the_whole_picture(
    box: RunningSandbox, account: WeChatAccount
) -> None:
    account.count_drafts()
    tokens.expire_all(box.platform, CREDENTIALS.app_id)
    picture = photograph(300, 200)

    account.upload_picture("a.jpg", picture, "image/jpeg")

    assert [call.errcode for call in box.platform.calls("media/uploadimg")] == [42001, 0]
    assert [box.platform.picture_bytes(each) for each in box.platform.pictures] == [picture]


def test_threads_whose_token_ran_out_together_fetch_one_new_token(box: RunningSandbox, account: WeChatAccount) -> None:
    account.count_drafts()
    tokens.expire_all(box.platform, CREDENTIALS.app_id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: account.count_drafts(), range(8)))

    assert asked(box, "stable_token") == 2


def test_a_wrong_secret_is_for_the_administrator(gateway: WeChatGateway) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        gateway.account(replace(CREDENTIALS, app_secret="wrong")).count_drafts()

    assert refused.value.cure is Cure.ADMIN
    assert "AppSecret 不正确" in refused.value.sentence


# --- How a call can end ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        "http-after-commit=502",
        "http=502",
        "errcode=-1",
        "errcode-after-commit=-1",
        "drop-before-commit",
        "drop-after-commit",
        "cut-json",
        f"delay-after-commit={LATE}",
    ],
)
@pytest.mark.parametrize("endpoint", ["draft/add", "freepublish/submit", "message/mass/sendall"])
def test_a_call_without_a_clear_answer_is_in_doubt_and_asked_only_once(
    box: RunningSandbox, account: WeChatAccount, hurried: WeChatAccount, endpoint: str, fault: str
) -> None:
    media_id = drafted(account)
    cover = account.upload_cover("cover.jpg", photograph(90, 60), "image/jpeg")
    before = asked(box, endpoint)
    box.platform.faults.add(f"{endpoint}:{fault}")
    caller = hurried if "delay" in fault else account
    calls: dict[str, Callable[[], object]] = {
        "draft/add": lambda: caller.add_draft(replace(ARTICLE, cover_media_id=cover)),
        "freepublish/submit": lambda: caller.publish(media_id),
        "message/mass/sendall": lambda: caller.send_to_all(media_id, "5f0c"),
    }

    with pytest.raises(OutcomeUnknown):
        calls[endpoint]()

    until(lambda: asked(box, endpoint) > before)
    assert asked(box, endpoint) == before + 1


def test_a_harmless_call_is_tried_three_times(box: RunningSandbox, account: WeChatAccount) -> None:
    box.platform.faults.add("media/uploadimg:errcode=-1*1")
    box.platform.faults.add("media/uploadimg:http=502*1")

    account.upload_picture("a.jpg", photograph(90, 60), "image/jpeg")

    assert asked(box, "media/uploadimg") == 3


def test_a_gateway_page_instead_of_a_picture_address_is_not_taken_for_one(
    box: RunningSandbox, account: WeChatAccount
) -> None:
    box.platform.faults.add("media/uploadimg:cut-json")

    with pytest.raises(OutcomeUnknown):
        account.upload_picture("a.jpg", photograph(90, 60), "image/jpeg")


def test_a_platform_that_is_not_there_was_not_reached(engines: Engines) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        account = gateway_to(lambda: address, engines).account(CREDENTIALS)

        with pytest.raises(NotSent):
            account.add_draft(ARTICLE)


@pytest.mark.usefixtures("gateway")  # which takes its tokens away again
@pytest.mark.parametrize("fault", [f"delay={LATE}", "http=502", "drop-after-commit", "cut-json"])
def test_a_call_whose_token_never_came_was_not_sent(box: RunningSandbox, engines: Engines, fault: str) -> None:
    box.platform.faults.add(f"stable_token:{fault}")
    patience = HURRY if "delay" in fault else PATIENCE
    account = gateway_to(lambda: box.base_url, engines, patience=patience).account(CREDENTIALS)

    with pytest.raises(NotSent):
        account.add_draft(ARTICLE)

    assert asked(box, "draft/add") == 0


def test_a_proxy_of_the_machine_does_not_stand_between_us_and_a_rehearsal(
    account: WeChatAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    assert account.count_drafts() == 0


# --- Refusals in the office's words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errcode", "cure", "words"),
    [
        (40164, Cure.ADMIN, "加入 127.0.0.1"),
        (45003, Cure.CONTENT, "标题超过"),
        (45009, Cure.TOMORROW, "调用次数已用完"),
        (45011, Cure.LATER, "过于频繁"),
        (48001, Cure.ADMIN, "存入草稿箱"),
        (53503, Cure.ON_PLATFORM, "登录公众平台"),
        (99999, Cure.ADMIN, "错误码 99999"),
    ],
)
def test_a_refusal_says_what_to_do_and_keeps_the_request_id(
    box: RunningSandbox, account: WeChatAccount, errcode: int, cure: Cure, words: str
) -> None:
    media_id = drafted(account)
    box.platform.faults.add(f"freepublish/submit:errcode={errcode}")

    with pytest.raises(DeliveryRefused) as refused:
        account.publish(media_id)

    assert (refused.value.code, refused.value.cure) == (str(errcode), cure)
    assert words in refused.value.sentence
    assert box.platform.calls("freepublish/submit")[-1].rid in refused.value.detail


def test_no_secret_and_no_token_is_in_an_exception_or_in_the_log(
    box: RunningSandbox, account: WeChatAccount, hurried: WeChatAccount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account.count_drafts()
    token = next(iter(box.platform.tokens)).value
    seen = []
    for fault in ("errcode=40013", "http=502", "cut-json", "drop-before-commit", f"delay={LATE}"):
        box.platform.faults.clear()
        box.platform.faults.add(f"draft/count:{fault}")
        with pytest.raises(DeliveryError) as raised:
            (hurried if "delay" in fault else account).count_drafts()
        seen.append("".join(traceback.format_exception(raised.value)) + raised.value.detail)
    box.stop()
    with pytest.raises(DeliveryError) as raised:
        account.count_drafts()
    seen.append("".join(traceback.format_exception(raised.value)) + raised.value.detail)

    # The platform runs in this process too; what it logs is its own.
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    told = "\n".join([*seen, *logged])
    assert "draft/count" in "\n".join(logged)
    assert token not in told
    assert CREDENTIALS.app_secret not in told
    assert CREDENTIALS.app_secret not in repr(CREDENTIALS)
