"""What publishing one article on the campus site costs, in sites of different size, measured in the same run.

    python benchmarks/mirroring.py [pages]

First: the reference is the same bytes to the same names, written in place and never synchronised: fast, and torn for
whoever reads meanwhile. Its files are measured beside ours, article by article; a site of any size rewrites the same
number of them.
Then: so many pages from nothing, ours one by one (each with its lists, whole and synchronised) and rebuilt at once,
beside Pelican on the same pages in the same run. Pelican is installed into a folder of its own for the run; without an
index that part is left out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import venv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from services.adapters.campus_site import StaticSite, page_of
from services.ports import SHARD_SIZE, SHELF_SIZE, SiteArticle, SiteEntry, SiteMapLine, SitePicture, SiteShelf

SIZES = (10, 1_000, 10_000)
REPEATS = 15
START = datetime(2026, 1, 1, tzinfo=UTC)
PARAGRAPH = "<p>" + "学校举行教学经验交流会，与会教师介绍了课堂组织的做法。" * 12 + "</p>"
PICTURE = bytes(range(256)) * 1_200


def entry(position: int) -> SiteEntry:
    return SiteEntry(
        position=position,
        slug=f"a{position}",
        title=f"教务处举办第 {position} 次教学经验交流会",
        digest="六十余名教师参加，三位教师介绍了课堂组织的做法。",
        department="教务处",
        published_at=START + timedelta(hours=position),
    )


def article(position: int) -> SiteArticle:
    # A picture of its own: one that is already there would not be written again.
    content = position.to_bytes(8, "big") + PICTURE
    return SiteArticle(
        entry=entry(position),
        author="李晓明",
        photographer="张华",
        source="",
        body=PARAGRAPH * 8,
        pictures=[SitePicture(sha256=f"{position:064x}", file_name=f"p{position}.jpg", content=content)],
    )


def around(position: int) -> SiteShelf:
    first = (page_of(position, SHELF_SIZE) - 1) * SHELF_SIZE + 1
    first_of_shard = (page_of(position, SHARD_SIZE) - 1) * SHARD_SIZE + 1
    shard = [entry(each) for each in range(first_of_shard, position + 1)]
    return SiteShelf(
        latest=[entry(each) for each in range(max(1, position - SHELF_SIZE + 1), position + 1)],
        shelf=[entry(each) for each in range(first, position + 1)],
        before=[entry(each) for each in range(max(1, first - SHELF_SIZE), first)],
        shard=[SiteMapLine(each.position, each.slug, each.published_at) for each in shard],
        last_position=position,
    )


def seconds_to_publish(site: StaticSite, position: int) -> float:
    given, shelf = article(position), around(position)
    begin = time.perf_counter()
    site.publish(given, shelf)
    return time.perf_counter() - begin


def seconds_to_write_in_place(changed: dict[Path, bytes], folder: Path) -> float:
    begin = time.perf_counter()
    for path, content in changed.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return time.perf_counter() - begin


def changed_since(folder: Path, moment: float) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_mtime >= moment)
    return {path.relative_to(folder): path.read_bytes() for path in files}


def measure(size: int, folder: Path) -> tuple[float, float, int, int]:
    """Median seconds of ours and of the reference, and how many files and bytes the last article changed."""
    site = StaticSite(folder / "ours", "https://news.example.edu.cn/site")
    ours, reference = [], []
    changed: dict[Path, bytes] = {}
    for position in range(size - REPEATS // 2, size + REPEATS // 2 + 1):
        moment = time.time() - 0.001
        ours.append(seconds_to_publish(site, position))
        changed = changed_since(folder / "ours", moment)
        reference.append(seconds_to_write_in_place(changed, folder / "plain"))
    return median(ours), median(reference), len(changed), sum(map(len, changed.values()))


def main() -> None:
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    counts = set()
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            ours, reference, files, size_in_bytes = measure(size, Path(folder))
        counts.add(files)
        print(
            f"{size:>6} articles: {files} files, {size_in_bytes / 1_000:.0f} kB, {ours * 1_000:.1f} ms; "
            f"in place and unsynchronised {reference * 1_000:.1f} ms; ratio {ours / reference:.1f}"
        )
    with tempfile.TemporaryDirectory() as folder:
        rebuild(pages, Path(folder))
    # The smallest site has a single archive page; from the second on, the page before is written again too.
    sys.exit(max(counts) - min(counts) > 1)


# --- From nothing ----------------------------------------------------------------------------------------

SETTINGS = """
SITENAME = "news"
SITEURL = "https://news.example.edu.cn"
THEME = "simple"
PATH = "content"
TIMEZONE = "Asia/Shanghai"
DEFAULT_LANG = "zh"
DEFAULT_PAGINATION = 20
FEED_RSS = "feed.xml"
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
STATIC_PATHS = ["pictures"]
DIRECT_TEMPLATES = ["index"]
AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ""
"""


def rebuild(pages: int, folder: Path) -> None:
    """All pages from nothing, here and by Pelican."""
    site = StaticSite(folder / "ours", "https://news.example.edu.cn/site")
    ours = sum(seconds_to_publish(site, position) for position in range(1, pages + 1))
    each = ours / pages * 1_000
    print(f"{pages:>6} pages published one by one: {ours:.1f} s, {each:.1f} ms each, whole and synchronised")
    begin = time.perf_counter()
    empty = StaticSite(folder / "again", "https://news.example.edu.cn/site")
    files = empty.rebuild(article(position) for position in range(1, pages + 1))
    again = time.perf_counter() - begin
    print(f"{pages:>6} pages rebuilt from nothing: {again:.1f} s, {files} files, the disk waited for once")
    pelican = _installed_pelican(folder / "venv")
    if pelican is None:
        print("  Pelican could not be installed here, so there is no reference for this part.")
        return
    _write_for_pelican(folder, pages)
    begin = time.perf_counter()
    subprocess.run([pelican, "-s", "settings.py", "-o", "output", "-q"], cwd=folder, check=True)  # noqa: S603  # just installed
    reference = time.perf_counter() - begin
    made = len(list((folder / "output").glob("*.html")))
    share = again / reference
    print(f"  Pelican, the whole site at once: {reference:.1f} s for {made} pages; our rebuild takes {share:.2f} of it")
    one = median(seconds_to_publish(site, pages + each) for each in range(1, REPEATS + 1))
    print(f"  one more article: ours {one * 1_000:.1f} ms, Pelican {reference:.1f} s; {reference / one:.0f} times")


def _installed_pelican(folder: Path) -> Path | None:
    venv.create(folder, with_pip=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "pelican"]
    done = subprocess.run(install, capture_output=True, check=False)  # noqa: S603  # a fixed command
    return folder / "bin" / "pelican" if done.returncode == 0 else None


def _write_for_pelican(folder: Path, pages: int) -> None:
    (folder / "content" / "pictures").mkdir(parents=True)
    (folder / "settings.py").write_text(SETTINGS)
    for position in range(1, pages + 1):
        given = article(position)
        picture = given.pictures[0]
        (folder / "content" / "pictures" / picture.file_name).write_bytes(picture.content)
        (folder / "content" / f"{given.entry.slug}.html").write_text(
            f"<html><head><title>{given.entry.title}</title>"
            f'<meta name="date" content="{given.entry.published_at:%Y-%m-%d %H:%M}">'
            f'<meta name="slug" content="{given.entry.slug}"><meta name="summary" content="{given.entry.digest}">'
            f"</head><body>{given.body}</body></html>"
        )


if __name__ == "__main__":
    main()
