"""What changed between two versions of a text, shown so that a reviewer trusts it.

Chinese has no blanks between words, so general HTML-diff libraries call a whole sentence one word. We align
blocks first and compare inside a pair by our own tokens: a number stays whole, "523" became "532".
Either side can be put together again exactly from the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Literal, TypeAlias

from diff_match_patch import diff_match_patch
from rapidfuzz import fuzz

from services.manuscript.blocks import Block, blocks, normalised

Op: TypeAlias = Literal["equal", "insert", "delete"]
Piece: TypeAlias = tuple[Op, str]
Kind: TypeAlias = Literal["kept", "inserted", "deleted", "changed", "moved"]
HighlightKind: TypeAlias = Literal["number", "date", "name", "link", "picture"]

#: Alignment is quadratic; beyond this an article is shown as rewritten as a whole.
MOST_BLOCKS = 400
#: Above this product of characters a replaced stretch is not searched for similar blocks (0.4 s at the limit).
LARGEST_SEARCH = 400_000_000
#: Two blocks are versions of each other from this similarity on, in percent.
ALIKE = 50

_OPS: dict[int, Op] = {-1: "delete", 0: "equal", 1: "insert"}
_TOKEN = re.compile(r"\d[\d.,:]*%?|[A-Za-z][\w-]*|.", re.DOTALL)
_FIRST_CODE = 0x100
_SURROGATES = (0xD800, 0xE000)


@dataclass(frozen=True)
class BlockChange:
    """One block of the comparison. `old` or `new` is missing where it stands on one side only; a moved block
    appears twice, once where it was and once where it is.
    """

    kind: Kind
    pieces: tuple[Piece, ...]
    old: Block | None
    new: Block | None

    @property
    def only_format(self) -> bool:
        """The words are the same; bold, a link, a merged cell or a picture's description differs."""
        return self.kind == "changed" and all(op == "equal" for op, _ in self.pieces)


@dataclass(frozen=True)
class Highlight:
    """A changed figure, date, name, link or picture; an empty side means added or taken out."""

    kind: HighlightKind
    old: str
    new: str

    def __str__(self) -> str:
        if not self.old:
            return f"新增 {self.new}"
        return f"{self.old} → {self.new}" if self.new else f"删去 {self.old}"


@dataclass(frozen=True)
class Comparison:
    blocks: tuple[BlockChange, ...]
    highlights: tuple[Highlight, ...]
    unchanged: bool
    #: Too long to align: everything old is shown as deleted, everything new as inserted.
    rewritten: bool = False

    @property
    def only_layout(self) -> bool:
        """Every block is the same, but lists or tables are put together differently."""
        return not self.unchanged and all(change.kind == "kept" for change in self.blocks)


def compare(old_html: str, new_html: str, *, patience: float = 2.0) -> Comparison:
    """Compare two canonical bodies.

    `patience` is how many seconds one pair of blocks may take before a coarser answer is given; 0 waits for
    the best answer, always the same.
    """
    old, new = blocks(old_html), blocks(new_html)
    rewritten = max(len(old), len(new)) > MOST_BLOCKS
    pairs = [*((block, None) for block in old), *((None, block) for block in new)] if rewritten else _aligned(old, new)
    changes = _with_moves([_change(before, after, patience) for before, after in pairs])
    return Comparison(
        tuple(changes), tuple(_highlights(changes)), normalised(old_html) == normalised(new_html), rewritten
    )


def compare_text(old: str, new: str, *, patience: float = 2.0) -> tuple[Piece, ...]:
    """Compare two plain texts, such as titles."""
    matcher = diff_match_patch()
    matcher.Diff_Timeout = patience
    codes: dict[str, str] = {}
    pieces = matcher.diff_main(_encoded(old, codes), _encoded(new, codes), checklines=False)
    matcher.diff_cleanupSemantic(pieces)
    tokens = {code: token for token, code in codes.items()}
    return tuple((_OPS[op], "".join(tokens[code] for code in text)) for op, text in pieces if text)


def _encoded(text: str, codes: dict[str, str]) -> str:
    return "".join(codes.setdefault(token, _code(len(codes))) for token in _TOKEN.findall(text))


