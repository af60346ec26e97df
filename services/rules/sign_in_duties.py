"""What stands between a right password and the pages: a code, a new password, an authenticator to set up.

Asked at every click and again inside every transaction, so that a duty that arises meanwhile counts at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum, auto

from models import Role

NEEDS_SECOND_FACTOR = frozenset({Role.ADMIN, Role.PUBLISHER})
"""Who can do most harm with a stolen password: change everybody's rights, or speak to all followers."""


class Duty(StrEnum):
    """What a person must do before anything else."""

    CODE = auto()
    NEW_PASSWORD = auto()
    SECOND_FACTOR = auto()


@dataclass(frozen=True)
class Entry:
    """How somebody came in. The campus sign-in has a password of its own, so ours need not be changed first."""

    owes_code: bool
    through_campus: bool
    password_is_temporary: bool
    has_second_factor: bool


NOTHING_OWED = Entry(owes_code=False, through_campus=False, password_is_temporary=False, has_second_factor=False)


def duty(entry: Entry, roles: Collection[Role], *, is_live: bool) -> Duty | None:
    """The first thing still to be done, or None once the pages are open. A rehearsal never asks for an
    authenticator, but asks whoever set one up for its code.
    """
    if entry.owes_code:
        return Duty.CODE
    if entry.password_is_temporary and not entry.through_campus:
        return Duty.NEW_PASSWORD
    if needs_second_factor(roles, is_live=is_live) and not entry.has_second_factor:
        return Duty.SECOND_FACTOR
    return None


def needs_second_factor(roles: Collection[Role], *, is_live: bool) -> bool:
    """Whether somebody with these roles may not work without an authenticator."""
    return is_live and not NEEDS_SECOND_FACTOR.isdisjoint(roles)
