"""The platform on a real socket, on this machine only."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox import api, control, pages
from sandbox.events import Courier
from sandbox.platform import Platform

LOOPBACK = "127.0.0.1"
START_WITHIN = 10.0
ANY_METHOD = ["GET", "POST", "PUT", "DELETE"]


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 that lets a response cut its connection instead of answering."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut_connection": transport.abort}


def build_app(platform: Platform) -> Starlette:
    """Return the platform as an ASGI application; events are pushed and time passes while it is up."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        courier = Courier(platform, advance=api.advance)
        courier.start()
        try:
            yield
        finally:
            await asyncio.to_thread(courier.stop)

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/cgi-bin/{call:path}", api.answer, methods=ANY_METHOD),
            Route("/datacube/{call:path}", api.answer, methods=ANY_METHOD),
            Route("/", pages.published),
            Route("/drafts", pages.draft_box),
            Route("/draft/{media_id}/{index:int}", pages.draft),
            Route("/draft/{media_id}/publish", pages.publish_by_hand, methods=["POST"]),
            Route("/s/{slug}", pages.article),
            Route(pages.PICTURE_ROUTE + "/{route:path}", pages.picture),
            Route("/write", pages.write),
            Route("/write", pages.publish_written, methods=["POST"]),
            Route("/write.js", pages.write_script),
            Route("/console", pages.console),
            Route("/console", pages.press, methods=["POST"]),
            Route("/sandbox/state", control.state),
            Route("/sandbox/calls", control.calls),
            Route("/sandbox/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/sandbox/accounts/{appid}", control.account, methods=["PUT"]),
            Route("/sandbox/accounts/{appid}/tokens/{how}", control.end_tokens, methods=["POST"]),
            Route("/sandbox/publications/{article_id}/ban", control.ban, methods=["POST"]),
        ],
    )
    app.state.platform = platform
    app.state.templates = pages.templates()
    return app


class RunningSandbox:
    """A platform that answers at `base_url` from a thread of this process until `stop` is called."""

    def __init__(self, platform: Platform, listener: socket.socket) -> None:
        self.platform = platform
        self.port: int = listener.getsockname()[1]
        self.base_url = f"http://{LOOPBACK}:{self.port}"
        platform.public_url = platform.public_url or self.base_url
        self._listener = listener
        self._server = uvicorn.Server(
            uvicorn.Config(
                build_app(platform),
                http=CuttableProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)
        self._thread.start()
        self._wait_until_started()

    def stop(self) -> None:
        """Stop answering, finish the push under way, and close the platform's folder."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()
        self.platform.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        self._server.run(sockets=[self._listener])

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.002)


def start(port: int = 0, platform: Platform | None = None) -> RunningSandbox:
    """Start a platform on a loopback port (0 lets the system choose) and return when it answers.

    Raises OSError when the port is taken.
    """
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it each POST waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    return RunningSandbox(platform or Platform(), listener)
