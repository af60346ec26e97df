"""What people look at: article pages as a follower's phone shows them, the draft box, and the fault console."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox import api, content_filter, library, publishing, tokens, writing
from sandbox.calendar import day, local_time
from sandbox.errors import ApiError
from sandbox.faults import Effect, FaultSpecError
from sandbox.platform import Platform
from sandbox.records import Account, Fields, Publication, PublishedPage

POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)
RECENT = 30
PICTURE_ROUTE = "/mmbiz"

_PICTURE_SOURCE = re.compile(rf'\s(?:data-)?src="https?://{re.escape(library.PICTURE_HOST)}/')
_EFFECTS = [
    (Effect.DROP_AFTER_COMMIT, "做完以后断开，不回答"),
    (Effect.DROP_BEFORE_COMMIT, "什么也不做就断开"),
    (Effect.ERRCODE, "拒绝并返回错误码（填数值）"),
    (Effect.ERRCODE_AFTER_COMMIT, "做完以后却返回错误码（填数值）"),
    (Effect.HTTP, "返回网关错误页（填 502）"),
    (Effect.HTTP_AFTER_COMMIT, "做完以后返回网关错误页（填 502）"),
    (Effect.CUT_JSON, "回答只有半截"),
    (Effect.DELAY, "先等一会儿再做（填秒数）"),
    (Effect.DELAY_AFTER_COMMIT, "做完以后很久才回答（填秒数）"),
    (Effect.OUTCOME, "受理，但最终结果为（填状态）"),
    (Effect.LOST, "事件推送丢失"),
    (Effect.TWICE, "事件推送两遍"),
]
AT_A_PUBLICATION: Mapping[str, Callable[[Platform, Publication], None]] = {
    "ban": publishing.ban,
    "delete": lambda platform, publication: publishing.delete_pages(platform, publication, index=0),
    "tamper": publishing.tamper,
}
WRONG_IN_EDITOR = {
    45003: "标题要填写，最多 64 字。",
    45110: "作者最多 16 字。",
    45004: "摘要最多 120 字。",
    44004: "正文还是空的：从微审台复制正文，粘贴到编辑框里。",
    45002: "正文连同排版超过 2 万字符。",
    45028: "今天的群发次数已用完：去掉“群发通知”再发表。",
}
SCRIPT = Path(__file__).parent / "templates" / "write.js"
_EVENT_STATES = {"waiting": "等待推送", "delivered": "已送达", "given up": "多次失败，已放弃", "lost": "丢失"}


@dataclass(frozen=True)
class Row:
    """One article in a list of drafts or publications."""

    href: str
    title: str
    digest: str
    cover: str


@dataclass(frozen=True)
class Card:
    """One draft or publication in a list."""

    account: str
    note: str
    at: str
    rows: list[Row]


def templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    environment.globals["here"] = ""
    return environment


async def published(request: Request) -> Response:
    """Show everything published, the newest first."""
    platform = _platform(request)
    with platform.transaction():
        api.advance(platform)
        newest_first = sorted(platform.publications, key=lambda each: each.number, reverse=True)
        cards = [
            Card(
                account=_account(platform, each.appid).name,
                note="已群发" if each.notified else "已发布",
                at=_moment(each.published_at),
                rows=[_row(f"/s/{page.slug}", page.article, platform) for page in each.pages if not page.deleted],
            )
            for each in newest_first
            if not each.deleted and not each.banned
        ]
    nothing = "还没有发表过文章。"
    return _page(request, "list.html", here="published", heading="已发表", cards=cards, nothing=nothing)


async def draft_box(request: Request) -> Response:
    """Show the drafts of every account, the newest first."""
    platform = _platform(request)
    with platform.transaction():
        api.advance(platform)
        cards = [
            Card(
                account=_account(platform, draft.appid).name,
                note="发表中" if publishing.is_on_its_way(platform, draft) else "",
                at=_moment(draft.updated_at),
                rows=[
                    _row(f"/draft/{draft.media_id}/{index}", article, platform)
                    for index, article in enumerate(draft.articles)
                ],
            )
            for draft in sorted(platform.drafts, key=lambda each: each.number, reverse=True)
        ]
    nothing = "草稿箱是空的。"
    return _page(request, "list.html", here="drafts", heading="草稿箱", cards=cards, nothing=nothing)


async def article(request: Request) -> Response:
    """Show a published article and count the reading."""
    platform = _platform(request)
    with platform.transaction():
        api.advance(platform)
        found = publishing.find_page(platform, request.path_params["slug"])
        if found is None:
            return _page(request, "gone.html", status=404, sentence="链接已失效")
        publication, page = found
        if publication.banned:
            return _page(request, "gone.html", sentence="此内容因违规无法查看")
        if page.deleted:
            return _page(request, "gone.html", sentence="该内容已被发布者删除")
        today = day(platform.clock())
        page.reads[today] = page.reads.get(today, 0) + 1
        platform.publications.put(publication)
        shown = _article_fields(platform, publication.appid, page.article)
        return _page(
            request,
            "article.html",
            **shown,
            preview=False,
            media_id="",
            missing=request.query_params.get("missing", ""),
            published=_moment(publication.published_at),
            reads=_readings(page),
        )


async def draft(request: Request) -> Response:
    """Show a draft as its page would look."""
    platform = _platform(request)
    with platform.transaction():
        api.advance(platform)
        found = platform.drafts.get(request.path_params["media_id"])
        index = request.path_params["index"]
        if found is None or index >= len(found.articles):
            return _page(request, "gone.html", status=404, sentence="草稿已删除或已发表")
        shown = _article_fields(platform, found.appid, found.articles[index])
        return _page(
            request,
            "article.html",
            **shown,
            preview=True,
            media_id=found.media_id,
            missing="",
            published=_moment(found.updated_at),
            reads=0,
        )


async def publish_by_hand(request: Request) -> Response:
    """发表, as a person does on the platform's own site: at once, with or without notice to all followers.

    What goes out with a notice is not among what freepublish/batchget lists (WeChat doc: 发布能力).
    """
    platform = _platform(request)
    async with request.form() as form:
        notified = bool(form.get("notify"))
    with platform.transaction():
        api.advance(platform)
        found = platform.drafts.get(request.path_params["media_id"])
        if found is None:
            return _page(request, "gone.html", status=404, sentence="草稿已删除或已发表")
        if publishing.is_on_its_way(platform, found):
            return _page(request, "gone.html", status=409, sentence="这篇草稿正在发表")
        try:
            publication = publishing.publish_by_hand(platform, found, notified=notified)
        except ApiError:
            return _page(request, "gone.html", status=409, sentence="今天的群发次数已用完")
    return RedirectResponse(f"/s/{publication.pages[0].slug}", status_code=303)


async def write(request: Request) -> Response:
    """Show the platform's own editor."""
    return _editor(request)


