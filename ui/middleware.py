"""What every answer passes on its way out: security headers, and Streamlit's page made Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.brand import NAME

HEADERS = {
    # Tried against charts, components, frames, uploads and tables: nothing of Streamlit is refused by it.
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; "
        "frame-src 'self' blob: data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
OURS = ("/_stcore/", "/static/", "/media/", "/component/", "/site", "/portal/", "/wechat/", "/healthz")
"""Beginnings of addresses whose answer is never Streamlit's page."""
CONDITIONS = (b"if-none-match", b"if-modified-since", b"accept-encoding")


def middleware() -> Sequence[Middleware]:
    """In the order a request meets them."""
    return [Middleware(SecurityHeaders), Middleware(ChinesePage)]


class SecurityHeaders:
    """Adds each header that the answer does not set by itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class ChinesePage:
    """Rewrites Streamlit's one HTML page: its language, its title, and the dictionary script."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(OURS):
            await self._app(scope, receive, send)
            return
        # The page is to come whole and plain: "not modified" would mean Streamlit's own, compressed it is opaque.
        asked = [(name, value) for name, value in scope["headers"] if name not in CONDITIONS]
        await self._app({**scope, "headers": asked}, receive, _Rewriting(send))


class _Rewriting:
    """Holds an HTML answer back until it is whole; everything else passes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        page = in_chinese(self._body.decode()).encode()
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(page))
        headers["cache-control"] = "no-cache"
        for name in ("etag", "last-modified"):
            del headers[name]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": page})


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


def in_chinese(page: str) -> str:
    """Streamlit's page with our name, its language declared and the dictionary loaded."""
    return (
        page.replace('<html lang="en"', '<html lang="zh-CN"')
        .replace("<title>Streamlit</title>", f"<title>{NAME}</title>")
        .replace("</head>", '<script src="/portal/zh.js" defer></script></head>')
    )
