"""Term lists as CSV: what ships, what the office imports, what it exports.

Columns: term, group, level, match, allow, near, strict_topics, suggestion, replacement, source, owner,
valid_from, valid_to, pinyin. Several phrases in one cell are divided by `|`. Dates are ISO 8601. `pinyin` is yes or
empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from models import FindingLevel
from services.screening.entries import Match, Term
from services.screening.folding import fold
from services.screening.sounds import can_be_heard

COLUMNS = (
    "term", "group", "level", "match", "allow", "near", "strict_topics", "suggestion", "replacement",
    "source", "owner", "valid_from", "valid_to", "pinyin",
)  # fmt: skip

CONFUSION = "confusion"
"""The group of wrong characters: its marks carry the rule `wording.confusion`."""

Choice = TypeVar("Choice", FindingLevel, Match)

_DATA = Path(__file__).parent / "data"
_LARGEST_LIST = 100_000
_LONGEST_TERM = 64
_LONGEST_WORDS, _LONGEST_PHRASES = 200, 2000


@dataclass(frozen=True)
class RowError:
    """Why one line of an imported list was left out; `row` is the line as a spreadsheet counts it."""

    row: int
    why: str


@dataclass(frozen=True)
class Imported:
    """The good entries of a list, and every bad line with its reason."""

    terms: tuple[Term, ...]
    errors: tuple[RowError, ...]


def read_terms(content: str, *, trusted: bool = False) -> Imported:
    """Read a list; each bad line is reported by itself and the rest is kept.

    A `trusted` list was checked when it was written: looking at 50,000 entries again takes seconds.
    """
    terms: list[Term] = []
    errors: list[RowError] = []
    reader = csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    missing = [column for column in ("term", "group", "level") if column not in (reader.fieldnames or ())]
    if missing:
        return Imported((), (RowError(1, f"表头缺少 {'、'.join(missing)} 列。"),))
    for row, cells in enumerate(reader, 2):
        if row > _LARGEST_LIST + 1:
            errors.append(RowError(row, f"词表超过 {_LARGEST_LIST} 行，其余未导入，请分表。"))
            break
        try:
            term = _read({key: (cells.get(key) or "").strip() for key in COLUMNS})
            if not trusted:
                _refuse_bad_text(term)
            terms.append(term)
        except ValueError as error:
            errors.append(RowError(row, str(error)))
    return Imported(tuple(terms), tuple(errors))


def write_terms(terms: Iterable[Term]) -> str:
    """The same list back as CSV, so that `read_terms(write_terms(terms)).terms == terms`."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(_cells(term) for term in terms)
    return out.getvalue()


def shipped_terms() -> tuple[Term, ...]:
    """Our own starter groups, a few hundred entries; the office signs them and adds its own."""
    return read_terms((_DATA / "terms.csv").read_text("utf-8")).terms


def shipped_confusions() -> tuple[Term, ...]:
    """Wrong characters and their right ones, as exact terms of the rule `wording.confusion`."""
    rows = csv.DictReader((_DATA / "confusion.csv").read_text("utf-8").splitlines())
    return tuple(confusion(row["wrong"], row["right"], _phrases(row["allow"] or "")) for row in rows)


def confusion(wrong: str, right: str, allow: tuple[str, ...] = ()) -> Term:
    """An entry of the confusion list, shipped or grown from a reviewer's correction."""
    return Term(
        text=wrong,
        group=CONFUSION,
        level=FindingLevel.WARN,
        match=Match.EXACT,
        allow=allow,
        suggestion=f"疑为错别字，应写作“{right}”。",
        replacement=right,
        rule="wording.confusion",
    )


