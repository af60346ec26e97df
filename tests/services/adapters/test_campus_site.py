"""The campus mirror: what is written, how much of it, and that a reader never meets half a page."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.adapters.campus_site import StaticSite
from services.ports import (
    SHARD_SIZE,
    SHELF_SIZE,
    NotSent,
    SiteArticle,
    SiteEntry,
    SiteFile,
    SiteMapLine,
    SitePicture,
    SiteShelf,
    SiteTombstone,
)

ADDRESS = "https://news.example.edu.cn/site"
START = datetime(2026, 9, 1, 1, 30, tzinfo=UTC)


def picture(content: bytes = b"picture") -> SitePicture:
    sha256 = hashlib.sha256(content).hexdigest()
    return SitePicture(sha256=sha256, file_name=f"{sha256}.jpg", content=content)


def entry(position: int, title: str = "") -> SiteEntry:
    return SiteEntry(
        position=position,
        slug=f"s{position}",
        title=title or f"第{position}篇",
        digest="摘要",
        department="教务处",
        published_at=START + timedelta(hours=position),
    )


def article(position: int = 1, **changes: str | None) -> SiteArticle:
    words: dict[str, str | None] = {
        "author": "李晓明",
        "photographer": "张华",
        "source": "教务处",
        "body": "<p>正文</p>",
        **changes,
    }
    return SiteArticle(entry=entry(position), pictures=[picture()], **words)  # type: ignore[arg-type]  # all words


def around(position: int, last: int) -> SiteShelf:
    """The surroundings in a site whose positions 1 to `last` are all in use."""
    first = (position - 1) // SHELF_SIZE * SHELF_SIZE + 1
    first_of_shard = (position - 1) // SHARD_SIZE * SHARD_SIZE + 1
    return SiteShelf(
        latest=_entries(last - SHELF_SIZE + 1, last),
        shelf=_entries(first, min(first + SHELF_SIZE - 1, last)),
        before=_entries(first - SHELF_SIZE, first - 1),
        shard=[
            SiteMapLine(each.position, each.slug, each.published_at)
            for each in _entries(first_of_shard, min(first_of_shard + SHARD_SIZE - 1, last))
        ],
        last_position=last,
    )


def _entries(first: int, last: int) -> list[SiteEntry]:
    return [entry(position) for position in range(max(first, 1), last + 1)]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def page(folder: Path, name: str) -> LexborHTMLParser:
    return LexborHTMLParser((folder / name).read_text())


def texts(document: LexborHTMLParser, selector: str) -> list[str]:
    return [node.text(strip=True) for node in document.css(selector)]


def addresses(document: LexborHTMLParser, selector: str) -> list[str | None]:
    return [node.attributes["href"] for node in document.css(selector)]


@pytest.fixture
def site(tmp_path: Path) -> StaticSite:
    return StaticSite(tmp_path, ADDRESS)


def test_a_page_says_who_wrote_it_where_it_comes_from_and_when(site: StaticSite, tmp_path: Path) -> None:
    address = site.publish(article(wechat_url="https://mp.weixin.qq.com/s/abc"), around(1, 1))

    document = page(tmp_path, "articles/s1.html")
    assert address == site.address_of("s1") == f"{ADDRESS}/articles/s1.html"
    assert texts(document, "h1") == ["第1篇"]
    assert dict(zip(texts(document, ".facts dt"), texts(document, ".facts dd"), strict=True)) == {
        "发布单位": "教务处",
        "发布时间": "2026年9月1日 10:30",
        "来源": "教务处",
        "作者": "李晓明",
        "摄影": "张华",
    }
    assert addresses(document, ".wechat a") == ["https://mp.weixin.qq.com/s/abc"]


def test_what_is_not_known_is_not_shown(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(author="", photographer="", source=""), around(1, 1))

    document = page(tmp_path, "articles/s1.html")
    assert texts(document, ".facts dt") == ["发布单位", "发布时间"]
    assert texts(document, ".wechat") == []


def test_attachments_stand_below_the_text_under_their_own_names(site: StaticSite, tmp_path: Path) -> None:
    attached = [SiteFile('获奖"名单".xlsx', "0a1b.xlsx", b"x" * 2100), SiteFile("须知.pdf", "2c3d.pdf", bytes(3 << 20))]

    site.publish(replace(article(), attachments=attached), around(1, 1))

    document = page(tmp_path, "articles/s1.html")
    links = [(link.attributes["href"], link.attributes["download"], link.text()) for link in document.css(".files a")]
    assert links == [
        (
            "../files/0a1b.xlsx?name=%E8%8E%B7%E5%A5%96%22%E5%90%8D%E5%8D%95%22.xlsx",
            '获奖"名单".xlsx',
            '获奖"名单".xlsx',
        ),
        ("../files/2c3d.pdf?name=%E9%A1%BB%E7%9F%A5.pdf", "须知.pdf", "须知.pdf"),
    ]
    assert texts(document, ".files small") == ["3 KB", "3.0 MB"]
    assert (tmp_path / "files" / "0a1b.xlsx").read_bytes() == b"x" * 2100


def test_attachments_are_found_again_where_the_page_is_read_back(site: StaticSite, tmp_path: Path) -> None:
    attached = [SiteFile('获奖"名单".xlsx', "0a1b.xlsx", b"list"), SiteFile("须知.pdf", "2c3d.pdf", b"rules")]
    site.publish(replace(article(), attachments=attached), around(1, 1))
    (tmp_path / "files" / "2c3d.pdf").unlink()

    copy = site.read_back("s1")

    assert copy is not None
    assert copy.files == {"0a1b.xlsx": hashlib.sha256(b"list").hexdigest(), "2c3d.pdf": None}


def test_an_attachment_cannot_be_written_outside_the_site(site: StaticSite, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        site.publish(replace(article(), attachments=[SiteFile("x", "../../x.txt", b"x")]), around(1, 1))

    assert {name.partition("/")[0] for name in files(tmp_path)} == {"pictures"}


@pytest.mark.parametrize(
    ("position", "lists"),
    [(10, ["archive/1.html"]), (1_000, ["archive/49.html", "archive/50.html"])],
)
def test_one_article_touches_the_same_few_files_in_a_small_and_in_a_large_site(
    site: StaticSite, tmp_path: Path, position: int, lists: list[str]
) -> None:
    site.publish(article(position), around(position, position))

    assert sorted(files(tmp_path)) == sorted(
        [
            f"articles/s{position}.html",
            f"pictures/{picture().file_name}",
            *lists,
            "feed.xml",
            "index.html",
            "sitemap.xml",
            "sitemap/1.xml",
            "style.css",
        ]
    )


def test_writing_the_same_article_again_leaves_the_very_same_files(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(3), around(3, 3))
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*")}

    site.publish(article(3), around(3, 3))

    assert {path: path.stat().st_ino for path in tmp_path.rglob("*")} == before


def test_an_article_the_surroundings_do_not_know_yet_is_listed_all_the_same(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(3), around(2, 2))

    assert texts(page(tmp_path, "index.html"), ".stories h2") == ["第3篇", "第2篇", "第1篇"]
    assert texts(page(tmp_path, "archive/1.html"), ".stories h2") == ["第3篇", "第2篇", "第1篇"]
    assert _map_addresses(tmp_path / "sitemap/1.xml") == [f"{ADDRESS}/articles/s{each}.html" for each in (1, 2, 3)]


def test_a_corrected_article_replaces_its_old_line_and_moves_nothing(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(2), around(2, 3))
    corrected = replace(article(2), entry=entry(2, "更正后的标题"))

    site.publish(corrected, around(2, 3))

    assert texts(page(tmp_path, "index.html"), ".stories h2") == ["第3篇", "更正后的标题", "第1篇"]


def test_the_front_page_holds_the_latest_and_opens_the_archive_at_its_newest_page(
    site: StaticSite, tmp_path: Path
) -> None:
    site.publish(article(41), around(41, 41))

    document = page(tmp_path, "index.html")
    assert texts(document, ".stories h2") == [f"第{each}篇" for each in range(41, 21, -1)]
    assert addresses(document, ".pager a") == ["archive/3.html"]


def test_a_new_archive_page_gives_the_page_before_it_a_way_forward(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(20), around(20, 20))
    assert addresses(page(tmp_path, "archive/1.html"), ".pager a") == ["../index.html"]

    site.publish(article(21), around(21, 21))

    assert addresses(page(tmp_path, "archive/1.html"), ".pager a") == ["2.html"]
    assert addresses(page(tmp_path, "archive/2.html"), ".pager a") == ["../index.html", "1.html"]


def test_a_hostile_title_is_text_everywhere(site: StaticSite, tmp_path: Path) -> None:
    title = '</title><script>alert("1")</script>&amp;]]>'

    site.publish(replace(article(), entry=entry(1, title)), around(1, 1))

    for name in ("articles/s1.html", "index.html", "archive/1.html"):
        document = page(tmp_path, name)
        assert document.css("script") == []
        assert title in (document.text() or "")
    assert [each.findtext("title") for each in _feed_items(tmp_path)] == [title]


def test_control_characters_from_a_word_file_do_not_break_the_feed(site: StaticSite, tmp_path: Path) -> None:
    hostile = replace(article(body="<p>甲\x0b乙</p>"), entry=entry(1, "标\x0b题\x00\ufffe"))

    site.publish(hostile, around(1, 1))

    assert [each.findtext("title") for each in _feed_items(tmp_path)] == ["标题"]
    assert texts(page(tmp_path, "articles/s1.html"), ".body p") == ["甲乙"]


def test_the_feed_gives_the_latest_with_their_absolute_addresses(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(2), around(2, 2))

    assert [
        {name: item.findtext(name) for name in ("title", "link", "description", "guid", "pubDate")}
        for item in _feed_items(tmp_path)
    ] == [
        {
            "title": f"第{position}篇",
            "link": f"{ADDRESS}/articles/s{position}.html",
            "description": "摘要",
            "guid": f"{ADDRESS}/articles/s{position}.html",
            "pubDate": f"Tue, 01 Sep 2026 {hour}:30:00 +0800",
        }
        for position, hour in ((2, 11), (1, 10))
    ]


def test_the_site_map_names_every_shard_and_each_shard_its_pages(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(1_002), around(1_002, 1_002))

    assert _map_addresses(tmp_path / "sitemap.xml") == [f"{ADDRESS}/sitemap/{each}.xml" for each in (1, 2)]
    assert _map_addresses(tmp_path / "sitemap/2.xml") == [f"{ADDRESS}/articles/s{each}.html" for each in (1_001, 1_002)]


def test_every_link_between_pages_is_relative_so_that_the_folder_can_move(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(21), around(21, 21))

    for name in ("articles/s21.html", "index.html", "archive/2.html"):
        links = addresses(page(tmp_path, name), "a, link:not([rel=canonical])")
        assert [each for each in links if each and "//" in each] == []


def test_a_web_server_under_another_user_may_read_every_file(site: StaticSite, tmp_path: Path) -> None:
    site.publish(article(), around(1, 1))

    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o644}


@pytest.mark.parametrize("slug", ["../index", "a/b", "", "a.html/..", "标题"])
def test_a_page_cannot_be_written_outside_its_folder(site: StaticSite, tmp_path: Path, slug: str) -> None:
    stray = replace(article(), entry=replace(entry(1), slug=slug))

    with pytest.raises(ValueError, match="cannot name a file"):
        site.publish(stray, around(1, 1))

    assert not (tmp_path / "index.html").exists()


def test_a_folder_that_cannot_be_written_means_not_sent_and_leaves_no_scraps(tmp_path: Path) -> None:
    site = StaticSite(tmp_path / "site", ADDRESS)
    (tmp_path / "site" / "articles" / "s1.html").mkdir(parents=True)  # a folder where the page belongs

    with pytest.raises(NotSent):
        site.publish(article(), around(1, 1))

    assert [path.name for path in (tmp_path / "site" / "articles").iterdir()] == ["s1.html"]


def test_a_reader_never_meets_half_a_page(site: StaticSite, tmp_path: Path) -> None:
    bodies = {mark: f"<p>{mark * 200_000}</p>" for mark in "甲乙"}
    site.publish(article(body=bodies["甲"]), around(1, 1))
    whole = set()
    for body in bodies.values():
        site.publish(article(body=body), around(1, 1))
        whole.add((tmp_path / "articles/s1.html").read_bytes())
    seen: set[bytes] = set()
    written = threading.Event()

    def read() -> None:
        last = False
        while not last:
            last = written.is_set()
            seen.add((tmp_path / "articles/s1.html").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(15):
        for body in bodies.values():
            site.publish(article(body=body), around(1, 1))
    written.set()
    reader.join()

    assert seen <= whole


def _feed_items(folder: Path) -> list[ET.Element]:
    return ET.fromstring((folder / "feed.xml").read_bytes()).findall("channel/item")  # noqa: S314  # we wrote it


def _map_addresses(path: Path) -> list[str | None]:
    root = ET.fromstring(path.read_bytes())  # noqa: S314  # we wrote it
    return [each.text for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


# --- Reading back and taking down ------------------------------------------------------------------------


def test_a_page_is_read_back_with_what_lies_where_its_pictures_are(tmp_path: Path) -> None:
    site = StaticSite(tmp_path, ADDRESS)
    shown = picture()
    site.publish(article(body=f'<p>正文</p><img src="../pictures/{shown.file_name}" alt="">'), around(1, 1))

    held = site.read_back("s1")
    (tmp_path / "pictures" / shown.file_name).write_bytes(b"another picture")
    page = tmp_path / "articles" / "s1.html"
    page.write_text(page.read_text().replace("<p>正文</p>", "<p>别的</p><script>1</script>"))
    changed = site.read_back("s1")

    assert held is not None
    assert changed is not None
    assert (held.page.title, held.page.strange) == ("第1篇", ())
    assert "正文" in held.page.body
    assert held.pictures == {shown.file_name: shown.sha256}
    assert changed.page.strange == ("script",)
    assert changed.pictures[shown.file_name] not in {None, shown.sha256}
    assert site.read_back("s2") is None


def test_a_page_that_is_taken_down_leaves_a_notice_and_every_list(tmp_path: Path) -> None:
    site = StaticSite(tmp_path, ADDRESS)
    for position in (1, 2):
        site.publish(article(position), around(position, position))
    gone = picture().file_name
    left = SiteShelf(
        latest=[entry(1)], shelf=[entry(1)], before=[], shard=[SiteMapLine(1, "s1", START)], last_position=2
    )
    tombstone = SiteTombstone(
        position=2, slug="s2", title="第2篇", sentence="本文已下架。", at=START, picture_files=[gone, "never.jpg"]
    )

    for _ in range(2):
        site.retract(tombstone, left)

    page = (tmp_path / "articles" / "s2.html").read_text()
    assert ("本文已下架。" in page, "第2篇" in page, "noindex" in page) == (True, False, True)
    lists = ("index.html", "archive/1.html", "feed.xml", "sitemap/1.xml")
    assert [name for name in lists if "s2" in (tmp_path / name).read_text()] == []
    assert not (tmp_path / "pictures" / gone).exists()
    assert site.read_back("s2") is None


def test_the_last_page_of_a_site_can_be_taken_down(tmp_path: Path) -> None:
    site = StaticSite(tmp_path, ADDRESS)
    site.publish(article(), around(1, 1))
    empty = SiteShelf(latest=[], shelf=[], before=[], shard=[], last_position=1)

    site.retract(SiteTombstone(position=1, slug="s1", title="第1篇", sentence="本文已下架。", at=START), empty)

    assert "s1" not in (tmp_path / "index.html").read_text()


def test_a_rebuilt_site_is_the_one_that_was_published_page_by_page(tmp_path: Path) -> None:
    last = SHELF_SIZE * 2 + 3
    grown, rebuilt = StaticSite(tmp_path / "grown", ADDRESS), StaticSite(tmp_path / "rebuilt", ADDRESS)
    for position in range(1, last + 1):
        grown.publish(article(position), around(position, position))

    changed = rebuilt.rebuild(article(position) for position in range(1, last + 1))

    assert files(tmp_path / "rebuilt") == files(tmp_path / "grown")
    assert changed == len(files(tmp_path / "rebuilt"))
    assert grown.rebuild(article(position) for position in range(1, last + 1)) == 0
