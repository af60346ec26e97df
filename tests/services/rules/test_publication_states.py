"""The table of a publication's life, read as a whole."""

from __future__ import annotations

from models import IN_FLIGHT, PublicationState
from services.rules.publication_states import CHANGES, may_follow

S = PublicationState


def followers(state: PublicationState) -> set[PublicationState]:
    return {target for target in S if may_follow(state, target)}


def test_every_state_can_be_reached_from_the_queue() -> None:
    reached, frontier = {S.QUEUED}, {S.QUEUED}
    while frontier:
        frontier = set().union(*(followers(each) for each in frontier)) - reached
        reached |= frontier

    assert reached == set(S)


def test_no_row_stands_twice() -> None:
    assert len({(each.source, each.target) for each in CHANGES}) == len(CHANGES)


def test_only_what_is_known_not_to_be_out_returns_to_the_queue() -> None:
    back = {each.source for each in CHANGES if each.target is S.QUEUED}

    assert back == {S.PREPARING, S.DRAFTED, S.SENDING, S.FAILED, S.MISSED}


def test_what_is_in_doubt_never_returns_to_the_queue_by_itself() -> None:
    assert S.QUEUED not in followers(S.UNKNOWN) | followers(S.ACCEPTED)


def test_what_is_live_can_only_be_taken_down() -> None:
    assert followers(S.LIVE) == {S.REMOVED, S.BANNED}
    assert followers(S.REMOVED) == followers(S.BANNED) == set()


def test_nothing_in_flight_is_a_dead_end() -> None:
    assert [state for state in IN_FLIGHT if not followers(state)] == []
