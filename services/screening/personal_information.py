r"""Personal information in a text (clause 4.2; 个人信息保护法 25, 28; 未成年人保护法 72, 103).

The patterns run on a view with plain digits (`folding.read`), so full-width, spaced, hyphenated and, in a
second pass, Han-digit writings are one case. Character classes are ASCII throughout: `\w` and `\d` of
Python would take Han characters into an e-mail address.
What was found leaves this module masked, plus a salted hash; never in clear.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from models import FindingLevel
from services.screening import circumstances, numbers_apart
from services.screening.catalogue import rule as catalogue_rule
from services.screening.columns import cells_under
from services.screening.folding import HAN_DIGITS, ITEM_DIGITS, Seen, read, read_han_digits
from services.screening.marks import GRAVITY, Mark, without_nested
from services.screening.numbers_apart import Apart
from services.screening.surnames import SURNAMES


@dataclass(frozen=True)
class PersonalDataSettings:
    """The school's own numbers.

    `salt` keys the hashes; without it no hash is made, because a bare hash of a phone number can be undone.
    `student_numbers` and `staff_numbers` are templates, `#` a digit and `@` a letter ("2023####"): not regular
    expressions, which could be written so that they never end. `school_domains` are mailboxes meant for the public.
    """

    salt: bytes = b""
    student_numbers: tuple[str, ...] = ()
    staff_numbers: tuple[str, ...] = ()
    school_domains: tuple[str, ...] = ()

    @property
    def own_numbers(self) -> tuple[str, ...]:
        """The formats of all numbers the school gives out."""
        return (*self.student_numbers, *self.staff_numbers)


@dataclass(frozen=True)
class _Hit:
    rule: str
    level: FindingLevel
    start: int  # in the view
    end: int
    value: str  # as compared: separators removed
    masked: str
    suggestion: str
    replaceable: bool = True


@dataclass(frozen=True)
class _Number:
    """Neighbouring groups of digits read as one number; `shape` is how long each group was."""

    digits: str
    shape: tuple[int, ...]
    start: int
    end: int
    lonely: bool  # no further single digit beside it: "1 3 8 …" is a number, a row of marks is not


_GAP = r"[ _.·-]"  # no tab: it divides the cells of a table
_RUN = re.compile(rf"[0-9](?:{_GAP}{{0,2}}[0-9]){{6,}}(?:{_GAP}{{0,2}}[Xx](?![A-Za-z0-9]))?")
_GROUP = re.compile(r"[0-9]+[Xx]?|[Xx]")
_ODD = f"{HAN_DIGITS}{ITEM_DIGITS}"
_ODD_NUMBER = re.compile(rf"[{_ODD}](?:(?:{_GAP}?[0-9{_ODD}]){{3}}|(?<=[0-9]{{3}}[{_ODD}]))")

_GAPS = re.compile(_GAP)
_DIVIDED = re.compile(r"[\n\t]")
_NO_SIGN = re.compile(rf"{_GAP}|[\n\t]")

_LABEL = re.compile(
    r"(?P<id>身份证|公民身份|证件号)"
    r"|(?P<student>学籍号|学 {0,2}号|学生证号|考生号|准考证|考号|报名号|[教职]?工号|一卡通号|校园卡号)"
    r"|(?P<passport>护照|通行证|台胞证|回乡证)"
    r"|(?P<qq>[Qq]{2}|扣扣)"
    r"|(?P<other>信用代码|税号|识别号|订单|单号|流水|编号|文号|批号|备案号|许可证|图号|序列号|注册号|ISBN|ISSN|专利|合同号)"
    r"|(?P<bank>银行卡|卡号|账[号户]|帐[号户]|开户|汇款|转账|收款)"
    r"|(?P<phone>电话|手机|座机|总机|固话|热线|联系|传真|咨询|致电|微信|[Tt]el|TEL|[Mm]obile)"
)
# Groups of three and four digits under a bare 电话 may be counts; a row of boxes, one digit in each, is not.
_PHONE_CELL = re.compile(
    r"(?:(?:电话|手机)(?:号码?|:)|(?:联系|家长|本人|办公)(?:电话|手机)|联系方式|[Tt]el:|TEL:)"
    r"(?:\([^()\n\t]{0,6}\))?:? ?\t{0,2}$"
)
_PHONE_BOXES = re.compile(r"(?:电话|手机|联系方式|[Tt]el|TEL)(?:号码?)?(?:\([^()\n\t]{0,6}\))?:? ?\t{0,2}$")
_LOCAL_NUMBER = re.compile(r"[2-8][0-9]{6,7}")
_BANK_AFTER = re.compile(r"开户|户名|账户名")

_REGIONS = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_ID_SHAPES = frozenset({
    (18,), (17, 1), (6, 8, 4), (6, 8, 3, 1), (6, 12), (14, 4), (10, 8), (6, 4, 8), (6, 4, 4, 4),
    (6, 4, 2, 2, 4), (3, 3, 4, 4, 4), (3, 3, 8, 4), (2, 4, 8, 4), (4, 4, 4, 4, 2), (4, 4, 4, 6),
    (6, 6, 6), (3, 3, 3, 3, 3, 3), (6, 4, 4, 3, 1),
})  # fmt: skip
_FEWEST_IN_RUN = 7
_MOST_GROUPS = 6  # of a number that is not spelled out digit by digit
_MOBILE_SHAPES = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (3, 4, 2, 2)})
_PHONE_LIKE = re.compile(r"(?:(?:00)?86)?1[3-9][0-9]{9}$|0[1-9][0-9]{8,10}$")
_AREA_CODE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})")

_LANDLINE_IN_BRACKETS = re.compile(rf"\(0[0-9]{{2,3}}\){_GAP}?[0-9]{{3,4}}{_GAP}?[0-9]{{4}}(?![0-9])")
_LANDLINE_LABELLED = re.compile(
    rf"(?:电话|座机|固话|总机|热线|传真|[Tt]el|TEL)[^0-9\n]{{0,6}}([2-8][0-9]{{2,3}}{_GAP}?[0-9]{{4}})(?!{_GAP}?[0-9])"
)
_LANDLINE_FROM_ABROAD = re.compile(
    rf"(?:\+|00)86[ _.·(-]?(?:10|2[0-9]|[3-9][0-9]{{2}})[ _.·)-]?[0-9]{{3,4}}{_GAP}?[0-9]{{4}}(?![0-9])"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64} ?(?:@|[\[(]at[\])]) ?"
    r"((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9])"
)
_EMAIL_IN_WORDS = re.compile(
    r"(?:邮箱|邮件|[Ee]-?[Mm]ail)[^A-Za-z0-9\n]{0,6}"
    r"(([A-Za-z0-9._%+-]{1,64}) ?(?:@|#|艾特|(?<= )(?:at|AT)(?= )) ?"
    r"([A-Za-z0-9-]{1,63}(?:(?:[.。]| (?:dot|DOT) )[A-Za-z0-9-]{1,63}){0,6}(?:[.。]| (?:dot|DOT) )[A-Za-z]{2,24}))"
    r"(?![A-Za-z0-9])"
)
_DOT_IN_WORDS = re.compile(r" (?:dot|DOT) |。")
_QQ = re.compile(
    r"(?:[Qq] ?[Qq]|[Qq](?<![A-Za-z0-9][Qq])(?=号|群)|扣扣|企鹅号|加 ?[Qq])(?:群|号码?|群号码?|交流群)*[是为:\s]{0,3}"
    rf"([1-9](?:{_GAP}?[0-9]){{4,10}})(?![0-9])"
)
_WECHAT = re.compile(
    r"(?:微 ?信号?|[Vv]信|[VvWw](?<![A-Za-z0-9].)(?:[Xx]|e[Cc]hat|ei[Xx]in)|[+加][Vv]|威信|薇信)"
    # Without a sign between, 微信App and 微信Windows11 are no ids.
    r"(?:(?:号| ?[Ii][Dd])?\s{0,2}[是为:\s]\s{0,2}|(?<=号)|(?<=信)(?=[A-Za-z0-9-]{1,18}(?:_|[0-9]{3})))"
    r"([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
)
# Without a sign between, where an app, a file or a part number could begin so: three digits in the name, small letters.
_WECHAT_JOINED = re.compile(
    r"[VvWw+加薇](?:(?P<bare>(?<=[VvWw])(?<![A-Za-z0-9./_@=&?-].)[Xx](?=[a-z])(?!(?:lan|app|api|card|init|pay|log|lib|page|test|web|data)[0-9]|[0-9a-f]{16}(?![A-Za-z0-9])))"
    r"|(?<=[+加]) ?(?:[薇微威徽]信?|卫星|绿泡泡)[号:是为 ]{0,2}|(?<=加) ?[VvWw][Xx]?[号:是为 ]{0,2}|(?<=薇) ?: ?)"
    r"(?=[A-Za-z0-9-]{1,18}(?:_|[0-9]{3}))([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_@-]|\.[A-Za-z])"
)
_NAMES_AN_ID = re.compile("[号是为:]|[Ii][Dd]")
_DIGIT_OR_BAR = re.compile("[0-9_]")
_WECHAT_CUE = re.compile(r"[加扫联私信聊薇微询]|联系|电话|群")
_NO_PERSONS_ID = re.compile(
    r"公众号|视频号|抖音|微博|密码|口令|[Ww][Ii]-?[Ff][Ii]|编号|型号|代码|课程|版本|文件|账户名|用户名|无线|网络"
)
_PASSPORT = re.compile(
    rf"(?<![A-Za-z0-9])(?:[EGDSPegdsp](?:{_GAP}?[0-9]){{8}}|[Ee][A-Za-z](?:{_GAP}?[0-9]){{7}})(?![A-Za-z0-9])"
)
_TRAVEL_PERMIT = re.compile(
    rf"(?:护照|通行证|台胞证|回乡证)(?:号码?|编号|[Nn][Oo]\.?)?[是为:\s]{{0,3}}"
    rf"((?:[A-Za-z]{{1,2}}{_GAP}?)?[0-9](?:{_GAP}?[0-9]){{6,9}})(?![0-9])"
)
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_ON_PLATE = "[A-HJ-NP-Za-hj-np-z0-9]"
_PLATE = re.compile(
    rf"[{_PROVINCE}][ ·.-]{{0,2}}[A-HJ-NP-Za-hj-np-z][ ·.-]{{0,2}}"
    rf"(?=(?:[A-Za-z][ .-]?){{0,4}}[0-9])(?:{_ON_PLATE}(?:[ .-]?{_ON_PLATE}){{4,5}}"
    rf"|{_ON_PLATE}(?:[ .-]?{_ON_PLATE}){{3}} ?(?:[挂学警港澳]|[使领](?![用者到取导先队略事奖衔会]))(?![A-Za-z0-9]))"
)
_PLATE_IN_LINES = re.compile(
    rf"[{_PROVINCE}][ ·.-]{{0,2}}\n?[A-HJ-NP-Z][ ·.-]?\n?(?=[A-Za-z\n]{{0,5}}[0-9])"
    rf"{_ON_PLATE}(?:\n?{_ON_PLATE}){{4,5}}(?![A-Za-z0-9])"
)
# 苏A at the end of a line is a plate; 创新A and 江苏A are none.
_ONLY_AFTER_THE_LETTER = re.compile(r"[^\n]*[A-Z][ ·.-]?\n[^\n]*")
_IN_A_WORD = re.compile("[\u4e00-\u9fff](?<![是为牌车号的辆挂开驾])$")
_PLATE_OF_ARMED_POLICE = re.compile(
    rf"[Ww](?<![A-Za-z0-9].)[Jj][ ·.-]{{0,2}}[{_PROVINCE}][ ·.-]{{0,2}}[0-9]{{4}}[0-9A-Za-z](?![A-Za-z0-9])"
)
# 使 and 领 are verbs too: 使120000人受益.
_PLATE_OF_EMBASSY = re.compile(r"[使领] ?[0-9]{3}([ ·.-]?)[0-9]{3}(?![0-9]| ?[人名余多个位台辆米元次万亿户册年月吨])")
_CAR_CUE = re.compile(
    r"(?:车牌|号牌|牌照|车号|牌号|车辆|轿车|汽车|面包车|大巴|车队|车尾|司机|停放|停着|开着)[^。;!?]{0,20}$|车[:是为 ]?$"
)
_STUDENT_LABELS = "学籍号|学 {0,2}号|学生证号|考生号|准考证号?|考号|报名号|[教职]?工号|一卡通号|校园卡号"
_STUDENT = re.compile(
    rf"({_STUDENT_LABELS})(?:码|分别|范围|区间)?[是为:(\s]{{0,3}}([A-Za-z]{{0,4}}[0-9](?:{_GAP}?[0-9]){{5,19}})(?![0-9])"
)
_NEXT_NUMBER = re.compile(r"[,、/;和及与 ]{1,2}([A-Za-z]{0,4}[0-9]{6,20})(?![0-9])")
_COLUMNS = {
    "student": re.compile(f"(?:{_STUDENT_LABELS})码?"),
    "papers": re.compile(r"(?:公民)?身份证(?:件)?号?码?|证件号码?|护照号?码?|(?:港澳|台湾)?通行证号?码?"),
    "bank": re.compile(r"(?:银行)?(?:卡号|账号|帐号)|银行卡"),
    "qq": re.compile(r"[Qq]{2}号?码?"),
    "wechat": re.compile(r"微信号?"),
    "phone": re.compile(r"(?:联系|移动|家长|家庭|本人|监护人)?(?:电话|手机)(?:号码?)?|(?:联系|通讯)方式"),
}
_IN_COLUMN = {
    "student": re.compile(r"[A-Za-z]{0,4}[0-9]{5,20}"),
    "papers": re.compile(r"[0-9]{15}|[0-9]{17}[0-9Xx]|[A-Za-z]{1,2}[0-9]{7,9}"),
    "bank": re.compile(r"[0-9]{16,19}"),
    "qq": re.compile(r"[1-9][0-9]{4,10}"),
    "wechat": re.compile(r"[A-Za-z][A-Za-z0-9_-]{5,19}"),
    "phone": re.compile(rf"[2-8][0-9]{{2,3}}{_GAP}?[0-9]{{4}}"),
}
_ADDRESS_LABELLED = re.compile(
    r"(?:家庭住址|家庭地址|居住地址|现住址?|住址|户籍地址?|户口(?:所在地|(?=:))|收货地址|家住)[是为在于:\s]{0,3}"
    r"([^\n,。;!?]{4,40})"
)
_ADDRESS_CUE = re.compile(r"[省市区县州镇乡村路街道巷弄号栋幢室组]")
_STREET_NUMBER = re.compile(
    r"(?:路|街|巷|弄|大道|胡同|村|新村|小区|花园|苑|里|庄|镇|乡)[0-9]{1,5}(?:-[0-9]{1,4})?(?:号|弄|栋|幢|组)"
    r"(?:[A-Z0-9]{1,4}(?:栋|幢|座|号楼|号|单元|室|-)){0,3}(?:[0-9]{3,4}室?)?"
)
_DISTRICT_BEFORE = re.compile(r"[\u4e00-\u9fff]{2,7}?(?:省|自治区|市|区|县|州|旗)")
_LIVES_IN = re.compile(r"^.*[住在于到至址]")
_ROOM = re.compile(
    r"(?:[0-9]{1,3}|[A-Za-z]|[一二三四五六七八九十东西南北]{1,2})(?:栋|幢|舍|公寓|号楼|号宿舍楼)"
    r"(?:[0-9一二三四五六]单元|[0-9一二三四五六七八九十]{1,2}层)?[A-Za-z]?[0-9]{3,4}(?:室|宿舍|寝室|房间?|(?![0-9教会报]))"
)
_DORMITORY = re.compile(
    r"(?:宿舍|寝室|公寓)(?:号|地址)?[是为在:]{1,2}\s?([^\s,。;!?、]{0,8}?[0-9]{1,2}[-#][0-9]{3,4})(?![0-9])"
)
_PUBLIC_BUILDING = re.compile(r"教学|实验|实训|办公|综合|行政|图书|科技|艺术|会议|报告|活动|体育|教室")

_HAN = r"[\u4e00-\u9fff]"
_NAME = re.compile(rf"(?<!{_HAN})(?!高[一二三])[{SURNAMES}](?: ?{_HAN}|{_HAN}{{2}})(?!{_HAN})")
_LIST_CUE = re.compile(
    r"班级|学号|成绩|排名|名次|总分|分数|得分|平均分|语文|数学|困难|资助|助学|低保|处分|病假|诊断|考号"
)
_LIST_REACH = 60

WHOLE_TEXT_PATTERNS = (
    _RUN, _ODD_NUMBER, _LANDLINE_IN_BRACKETS, _LANDLINE_LABELLED, _LANDLINE_FROM_ABROAD, _EMAIL, _EMAIL_IN_WORDS,
    _QQ, _WECHAT, _WECHAT_JOINED, _PASSPORT, _TRAVEL_PERMIT, _PLATE, _PLATE_IN_LINES, _PLATE_OF_ARMED_POLICE,
    _PLATE_OF_EMBASSY, _STUDENT, _ADDRESS_LABELLED, _STREET_NUMBER, _ROOM, _DORMITORY,
    _NAME, _LIST_CUE, *numbers_apart.WHOLE_TEXT_PATTERNS, *circumstances.WHOLE_TEXT_PATTERNS,
)  # fmt: skip
"""What a text is searched for from end to end; the cost nobody can save, for the benchmark."""


def marks_in(
    text: str,
    *,
    settings: PersonalDataSettings,
    today: date | None = None,
    field: str = "body",
    view: Seen | None = None,
) -> list[Mark]:
    """Every personal item of `text`, masked, in order. Without `today` a birthday may lie in the future.

    `view` is the text as `read` gives it, where the caller has it already.
    """
    view = view or read(text)
    hits = [
        *_column_hits(view.text),
        *_number_hits(view, settings, today),
        *_apart_hits(view.text, today),
        *_labelled_hits(view.text, settings),
    ]
    if _ODD_NUMBER.search(view.text):
        plain = read_han_digits(text)
        hits += [*_number_hits(plain, settings, today), *_labelled_numbers(plain.text), *_plates(plain.text)]
    return without_nested(_once_each(_mark(hit, view, settings, field) for hit in hits))


def _once_each(marks: Iterable[Mark]) -> Iterable[Mark]:
    """One mark of a rule at a place, though several patterns know it: the gravest, of equals the first."""
    kept: dict[tuple[str, int, int], Mark] = {}
    for mark in marks:
        known = kept.setdefault((mark.rule, mark.start, mark.end), mark)
        if GRAVITY[mark.level] > GRAVITY[known.level]:
            kept[mark.rule, mark.start, mark.end] = mark
    return kept.values()


def masked(value: str, head: int, tail: int) -> str:
    """`value` with everything but its first `head` and last `tail` characters starred, at least one star."""
    head, tail = (head, tail) if len(value) > head + tail else (min(1, len(value) - 1), 0)
    return value[:head] + "*" * max(1, len(value) - head - tail) + (value[-tail:] if tail else "")


def salted_hash(value: str, salt: bytes) -> str:
    """Recognises `value` again for whoever holds the salt; empty without a salt."""
    return hmac.new(salt, value.encode(), hashlib.sha256).hexdigest() if salt else ""


def is_id_number(digits: str, today: date | None = None) -> bool:
    """18 characters with a province, a real birthday up to `today` and the check digit of GB 11643 (MOD 11-2)."""
    return _looks_like_id(digits, today) and _id_check_digit(digits[:17]) == digits[17].upper()


def passes_luhn(digits: str) -> bool:
    """The check sum of card numbers (GB/T 17552): one in ten random numbers passes it too."""
    odd, even = digits[-1::-2], digits[-2::-2]
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in even)
    return (sum(int(digit) for digit in odd) + sum(doubled)) % 10 == 0


def _id_check_digit(first_seventeen: str) -> str:
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first_seventeen))
    return "10X98765432"[total % 11]


def _looks_like_id(digits: str, today: date | None) -> bool:
    return (
        len(digits) == 18
        and digits[:17].isdecimal()
        and (digits[17].isdecimal() or digits[17] in "Xx")
        and _REGIONS.match(digits) is not None
        and _is_birthday(digits[6:14], today)
    )


def _is_birthday(digits: str, today: date | None) -> bool:
    try:
        birthday = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= birthday <= (today or date.max)


def _mark(hit: _Hit, view: Seen, settings: PersonalDataSettings, field: str) -> Mark:
    start, end = view.span(hit.start, hit.end)
    return Mark(
        rule=hit.rule,
        level=hit.level,
        quote=hit.masked,
        start=start,
        end=end,
        clause=catalogue_rule(hit.rule).clause,
        suggestion=hit.suggestion,
        digest=salted_hash(hit.value, settings.salt),
        field=field,
        replacement=_in_its_parts(hit, view.text) if hit.replaceable else None,
    )


def _in_its_parts(hit: _Hit, text: str) -> str:
    """The masked value, divided by the ends of lines and cells that divide what was found: a form keeps its boxes."""
    written = text[hit.start : hit.end]
    signs = _NO_SIGN.sub("", written)
    if not _DIVIDED.search(written) or len(signs) != len(hit.masked):
        return hit.masked
    of_value = iter(hit.masked)
    return "".join(sign if _DIVIDED.match(sign) else next(of_value) for sign in _GAPS.sub("", written))


def _number_hits(view: Seen, settings: PersonalDataSettings, today: date | None) -> Iterator[_Hit]:
    templates = [_template_pattern(template) for template in settings.own_numbers]
    for run in _RUN.finditer(view.text):
        for number in _numbers(run):
            hit = _classify(number, view.text, templates, today)
            if hit:
                yield hit


def _apart_hits(text: str, today: date | None) -> Iterator[_Hit]:
    for apart in numbers_apart.id_numbers(text):
        if is_id_number(apart.digits, today):
            certain = not apart.needs_label or _nearest_label(text, apart.start) == "id"
            yield _id_hit(
                _in_one(apart), FindingLevel.BLOCK if certain else FindingLevel.WARN, _ID_OUT if certain else _ID_LIKELY
            )
    for apart in numbers_apart.mobiles(text):
        if not apart.needs_label or _nearest_label(text, apart.start) == "phone":
            yield from filter(None, [_mobile(_in_one(apart), "phone")])
    for apart in numbers_apart.mobiles_in_cells(text):
        label = _PHONE_BOXES if text[apart.start + 1] == "\t" else _PHONE_CELL
        if label.search(text, max(0, apart.start - 20), apart.start):
            yield from filter(None, [_mobile(_in_one(apart), "phone")])
    for apart in numbers_apart.in_radio_words(text):
        yield from filter(None, [_spoken(apart, _nearest_label(text, apart.start))])


def _spoken(apart: Apart, label: str) -> _Hit | None:
    number = _in_one(apart)
    if label == "phone" and _LOCAL_NUMBER.fullmatch(apart.digits):
        return _landline_hit(apart.start, apart.end, apart.digits)
    return _mobile(number, label) or (_landline(number, label) if label == "phone" else None)


def _in_one(apart: Apart) -> _Number:
    return _Number(apart.digits, (len(apart.digits),), apart.start, apart.end, lonely=True)


def _column_hits(text: str) -> Iterator[_Hit]:
    for kind, head, start, end in cells_under(text, _COLUMNS):
        value = text[start:end]
        if _IN_COLUMN[kind].fullmatch(value):
            yield from filter(None, [_cell_hit(kind, head, start, end, value)])


def _cell_hit(kind: str, head: str, start: int, end: int, value: str) -> _Hit | None:
    match kind:
        case "student":
            return _student_hit(start, end, value, _student_level(head))
        case "papers" if value[0].isalpha():
            return _passport_hit((start, end), value, FindingLevel.BLOCK, _PASSPORT_OUT)
        case "papers":
            return _id_card(_in_one(Apart(value, start, end)), "id", None)
        case "bank":
            return _bank_card(_in_one(Apart(value, start, end)), "bank", "")
        case "wechat":
            return _wechat_hit(start, end, value)
        case _:
            return (_qq_hit if kind == "qq" else _landline_hit)(start, end, _plain(value))


def _student_level(label: str) -> FindingLevel:
    return FindingLevel.WARN if label.rstrip("码").endswith("工号") else FindingLevel.BLOCK


def _numbers(run: re.Match[str]) -> Iterator[_Number]:
    """Every way of reading neighbouring digit groups of a run as one number of 7 to 19 digits."""
    groups = [(group.group(), group.start(), group.end()) for group in _GROUP.finditer(run.string, *run.span())]
    for first in range(len(groups)):
        reach = first + (19 if _begins_spelling(groups, first) else _MOST_GROUPS)
        for last, length in enumerate(accumulate(len(digits) for digits, _, _ in groups[first:reach]), first):
            if length > 19:
                break
            if length >= 7 and (first == last or length >= 15 or _is_phone_like(groups[first : last + 1])):
                yield _number(groups, first, last)


def _begins_spelling(groups: list[tuple[str, int, int]], first: int) -> bool:
    return len(groups[first][0]) == 1 and (first == 0 or len(groups[first - 1][0]) > 1)


def _is_phone_like(groups: list[tuple[str, int, int]]) -> bool:
    """Spares a page of marks and years the closer look."""
    return _PHONE_LIKE.match("".join(digits for digits, _, _ in groups)) is not None


def _number(groups: list[tuple[str, int, int]], first: int, last: int) -> _Number:
    beside = [groups[place][0] for place in (first - 1, last + 1) if 0 <= place < len(groups)]
    chosen = groups[first : last + 1]
    return _Number(
        digits="".join(group[0] for group in chosen),
        shape=tuple(len(group[0]) for group in chosen),
        start=chosen[0][1],
        end=chosen[-1][2],
        lonely=all(len(group) > 1 for group in beside),
    )


def _classify(number: _Number, text: str, templates: list[re.Pattern[str]], today: date | None) -> _Hit | None:
    label = _nearest_label(text, number.start)
    return (
        _id_card(number, label, today)
        or _bank_card(number, label, text)
        or _school_number(number, label, templates)
        or _mobile(number, label)
        or _landline(number, label)
    )


def _nearest_label(text: str, start: int) -> str:
    """What the text says the number is: the last label on the same line within 24 characters before it."""
    begin = max(0, start - 24)
    begin = max(begin, text.rfind("\n", begin, start) + 1)
    label = ""
    for found in _LABEL.finditer(text, begin, start):
        label = found.lastgroup or ""
    return label


def _is_spelled_out(number: _Number) -> bool:
    return number.lonely and set(number.shape) == {1}


def _id_card(number: _Number, label: str, today: date | None) -> _Hit | None:
    digits = number.digits
    credible = number.shape in _ID_SHAPES or _is_spelled_out(number) or label == "id"
    if not credible or len(digits) not in {15, 18}:
        return None
    if is_id_number(digits, today):
        return _id_hit(number, FindingLevel.BLOCK, _ID_OUT)
    if label == "id":
        return _id_hit(number, FindingLevel.WARN, "这里写的是身份证号，但没有通过校验，请核对后删除或打码。")
    if label != "other" and _looks_like_id(digits, today) and not passes_luhn_card(digits, label):
        return _id_hit(number, FindingLevel.WARN, "像身份证号但校验位不符，可能有错字，请核对后删除或打码。")
    return None


def passes_luhn_card(digits: str, label: str) -> bool:
    """A number the text calls a bank card and whose check sum agrees."""
    return label == "bank" and digits.isdecimal() and passes_luhn(digits)


_ID_LIKELY = "几格连起来像身份证号，校验位也对得上，请核对，属实则删除或打码。"
_ID_OUT = "公开稿件不得出现身份证号，请删除或打码。"
_PASSPORT_OUT = "公开稿件不得出现护照或通行证号，请删除或打码。"


def _id_hit(number: _Number, level: FindingLevel, suggestion: str) -> _Hit:
    value = number.digits.upper()
    return _Hit("pi.id_card", level, number.start, number.end, value, masked(value, 6, 4), suggestion)


def _bank_card(number: _Number, label: str, text: str) -> _Hit | None:
    digits = number.digits
    if not (16 <= len(digits) <= 19 and digits.isdecimal()) or label in {"id", "student", "other"}:
        return None
    in_fours = set(number.shape[:-1]) == {4} and number.shape[-1] <= 4
    if len(number.shape) > 1 and not in_fours and number.shape[0] != 6 and not _is_spelled_out(number):
        return None
    named = label == "bank" or bool(_BANK_AFTER.search(text, number.end, number.end + 30))
    level = _bank_level(digits, named=named)
    if level is None:
        return None
    certain = "公开稿件不得出现银行卡号，请删除或打码。"
    likely = "像银行卡号，请核对，属实则删除或打码。"
    suggestion = certain if level is FindingLevel.BLOCK else likely
    return _Hit("pi.bank_card", level, number.start, number.end, digits, masked(digits, 4, 4), suggestion)


def _bank_level(digits: str, *, named: bool) -> FindingLevel | None:
    if passes_luhn(digits):
        return FindingLevel.BLOCK if named else FindingLevel.WARN if digits.startswith("62") else None
    return FindingLevel.WARN if named else None


def _school_number(number: _Number, label: str, templates: list[re.Pattern[str]]) -> _Hit | None:
    """A number in the school's own format; a phone label wins, because many student numbers look like phones."""
    if (
        len(number.shape) > 1
        or label == "phone"
        or not any(template.fullmatch(number.digits) for template in templates)
    ):
        return None
    return _student_hit(number.start, number.end, number.digits, FindingLevel.WARN)


