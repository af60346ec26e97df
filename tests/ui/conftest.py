"""Our routes and middleware on a real socket, without Streamlit behind them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.desk import Desk
from ui import middleware, routes

STREAMLIT_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Streamlit</title></head><body>You need JavaScript</body></html>'
)


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(STREAMLIT_PAGE, headers={"etag": "theirs", "last-modified": "theirs"})

    app = Starlette(routes=[*routes.routes(), Route("/{path:path}", page)], middleware=list(middleware.middleware()))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def address(_server: str, desk: Desk) -> str:  # noqa: ARG001  # the routes answer from the installed runtime
    """Where the routes answer, for the school of this test."""
    return _server
