"""Comments of an article (留言): whether they are open. Nobody writes any on this platform.

WeChat doc: api/leaving. Articles are named by `msg_data_id` and an index that counts from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.errors import ApiError
from sandbox.platform import Platform
from sandbox.records import Account, Fields, PublishedPage

LARGEST_PAGE = 49


def set_open(platform: Platform, account: Account, body: Mapping[str, Any], *, opened: bool) -> None:
    """Open or close comments of one article: 88000 without the right, 88001 for an article nobody published."""
    page = _page(platform, account, body)
    page.article["need_open_comment"] = int(opened)


def listed(platform: Platform, account: Account, body: Mapping[str, Any]) -> Fields:
    """Return the comments of one article; fewer than 50 may be asked for at once."""
    _page(platform, account, body)
    count = body.get("count")
    if not isinstance(count, int) or not 1 <= count <= LARGEST_PAGE:
        raise ApiError(40097)
    return {"total": 0, "comment": []}


def _page(platform: Platform, account: Account, body: Mapping[str, Any]) -> PublishedPage:
    if not account.can_comment:
        raise ApiError(88000)
    index = body.get("index", 0)
    for publication in platform.publications:
        if publication.appid == account.appid and publication.msg_data_id == body.get("msg_data_id"):
            if not isinstance(index, int) or not 0 <= index < len(publication.pages):
                raise ApiError(40114)
            platform.publications.put(publication)
            return publication.pages[index]
    raise ApiError(88001)