def _own_numbers(text: str, settings: PersonalDataSettings) -> Iterator[_Hit]:
    """Numbers of the school's formats that no run of seven digits shows: with letters, or short ones."""
    for template in settings.own_numbers:
        if template.count("#") < _FEWEST_IN_RUN or not template.replace("#", "0").isdecimal():
            # What stands before is asked afterwards: asking first would be asked at every character.
            pattern = re.compile(rf"{_template_pattern(template).pattern}(?![A-Za-z0-9])")
            for found in pattern.finditer(text):
                before = text[max(0, found.start() - 1) : found.start()]
                if not (before.isascii() and before.isalnum()):
                    yield _student_hit(*found.span(), found.group(), FindingLevel.WARN)


def _template_pattern(template: str) -> re.Pattern[str]:
    classes = {"#": "[0-9]", "@": "[A-Za-z]"}
    return re.compile("".join(classes.get(sign) or re.escape(sign) for sign in template))


def _mobile(number: _Number, label: str) -> _Hit | None:
    digits = re.sub(r"^(?:00)?86(?=1[0-9]{10}$)", "", number.digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits) or label in {"student", "qq", "other"}:
        return None
    own = number.shape[1:] if len(digits) + number.shape[0] == len(number.digits) else number.shape
    whole = len(own) == 1 or own in _MOBILE_SHAPES or _is_spelled_out(number) or label == "phone"
    if not whole:
        return None
    suggestion = "出现手机号：确需公布的联系电话请改用办公电话，个人号码请删除或打码。"
    return _Hit("pi.mobile", FindingLevel.WARN, number.start, number.end, digits, masked(digits, 3, 4), suggestion)


