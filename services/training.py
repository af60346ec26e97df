"""培训: what somebody was trained in, when, and until when it holds (rule 5.1)."""

from __future__ import annotations

from datetime import date

from sqlmodel import col, select

from models import AuditAction, Person, Training
from services import audit
from services.errors import InvalidInput, NotFound, ReasonRequired, WrongState
from services.operators import active_person, refuse_others
from services.rules.office_time import office_day
from services.rules.typed import one_line
from services.unit_of_work import UnitOfWork

LONGEST_SUBJECT = 120
LONGEST_REASON = 200


def enter(
    work: UnitOfWork, *, person_id: int, subject: str, done_on: date, valid_until: date | None = None
) -> Training:
    """Record a training somebody took part in, once. Raises `NotAllowed` and `InvalidInput` naming the field."""
    refuse_others(work)
    # Of two clicks at once the second waits here, and then finds what the first entered.
    work.session.get(Person, person_id, with_for_update=True)
    person = active_person(work, person_id)
    given = one_line(subject)
    if not given or len(given) > LONGEST_SUBJECT:
        raise InvalidInput(f"请填写培训内容，{LONGEST_SUBJECT} 字以内。", field="subject")
    if done_on > office_day(work.now):
        raise InvalidInput("培训日期在今天之后，请在培训完成后登记。", field="done_on")
    if valid_until is not None and valid_until < done_on:
        raise InvalidInput("有效期早于培训日期，请重新选择。", field="valid_until")
    _refuse_twice(work, person, given, done_on)
    row = Training(
        person_id=person_id,
        subject=given,
        done_on=done_on,
        valid_until=valid_until,
        entered_by_id=work.person_id,
        entered_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    audit.record(work, AuditAction.TRAINING_ENTERED, "person", person_id, {"subject": given, "person": person.name})
    return row


def strike(work: UnitOfWork, *, training_id: int, reason: str) -> Training:
    """Take back a record that was entered by mistake: it stays readable with the reason, and counts no more.

    Raises `NotAllowed`, `NotFound`, `ReasonRequired`, `InvalidInput` for a reason too long, `WrongState` where it was
    struck out already.
    """
    refuse_others(work)
    row = work.session.get(Training, training_id, with_for_update=True)
    if row is None:
        raise NotFound("没有找到这条培训记录，请刷新页面。")
    if row.struck_at is not None:
        raise WrongState("这条培训记录已经划掉，不必再办。")
    given = one_line(reason)
    if not given:
        raise ReasonRequired("请写明哪里登记错了，例如“登记到了别人名下”；它会留在这条记录上。")
    if len(given) > LONGEST_REASON:
        raise InvalidInput(f"理由太长：请写在 {LONGEST_REASON} 字以内。", field="reason")
    row.struck_at, row.struck_by_id, row.struck_reason = work.now, work.person_id, given
    work.session.flush()
    person = work.session.get_one(Person, row.person_id)
    details = {"subject": row.subject, "person": person.name, "done_on": f"{row.done_on}", "reason": given}
    audit.record(work, AuditAction.TRAINING_STRUCK, "person", row.person_id, details)
    return row


def _refuse_twice(work: UnitOfWork, person: Person, subject: str, done_on: date) -> None:
    same = select(Training.id).where(
        Training.person_id == person.id,
        Training.subject == subject,
        Training.done_on == done_on,
        col(Training.struck_at).is_(None),
    )
    if work.session.exec(same).first() is not None:
        raise InvalidInput(f"{person.name} {done_on} 的“{subject}”已经登记过，不必再登记。", field="subject")
