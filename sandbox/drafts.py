"""The draft box: what is checked before an article is stored, and what is stored.

WeChat doc: api_draft_add, api_getdraft, api_draft_update, api_draft_delete, api_draft_batchget. Lengths count
characters of the raw body, so escapes count as they are written.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox import content_filter, library
from sandbox.errors import ApiError
from sandbox.platform import Platform
from sandbox.records import Account, Draft, Fields

ARTICLES_PER_DRAFT = 8
TITLE_CHARACTERS = 64
AUTHOR_CHARACTERS = 16
DIGEST_CHARACTERS = 120
DEFAULT_DIGEST_CHARACTERS = 54
CONTENT_CHARACTERS = 20_000
CONTENT_BYTES = 1024 * 1024
SOURCE_URL_BYTES = 1024
PICTURES_PER_NEWSPIC = 20
CROPS = ("pic_crop_235_1", "pic_crop_1_1")


def add(platform: Platform, account: Account, articles: object) -> Draft:
    """Store one to eight articles and return their draft."""
    if not isinstance(articles, list) or not articles:
        raise ApiError(44003)
    if len(articles) > ARTICLES_PER_DRAFT:
        raise ApiError(45008)
    stored = [_accepted(platform, account, article, alone=len(articles) == 1) for article in articles]
    now = platform.clock()
    draft = Draft(secrets.token_urlsafe(48), account.appid, platform.next_number(), stored, now, now)
    return platform.drafts.put(draft)


def written_by_hand(platform: Platform, account: Account, text: dict[str, str], *, cover: str) -> Fields:
    """Return an article from the platform's own editor as stored; its cover is a picture of the body, or none."""
    _check_lengths(platform, text)
    body = content_filter.keep(text["content"])
    digest = text["digest"] or content_filter.plain_text(body)[:DEFAULT_DIGEST_CHARACTERS]
    thumb = library.cover_from(platform, account, cover) if cover else ""
    stored = {**text, "digest": digest, "content": body, "thumb_media_id": thumb}
    return {"article_type": "news", **stored, "show_cover_pic": 0, "need_open_comment": 0, "only_fans_can_comment": 0}


def get(platform: Platform, account: Account, media_id: object) -> Draft:
    """Return a draft, or raise 40007: unknown, another account's, deleted, or already published."""
    draft = platform.drafts.get(media_id) if isinstance(media_id, str) else None
    if draft is None or draft.appid != account.appid:
        raise ApiError(40007)
    return draft


def update(platform: Platform, account: Account, media_id: object, *, index: object, article: object) -> None:
    """Replace one article of a draft; `index` counts from 0."""
    draft = get(platform, account, media_id)
    if not isinstance(index, int) or not 0 <= index < len(draft.articles):
        raise ApiError(40114)
    if isinstance(article, list):
        raise ApiError(44003)
    draft.articles[index] = _accepted(platform, account, article, alone=len(draft.articles) == 1)
    draft.updated_at = platform.clock()
    platform.drafts.put(draft)


def delete(platform: Platform, account: Account, media_id: object) -> None:
    platform.drafts.drop(get(platform, account, media_id).media_id)


def of_account(platform: Platform, account: Account) -> list[Draft]:
    """Return an account's drafts, the newest first."""
    mine = [draft for draft in platform.drafts if draft.appid == account.appid]
    return sorted(mine, key=lambda draft: (draft.updated_at, draft.number), reverse=True)


def news_items(platform: Platform, draft: Draft, *, with_content: bool = True) -> list[Fields]:
    """Return a draft's articles as the platform lists them, each with the address of its preview."""
    return [
        {**shown(platform, article, with_content=with_content), "url": platform.draft_url(draft, index)}
        for index, article in enumerate(draft.articles)
    ]


def shown(platform: Platform, article: Fields, *, with_content: bool = True) -> Fields:
    """Return an article's fields for an answer: its cover's address added, its body left out on demand."""
    fields = {name: value for name, value in article.items() if with_content or name != "content"}
    thumb = article.get("thumb_media_id", "")
    return {**fields, "thumb_url": library.material_address(platform, thumb)} if thumb else fields


def _accepted(platform: Platform, account: Account, article: object, *, alone: bool) -> Fields:
    """Return an article's fields as stored, or raise what is wrong with it."""
    if not isinstance(article, dict):
        raise ApiError(44003)
    text = _texts(article)
    _check_lengths(platform, text)
    comments = {name: _switch(article, name) for name in ("need_open_comment", "only_fans_can_comment")}
    if comments["need_open_comment"] and not account.can_comment:
        raise ApiError(88000)
    kind = article.get("article_type") or "news"
    if kind == "newspic":
        pictures = _newspic_pictures(platform, account, article)
        return {"article_type": kind, **text, "content": text["content"], **comments, "image_info": pictures}
    if kind != "news":
        raise ApiError(40097)
    cover = library.permanent(platform, account, article.get("thumb_media_id"))
    crops = {name: _crop(article[name]) for name in CROPS if article.get(name)}
    body = content_filter.keep(text["content"])
    digest = text["digest"] or (content_filter.plain_text(body)[:DEFAULT_DIGEST_CHARACTERS] if alone else "")
    stored = {**text, "digest": digest, "content": body, "thumb_media_id": cover.media_id}
    return {"article_type": kind, **stored, "show_cover_pic": 0, **comments, **crops}


def _texts(article: Mapping[str, Any]) -> dict[str, str]:
    texts = {}
    for name in ("title", "author", "digest", "content", "content_source_url"):
        value = article.get(name, "")
        if value is not None and not isinstance(value, str):
            raise ApiError(47001)
        texts[name] = value or ""
    return texts


def _check_lengths(platform: Platform, text: Mapping[str, str]) -> None:
    if not text["title"].strip() or len(text["title"]) > TITLE_CHARACTERS:
        raise ApiError(45003)
    if len(text["author"]) > AUTHOR_CHARACTERS:
        raise ApiError(45110)
    digest_bytes = platform.settings.digest_bytes
    if len(text["digest"]) > DIGEST_CHARACTERS:
        raise ApiError(45004)
    if digest_bytes is not None and len(text["digest"].encode()) > digest_bytes:
        raise ApiError(45004)
    if not text["content"].strip():
        raise ApiError(44004)
    if len(text["content"]) >= CONTENT_CHARACTERS or len(text["content"].encode()) >= CONTENT_BYTES:
        raise ApiError(45002)
    _check_source(text["content_source_url"])


def _check_source(address: str) -> None:
    if len(address.encode()) > SOURCE_URL_BYTES:
        raise ApiError(45005)
    if address and not address.startswith(("http://", "https://")):
        raise ApiError(41039)


def _switch(article: Mapping[str, Any], name: str) -> int:
    value = article.get(name, 0)
    if value not in (0, 1):
        raise ApiError(40097)
    return int(value)


def _crop(value: object) -> str:
    """Return a crop ``X1_Y1_X2_Y2`` whose corners lie in 0..1 in order, or raise 53402."""
    try:
        left, top, right, bottom = (float(part) for part in str(value).split("_"))
    except ValueError as error:
        raise ApiError(53402) from error
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ApiError(53402)
    return str(value)


def _newspic_pictures(platform: Platform, account: Account, article: Mapping[str, Any]) -> Fields:
    info = article.get("image_info")
    listed = info.get("image_list") if isinstance(info, dict) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= PICTURES_PER_NEWSPIC:
        raise ApiError(40097)
    ids = [entry.get("image_media_id") if isinstance(entry, dict) else None for entry in listed]
    return {"image_list": [{"image_media_id": library.permanent(platform, account, each).media_id} for each in ids]}
