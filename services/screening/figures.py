"""Figures that contradict each other in one sentence: sums, shares and rates of growth.

Only what arithmetic settles is marked: listed parts of one unit against their total, shares of one whole above a
hundred, a rate that does not follow from its two figures. Round figures (余, 约) and overlapping groups (党员 among
women) prove nothing and are left alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from models import FindingLevel
from services.screening.catalogue import rule as catalogue_rule
from services.screening.folding import Seen
from services.screening.marks import Mark

RULE = "wording.figures"

_ENDS = "。!?;\n"
_TOTAL_WORDS = ("共", "合计", "总计")
_TOTAL_FOLLOWS = re.compile("[^0-9。;；!?\n]{0,14}[0-9零一二三四五六七八九十百千两]")
_NUMBER = r"(?:[0-9][0-9,]*(?:\.[0-9]+)?|[零一二三四五六七八九十百千两]+)万?"
_UNIT = (
    r"(?:名|人|位|项|件|篇|场|次|门|支|册|本|间|家|所|棵|幅|张|台|套|辆|元|公里|千米|公斤|千克|吨|学时|课时|分|枚|块|条|份|期"
    r"|个[\u4e00-\u9fff]{0,4}?(?=[^\u4e00-\u9fff]|[和及共合总与]|$))"
)
_QUANTITY = re.compile(rf"(?<![0-9.,/:-])(?P<number>{_NUMBER})(?P<round>[余多几])?(?P<unit>{_UNIT})(?P<more>[余多])?")
_ROUND_BEFORE = re.compile("(?:约|近|超过?|逾|不足|至少|至多|最多|以上|上)$")
_INTRODUCES_PARTS = re.compile(
    r"^[^0-9,。;、]{0,8}[,:(]?(?:其中|包括|分别)[^0-9,。;、]{0,12}$|^[^0-9,。;、]{0,8}[:(][^0-9,。;、]{0,12}$"
)
_NEXT_PART = re.compile(r"^[^0-9,。;、]{0,6}(?:[,、]|和|及|以及)[^0-9,。;、]{0,12}$")
_LEADS_TO_TOTAL = re.compile(r"^[^0-9,。;、]{0,4}[,、]?(?:共计?|合计|总计|总共|一共)[^0-9,。;、]{0,8}$")
_BEFORE_TOTAL = re.compile(r"(?:共计?|合计|总计|总共|一共)[^0-9,。;、]{0,8}$")
_NO_PART = re.compile("每|各|平均|人均|比|增|减|去年|上年|同期|往年|历年|第|原|满|其中")
_OVERLAPS = re.compile("党员|团员|民族|博士|硕士|教授|高级|青年|首次|新增|骨干|干部|留学|省级|国家级|获|优秀")
_GENDERS = ("男", "女")

_PERCENT = re.compile(r"(?<![0-9.-])([0-9]+(?:\.[0-9]+)?)%")
_SHARE_BEFORE = re.compile(r"占(?:比|总[^,。;0-9]{0,6}|[^,。;0-9]{0,10}的)?(?:为|达到?|了|约)?$")
_NOT_ONE_WHOLE = re.compile("多选|其中|同时|分别占各|去年|上年|同期|上学期|提高|增长|下降|上升|至[0-9]")
_GROWTH = re.compile(
    r"[由从](?:[^,。;0-9]{0,12}?)(?P<old>[0-9][0-9,]*(?:\.[0-9]+)?)(?P<unit>[\u4e00-\u9fff]{0,3}?)"
    r"(?P<way>增加|增长|提高|提升|上升|扩大|增|升|减少|下降|降低|缩短|降|减)(?:到了?|至)"
    r"(?P<new>[0-9][0-9,]*(?:\.[0-9]+)?)(?P=unit)[^,。;0-9]{0,4},?[^,。;0-9]{0,4}"
    r"(?:增长|增加|提高|提升|上升|增幅|涨幅|减少|下降|降低|缩短|降幅)[率为达了约近]{0,3}$"
)
_SHARES_REACH = 100
_LONGEST_SENTENCE = 200
_ROUNDING = Decimal("0.5")
_GROWTH_ROUNDING = Decimal("1.0")


@dataclass(frozen=True)
class _Quantity:
    value: Decimal
    unit: str
    start: int
    end: int
    is_round: bool
    before: str  # what stands between the quantity before it, or the sentence's beginning, and this one


def marks_in(text: str, view: Seen, *, field: str) -> Iterator[Mark]:
    """Every contradiction in `text`; `view` is the text as `folding.read` gives it."""
    totals = _totals(view.text)
    percents = list(_PERCENT.finditer(view.text)) if "%" in view.text else []
    if not totals and not percents:
        return
    plain = view.text.replace("，", ",").replace("；", ";").replace("：", ":").replace("（", "(")
    for begin, end in _sentences(plain, totals):
        for start, stop, fault in _sums(plain, begin, end):
            yield _mark(text, view.span(start, stop), fault, field)
    for start, stop, fault in (*_shares(plain, percents), *_growths(plain, percents)):
        yield _mark(text, view.span(start, stop), fault, field)


def _totals(plain: str) -> list[int]:
    """Where a word for a total stands with a figure soon after it."""
    found = []
    for word in _TOTAL_WORDS:
        place = plain.find(word)
        while place >= 0:
            if _TOTAL_FOLLOWS.match(plain, place + len(word)):
                found.append(place)
            place = plain.find(word, place + 1)
    return sorted(found)


def _sentences(plain: str, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The sentences around these places, each once; what goes on for longer than a sentence can is left out."""
    done = -1
    for place in places:
        if place < done:
            continue
        first, last = max(0, place - _LONGEST_SENTENCE), min(len(plain), place + _LONGEST_SENTENCE)
        begin = max(plain.rfind(sign, first, place) for sign in _ENDS) + 1
        stops = [stop for sign in _ENDS if (stop := plain.find(sign, place, last)) >= 0]
        done = min(stops, default=last)
        if done - max(begin, first) <= _LONGEST_SENTENCE and (begin > first or first == 0):
            yield max(begin, first), done


