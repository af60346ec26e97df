"""Event pushes: signed, sealed on demand, retried, and sometimes lost, doubled or late."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import xmltodict
from wechatpy.crypto import WeChatCrypto

from sandbox import events
from sandbox.events import signature
from tests.sandbox.caller import AES_KEY, Caller, StandingClock
from tests.waiting import PATIENCE, until


@dataclass
class Receiver:
    """An office's callback address: echoes, remembers pushes, and answers as it is told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    pushes: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def wait_for(self, count: int) -> list[tuple[dict[str, str], str]]:
        until(lambda: len(self.pushes) >= count, f"{len(self.pushes)} of {count} pushes came")
        return self.pushes


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    remembered = Receiver()
    # The platform pushes again what is not answered in five seconds: no push of a busy machine may count twice.
    monkeypatch.setattr(events, "ANSWER_WITHIN", PATIENCE)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, self._query().get("echostr", ""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            remembered.pushes.append((self._query(), body))
            self._answer(remembered.answers.pop(0) if remembered.answers else 200, "success")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _query(self) -> dict[str, str]:
            return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    remembered.url = f"http://127.0.0.1:{server.server_port}/callback"
    yield remembered
    server.shutdown()
    thread.join()
    server.server_close()


def configure(school: Caller, url: str, **callback: str) -> requests.Response:
    declared = {"callback": {"url": url, "token": "AAAAA", **callback}}
    return requests.put(f"{school.box.base_url}/sandbox/accounts/{school.appid}", json=declared, timeout=PATIENCE)


def test_the_signature_is_the_one_of_the_documentation() -> None:
    assert signature("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_a_callback_address_must_echo_first(school: Caller, receiver: Receiver) -> None:
    assert configure(school, receiver.url).status_code == 200
    assert configure(school, "http://127.0.0.1:9/closed").status_code == 400


def test_the_end_of_a_publication_is_pushed_with_its_pages(school: Caller, receiver: Receiver) -> None:
    configure(school, receiver.url)
    ended = school.published()
    query, body = receiver.wait_for(1)[0]
    event = xmltodict.parse(body)["xml"]
    info = event["PublishEventInfo"]
    assert signature("AAAAA", query["timestamp"], query["nonce"]) == query["signature"]
    assert (event["MsgType"], event["Event"]) == ("event", "PUBLISHJOBFINISH")
    assert (info["publish_id"], info["publish_status"]) == (str(ended["publish_id"]), "0")
    assert info["article_id"] == ended["article_id"]
    assert info["article_detail"]["item"]["article_url"] == ended["article_detail"]["item"][0]["article_url"]


def test_a_failed_publication_is_pushed_with_the_articles_at_fault(school: Caller, receiver: Receiver) -> None:
    configure(school, receiver.url)
    school.fault("freepublish/submit:outcome=4/1+2*1")
    school.published()
    info = xmltodict.parse(receiver.wait_for(1)[0][1])["xml"]["PublishEventInfo"]
    assert (info["publish_status"], info["fail_idx"], "article_id" in info) == ("4", ["1", "2"], False)


def test_the_end_of_a_mass_send_is_pushed_with_its_verdict(school: Caller, receiver: Receiver) -> None:
    configure(school, receiver.url)
    school.fault("message/mass/sendall:outcome=err(20001)*1")
    sent = school.mass_send(school.draft())
    event = xmltodict.parse(receiver.wait_for(1)[0][1])["xml"]
    assert (event["Event"], event["MsgID"], event["Status"], event["SentCount"]) == (
        "MASSSENDJOBFINISH",
        str(sent["msg_id"]),
        "err(20001)",
        "0",
    )


def test_a_push_is_sealed_where_the_account_has_a_key(school: Caller, receiver: Receiver) -> None:
    configure(school, receiver.url, aes_key=AES_KEY)
    school.published()
    query, body = receiver.wait_for(1)[0]
    opened = WeChatCrypto("AAAAA", AES_KEY, school.appid).decrypt_message(
        body, query["msg_signature"], query["timestamp"], query["nonce"]
    )
    assert xmltodict.parse(opened)["xml"]["Event"] == "PUBLISHJOBFINISH"
    assert query["encrypt_type"] == "aes"


def test_a_push_that_is_not_taken_comes_again_four_times_at_most(school: Caller, receiver: Receiver) -> None:
    configure(school, receiver.url)
    receiver.answers = [500] * 10
    school.published()
    event = school.box.platform.events[0]
    until(lambda: event.state != "waiting")
    assert (len(receiver.pushes), event.attempts, event.state) == (4, 4, "given up")


def test_a_push_can_be_lost(school: Caller, receiver: Receiver) -> None:
    configure(school, receiver.url)
    school.fault("event:lost*1")
    school.published(title="甲")
    school.published(title="乙")
    receiver.wait_for(1)
    assert (school.box.platform.events[0].state, len(receiver.pushes)) == ("lost", 1)


def test_a_push_can_come_twice(school: Caller, receiver: Receiver) -> None:
    configure(school, receiver.url)
    school.fault("event:twice*1")
    school.published()
    first, second = (body for _, body in receiver.wait_for(2))
    assert first == second


def test_a_push_can_come_late(school: Caller, receiver: Receiver, clock: StandingClock) -> None:
    configure(school, receiver.url)
    school.fault("event:delay=60*1")
    school.published()
    assert receiver.pushes == []
    clock.pass_time(60)
    assert len(receiver.wait_for(1)) == 1
