"""审核清单: the eighteen items a reviewer answers for, what the machine says to each, and which answers still hold.

Levels are those of the rule: 1 the department, 2 the propaganda office's editors, 3 whoever signs last. The machine
never answers: it offers 通过 or 不适用 where it has no doubt, says why where it has, and a person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from models import AiUse, CheckVerdict, FindingLevel, SubmissionState

S = SubmissionState
V = CheckVerdict

LEVEL_OF: Mapping[SubmissionState, int] = {
    S.DEPARTMENT_REVIEW: 1,
    S.FIRST_REVIEW: 2,
    S.SECOND_REVIEW: 2,
    S.FINAL_REVIEW: 3,
    S.LEADER_REVIEW: 3,
}
"""Which of the three reviews a stage is."""

LONGEST_NOTE = 500


class Part(StrEnum):
    """What of an item an answer was given about; a change elsewhere leaves the answer standing."""

    TITLE = auto()
    TEXT = auto()
    PICTURES = auto()
    LINKS = auto()
    SOURCE = auto()
    CREDITS = auto()
    ATTACHMENTS = auto()


PART_LABELS: Mapping[Part, str] = {
    Part.TITLE: "标题",
    Part.TEXT: "文字",
    Part.PICTURES: "图片",
    Part.LINKS: "链接",
    Part.SOURCE: "来源",
    Part.CREDITS: "署名",
    Part.ATTACHMENTS: "附件",
}


@dataclass(frozen=True)
class CheckItem:
    """One item. `looks_at` is what the reviewer looks at; `blocks` means that 不通过 stops the signature; `assisted`
    that a machine check says something to it.
    """

    code: str
    label: str
    looks_at: str
    clause: str
    basis: str
    levels: frozenset[int]
    about: frozenset[Part]
    blocks: bool = False
    assisted: bool = False


def _item(  # noqa: PLR0917  # a row of the table below
    code: str,
    label: str,
    looks_at: str,
    clause: str,
    basis: str,
    levels: str,
    about: frozenset[Part],
    flags: str = "",
) -> CheckItem:
    return CheckItem(
        code=code,
        label=label,
        looks_at=looks_at,
        clause=clause,
        basis=basis,
        levels=frozenset(int(each) for each in levels),
        about=about,
        blocks="B" in flags,
        assisted="A" in flags,
    )


_TITLE = frozenset({Part.TITLE})
_WORDS = frozenset({Part.TITLE, Part.TEXT})
_PICTURES = frozenset({Part.PICTURES})
_READ = _WORDS | {Part.ATTACHMENTS}
_SEEN = _WORDS | _PICTURES
_ALL = _READ | _PICTURES

ITEMS: tuple[CheckItem, ...] = (
    #      item   name                    what the reviewer looks at
    #             clause, legal basis, levels, what it is about, B blocks and A assisted
    _item("C01", "政治导向正确", "立场、价值取向，涉国家、民族、宗教、领土的表述",
          "3.2、1.3", "《互联网用户公众账号信息服务管理规定》第16条", "123", _SEEN, "B"),
    _item("C02", "重要表述规范", "固定表述引用完整、次序正确，简称用官方简称",
          "3.2", "", "23", _WORDS, "BA"),
    _item("C03", "领导姓名、职务、排序", "逐一与领导名录核对，次序一致，“原”字位置正确",
          "3.2", "", "123", _WORDS, "BA"),
    _item("C04", "事实准确", "何人、何时、何地、何事，数据和引语有出处，核实人不是作者本人",
          "1.3、3.2", "《民法典》第1025、1026条", "12", _WORDS, "B"),
    _item("C05", "时间、数字、单位", "日期与星期相符，没有不存在的日期，合计、百分比和单位正确",
          "3.2", "", "12", _WORDS, "A"),
    _item("C06", "文字质量", "错别字、语法、标点，标题和导语要素齐全",
          "3.2", "", "123", _WORDS, "A"),
    _item("C07", "标题规范", "不夸张，与内容相符，不超过 64 字",
          "3.2", "《网络信息内容生态治理规定》第7条", "2", _TITLE, "A"),
    _item("C08", "保密审查", "不含涉密和内部事项、密级标志、未公开的决定",
          "4.1", "《保守国家秘密法》第33、35条", "123", _ALL, "BA"),
    _item("C09", "个人信息", "证件号、电话、住址、学号、银行卡、健康、困难情况，名单最小化或打码",
          "4.2", "《个人信息保护法》第25、28条", "12", _READ, "BA"),
    _item("C10", "未成年人保护", "肖像同意书在案（14 岁以下由监护人单独同意），无排名、无升学宣传，案例不可辨认",
          "4.2", "《未成年人保护法》第72、103条；《个人信息保护法》第31条", "12", _ALL, "BA"),
    _item("C11", "图片与音视频权利", "每张图片的来源和授权，位置信息已去除",
          "3.2", "《著作权法》第52、53条；《民法典》第1019条", "12", _PICTURES, "BA"),
    _item("C12", "字体、模板、标识", "字体和模板已授权，校徽、校名正确",
          "3.2", "《著作权法》第53条", "2", _PICTURES),
    _item("C13", "广告与商业信息", "无广告和变相推广，无招生承诺，无绝对化用语",
          "3.2", "《广告法》第9、14、24、39条", "2", _SEEN, "BA"),
    _item("C14", "地图与国旗国徽等", "地图完整并有审图号，国旗、国徽、国歌使用正确",
          "3.2", "《地图管理条例》第15、22条", "23", _PICTURES, "B"),
    _item("C15", "链接、二维码、小程序", "逐一打开，域名可信，主体明确，不会失效",
          "4.3", "", "2", _PICTURES | {Part.LINKS}, "BA"),
    _item("C16", "转载合规", "来源在白名单内，有授权，注明作者和网址",
          "3.1", "《互联网用户公众账号信息服务管理规定》第17条", "2", frozenset({Part.SOURCE}), "BA"),
    _item("C17", "时机与舆情风险", "敏感日期、哀悼日、正在发生的事件，评论区如何安排",
          "3.2、4.1", "", "23", _WORDS),
    _item("C18", "AI 内容与完整性", "AI 使用已声明并标识，没有虚构图片，供稿单位和作者齐全",
          "3.2", "《人工智能生成合成内容标识办法》", "12", _SEEN | {Part.CREDITS}, "A"),
)  # fmt: skip

BY_CODE: Mapping[str, CheckItem] = {each.code: each for each in ITEMS}


def items_at(stage: SubmissionState) -> tuple[CheckItem, ...]:
    """What is looked at in a stage, in the order of the list; nothing outside the review."""
    level = LEVEL_OF.get(stage)
    return tuple(each for each in ITEMS if level in each.levels)


# --- What the machine says -------------------------------------------------------------------------------


@dataclass(frozen=True)
class MachineMark:
    """A mark of the machine check for one item. `explained` means that somebody other than the author answered it."""

    code: str
    level: FindingLevel
    quote: str
    answered: bool
    explained: bool


@dataclass(frozen=True)
class Facts:
    """What is known of an item without reading it. `unrecorded` pictures have no source entered; `checked` says that
    the machine check ran on exactly this content.
    """

    checked: bool = True
    marks: tuple[MachineMark, ...] = ()
    pictures: int = 0
    unrecorded: int = 0
    with_minors: int = 0
    with_maps: int = 0
    made_by_ai: int = 0
    links: int = 0
    is_reprint: bool = False
    source: str = ""
    ai_use: AiUse = AiUse.NONE


@dataclass(frozen=True)
class Proposal:
    """What the machine offers: no verdict where a person has to look, and always why."""

    verdict: CheckVerdict | None
    why: str


def proposal(item: CheckItem, facts: Facts) -> Proposal | None:
    """What the machine says to an item, or None where it has nothing to say and no doubt either."""
    marked = [each for each in facts.marks if each.code == item.code]
    grave = [each for each in marked if each.level is not FindingLevel.INFO]
    doubted = [each for each in grave if not each.explained]
    if doubted:
        waits = "未答复" if any(not each.answered for each in doubted) else "由作者说明，请您判断"
        return Proposal(None, f"机器提示 {len(doubted)} 处{waits}：例如“{doubted[0].quote}”")
    special = _SPECIAL.get(item.code)
    said = special(facts) if special else None
    if said is not None and (said.verdict is not V.NOT_APPLICABLE or not marked):
        return said
    if not item.assisted:
        return None
    if not facts.checked:
        return Proposal(None, "内容有改动，机器初筛还没有重新检查")
    if grave:
        return Proposal(V.PASS, f"机器提示 {len(grave)} 处，已有人逐条答复")
    return Proposal(V.PASS, f"机器只有 {len(marked)} 处一般提示" if marked else "机器初筛没有发现问题")


def _pictures(facts: Facts) -> Proposal:
    if not facts.pictures:
        return Proposal(V.NOT_APPLICABLE, "没有图片")
    if facts.unrecorded:
        return Proposal(None, f"{facts.pictures} 张图片中有 {facts.unrecorded} 张没有登记来源")
    return Proposal(V.PASS, f"{facts.pictures} 张图片都已登记来源")


def _minors(facts: Facts) -> Proposal | None:
    if facts.with_minors:
        return Proposal(None, f"{facts.with_minors} 张图片登记有可辨认的未成年人，请核对同意书")
    if facts.unrecorded:
        return Proposal(None, f"{facts.unrecorded} 张图片没有登记，不知道是否有未成年人")
    return None


def _maps(facts: Facts) -> Proposal | None:
    if facts.with_maps:
        return Proposal(None, f"{facts.with_maps} 张图片登记有地图，请核对审图号和完整性")
    return None if facts.pictures else Proposal(V.NOT_APPLICABLE, "没有图片")


def _links(facts: Facts) -> Proposal | None:
    if facts.links:
        return Proposal(None, f"{facts.links} 个链接，请逐一打开")
    return Proposal(V.NOT_APPLICABLE, "没有链接和二维码")


def _reprint(facts: Facts) -> Proposal:
    if not facts.is_reprint:
        return Proposal(V.NOT_APPLICABLE, "原创稿件")
    return Proposal(None, f"转载自“{facts.source}”，请核对授权")


def _ai(facts: Facts) -> Proposal | None:
    if facts.ai_use is not AiUse.NONE or facts.made_by_ai:
        return Proposal(None, f"作者声明 AI {facts.ai_use.label}，{facts.made_by_ai} 张图片为 AI 生成，请看是否已标识")
    return None


_SPECIAL = {
    "C10": _minors,
    "C11": _pictures,
    "C14": _maps,
    "C15": _links,
    "C16": _reprint,
    "C18": _ai,
}


# --- Which answers hold ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """An answer somebody gave, with what has changed of the item since. `by` is their signature."""

    verdict: CheckVerdict
    note: str
    by: str
    changed: frozenset[Part] = frozenset()


@dataclass(frozen=True)
class Line:
    """One line of the list in one stage: the item, its answer if one holds, and what helps to give one.

    `outdated` is the answer given before what it is about was changed; it counts as open.
    """

    item: CheckItem
    answer: Given | None = None
    outdated: Given | None = None
    proposal: Proposal | None = None

    @property
    def is_open(self) -> bool:
        return self.answer is None

    @property
    def is_doubted(self) -> bool:
        """Open, and a person has to look: nothing fills it by itself."""
        return self.is_open and self.proposal is not None and self.proposal.verdict is None

    @property
    def stops(self) -> bool:
        """Whether the stage cannot be signed over this line."""
        return self.item.blocks and self.answer is not None and self.answer.verdict is V.FAIL


def lines(
    stage: SubmissionState, *, facts: Facts, answers: Mapping[str, Given], before: Mapping[str, Given]
) -> tuple[Line, ...]:
    """The list of a stage. `answers` are those of this round, `before` those of the same stage in the round before,
    each the latest.
    """
    return tuple(_line(item, facts, answers.get(item.code), before.get(item.code)) for item in items_at(stage))


def _line(item: CheckItem, facts: Facts, given: Given | None, before: Given | None) -> Line:
    holds = given is not None and not given.changed & item.about
    if given is not None and holds:
        return Line(item, answer=given, proposal=proposal(item, facts))
    return Line(item, outdated=given, proposal=_with_memory(proposal(item, facts), given or before))


def _with_memory(said: Proposal | None, earlier: Given | None) -> Proposal | None:
    """What was found wrong before is looked at again, whatever the machine says."""
    if earlier is None or earlier.verdict is not V.FAIL:
        return said
    return Proposal(None, f"{earlier.by}曾答“不通过”：{earlier.note}。请看是否已改好")


def filled(found: Sequence[Line]) -> dict[str, tuple[CheckVerdict, str]]:
    """What one click answers: every open line without a doubt, 通过 unless it does not apply; with why."""
    return {
        each.item.code: (each.proposal.verdict or V.PASS, each.proposal.why) if each.proposal else (V.PASS, "")
        for each in found
        if each.is_open and not each.is_doubted
    }


def required_open(found: Collection[Line]) -> tuple[Line, ...]:
    """The lines whose 不通过 would stop the signature and that nobody answered."""
    return tuple(each for each in found if each.item.blocks and each.is_open)