@dataclass(frozen=True)
class _Fault:
    level: FindingLevel
    advice: str


# --- Sums ------------------------------------------------------------------------------------------------


def _sums(plain: str, begin: int, end: int) -> Iterator[tuple[int, int, _Fault]]:
    quantities = _quantities(plain, begin, end)
    for place, total in enumerate(quantities):
        if not _BEFORE_TOTAL.search(total.before):
            continue
        before = _parts_before(quantities, place)
        after = _parts_after(quantities, place)
        for parts, is_whole in ((before, True), (after, False)):
            fault = _fault_of_sum(total, parts, is_whole=is_whole)
            if fault is not None:
                yield min(total.start, parts[0].start), max(total.end, parts[-1].end), fault


def _quantities(plain: str, begin: int, end: int) -> list[_Quantity]:
    found = []
    last = begin
    for each in _QUANTITY.finditer(plain, begin, end):
        value = _value(each["number"])
        if value is None:
            continue
        before = plain[last : each.start()]
        is_round = bool(each["round"] or each["more"] or _ROUND_BEFORE.search(before))
        found.append(_Quantity(value, each["unit"], *each.span(), is_round, before))
        last = each.end()
    return found


def _parts_before(quantities: Sequence[_Quantity], place: int) -> list[_Quantity]:
    """The parts that lead up to a total: 3项、5项、10项，共18项."""
    total = quantities[place]
    if not _LEADS_TO_TOTAL.match(total.before):
        return []
    parts: list[_Quantity] = []
    for each in reversed(quantities[:place]):
        if each.unit != total.unit:
            break
        parts.insert(0, each)
        if not _NEXT_PART.match(each.before):
            break
    return parts


def _parts_after(quantities: Sequence[_Quantity], place: int) -> list[_Quantity]:
    """The parts a total is followed by: 共100人，其中男生60人、女生40人."""
    total, rest = quantities[place], quantities[place + 1 :]
    if not rest or not _INTRODUCES_PARTS.match(rest[0].before) or rest[0].unit != total.unit:
        return []
    following = takewhile(lambda each: each.unit == total.unit and _NEXT_PART.match(each.before), rest[1:])
    return [rest[0], *following]


