"""违规: recording a case and every step of handling it. The only writer of `Violation.state`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from models import (
    AuditAction,
    Department,
    Discovery,
    OfficialAccount,
    Person,
    Severity,
    Submission,
    Violation,
    ViolationAction,
    ViolationKind,
    ViolationPerson,
    ViolationState,
    ViolationStep,
)
from services import appraisal, audit, notices
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.queries import violations as reads
from services.queries.standings import standing as item_standing
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.rules.permissions import may_see as may_see_item
from services.rules.violation_cases import (
    ENDED,
    HANDLES_CASES,
    CaseStanding,
    CaseStep,
    may_see,
    missing_right,
    step_for,
)
from services.unit_of_work import UnitOfWork

SOMEBODY_WAS_FASTER = "这件违规刚刚被处理过，页面上的状态已经过时：请刷新后再看，您写的意见仍在输入框里。"
NOT_FOUND = "没有找到这件违规：它不存在，或不由您办理。请从列表重新打开。"


def record(
    work: UnitOfWork,
    *,
    kind: ViolationKind,
    severity: Severity,
    department_id: int,
    clause: str,
    facts: str,
    happened_on: date,
    discovery: Discovery,
    submission_id: int | None = None,
    account_id: int | None = None,
    people: Collection[int] = (),
    done_at_once: str = "",
) -> Violation:
    """A new case. With `done_at_once` it is contained from the start: nobody writes the same words twice.

    `people` are the ids of those it concerns. Raises `NotAllowed`, or `InvalidInput` naming the field.
    """
    if not work.actor.may(Capability.RECORD_VIOLATIONS):
        raise NotAllowed(HANDLES_CASES.sentence)
    violation = Violation(
        kind=kind,
        severity=severity,
        department_id=department_id,
        submission_id=submission_id,
        account_id=account_id,
        clause=clause.strip(),
        discovery=discovery,
        happened_on=happened_on,
        facts=facts.strip(),
        recorded_by_id=work.person_id,
        recorded_at=work.now,
    )
    _refuse_incomplete(work, violation, people)
    work.session.add(violation)
    work.session.flush()
    for person_id in sorted(set(people)):
        work.session.add(ViolationPerson(violation_id=violation.id or 0, person_id=person_id))
    _enter(work, violation, ViolationAction.RECORD, before=ViolationState.RECORDED, comment="")
    if done_at_once.strip():
        return perform(
            work,
            ViolationAction.CONTAIN,
            violation_id=violation.id or 0,
            seen_version=violation.version,
            comment=done_at_once,
        )
    return violation


def _refuse_incomplete(work: UnitOfWork, violation: Violation, people: Collection[int]) -> None:
    if not violation.facts:
        raise InvalidInput("请写明违规事实：什么时间、在哪里、发生了什么。", field="facts")
    if not violation.clause:
        raise InvalidInput("请写明违反的条款，例如“3.3”。", field="clause")
    if violation.happened_on > office_day(work.now):
        raise InvalidInput("发生日期在今天之后，请改为实际发生的日期。", field="happened_on")
    if work.session.get(Department, violation.department_id) is None:
        raise InvalidInput("请选择责任部门。", field="department_id")
    if violation.submission_id and not _knows_of(work, violation.submission_id):
        raise InvalidInput("没有找到所选的稿件，请重新选择。", field="submission_id")
    if violation.account_id and work.session.get(OfficialAccount, violation.account_id) is None:
        raise InvalidInput("没有找到所选的公众号，请重新选择。", field="account_id")
    if any(work.session.get(Person, each) is None for each in people):
        raise InvalidInput("没有找到所选的人员，请重新选择。", field="people")


def _knows_of(work: UnitOfWork, submission_id: int) -> bool:
    """Whether the person may know of an item: a case shows its title to everybody who reads the case."""
    submission = work.session.get(Submission, submission_id)
    return submission is not None and may_see_item(work.actor, item_standing(work.session, submission))


def perform(
    work: UnitOfWork,
    action: ViolationAction,
    *,
    violation_id: int,
    seen_version: int,
    comment: str = "",
) -> Violation:
    """Take one step of a case on the version the person saw; deciding it enters the deduction in the ledger, and
    an appeal that succeeds gives it back.

    Raises `NotFound`, `WrongState`, `NotAllowed` (whose sentence names the missing right), `ReasonRequired`,
    `StaleState`.
    """
    violation, facts = _found(work, violation_id)
    step = _step(work, action, facts)
    if step.needs_reason and not comment.strip():
        raise ReasonRequired(f"“{action.label}”前请写明情况或理由，它会留在案卷里。")
    work.claim(violation, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    violation.state = step.target
    _enter(work, violation, action, before=facts.state, comment=comment.strip())
    _follow_up(work, violation, action, before=facts.state, comment=comment.strip())
    work.session.flush()
    return violation


def _found(work: UnitOfWork, violation_id: int) -> tuple[Violation, CaseStanding]:
    """The case and what rights on it are decided by, if this person may know of it."""
    violation = work.session.get(Violation, violation_id)
    facts = reads.standing(work.session, violation) if violation else None
    if violation is None or facts is None or not may_see(work.actor, facts):
        raise NotFound(NOT_FOUND)
    return violation, facts


def _step(work: UnitOfWork, action: ViolationAction, facts: CaseStanding) -> CaseStep:
    """The row of the table for this person and case, or the refusal."""
    step = step_for(action, facts.state)
    if step is None:
        raise WrongState(f"这件违规现在是“{facts.state.label}”，不能“{action.label}”。请刷新页面查看最新状态。")
    missing = missing_right(step, work.actor, facts)
    if missing is not None:
        raise NotAllowed(missing.sentence)
    return step


def _enter(
    work: UnitOfWork, violation: Violation, action: ViolationAction, *, before: ViolationState, comment: str
) -> None:
    """The step in the file of the case, and its line in the trail."""
    work.session.add(
        ViolationStep(
            violation_id=violation.id or 0,
            action=action,
            from_state=before,
            to_state=violation.state,
            actor_id=work.person_id,
            comment=comment,
            at=work.now,
        )
    )
    recorded_as = AuditAction.VIOLATION_RECORDED if action is ViolationAction.RECORD else AuditAction.VIOLATION_MOVED
    details = {
        "action": action.value,
        "from": before.value,
        "to": violation.state.value,
        "kind": violation.kind.value,
        "severity": violation.severity.value,
        "comment": comment,
    }
    audit.record(work, recorded_as, "violation", violation.id, details)
    notices.about_case(work, violation, action, comment)


def _follow_up(
    work: UnitOfWork, violation: Violation, action: ViolationAction, *, before: ViolationState, comment: str
) -> None:
    """What a step changes besides the state."""
    if action is ViolationAction.CONTAIN:
        violation.done_at_once = comment
    if action is ViolationAction.DECIDE:
        violation.decided_by_id = work.person_id
        appraisal.deduct(work, violation)
    if action is ViolationAction.DISMISS and before is ViolationState.APPEALED:
        appraisal.give_back(work, violation)
    if violation.state in ENDED:
        violation.closed_at = work.now
