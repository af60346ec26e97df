"""Reads about official accounts, ready to draw. Who may see which entry is part of each query."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, true
from sqlmodel import Session, col, select

from models import (
    IN_FLIGHT,
    REVIEW_STAGES,
    AccountAction,
    AccountDuty,
    AccountFile,
    AccountRequest,
    AccountState,
    AccountStep,
    AccountTask,
    AccountTest,
    Department,
    OfficialAccount,
    Person,
    Publication,
    PublicationState,
    RequestAction,
    RequestState,
    Revision,
    Submission,
    SubmissionState,
    Target,
    Violation,
    Vocabulary,
)
from services.errors import NotFound
from services.queries import people
from services.rules import violation_cases
from services.rules.account_life import (
    ENDED,
    AccountStanding,
    Freshness,
    LifeStep,
    Urgency,
    Watch,
    available,
    freshness,
    may_see,
    urgency,
)
from services.rules.clocks import Clocks
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Actor, Capability, signature_of

PROOFS = (AccountAction.REGISTER.value,)
WARN_WITHIN_DAYS = 14
"""Of a countdown that has no setting of its own."""


def open_for_submissions(session: Session) -> Sequence[OfficialAccount]:
    """Accounts an item may be written for, in the order of the register."""
    return session.exec(
        select(OfficialAccount).where(OfficialAccount.state == AccountState.ACTIVE).order_by(col(OfficialAccount.id))
    ).all()


def last_written_for(session: Session, person_id: int) -> int | None:
    """The account this person's newest item is for, if items may still be written for it."""
    return session.exec(
        select(Submission.account_id)
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id))
        .where(Submission.contributor_id == person_id, OfficialAccount.state == AccountState.ACTIVE)
        .order_by(col(Submission.updated_at).desc())
        .limit(1)
    ).first()


def every(session: Session) -> Sequence[OfficialAccount]:
    """The whole register."""
    return session.exec(select(OfficialAccount).order_by(col(OfficialAccount.id))).all()


def named(session: Session, name: str) -> OfficialAccount | None:
    """The account of this name."""
    return session.exec(select(OfficialAccount).where(OfficialAccount.name == name)).first()


def same_kind(session: Session, account: OfficialAccount) -> OfficialAccount | None:
    """Another account of the kind that the unit has and that was not allowed as an exception."""
    statement = (
        select(OfficialAccount)
        .where(
            OfficialAccount.owner_department_id == account.owner_department_id,
            OfficialAccount.kind == account.kind,
            col(OfficialAccount.id) != account.id if account.id is not None else true(),
            col(OfficialAccount.state).not_in(ENDED),
            col(OfficialAccount.exception_granted).is_(False),
        )
        .order_by(col(OfficialAccount.id))
    )
    return session.exec(statement).first()


# --- What the rules need ---------------------------------------------------------------------------------


def standing(session: Session, account: OfficialAccount) -> AccountStanding:
    """The facts of one account that rights and steps are decided on."""
    return AccountStanding(
        state=account.state,
        department_id=account.owner_department_id,
        proven_by=_proven_by(session, account),
        suspended_by=_last_hands(session, account, AccountAction.SUSPEND),
    )


def _proven_by(session: Session, account: OfficialAccount) -> frozenset[int]:
    if account.state is not AccountState.CANCELLING:
        return _last_hands(session, account, AccountAction.REGISTER)
    proof = session.exec(
        select(AccountDuty.done_by_id, AccountDuty.done_for_id)
        .where(AccountDuty.account_id == account.id, AccountDuty.task == AccountTask.PROOF)
        .order_by(col(AccountDuty.id).desc())
    ).first()
    return hands(*(proof or ()))


def _last_hands(session: Session, account: OfficialAccount, action: AccountAction) -> frozenset[int]:
    step = session.exec(
        select(AccountStep.actor_id, AccountStep.for_id)
        .where(AccountStep.account_id == account.id, AccountStep.action == action.value)
        .order_by(col(AccountStep.id).desc())
    ).first()
    return hands(*(step or ()))


