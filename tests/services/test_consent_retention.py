"""到期删除: what is erased of a consent when, what keeps it, and what the register and the gate still know."""

from __future__ import annotations

from datetime import date

import pytest

from models import (
    AuditAction,
    PortraitConsent,
    Publication,
    PublicationState,
    PublicationWay,
    Target,
    WithdrawalOutcome,
)
from services import consent_retention, consents
from services.errors import InvalidInput, NotAllowed, WrongState
from services.queries import consents as reads
from services.queries.consents import ConsentFilter, ConsentStanding
from services.rules.consents import KEEP_YEARS, kept_from
from tests.office import CAST, Office
from tests.services.test_consents import SCAN, link, pictured, recorded, row, withdraw

ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
THREE_YEARS = 365 * 3 + 1


def erase(office: Office) -> int:
    """What the worker's round does when there is anything to do."""
    with office.reading() as session:
        if not consent_retention.has_due(session, office.now):
            return 0
    with office.as_system() as work:
        return consent_retention.erase_due(work, office.assets)


def live(office: Office, submission_id: int) -> int:
    """A page of the item that is out; its publication."""
    revision_id = office.hand_in(submission_id).revision_id or 0
    with office.as_system() as work:
        publication = Publication(
            submission_id=submission_id, revision_id=revision_id, target=Target.SITE, way=PublicationWay.PUBLISH,
            state=PublicationState.LIVE, marker="m1", seal="", queued_by_id=office.people["小赵"],
            queued_at=work.now, run_after=work.now, settled_at=work.now,
        )  # fmt: skip
        work.session.add(publication)
        work.session.flush()
        return publication.id or 0


def ended(office: Office, publication_id: int) -> None:
    with office.as_system() as work:
        work.session.get_one(Publication, publication_id).state = PublicationState.REMOVED


def test_three_years_after_its_end_nothing_says_whose_it_was_and_the_register_that_it_was(office: Office) -> None:
    consent_id = recorded(office, scan=SCAN, valid_until=date(2026, 11, 30))
    before = row(office, consent_id)
    scan = before.scan_sha256 or ""
    office.later(days=7 + THREE_YEARS)
    early = erase(office)
    office.later(days=1)

    assert (early, erase(office), erase(office)) == (0, 1, 0)
    after = row(office, consent_id)
    personal = (after.shown_name, after.name_digest, after.school_class, after.details_sealed, after.scan_sha256)
    assert personal == (f"{consent_id} 号授权", "", "", "", None)
    assert scan not in office.assets.files
    kept = ("age", "scopes", "occasion", "may_be_named", "signed_on", "valid_until", "recorded_by_id", "recorded_at")
    assert {name: getattr(after, name) for name in kept} == {name: getattr(before, name) for name in kept}
    assert after.erased_at == office.now
    assert office.trail("consent", consent_id)[-1] == (
        AuditAction.CONSENT_ERASED,
        "系统",
        {"ended": "2026-11-30", "years": 3, "scan": True},
    )


def test_a_withdrawn_one_counts_from_its_withdrawal_and_waits_until_its_items_are_handled(office: Office) -> None:
    item = pictured(office)
    consent_id = recorded(office)
    link(office, item, consent_id)
    office.hand_in(item)
    withdraw(office, consent_id)
    office.later(days=THREE_YEARS + 1)
    with office.reading() as session:
        (task,) = reads.open_withdrawals(session, office.actor("老李"))
    waiting = erase(office)
    with office.acting_as("小赵") as work:
        consents.settle(work, task_id=task.id, outcome=WithdrawalOutcome.NOT_SHOWN, note="已核对")

    assert (waiting, erase(office)) == (0, 1)
    assert (row(office, consent_id).withdrawal_reason, row(office, consent_id).withdrawn_at is None) == ("", False)


@ONE_ENGINE
def test_what_is_still_out_keeps_its_proof(office: Office) -> None:
    item = pictured(office)
    consent_id = recorded(office, valid_until=date(2026, 12, 31))
    link(office, item, consent_id)
    publication_id = live(office, item)
    office.later(days=60 + THREE_YEARS)
    while_out = erase(office)
    ended(office, publication_id)

    assert (while_out, erase(office)) == (0, 1)


@ONE_ENGINE
def test_an_erased_one_cannot_be_opened_changed_linked_or_found_by_name(office: Office) -> None:
    item = pictured(office)
    consent_id = recorded(office, valid_until=date(2026, 11, 30))
    office.later(days=60 + THREE_YEARS)
    erase(office)

    with office.acting_as("老李") as work:
        for act in (
            lambda: consents.open_full(work, office.box, consent_id=consent_id, reason="核对"),
            lambda: consents.open_scan(work, office.box, office.assets, consent_id=consent_id, reason="核对"),
            lambda: consents.add_scan(work, office.box, office.assets, consent_id=consent_id, scan=SCAN),
            lambda: consents.withdraw(work, consent_id=consent_id, reason="来电"),
        ):
            with pytest.raises(WrongState, match="个人信息已按保存期限删除"):
                act()
    with pytest.raises(WrongState, match="个人信息已按保存期限删除"):
        link(office, item, consent_id)
    today = office.now.date()
    with office.reading() as session:
        actor = office.actor("老李")
        by_name = ConsentFilter(digest=consents.digest_of(office.box, "王小明"))
        found = {
            standing: reads.count(session, actor, today=today, wanted=ConsentFilter(standing=standing))
            for standing in ConsentStanding
        }
        assert reads.count(session, actor, today=today, wanted=by_name) == 0
        assert reads.standing_of(session.get_one(PortraitConsent, consent_id), today) is ConsentStanding.ERASED
    assert {standing for standing, count in found.items() if count} == {ConsentStanding.ERASED}


@ONE_ENGINE
def test_only_the_administrator_sets_how_long_and_the_next_round_goes_by_it(office: Office) -> None:
    recorded(office, valid_until=date(2026, 11, 30))
    office.later(days=400)
    for who, *_ in CAST:
        if who != "小林":
            with pytest.raises(NotAllowed, match="只有系统管理员"), office.acting_as(who) as work:
                consent_retention.set_years(work, years=1)
    for years in (-1, 11):
        with pytest.raises(InvalidInput, match="0 到 10 年"), office.acting_as("小林") as work:
            consent_retention.set_years(work, years=years)
    with office.reading() as session:
        at_first = (reads.keep_years(session), erase(office))

    with office.acting_as("小林") as work:
        consent_retention.set_years(work, years=1)

    assert (at_first, erase(office)) == ((KEEP_YEARS, 0), 1)


@pytest.mark.parametrize(
    ("today", "years", "kept"),
    [
        (date(2026, 11, 24), 3, date(2023, 11, 24)),
        (date(2028, 2, 29), 3, date(2025, 2, 28)),
        (date(2028, 2, 29), 0, date(2028, 2, 29)),
    ],
)
def test_years_are_counted_by_the_calendar(today: date, years: int, kept: date) -> None:
    assert kept_from(today, years) == kept