def _phrases(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def term_of(cells: dict[str, str]) -> Term:
    """One entry from its cells. Raises `ValueError` with the sentence the person reads."""
    term = _read({key: cells.get(key, "") for key in COLUMNS})
    _refuse_bad_text(term)
    return term


def _read(cells: dict[str, str]) -> Term:
    group = _group(cells["group"])
    return Term(
        text=cells["term"],
        group=group,
        level=_choice(FindingLevel, cells["level"], "级别"),
        match=_choice(Match, cells["match"] or Match.ANYWHERE, "匹配方式"),
        allow=_phrases(cells["allow"]),
        near=_phrases(cells["near"]),
        strict_topics=_phrases(cells["strict_topics"]),
        suggestion=cells["suggestion"] or "请核对此处用语是否妥当。",
        replacement=cells["replacement"] or None,
        source=cells["source"],
        owner=cells["owner"],
        valid_from=_day(cells["valid_from"]),
        valid_to=_day(cells["valid_to"]),
        rule="wording.confusion" if group == CONFUSION else "",
        pinyin=_yes(cells["pinyin"]),
    )


def _yes(written: str) -> bool:
    if written.lower() not in {"", "yes", "no", "是", "否"}:
        raise ValueError(f"读音匹配“{written}”不认识，可用：yes、no 或留空。")
    return written.lower() in {"yes", "是"}


def _group(name: str) -> str:
    if not (name.isascii() and name.replace("_", "").isalnum() and name == name.lower() and len(name) <= 32):
        raise ValueError("分组代码请用小写英文字母、数字和下划线，不超过 32 个字符。")
    return name


def _choice(kind: type[Choice], value: str, name: str) -> Choice:
    known = {choice.value: choice for choice in kind}
    if value not in known:
        raise ValueError(f"{name}“{value}”不认识，可用：{'、'.join(known)}。")
    return known[value]


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ValueError(f"日期“{value}”不合规范，请写成 2026-01-31。") from None


def _refuse_bad_text(term: Term) -> None:
    """Short terms mark half the language; they need a word border or the phrases in which they are harmless."""
    _refuse_long_words(term)
    folded = fold(term.text).text
    if term.match is Match.COMPLETE:
        _refuse_bad_formula(term)
        return
    if len(folded) < 2:
        raise ValueError(f"“{term.text}”不足两个字，会误标大量正常文字。")
    if len(term.text) > _LONGEST_TERM:
        raise ValueError(f"词条超过 {_LONGEST_TERM} 个字。")
    if len(folded) == 2 and term.match is Match.ANYWHERE and not (term.allow or term.near):
        raise ValueError(f"两个字的词“{term.text}”请用 word 匹配，或填写 allow、near。")
    if term.pinyin and not can_be_heard(folded):
        raise ValueError(f"“{term.text}”不能按读音匹配：只用于三个以上汉字的词，否则误报太多。")
    _refuse_bad_term(term)


def _refuse_long_words(term: Term) -> None:
    if max(map(len, (term.suggestion, term.replacement or "", term.source, term.owner))) > _LONGEST_WORDS:
        raise ValueError(f"建议、替换写法、来源和负责单位各不超过 {_LONGEST_WORDS} 个字。")
    if max(sum(map(len, each)) for each in (term.allow, term.near, term.strict_topics)) > _LONGEST_PHRASES:
        raise ValueError(f"allow、near 等短语合计各不超过 {_LONGEST_PHRASES} 个字。")


def _refuse_bad_formula(term: Term) -> None:
    if len(term.parts) < 3 or any(len(fold(part).text) < 2 for part in term.parts):
        raise ValueError("完整引用的表述请用“、”分开，至少三部分，每部分不少于两个字。")
    if len(term.text) > _LONGEST_TERM:
        raise ValueError(f"词条超过 {_LONGEST_TERM} 个字。")
    if term.pinyin:
        raise ValueError("完整引用的表述不能按读音匹配。")
    _refuse_bad_term(term)


def _refuse_bad_term(term: Term) -> None:
    if term.valid_from and term.valid_to and term.valid_to < term.valid_from:
        raise ValueError("失效日期早于生效日期。")


def _cells(term: Term) -> dict[str, str]:
    return {
        "term": term.text,
        "group": term.group,
        "level": term.level,
        "match": term.match,
        "allow": "|".join(term.allow),
        "near": "|".join(term.near),
        "strict_topics": "|".join(term.strict_topics),
        "suggestion": term.suggestion,
        "replacement": term.replacement or "",
        "source": term.source,
        "owner": term.owner,
        "valid_from": term.valid_from.isoformat() if term.valid_from else "",
        "valid_to": term.valid_to.isoformat() if term.valid_to else "",
        "pinyin": "yes" if term.pinyin else "",
    }