def _landline(number: _Number, label: str) -> _Hit | None:
    area = _AREA_CODE.match(number.digits)
    if not area or label in {"student", "bank", "id", "other", "qq"}:
        return None
    local = len(number.digits) - area.end()
    joined = number.shape[0] == len(number.digits) and label == "phone"
    spelled_out = _is_spelled_out(number) and label == "phone"
    if local not in {7, 8} or not (joined or spelled_out or number.shape[0] == area.end()):
        return None
    return _landline_hit(number.start, number.end, number.digits)


def _landline_hit(start: int, end: int, digits: str) -> _Hit:
    suggestion = "出现固定电话：请确认是可以公开的办公电话，住宅电话请删除。"
    return _Hit("pi.landline", FindingLevel.INFO, start, end, digits, masked(digits, len(digits) - 6, 2), suggestion)


def _student_hit(start: int, end: int, value: str, level: FindingLevel) -> _Hit:
    suggestion = "公开稿件不需要学号、考号或工号，请删除或打码。"
    return _Hit("pi.student_no", level, start, end, value, masked(value, 4, 2), suggestion)


def _labelled_hits(text: str, settings: PersonalDataSettings) -> Iterator[_Hit]:
    yield from _labelled_numbers(text)
    yield from _own_numbers(text, settings)
    yield from _emails(text, settings)
    yield from _wechat_ids(text)
    yield from _plates(text)
    yield from _addresses(text)
    yield from _name_lists(text)
    yield from _circumstances(text)