def _editor(request: Request, *, given: Mapping[str, str] | None = None, wrong: str = "") -> Response:
    platform = _platform(request)
    with platform.transaction():
        known = list(platform.accounts)
    names = {"appid": "", "title": "", "author": "", "digest": "", "body": ""}
    shown = names | {name: value for name, value in (given or {}).items() if name in names}
    return _page(
        request,
        "write.html",
        status=400 if wrong else 200,
        policy=f"{POLICY}; script-src 'self'".replace("img-src 'self' data:", "img-src http: https: data:"),
        here="write",
        wrong=wrong,
        accounts=[*known, *([] if any(each.appid == writing.BY_HAND.appid for each in known) else [writing.BY_HAND])],
        # Reduced to what the platform keeps: nothing in it runs.
        given={**shown, "body": Markup(content_filter.keep(shown["body"]))},  # noqa: S704
    )


async def write_script(request: Request) -> Response:  # noqa: ARG001  the same for everyone
    """The one script of the platform: it copies the editor's content into the form."""
    return Response(SCRIPT.read_bytes(), media_type="text/javascript", headers={"X-Content-Type-Options": "nosniff"})


async def publish_written(request: Request) -> Response:
    """Publish what stands in the editor, at once."""
    platform = _platform(request)
    async with request.form(max_part_size=writing.LARGEST_BODY * 8) as form:
        given = {name: str(value) for name, value in form.items()}
    body = given.get("content", "")
    pictures = await asyncio.to_thread(writing.gather, body)
    with platform.transaction():
        api.advance(platform)
        account = platform.accounts.get(given.get("appid", "")) or platform.accounts.put(writing.BY_HAND)
        pasted = writing.paste(platform, account, body, pictures)
        try:
            publication = writing.publish(
                platform,
                account,
                title=given.get("title", "").strip(),
                author=given.get("author", "").strip(),
                digest=given.get("digest", "").strip(),
                pasted=pasted,
                notified=bool(given.get("notify")),
            )
        except ApiError as refused:
            wrong = WRONG_IN_EDITOR.get(refused.errcode, f"没有发表：错误码 {refused.errcode}。")
            return _editor(request, given=given | {"body": pasted.body}, wrong=wrong)
    lost = f"?missing={pasted.missing}" if pasted.missing else ""
    return RedirectResponse(f"/s/{publication.pages[0].slug}{lost}", status_code=303)


