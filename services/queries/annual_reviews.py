"""Reads about annual reviews, ready to draw: campaigns, what each unit has still to do, and what the system counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select

from models import (
    AnnualCampaign,
    AnnualReview,
    AnnualState,
    CampaignState,
    Department,
    DepartmentKind,
    OfficialAccount,
    Publication,
    PublicationState,
    Severity,
    Submission,
    Target,
    Violation,
    ViolationKind,
    ViolationState,
)
from services.queries import accounts
from services.rules.annual_review import (
    GRAVE_KINDS,
    WITH_UNIT,
    Facts,
    ReviewStanding,
    ReviewStep,
    available,
    grounds_for_failing,
    long_gaps,
)
from services.rules.clocks import Clocks
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Actor

CONFIRMED_CASES = (ViolationState.DECIDED, ViolationState.APPEALED, ViolationState.CLOSED)


def campaigns(session: Session) -> Sequence[AnnualCampaign]:
    """Every campaign, the latest year first."""
    return session.exec(select(AnnualCampaign).order_by(col(AnnualCampaign.year).desc())).all()


def standing(session: Session, review: AnnualReview) -> ReviewStanding:
    """The facts of one review that rights and steps are decided on."""
    account = session.get_one(OfficialAccount, review.account_id)
    unit = session.get_one(Department, account.owner_department_id)
    spoke = {review.answered_by_id, review.answered_for_id, review.confirmed_by_id, review.confirmed_for_id}
    return ReviewStanding(
        state=review.state,
        department_id=account.owner_department_id,
        is_office=unit.kind is DepartmentKind.PUBLICITY_OFFICE,
        spoke_for_unit=frozenset(each for each in spoke if each is not None),
    )


def facts(session: Session, account: OfficialAccount, year: int, now: datetime) -> Facts:
    """What the system counted for an account in a year, up to now."""
    begin = datetime(year, 1, 1, tzinfo=OFFICE_ZONE).astimezone(UTC)
    posts = accounts.live_posts(session, account.id or 0, since=begin)
    timed, on_time = _punctuality(session, account, begin)
    cases = [
        case
        for case in session.exec(select(Violation).where(Violation.account_id == account.id))
        if case.state in CONFIRMED_CASES and case.happened_on.year == year
    ]
    last = accounts.last_live(session).get(account.id or 0)
    return Facts(
        posts=len(posts),
        gaps=long_gaps([post.at.date() for post in posts]),
        silent_days=accounts.silent_days(account, last, now),
        timed=timed,
        on_time=on_time,
        violations=len(cases),
        grave=sum(case.severity is Severity.SEVERE and case.kind in GRAVE_KINDS for case in cases),
        advertising=sum(case.kind is ViolationKind.ADVERTISING for case in cases),
        concealed=sum(case.kind is ViolationKind.ACCOUNT for case in cases),
        refused=sum(case.kind is ViolationKind.RECTIFICATION for case in cases),
        password_changed_on=account.password_changed_on.isoformat() if account.password_changed_on else "",
    )


def _punctuality(session: Session, account: OfficialAccount, begin: datetime) -> tuple[int, int]:
    """Of the items with a wished day that went live: how many there are, and how many kept it."""
    rows = session.exec(
        select(Submission.wanted_at, Publication.settled_at)
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .where(
            Publication.account_id == account.id,
            Publication.target == Target.WECHAT,
            Publication.state == PublicationState.LIVE,
            col(Publication.settled_at) >= begin,
            col(Submission.wanted_at).is_not(None),
        )
    ).all()
    kept = [office_day(live) <= office_day(wanted) for wanted, live in rows if wanted and live]
    return len(kept), sum(kept)


@dataclass(frozen=True)
class ReviewLine:
    """One account in a campaign. `facts` are today's while the unit is at it, then those it confirmed."""

    review: AnnualReview
    account: OfficialAccount
    department: str
    steps: tuple[ReviewStep, ...]
    facts: Facts
    grounds: tuple[str, ...]
    is_late: bool

    @property
    def id(self) -> int:
        return self.review.id or 0


