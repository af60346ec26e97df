"""A WordPress site over its REST interface, with an application password.

WordPress doc: REST API Handbook, Posts and Media. A post is known by its slug, which is our marker; it is looked up
before it is created and read back in doubt, so none is created twice. Pictures are known by their hash in the same
way. The body's pictures point to WordPress's own copies.

A post is read back as it is stored: what a theme or a plug-in adds when it is shown is no change of ours, and WordPress
shows other quotation marks than it stores.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import requests
from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.adapters.campus_site import NEVER_OURS
from services.adapters.http_faults import undelivered
from services.manuscript.wechat_markup import with_notice
from services.ports import (
    Cure,
    DeliveryError,
    DeliveryRefused,
    OutcomeUnknown,
    OutletFinding,
    OutletSettings,
    PublishedCopy,
    SiteArticle,
    SitePageCopy,
    SiteShelf,
    SiteTombstone,
)
from services.rules.destinations import is_this_machine

TIMEOUT = (3.05, 30.0)
POSTS, MEDIA = "posts", "media"

SENTENCES: Mapping[int, tuple[Cure, str]] = {
    400: (Cure.CONTENT, "WordPress 不接受这篇内容。请系统管理员查看原始回答，修改后再点“重试”。"),
    401: (
        Cure.ADMIN,
        "WordPress 不接受用户名或应用程序密码（也可能是服务器没有转交认证信息）。请系统管理员重新生成并填写。",
    ),
    403: (Cure.ADMIN, "WordPress 的这个用户没有发布文章或上传图片的权限。请网站管理员把它设为“作者”以上。"),
    404: (Cure.ADMIN, "这个地址没有 WordPress 的 REST 接口。请系统管理员核对网站地址，并请网站管理员开放 /wp-json。"),
    413: (Cure.CONTENT, "一张图片超过 WordPress 允许的大小。请压缩图片后重新送审，或请网站管理员调大上限。"),
    429: (Cure.LATER, "WordPress 要求稍后再试，系统会自动再试。"),
}
MOVED: tuple[Cure, str] = (Cure.ADMIN, "这个地址会跳转到别处。请系统管理员把“网站地址”改成跳转之后的地址。")
OTHER: tuple[Cure, str] = (Cure.ADMIN, "WordPress 拒绝了请求。请系统管理员查看原始回答，处理后再点“重试”。")


TAKEN_DOWN = "本文已下架"
ATTACHED = "附件"
OUR_FILE = re.compile(r"[0-9a-f]{16}\.\w+")
"""What our files are called (`queries/site.py`): the list of attachments below a post links to nothing else."""
MEGABYTE = 1 << 20
LARGEST_FILE = 32 * MEGABYTE
"""Bytes of a picture or attachment that is read back; ours are smaller."""
UNREACHED = "连不上这个网站，或它没有正常回答：请核对网站地址、证书和防火墙。"


class WordPress:
    """`Outlet` and `ReadableOutlet` over the REST interface."""

    def __init__(self, settings: OutletSettings, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._root = f"{settings.fields['address'].rstrip('/')}/wp-json/wp/v2"
        self._auth = (settings.fields["user"], settings.secret)
        self._host = urlsplit(self._root).netloc
        self._stays_here = is_this_machine(urlsplit(self._root).hostname or "")
        self._timeout = timeout

    def examine(self) -> Sequence[OutletFinding]:
        """Sign in and ask what the user may do; nothing is written."""
        try:
            me = self._get("users/me", {"context": "edit"})
        except DeliveryRefused as refused:
            return [OutletFinding("登录", ok=False, sentence=refused.sentence)]
        except DeliveryError:
            return [OutletFinding("登录", ok=False, sentence=UNREACHED)]
        may = me.get("capabilities") or {}
        signed_in = OutletFinding("登录", ok=True, sentence="用户名和应用程序密码正确。")
        lacking = [
            word for right, word in (("publish_posts", "发布文章"), ("upload_files", "上传图片")) if not may.get(right)
        ]
        if lacking:
            said = f"这个用户不能{'、'.join(lacking)}。请网站管理员把它设为“作者”以上。"
            return [signed_in, OutletFinding("权限", ok=False, sentence=said)]
        return [signed_in, OutletFinding("权限", ok=True, sentence="可以发布文章和上传图片。")]

    def find(self, slug: str) -> str | None:
        """The post with our slug, whatever its status."""
        post = self._post_of(slug)
        return str(post["link"]) if post else None

    def deliver(self, article: SiteArticle, around: SiteShelf) -> str:  # noqa: ARG002  # WordPress keeps its own lists
        """Create the post. Not to be repeated in doubt."""
        answer = self._send("post", POSTS, json=self._fields(article))
        return _link(answer)

    def replace(self, article: SiteArticle, around: SiteShelf) -> str:  # noqa: ARG002  # WordPress keeps its own lists
        """Write the post that is there again."""
        post = self._post_of(article.entry.slug)
        if post is None:
            raise DeliveryRefused(
                code="gone",
                sentence="WordPress 上已经找不到这篇文章，可能有人删除了它。",
                cure=Cure.ADMIN,
                detail="posts: gone",
            )
        return _link(self._send("post", f"{POSTS}/{post['id']}", json=self._fields(article)))

    def retract(self, tombstone: SiteTombstone, around: SiteShelf) -> None:  # noqa: ARG002  # WordPress keeps its own lists
        """Let the post say that it was taken down, without its cover; its address stays."""
        post = self._post_of(tombstone.slug)
        if post is not None:
            content = f"<p>{escape(tombstone.sentence)}</p>"
            fields = {"title": TAKEN_DOWN, "content": content, "excerpt": "", "featured_media": 0}
            self._send("post", f"{POSTS}/{post['id']}", json=fields)

    def read_back(self, slug: str) -> SitePageCopy | None:
        """The post as WordPress keeps it, with its pictures and attachments; None where readers get no post."""
        post = self._post_of(slug)
        if post is None or post.get("status") != "publish" or post.get("password"):
            return None
        page = LexborHTMLParser(f"<body>{_stored(post, 'content')}")
        attached = _take_attachments(page)
        shown = [str(node.attributes.get("src") or "") for node in page.css("img")]
        return SitePageCopy(
            page=PublishedCopy(
                title=_stored(post, "title").strip(),
                digest=_stored(post, "excerpt").strip(),
                body=(page.body.inner_html or "") if page.body is not None else "",
                capture=json.dumps(post, ensure_ascii=False, indent=1).encode(),
                strange=tuple(dict.fromkeys(str(node.tag) for node in page.css(NEVER_OURS))),
            ),
            pictures={_file_name(each): self._hash_at(each) for each in dict.fromkeys(shown)},
            files={_file_name(each): self._hash_at(each) for each in dict.fromkeys(attached)},
        )

    def _hash_at(self, address: str) -> str | None:
        """The hash of what readers get there; empty where WordPress's library keeps it on another host, which is not
        opened; None where there is nothing, or something that is not in the library.
        """
        parts = urlsplit(address)
        if parts.netloc == self._host and parts.scheme in {"http", "https"}:
            content = self._fetched(address)
            return None if content is None else hashlib.sha256(content).hexdigest()
        kept = self._get(MEDIA, {"slug": _file_name(address).partition(".")[0], "status": "any"})
        return "" if kept and _record(kept[0], MEDIA).get("source_url") == address else None

    def _fetched(self, address: str) -> bytes | None:
        """A file as any reader gets it, without our password."""
        name = _file_name(address)
        try:
            with requests.Session() as http:
                http.trust_env = not self._stays_here
                with http.get(address, timeout=self._timeout, allow_redirects=False, stream=True) as answer:
                    content = b"".join(islice(answer.iter_content(MEGABYTE), LARGEST_FILE // MEGABYTE + 1))
                    status = answer.status_code
        except requests.RequestException as fault:
            raise undelivered(name, fault) from None
        if status in {404, 410}:
            return None
        if status != 200 or len(content) > LARGEST_FILE:
            raise OutcomeUnknown(f"{name}: HTTP {status}, {len(content)} bytes")
        return content

    def _fields(self, article: SiteArticle) -> dict[str, Any]:
        body, cover = article.body, None
        for picture in article.pictures:
            media = self._media(picture.file_name, picture.content)
            body = body.replace(f"../pictures/{picture.file_name}", str(media["source_url"]))
            if picture.file_name == article.entry.cover_file:
                cover = media["id"]
        links = [
            f'<li><a href="{escape(str(self._media(each.file_name, each.content)["source_url"]))}">'
            f"{escape(each.label)}</a></li>"
            for each in article.attachments
        ]
        body += f"<h2>{ATTACHED}</h2><ul>{''.join(links)}</ul>" if links else ""
        fields: dict[str, Any] = {
            "slug": article.entry.slug,
            "status": "publish",
            "password": "",
            "title": article.entry.title,
            "excerpt": article.entry.digest,
            "content": with_notice(body, article.notice),
        }
        return fields | ({"featured_media": cover} if cover is not None else {})

    def _media(self, file_name: str, content: bytes) -> Mapping[str, Any]:
        """The file in WordPress's library, sent if it is not there: the slug comes from the file's name."""
        slug = file_name.partition(".")[0]
        found = self._get(MEDIA, {"slug": slug, "status": "any"})
        if found:
            return _record(found[0], MEDIA)
        kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
        headers = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{file_name}"'}
        return _record(self._send("post", MEDIA, data=content, headers=headers), MEDIA)

    def _post_of(self, slug: str) -> Mapping[str, Any] | None:
        found = self._get(POSTS, {"slug": slug, "status": "any", "context": "edit"})
        return _record(found[0], POSTS) if found else None

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        return self._send("get", path, params=query)

    def _send(self, method: str, path: str, **parts: Any) -> Any:
        try:
            # A connection of its own: a kept one that the other side closed meanwhile would look like a lost answer.
            with requests.Session() as http:
                http.auth, http.trust_env = self._auth, not self._stays_here
                answer = http.request(
                    method, f"{self._root}/{path}", timeout=self._timeout, allow_redirects=False, **parts
                )
        except requests.RequestException as fault:
            raise undelivered(path, fault) from None
        if answer.status_code >= 500:
            raise OutcomeUnknown(f"{path}: HTTP {answer.status_code}")
        if answer.status_code >= 300:
            cure, sentence = MOVED if answer.status_code < 400 else SENTENCES.get(answer.status_code, OTHER)
            detail = f"{path}: HTTP {answer.status_code}: {answer.text[:300]}"
            raise DeliveryRefused(code=f"http_{answer.status_code}", sentence=sentence, cure=cure, detail=detail)
        try:
            return answer.json()
        except ValueError:
            raise OutcomeUnknown(f"{path}: the answer is not JSON") from None


def _record(answer: object, path: str) -> Mapping[str, Any]:
    if isinstance(answer, dict) and "id" in answer:
        return answer
    raise OutcomeUnknown(f"{path}: the answer has no id")


def _link(answer: object) -> str:
    return str(_record(answer, POSTS).get("link") or "")


def _stored(post: Mapping[str, Any], name: str) -> str:
    """A text of a post as it was written; WordPress writes `&` as an entity, in titles too."""
    field = post.get(name)
    written = str(field.get("raw") or "") if isinstance(field, dict) else str(field or "")
    return written if name == "content" else unescape(written)


def _take_attachments(page: LexborHTMLParser) -> list[str]:
    """Take our list of attachments off the end of a post; where its links lead."""
    blocks = [node for node in page.body.iter() if not str(node.tag).startswith("-")] if page.body is not None else []
    if len(blocks) < 2 or (blocks[-2].tag, blocks[-1].tag) != ("h2", "ul") or blocks[-2].text().strip() != ATTACHED:
        return []
    lines = list(blocks[-1].iter())
    links = [_only_link(line) for line in lines]
    if not lines or not all(OUR_FILE.fullmatch(_file_name(link)) for link in links):
        return []
    for node in blocks[-2:]:
        node.decompose()
    return links


def _only_link(line: LexborNode) -> str:
    links = line.css("a[href]")
    return str(links[0].attributes.get("href") or "") if len(links) == 1 else ""


def _file_name(address: str) -> str:
    return urlsplit(address).path.rpartition("/")[2]