async def picture(request: Request) -> Response:
    """Serve a picture of the platform's picture host."""
    platform = _platform(request)
    found = platform.pictures.get("/" + request.path_params["route"])
    if found is None:
        return Response("not found", 404, media_type="text/plain")
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(platform.picture_bytes(found), media_type=found.mime, headers=headers)


async def console(request: Request) -> Response:
    """Show accounts, faults, recent calls and events."""
    return _console(request)


async def press(request: Request) -> Response:
    """Do what a button of the console asks, and show the console again."""
    platform = _platform(request)
    async with request.form() as form:
        pressed = {name: str(value).strip() for name, value in form.items()}
    try:
        with platform.transaction():
            _press(platform, pressed)
    except FaultSpecError as error:
        return _console(request, wrong=f"没有按下：{error}")
    return RedirectResponse("/console", status_code=303)


def _press(platform: Platform, pressed: Mapping[str, str]) -> None:
    match pressed:
        case {"action": "add", "target": target, "effect": effect, "value": value, "times": times}:
            platform.faults.add(f"{target}:{effect}{'=' + value if value else ''}{'*' + times if times else ''}")
        case {"action": "clear"}:
            platform.faults.clear()
        case {"action": "verify", "appid": appid}:
            if account := platform.accounts.get(appid):
                account.verified = not account.verified
                platform.accounts.put(account)
        case {"action": "expire", "appid": appid}:
            tokens.expire_all(platform, appid)
        case {"action": "ban" | "delete" | "tamper" as what, "article_id": article_id}:
            if publication := platform.publications.get(article_id):
                AT_A_PUBLICATION[what](platform, publication)


def _console(request: Request, *, wrong: str = "") -> Response:
    platform = _platform(request)
    with platform.transaction():
        api.advance(platform)
        return _page(
            request,
            "console.html",
            status=400 if wrong else 200,
            here="console",
            wrong=wrong,
            targets=["*", *api.ENDPOINTS, "event"],
            effects=_EFFECTS,
            faults=platform.faults.active(),
            accounts=list(platform.accounts),
            publications=sorted(platform.publications, key=lambda each: each.number, reverse=True)[:RECENT],
            calls=platform.calls()[: -RECENT - 1 : -1],
            events=list(platform.events)[: -RECENT - 1 : -1],
            event_states=_EVENT_STATES,
            clock=lambda at: local_time(at).strftime("%H:%M:%S"),
        )


def _platform(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def _page(request: Request, name: str, *, status: int = 200, policy: str = POLICY, **context: Any) -> Response:
    html = request.app.state.templates.get_template(name).render(**context)
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, status, headers=headers)


def _account(platform: Platform, appid: str) -> Account:
    return platform.accounts.get(appid) or Account(appid, "", name="未知公众号")


def _article_fields(platform: Platform, appid: str, article: Fields) -> Fields:
    return {
        "account": _account(platform, appid),
        "article": article,
        # The content filter has left nothing that runs, and the policy forbids scripts besides.
        "body": Markup(_PICTURE_SOURCE.sub(f' src="{PICTURE_ROUTE}/', article["content"])),  # noqa: S704
        "pictures": _newspic_pictures(platform, article),
    }


def _newspic_pictures(platform: Platform, article: Fields) -> list[str]:
    listed = article.get("image_info", {}).get("image_list", [])
    return [_local_picture(library.material_address(platform, each["image_media_id"])) for each in listed]


def _row(href: str, article: Fields, platform: Platform) -> Row:
    thumb = _local_picture(library.material_address(platform, article.get("thumb_media_id", "")))
    cover = next(iter(_newspic_pictures(platform, article)), thumb)
    return Row(href, article["title"], article["digest"], cover)


def _local_picture(address: str) -> str:
    return address.replace(f"http://{library.PICTURE_HOST}", PICTURE_ROUTE)


def _readings(page: PublishedPage) -> int:
    return sum(page.reads.values())


def _moment(at: float) -> str:
    moment = local_time(at)
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
