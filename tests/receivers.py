"""Small faithful servers for the further destinations, on loopback: a WordPress, a campus CMS, an SFTP server.

The two over HTTP take faults as a list of (method, part of the path, what happens), each struck once, in order:
`http-before` and `http-after` answer 502 before or after the work, `drop-before` and `drop-after` cut the line,
`slow-after` answers too late, `slow-drop` cuts the line after half a second.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import SplitResult, parse_qs, urlsplit

import paramiko  # type: ignore[import-untyped]  # publishes no types

SLOW = 6.0
UPLOADS = "/wp-content/uploads/"
USER, PASSWORD = "weishentai", "app1 pass2 word3"
SHARED_KEY = "a shared key of a test that opens nothing real"

Fault = tuple[str, str, str]


@dataclass
class Received:
    """One request as it arrived, and whether its work was done."""

    method: str
    path: str
    committed: bool = False


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, lets a fault strike, and asks the receiver for an answer."""

    receiver: ClassVar[Receiver]
    protocol_version = "HTTP/1.1"

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Received(self.command, self.path)
        self.receiver.requests.append(seen)
        fault = self.receiver.strike(self.command, self.path)
        if fault in {"drop-before", "slow-drop"}:
            time.sleep(0.5 if fault == "slow-drop" else 0)
            self._cut()
            return
        if fault == "http-before":
            self._answer(502, "<html>Bad Gateway</html>")
            return
        with self.receiver.lock:
            status, answer = self.receiver.answer(self.command, self.path, dict(self.headers.items()), body)
            seen.committed = status < 300
        if fault == "drop-after":
            self._cut()
            return
        if fault == "slow-after":
            time.sleep(SLOW)
        self._answer(502, "<html>Bad Gateway</html>") if fault == "http-after" else self._answer(status, answer)

    do_GET = do_POST = _take  # noqa: N815  # the names http.server calls

    def _cut(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _answer(self, status: int, answer: object) -> None:
        if isinstance(answer, bytes):
            content = answer
        else:
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Nothing: tests read `requests`."""


@dataclass
class Receiver:
    """What both servers over HTTP share."""

    faults: list[Fault] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    base: str = ""

    def strike(self, method: str, path: str) -> str:
        """The fault that waits for this request, which strikes only once."""
        for fault in self.faults:
            if fault[0] == method and fault[1] in path:
                self.faults.remove(fault)
                return fault[2]
        return ""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        raise NotImplementedError

    def count(self, method: str, part: str) -> int:
        """How often the work of such requests was done."""
        return sum(each.committed for each in self.requests if each.method == method and part in each.path)

    @contextmanager
    def running(self) -> Iterator[str]:
        handler = type("Handler", (_Handler,), {"receiver": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.base = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self.base
        finally:
            server.shutdown()
            server.server_close()


@dataclass
class WordPressServer(Receiver):
    """The part of WordPress's REST interface that publishing uses; slugs are made unique as WordPress does."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    rights: dict[str, bool] = field(default_factory=lambda: {"publish_posts": True, "upload_files": True})

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        parts = urlsplit(path)
        if parts.path.startswith("/wp-json/"):
            return self._rest(method, parts, headers, body)
        return (200, self.files[path]) if path in self.files else (404, "<html>Not Found</html>")

    def _rest(self, method: str, parts: SplitResult, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind, _, number = parts.path.removeprefix("/wp-json/wp/v2/").partition("/")
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if headers.get("Authorization") != f"Basic {expected}":
            return 401, {"code": "rest_not_logged_in"}
        if kind == "users":
            return 200, {"id": 1, "capabilities": self.rights}
        if method == "GET":
            shelf = self.media if kind == "media" else [self._as_edited(each) for each in self.posts]
            return 200, [each for each in shelf if each["slug"] == query.get("slug")]
        if kind == "media":
            return 201, self._store_media(headers, body)
        return (200, self._change(int(number), body)) if number else (201, self._create(body))

    def _store_media(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        name = headers["Content-Disposition"].partition('filename="')[2].rstrip('"')
        number = len(self.media) + 1
        made = {
            "id": number,
            "slug": self._free(self.media, name.partition(".")[0]),
            "source_url": f"{self.base}{UPLOADS}{name}",
            "size": len(body),
        }
        self.files[f"{UPLOADS}{name}"] = body
        self.media.append(made)
        return made

    def _create(self, body: bytes) -> dict[str, Any]:
        fields = json.loads(body)
        slug = self._free(self.posts, fields["slug"])
        post = {"id": len(self.posts) + 1, **fields, "slug": slug, "link": f"{self.base}/{slug}"}
        self.posts.append(post)
        return post

    def _change(self, number: int, body: bytes) -> dict[str, Any]:
        post = next(each for each in self.posts if each["id"] == number)
        post.update(json.loads(body))
        return post

    @staticmethod
    def _as_edited(post: dict[str, Any]) -> dict[str, Any]:
        """`context=edit`: each text as it was written and as it is shown, with the quotation marks of a theme."""
        shown = {
            name: {"raw": post[name].replace("&", "&amp;") if name == "title" else post[name], "rendered": "“shown”"}
            for name in ("title", "content", "excerpt")
        }
        return {"password": "", **post, **shown}

    @staticmethod
    def _free(shelf: list[dict[str, Any]], slug: str) -> str:
        taken = {each["slug"] for each in shelf}
        candidates = (slug, *(f"{slug}-{number}" for number in range(2, 99)))
        return next(each for each in candidates if each not in taken)


@dataclass
class CmsServer(Receiver):
    """A receiving side of the contract in docs/webhook.md: signature, time, and one answer for each key."""

    articles: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    now: float | None = None
    refuses: int = 0
    events: tuple[str, ...] = ("article", "corrected", "removed")

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:  # noqa: ARG002  # one path, one method
        stamp = headers["X-Weishentai-Timestamp"]
        made = hmac.new(SHARED_KEY.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        now = self.now if self.now is not None else time.time()
        if not hmac.compare_digest(f"sha256={made}", headers["X-Weishentai-Signature"]) or abs(now - int(stamp)) > 300:
            return 401, {"error": "signature"}
        key = headers["Idempotency-Key"]
        document = json.loads(body)
        if document["event"] == "ping":
            return 200, {}
        if self.refuses:
            return self.refuses, {"error": "refused"}
        if document["event"] not in self.events:
            return 422, {"error": "event"}
        if key not in self.answers:
            self.answers[key] = self._carry_out(document)
        return 200, self.answers[key]

    def _carry_out(self, document: dict[str, Any]) -> dict[str, str]:
        if document["event"] == "article":
            self.articles[f"{len(self.articles) + 1}"] = document
            return {"url": f"{self.base}/info/{len(self.articles)}.htm"}
        number = next(each for each, known in self.articles.items() if known["id"] == document["id"])
        self.articles[number] = document
        return {"url": f"{self.base}/info/{number}.htm"}


# --- SFTP ------------------------------------------------------------------------------------------------


class _Gate(paramiko.ServerInterface):  # type: ignore[misc]  # publishes no types
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return int(paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002  # as paramiko calls it
        return int(paramiko.OPEN_SUCCEEDED)


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]  # publishes no types
    """A folder of this machine, with what a client of ours asks for."""

    root: ClassVar[Path]
    log: ClassVar[list[str]]
    fail_after: ClassVar[list[int]]
    pause: ClassVar[list[float]]

    def _real(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
        except OSError as fault:
            return paramiko.SFTPServer.convert_errno(fault.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: object) -> Any:  # noqa: ARG002  # as paramiko calls it
        if self.pause:
            time.sleep(self.pause[0])
        if self.fail_after:
            self.fail_after[0] -= 1
            if self.fail_after[0] < 0:
                return paramiko.SFTP_FAILURE
        try:
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = handle.writefile = self._real(path).open("w+b" if flags & os.O_WRONLY else "rb")
        except OSError as fault:
            return paramiko.SFTPServer.convert_errno(fault.errno or 0)
        return handle

    def remove(self, path: str) -> int:
        self.log.append(f"remove {path}")
        return self._done(lambda: self._real(path).unlink())

    def mkdir(self, path: str, attr: object) -> int:  # noqa: ARG002  # as paramiko calls it
        return self._done(lambda: self._real(path).mkdir())

    def chattr(self, path: str, attr: object) -> int:  # noqa: ARG002  # as paramiko calls it
        return int(paramiko.SFTP_OK)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        self.log.append(f"put {newpath}")
        return self._done(lambda: self._real(oldpath).replace(self._real(newpath)))

    @staticmethod
    def _done(act: Any) -> int:
        try:
            act()
        except OSError as fault:
            return int(paramiko.SFTPServer.convert_errno(fault.errno or 0))
        return int(paramiko.SFTP_OK)


@dataclass
class SftpServer:
    """An SSH server that hands out one folder. `log` names what was put and removed, `fail_after` = [n] lets the
    n-th file after now fail, `pause` = [s] makes each file take so many seconds.
    """

    root: Path
    log: list[str] = field(default_factory=list)
    fail_after: list[int] = field(default_factory=list)
    pause: list[float] = field(default_factory=list)
    key: Any = field(default_factory=lambda: paramiko.ECDSAKey.generate(bits=256))
    port: int = 0

    @property
    def host_key(self) -> str:
        return f"{self.key.get_name()} {self.key.get_base64()}"

    @contextmanager
    def running(self) -> Iterator[int]:
        told = {"root": self.root, "log": self.log, "fail_after": self.fail_after, "pause": self.pause}
        files = type("Files", (_Files,), told)
        key = self.key

        class Line(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                transport = paramiko.Transport(self.request)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
                with suppress(paramiko.SSHException, EOFError, OSError):
                    transport.start_server(server=_Gate())
                    while transport.is_active():
                        time.sleep(0.02)
                transport.close()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        with Server(("127.0.0.1", 0), Line) as server:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            self.port = server.server_address[1]
            yield self.port
            server.shutdown()
