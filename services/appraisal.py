"""The points ledger: one row for one fact, once. Totals are sums of rows and are stored nowhere."""

from __future__ import annotations

from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from models import AuditAction, Indicator, Revision, ScoreEntry, Submission, Violation
from services import audit
from services.rules import scoring
from services.rules.office_time import period_of
from services.unit_of_work import UnitOfWork


def award_adoption(work: UnitOfWork, submission: Submission) -> ScoreEntry:
    """Points for a published item, in the month it came out; once, however many channels it goes to.

    Called in the transaction that makes the item published. An item worth nothing gets its row all the same: the
    row says why.
    """
    source = work.session.get_one(Revision, submission.sealed_revision_id).source_kind
    return _enter_once(
        work,
        ScoreEntry(
            scheme=scoring.SCHEME,
            period=period_of(work.now),
            department_id=submission.department_id,
            indicator=Indicator.ADOPTION,
            hundredths=scoring.adoption_hundredths(submission.category, source),
            formula=scoring.adoption_formula(submission.category, source),
            cause=f"submission:{submission.id}",
            submission_id=submission.id,
            given_at=work.now,
        ),
    )


def deduct(work: UnitOfWork, violation: Violation) -> ScoreEntry:
    """The deduction of a confirmed violation, in the month it was decided; once, also if an appeal upholds it."""
    hundredths = scoring.DEDUCTION_HUNDREDTHS[violation.severity]
    formula = scoring.deduction_formula(violation.severity)
    return _enter_once(work, _case_row(work, violation, hundredths, formula, f"violation:{violation.id}"))


def give_back(work: UnitOfWork, violation: Violation) -> ScoreEntry:
    """Offset the deduction of a case that an appeal overturned, with a row of its own: no row is ever changed."""
    cause = f"violation:{violation.id}"
    taken = work.session.exec(_rows_of(Indicator.DEDUCTION, cause)).one()
    formula = f"申诉成立，退还扣分 {scoring.points_text(-taken.hundredths)} 分"
    return _enter_once(work, _case_row(work, violation, -taken.hundredths, formula, f"{cause}:overturned"))


def _case_row(work: UnitOfWork, violation: Violation, hundredths: int, formula: str, cause: str) -> ScoreEntry:
    return ScoreEntry(
        scheme=scoring.SCHEME,
        period=period_of(work.now),
        department_id=violation.department_id,
        indicator=Indicator.DEDUCTION,
        hundredths=hundredths,
        formula=formula,
        cause=cause,
        violation_id=violation.id,
        submission_id=violation.submission_id,
        given_at=work.now,
    )


def _enter_once(work: UnitOfWork, row: ScoreEntry) -> ScoreEntry:
    known = work.session.exec(_rows_of(row.indicator, row.cause)).first()
    if known is not None:
        return known
    work.session.add(row)
    work.session.flush()
    subject = ("violation", row.violation_id) if row.violation_id else ("submission", row.submission_id)
    details = {
        "scheme": row.scheme,
        "period": row.period,
        "department": row.department_id,
        "hundredths": row.hundredths,
        "formula": row.formula,
    }
    audit.record(work, AuditAction.POINTS_GIVEN, *subject, details)
    return row


def _rows_of(indicator: Indicator, cause: str) -> SelectOfScalar[ScoreEntry]:
    return select(ScoreEntry).where(
        ScoreEntry.scheme == scoring.SCHEME, ScoreEntry.indicator == indicator, ScoreEntry.cause == cause
    )