def _labelled_numbers(text: str) -> Iterator[_Hit]:
    for found in _LANDLINE_IN_BRACKETS.finditer(text):
        yield _landline_hit(*found.span(), _plain(found.group()))
    for found in _LANDLINE_FROM_ABROAD.finditer(text):
        yield _landline_hit(*found.span(), re.sub(r"[^0-9]", "", found.group()))
    for found in _LANDLINE_LABELLED.finditer(text):
        yield _landline_hit(*found.span(1), _plain(found[1]))
    for found in _QQ.finditer(text):
        yield _qq_hit(*found.span(1), _plain(found[1]))
    for found in _STUDENT.finditer(text):
        level = _student_level(found[1])
        yield _student_hit(*found.span(2), _plain(found[2]), level)
        following = _NEXT_NUMBER.match(text, found.end())
        while following and len(following[1]) == len(found[2]):
            yield _student_hit(*following.span(1), following[1], level)
            following = _NEXT_NUMBER.match(text, following.end())
    yield from _passports(text)


def _qq_hit(start: int, end: int, value: str) -> _Hit:
    suggestion = "出现 QQ 号：个人号码请删除，工作群请改用办公渠道。"
    return _Hit("pi.qq", FindingLevel.WARN, start, end, value, masked(value, 2, 2), suggestion)


