"""Cells are found by the head of their column, row by row, until the table ends."""

import re

from services.screening.columns import cells_under

KINDS = {"student": re.compile("学号"), "qq": re.compile("QQ")}


def cells(text: str) -> list[tuple[str, str, str]]:
    return [(kind, head, text[start:end]) for kind, head, start, end in cells_under(text, KINDS)]


def test_cells_stand_under_the_head_of_their_column() -> None:
    text = "名单\n姓名\t学号 \tQQ\n甲\t 2023001 \t10001\n乙\t\t\n丙\t2023003"
    assert cells(text) == [("student", "学号", "2023001"), ("qq", "QQ", "10001"), ("student", "学号", "2023003")]


def test_a_line_without_cells_ends_the_table_and_a_new_head_begins_another() -> None:
    text = "学号\t姓名\n1\t甲\n以上\n2\t乙\n姓名\t学号\n丙\t3\nQQ\t年级\n4\t5"
    assert cells(text) == [("student", "学号", "1"), ("student", "学号", "3"), ("qq", "QQ", "4")]
    assert cells("学号\n2023001") == []
