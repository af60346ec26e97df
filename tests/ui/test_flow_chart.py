"""The drawn help pictures: every word of their table, and where one stands."""

from __future__ import annotations

import pytest

from tests.services.rules.test_flow_charts import TABLES
from ui import flow_chart


@pytest.mark.parametrize("name", list(TABLES))
def test_drawn_picture_has_all_words_and_marks_the_present_state(name: str) -> None:
    chart, rows = TABLES[name]
    here = chart.line[1].state

    html = flow_chart.picture(chart, here=here)

    words = {row.action.label for row in rows} | {source.label for row in rows for source in row.sources}
    assert {word for word in words if word not in html} == set()
    assert html.count("is-here") == 1
    assert f"{here.label} <span" in html
