"""Which refusal of WeChat holds back more than the one publication that met it, how much, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models import InterfaceRight, PublicationWay
from services.rules.delivery_times import SEND_TO_ALL, SUBMIT, quota_returns

W = PublicationWay

NO_PERMISSION = "48001"
"""WeChat: the account has no right to this call; another way may still be open."""

OF_THE_WHOLE_ACCOUNT = frozenset({"40164", "40243"})
"""WeChat: this server is not on the account's whitelist; the account's secret is frozen."""

OF_ONE_WAY = frozenset({NO_PERMISSION})
UNTIL_TOMORROW = frozenset({"45009", "45028"})
"""WeChat: the day's calls of this interface, or the day's sends to followers, are used up."""

WAY_OF_CALL: Mapping[str, PublicationWay] = {
    SUBMIT: W.PUBLISH,
    "freepublish/get": W.PUBLISH,
    SEND_TO_ALL: W.MASS,
    "message/mass/get": W.MASS,
}
"""Calls that only one way makes; every other call is made by all ways through the interface."""

PROVED_BY: Mapping[InterfaceRight, frozenset[PublicationWay | None]] = {
    InterfaceRight.FULL: frozenset({None, W.DRAFT, W.PUBLISH, W.MASS}),
    InterfaceRight.DRAFTS: frozenset({None, W.DRAFT}),
}
"""Which held ways a self-test with this result shows to be open again; None is the account as a whole."""


@dataclass(frozen=True)
class Breaker:
    """What is held back: the publications of one way, or all that use the interface; with an end, until then."""

    way: PublicationWay | None = None
    ends_at: datetime | None = None


def breaker_for(code: str, call: str, now: datetime) -> Breaker | None:
    """What a refusal of this call holds back beside the publication itself; None for what concerns only that one."""
    if code in OF_THE_WHOLE_ACCOUNT:
        return Breaker()
    if code in OF_ONE_WAY:
        return Breaker(WAY_OF_CALL.get(call))
    if code in UNTIL_TOMORROW:
        return Breaker(WAY_OF_CALL.get(call), quota_returns(now))
    return None
