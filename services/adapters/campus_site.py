"""The campus mirror as a folder of plain pages that any web server can hand out.

Publishing one article writes the same few files whether the site holds ten or ten thousand: its pictures and
attachments, its page, the front page, its archive page (and the one before the newest), the feed, its shard of the
site map and the map's index. Archive pages count from the oldest, so that a full one never moves again.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from feedgenerator import Rss201rev2Feed
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser

from services.ports import (
    SHARD_SIZE,
    SHELF_SIZE,
    NotSent,
    PublishedCopy,
    SiteArticle,
    SiteEntry,
    SiteMapLine,
    SitePageCopy,
    SiteShelf,
    SiteTombstone,
)
from services.rules.office_time import OFFICE_ZONE

TEMPLATES = Path(__file__).parent / "site_templates"
STYLESHEET = "style.css"
SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(\.[a-z0-9]{1,5})?")
NEVER_OURS = "script, iframe, object, embed, form, video, audio, base, meta[http-equiv=refresh]"
"""Elements no page of this site has: where one stands, somebody else wrote it."""

NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")

Placed = TypeVar("Placed", SiteEntry, SiteMapLine)


@dataclass(frozen=True)
class _File:
    path: Path
    content: bytes


class StaticSite:
    """`CampusSite` over a folder. `address` is where the folder will be seen; pages link relatively, so that
    they also work under another path, and only the feed and the site map spell it out.
    """

    def __init__(self, folder: Path, address: str, *, name: str = "校园新闻") -> None:
        self._folder = folder
        self._address = address.rstrip("/")
        self._name = name
        self._pages = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.globals["site_name"] = name
        self._pages.filters |= {"day": _day, "minute": _minute, "instant": _instant, "size": _size}

    def address_of(self, slug: str) -> str:
        """The absolute address a page has or will have."""
        return f"{self._address}/articles/{_safe(slug)}.html"

    def examine(self) -> None:
        """Write a file nobody links to and take it away again. Raises `NotSent` where that fails."""
        trial = self._folder / f".trial.{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            trial.write_bytes(b"")
            trial.unlink()
        except OSError as fault:
            raise NotSent(f"{self._folder}: {fault}") from fault

    def publish(self, article: SiteArticle, around: SiteShelf) -> str:
        """Write the page and what stands around it; its absolute address.

        Each file is replaced whole, and in this order: pictures and attachments, page, lists, feed, site map;
        nothing ever points to what is not there yet. Raises `NotSent` where the folder cannot be written (disk
        full, no rights): writing again is harmless.
        """
        self.write(article, around)
        return self.address_of(article.entry.slug)

    def write(self, article: SiteArticle, around: SiteShelf) -> Sequence[str]:
        """As `publish`; the names of the files that stand for the article now, within the folder."""
        article = _printable(article)
        return self._written(self._files(article, _with_article(article.entry, around)))

    def _written(self, files: Iterable[_File]) -> Sequence[str]:
        try:
            paths = _write_all(files)
        except OSError as fault:
            raise NotSent(f"{self._folder}: {fault}") from fault
        return [path.relative_to(self._folder).as_posix() for path in paths]

    def rebuild(self, articles: Iterable[SiteArticle]) -> int:
        """Write every page again and then every list; how many files changed. `articles` come in their order.

        The disk is waited for once, at the end: what a rebuild left half done is rebuilt again. Raises `NotSent`.
        """
        changed = 0
        entries: list[SiteEntry] = []
        try:
            for article in map(_printable, articles):
                changed += _write_unsynchronised(self._page_files(article))
                entries.append(article.entry)
            changed += _write_unsynchronised(self._every_list(entries))
            os.sync()
        except OSError as fault:
            raise NotSent(f"{self._folder}: {fault}") from fault
        return changed

    def _every_list(self, entries: Sequence[SiteEntry]) -> Iterator[_File]:
        newest_first = sorted(entries, key=_position, reverse=True)
        last = newest_first[0].position if newest_first else 0
        last_page = page_of(last, SHELF_SIZE)
        on_page: dict[int, list[SiteEntry]] = {}
        in_shard: dict[int, list[SiteMapLine]] = {}
        for each in newest_first:
            on_page.setdefault(page_of(each.position, SHELF_SIZE), []).append(each)
            line = SiteMapLine(position=each.position, slug=each.slug, published_at=each.published_at)
            in_shard.setdefault(page_of(each.position, SHARD_SIZE), []).insert(0, line)
        for page in range(1, last_page + 1):
            yield self._archive_page(page, last_page, on_page.get(page, []))
        around = SiteShelf(newest_first[:SHELF_SIZE], (), (), (), last)
        yield self._file("index.html", self._front_page(around))
        yield self._file("feed.xml", self._feed(around.latest))
        for shard in range(1, page_of(last, SHARD_SIZE) + 1):
            yield from self._site_map((shard - 1) * SHARD_SIZE + 1, replace(around, shard=in_shard.get(shard, [])))

    def retract(self, tombstone: SiteTombstone, around: SiteShelf) -> None:
        """Put a short notice in the place of a page: lists first, then the page, then its pictures, so that nothing
        leads to what is gone. Raises `NotSent` where the folder cannot be written: doing it again is harmless.
        """
        self.bury(tombstone, around)

    def bury(self, tombstone: SiteTombstone, around: SiteShelf) -> tuple[Sequence[str], Sequence[str]]:
        """As `retract`; the names of the files that were written, and of those that are gone, within the folder."""
        files = [*self._lists(tombstone.position, _all_printable(around)), self._tombstone_page(tombstone)]
        written = self._written(files)
        gone = [
            f"{folder}/{_safe(name)}"
            for folder, names in (("pictures", tombstone.picture_files), ("files", tombstone.attached_files))
            for name in names
        ]
        try:
            for name in gone:
                (self._folder / name).unlink(missing_ok=True)
        except OSError as fault:
            raise NotSent(f"{self._folder}: {fault}") from fault
        return written, gone

    def read_back(self, slug: str) -> SitePageCopy | None:
        """The page as it lies in the folder, and what lies where it shows pictures. Raises `NotSent`."""
        path = self._folder / f"articles/{_safe(slug)}.html"
        try:
            content = path.read_bytes() if path.exists() else b""
        except OSError as fault:
            raise NotSent(f"{path}: {fault}") from fault
        return page_copy(content, self._bytes_of)

    def _bytes_of(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None

    def _tombstone_page(self, tombstone: SiteTombstone) -> _File:
        page = self._page("tombstone.html", tombstone=tombstone, root="../")
        return self._file(f"articles/{_safe(tombstone.slug)}.html", page)

    def _lists(self, position: int, around: SiteShelf) -> Iterator[_File]:
        yield from self._archive(position, around)
        yield self._file("index.html", self._front_page(around))
        yield self._file("feed.xml", self._feed(around.latest))
        yield from self._site_map(position, around)

    def _files(self, article: SiteArticle, around: SiteShelf) -> Iterator[_File]:
        yield from self._page_files(article)
        yield from self._lists(article.entry.position, around)

    def _page_files(self, article: SiteArticle) -> Iterator[_File]:
        for picture in article.pictures:
            yield self._file(f"pictures/{_safe(picture.file_name)}", picture.content)
        for attached in article.attachments:
            yield self._file(f"files/{_safe(attached.file_name)}", attached.content)
        yield self._file(STYLESHEET, (TEMPLATES / STYLESHEET).read_bytes())
        yield self._file(f"articles/{_safe(article.entry.slug)}.html", self._article_page(article))

    def _file(self, name: str, content: bytes) -> _File:
        return _File(self._folder / name, content)

    def _page(self, template: str, **values: Any) -> bytes:
        return self._pages.get_template(template).render(values).encode()

    def _article_page(self, article: SiteArticle) -> bytes:
        # The body alone is not escaped: it was reduced to clean tags before it was approved.
        return self._page(
            "article.html",
            article=article,
            entry=article.entry,
            body=Markup(article.body),  # noqa: S704
            address=self.address_of(article.entry.slug),
            root="../",
        )

    def _front_page(self, around: SiteShelf) -> bytes:
        last_page = page_of(around.last_position, SHELF_SIZE)
        return self._page("front.html", entries=around.latest, last_page=last_page, root="")

    def _archive(self, position: int, around: SiteShelf) -> Iterator[_File]:
        page, last_page = page_of(position, SHELF_SIZE), page_of(around.last_position, SHELF_SIZE)
        # The page before gains its way forward when the newest page begins.
        if page == last_page and page > 1:
            yield self._archive_page(page - 1, last_page, around.before)
        yield self._archive_page(page, last_page, around.shelf)

    def _archive_page(self, page: int, last_page: int, entries: Sequence[SiteEntry]) -> _File:
        values = {"entries": entries, "page": page, "is_last": page == last_page, "root": "../"}
        return self._file(f"archive/{page}.html", self._page("archive.html", **values))

    def _feed(self, latest: Sequence[SiteEntry]) -> bytes:
        feed = Rss201rev2Feed(
            title=self._name,
            link=f"{self._address}/index.html",
            description=f"{self._name}最新发布",
            language="zh-CN",
            feed_url=f"{self._address}/feed.xml",
        )
        for entry in latest:
            address = self.address_of(entry.slug)
            feed.add_item(
                title=entry.title,
                link=address,
                unique_id=address,
                description=entry.digest,
                author_name=entry.department,
                pubdate=entry.published_at.astimezone(OFFICE_ZONE),
            )
        text: str = feed.writeString("utf-8")
        return text.encode()

    def _site_map(self, position: int, around: SiteShelf) -> Iterator[_File]:
        shard = page_of(position, SHARD_SIZE)
        lines = [(self.address_of(line.slug), line.published_at) for line in around.shard]
        yield self._file(f"sitemap/{shard}.xml", self._page("sitemap.xml", lines=lines))
        shards = range(1, page_of(around.last_position, SHARD_SIZE) + 1)
        addresses = [f"{self._address}/sitemap/{each}.xml" for each in shards]
        yield self._file("sitemap.xml", self._page("sitemap_index.xml", addresses=addresses))


def page_copy(content: bytes, bytes_of: Callable[[str], bytes | None]) -> SitePageCopy | None:
    """A page of ours as it lies somewhere, or None where that is no article. `bytes_of` reads a file beside it by its
    name within the site.
    """
    page = LexborHTMLParser(content.decode(errors="replace"))
    body = page.css_first("article.story .body")
    title = page.css_first("article.story h1")
    if body is None or title is None:
        return None
    shown = [Path(str(node.attributes.get("src") or "")).name for node in body.css("img")]
    # What follows the question mark is only the name a reader's browser saves it under.
    links = [str(node.attributes.get("href") or "").partition("?")[0] for node in page.css(".files a")]
    offered = [Path(link).name for link in links]
    return SitePageCopy(
        page=PublishedCopy(
            title=title.text().strip(),
            body=body.inner_html or "",
            capture=content,
            strange=tuple(dict.fromkeys(str(node.tag) for node in page.css(NEVER_OURS))),
        ),
        pictures={name: _hash_of(bytes_of, "pictures", name) for name in dict.fromkeys(shown)},
        files={name: _hash_of(bytes_of, "files", name) for name in dict.fromkeys(offered)},
    )


def _hash_of(bytes_of: Callable[[str], bytes | None], folder: str, name: str) -> str | None:
    content = bytes_of(f"{folder}/{name}") if SAFE_NAME.fullmatch(name) else None
    return None if content is None else hashlib.sha256(content).hexdigest()


def page_of(position: int, size: int) -> int:
    """The page, counted from 1 and from the oldest, on which a position stands."""
    return (position - 1) // size + 1


def _with_article(entry: SiteEntry, around: SiteShelf) -> SiteShelf:
    """The surroundings with this article in its place: it is on its way, so the reader may not know it yet."""
    line = SiteMapLine(position=entry.position, slug=entry.slug, published_at=entry.published_at)
    printable = _all_printable(around)
    return replace(
        printable,
        latest=_placed(entry, printable.latest)[:SHELF_SIZE],
        shelf=_placed(entry, printable.shelf),
        shard=_placed(line, around.shard)[::-1],
        last_position=max(around.last_position, entry.position),
    )


def _all_printable(around: SiteShelf) -> SiteShelf:
    """The surroundings in the order and the words in which they are printed: the newest first."""
    return replace(
        around,
        latest=[_printable(each) for each in around.latest],
        shelf=sorted((_printable(each) for each in around.shelf), key=_position, reverse=True),
        before=sorted((_printable(each) for each in around.before), key=_position, reverse=True),
    )


def _placed(item: Placed, others: Iterable[Placed]) -> list[Placed]:
    placed = [each for each in others if each.position != item.position]
    placed.append(item)
    return sorted(placed, key=_position, reverse=True)


def _position(item: SiteEntry | SiteMapLine) -> int:
    return item.position


Words = TypeVar("Words", SiteArticle, SiteEntry)


def _printable(item: Words) -> Words:
    """The same words without the control characters that would break the feed (Word files bring them along)."""
    values: Mapping[str, Any] = {each.name: getattr(item, each.name) for each in fields(item)}
    return replace(item, **{name: _cleaned(value) for name, value in values.items()})


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return NOT_IN_XML.sub("", value)
    return _printable(value) if isinstance(value, SiteEntry) else value


def _safe(name: str) -> str:
    if not SAFE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a file of the site")
    return name


def _day(moment: datetime) -> str:
    day = moment.astimezone(OFFICE_ZONE)
    return f"{day.year}年{day.month}月{day.day}日"


def _minute(moment: datetime) -> str:
    return f"{_day(moment)} {moment.astimezone(OFFICE_ZONE):%H:%M}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(OFFICE_ZONE).isoformat(timespec="seconds")


def _size(content: bytes) -> str:
    return f"{len(content) / 1024**2:.1f} MB" if len(content) >= 1024**2 else f"{-(-len(content) // 1024)} KB"


def _write_all(files: Iterable[_File]) -> Sequence[Path]:
    paths: list[Path] = []
    folders: dict[Path, None] = {}
    for file in files:
        paths.append(file.path)
        file.path.parent.mkdir(parents=True, exist_ok=True)
        folders[file.path.parent] = None
        _replace(file)
    # The names must reach the disk too before anybody is told that the page is there.
    for folder in folders:
        _sync_folder(folder)
    return paths


def _write_unsynchronised(files: Iterable[_File]) -> int:
    """Replace each file whole, without waiting for the disk; how many were not as they shall be."""
    made: set[Path] = set()
    changed = 0
    for file in files:
        if file.path.parent not in made:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            made.add(file.path.parent)
        changed += _replace(file, waits=False)
    return changed


def _replace(file: _File, *, waits: bool = True) -> bool:
    if file.path.exists() and file.path.read_bytes() == file.content:
        return False
    draft = file.path.with_name(f".{file.path.name}.{secrets.token_hex(4)}")
    try:
        _write_through(draft, file.content, waits=waits)
        draft.replace(file.path)
    finally:
        draft.unlink(missing_ok=True)
    return True


def _write_through(path: Path, content: bytes, *, waits: bool) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        # Whatever the process's umask says, the web server must be able to read it.
        os.fchmod(handle.fileno(), 0o644)
        if waits:
            os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
