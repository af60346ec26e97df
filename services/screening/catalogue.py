"""Every rule of the text check once: its name on the screen, its clause, the levels it may give, whether it has
exemptions.

Rule ids and clauses are stable: findings in the database and scripts cite them. Term groups appear as
`term.<group>`; groups the office adds itself fall under clause 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from models import FindingAnswer, FindingLevel

RULES_VERSION = "5"
"""Raised whenever a rule, a pattern or a threshold changes, so that an old run can be told from a new one."""


@dataclass(frozen=True)
class Rule:
    """`checklist` is the item of the reviewer's list that the mark helps to answer.

    `is_exemptable` where the mark points at a thing that may rightly stand in one item after another: a public number,
    a term, a name. What is true of one item only (a likeness, a date, a consent, a file, a length) is answered there.
    """

    label: str
    clause: str
    checklist: str
    levels: frozenset[FindingLevel]
    is_exemptable: bool


def _rule(label: str, clause: str, checklist: str, *levels: FindingLevel) -> Rule:
    return Rule(label, clause, checklist, frozenset(levels), is_exemptable=False)


def _exemptable(label: str, clause: str, checklist: str, *levels: FindingLevel) -> Rule:
    return Rule(label, clause, checklist, frozenset(levels), is_exemptable=True)


_B, _W, _I = FindingLevel.BLOCK, FindingLevel.WARN, FindingLevel.INFO

RULES: dict[str, Rule] = {
    "pi.id_card": _exemptable("身份证号", "4.2", "C09", _B, _W),
    "pi.bank_card": _exemptable("银行卡号", "4.2", "C09", _B, _W),
    "pi.mobile": _exemptable("手机号", "4.2", "C09", _W),
    "pi.landline": _exemptable("固定电话", "4.2", "C09", _I),
    "pi.email": _exemptable("电子邮箱", "4.2", "C09", _W, _I),
    "pi.qq": _exemptable("QQ 号", "4.2", "C09", _W),
    "pi.wechat_id": _exemptable("微信号", "4.2", "C09", _W, _I),
    "pi.passport": _exemptable("护照与通行证号", "4.2", "C09", _B, _W),
    "pi.plate": _exemptable("车牌号", "4.2", "C09", _W),
    "pi.student_no": _exemptable("学号、考号、工号", "4.2", "C09", _B, _W),
    "pi.address": _exemptable("住址、宿舍", "4.2", "C09", _W),
    "pi.minor_list": _rule("学生名单", "4.2", "C10", _W),
    "pi.circumstances": _rule("病情、困难情况与姓名", "4.2", "C10", _W, _I),
    "term.profanity": _exemptable("粗俗用语", "3.2", "C06", _B, _W, _I),
    "term.disability": _exemptable("对残疾人的称呼", "3.2", "C02", _W, _I),
    "term.pupils": _exemptable("对学生的称呼", "3.2", "C10", _W, _I),
    "term.ethnic": _exemptable("民族与宗教表述", "3.2", "C01", _W, _I),
    "term.territory": _exemptable("涉港澳台与国际表述", "3.2", "C01", _W, _I),
    "term.slogan": _exemptable("固定表述", "3.2", "C02", _W, _I),
    "term.justice": _exemptable("涉法表述", "3.2", "C10", _W, _I),
    "term.secrecy": _exemptable("涉密与内部事项", "4.1", "C08", _B, _W, _I),
    "term.admissions": _exemptable("招生宣传", "3.2", "C13", _B, _W, _I),
    "term.superlative": _exemptable("绝对化用语", "3.2", "C13", _W, _I),
    "term.medical": _exemptable("医疗与功效用语", "3.2", "C13", _W, _I),
    "term.fraud": _exemptable("广告与诈骗信息", "3.2", "C13", _B, _W, _I),
    "term.celebrity": _exemptable("称谓", "3.2", "C06", _I),
    "term.ceremony": _exemptable("会议与活动套话", "3.2", "C06", _I),
    "wording.confusion": _exemptable("错别字", "3.2", "C06", _W, _I),
    "wording.weekday": _rule("日期与星期", "3.2", "C05", _W),
    "wording.date": _rule("日期", "3.2", "C05", _W),
    "wording.punctuation": _rule("标点", "3.2", "C06", _W, _I),
    "wording.doubled": _exemptable("重复字词", "3.2", "C06", _W, _I),
    "wording.placeholder": _rule("未填内容", "3.2", "C06", _W, _I),
    "wording.figures": _rule("数字", "3.2", "C05", _W, _I),
    "wording.name": _exemptable("单位名称", "3.2", "C04", _W),
    "leader.roster": _exemptable("领导职务与次序", "3.2", "C03", _W),
    "leader.post": _rule("同一人的职务", "3.2", "C03", _W),
    "image.qr": _rule("图中二维码", "3.2", "C11", _W, _I),
    "image.size": _rule("图片尺寸", "3.1", "C11", _I),
    "image.reused": _rule("图片曾用于其他稿件", "3.2", "C12", _W),
    "image.unread": _rule("没有读成的图中文字", "4.2", "C09", _I),
    "image.consent": _rule("肖像授权", "4.2", "C10", _B, _W),
    "link.outside": _rule("站外链接", "4.3", "C15", _B, _W),
    "duplicate.same": _rule("重复投稿", "3.2", "C16", _W),
    "duplicate.similar": _rule("与以往稿件相近", "3.2", "C16", _I),
    "attachment.scan": _rule("读不出文字的附件", "4.2", "C09", _W),
    "attachment.unread": _rule("未检查的附件", "4.2", "C09", _B),
    "length.title": _rule("标题长度", "3.2", "C07", _B, _I),
    "length.digest": _rule("摘要长度", "3.1", "C18", _B),
    "length.body": _rule("正文长度", "3.1", "C18", _B, _W),
    "length.author": _rule("作者署名", "3.1", "C18", _B, _W),
    "length.source": _rule("转载来源", "3.1", "C16", _W),
    "length.credits": _rule("署名", "3.2", "C18", _I),
}

FILLED_IN = frozenset(
    {
        ("length.title", _B),
        ("length.digest", _B),
        ("length.body", _B),
        ("length.author", _B),
        ("length.author", _W),
        ("attachment.unread", _B),
    }
)
"""What is missing, or longer than WeChat takes, by rule and level: it is filled in or shortened, and no reason makes up
for it.
"""

LOOKED_AT = frozenset({"attachment.scan", "image.unread", "length.credits"})
"""What the machine could not read, or misses without knowing why: a person looks and says so. It is no false alarm."""

_OTHER_TERMS = _exemptable("用语", "3.2", "C02", _B, _W, _I)


def possible_answers(rule_id: str, level: FindingLevel) -> tuple[FindingAnswer, ...]:
    """What a person may answer to a mark as it stands; nothing where it has to be mended."""
    if (rule_id, level) in FILLED_IN:
        return ()
    if rule_id in LOOKED_AT:
        return (FindingAnswer.CONFIRMED,)
    return FindingAnswer.CONFIRMED, FindingAnswer.FALSE_ALARM


def rule(rule_id: str) -> Rule:
    """The rule's entry; a term group the office made itself gets the general one."""
    if rule_id.startswith("term."):
        return RULES.get(rule_id, _OTHER_TERMS)
    return RULES[rule_id]
