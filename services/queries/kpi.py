"""Figures for the boards, by department and month; and for every figure the rows it counts.

A figure and its rows come from one and the same statement, so that they cannot disagree. Months are Beijing's.
Who reads the charts sees every department, a department's head his or her own, nobody else anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col

from models import (
    ADOPTED,
    REVIEW_STAGES,
    Action,
    Department,
    DepartmentKind,
    Indicator,
    Publication,
    PublicationState,
    ReviewDecision,
    ScoreEntry,
    Submission,
    SubmissionState,
    Target,
    Violation,
    Vocabulary,
)
from services.rules.months import Months
from services.rules.permissions import Actor, Capability
from services.rules.proof_times import SYNCHRONISED_WITHIN
from services.rules.workflow import SIGNATURES

PAGE_SIZE = 50


class Figure(Vocabulary):
    """What a board counts; each opens its rows."""

    SUBMITTED = "submitted", "投稿"
    ADOPTED = "adopted", "采用"
    DECIDED = "decided", "首次审核"
    FIRST_PASS = "first_pass", "一次通过"
    HOURS = "hours", "审核用时"
    POINTS = "points", "得分"
    DEDUCTIONS = "deductions", "扣分"
    UNSYNCHRONISED = "unsynchronised", "官网未同步"


@dataclass(frozen=True)
class Board:
    """What is asked about: which months, and one department or all that the reader may see.

    `until` is the moment of asking: what still had time then is not late. Without it the months are over.
    """

    months: Months
    department_id: int | None = None
    until: datetime | None = None


# --- The facts that are counted --------------------------------------------------------------------------

OFFICE_STAGES = REVIEW_STAGES[1:]
HANDLING = (*SIGNATURES, Action.RETURN, Action.REJECT, Action.ADJUST)
"""What a stage does to an item; an author's withdrawal is no work of the stage."""


class hours_between(FunctionElement[float]):  # noqa: N801  # reads as the SQL function it is
    """Hours from the first moment to the second."""

    type = Float()
    inherit_cache = True


@compiles(hours_between, "sqlite")
def _hours_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 24)"


@compiles(hours_between, "postgresql")
def _hours_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM {end} - {start}) / 3600 AS DOUBLE PRECISION)"


def _facts(
    board: Board,
    at: Any,
    *,
    value: Any = None,
    stage: Any = None,
) -> Select[Any]:
    """One row per fact about an item, in the months of the board."""
    months = board.months
    return select(
        col(Submission.id).label("submission_id"),
        cast(null(), Integer).label("violation_id"),
        col(Submission.department_id).label("department_id"),
        at.label("at"),
        _month_of(at, months).label("period"),
        (cast(null(), String) if stage is None else stage).label("stage"),
        (cast(null(), Float) if value is None else value).label("value"),
        cast(null(), String).label("note"),
    ).where(at >= months.starts_at, at < months.ends_before)


def _month_of(at: Any, months: Months) -> ColumnElement[int]:
    # Comparisons with the months' bounds: one expression for both databases, in Beijing's time.
    whens = [(at < Months(period, period).ends_before, period) for period in months]
    return case(*whens)


def _submitted(board: Board) -> Select[Any]:
    """投稿: handed in for the first time."""
    return _facts(board, col(Submission.submitted_at))


def _adopted(board: Board) -> Select[Any]:
    """采用: passed every stage and still stands, in the month of its last approval."""
    approved = (
        select(col(ReviewDecision.submission_id), func.max(col(ReviewDecision.at)).label("at"))
        .where(_is_approval())
        .group_by(col(ReviewDecision.submission_id))
        .subquery()
    )
    return (
        _facts(board, approved.c.at)
        .join(approved, approved.c.submission_id == col(Submission.id))
        .where(col(Submission.state).in_(ADOPTED))
    )


def _decided(board: Board) -> Select[Any]:
    """首次审核: the office's first word on an item, approved, returned or refused.

    A return by the item's own department is not the office's (scheme B1: decided at office review).
    """
    office_says_no = and_(
        col(ReviewDecision.action).in_((Action.RETURN, Action.REJECT)),
        col(ReviewDecision.from_state).in_(OFFICE_STAGES),
    )
    first = (
        select(func.min(col(ReviewDecision.id)))
        .where(or_(_is_approval(), office_says_no))
        .group_by(col(ReviewDecision.submission_id))
    )
    return (
        _facts(board, col(ReviewDecision.at))
        .join(ReviewDecision, col(ReviewDecision.submission_id) == col(Submission.id))
        .where(col(ReviewDecision.id).in_(first))
    )


def _first_pass(board: Board) -> Select[Any]:
    """一次通过: the office's first word on the item was the approval."""
    return _decided(board).where(_is_approval())


def _is_approval() -> ColumnElement[bool]:
    return and_(
        col(ReviewDecision.to_state) == SubmissionState.APPROVED,
        col(ReviewDecision.action).in_(SIGNATURES),
    )


