"""流程图: each state machine as a picture, made from the table that also refuses and offers its steps.

A picture is a main line from the first state to the usual end, and beside it whatever else may follow. Nothing here
knows a step by itself: a row that is added to a table appears, one that is taken out is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from models import (
    REVIEW_STAGES,
    AccountState,
    AnnualState,
    RequestState,
    SubmissionState,
    ViolationState,
    Vocabulary,
)
from services.rules import account_life, account_requests, annual_review, violation_cases, workflow
from services.rules.account_requests import RequestStanding
from services.rules.permissions import CAPABILITIES, STAGE_CAPABILITY, Actor, Capability, Standing


class Row(Protocol):
    """What every table has: from any of `sources`, `action` may be taken."""

    @property
    def action(self) -> Vocabulary: ...

    @property
    def sources(self) -> tuple[Any, ...]: ...

    @property
    def target(self) -> Any: ...


@dataclass(frozen=True)
class Arrow:
    """One step that leaves a state."""

    action: Vocabulary
    target: Vocabulary


@dataclass(frozen=True)
class Stop:
    """One state: who holds it, the step along the main line, and every other step that leaves it."""

    state: Vocabulary
    holders: tuple[str, ...] = ()
    onward: Arrow | None = None
    others: tuple[Arrow, ...] = ()

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        return (*filter(None, (self.onward,)), *self.others)


@dataclass(frozen=True)
class FlowChart:
    """The main line in its order, and the states beside it from which something still follows."""

    line: tuple[Stop, ...]
    beside: tuple[Stop, ...]

    @property
    def stops(self) -> tuple[Stop, ...]:
        return (*self.line, *self.beside)


# --- The five pictures -----------------------------------------------------------------------------------


def of_submission(route: Sequence[str] = REVIEW_STAGES) -> FlowChart:
    """The way of an item on its own route, given as stages or their codes; on the usual one before it has any."""
    stages = tuple(SubmissionState.of(stage) for stage in route) or workflow.DEFAULT_ROUTE
    states = [state for state in SubmissionState if state not in REVIEW_STAGES or state in stages]
    edges = [
        (source, Arrow(step.action, workflow.target_of(step, _item(source, stages))))
        for step in workflow.TRANSITIONS
        for source in step.sources
        if source in states
    ]
    holders = {stage: _roles_with(STAGE_CAPABILITY[stage]) for stage in stages}
    return _drawn(edges, begin=SubmissionState.DRAFT, end=SubmissionState.ARCHIVED, holders=holders)


def _item(state: SubmissionState, route: tuple[SubmissionState, ...]) -> Standing:
    return Standing(state, 0, 0, route, frozenset(), frozenset())


def of_account() -> FlowChart:
    """The life of an official account."""
    edges = _plain(account_life.LIFE)
    detours = {AccountState.SUSPENDED}
    return _drawn(edges, begin=AccountState.APPLIED, end=AccountState.CANCELLED, off_the_line=detours)


def of_request(*, needs_leader: bool = True) -> FlowChart:
    """The way of a request about an account."""
    facts = RequestStanding(RequestState.DEPARTMENT, 0, 0, frozenset(), needs_leader=needs_leader)
    states = [state for state in RequestState if needs_leader or state is not RequestState.LEADER]
    edges = [
        (source, Arrow(step.action, target))
        for step in account_requests.REQUEST_STEPS
        for source in step.sources
        if source in states
        for target in _targets_of_request(step, replace(facts, state=source))
    ]
    holders = {stage: _roles_with(held) for stage, held in account_requests.STAGE_CAPABILITY.items() if stage in states}
    return _drawn(edges, begin=RequestState.DEPARTMENT, end=RequestState.GRANTED, holders=holders)


def _targets_of_request(step: account_requests.RequestStep, facts: RequestStanding) -> list[RequestState]:
    """Where a step leads, with the unit's word and without it."""
    nobody = Actor(id=None, name="", department_id=None, roles=frozenset())
    both = (account_requests.target_of(step, nobody, replace(facts, has_units_word=word)) for word in (False, True))
    return list(dict.fromkeys(both))


def of_annual_review() -> FlowChart:
    """The way of one account through an annual review."""
    return _drawn(_plain(annual_review.REVIEW_STEPS), begin=AnnualState.NOT_STARTED, end=AnnualState.PASSED)


def of_violation() -> FlowChart:
    """The way of a case."""
    edges = _plain(violation_cases.CASE_STEPS)
    detours = {ViolationState.APPEALED}
    return _drawn(edges, begin=ViolationState.RECORDED, end=ViolationState.CLOSED, off_the_line=detours)


def _plain(rows: Iterable[Row]) -> list[tuple[Vocabulary, Arrow]]:
    return [(source, Arrow(row.action, row.target)) for row in rows for source in row.sources]


def _roles_with(capability: Capability) -> tuple[str, ...]:
    return tuple(role.label for role, held in CAPABILITIES.items() if capability in held)


# --- Drawing ---------------------------------------------------------------------------------------------

Edges = Sequence[tuple[Vocabulary, Arrow]]


def _drawn(
    edges: Edges,
    *,
    begin: Vocabulary,
    end: Vocabulary,
    off_the_line: Collection[Vocabulary] = (),
    holders: Mapping[Any, tuple[str, ...]] | None = None,
) -> FlowChart:
    order = list(type(begin))
    line = _longest_way(edges, begin, end, order=order, without=off_the_line)
    known = {state for source, arrow in edges for state in (source, arrow.target)}
    stops = {state: _stop(state, edges, line, (holders or {}).get(state, ())) for state in order if state in known}
    beside = [stop for state, stop in stops.items() if state not in line and stop.others]
    return FlowChart(tuple(stops[state] for state in line), tuple(beside))


def _longest_way(
    edges: Edges, state: Vocabulary, end: Vocabulary, *, order: list[Any], without: Collection[Vocabulary]
) -> list[Vocabulary]:
    """The way to the end with the most states on it, always forward in the order of the vocabulary."""
    if state == end:
        return [end]
    ahead = [
        arrow.target
        for source, arrow in edges
        if source == state and arrow.target not in without and order.index(arrow.target) > order.index(state)
    ]
    ways = [way for each in ahead if (way := _longest_way(edges, each, end, order=order, without=without))]
    return [state, *max(ways, key=len)] if ways else []


def _stop(state: Vocabulary, edges: Edges, line: list[Vocabulary], holders: tuple[str, ...]) -> Stop:
    leaving = list(dict.fromkeys(arrow for source, arrow in edges if source == state))
    following = line[line.index(state) + 1] if state in line[:-1] else None
    onward = next((arrow for arrow in leaving if arrow.target == following), None)
    return Stop(state, holders, onward, tuple(arrow for arrow in leaving if arrow is not onward))
