"""What the process answers besides the pages: health, the campus mirror, cookies, pictures, WeChat's pushes.

Routes that touch the database are plain functions: they run on a thread, where a slow one delays nobody else.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from services import health, sign_in, wechat_callback
from services.errors import InvalidInput, NotAllowed, SignedOut
from services.wechat_callback import Asked
from ui import picture_addresses, runtime
from ui.access import COOKIE
from ui.brand import ASSETS

MIRROR_HEADERS = {
    # The mirror shares this address with the desk: nothing in an article may act as the person who reads it.
    "content-security-policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox allow-downloads; default-src 'none'; "
        "img-src 'self' data:; style-src 'self' 'unsafe-inline'; media-src 'self'; base-uri 'none'; form-action 'none'"
    ),
}
NO_SUCH_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>没有这个页面</title>
<body style="font-family:sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#2b2a28">
<h1 style="font-size:1.25rem">没有这个页面</h1>
<p>文章可能已经撤下，或者地址有误。<a href="/site/">返回首页</a></p>"""
PICTURE_TYPES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}


def routes() -> Sequence[BaseRoute]:
    """Everything beside the pages. `/wechat` and `/site` are open to the world, `/portal` to our own pages."""
    return [
        Route("/healthz", healthz),
        Route("/portal/session", open_cookie, methods=["POST"]),
        Route("/portal/session", drop_cookie, methods=["DELETE"]),
        Route("/portal/assets/{sha256}", picture),
        Route("/portal/zh.js", chinese),
        Route("/wechat/callback/{account_id:int}", greet_wechat, methods=["GET"]),
        Route("/wechat/callback/{account_id:int}", hear_wechat, methods=["POST"]),
        Mount("/site", CampusMirror()),
    ]


def healthz(_request: Request) -> JSONResponse:
    """For a monitor: 200 while pages can work, 503 otherwise."""
    here = runtime.current()
    found = health.examine(here.engines)
    seen = found.worker_seen_at
    return JSONResponse(
        {
            "ok": found.database,
            "mode": here.settings.mode.value,
            "database": "ok" if found.database else "unreachable",
            "worker_seen_at": seen.isoformat() if seen else None,
            "worker_seconds_ago": round((here.now() - seen).total_seconds()) if seen else None,
        },
        status_code=200 if found.database else 503,
        headers={"cache-control": "no-store"},
    )


# --- The cookie ------------------------------------------------------------------------------------------


async def open_cookie(request: Request) -> Response:
    """Change the one-time ticket into the browser's cookie."""
    _refuse_strangers(request)
    ticket = (await request.body()).decode("ascii", "replace")
    try:
        token = await run_in_threadpool(_redeem, ticket)
    except SignedOut as refusal:
        return PlainTextResponse(refusal.sentence, status_code=403)
    answer = Response(status_code=204, headers={"cache-control": "no-store"})
    # No lifetime: it ends with the browser, its session after twelve hours at the latest.
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


def _redeem(ticket: str) -> str:
    with runtime.current().as_system() as work:
        return sign_in.redeem_ticket(work, ticket)


def drop_cookie(request: Request) -> Response:
    """Delete the cookie; its session was ended by the page that asks for this."""
    _refuse_strangers(request)
    answer = Response(status_code=204, headers={"cache-control": "no-store"})
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


def _refuse_strangers(request: Request) -> None:
    # A header of our own cannot be sent across origins without asking first, and nobody is answered.
    if request.headers.get("x-portal") != "1":
        raise HTTPException(403)
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(403)


# --- Files -----------------------------------------------------------------------------------------------


def picture(request: Request) -> Response:
    """A stored picture, for whoever holds an address we signed."""
    here, sha256 = runtime.current(), request.path_params["sha256"]
    asked = request.query_params
    if not picture_addresses.holds(
        here.secrets, here.now(), sha256, asked.get("until", ""), asked.get("signature", "")
    ):
        raise HTTPException(403)
    try:
        content = here.assets.get(sha256)
    except FileNotFoundError:
        raise HTTPException(404) from None
    media_type = next((kind for mark, kind in PICTURE_TYPES.items() if content.startswith(mark)), None)
    if media_type is None:
        raise HTTPException(415)
    return Response(content, media_type=media_type, headers={"cache-control": "private, max-age=3600, immutable"})


def chinese(_request: Request) -> Response:
    """The dictionary for what Streamlit says in English."""
    return FileResponse(ASSETS / "zh.js", media_type="text/javascript", headers={"cache-control": "max-age=3600"})


class CampusMirror:
    """The static campus pages, as files, in a sandbox."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        files = _SiteFiles(directory=runtime.current().settings.site_folder, html=True, check_dir=False)
        try:
            response = await files.get_response(files.get_path(scope), scope)
        except HTTPException as refused:
            response = HTMLResponse(NO_SUCH_PAGE, status_code=refused.status_code)
        response.headers.update(MIRROR_HEADERS)
        if scope["path"].removeprefix(scope.get("root_path", "")).startswith("/files/"):
            response.headers.update(_saved_as(QueryParams(scope["query_string"]).get("name", "")))
        await response(scope, receive, send)


def _saved_as(name: str) -> dict[str, str]:
    """Saved under the name that stands on the page, never shown: in a sandbox `download` alone is not honoured."""
    named = f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
    return {"content-disposition": f"attachment{named}", "x-content-type-options": "nosniff"}


class _SiteFiles(StaticFiles):
    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        # Files being written begin with a dot, and are nobody's business yet.
        hidden = any(part.startswith(".") and part != "." for part in Path(path).parts)
        return ("", None) if hidden else super().lookup_path(path)


# --- WeChat ----------------------------------------------------------------------------------------------


def greet_wechat(request: Request) -> Response:
    """WeChat asks, when the address is entered on its site, whether we know the token."""
    here, asked = runtime.current(), Asked.of(request.query_params)
    account_id = request.path_params["account_id"]
    try:
        with here.reading() as db:
            wechat_callback.refuse_forged(db, here.secrets, account_id=account_id, asked=asked, now=here.now())
    except NotAllowed:
        raise HTTPException(403) from None
    return PlainTextResponse(request.query_params.get("echostr", ""))


async def hear_wechat(request: Request) -> Response:
    """A push. The answer `success` ends it; anything else makes WeChat repeat it."""
    body = await request.body()
    return await run_in_threadpool(_hear, request, body)


def _hear(request: Request, body: bytes) -> Response:
    here, asked = runtime.current(), Asked.of(request.query_params)
    account_id = request.path_params["account_id"]
    try:
        with here.reading() as db:
            push = wechat_callback.read(
                db, here.secrets, here.pushes, account_id=account_id, asked=asked, now=here.now(), body=body
            )
    except NotAllowed:
        raise HTTPException(403) from None
    except InvalidInput as refusal:
        return PlainTextResponse(refusal.sentence, status_code=400)
    if wechat_callback.is_about_a_job(push):
        with here.as_system() as work:
            wechat_callback.ask_at_once(work, account_id=account_id, push=push)
    return PlainTextResponse("success")