def _hours(board: Board) -> Select[Any]:
    """审核用时: calendar hours an item stood in a stage until that stage handed it on; `value` is hours.

    Time with the author is in no stage.
    """
    entered, left = col(ReviewDecision.entered_at), col(ReviewDecision.at)
    return (
        _facts(board, left, value=hours_between(entered, left), stage=col(ReviewDecision.from_state))
        .join(ReviewDecision, col(ReviewDecision.submission_id) == col(Submission.id))
        .where(
            col(ReviewDecision.from_state).in_(REVIEW_STAGES),
            col(ReviewDecision.action).in_(HANDLING),
            col(ReviewDecision.to_state) != col(ReviewDecision.from_state),
        )
    )


def _points(board: Board) -> Select[Any]:
    """得分: rows of the ledger that give; `value` is hundredths."""
    return _ledger(board, col(ScoreEntry.indicator) != Indicator.DEDUCTION)


def _deductions(board: Board) -> Select[Any]:
    """扣分: rows of the ledger that take, and those that give back after an appeal."""
    return _ledger(board, col(ScoreEntry.indicator) == Indicator.DEDUCTION)


def _ledger(board: Board, which: ColumnElement[bool]) -> Select[Any]:
    months = board.months
    columns: tuple[ColumnElement[Any], ...] = (
        col(ScoreEntry.submission_id).label("submission_id"),
        col(ScoreEntry.violation_id).label("violation_id"),
        col(ScoreEntry.department_id).label("department_id"),
        col(ScoreEntry.given_at).label("at"),
        col(ScoreEntry.period).label("period"),
        cast(null(), String).label("stage"),
        col(ScoreEntry.hundredths).label("value"),
        col(ScoreEntry.formula).label("note"),
    )
    return select(*columns).where(which, col(ScoreEntry.period).between(months.first, months.last))


def _unsynchronised(board: Board) -> Select[Any]:
    """官网未同步: pushed on WeChat, and no page on the web a day later (rule 3.1); `value` is hours until the page
    came, NULL where it never did. The same items as `proofs.unsynchronised` finds.
    """
    pushed, page = (
        select(col(Publication.submission_id), func.min(col(Publication.settled_at)).label("at"))
        .where(place, col(Publication.state).in_(states))
        .group_by(col(Publication.submission_id))
        .subquery(name)
        for name, place, states in (
            ("pushed", col(Publication.target) == Target.WECHAT, (PublicationState.LIVE,)),
            # A page that was taken down had been there.
            ("page", col(Publication.target) != Target.WECHAT, (PublicationState.LIVE, PublicationState.REMOVED)),
        )
    )
    hours = hours_between(pushed.c.at, page.c.at)
    return (
        _facts(board, pushed.c.at, value=hours)
        .join(pushed, pushed.c.submission_id == col(Submission.id))
        .join(page, page.c.submission_id == col(Submission.id), isouter=True)
        .where(
            pushed.c.at < (board.until or board.months.ends_before) - SYNCHRONISED_WITHIN,
            or_(page.c.at.is_(None), hours > SYNCHRONISED_WITHIN / timedelta(hours=1)),
        )
    )


SOURCES: dict[Figure, Callable[[Board], Select[Any]]] = {
    Figure.SUBMITTED: _submitted,
    Figure.ADOPTED: _adopted,
    Figure.DECIDED: _decided,
    Figure.FIRST_PASS: _first_pass,
    Figure.HOURS: _hours,
    Figure.POINTS: _points,
    Figure.DEDUCTIONS: _deductions,
    Figure.UNSYNCHRONISED: _unsynchronised,
}


def _counted(figure: Figure, actor: Actor, board: Board) -> tuple[Subquery, ColumnElement[bool]]:
    """The facts behind a figure, and the condition under which this reader may see them."""
    facts = SOURCES[figure](board).subquery("facts")
    visible = _visible_to(actor, facts.c.department_id)
    if board.department_id is not None:
        visible = and_(visible, facts.c.department_id == board.department_id)
    return facts, visible


def _visible_to(actor: Actor, department_id: ColumnElement[int]) -> ColumnElement[bool]:
    if actor.may(Capability.READ_CHARTS):
        return true()
    if actor.may(Capability.SIGN_OFF):
        return department_id == actor.department_id
    return false()


# --- Figures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthFigures:
    """One department in one month. Points are hundredths; `deductions` is negative or 0."""

    department_id: int
    department: str
    kind: DepartmentKind
    period: int
    submitted: int = 0
    adopted: int = 0
    decided: int = 0
    first_pass: int = 0
    points: int = 0
    deductions: int = 0
    unsynchronised: int = 0


COUNTS = (Figure.SUBMITTED, Figure.ADOPTED, Figure.DECIDED, Figure.FIRST_PASS, Figure.UNSYNCHRONISED)
SUMS = (Figure.POINTS, Figure.DEDUCTIONS)


