"""What publishing one article on the campus site costs, in sites of different size, measured in the same run.

    python benchmarks/mirroring.py

The reference is the same bytes to the same names, written in place and never synchronised: fast, and torn for
whoever reads meanwhile. Its files are measured beside ours, article by article.
"""

from __future__ import annotations

import sys
import tempfile
import time
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
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            ours, reference, files, size_in_bytes = measure(size, Path(folder))
        print(
            f"{size:>6} articles: {files} files, {size_in_bytes / 1_000:.0f} kB, {ours * 1_000:.1f} ms; "
            f"in place and unsynchronised {reference * 1_000:.1f} ms; ratio {ours / reference:.1f}"
        )


if __name__ == "__main__":
    main()