def _passports(text: str) -> Iterator[_Hit]:
    for found in _TRAVEL_PERMIT.finditer(text):
        yield _passport_hit(found.span(1), found[1], FindingLevel.BLOCK, _PASSPORT_OUT)
    for found in _PASSPORT.finditer(text):
        if found.group()[0] in "EGeg" and _nearest_label(text, found.start()) != "passport":
            yield _passport_hit(found.span(), found.group(), FindingLevel.WARN, "像护照号，请核对，属实则删除或打码。")


def _passport_hit(span: tuple[int, int], written: str, level: FindingLevel, suggestion: str) -> _Hit:
    value = _plain(written).upper()
    return _Hit("pi.passport", level, *span, value, masked(value, 2, 2), suggestion)


def _emails(text: str, settings: PersonalDataSettings) -> Iterator[_Hit]:
    written = [(found.span(), re.sub(r" ?(?:@|[\[(]at[\])]) ?", "@", found.group())) for found in _EMAIL.finditer(text)]
    written += [
        (found.span(1), f"{found[2]}@{_DOT_IN_WORDS.sub('.', found[3])}")
        for found in _EMAIL_IN_WORDS.finditer(text)
        if not _EMAIL.fullmatch(found[1])
    ]
    for (start, end), address in written:
        value = address.lower()
        name, _, domain = value.partition("@")
        official = any(domain == own or domain.endswith("." + own) for own in settings.school_domains)
        level = FindingLevel.INFO if official else FindingLevel.WARN
        suggestion = "出现电子邮箱：请确认是可以公开的工作邮箱，个人邮箱请删除。"
        yield _Hit("pi.email", level, start, end, value, f"{masked(name, 1, 0)}@{domain}", suggestion)