def hands(*person_ids: int | None) -> frozenset[int]:
    """Who counts as having done something: whoever did it and whom they stood in for."""
    return frozenset(each for each in person_ids if each is not None)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition under which a person may know of an entry; `account_life.may_see` in SQL."""
    if may_see(actor, -1):
        return true()
    headed = [each.department_id for each in actor.standings if each.may(Capability.SIGN_OFF)]
    return col(OfficialAccount.owner_department_id).in_(headed)


def open_matters(session: Session, account_id: int) -> list[str]:
    """What is still under way for an account, as words: items in review, publications, violation cases."""
    under_review = (*REVIEW_STAGES, SubmissionState.APPROVED, SubmissionState.RETURNED)
    counts = {
        "篇稿件": _count(session, Submission, Submission.account_id == account_id, under_review),
        "个发布任务": _count(session, Publication, Publication.account_id == account_id, IN_FLIGHT),
        "件违规": session.exec(
            select(func.count())
            .select_from(Violation)
            .where(Violation.account_id == account_id, col(Violation.state).not_in(violation_cases.ENDED))
        ).one(),
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _count(session: Session, table: Any, of_account: Any, states: Collection[Vocabulary]) -> int:
    statement = select(func.count()).select_from(table).where(of_account, col(table.state).in_(states))
    return int(session.exec(statement).one())


@dataclass(frozen=True)
class Post:
    """One article that went live."""

    title: str
    at: datetime
    url: str


def live_posts(session: Session, account_id: int, since: datetime | None = None) -> list[Post]:
    """The articles of an account that went live through us, the oldest first."""
    statement = (
        select(Revision.title, Publication.settled_at, Publication.url)
        .join(Revision, col(Revision.id) == col(Publication.revision_id))
        .where(
            Publication.account_id == account_id,
            Publication.target == Target.WECHAT,
            Publication.state == PublicationState.LIVE,
            col(Publication.settled_at).is_not(None),
            col(Publication.settled_at) >= since if since is not None else true(),
        )
        .order_by(col(Publication.settled_at))
    )
    rows = session.exec(statement).all()
    return [Post(title, at.astimezone(OFFICE_ZONE), url or "") for title, at, url in rows if at is not None]


def last_live(session: Session) -> dict[int, datetime]:
    """When each account last published, for those that ever did."""
    statement = (
        select(Publication.account_id, func.max(Publication.settled_at))
        .where(Publication.target == Target.WECHAT, Publication.state == PublicationState.LIVE)
        .group_by(col(Publication.account_id))
    )
    return {id_: at for id_, at in session.exec(statement) if id_ is not None and at is not None}


# --- The register ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Countdown:
    """A date that is coming, or an age that is growing; `days_left` is negative once it is over, and people are warned
    from `warn_within` days before.
    """

    watch: Watch
    on: date
    days_left: int
    warn_within: int

    @property
    def urgency(self) -> Urgency:
        return urgency(self.days_left, warn_within=self.warn_within)


@dataclass(frozen=True)
class AccountLine:
    """One line of the register. `silent_days` count from the last publication, or from when the account began."""

    id: int
    name: str
    kind: str
    level: str
    state: AccountState
    department: str
    first_responsible: str
    filing_no: str
    has_published: bool
    silent_days: int
    freshness: Freshness | None
    countdowns: tuple[Countdown, ...]
    owing: int
    request: RequestState | None


def register(session: Session, actor: Actor, *, now: datetime, clocks: Clocks) -> list[AccountLine]:
    """The entries a person may see, running ones first."""
    rows = session.exec(
        select(OfficialAccount, Department.name)
        .join(Department, col(Department.id) == col(OfficialAccount.owner_department_id))
        .where(visible_to(actor))
        .order_by(col(OfficialAccount.id))
    ).all()
    published, owing, asked = last_live(session), _owing(session), _asked(session)
    lines = [
        AccountLine(
            id=account.id or 0,
            name=account.name,
            kind=account.kind.label,
            level=account.level.label,
            state=account.state,
            department=department,
            first_responsible=account.first_responsible,
            filing_no=account.filing_no or "",
            has_published=account.id in published,
            silent_days=silent_days(account, published.get(account.id or 0), now),
            freshness=_freshness(account, published.get(account.id or 0), now, clocks),
            countdowns=tuple(countdowns(account, now=now, clocks=clocks)),
            owing=owing.get(account.id or 0, 0),
            request=asked.get(account.id or 0),
        )
        for account, department in rows
    ]
    order = list(AccountState)
    urgent = (AccountState.ACTIVE, AccountState.SUSPENDED, AccountState.CANCELLING)
    return sorted(lines, key=lambda line: (line.state not in urgent, order.index(line.state), -line.silent_days))


def silent_days(account: OfficialAccount, last: datetime | None, now: datetime) -> int:
    """Days since the account last published; since it was filed or entered, if it never did."""
    began = account.filed_on or account.registered_on or office_day(account.created_at)
    return max(0, (office_day(now) - (office_day(last) if last else began)).days)


def _freshness(account: OfficialAccount, last: datetime | None, now: datetime, clocks: Clocks) -> Freshness | None:
    if account.state is not AccountState.ACTIVE:
        return None
    return freshness(clocks, silent_days(account, last, now))


def countdowns(account: OfficialAccount, *, now: datetime, clocks: Clocks) -> list[Countdown]:
    """The dates an account must keep: verification, secret, password, and filing after registration."""
    dates: list[tuple[Watch, date | None, int]] = [
        (Watch.VERIFICATION, account.verified_until if account.verified else None, clocks.verification_warning_days),
        (Watch.SECRET, _after(account.app_secret_changed_at, clocks.secret_days), WARN_WITHIN_DAYS),
        (Watch.PASSWORD, _plus(account.password_changed_on, clocks.password_days), WARN_WITHIN_DAYS),
    ]
    if account.state is AccountState.REGISTERED:
        dates.append((Watch.FILING, _plus(account.registered_on, clocks.filing_days), clocks.filing_days))
    if account.state in ENDED:
        return []
    today = office_day(now)
    return [Countdown(watch, day, (day - today).days, within) for watch, day, within in dates if day is not None]


def _after(moment: datetime | None, days: int) -> date | None:
    return _plus(office_day(moment), days) if moment is not None else None


def _plus(day: date | None, days: int) -> date | None:
    return day + timedelta(days=days) if day is not None else None


def _owing(session: Session) -> dict[int, int]:
    rows = session.exec(
        select(AccountDuty.account_id, func.count())
        .where(col(AccountDuty.done_on).is_(None))
        .group_by(col(AccountDuty.account_id))
    )
    return dict(rows.all())


def _asked(session: Session) -> dict[int, RequestState]:
    over = (RequestState.GRANTED, RequestState.REFUSED, RequestState.WITHDRAWN)
    rows = session.exec(select(AccountRequest).where(col(AccountRequest.state).not_in(over)))
    return {row.account_id: row.state for row in rows}


# --- One account -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HistoryLine:
    """One step in the file of an account or of a request about it."""

    action: str
    actor: str
    at: datetime
    comment: str
    to_state: str


@dataclass(frozen=True)
class AccountDetail:
    """One account as a page shows it. `steps` are what the person in front may do to it now."""

    account: OfficialAccount
    department: str
    steps: tuple[LifeStep, ...]
    has_published: bool
    silent_days: int
    freshness: Freshness | None
    countdowns: tuple[Countdown, ...]
    duties: tuple[AccountDuty, ...]
    files: tuple[AccountFile, ...]
    history: tuple[HistoryLine, ...]
    test: AccountTest | None
    tested_by: str
    open_matters: tuple[str, ...]

    @property
    def id(self) -> int:
        return self.account.id or 0

    def may(self, action: AccountAction) -> bool:
        return any(step.action is action for step in self.steps)


def detail(session: Session, actor: Actor, account_id: int, *, now: datetime, clocks: Clocks) -> AccountDetail:
    """One account. Raises `NotFound` for who may not know its entry."""
    account = session.get(OfficialAccount, account_id)
    if account is None or not may_see(actor, account.owner_department_id):
        raise NotFound("没有找到这个公众号：它不存在，或不由您办理。请从“公众号台账”重新打开。")
    last = last_live(session).get(account_id)
    test = session.exec(
        select(AccountTest).where(AccountTest.account_id == account_id).order_by(col(AccountTest.id).desc())
    ).first()
    return AccountDetail(
        account=account,
        department=session.get_one(Department, account.owner_department_id).name,
        steps=tuple(available(actor, standing(session, account))),
        has_published=last is not None,
        silent_days=silent_days(account, last, now),
        freshness=_freshness(account, last, now, clocks),
        countdowns=tuple(countdowns(account, now=now, clocks=clocks)),
        duties=tuple(duties(session, account_id)),
        files=tuple(_files(session, account_id)),
        history=tuple(_history(session, account_id)),
        test=test,
        tested_by=session.get_one(Person, test.tested_by_id).name if test else "",
        open_matters=tuple(open_matters(session, account_id)),
    )


def duties(session: Session, account_id: int) -> list[AccountDuty]:
    """The steps owed by the last request that left any, in their order."""
    statement = select(AccountDuty).where(AccountDuty.account_id == account_id).order_by(col(AccountDuty.id))
    rows = list(session.exec(statement))
    latest = max((row.request_id for row in rows), default=0)
    return [row for row in rows if row.request_id == latest or row.done_on is None]


def _files(session: Session, account_id: int) -> Sequence[AccountFile]:
    return session.exec(
        select(AccountFile).where(AccountFile.account_id == account_id).order_by(col(AccountFile.id).desc())
    ).all()


def _history(session: Session, account_id: int) -> list[HistoryLine]:
    names = people.names(session)
    rows = session.exec(
        select(AccountStep).where(AccountStep.account_id == account_id).order_by(col(AccountStep.id).desc())
    )
    return [
        HistoryLine(
            action=_action_label(row),
            actor=signature_of(names.get(row.actor_id or 0, "系统"), names.get(row.for_id or 0)),
            at=row.at,
            comment=row.comment,
            to_state=_state_label(row),
        )
        for row in rows
    ]


def _action_label(step: AccountStep) -> str:
    words: tuple[type[Vocabulary], ...] = (RequestAction, AccountAction)
    return _label(step.action, words if step.request_id else words[::-1])


def _state_label(step: AccountStep) -> str:
    words: tuple[type[Vocabulary], ...] = (RequestState, AccountState)
    return _label(step.to_state, words if step.request_id else words[::-1])


def _label(code: str, vocabularies: tuple[type[Vocabulary], ...]) -> str:
    return next((word.label for words in vocabularies for word in words if word.value == code), code)
