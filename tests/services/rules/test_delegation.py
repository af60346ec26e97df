"""Which delegations are lawful: every refusal with the field it is about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models import Role
from services.rules.delegation import LONGEST, Mandate, fault_of
from services.rules.permissions import LENDABLE_ROLES

TODAY = date(2026, 11, 23)
CHEN, LI, ZHOU, ZHAO = 1, 2, 3, 4
APPROVER = frozenset({Role.APPROVER})


def mandate(
    principal: int = CHEN,
    deputy: int = LI,
    roles: frozenset[Role] = APPROVER,
    starts: int = 0,
    ends: int = 5,
) -> Mandate:
    """From so many days after today to so many."""
    return Mandate(principal, deputy, roles, TODAY + timedelta(days=starts), TODAY + timedelta(days=ends))


def field_refused(new: Mandate, *known: Mandate, held: frozenset[Role] = frozenset(LENDABLE_ROLES)) -> str | None:
    fault = fault_of(new, known, held=held, today=TODAY)
    return fault[0] if fault else None


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (mandate(), None),
        (mandate(ends=0), None),
        (mandate(deputy=CHEN), "deputy_id"),
        (mandate(starts=3, ends=2), "ends_on"),
        (mandate(starts=-5, ends=-1), "ends_on"),
        (mandate(ends=LONGEST.days), None),
        (mandate(ends=LONGEST.days + 1), "ends_on"),
        (mandate(roles=frozenset()), "roles"),
        (mandate(roles=frozenset({Role.CONTRIBUTOR})), "roles"),
        (mandate(roles=frozenset({Role.ADMIN, Role.APPROVER})), "roles"),
    ],
)
def test_delegation_is_to_somebody_else_for_a_while_in_roles_that_can_be_lent(new: Mandate, field: str | None) -> None:
    assert field_refused(new) == field


def test_nobody_lends_a_role_they_do_not_hold() -> None:
    assert field_refused(mandate(), held=frozenset({Role.REVIEWER})) == "roles"


@pytest.mark.parametrize(
    ("known", "field"),
    [
        (mandate(deputy=ZHOU, starts=5, ends=9), "starts_on"),
        (mandate(deputy=LI), "starts_on"),
        (mandate(deputy=ZHOU, starts=6, ends=9), None),
        (mandate(deputy=ZHOU, roles=frozenset({Role.REVIEWER})), None),
        (mandate(principal=ZHOU), None),
    ],
)
def test_a_role_has_one_deputy_at_a_time(known: Mandate, field: str | None) -> None:
    assert field_refused(mandate(), known) == field


def test_no_circle_of_two_or_of_more() -> None:
    back = mandate(principal=LI, deputy=CHEN, roles=frozenset({Role.REVIEWER}))
    around = (mandate(principal=LI, deputy=ZHOU), mandate(principal=ZHOU, deputy=CHEN))

    assert field_refused(mandate(), back) == "deputy_id"
    assert field_refused(mandate(), *around) == "deputy_id"


def test_a_chain_and_a_circle_on_other_days_are_no_circle() -> None:
    chain = (mandate(principal=LI, deputy=ZHOU), mandate(principal=ZHAO, deputy=CHEN))
    next_week = mandate(principal=LI, deputy=CHEN, starts=7, ends=9)

    assert field_refused(mandate(), *chain) is None
    assert field_refused(mandate(), next_week) is None