def _wechat_ids(text: str) -> Iterator[_Hit]:
    for found in _WECHAT.finditer(text):
        named = text[found.start() : found.start(1)]
        # WeChat articles, 微信 Windows: after a mere blank a word is a word.
        is_word = named[-1].isspace() and not _NAMES_AN_ID.search(named) and not _DIGIT_OR_BAR.search(found[1])
        if not is_word and "公众号" not in text[max(0, found.start() - 6) : found.start()]:
            yield _wechat_hit(*found.span(1), found[1])
    for found in _WECHAT_JOINED.finditer(text):
        before = text[max(0, found.start() - 12) : found.start()]
        if not _NO_PERSONS_ID.search(before):
            sure = found["bare"] is None or _WECHAT_CUE.search(before)
            yield _wechat_hit(*found.span(2), found[2], FindingLevel.WARN if sure else FindingLevel.INFO)


def _wechat_hit(start: int, end: int, value: str, level: FindingLevel = FindingLevel.WARN) -> _Hit:
    suggestion = "出现个人微信号：请删除，或改用学校的公开联系方式。"
    if level is FindingLevel.INFO:
        suggestion = "像个人微信号，请核对，属实则删除，或改用学校的公开联系方式。"
    return _Hit("pi.wechat_id", level, start, end, value, masked(value, 2, 1), suggestion)


