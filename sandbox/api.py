"""The platform's calls: one table of endpoints, one way in.

Every call passes the same gates in the same order: faults that strike first, method, token, daily quota, rights of
the account, then the work; then faults that strike afterwards. Refusals are HTTP 200 with `errcode`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox import comments, drafts, library, mass, publishing, quotas, readership, tokens
from sandbox.errors import ApiError, errmsg
from sandbox.faults import ANSWERING, Effect, Fault
from sandbox.library import Upload
from sandbox.platform import Platform
from sandbox.raw_json import parse_object
from sandbox.records import Account, Fields

OK: Fields = {"errcode": 0, "errmsg": "ok"}
LARGEST_PAGE = 20
GATEWAY_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
BEFORE_COMMIT = {Effect.ERRCODE, Effect.DROP_BEFORE_COMMIT, Effect.HTTP}


@dataclass(frozen=True)
class Asked:
    """One call as its handler sees it."""

    platform: Platform
    method: str
    query: Mapping[str, str]
    raw: bytes
    upload: Upload | None
    ip: str
    account: Account = field(default_factory=lambda: Account("", ""))

    def body(self) -> Fields:
        return parse_object(self.raw)


Handler = Callable[[Asked], Fields]


@dataclass(frozen=True)
class Endpoint:
    """How an endpoint is called and who may. The two token endpoints need no token and count their own quota."""

    handler: Handler
    method: str = "POST"
    needs_token: bool = True
    verified_only: bool = False


class Dropped(Response):
    """No answer at all: the connection is cut."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        scope["state"]["cut_connection"]()
        while (await receive())["type"] != "http.disconnect":
            continue


def advance(platform: Platform) -> None:
    """Let what is due happen: publications and mass sends end, and their events are queued."""
    publishing.finish_due(platform)
    mass.finish_due(platform)


async def answer(request: Request) -> Response:
    """Answer one call to ``/cgi-bin/…`` or ``/datacube/…`` and record it."""
    platform: Platform = request.app.state.platform
    endpoint = request.url.path.strip("/").removeprefix("cgi-bin/")
    asked = await _read(request, platform)
    await asyncio.sleep(platform.faults.take_waiting(endpoint, Effect.DELAY))
    fault = platform.faults.take(endpoint, ANSWERING)
    with platform.transaction():
        rid = platform.new_rid()
        answered, committed = _work(asked, endpoint, fault, rid)
        response, outcome = _response(answered, fault)
        platform.record(
            at=platform.clock(),
            method=request.method,
            path=request.url.path,
            endpoint=endpoint,
            appid=_caller(asked),
            body_size=len(asked.raw),
            outcome=outcome,
            errcode=int(answered.get("errcode", 0)),
            committed=committed,
            rid=rid,
        )
    await asyncio.sleep(platform.faults.take_waiting(endpoint, Effect.DELAY_AFTER_COMMIT))
    return response


async def _read(request: Request, platform: Platform) -> Asked:
    raw = await request.body()
    upload = None
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            part = form.get("media")
            if isinstance(part, UploadFile):
                upload = Upload(part.filename or "", await part.read())
    ip = request.client.host if request.client else ""
    return Asked(platform, request.method, request.query_params, raw, upload, ip)


def _work(asked: Asked, endpoint: str, fault: Fault | None, rid: str) -> tuple[Fields, bool]:
    """Return the answer, and whether the platform did what was asked."""
    advance(asked.platform)
    try:
        _fail_before_commit(fault)
        answered = _handle(asked, endpoint)
    except ApiError as refusal:
        return {**_refused(asked, refusal.errcode, rid), **refusal.fields}, False
    if fault and fault.effect is Effect.ERRCODE_AFTER_COMMIT:
        return _refused(asked, fault.number, rid), True
    return answered, True


def _fail_before_commit(fault: Fault | None) -> None:
    if fault and fault.effect in BEFORE_COMMIT:
        raise ApiError(fault.number if fault.effect is Effect.ERRCODE else -1)


