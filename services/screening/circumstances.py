"""One person's name beside an illness, a hardship or an aid: 家庭经济困难学生张三, 李四身患白血病.

A name in Chinese has no borders of its own, so it counts only where the sentence gives it two: a word of the kind
学生 or a sign before it, and a sign, 同学 or a verb after it. Better one missed than every story about the aid
office marked; lists of three names and more are found elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.screening.surnames import SURNAMES, UNSURE

_HARDSHIP = "困难|贫困|贫寒|特困|低保|建档立卡|孤儿|残疾|残障|单亲|受资助|受助"
_ILLNESS = (
    "癌症?|白血病|肿瘤|尿毒症|抑郁症?|焦虑症|双相情感障碍|精神分裂症?|自闭症|艾滋病?|乙肝|肝炎|肺结核|结核病|心脏病|糖尿病|癫痫|"
    "渐冻症|血友病|重病|大病|重疾|绝症"
)
_CUE = re.compile(f"{_HARDSHIP}|{_ILLNESS}")  # without groups: with them the search takes three times as long
_IS_HARDSHIP = re.compile(_HARDSHIP)
WHOLE_TEXT_PATTERNS = (_CUE,)

_HAN = "[\u4e00-\u9fff]"
# 张伟为困难学生, 张三身患: the third character is no part of the name.
_AFTER_A_NAME = "为等对向给帮由在是系被和与身因"
_NAME = f"(?P<name>[{SURNAMES}](?:{_HAN}(?![{_AFTER_A_NAME}]){_HAN}|{_HAN}))"
# 困难学生资助, 残疾人联合会: the word belongs to an office or a group, not to a person.
_OF_AN_OFFICE = re.compile(
    "(?:家庭|大学|学)?[学生人户]{0,2}(?:资助|帮扶|认定|补助|救助|评审|评定|补贴|档案|工作|问题|群体|联合会|联|事业|山区|地区|县|村|乡)"
)
_ROLE = "(?:学生|同学|新生|毕业生|考生|生|儿童|少年|女孩|男孩|患者|患儿|病人|职工|教职工|教师|老人|户|人)"
_NAME_AFTER = re.compile(
    "(?:家庭|户|的)?(?:本科|研究|受助|大|中|小|女|男)?"
    f'(?:{_ROLE}[:“"(]? ?|[:(] ?|(?<=孤儿)){_NAME}'
    "(?=(?P<pupil>同学)|$|[^\u4e00-\u9fff]|老师|[的等说在因患家来每从对向把和与获被自已也就还将一是给今为有考收拿领]|表示|告诉|坦言)"
)
_ALSO = re.compile(f"[、和与] ?{_NAME}(?=$|[^\u4e00-\u9fff]|同学|[的等和与已])")
_BEGINS = f"(?:(?<!{_HAN})|(?<=学生)|(?<=同学)|(?<=教师)|(?<=老师)|(?<=校友)|(?<=职工)|(?<=班)|(?<=级))"
_SINCE = "(?:不幸|突然|去年|今年|曾|被|已|也|又|后|因|的|还|一直|长期)"
_NAME_BEFORE = {
    "illness": re.compile(
        f"{_BEGINS}{_NAME}(?P<role>同学|老师|教授)?[,:]?{_SINCE}{{0,3}}"
        f"(?:身患|罹患|患有|患上|患了|患|确诊|诊断|查出|检查出|得了|突发|因)(?:为|了|患有|患)?{_HAN}{{0,4}}$"
    ),
    "hardship": re.compile(
        f"{_BEGINS}{_NAME}(?P<role>同学|老师)?[,:]?的?(?:"
        "(?:家庭|家境|家里|家中)(?:的?经济)?(?:条件|生活|情况)?(?:特别|十分|非常|较为|比较|很|相当|一直|极其|更)?(?:是|属于)?"
        "|(?:是|系|属于?|被认定为|认定为)(?:一名|一个|本校|我校|学校|班里|班上)?的?(?:家庭)?(?:经济)?(?:特别|一般)?)$"
    ),
}
_IN_BRACKETS = re.compile(
    f"(?:(?<!{_HAN})|(?<=学生)|(?<=同学)){_NAME}(?P<role>同学)? ?"
    "\\((?:[^()\n]{0,8},)?(?:家庭)?(?:经济)?(?:特别|一般)?$"
)
_REACH = 28
_ROW_REACH = 120
_LONGEST_CELL = 12
_NAME_IN_ROW = re.compile(f"(?<![^\t\n]) ?{_NAME} ?(?=\t)")
_ALIAS = re.compile(r"\([^()\n]{0,4}化名")
_CELL_OF_HARDSHIP = re.compile(
    r"(?:家庭)?(?:经济)?(?:特别|一般|比较)?(?:困难|贫困|特困)(?:学生|家庭|生|户)?|低保户?|建档立卡(?:贫困户)?"
    r"|孤儿|[残单][疾障亲](?:学生|家庭|人)?"
)

# What begins like a name and is a word; 某 and titles stand for a person whose name is not given.
_NO_NAME = re.compile(
    "周[围边末年转到密日一二三四五六]|陈[述列旧]|张[贴望开扬]|林[业立]|王牌|杨柳|罗列|谢[意师]|叶子|苏州|徐徐|唐代|宋代|田[间径野]|"
    "沈阳|范[围例文]|戴[着上]|马[上匹]|余[下名人]|武[术警装]|陆[续地]|孙[女子]|胡同|梁柱|熊猫|汪洋|钟[头点]|"
    f"{_HAN}{_HAN}?[某]|{_HAN}{_HAN}?(?:老师|校长|书记|主任|院长|教授|先生|女士|医生|同学|家长|阿姨|大爷|奶奶)|{_HAN}[老姓氏家校]"
)
_STUDIES = re.compile("研究|课题|方向|讲座|介绍|讲解|预防|防治")


@dataclass(frozen=True)
class Beside:
    """A name at its place, with the word it stands beside; `sure` where it can hardly be anything else."""

    name: str
    start: int
    end: int
    cue: str
    sure: bool


def names_beside(text: str) -> Iterator[Beside]:
    """Every single name the text ties to an illness or a hardship, on the view of `folding.read`."""
    for cue in _CUE.finditer(text):
        if not _OF_AN_OFFICE.match(text, cue.end()):
            yield from _after(text, cue)
            yield from _before(text, cue)
            yield from _in_row(text, cue)


def _in_row(text: str, cue: re.Match[str]) -> Iterator[Beside]:
    """A row of a table with one cell that holds a name and one that says nothing but the hardship."""
    first = max(0, cue.start() - _ROW_REACH, text.rfind("\n", 0, cue.start()) + 1)
    begin = text.rfind("\t", first, cue.start()) + 1
    stop = cue.end() + _LONGEST_CELL
    end = min((place for sign in "\t\n" if (place := text.find(sign, cue.end(), stop)) >= 0), default=stop)
    if begin > first and _CELL_OF_HARDSHIP.fullmatch(text[begin:end].strip()):
        found = _NAME_IN_ROW.search(text, first, begin)
        if found and _is_name(found):
            yield _beside(found, cue, sure=found["name"][0] not in UNSURE)


def _after(text: str, cue: re.Match[str]) -> Iterator[Beside]:
    found = _NAME_AFTER.match(text, cue.end(), cue.end() + _REACH)
    if found and (found["name"][0] not in UNSURE or found["pupil"]):
        while found and _is_name(found):
            yield _beside(found, cue, sure=True)
            found = _ALSO.match(text, found.end())


def _before(text: str, cue: re.Match[str]) -> Iterator[Beside]:
    begin = max(0, cue.start() - _REACH, text.rfind("\n", 0, cue.start()) + 1)
    kind = "hardship" if _IS_HARDSHIP.fullmatch(cue.group()) else "illness"
    for pattern in (_NAME_BEFORE[kind], _IN_BRACKETS):
        found = pattern.search(text, begin, cue.start())
        if found and _is_name(found) and not _STUDIES.search(text, cue.end(), cue.end() + 4):
            pupil = found["role"] == "同学" or text[max(0, found.start() - 2) : found.start()] in {"学生", "同学"}
            if found["name"][0] in UNSURE and not pupil:
                continue
            yield _beside(found, cue, sure=pupil or kind == "hardship")


def _is_name(found: re.Match[str]) -> bool:
    return not _NO_NAME.match(found["name"]) and not _ALIAS.match(found.string, found.end("name"))


def _beside(found: re.Match[str], cue: re.Match[str], *, sure: bool) -> Beside:
    return Beside(found["name"], *found.span("name"), cue.group(), sure)