@dataclass(frozen=True)
class UnitProgress:
    """How far a unit is: of how many accounts it has confirmed how many, and how many are decided."""

    department: str
    accounts: int
    confirmed: int
    decided: int


def lines(
    session: Session, actor: Actor, campaign: AnnualCampaign, *, now: datetime, clocks: Clocks
) -> list[ReviewLine]:
    """The accounts of a campaign that a person may see, what waits for them first."""
    found = _lines(session, actor, campaign, true(), now, clocks)
    return sorted(found, key=lambda line: not line.steps)


def under_way(
    session: Session, actor: Actor, account_id: int, *, now: datetime, clocks: Clocks
) -> tuple[AnnualCampaign, ReviewLine] | None:
    """The review of one account in the latest campaign, if the person may see it, while the campaign is open or the
    account still has something to mend.
    """
    campaign = session.exec(select(AnnualCampaign).order_by(col(AnnualCampaign.year).desc())).first()
    if campaign is None:
        return None
    found = _lines(session, actor, campaign, col(AnnualReview.account_id) == account_id, now, clocks)
    is_over = campaign.state is not CampaignState.OPEN
    if not found or (is_over and found[0].review.state is not AnnualState.CONDITIONAL):
        return None
    return campaign, found[0]


def _lines(  # noqa: PLR0917  # which reviews, with what they are read by
    session: Session,
    actor: Actor,
    campaign: AnnualCampaign,
    wanted: ColumnElement[bool],
    now: datetime,
    clocks: Clocks,
) -> list[ReviewLine]:
    rows = session.exec(
        select(AnnualReview, OfficialAccount, Department.name)
        .join(OfficialAccount, col(OfficialAccount.id) == col(AnnualReview.account_id))
        .join(Department, col(Department.id) == col(OfficialAccount.owner_department_id))
        .where(AnnualReview.campaign_id == campaign.id, accounts.visible_to(actor), wanted)
        .order_by(col(AnnualReview.id))
    ).all()
    return [_line(session, actor, campaign, row, now, clocks) for row in rows]


def _line(  # noqa: PLR0917  # one row of the list above with what it is read by
    session: Session,
    actor: Actor,
    campaign: AnnualCampaign,
    row: tuple[AnnualReview, OfficialAccount, str],
    now: datetime,
    clocks: Clocks,
) -> ReviewLine:
    review, account, department = row
    counted = Facts.from_json(review.facts) if review.facts else facts(session, account, campaign.year, now)
    return ReviewLine(
        review=review,
        account=account,
        department=department,
        steps=tuple(available(actor, standing(session, review))),
        facts=counted,
        grounds=tuple(grounds_for_failing(counted, clocks)),
        is_late=is_late(review.state, campaign.closes_on, office_day(now)),
    )


def is_late(state: AnnualState, closes_on: date, today: date) -> bool:
    """Whether the unit let the window pass without confirming: 未参加年检."""
    return state in WITH_UNIT and today > closes_on


def progress(found: Sequence[ReviewLine]) -> list[UnitProgress]:
    """The same lines by unit, the slowest first."""
    units = sorted({line.department for line in found})
    counted = [_progress(unit, [line for line in found if line.department == unit]) for unit in units]
    return sorted(counted, key=lambda each: (each.confirmed / each.accounts, each.department))


def _progress(unit: str, of_unit: Sequence[ReviewLine]) -> UnitProgress:
    return UnitProgress(
        department=unit,
        accounts=len(of_unit),
        confirmed=sum(line.review.state not in WITH_UNIT for line in of_unit),
        decided=sum(line.review.state not in (*WITH_UNIT, AnnualState.CONFIRMED) for line in of_unit),
    )
