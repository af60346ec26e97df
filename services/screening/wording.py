"""Deterministic checks of wording: dates, punctuation, doubled words, forgotten placeholders.

They promise to point at common slips, not to proof-read. Wrong characters are terms (`lists.confusion`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from models import FindingLevel
from services.screening.catalogue import RULES
from services.screening.folding import Codes, Positions, Seen, read
from services.screening.marks import Mark, without_nested
from services.screening.sentences import sentence_around

_HAN = "\u4e00-\u9fff"
_HAN_NUMERALS = "\u3007零一二三四五六七八九十"

# The month comes first so that the search can skip to digits; the year is looked for backwards from there.
_DATE = re.compile(
    rf"(?P<month>[0-9{_HAN_NUMERALS}]{{1,3}}) ?月 ?(?P<day>[0-9]{{1,2}}|[{_HAN_NUMERALS}]{{1,3}}) ?[日号]"
    rf"(?: ?[(]? ?(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])(?![至到-]) ?[)]?)?"
)
_YEAR_BEFORE = re.compile(rf"(?P<year>(?:19|20)[0-9]{{2}}|[{_HAN_NUMERALS}]{{4}}) ?年 ?$")
_NUMERIC_DATE = re.compile(
    r"(?P<year>[12](?<![0-9./-].)[09][0-9]{2})(?P<sign>[./-])"
    r"(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})(?![0-9./-])"
)
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2}) ?年")
_CLOCK = re.compile(r":[0-9]{2}(?![0-9:])")
_HOUR_BEFORE = re.compile(r"(?:[上下中]午|早上|晚上?|时间:?|[日号]) ?(?P<hour>[0-9]{2})$")
_DONE = re.compile(
    r"(?:举[行办]|召开|开展|落幕|闭幕|开幕|结束)了|(?:成功|顺利|圆满)(?:举[行办]|召开|落幕|结束|完成)"
    r"|已经?(?:举[行办]|召开|结束|落幕)"
)
_WEEKDAYS = "一二三四五六日"
_NUMERALS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"\u3007": 0}

_OPENERS = dict(zip("（《“‘「『【〈", "）》”’」』】〉", strict=True))
_CLOSERS = {closer: opener for opener, closer in _OPENERS.items()}
_BRACKET = re.compile("[（）《》“”‘’「」『』【】〈〉]")
_HALF_WIDTH = re.compile(rf"[,;:!?](?<=[{_HAN}].)(?=[{_HAN}])")
_FULL_WIDTH = dict(zip(",;:!?", "，；：！？", strict=True))
_REPEATED_SIGN = re.compile("([，。、；：])[，。、；：]+")
_TITLE_END = re.compile("[。，、；]$")

_DOUBLED_PARTICLE = re.compile(
    r"的的(?!确)|(?<![甚小])了了|在在|(?<!是)是是(?!非)|和和(?![气美])|与与|于于|为为|被被|把把(?!关)|就就|对对(?!子)"
)
# 讨论讨论, 一个一个, 哈哈哈哈 are good Chinese.
_REDUPLICATED = re.compile(
    r".*[着了一很真好太再又越哈嘿呵嘻啊呀哇啦哗咚嗒叮滴嗡咔轰砰]|(?:讨论|研究|商量|休息|学习|了解|锻炼|体验|感受|考虑|放松|打扫|收拾|整理"
    r"|观察|比较|尝试|练习|介绍|认识|交流|沟通|表现|检查|复习|思考|琢磨|总结|准备|帮助|照顾|关心|活动|熟悉|调整|反思|品尝|欣赏|参观|运动|加油)$"
)
_ALL_HAN = re.compile(rf"[{_HAN}]+")
_LONGEST_DOUBLED = 6
_SHORTEST_PARAGRAPH = 20

_PLACEHOLDER = re.compile(
    r"(?=[XxＸｘ×待此请（(【\[_\uff3fTLl某])(?:(?<![A-Za-z0-9*×Ｘｘ])[XxＸｘ×]{2,}(?![A-Za-z0-9*×Ｘｘ])|待(?:补充|填写|完善|核实|确认)(?![的后])"
    r"|此处(?:插入|填写|放|配)[^\n，。]{0,12}|请(?:在此)?(?:填写|输入)(?:标题|正文|内容)"
    r"|[（(【\[](?:图片?|配图|照片|插图|视频)[0-9一二三四五六七八九十]*[）)】\]]"
    r"|_{3,}|\uff3f{2,}|\bTODO\b|\bTBD\b|[Ll]orem ipsum|某某(?:某|同学|老师|学校|单位)?)"
)


def marks_in(text: str, *, today: date | None = None, field: str = "body", view: Seen | None = None) -> list[Mark]:
    """Every slip of wording in `text`, in order. Without `today`, dates are only checked for existing at all.

    `view` is the text as `read` gives it, where the caller has it already.
    """
    page = _Page(text, field, today, view or read(text))
    marks = [*_dates(page), *_punctuation(page), *_doubled(page), *_placeholders(page)]
    return without_nested(marks)


_LEAD = 300  # characters of a body in which a report says what has happened


def event_marks(title: str, body: str, event_date: date | None, today: date) -> Iterator[Mark]:
    """A report of what has happened cannot belong to an event still to come."""
    if event_date is None or event_date <= today or not (_DONE.search(title) or _DONE.search(body, 0, _LEAD)):
        return
    advice = f"登记的活动日期是 {event_date}，还没有到，稿件却说活动已经举行：请核对日期。"
    yield Mark("wording.date", FindingLevel.WARN, "", 0, 0, RULES["wording.date"].clause, advice)


@dataclass(frozen=True)
class _Page:
    text: str
    field: str
    today: date | None
    view: Seen

    def mark(
        self,
        rule: str,
        level: FindingLevel,
        span: tuple[int, int],
        suggestion: str,
        replacement: str | None = None,
    ) -> Mark:
        return Mark(
            rule=rule,
            level=level,
            quote=self.text[slice(*span)],
            start=span[0],
            end=span[1],
            clause=RULES[rule].clause,
            suggestion=suggestion,
            field=self.field,
            replacement=replacement,
        )


def _dates(page: _Page) -> Iterator[Mark]:
    view = page.view
    for found in _DATE.finditer(view.text):
        yield from _written_date(page, view, found)
    for found in _NUMERIC_DATE.finditer(view.text):
        parts = [int(found[name]) for name in ("year", "month", "day")]
        if _day(*parts) is None:
            yield page.mark("wording.date", FindingLevel.WARN, view.span(*found.span()), "没有这一天，请核对日期。")
    for found in _CLOCK.finditer(view.text):
        # Scores and ratios look like clock times too; only a word just before makes one.
        hour = _HOUR_BEFORE.search(view.text[max(0, found.start() - 8) : found.start()])
        if hour and int(hour["hour"]) > 24:
            span = view.span(found.start() - 2, found.end())
            yield page.mark("wording.date", FindingLevel.WARN, span, "没有这个时刻，请核对时间。")


def _written_date(page: _Page, view: Seen, found: re.Match[str]) -> Iterator[Mark]:
    if not _is_one_number(found["month"]):
        return
    before = view.text[max(0, found.start() - 8) : found.start()]
    year = _YEAR_BEFORE.search(before)
    start = found.start() - len(before) + year.start() if year else found.start()
    month, day = _number(found["month"]), _number(found["day"])
    years = [_number(year["year"])] if year else _possible_years(view.text, found.start(), page.today, month)
    days = [real for each in years or [2000] if (real := _day(each, month, day)) is not None]
    span = view.span(start, found.end())
    if not days:
        yield page.mark("wording.date", FindingLevel.WARN, span, "没有这一天，请核对日期。")
        return
    if years and found["weekday"]:
        yield from _weekday(page, view, found, days)
    if years and page.today and days[-1] > page.today and _tells_of_the_past(view.text, found):
        advice = "稿件说活动已经举行，这个日期却在今天之后，请核对。"
        yield page.mark("wording.date", FindingLevel.WARN, span, advice)


def _is_one_number(written: str) -> bool:
    """Not a mixture such as 5十, and not the end of a longer number."""
    if written.isascii():
        return len(written) <= 2
    return all(sign in _HAN_NUMERALS for sign in written)


def _weekday(page: _Page, view: Seen, found: re.Match[str], days: list[date]) -> Iterator[Mark]:
    written = _WEEKDAYS.index(found["weekday"].replace("天", "日"))
    if written in {day.weekday() for day in days}:
        return
    day = days[-1]
    right = _WEEKDAYS[day.weekday()]
    place = view.span(*found.span("weekday"))
    suggestion = f"{day.year}年{day.month}月{day.day}日是星期{right}，请核对日期与星期。"
    yield page.mark("wording.weekday", FindingLevel.WARN, place, suggestion, replacement=right)


def _possible_years(text: str, start: int, today: date | None, month: int) -> list[int]:
    """The year last named nearby, and the one that brings the day nearest to today."""
    named = [int(year[1]) for year in _YEAR.finditer(text, max(0, start - 120), start)]
    years = named[-1:]
    if today:
        near = (today.year - 1, today.year, today.year + 1)
        years.append(min(near, key=lambda year: _months_away(today, year, month)))
    return years


def _months_away(today: date, year: int, month: int) -> int:
    return abs((year - today.year) * 12 + month - today.month)


def _tells_of_the_past(text: str, found: re.Match[str]) -> bool:
    begin, end = sentence_around(text, *found.span(), ends="。!?\n")
    return _DONE.search(text, begin, end) is not None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(written: str) -> int:
    """Digits, 二〇二六, 十一, 二十三, 三十."""
    if written.isascii():
        return int(written)
    if "十" not in written:
        return int("".join(str(_NUMERALS[numeral]) for numeral in written))
    tens, _, ones = written.partition("十")
    return (_number(tens) if tens else 1) * 10 + (_number(ones) if ones else 0)


def _punctuation(page: _Page) -> Iterator[Mark]:
    yield from _unbalanced(page)
    for found in _HALF_WIDTH.finditer(page.text):
        sign = _FULL_WIDTH[found.group()]
        yield page.mark(
            "wording.punctuation",
            FindingLevel.INFO,
            found.span(),
            f"汉字之间请用全角标点“{sign}”。",
            replacement=sign,
        )
    for found in _REPEATED_SIGN.finditer(page.text):
        only = found[1] if len(set(found.group())) == 1 else None
        yield page.mark(
            "wording.punctuation", FindingLevel.WARN, found.span(), "标点连用，请保留一个。", replacement=only
        )
    if page.field == "title" and (last := _TITLE_END.search(page.text.rstrip())):
        yield page.mark(
            "wording.punctuation", FindingLevel.INFO, last.span(), "标题末尾一般不用这个标点。", replacement=""
        )


def _unbalanced(page: _Page) -> Iterator[Mark]:
    """Brackets and quotation marks pair within a paragraph; a lone one is marked where it stands."""
    open_places: list[tuple[str, int]] = []
    paragraph_end = -1
    for found in _BRACKET.finditer(page.text):
        if found.start() > paragraph_end:
            yield from _left_open(page, open_places)
            open_places = []
            paragraph_end = _end_of_paragraph(page.text, found.start())
        sign = found.group()
        if sign in _OPENERS:
            open_places.append((sign, found.start()))
        elif open_places and open_places[-1][0] == _CLOSERS[sign]:
            open_places.pop()
        else:
            yield page.mark("wording.punctuation", FindingLevel.WARN, found.span(), f"“{sign}”没有与之配对的前一半。")
    yield from _left_open(page, open_places)


def _left_open(page: _Page, open_places: list[tuple[str, int]]) -> Iterator[Mark]:
    for sign, place in open_places:
        yield page.mark("wording.punctuation", FindingLevel.WARN, (place, place + 1), f"“{sign}”没有与之配对的后一半。")


def _end_of_paragraph(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _doubled(page: _Page) -> Iterator[Mark]:
    codes = np.frombuffer(page.text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    for place in np.flatnonzero(codes[:-1] == codes[1:]):
        found = _DOUBLED_PARTICLE.match(page.text, int(place))
        if not found:
            continue
        once = found.group()[0]
        yield page.mark("wording.doubled", FindingLevel.WARN, found.span(), "疑为重复的字，请删去一个。", once)
    for start, length in _doubled_strings(codes):
        once = page.text[start : start + length]
        if _ALL_HAN.fullmatch(once) and not _REDUPLICATED.match(once):
            span = (start, start + 2 * length)
            yield page.mark("wording.doubled", FindingLevel.INFO, span, "词语连续出现两次，请核对。", once)
    yield from _repeated_paragraphs(page)


def _doubled_strings(codes: Codes) -> Iterator[tuple[int, int]]:
    """Start and length of each string of 2 to 6 Han characters directly followed by itself.

    Comparing the text with itself shifted is a hundred times cheaper than a back-reference.
    """
    for length in range(2, _LONGEST_DOUBLED + 1):
        same = np.flatnonzero(codes[:-length] == codes[length:])
        yield from ((start, length) for start in _runs(same, length))


def _runs(places: Positions, length: int) -> list[int]:
    """Starts of runs of at least `length` neighbouring places."""
    if len(places) < length:
        return []
    steady = places[length - 1 :] - places[: len(places) - length + 1] == length - 1
    starts = [int(start) for start in places[: len(steady)][steady]]
    return [start for before, start in zip([-9, *starts], starts, strict=False) if start > before + 1]


def _repeated_paragraphs(page: _Page) -> Iterator[Mark]:
    seen: set[str] = set()
    start = 0
    for line in page.text.split("\n"):
        paragraph = line.strip()
        if len(paragraph) >= _SHORTEST_PARAGRAPH:
            if paragraph in seen:
                yield page.mark(
                    "wording.doubled", FindingLevel.WARN, (start, start + len(line)), "整段重复，请删去一处。"
                )
            seen.add(paragraph)
        start += len(line) + 1


def _placeholders(page: _Page) -> Iterator[Mark]:
    for found in _PLACEHOLDER.finditer(page.text):
        level = FindingLevel.INFO if found.group().startswith("某某") else FindingLevel.WARN
        yield page.mark("wording.placeholder", level, found.span(), "像没有填写的内容，请补齐或删除。")
