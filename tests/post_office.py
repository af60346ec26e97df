"""A mail server and a group robot on loopback: what a notice meets outside, over real sockets."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class PostOffice:
    """What arrived, and how it answers: the code to `RCPT`, the robot's errcode."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    rcpt_answers: int = 250
    hangs_up: bool = False


class _Dialogue(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one message needs."""

    def handle(self) -> None:
        office: PostOffice = self.server.office  # type: ignore[attr-defined]  # set by whoever opens it
        if office.hangs_up:
            return
        self._say("220 post office")
        for line in self.rfile:
            verb = line.decode().split()[0].upper()
            if verb == "RCPT":
                self._say(f"{office.rcpt_answers} recipient")
            elif verb == "DATA":
                self._say("354 go on")
                office.mails.append(self._message())
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        return message


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """A mail server for the length of a test."""
    office = PostOffice()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Dialogue) as server:
        server.office = office  # type: ignore[attr-defined]  # for the handler above
        office.port = server.server_address[1]
        with _serving(server):
            yield office


@dataclass
class Group:
    """A chat group: what its robot was told to say, and with which errcode it answers."""

    address: str = ""
    said: list[dict[str, Any]] = field(default_factory=list)
    errcode: int = 0
    status: int = 200


@contextmanager
def chat_group() -> Iterator[Group]:
    """A webhook for the length of a test."""
    group = Group()

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            group.said.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(group.status)
            self.end_headers()
            self.wfile.write(json.dumps({"errcode": group.errcode, "errmsg": "as told"}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as server:
        group.address = f"http://127.0.0.1:{server.server_address[1]}/cgi-bin/webhook/send?key=a-secret-key"
        with _serving(server):
            yield group


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