def _fault_of_sum(total: _Quantity, parts: Sequence[_Quantity], *, is_whole: bool) -> _Fault | None:
    if len(parts) < 2 or any(each.is_round for each in (total, *parts)):
        return None
    labels = [each.before for each in parts]
    if any(_NO_PART.search(label.replace("其中", "", 1)) for label in labels):
        return None
    found = sum((each.value for each in parts), Decimal(0))
    if found == total.value:
        return None
    both_genders = len(parts) == 2 and all(sum(sign in label for label in labels) == 1 for sign in _GENDERS)
    overlaps = any(_OVERLAPS.search(label) for label in labels) or any(
        sign in label for sign in _GENDERS for label in labels
    )
    if not is_whole and not both_genders and (found < total.value or overlaps):
        return None  # what follows 其中 need not be everything, and may overlap
    written = " + ".join(f"{each.value:f}" for each in parts)
    return _Fault(FindingLevel.WARN, f"{written} = {found:f}，与写的 {total.value:f} 对不上，请核对。")


def _value(written: str) -> Decimal | None:
    times = 10_000 if written.endswith("万") else 1
    bare = written.removesuffix("万").replace(",", "")
    if bare and bare[0].isascii():
        return Decimal(bare) * times
    number = _han_number(bare)
    return None if number is None else Decimal(number * times)


_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1_000}


def _han_number(written: str) -> int | None:
    """一百二十八, 两千零五, 十二; None for what is no such number, as 三四 (three or four)."""
    total, digit = 0, None
    for sign in written:
        if sign in _POWERS:
            total += (1 if digit is None else digit) * _POWERS[sign]
            digit = None
        elif digit not in {None, 0}:
            return None
        else:
            digit = _DIGITS[sign]
    return total + (digit or 0) if written else None


# --- Shares and growth -----------------------------------------------------------------------------------


def _shares(plain: str, percents: Sequence[re.Match[str]]) -> Iterator[tuple[int, int, _Fault]]:
    shares = [each for each in percents if _SHARE_BEFORE.search(plain, max(0, each.start() - 16), each.start())]
    places = [each.start() for each in shares]
    for begin, end in _sentences(plain, places):
        group = shares[bisect_left(places, begin) : bisect_left(places, end)]
        found = sum((Decimal(each[1]) for each in group), Decimal(0))
        too_much = [each for each in group if Decimal(each[1]) > _SHARES_REACH]
        if too_much:
            yield *too_much[0].span(), _Fault(FindingLevel.WARN, "占比超过 100%，请核对。")
        elif len(group) > 1 and found > _SHARES_REACH + _ROUNDING and not _NOT_ONE_WHOLE.search(plain, begin, end):
            advice = f"各部分占比合计 {found:f}%，超过 100%，请核对；如为多选题，请注明。"
            yield group[0].start(), group[-1].end(), _Fault(FindingLevel.WARN, advice)


def _growths(plain: str, percents: Sequence[re.Match[str]]) -> Iterator[tuple[int, int, _Fault]]:
    for each in percents:
        found = _GROWTH.search(plain, max(0, each.start() - 60), each.start())
        if found is None:
            continue
        old, new = (Decimal(found[name].replace(",", "")) for name in ("old", "new"))
        if not old:
            continue
        rate = abs(new - old) / old * 100
        if abs(rate - Decimal(each[1])) > _GROWTH_ROUNDING:
            advice = f"从 {old:f} 到 {new:f} 的变化是 {rate:.1f}%，与写的 {each[1]}% 对不上，请核对。"
            yield found.start(), each.end(), _Fault(FindingLevel.INFO, advice)


def _mark(text: str, span: tuple[int, int], fault: _Fault, field: str) -> Mark:
    return Mark(
        rule=RULE,
        level=fault.level,
        quote=text[slice(*span)],
        start=span[0],
        end=span[1],
        clause=catalogue_rule(RULE).clause,
        suggestion=fault.advice,
        field=field,
    )
