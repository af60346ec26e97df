"""The office keeps its sensitive dates above the shipped ones."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlmodel import col, select

from models import AuditAction, AuditEvent
from services import sensitive_dates
from services.errors import InvalidInput, NotAllowed, NotFound
from services.queries import sensitive_dates as reads
from services.rules.sensitive_dates import SHIPPED, Sensitive, on
from tests.office import CAST, Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MEMORIAL = "南京大屠杀死难者国家公祭日"
OWN = Sensitive("建校先贤纪念日", 3, 20, advice="用语庄重。")


def names_on(office: Office, day: date) -> list[str]:
    with office.reading() as session:
        return [each.name for each in on(reads.in_force(session), day)]


def test_own_date_warns_until_it_is_deleted_and_a_shipped_one_can_be_switched_off(office: Office) -> None:
    with office.acting_as("陈部长") as work:
        sensitive_dates.keep(work, given=OWN)
    with office.acting_as("小林") as work:
        sensitive_dates.switch(work, name=MEMORIAL, active=False)
    changed = (names_on(office, date(2027, 3, 20)), names_on(office, date(2026, 12, 13)))
    with office.reading() as session:
        lines = {line.sensitive.name: (line.shipped, line.changed, line.active) for line in reads.every(session)}
    for name in (OWN.name, MEMORIAL):
        with office.acting_as("陈部长") as work:
            sensitive_dates.forget(work, name=name)

    assert changed == ([OWN.name], [])
    assert (lines[OWN.name], lines[MEMORIAL]) == ((False, True, True), (True, True, False))
    assert (names_on(office, date(2027, 3, 20)), names_on(office, date(2026, 12, 13))) == ([], [MEMORIAL])
    with office.reading() as session:
        assert len(reads.every(session)) == len(SHIPPED)


@on_sqlite
def test_word_of_the_office_stands_in_the_place_of_the_shipped_one(office: Office) -> None:
    with office.acting_as("陈部长") as work:
        sensitive_dates.keep(work, given=Sensitive(f" {MEMORIAL} ", 12, 13, days=2, advice="全校停发两天。"))

    assert names_on(office, date(2026, 12, 14)) == [MEMORIAL]
    with office.reading() as session:
        (kept,) = [line for line in reads.every(session) if line.sensitive.name == MEMORIAL]
    assert (kept.sensitive.advice, kept.shipped, kept.changed) == ("全校停发两天。", True, True)


@on_sqlite
def test_only_the_head_of_the_office_and_the_administrator_keep_the_list(office: Office) -> None:
    keepers = {"陈部长", "老唐", "小林"}
    for who in (name for name, *_ in CAST if name not in keepers):
        with pytest.raises(NotAllowed, match="终审人或系统管理员"), office.acting_as(who) as work:
            sensitive_dates.keep(work, given=OWN)
        with pytest.raises(NotAllowed), office.acting_as(who) as work:
            sensitive_dates.switch(work, name=MEMORIAL, active=False)
        with pytest.raises(NotAllowed), office.acting_as(who) as work:
            sensitive_dates.forget(work, name=MEMORIAL)

    assert names_on(office, date(2026, 12, 13)) == [MEMORIAL]


@on_sqlite
def test_what_is_not_there_or_cannot_be_is_refused(office: Office) -> None:
    with pytest.raises(NotFound), office.acting_as("陈部长") as work:
        sensitive_dates.switch(work, name="没有", active=True)
    with pytest.raises(NotFound), office.acting_as("陈部长") as work:
        sensitive_dates.forget(work, name=MEMORIAL)
    with pytest.raises(InvalidInput, match="4 月没有 31 日"), office.acting_as("陈部长") as work:
        sensitive_dates.keep(work, given=Sensitive("错", 4, 31))


@on_sqlite
def test_each_change_is_in_the_trail(office: Office) -> None:
    with office.acting_as("陈部长") as work:
        sensitive_dates.keep(work, given=OWN)

    with office.reading() as session:
        last = session.exec(select(AuditEvent).order_by(col(AuditEvent.sequence).desc())).first()
    assert last is not None
    assert (last.action, last.actor_id, json.loads(last.details)["name"]) == (
        AuditAction.SENSITIVE_DATE_CHANGED,
        office.people["陈部长"],
        OWN.name,
    )
