"""统一身份认证: it says who somebody is, once per statement, and never what they may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from models import AuditAction, Person
from services import campus_sign_in, people
from services.campus_sign_in import Statement
from services.errors import InvalidInput
from services.queries import sessions, staff
from services.rules.sign_in_duties import Duty
from services.sign_in import Browser, OpenedSession
from tests.office import MONDAY_MORNING, Office

ISSUER = "https://sso.school.example"
HERE = Browser(origin="203.0.113.7")
SAID = Statement(ISSUER, "u-1001", "person0", MONDAY_MORNING)
MINUTE = timedelta(minutes=1)


def arrive(office: Office, said: Statement = SAID, *, match_usernames: bool = False) -> OpenedSession | None:
    with office.as_system() as work:
        return campus_sign_in.settle(work, said, browser=HERE, match_usernames=match_usernames)


def link(office: Office, name: str = "小王", subject: str = "u-1001") -> None:
    with office.acting_as("小林") as work:
        campus_sign_in.link(work, person_id=office.people[name], issuer=ISSUER, subject=subject)


def test_linked_person_gets_in_with_their_own_roles(office: Office) -> None:
    link(office)

    opened = arrive(office)

    assert opened is not None
    with office.reading() as session:
        who = sessions.by_id(session, opened.session_id, office.now)
    assert who is not None
    assert (who.name, who.roles, who.entry.through_campus) == ("小王", office.actor("小王").roles, True)


def test_unknown_identity_stays_out_even_under_a_known_username(office: Office) -> None:
    assert arrive(office) is None


def test_username_matches_once_where_that_is_allowed(office: Office) -> None:
    first = arrive(office, match_usernames=True)
    renamed = arrive(office, replace(SAID, subject="u-2002"), match_usernames=True)

    assert first is not None
    assert renamed is None
    with office.reading() as session:
        linked = staff.identities(session, office.people["小王"])
    assert [(each.issuer, each.subject) for each in linked] == [(ISSUER, "u-1001")]


def test_statement_opens_one_session(office: Office) -> None:
    link(office)
    arrive(office)

    assert arrive(office) is None
    with office.reading() as session:
        assert not campus_sign_in.is_attempt(session, SAID, office.now)
        assert campus_sign_in.is_attempt(session, replace(SAID, made_at=office.now + MINUTE), office.now)


@pytest.mark.parametrize("age", [5 * MINUTE, timedelta(days=30), -6 * MINUTE])
def test_old_or_future_statement_is_worth_nothing(office: Office, age: timedelta) -> None:
    link(office)

    assert arrive(office, replace(SAID, made_at=office.now - age)) is None


def test_disabled_person_stays_out(office: Office) -> None:
    link(office)
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["小王"])

    assert arrive(office) is None


def test_locked_person_stays_out(office: Office) -> None:
    link(office)
    with office.as_system() as work:
        work.session.get_one(Person, office.people["小王"]).locked_until = office.now + MINUTE

    assert arrive(office) is None


def test_temporary_password_does_not_concern_whoever_came_through_the_campus(office: Office) -> None:
    link(office)
    with office.as_system() as work:
        work.session.get_one(Person, office.people["小王"]).password_is_temporary = True

    opened = arrive(office)
    assert opened is not None
    with office.reading() as session:
        who = sessions.by_id(session, opened.session_id, office.now)
    assert who is not None
    assert who.duty(is_live=True) is None


def test_authenticator_is_asked_for_all_the_same(office: Office) -> None:
    link(office)
    with office.as_system() as work:
        work.session.get_one(Person, office.people["小王"]).second_factor_sealed = "sealed"

    opened = arrive(office)
    assert opened is not None
    with office.reading() as session:
        who = sessions.by_id(session, opened.session_id, office.now)
    assert who is not None
    assert who.duty(is_live=True) is Duty.CODE


def test_identity_belongs_to_one_person(office: Office) -> None:
    link(office)

    with pytest.raises(InvalidInput, match="已经关联了人员"):
        link(office, "小吴")


def test_unlinked_identity_stays_out(office: Office) -> None:
    link(office)
    with office.reading() as session:
        (identity,) = staff.identities(session, office.people["小王"])
    with office.acting_as("小林") as work:
        campus_sign_in.unlink(work, identity_id=identity.id or 0)

    assert arrive(office) is None
    assert [action for action, _, _ in office.trail("person", office.people["小王"])][-2:] == [
        AuditAction.IDENTITY_LINKED,
        AuditAction.IDENTITY_UNLINKED,
    ]


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (
            {"iss": ISSUER, "sub": "7", "iat": 1795395600, "preferred_username": " WangXM "},
            Statement(ISSUER, "7", "wangxm", MONDAY_MORNING),
        ),
        ({"iss": ISSUER, "sub": "7", "iat": 1795395600}, Statement(ISSUER, "7", "", MONDAY_MORNING)),
        ({"iss": ISSUER, "sub": "7"}, None),
        ({"iss": ISSUER, "iat": 1795395600}, None),
        ({"sub": "7", "iat": 1795395600}, None),
        ({"iss": ISSUER, "sub": 7, "iat": 1795395600}, None),
        ({"iss": ISSUER, "sub": "", "iat": 1795395600}, None),
        ({"iss": ISSUER, "sub": "7" * 201, "iat": 1795395600}, None),
        ({"iss": ISSUER, "sub": "7\x00", "iat": 1795395600}, None),
        ({"iss": ISSUER, "sub": "7", "iat": float("nan")}, None),
        ({"iss": ISSUER, "sub": "7", "iat": 1e300}, None),
        ({"iss": ISSUER, "sub": "7", "iat": -1e300}, None),
    ],
)
def test_claims_are_read_or_left(claims: dict[str, object], said: Statement | None) -> None:
    assert campus_sign_in.read(claims, "preferred_username") == said
