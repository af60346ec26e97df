"""审核流程: which stages an item passes, by account, category and risk. The office's settings, and what they mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from sqlmodel import Session, col, or_, select

from models import (
    REVIEW_STAGES,
    AuditAction,
    AuditHead,
    ContentCategory,
    ReviewRoute,
    RiskMark,
    Setting,
    SubmissionState,
)
from services import audit
from services.errors import InvalidInput, NotAllowed, StaleState
from services.rules.permissions import KEEPS_ROUTES
from services.rules.workflow import DEFAULT_RISK_STAGES, DEFAULT_ROUTE, joined, risk_fault, route_fault
from services.unit_of_work import UnitOfWork

RISK_PREFIX = "risk."
SOMEBODY_WAS_FASTER = "“{}”的环节刚刚被别人改过，这里没有覆盖它：请记下您要的改动，刷新页面后再改。"
Stages = tuple[SubmissionState, ...]
SettingT = TypeVar("SettingT", ContentCategory, RiskMark)


# --- What is in force ------------------------------------------------------------------------------------


def route_for(
    session: Session,
    account_id: int | None,
    category: ContentCategory,
    risks: Collection[RiskMark] = (),
) -> tuple[SubmissionState, ...]:
    """The stages of an item: those of its category, and what each of its risk marks adds."""
    return joined(base_route(session, account_id, category), risk_route(session, risks))


def base_route(session: Session, account_id: int | None, category: ContentCategory) -> tuple[SubmissionState, ...]:
    """The stages without any risk: the most specific row wins; without any row, the three of the rule."""
    return base_routes(session, account_id)[category]


def base_routes(session: Session, account_id: int | None) -> dict[ContentCategory, tuple[SubmissionState, ...]]:
    """The same for each category, in one statement."""
    rows = session.exec(
        select(ReviewRoute).where(
            or_(col(ReviewRoute.account_id).is_(None), col(ReviewRoute.account_id) == account_id),
        )
    ).all()
    return {category: _most_specific(rows, category) for category in ContentCategory}


def _most_specific(rows: Collection[ReviewRoute], category: ContentCategory) -> tuple[SubmissionState, ...]:
    fitting = [row for row in rows if row.category in (None, category)]
    if not fitting:
        return DEFAULT_ROUTE
    best = max(fitting, key=lambda row: (row.account_id is not None, row.category is not None))
    return tuple(SubmissionState.of(stage) for stage in best.stages)


def risk_route(session: Session, risks: Collection[RiskMark]) -> tuple[SubmissionState, ...]:
    """The stages these marks add."""
    if not risks:
        return ()
    added = risk_stages(session)
    return joined(*(added[mark] for mark in risks))


def risk_stages(session: Session) -> dict[RiskMark, tuple[SubmissionState, ...]]:
    """What each mark adds: as the office set it, the school leader where it set nothing."""
    keys = [RISK_PREFIX + mark.value for mark in RiskMark]
    stored = {row.key: row.value for row in session.exec(select(Setting).where(col(Setting.key).in_(keys)))}
    return {mark: _stages_in(stored.get(RISK_PREFIX + mark.value)) or DEFAULT_RISK_STAGES[mark] for mark in RiskMark}


def _stages_in(stored: str | None) -> tuple[SubmissionState, ...]:
    codes = (stored or "").split(",")
    return tuple(stage for stage in REVIEW_STAGES if stage.value in codes)


# --- Changing it -----------------------------------------------------------------------------------------


def set_route(
    work: UnitOfWork,
    *,
    stages: tuple[SubmissionState, ...],
    account_id: int | None = None,
    category: ContentCategory | None = None,
) -> ReviewRoute:
    """Configure the stages for an account, a category, both, or everything else; items under way keep theirs.

    Raises `NotAllowed` for anybody but the administrator and the head of the office, `InvalidInput` for stages
    that would leave one person alone or no approval at the end.
    """
    _refuse_others(work)
    _take_turn(work)
    fault = route_fault(stages, category)
    if fault is not None:
        raise InvalidInput(f"{category.label}：{fault}" if category else fault, field="stages")
    found = work.session.exec(
        select(ReviewRoute).where(
            col(ReviewRoute.account_id).is_(None) if account_id is None else col(ReviewRoute.account_id) == account_id,
            col(ReviewRoute.category).is_(None) if category is None else col(ReviewRoute.category) == category,
        )
    ).first()
    before = list(found.stages) if found else None
    route = found or ReviewRoute(account_id=account_id, category=category, stages=[])
    route.stages = [stage.value for stage in stages]
    work.session.add(route)
    work.session.flush()
    _record(work, route.id, account=account_id, category=category and category.value, before=before, to=route.stages)
    return route


def set_routes(
    work: UnitOfWork,
    *,
    wanted: Mapping[ContentCategory, tuple[SubmissionState, ...]],
    seen: Mapping[ContentCategory, tuple[SubmissionState, ...]],
    account_id: int | None = None,
) -> int:
    """Configure the categories that differ from what the form showed first; how many now are others than before.

    All or none. Raises as `set_route`, and `StaleState` where somebody else changed one of them meanwhile.
    """
    _refuse_others(work)
    _take_turn(work)
    changed = _changed(wanted, seen, base_routes(work.session, account_id))
    for category, stages in changed.items():
        set_route(work, stages=stages, account_id=account_id, category=category)
    return len(changed)


def set_risk_stages(
    work: UnitOfWork,
    *,
    wanted: Mapping[RiskMark, tuple[SubmissionState, ...]],
    seen: Mapping[RiskMark, tuple[SubmissionState, ...]],
) -> int:
    """Decide what each mark adds for items handed in from now on; how many changed. Raises as `set_routes`."""
    _refuse_others(work)
    _take_turn(work)
    present = risk_stages(work.session)
    changed = _changed({mark: joined(stages) for mark, stages in wanted.items()}, seen, present)
    for mark, stages in changed.items():
        fault = risk_fault(stages)
        if fault is not None:
            raise InvalidInput(f"{mark.label}：{fault}", field=mark.value)
        work.session.merge(Setting(key=RISK_PREFIX + mark.value, value=",".join(stages)))
        before = [stage.value for stage in present[mark]]
        _record(work, None, risk=mark.value, before=before, to=[stage.value for stage in stages])
    work.session.flush()
    return len(changed)


def _take_turn(work: UnitOfWork) -> None:
    # There is not always a row to hold: whoever sets stages waits for the trail, which this writes to anyway.
    work.session.exec(select(AuditHead).with_for_update()).first()


def _changed(
    wanted: Mapping[SettingT, Stages], seen: Mapping[SettingT, Stages], present: Mapping[SettingT, Stages]
) -> dict[SettingT, Stages]:
    """What a person changed of what they saw, as far as it is not so already. Raises `StaleState`."""
    changed = {each: stages for each, stages in wanted.items() if stages not in (seen.get(each), present[each])}
    for each in changed:
        if seen.get(each) != present[each]:
            raise StaleState(SOMEBODY_WAS_FASTER.format(each.label))
    return changed


def _refuse_others(work: UnitOfWork) -> None:
    if work.actor.id is not None and not any(work.actor.may(each) for each in KEEPS_ROUTES):
        raise NotAllowed("只有系统管理员和终审人可以修改审核流程。")


def _record(work: UnitOfWork, subject_id: int | None, **details: Any) -> None:
    audit.record(work, AuditAction.ROUTE_CHANGED, "route", subject_id, details)
