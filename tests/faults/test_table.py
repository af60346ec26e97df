"""The fault table: nothing goes out twice, nothing is lost, and what nobody can know waits for a person."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.faults import table

LANES = table.lanes()


def test_the_table_has_every_call_every_fault_every_way_and_one_or_two_workers() -> None:
    cases = [case for lane in LANES for case in lane.cases]

    assert len(cases) == len(set(cases)) >= 200
    told = (Path(__file__).parents[2] / "docs" / "wechat.md").read_text(encoding="utf-8").replace("\n", " ")
    on = Counter(case.database for case in cases)
    assert f"{on['sqlite']} cases on SQLite, {on['postgresql']} more on PostgreSQL" in told


@pytest.mark.faults
@pytest.mark.parametrize(
    ("lane", "database_url"),
    [pytest.param(lane, lane.database, id=lane.name) for lane in LANES],
    indirect=["database_url"],
)
def test_no_fault_makes_anything_go_out_twice_or_get_lost(lane: table.Lane, database_url: str, tmp_path: Path) -> None:
    results = table.run_lane(lane, database_url, tmp_path)

    assert [f"{each.case}: {each.wrong}" for each in results if each.wrong] == []
