"""Lengths and missing parts, before WeChat refuses them (draft/add: title 64, author 16, digest 120 characters).

WeChat counts the body with all its mark-up; that is counted where the mark-up is made. Here only the plain
text is known, which is a lower bound: over the limit it is certain to be refused, near it likely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from models import FindingLevel
from services.screening.catalogue import RULES
from services.screening.marks import Mark

TITLE_LIMIT = 64
TITLE_COMFORT = 32
DIGEST_LIMIT = 120
AUTHOR_LIMIT = 16
BODY_LIMIT = 20_000
BODY_COMFORT = 12_000

_SOURCE = re.compile(r"来源|转载|转自|原载|原文|摘自|据.{2,20}(?:报|社|网|台|公众号)")


def title_marks(title: str) -> Iterator[Mark]:
    """A title is required, at most 64 characters; longer than 32 is cut in message lists."""
    if not title.strip():
        yield _missing("title", "length.title", FindingLevel.BLOCK, "请填写标题。")
    elif len(title) > TITLE_LIMIT:
        yield _overlong("title", FindingLevel.BLOCK, title, TITLE_LIMIT, "微信不接收，请缩短。")
    elif len(title) > TITLE_COMFORT:
        yield _overlong("title", FindingLevel.INFO, title, TITLE_COMFORT, "消息列表里会被截断，建议缩短。")


def digest_marks(digest: str) -> Iterator[Mark]:
    """The digest may be empty (WeChat then takes the first 54 characters), at most 120 characters."""
    if len(digest) > DIGEST_LIMIT:
        yield _overlong("digest", FindingLevel.BLOCK, digest, DIGEST_LIMIT, "微信不接收，请缩短。")


def author_marks(author: str) -> Iterator[Mark]:
    """An item names who answers for it; at most 16 characters."""
    if not author.strip():
        yield _missing("author", "length.author", FindingLevel.WARN, "请填写作者或供稿部门。")
    elif len(author) > AUTHOR_LIMIT:
        yield _overlong("author", FindingLevel.BLOCK, author, AUTHOR_LIMIT, "微信不接收，请缩短。")


def body_marks(body: str) -> Iterator[Mark]:
    """A body has text, and room for the mark-up within WeChat's 20,000 characters."""
    if not body.strip():
        yield _missing("body", "length.body", FindingLevel.BLOCK, "正文没有文字，请补充；微信不接收只有图片的正文。")
    elif len(body) >= BODY_LIMIT:
        yield _overlong("body", FindingLevel.BLOCK, body, BODY_LIMIT - 1, "微信不接收，请分篇发布。")
    elif len(body) > BODY_COMFORT:
        advice = "加上排版代码可能超出微信上限，建议分篇。"
        yield _overlong("body", FindingLevel.WARN, body, BODY_COMFORT, advice)


def source_marks(body: str, source_kind: str) -> Iterator[Mark]:
    """A reprint names its source in the text (互联网用户公众账号信息服务管理规定 17)."""
    if source_kind == "reprint" and body.strip() and not _SOURCE.search(body):
        yield _missing("body", "length.source", FindingLevel.WARN, "转载稿件请在正文写明来源、原作者和原文链接。")


def credit_marks(pictures: int, photographer: str, source_kind: str) -> Iterator[Mark]:
    """Own pictures name who took them (著作权法 10: 署名权)."""
    if pictures and not photographer.strip() and source_kind == "original":
        advice = f"正文有 {pictures} 张图片，还没有写摄影：请填写“摄影”一栏，或在图片登记里写明来源。"
        yield _missing("body", "length.credits", FindingLevel.INFO, advice)


def _overlong(field: str, level: FindingLevel, text: str, limit: int, advice: str) -> Mark:
    """Marks what is too much, so that the author sees where the limit falls."""
    rule = f"length.{field}"
    return Mark(
        rule=rule,
        level=level,
        quote=text[limit : limit + 20],
        start=limit,
        end=len(text),
        clause=RULES[rule].clause,
        suggestion=f"共 {len(text)} 字，超过 {limit} 字：{advice}",
        field=field,
    )


def _missing(field: str, rule: str, level: FindingLevel, suggestion: str) -> Mark:
    """Something that is not there has no place in the text: an empty mark at the start of its field."""
    return Mark(
        rule=rule,
        level=level,
        quote="",
        start=0,
        end=0,
        clause=RULES[rule].clause,
        suggestion=suggestion,
        field=field,
    )