def _plates(text: str) -> Iterator[_Hit]:
    for pattern in (_PLATE, _PLATE_OF_ARMED_POLICE):
        for found in pattern.finditer(text):
            yield _plate_hit(found)
    for found in _PLATE_OF_EMBASSY.finditer(text):
        if found[1] == "·" or _CAR_CUE.search(text, max(0, found.start() - 24), found.start()):
            yield _plate_hit(found)
    for found in _PLATE_IN_LINES.finditer(text):
        if found.group().count("\n") == 1 and _is_plate_in_lines(text, found):
            yield _plate_hit(found)


def _is_plate_in_lines(text: str, found: re.Match[str]) -> bool:
    if _CAR_CUE.search(text, max(0, found.start() - 24), found.start()):
        return True
    alone = not _IN_A_WORD.search(text, max(0, found.start() - 1), found.start())
    return alone and _ONLY_AFTER_THE_LETTER.fullmatch(found.group()) is not None


def _plate_hit(found: re.Match[str]) -> _Hit:
    value = re.sub(r"[ ·.\n-]", "", found.group()).upper()
    suggestion = "出现车牌号：请删除或打码，图片中的车牌也请处理。"
    return _Hit("pi.plate", FindingLevel.WARN, *found.span(), value, masked(value, 2, 2), suggestion)