def _code(number: int) -> str:
    point = _FIRST_CODE + number
    first, after = _SURROGATES
    return chr(point if point < first else point + after - first)


# --- alignment -----------------------------------------------------------------------------------------

_Pair: TypeAlias = tuple[Block | None, Block | None]


def _aligned(old: Sequence[Block], new: Sequence[Block]) -> list[_Pair]:
    pairs: list[_Pair] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += zip(old[i:j], new[k:m], strict=True)
        else:
            pairs += _paired(old[i:j], new[k:m]) if i < j else [(None, block) for block in new[k:m]]
    return pairs


def _paired(old: Sequence[Block], new: Sequence[Block]) -> list[_Pair]:
    return [(None if i is None else old[i], None if j is None else new[j]) for i, j in _best_pairs(_likeness(old, new))]


def _best_pairs(likeness: Sequence[Sequence[float]]) -> list[tuple[int | None, int | None]]:
    """The alignment with the greatest sum of similarities, order kept; 0 means "never a pair"."""
    rows, columns = len(likeness), len(likeness[0]) if likeness else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            together = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < rows and j < columns:
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return [*pairs, *((row, None) for row in range(i, rows)), *((None, column) for column in range(j, columns))]


def _likeness(old: Sequence[Block], new: Sequence[Block]) -> list[list[float]]:
    if sum(len(block.text) for block in old) * sum(len(block.text) for block in new) > LARGEST_SEARCH:
        return [[0.0] * len(new) for _ in old]
    return [[_alike(before, after) for after in new] for before in old]


def _alike(old: Block, new: Block) -> float:
    if "img" in {old.kind, new.kind}:
        return 100.0 if old.kind == new.kind and old.picture == new.picture else 0.0
    if old.text == new.text:
        return 100.0 if old.kind == new.kind else 90.0
    return fuzz.ratio(old.text, new.text, score_cutoff=ALIKE)


def _change(old: Block | None, new: Block | None, patience: float) -> BlockChange:
    if old is None or new is None:
        only = old or new
        text = only.text if only else ""
        pieces: tuple[Piece, ...] = (("insert" if old is None else "delete", text),) if text else ()
        return BlockChange("inserted" if old is None else "deleted", pieces, old, new)
    if old == new:
        return BlockChange("kept", (("equal", old.text),) if old.text else (), old, new)
    return BlockChange("changed", compare_text(old.text, new.text, patience=patience), old, new)


def _with_moves(changes: Sequence[BlockChange]) -> list[BlockChange]:
    """A block deleted here and inserted there was moved."""
    deleted = [change.old for change in changes if change.kind == "deleted"]
    inserted = [change.new for change in changes if change.kind == "inserted"]
    moved = {block for block in deleted if block is not None and deleted.count(block) == inserted.count(block)}
    return [
        BlockChange("moved", change.pieces, change.old, change.new)
        if change.kind in {"deleted", "inserted"} and (change.old or change.new) in moved
        else change
        for change in changes
    ]


# --- what deserves a second look -----------------------------------------------------------------------

# The hundred commonest surnames cover 85 % of people (Ministry of Public Security, 2020 report on names).
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_TITLES = "书记|校长|院长|主任|处长|部长|馆长|教授|老师|同学|辅导员|教练|院士|博士"
_SALIENT: dict[Literal["date", "number", "name"], re.Pattern[str]] = {
    "date": re.compile(
        r"(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}[日号])?|\d{4}年|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
        r"|(?:星期|周)[一二三四五六日天]|\d{1,2}[:：]\d{2}|\d{1,2}[时点](?:\d{1,2}分)?"
    ),
    "number": re.compile(r"\d+(?:[.,]\d+)*[%‰万亿]?"),
    "name": re.compile(
        rf"[{_SURNAMES}][一-鿿]{{1,2}}(?=副?(?:{_TITLES}))"
        # After a title the end of the name is not marked: a word that usually follows a name ends it.
        rf"|(?<=[记长任授师学员练士])[{_SURNAMES}][一-鿿][^\W讲说致在出为作主带和与及等的对向参宣指表颁\da-zA-Z]?"
    ),
}