def _refused(asked: Asked, errcode: int, rid: str) -> Fields:
    return {"errcode": errcode, "errmsg": errmsg(errcode, ip=asked.ip, rid=rid)}


def _caller(asked: Asked) -> str:
    """Return whose call it is, as far as its address tells."""
    token = asked.platform.tokens.get(asked.query.get("access_token", ""))
    return token.appid if token else asked.query.get("appid", "")


def _handle(asked: Asked, name: str) -> Fields:
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        raise ApiError(40066)
    if asked.method != endpoint.method:
        raise ApiError(43001 if endpoint.method == "GET" else 43002)
    if not endpoint.needs_token:
        return endpoint.handler(asked)
    account = tokens.account_of(asked.platform, asked.query.get("access_token", ""))
    quotas.spend(asked.platform, account, name)
    if endpoint.verified_only and not account.verified:
        raise ApiError(48001)
    return endpoint.handler(replace(asked, account=account))


def _response(answered: Fields, fault: Fault | None) -> tuple[Response, str]:
    body = json.dumps(answered, ensure_ascii=False, separators=(",", ":")).encode()
    effect = fault.effect if fault else None
    if fault and effect in {Effect.HTTP, Effect.HTTP_AFTER_COMMIT}:
        page = GATEWAY_PAGE.format(f"{fault.number} Bad Gateway" if fault.number == 502 else str(fault.number))
        return Response(page, fault.number, media_type="text/html"), f"http {fault.number}"
    if effect in {Effect.DROP_BEFORE_COMMIT, Effect.DROP_AFTER_COMMIT}:
        return Dropped(), "dropped"
    if effect is Effect.CUT_JSON:
        return Response(body[: len(body) // 2], media_type="application/json; encoding=utf-8"), "cut"
    outcome = f"errcode {answered['errcode']}" if answered.get("errcode") else "ok"
    return Response(body, media_type="application/json; encoding=utf-8"), outcome


def _get_token(asked: Asked) -> Fields:
    if asked.query.get("grant_type") != "client_credential":
        raise ApiError(40002)
    account = _identified(asked, asked.query)
    token = tokens.issue_plain(asked.platform, account)
    return {"access_token": token.value, "expires_in": tokens.LIFETIME}


def _get_stable_token(asked: Asked) -> Fields:
    body = asked.body()
    if body.get("grant_type") != "client_credential":
        raise ApiError(40002)
    account = _identified(asked, body)
    token = tokens.issue_stable(asked.platform, account, force_refresh=body.get("force_refresh") is True)
    return {"access_token": token.value, "expires_in": round(token.expires_at - asked.platform.clock())}


def _identified(asked: Asked, given: Mapping[str, Any]) -> Account:
    appid, secret = str(given.get("appid") or ""), str(given.get("secret") or "")
    return tokens.identify(asked.platform, appid=appid, secret=secret, ip=asked.ip)


def _upload_image(asked: Asked) -> Fields:
    return {"url": library.upload_body_picture(asked.platform, asked.account, asked.upload), **OK}


def _add_material(asked: Asked) -> Fields:
    media_type = asked.query.get("type", "")
    material = library.add_material(asked.platform, asked.account, asked.upload, media_type=media_type)
    return {"media_id": material.media_id, "url": library.material_address(asked.platform, material.media_id)}


def _upload_temporary(asked: Asked) -> Fields:
    media_type = asked.query.get("type", "")
    material = library.add_temporary(asked.platform, asked.account, asked.upload, media_type=media_type)
    return {"type": media_type, "media_id": material.media_id, "created_at": int(asked.platform.clock())}


def _del_material(asked: Asked) -> Fields:
    library.delete_material(asked.platform, asked.account, asked.body().get("media_id", ""))
    return OK


def _draft_add(asked: Asked) -> Fields:
    return {"media_id": drafts.add(asked.platform, asked.account, asked.body().get("articles")).media_id}


def _draft_get(asked: Asked) -> Fields:
    draft = drafts.get(asked.platform, asked.account, asked.body().get("media_id"))
    return {
        "news_item": drafts.news_items(asked.platform, draft),
        "create_time": int(draft.created_at),
        "update_time": int(draft.updated_at),
    }


def _draft_update(asked: Asked) -> Fields:
    body = asked.body()
    index, article = body.get("index"), body.get("articles")
    drafts.update(asked.platform, asked.account, body.get("media_id"), index=index, article=article)
    return OK


def _draft_delete(asked: Asked) -> Fields:
    drafts.delete(asked.platform, asked.account, asked.body().get("media_id"))
    return OK


def _draft_count(asked: Asked) -> Fields:
    return {"total_count": len(drafts.of_account(asked.platform, asked.account))}


def _draft_batchget(asked: Asked) -> Fields:
    offset, count, with_content = _paging(asked.body())
    every = drafts.of_account(asked.platform, asked.account)
    items = [
        {
            "media_id": draft.media_id,
            "content": {"news_item": drafts.news_items(asked.platform, draft, with_content=with_content)},
            "update_time": int(draft.updated_at),
        }
        for draft in every[offset : offset + count]
    ]
    return {"total_count": len(every), "item_count": len(items), "item": items}


def _draft_switch(asked: Asked) -> Fields:  # noqa: ARG001  the switch is the same for everyone
    return {**OK, "is_open": 1}


def _publish_submit(asked: Asked) -> Fields:
    job = publishing.submit(asked.platform, asked.account, asked.body().get("media_id"))
    return {**OK, "publish_id": int(job.publish_id), "msg_data_id": job.msg_data_id}


def _publish_get(asked: Asked) -> Fields:
    job = publishing.find(asked.platform, asked.account, asked.body().get("publish_id"))
    return publishing.status_answer(asked.platform, job)


def _publish_getarticle(asked: Asked) -> Fields:
    article_id = asked.body().get("article_id")
    publication = publishing.find_publication(asked.platform, asked.account, article_id)
    return {"news_item": publishing.news_items(asked.platform, publication)}


def _publish_batchget(asked: Asked) -> Fields:
    offset, count, with_content = _paging(asked.body())
    every = publishing.listed(asked.platform, asked.account)
    items = [
        {
            "article_id": each.article_id,
            "content": {"news_item": publishing.news_items(asked.platform, each, with_content=with_content)},
            "update_time": int(each.published_at),
        }
        for each in every[offset : offset + count]
    ]
    return {"total_count": len(every), "item_count": len(items), "item": items}


def _publish_delete(asked: Asked) -> Fields:
    body = asked.body()
    publishing.delete(asked.platform, asked.account, body.get("article_id"), index=body.get("index", 0))
    return OK


def _paging(body: Mapping[str, Any]) -> tuple[int, int, bool]:
    """Return offset, count and whether bodies are wanted, or raise 40097 (count must be 1 to 20)."""
    offset, count = body.get("offset", 0), body.get("count")
    if not isinstance(offset, int) or offset < 0 or not isinstance(count, int) or not 1 <= count <= LARGEST_PAGE:
        raise ApiError(40097)
    return offset, count, not body.get("no_content")


def _mass_send_all(asked: Asked) -> Fields:
    sent = mass.send_all(asked.platform, asked.account, asked.body())
    ids = {"msg_id": int(sent.msg_id), "msg_data_id": sent.msg_data_id}
    return {"errcode": 0, "errmsg": "send job submission success", **ids}


def _mass_preview(asked: Asked) -> Fields:
    mass.preview(asked.platform, asked.account, asked.body())
    return {"errcode": 0, "errmsg": "preview success"}


def _mass_get(asked: Asked) -> Fields:
    sent = mass.find(asked.platform, asked.account, asked.body().get("msg_id"))
    return {"msg_id": int(sent.msg_id), "msg_status": str(sent.status)}


def _mass_delete(asked: Asked) -> Fields:
    mass.delete(asked.platform, asked.account, asked.body())
    return OK


def _comment_open(asked: Asked) -> Fields:
    comments.set_open(asked.platform, asked.account, asked.body(), opened=True)
    return OK


def _comment_close(asked: Asked) -> Fields:
    comments.set_open(asked.platform, asked.account, asked.body(), opened=False)
    return OK


def _comment_list(asked: Asked) -> Fields:
    return {**OK, **comments.listed(asked.platform, asked.account, asked.body())}


def _figures(read: Callable[[Platform, Account, list[str]], Fields]) -> Handler:
    def handler(asked: Asked) -> Fields:
        return read(asked.platform, asked.account, readership.days_asked(asked.platform, asked.body()))

    return handler


def _quota_get(asked: Asked) -> Fields:
    name = str(asked.body().get("cgi_path", "")).strip("/").removeprefix("cgi-bin/")
    if name not in ENDPOINTS:
        raise ApiError(76021)
    return {**OK, **quotas.read(asked.platform, asked.account, name)}


def _clear_quota(asked: Asked) -> Fields:
    if asked.body().get("appid") != asked.account.appid:
        raise ApiError(40013)
    quotas.clear(asked.platform, asked.account)
    return OK


def _addresses(asked: Asked) -> Fields:  # noqa: ARG001  this platform has one address
    return {"ip_list": ["127.0.0.1"]}


def _callback_check(asked: Asked) -> Fields:
    body = asked.body()
    action, operator = body.get("action"), body.get("check_operator")
    if action not in {"dns", "ping", "all"}:
        raise ApiError(40201)
    if operator not in {"CHINANET", "UNICOM", "CAP", "DEFAULT"}:
        raise ApiError(40202)
    dns = [{"ip": "127.0.0.1", "real_operator": operator}]
    ping = [{"ip": "127.0.0.1", "from_operator": operator, "package_loss": "0%", "time": "0.1ms"}]
    return {"dns": dns if action != "ping" else [], "ping": ping if action != "dns" else []}


ENDPOINTS: Mapping[str, Endpoint] = {
    "token": Endpoint(_get_token, method="GET", needs_token=False),
    "stable_token": Endpoint(_get_stable_token, needs_token=False),
    "media/uploadimg": Endpoint(_upload_image),
    "media/upload": Endpoint(_upload_temporary),
    "material/add_material": Endpoint(_add_material),
    "material/del_material": Endpoint(_del_material),
    "draft/add": Endpoint(_draft_add),
    "draft/get": Endpoint(_draft_get),
    "draft/update": Endpoint(_draft_update),
    "draft/delete": Endpoint(_draft_delete),
    "draft/count": Endpoint(_draft_count, method="GET"),
    "draft/batchget": Endpoint(_draft_batchget),
    "draft/switch": Endpoint(_draft_switch),
    "freepublish/submit": Endpoint(_publish_submit, verified_only=True),
    "freepublish/get": Endpoint(_publish_get, verified_only=True),
    "freepublish/getarticle": Endpoint(_publish_getarticle, verified_only=True),
    "freepublish/batchget": Endpoint(_publish_batchget, verified_only=True),
    "freepublish/delete": Endpoint(_publish_delete, verified_only=True),
    "message/mass/sendall": Endpoint(_mass_send_all, verified_only=True),
    "message/mass/preview": Endpoint(_mass_preview, verified_only=True),
    "message/mass/get": Endpoint(_mass_get, verified_only=True),
    "message/mass/delete": Endpoint(_mass_delete, verified_only=True),
    "comment/open": Endpoint(_comment_open, verified_only=True),
    "comment/close": Endpoint(_comment_close, verified_only=True),
    "comment/list": Endpoint(_comment_list, verified_only=True),
    "datacube/getbizsummary": Endpoint(_figures(readership.summary), verified_only=True),
    "datacube/getarticletotaldetail": Endpoint(_figures(readership.totals), verified_only=True),
    "datacube/getusercumulate": Endpoint(_figures(readership.cumulated_followers), verified_only=True),
    "openapi/quota/get": Endpoint(_quota_get),
    "clear_quota": Endpoint(_clear_quota),
    "get_api_domain_ip": Endpoint(_addresses, method="GET"),
    "getcallbackip": Endpoint(_addresses, method="GET"),
    "callback/check": Endpoint(_callback_check),
}
