"""Who may do what at all, as the office's full table: role by capability, and what of it may be lent."""

from __future__ import annotations

from datetime import date

import pytest

from models import PersonRole, Role
from services.rules.permissions import CAPABILITIES, LENDABLE, LENDABLE_ROLES, Actor, Capability, Principal, roles_on

C = Capability

TABLE: dict[Role, str] = {
    Role.CONTRIBUTOR: "write",
    Role.DEPARTMENT_HEAD: "write sign_off",
    Role.REVIEWER: "review record_violations read_charts read_accounts keep_accounts keep_consents",
    Role.APPROVER: (
        "approve record_violations decide_violations read_charts read_trail read_accounts keep_accounts keep_consents"
    ),
    Role.PUBLISHER: "publish read_accounts keep_consents",
    Role.SUPERVISOR: "record_violations decide_violations read_charts read_trail read_accounts",
    Role.LEADER: "approve_as_leader read_charts read_accounts",
    Role.ADMIN: "administer read_trail read_accounts keep_accounts",
}
LENT = {"sign_off", "review", "approve", "approve_as_leader", "publish"}


def holding(*roles: Role) -> Actor:
    return Actor(id=1, name="甲", department_id=1, roles=frozenset(roles))


@pytest.mark.parametrize("role", list(Role))
def test_role_gives_exactly_these_capabilities(role: Role) -> None:
    assert {each.value for each in Capability if holding(role).may(each)} == set(TABLE[role].split())


@pytest.mark.parametrize("role", list(Role))
def test_deputy_gets_what_can_be_lent_of_a_role_and_nothing_else(role: Role) -> None:
    principal = Principal(2, "乙", 2, frozenset({role}))
    deputy = Actor(id=1, name="甲", department_id=1, roles=frozenset(), acting_for=(principal,))

    assert {each.value for each in Capability if deputy.reaches(each)} == set(TABLE[role].split()) & LENT
    assert not any(deputy.may(each) for each in Capability)


def test_every_capability_belongs_to_somebody_and_only_these_are_lent() -> None:
    assert {each for given in CAPABILITIES.values() for each in given} == set(Capability)
    assert {each.value for each in LENDABLE} == LENT
    assert Role.CONTRIBUTOR not in LENDABLE_ROLES
    assert {Role.SUPERVISOR, Role.ADMIN}.isdisjoint(LENDABLE_ROLES)


def test_several_roles_add_up() -> None:
    both = holding(Role.CONTRIBUTOR, Role.PUBLISHER)

    assert {each for each in Capability if both.may(each)} == {C.WRITE, C.PUBLISH, C.READ_ACCOUNTS, C.KEEP_CONSENTS}


@pytest.mark.parametrize(
    ("day", "holds"),
    [(date(2026, 8, 31), False), (date(2026, 9, 1), True), (date(2027, 6, 30), True), (date(2027, 7, 1), False)],
)
def test_role_holds_on_its_first_and_on_its_last_day(day: date, holds: bool) -> None:  # noqa: FBT001  # a column
    term = PersonRole(person_id=1, role=Role.PUBLISHER, starts_on=date(2026, 9, 1), ends_on=date(2027, 6, 30))

    assert (Role.PUBLISHER in roles_on(day, [term])) is holds
