"""The words of a SmartArt graphic and the figures of a chart: parts of their own, which no Word reader opens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from services.manuscript.word_package import Package, Relationship, Xml
from services.manuscript.word_tree import DGM, A, C, R, new, paragraph_element

#: Of more than these nobody reads the words or the table, and opening a part costs up to a tenth of a second.
MOST_GRAPHICS, MOST_POINTS, MOST_CATEGORIES, MOST_SERIES = 30, 200, 60, 12


def graphic_words(drawing: Xml, package: Package, relationships: dict[str, Relationship]) -> list[Xml]:
    """The paragraphs and tables that say what the SmartArt and charts of a drawing say."""
    shown: list[Xml] = []
    for smart_art in drawing.iter(f"{DGM}relIds"):
        root = _part(smart_art.get(f"{R}dm"), package, relationships)
        shown += [] if root is None else map(paragraph_element, islice(_points(root), MOST_POINTS))
    for chart in drawing.iter(f"{C}chart"):
        root = _part(chart.get(f"{R}id"), package, relationships)
        shown += [] if root is None else _chart(root)
    return shown


def _part(identity: str | None, package: Package, relationships: dict[str, Relationship]) -> Xml | None:
    related = relationships.get(identity or "")
    return None if related is None or related.external else package.part(related.target)


def _points(root: Xml) -> Iterator[str]:
    for point in root.iter(f"{DGM}pt"):
        text = _text(point.find(f"{DGM}t"))
        if text:
            yield text


def _chart(root: Xml) -> list[Xml]:
    title = _text(root.find(f"{C}chart/{C}title"))
    series = [*root.iter(f"{C}ser")][:MOST_SERIES]
    names = [_cached(one.find(f"{C}tx")).get(0, "") for one in series]
    values = [_cached(one.find(f"{C}val"), one.find(f"{C}yVal")) for one in series]
    categories = _cached(*(one.find(f"{C}{kind}") for one in series[:1] for kind in ("cat", "xVal")))
    places = sorted({place for column in (categories, *values) for place in column})[:MOST_CATEGORIES]
    rows = [[categories.get(place, ""), *(column.get(place, "") for column in values)] for place in places]
    heads = [["", *names]] if any(names) else []
    return [*([paragraph_element(title)] if title else []), *([_table(heads + rows)] if rows else [])]


def _cached(*holders: Xml | None) -> dict[int, str]:
    """The values Word keeps of the workbook behind a chart, by their place; those of the first holder there is."""
    holder = next((one for one in holders if one is not None), None)
    points = () if holder is None else holder.iter(f"{C}pt")
    found = {_place(point): point.findtext(f"{C}v") or "" for point in points}
    direct = None if holder is None else holder.findtext(f"{C}v")
    return found or ({0: direct} if direct else {})


def _place(point: Xml) -> int:
    place = point.get("idx") or ""
    return int(place) if place.isdecimal() and len(place) < 6 else 0


def _text(element: Xml | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext(f"{A}t", with_tail=False)).split())


def _table(rows: list[list[str]]) -> Xml:
    table = new("tbl")
    for cells in rows:
        row = new("tr")
        for text in cells:
            cell = new("tc")
            cell.append(paragraph_element(text))
            row.append(cell)
        table.append(row)
    return table
