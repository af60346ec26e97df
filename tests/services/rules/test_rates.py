"""The rates on the boards."""

from __future__ import annotations

import pytest

from services.rules.rates import adoption_rate, first_pass_rate


@pytest.mark.parametrize(("adopted", "submitted", "rate"), [(3, 4, 0.75), (0, 4, 0), (3, 2, 1.5), (0, 0, None)])
def test_adopted_of_those_handed_in(adopted: int, submitted: int, rate: float | None) -> None:
    assert adoption_rate(adopted=adopted, submitted=submitted) == rate


@pytest.mark.parametrize(("first_pass", "decided", "rate"), [(1, 2, 0.5), (2, 2, 1), (0, 0, None)])
def test_passed_at_the_first_word_of_those_decided(first_pass: int, decided: int, rate: float | None) -> None:
    assert first_pass_rate(first_pass=first_pass, decided=decided) == rate