def _addresses(text: str) -> Iterator[_Hit]:
    for found in _ADDRESS_LABELLED.finditer(text):
        if _ADDRESS_CUE.search(found[1]):
            yield _address_hit(*found.span(1), found[1])
    for found in _STREET_NUMBER.finditer(text):
        begin = max(0, found.start() - 25)
        districts = list(_DISTRICT_BEFORE.finditer(text, begin, found.start()))
        if districts:
            start = districts[0].end() - len(_LIVES_IN.sub("", districts[0].group()))
            yield _address_hit(start, found.end(), text[start : found.end()])
    for found in _DORMITORY.finditer(text):
        yield _address_hit(*found.span(1), found[1])
    for found in _ROOM.finditer(text):
        if not _PUBLIC_BUILDING.search(text, max(0, found.start() - 8), found.end() + 2):
            yield _address_hit(*found.span(), found.group())


def _address_hit(start: int, end: int, value: str) -> _Hit:
    suggestion = "像住址或宿舍号：个人住址请删除；如是学校或活动场所的公开地址，请确认。"
    kept = 6 if len(value) > 9 else 2
    return _Hit("pi.address", FindingLevel.WARN, start, end, value, value[:kept] + "***", suggestion, replaceable=False)


def _name_lists(text: str) -> Iterator[_Hit]:
    """Three names or more, each close to the next, beside a word about classes, marks or aid."""
    if not _LIST_CUE.search(text):
        return
    for names in _clusters(text):
        start, end = names[0].start(), names[-1].end()
        if len(names) >= 3 and _LIST_CUE.search(text, max(0, start - _LIST_REACH), end + _LIST_REACH):
            shown = "、".join(masked(_plain(name.group()), 1, 0) for name in names[:3])
            suggestion = "像带班级、成绩或资助信息的学生名单：请只保留必要内容，姓名、分数不得并列公开。"
            value = "|".join(name.group() for name in names)
            yield _Hit(
                "pi.minor_list", FindingLevel.WARN, start, end, value, f"{shown}等{len(names)}人", suggestion,
                replaceable=False,
            )  # fmt: skip


def _circumstances(text: str) -> Iterator[_Hit]:
    for beside in circumstances.names_beside(text):
        level = FindingLevel.WARN if beside.sure else FindingLevel.INFO
        suggestion = (
            f"姓名与“{beside.cue}”并列：病情、家庭困难和受资助情况是敏感个人信息，请隐去姓名，或确认本人书面同意。"
        )
        shown = masked(beside.name, 1, 0)
        yield _Hit(
            "pi.circumstances", level, beside.start, beside.end, f"{beside.name}|{beside.cue}", shown, suggestion
        )


def _clusters(text: str) -> Iterator[list[re.Match[str]]]:
    cluster: list[re.Match[str]] = []
    for name in _NAME.finditer(text):
        if cluster and name.start() - cluster[-1].end() > _LIST_REACH:
            yield cluster
            cluster = []
        cluster.append(name)
    if cluster:
        yield cluster


def _plain(written: str) -> str:
    return re.sub(rf"{_GAP}|[()]", "", written)
