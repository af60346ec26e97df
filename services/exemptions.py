"""豁免: an approver lets a marked item stand for a time, such as the duty phone that must be public.

The same mark then appears as a hint that says why it may stand, until the last day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from models import AuditAction, Exemption, Finding, FindingLevel, Person, Submission
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.queries import standings
from services.rules.office_time import office_day
from services.rules.permissions import (
    APPROVES,
    GRANTS_EXEMPTIONS,
    Capability,
    able_standing,
    first_missing,
    may_see,
)
from services.screening.catalogue import RULES, rule
from services.unit_of_work import UnitOfWork

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class InForce:
    """An exemption of today, with the name of who approved it."""

    id: int
    rule: str
    likeness: str
    shown: str
    reason: str
    approver: str
    ends_on: date


def approve(work: UnitOfWork, *, finding_id: int, reason: str, ends_on: date) -> Exemption:
    """Let what a mark points at stand, here and elsewhere, until `ends_on` (inclusive).

    Raises `NotAllowed`, `NotFound`, `WrongState` for a rule that has no exemptions, `ReasonRequired`, `InvalidInput`.
    """
    finding = work.session.get(Finding, finding_id)
    if finding is None or not likeness_of(finding):
        raise NotFound("没有找到这条提示，或它没有可以豁免的内容，请刷新页面。")
    work = _as_approver_of(work, work.session.get_one(Submission, finding.submission_id))
    if not may_stand(finding.rule):
        name = rule(finding.rule).label
        raise WrongState(f"“{name}”说的只是这一篇稿件，不能豁免：请由作者或审核人改正，或写明理由答复。")
    if not reason.strip():
        raise ReasonRequired("批准豁免须写明理由，提示上会显示它。")
    today = office_day(work.now)
    if not today <= ends_on <= today + LONGEST:
        raise InvalidInput("豁免的截止日期须在今天之后、一年以内。", field="ends_on")
    exemption = Exemption(
        rule=finding.rule,
        likeness=likeness_of(finding),
        shown=finding.quote,
        reason=reason.strip(),
        approved_by_id=work.person_id,
        approved_at=work.now,
        ends_on=ends_on,
    )
    work.session.add(exemption)
    work.session.flush()
    apply(in_force(work.session, today), finding)
    _record(work, AuditAction.EXEMPTION_MADE, exemption)
    return exemption


def end(work: UnitOfWork, *, exemption_id: int) -> Exemption:
    """End an exemption before its last day; the next run marks again. Raises `NotAllowed`, `NotFound`."""
    work = _as_approver(work)
    exemption = work.session.get(Exemption, exemption_id, with_for_update=True)
    if exemption is None or exemption.ended_at is not None:
        raise NotFound("没有找到这项豁免，或它已经结束，请刷新页面。")
    exemption.ended_at = work.now
    work.session.flush()
    _record(work, AuditAction.EXEMPTION_ENDED, exemption)
    return exemption


def in_force(session: Session, day: date) -> dict[tuple[str, str], InForce]:
    """The exemptions of a day, by rule and likeness."""
    rows = session.exec(
        select(Exemption, Person.name)
        .join(Person, col(Person.id) == col(Exemption.approved_by_id))
        .where(col(Exemption.ended_at).is_(None), col(Exemption.ends_on) >= day)
        .order_by(col(Exemption.id))
    )
    return {
        (each.rule, each.likeness): InForce(
            each.id or 0, each.rule, each.likeness, each.shown, each.reason, approver, each.ends_on
        )
        for each, approver in rows
        if may_stand(each.rule)
    }


def version(exempt: dict[tuple[str, str], InForce]) -> dict[str, str]:
    """What a run has to say of the exemptions that changed its marks; nothing where there are none."""
    if not exempt:
        return {}
    return {"exemptions": _fingerprint(exempt.values())}


def apply(exempt: dict[tuple[str, str], InForce], finding: Finding) -> None:
    """Make the mark a hint where it may stand."""
    found = exempt.get((finding.rule, likeness_of(finding)))
    if found is not None:
        finding.level = FindingLevel.INFO
        finding.suggestion = f"已批准豁免至 {found.ends_on}（{found.approver}）：{found.reason}"


def exemptable() -> list[str]:
    """The rules that have exemptions."""
    return [name for name in RULES if may_stand(name)]


def may_stand(rule_id: str) -> bool:
    """Whether marks of this rule can be exempted at all."""
    return rule(rule_id).is_exemptable


def likeness_of(finding: Finding) -> str:
    """What recognises the marked item again."""
    return finding.digest or finding.quote


def _fingerprint(exempt: Iterable[InForce]) -> str:
    lines = sorted(f"{each.id}" for each in exempt)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def _as_approver_of(work: UnitOfWork, submission: Submission) -> UnitOfWork:
    """The unit in the standing in which the person lets something of this item stand (`permissions.may_exempt`)."""
    item = standings.standing(work.session, submission)
    missing = first_missing(GRANTS_EXEMPTIONS, work.actor, item)
    if missing is not None:
        raise NotAllowed(missing.sentence)
    able = able_standing(GRANTS_EXEMPTIONS, work.actor, item)
    if able is None or not may_see(work.actor, item):
        raise NotFound("没有找到这篇稿件：它不存在，或还没有提交。")
    return work.standing_as(able)


def _as_approver(work: UnitOfWork) -> UnitOfWork:
    return work.standing_that(lambda each: each.may(Capability.APPROVE), otherwise=APPROVES.sentence)


def _record(work: UnitOfWork, action: AuditAction, exemption: Exemption) -> None:
    details = {
        "rule": exemption.rule,
        "shown": exemption.shown,
        "reason": exemption.reason,
        "ends_on": exemption.ends_on.isoformat(),
    }
    audit.record(work, action, "exemption", exemption.id, details)