def by_department_and_month(session: Session, actor: Actor, board: Board) -> Sequence[MonthFigures]:
    """Every department and month in which anything happened, in the order of departments and months."""
    cells: defaultdict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for figure in (*COUNTS, *SUMS):
        for department_id, period, number in _grouped(session, figure, actor, board):
            cells[department_id, period][figure.value] = number
    departments = {each.id: each for each in session.execute(select(Department)).scalars()}
    return [
        MonthFigures(
            department_id=department_id,
            department=departments[department_id].name,
            kind=departments[department_id].kind,
            period=period,
            **numbers,
        )
        for (department_id, period), numbers in sorted(cells.items())
    ]


def _grouped(session: Session, figure: Figure, actor: Actor, board: Board) -> Sequence[tuple[int, int, int]]:
    facts, visible = _counted(figure, actor, board)
    number = func.sum(facts.c.value) if figure in SUMS else func.count()
    keys = (facts.c.department_id, facts.c.period)
    rows = session.execute(select(*keys, number).where(visible).group_by(*keys))
    return [(department_id, period, int(value)) for department_id, period, value in rows]


@dataclass(frozen=True)
class StageHours:
    """How long a stage takes: the median over `count` items handed on. A key that was not asked for is None."""

    stage: SubmissionState
    hours: float
    count: int
    department_id: int | None = None
    period: int | None = None


def median_hours(
    session: Session, actor: Actor, board: Board, *, by: Literal["stage", "department", "month"] = "stage"
) -> Sequence[StageHours]:
    """Median calendar hours per stage, over all or also by department or by month, in the stages' order."""
    facts, visible = _counted(Figure.HOURS, actor, board)
    keys = {
        "stage": (facts.c.stage,),
        "department": (facts.c.stage, facts.c.department_id),
        "month": (facts.c.stage, facts.c.period),
    }[by]
    ranked = (
        select(
            *keys,
            facts.c.value,
            func.row_number().over(partition_by=keys, order_by=facts.c.value).label("place"),
            func.count().over(partition_by=keys).label("count"),
        )
        .where(visible)
        .subquery("ranked")
    )
    middle = ranked.c.place.in_([(ranked.c.count + 1) // 2, (ranked.c.count + 2) // 2])
    asked = [ranked.c[key.name] for key in keys]
    rows = session.execute(
        select(*asked, func.avg(ranked.c.value).label("hours"), func.max(ranked.c.count).label("count"))
        .where(middle)
        .group_by(*asked)
    ).mappings()
    return sorted((StageHours(**row) for row in rows), key=_in_order)


def _in_order(line: StageHours) -> tuple[int, int, int]:
    return REVIEW_STAGES.index(line.stage), line.period or 0, line.department_id or 0


# --- The rows behind a figure ----------------------------------------------------------------------------


@dataclass(frozen=True)
class RowBehind:
    """One fact a figure counts, and what opens it: an item, a case, or both.

    `value` is hours for 审核用时 and for a page that came late, hundredths for points, None where each row counts as
    one.
    """

    at: datetime
    department: str
    title: str
    note: str
    stage: SubmissionState | None
    value: float | None
    submission_id: int | None
    violation_id: int | None


@dataclass(frozen=True)
class RowsPage:
    """One page of rows; `pages` is at least 1."""

    lines: Sequence[RowBehind]
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def rows_behind(
    session: Session,
    actor: Actor,
    figure: Figure,
    board: Board,
    *,
    stage: SubmissionState | None = None,
    page: int = 1,
) -> RowsPage:
    """The facts a figure counts, newest first: as many as the count, adding up to the sum."""
    facts, condition = _counted(figure, actor, board)
    if stage is not None:
        condition = and_(condition, facts.c.stage == stage)
    total = session.execute(select(func.count()).select_from(facts).where(condition)).scalar_one()
    rows = session.execute(
        select(
            facts.c.at,
            col(Department.name).label("department"),
            func.coalesce(col(Submission.title), col(Violation.facts), "").label("title"),
            func.coalesce(facts.c.note, "").label("note"),
            facts.c.stage,
            facts.c.value,
            facts.c.submission_id,
            facts.c.violation_id,
        )
        .join(Department, col(Department.id) == facts.c.department_id)
        .join(Submission, col(Submission.id) == facts.c.submission_id, isouter=True)
        .join(Violation, col(Violation.id) == facts.c.violation_id, isouter=True)
        .where(condition)
        .order_by(facts.c.at.desc(), facts.c.submission_id.desc(), facts.c.violation_id.desc())
        .limit(PAGE_SIZE)
        .offset((max(1, page) - 1) * PAGE_SIZE)
    ).mappings()
    return RowsPage(lines=[RowBehind(**row) for row in rows], total=total)