def _highlights(changes: Iterable[BlockChange]) -> Iterator[Highlight]:
    changes = list(changes)
    for change in changes:
        if change.old is not None and change.new is not None and change.kind == "changed":
            yield from _salient_changes(change.old.text, change.new.text)
            yield from _paired_up("link", change.old.links, change.new.links)
    gone = [change.old.picture for change in changes if change.kind == "deleted" and change.old and change.old.picture]
    come = [change.new.picture for change in changes if change.kind == "inserted" and change.new and change.new.picture]
    yield from _paired_up("picture", [f"图片 {name[:8]}" for name in gone], [f"图片 {name[:8]}" for name in come])


def _salient_changes(old: str, new: str) -> Iterator[Highlight]:
    for kind, pattern in _SALIENT.items():
        yield from _paired_up(kind, pattern.findall(old), pattern.findall(new))
        # A date is not listed a second time as the numbers in it.
        old, new = pattern.sub(" ", old), pattern.sub(" ", new)


def _paired_up(kind: HighlightKind, old: Sequence[str], new: Sequence[str]) -> Iterator[Highlight]:
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if j - i == m - k:
            yield from (Highlight(kind, before, after) for before, after in zip(old[i:j], new[k:m], strict=True))
        elif i == j:
            yield from (Highlight(kind, "", after) for after in new[k:m])
        else:
            likeness = [[fuzz.ratio(before, after, score_cutoff=ALIKE) for after in new[k:m]] for before in old[i:j]]
            for before, after in _best_pairs(likeness):
                yield Highlight(
                    kind, "" if before is None else old[i + before], "" if after is None else new[k + after]
                )


# --- on the screen -------------------------------------------------------------------------------------

_LABELS: dict[Kind, str] = {"inserted": "新增", "deleted": "删去", "changed": "改动", "moved": "移动", "kept": ""}


def render(comparison: Comparison, *, picture_urls: Mapping[str, str] | None = None) -> str:
    """The comparison as HTML: `<ins>` and `<del>` inside `<div class="diff-KIND">`, all text escaped.

    Pictures are shown where `picture_urls` knows an address for their fingerprint, named otherwise.
    """
    notes = []
    if comparison.rewritten:
        notes.append("全文重写，未逐段对齐。")
    if comparison.only_layout:
        notes.append("文字未变，列表、表格或分隔的版式有改动。")
    head = "".join(f'<p class="diff-note">{note}</p>' for note in notes)
    rows = "".join(_render_change(change, picture_urls or {}) for change in comparison.blocks)
    return f'<div class="diff">{head}{rows}</div>'


def render_pieces(pieces: Iterable[Piece]) -> str:
    """A changed text as HTML with `<ins>` and `<del>`, escaped."""
    return "".join(_render_piece(op, text) for op, text in pieces)


def _render_piece(op: Op, text: str) -> str:
    shown = escape(text).replace("\n", "<br>").replace("\t", " ｜ ")
    return {"equal": shown, "insert": f"<ins>{shown}</ins>", "delete": f"<del>{shown}</del>"}[op]


def _render_change(change: BlockChange, picture_urls: Mapping[str, str]) -> str:
    block = change.new or change.old
    if block is None:
        return ""
    label = "格式改动" if change.only_format else _moved_label(change) or _LABELS[change.kind]
    mark = f'<span class="diff-label">{label}</span>' if label else ""
    inner = _render_picture(change, block, picture_urls) if block.picture else render_pieces(change.pieces)
    return f'<div class="diff-{change.kind} diff-block-{block.kind}">{mark}{inner}</div>'


def _moved_label(change: BlockChange) -> str:
    if change.kind != "moved":
        return ""
    return "移走" if change.new is None else "移来"


def _render_picture(change: BlockChange, block: Block, picture_urls: Mapping[str, str]) -> str:
    address = picture_urls.get(block.picture)
    shown = f'<img src="{escape(address)}" alt="">' if address else f"（图片 {block.picture[:8]}）"
    wrapper = {"inserted": "ins", "deleted": "del"}.get(change.kind, "span")
    return f"<{wrapper}>{shown}</{wrapper}>"
