"""What a fact is worth, and the three worked examples of the appraisal scheme."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from models import ContentCategory, Severity, SourceKind
from services.rules import scoring
from services.rules.scoring import Grade, UnitYear, grade, shown, total

ACADEMIC_AFFAIRS = UnitYear(
    submitted=26,
    adoption_points=Fraction(72),
    published=21,
    first_pass=19,
    decided=25,
    error_points=Fraction(1),
    timely=Fraction(20),
    news=24,
    in_time=24,
    reviews=26,
    management=Fraction(10),
    bonus=Fraction(4),
)
LOGISTICS = UnitYear(
    submitted=14,
    adoption_points=Fraction(30),
    published=9,
    first_pass=8,
    decided=13,
    error_points=Fraction(7, 2),
    timely=Fraction(7),
    news=12,
    in_time=11,
    reviews=14,
    management=Fraction(7),
    deductions=Fraction(2),
)
YOUTH_LEAGUE = UnitYear(
    submitted=8,
    adoption_points=Fraction(16),
    published=5,
    first_pass=4,
    decided=7,
    error_points=Fraction(6),
    timely=Fraction(3),
    news=7,
    in_time=5,
    reviews=8,
    management=Fraction(5),
    deductions=Fraction(7),
)
IDLE = UnitYear(
    submitted=0,
    adoption_points=Fraction(0),
    published=0,
    first_pass=0,
    decided=0,
    error_points=Fraction(0),
    timely=Fraction(0),
    news=0,
    in_time=0,
    reviews=0,
    management=Fraction(0),
)

LINES = (scoring.a1, scoring.a2, scoring.a3, scoring.b1, scoring.b2, scoring.c1, scoring.c2)


@pytest.mark.parametrize(
    ("unit", "lines", "score"),
    [
        (ACADEMIC_AFFAIRS, ["10.00", "25.00", "8.08", "7.60", "19.00", "8.33", "4.62"], "96.63"),
        (LOGISTICS, ["7.00", "12.50", "6.43", "6.15", "16.50", "5.83", "3.93"], "63.34"),
        (YOUTH_LEAGUE, ["4.00", "6.67", "6.25", "5.71", "14.00", "4.29", "3.13"], "42.04"),
        (IDLE, ["0.00", "0.00", "0.00", "0.00", "20.00", "0.00", "0.00"], "20.00"),
    ],
)
def test_the_worked_examples_come_out_to_two_decimals(unit: UnitYear, lines: list[str], score: str) -> None:
    assert [shown(line(unit)) for line in LINES] == [Decimal(each) for each in lines]
    assert shown(total(unit)) == Decimal(score)


@pytest.mark.parametrize(
    ("unit", "cases", "expected"),
    [
        (ACADEMIC_AFFAIRS, [], Grade.EXCELLENT),
        (LOGISTICS, [Severity.MINOR], Grade.PASSED),
        (YOUTH_LEAGUE, [Severity.MAJOR, Severity.MINOR], Grade.FAILED),
    ],
)
def test_the_worked_examples_get_their_grades(unit: UnitYear, cases: list[Severity], expected: Grade) -> None:
    assert grade(total(unit), cases=cases) is expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("90", Grade.EXCELLENT),
        ("89.999", Grade.GOOD),
        ("80", Grade.GOOD),
        ("79.999", Grade.PASSED),
        ("60", Grade.PASSED),
        ("59.999", Grade.FAILED),
    ],
)
def test_a_grade_begins_exactly_at_its_mark(score: str, expected: Grade) -> None:
    assert grade(Fraction(score)) is expected


def test_excellence_is_denied_by_a_major_case_and_outside_the_top_share() -> None:
    assert [
        grade(Fraction(95), cases=[Severity.MINOR]),
        grade(Fraction(95), cases=[Severity.MAJOR]),
        grade(Fraction(95), cases=[Severity.SEVERE]),
        grade(Fraction(95), in_top=False),
        grade(Fraction(95), vetoed=True),
    ] == [Grade.EXCELLENT, Grade.GOOD, Grade.GOOD, Grade.GOOD, Grade.FAILED]


def test_a_bonus_counts_up_to_ten() -> None:
    rich = UnitYear(**(vars(ACADEMIC_AFFAIRS) | {"bonus": Fraction(14)}))
    assert shown(total(rich)) == Decimal("102.63")


def test_errors_cost_no_more_than_the_line_is_worth() -> None:
    careless = UnitYear(**(vars(ACADEMIC_AFFAIRS) | {"error_points": Fraction(31)}))
    assert scoring.b2(careless) == 0


@pytest.mark.parametrize(("hours", "mark"), [(0, "1"), (24, "1"), (24.1, "1/2"), (72, "1/2"), (72.1, "0")])
def test_news_is_timely_within_a_day_and_half_so_within_three(hours: float, mark: str) -> None:
    assert scoring.timeliness(hours) == Fraction(mark)


def test_points_by_category_and_source() -> None:
    table = {
        category: tuple(scoring.adoption_hundredths(category, source) for source in SourceKind)
        for category in ContentCategory
    }
    assert table == {
        ContentCategory.NEWS: (500, 200),
        ContentCategory.BRIEF: (200, 200),
        ContentCategory.FEATURE: (600, 200),
        ContentCategory.PREVIEW: (0, 0),
        ContentCategory.NOTICE: (0, 0),
    }


def test_deductions_by_severity() -> None:
    assert {severity: scoring.DEDUCTION_HUNDREDTHS[severity] for severity in Severity} == {
        Severity.MINOR: -200,
        Severity.MAJOR: -500,
        Severity.SEVERE: -1500,
    }


def test_a_formula_can_be_read_aloud() -> None:
    assert [
        scoring.adoption_formula(ContentCategory.NEWS, SourceKind.ORIGINAL),
        scoring.adoption_formula(ContentCategory.NOTICE, SourceKind.REPRINT),
        scoring.deduction_formula(Severity.SEVERE),
    ] == ["采用得分：原创·新闻报道 5 分", "采用得分：转载·通知公告 0 分", "违规扣分：严重 -15 分"]


@pytest.mark.parametrize(
    ("hundredths", "text"), [(500, "5"), (-250, "-2.5"), (1234567, "12345.67"), (0, "0"), (1000, "10")]
)
def test_points_are_written_without_useless_zeros(hundredths: int, text: str) -> None:
    assert scoring.points_text(hundredths) == text
