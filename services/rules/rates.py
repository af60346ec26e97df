"""Rates on the boards. Where nothing was counted there is no rate: 0 % would accuse, 100 % would flatter."""

from __future__ import annotations


def adoption_rate(*, adopted: int, submitted: int) -> float | None:
    """采用率: adopted in the period / handed in during the period.

    An item counts where it was approved, so that a month may exceed 1 with items of the month before.
    """
    return _share(adopted, submitted)


def first_pass_rate(*, first_pass: int, decided: int) -> float | None:
    """一次通过率: approved at the office's first word / first words of the office (scheme 5.3, B1)."""
    return _share(first_pass, decided)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
