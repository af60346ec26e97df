"""What only looks like the rarer writings of personal data is left alone: near misses of our own, sixty and more for
each rule. An entry of a file is divided from the next by an empty line; a tab divides the cells of a table.
"""

from datetime import date
from pathlib import Path

import pytest

from services.screening.personal_information import PersonalDataSettings, marks_in

FILES = {path.stem: path for path in (Path(__file__).parent / "ordinary").glob("*.txt")}


def entries(name: str) -> list[str]:
    return FILES[name].read_text("utf-8").rstrip("\n").split("\n\n")


@pytest.mark.parametrize("name", ["cells", "wechat_id", "plate", "radio_words", "circumstances"])
def test_ordinary_writing_gets_no_mark(name: str) -> None:
    texts = entries(name)
    marked = [text for text in texts if marks_in(text, settings=PersonalDataSettings(), today=date(2026, 11, 24))]

    assert marked == []
    assert len(set(texts)) == len(texts) >= 60


def test_every_file_is_read() -> None:
    assert sorted(FILES) == ["cells", "circumstances", "plate", "radio_words", "wechat_id"]
