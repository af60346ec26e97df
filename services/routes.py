"""审核流程: which stages an item passes, by account and category."""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from models import AuditAction, ContentCategory, ReviewRoute, SubmissionState
from services import audit
from services.errors import InvalidInput, NotAllowed
from services.rules.permissions import Capability
from services.rules.workflow import DEFAULT_ROUTE, route_fault
from services.unit_of_work import UnitOfWork


def route_for(session: Session, account_id: int | None, category: ContentCategory) -> tuple[SubmissionState, ...]:
    """The stages of an item: the most specific row wins; without any row, the three of the rule."""
    rows = session.exec(
        select(ReviewRoute).where(
            or_(col(ReviewRoute.account_id).is_(None), col(ReviewRoute.account_id) == account_id),
            or_(col(ReviewRoute.category).is_(None), col(ReviewRoute.category) == category),
        )
    ).all()
    if not rows:
        return DEFAULT_ROUTE
    best = max(rows, key=lambda row: (row.account_id is not None, row.category is not None))
    return tuple(SubmissionState.of(stage) for stage in best.stages)


def set_route(
    work: UnitOfWork,
    *,
    stages: tuple[SubmissionState, ...],
    account_id: int | None = None,
    category: ContentCategory | None = None,
) -> ReviewRoute:
    """Configure the stages for an account, a category, both, or everything else; items under way keep theirs.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput` for stages that would leave one
    person alone or no approval at the end.
    """
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以修改审核流程。")
    fault = route_fault(stages)
    if fault is not None:
        raise InvalidInput(fault, field="stages")
    found = work.session.exec(
        select(ReviewRoute).where(
            col(ReviewRoute.account_id).is_(None) if account_id is None else col(ReviewRoute.account_id) == account_id,
            col(ReviewRoute.category).is_(None) if category is None else col(ReviewRoute.category) == category,
        )
    ).first()
    route = found or ReviewRoute(account_id=account_id, category=category, stages=[])
    route.stages = [stage.value for stage in stages]
    work.session.add(route)
    work.session.flush()
    details = {"account": account_id, "category": category and category.value, "stages": route.stages}
    audit.record(work, AuditAction.ROUTE_CHANGED, "route", route.id, details)
    return route
