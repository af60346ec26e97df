"""培训: what somebody was trained in, when, and until when it holds (rule 5.1)."""

from __future__ import annotations

from datetime import date

from models import AuditAction, Training
from services import audit
from services.errors import InvalidInput
from services.operators import active_person, refuse_others
from services.rules.office_time import office_day
from services.rules.typed import one_line
from services.unit_of_work import UnitOfWork

LONGEST_SUBJECT = 120


def enter(
    work: UnitOfWork, *, person_id: int, subject: str, done_on: date, valid_until: date | None = None
) -> Training:
    """Record a training somebody took part in. Raises `NotAllowed` and `InvalidInput` naming the field."""
    refuse_others(work)
    person = active_person(work, person_id)
    given = one_line(subject)
    if not given or len(given) > LONGEST_SUBJECT:
        raise InvalidInput(f"请填写培训内容，{LONGEST_SUBJECT} 字以内。", field="subject")
    if done_on > office_day(work.now):
        raise InvalidInput("培训日期在今天之后，请在培训完成后登记。", field="done_on")
    if valid_until is not None and valid_until < done_on:
        raise InvalidInput("有效期早于培训日期，请重新选择。", field="valid_until")
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
