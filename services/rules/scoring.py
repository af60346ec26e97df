"""The appraisal scheme "2026-default": what a fact is worth, and what a unit's year comes to (rule 6.3).

100 points, up to 10 as a bonus, less the deductions. Reads, likes and shares are worth nothing: a score for them
would pay for pressed likes, which the supervision of government new media forbids. Everything is computed in
fractions and rounded only to be shown, so that the order of the sums cannot change a grade.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from models import ContentCategory, Severity, SourceKind, Vocabulary

SCHEME = "2026-default"


# --- What one fact is worth, in hundredths of a point ----------------------------------------------------

REPRINT_HUNDREDTHS = 200
ORIGINAL_HUNDREDTHS: dict[ContentCategory, int] = {
    ContentCategory.FEATURE: 600,
    ContentCategory.NEWS: 500,
    ContentCategory.BRIEF: 200,
    ContentCategory.PREVIEW: 0,
    ContentCategory.NOTICE: 0,
}

DEDUCTION_HUNDREDTHS: dict[Severity, int] = {
    Severity.MINOR: -200,
    Severity.MAJOR: -500,
    Severity.SEVERE: -1500,
}
"""扣分 of a confirmed violation."""


def adoption_hundredths(category: ContentCategory, source: SourceKind) -> int:
    """A2 points of one published item, times 100.

    The scheme gives 5 to an original headline, 6 to an original feature, 2 to a brief, 2 to a reprint, 0 to a
    notice. Our pushes carry one article, so that every news report is the headline; a preview announces, as a
    notice does; and what is worth nothing in the original is worth nothing as a reprint.
    """
    original = ORIGINAL_HUNDREDTHS[category]
    return min(original, REPRINT_HUNDREDTHS) if source is SourceKind.REPRINT else original


def adoption_formula(category: ContentCategory, source: SourceKind) -> str:
    """How the points of an item came about, for the page that explains a score."""
    return f"采用得分：{source.label}·{category.label} {points_text(adoption_hundredths(category, source))} 分"


def deduction_formula(severity: Severity) -> str:
    """How a deduction came about."""
    return f"违规扣分：{severity.label} {points_text(DEDUCTION_HUNDREDTHS[severity])} 分"


def points_text(hundredths: int) -> str:
    """Points as they are written: 500 is "5", -250 is "-2.5"."""
    return f"{Decimal(hundredths) / 100:.2f}".rstrip("0").rstrip(".")


# --- What a unit's year comes to -------------------------------------------------------------------------

QUOTA = 20
"""Submissions expected of a unit: two a month in ten months."""

POINTS_TARGET = 60
"""A2 points that earn the full 25."""

ENOUGH_SUBMISSIONS = 5
"""With fewer submissions the rate of adoption says little, and counts in proportion."""

MOST_BONUS = 10

TIMELY_HOURS = 24
LATE_HOURS = 72


@dataclass(frozen=True)
class UnitYear:
    """What is known of one unit in one period.

    `adoption_points` is the sum of its A2 rows in points; `decided` of its items were decided at office review,
    `first_pass` of them without a return; `error_points` is what slips after publishing cost (B2); `timely` is
    the sum of `timeliness` over its `news`; `in_time` of its `reviews` took at most one working day; `management`
    is D; `deductions` is positive.
    """

    submitted: int
    adoption_points: Fraction
    published: int
    first_pass: int
    decided: int
    error_points: Fraction
    timely: Fraction
    news: int
    in_time: int
    reviews: int
    management: Fraction
    bonus: Fraction = Fraction(0)
    deductions: Fraction = Fraction(0)
    quota: int = QUOTA
    target: int = POINTS_TARGET


def a1(unit: UnitYear) -> Fraction:
    """投稿完成率: 10 x min(1, submissions / quota)."""
    return 10 * _at_most_whole(unit.submitted, unit.quota)


def a2(unit: UnitYear) -> Fraction:
    """采用得分: 25 x min(1, points / target)."""
    return 25 * _at_most_whole(unit.adoption_points, unit.target)


def a3(unit: UnitYear) -> Fraction:
    """采用率: 10 x published / submitted x min(1, submitted / 5)."""
    return 10 * _share(unit.published, unit.submitted) * _at_most_whole(unit.submitted, ENOUGH_SUBMISSIONS)


def b1(unit: UnitYear) -> Fraction:
    """一次通过率: 10 x approved without return / decided at office review."""
    return 10 * _share(unit.first_pass, unit.decided)


def b2(unit: UnitYear) -> Fraction:
    """差错控制: 20 less what errors cost, never below 0."""
    return max(Fraction(0), 20 - unit.error_points)


def c1(unit: UnitYear) -> Fraction:
    """报送及时率: 10 x mean of `timeliness` over the news."""
    return 10 * _share(unit.timely, unit.news)


def c2(unit: UnitYear) -> Fraction:
    """审核及时率: 5 x department reviews within one working day / all."""
    return 5 * _share(unit.in_time, unit.reviews)


def total(unit: UnitYear) -> Fraction:
    """The score of the period."""
    lines = (a1(unit), a2(unit), a3(unit), b1(unit), b2(unit), c1(unit), c2(unit), unit.management)
    return sum(lines, Fraction(0)) + min(unit.bonus, Fraction(MOST_BONUS)) - unit.deductions


def timeliness(hours: float) -> Fraction:
    """What one news report counts in C1, by the hours from the event to handing it in."""
    if hours <= TIMELY_HOURS:
        return Fraction(1)
    return Fraction(1, 2) if hours <= LATE_HOURS else Fraction(0)


def shown(value: Fraction) -> Decimal:
    """A score as it is printed: two decimals, halves away from zero."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _share(part: Fraction | int, whole: int) -> Fraction:
    # Nothing handed in earns nothing; units of whom little is expected are left out of the appraisal altogether.
    return Fraction(part) / whole if whole else Fraction(0)


def _at_most_whole(part: Fraction | int, whole: int) -> Fraction:
    return min(Fraction(1), _share(part, whole))


# --- Grades ----------------------------------------------------------------------------------------------


class Grade(Vocabulary):
    EXCELLENT = "excellent", "优秀"
    GOOD = "good", "良好"
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"


def grade(score: Fraction, *, cases: Collection[Severity] = (), vetoed: bool = False, in_top: bool = True) -> Grade:
    """The grade of a period.

    `cases` are the confirmed ones, `in_top` whether the unit is in the top share of its group. 优秀 needs 90,
    no 较重 or 严重 case and the top share, else it is 良好; a veto fails whatever the score.
    """
    if vetoed or score < 60:
        return Grade.FAILED
    if score < 80:
        return Grade.PASSED
    if score < 90 or not in_top or any(each is not Severity.MINOR for each in cases):
        return Grade.GOOD
    return Grade.EXCELLENT
