"""肖像授权: what a consent must say, and whether it covers a picture on a day and in a place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from models import PortraitAge, PortraitConsent, Target
from services.rules.consents import (
    ConsentFields,
    end_of_school_year,
    fault_of,
    gap_of,
    masked_name,
    school_year_of,
)

TODAY = date(2026, 11, 23)
COMPLETE = ConsentFields(
    name="王小明", guardian="王大明", relation="父亲", occasion="2026—2027 学年", signed_on=TODAY,
    valid_until=date(2027, 7, 31),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, None),
        ({"name": " "}, "name"),
        ({"guardian": ""}, "guardian"),
        ({"relation": ""}, "guardian"),
        ({"guardian": "", "age": PortraitAge.YOUTH}, "guardian"),
        ({"guardian": "", "relation": "", "age": PortraitAge.ADULT}, None),
        ({"scopes": ()}, "scopes"),
        ({"occasion": ""}, "occasion"),
        ({"signed_on": None}, "signed_on"),
        ({"signed_on": date(2026, 11, 24)}, "signed_on"),
        ({"valid_until": None}, "valid_until"),
        ({"valid_until": date(2026, 11, 22)}, "valid_until"),
        ({"valid_until": TODAY}, None),
        ({"valid_until": date(2029, 12, 31)}, "valid_until"),
    ],
)
def test_a_consent_is_complete_or_names_its_fault(changes: dict[str, object], field: str | None) -> None:
    fault = fault_of(replace(COMPLETE, **changes), today=TODAY)  # type: ignore[arg-type]  # a table of fields

    assert (fault and fault[0]) == field


@pytest.mark.parametrize(
    ("day", "year", "end"),
    [
        (date(2026, 7, 31), "2025—2026 学年", date(2026, 7, 31)),
        (date(2026, 8, 1), "2026—2027 学年", date(2027, 7, 31)),
        (date(2027, 1, 1), "2026—2027 学年", date(2027, 7, 31)),
    ],
)
def test_a_consent_holds_for_the_school_year_by_default(day: date, year: str, end: date) -> None:
    assert (school_year_of(day), end_of_school_year(day)) == (year, end)


BOTH, WECHAT, SITE = (Target.WECHAT, Target.SITE), (Target.WECHAT,), (Target.SITE,)


@pytest.mark.parametrize(
    ("scopes", "day", "targets", "gap"),
    [
        ("wechat site", date(2027, 7, 31), BOTH, ""),
        ("wechat site", date(2027, 8, 1), BOTH, "已于 2027-07-31 到期"),
        ("wechat", TODAY, BOTH, "不含校园网站"),
        ("wechat", TODAY, WECHAT, ""),
        ("site", TODAY, BOTH, "不含公众号"),
        ("board press", TODAY, BOTH, "不含公众号、校园网站"),
        ("site", TODAY, SITE, ""),
        ("site", TODAY, (Target.WORDPRESS,), ""),
    ],
)
def test_a_consent_covers_its_places_until_its_day(
    scopes: str, day: date, targets: tuple[Target, ...], gap: str
) -> None:
    assert gap_of(consent(scopes), day=day, targets=targets) == gap


def test_a_withdrawn_consent_covers_nothing() -> None:
    withdrawn = consent("wechat site", withdrawn_at=datetime(2026, 11, 23, tzinfo=UTC))

    assert gap_of(withdrawn, day=TODAY, targets=BOTH) == "已撤回"


def consent(scopes: str, withdrawn_at: datetime | None = None) -> PortraitConsent:
    return PortraitConsent(
        shown_name="王*明", name_digest="", details_sealed="", age=PortraitAge.CHILD, scopes=scopes.split(),
        occasion="2026—2027 学年", signed_on=TODAY, valid_until=date(2027, 7, 31), recorded_by_id=1,
        recorded_at=datetime(2026, 11, 23, tzinfo=UTC), withdrawn_at=withdrawn_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王明", "王*"), ("王小明", "王*明"), ("欧阳小明", "欧**明"), ("王", "王*"), ("阿依古丽·买买提", "阿******提")],
)
def test_lists_show_a_masked_name(name: str, shown: str) -> None:
    assert masked_name(name) == shown
