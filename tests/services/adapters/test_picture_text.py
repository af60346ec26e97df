"""The reader of writing in pictures: bounded before it looks, silent where it is not sure, never a worker's end."""

from __future__ import annotations

import importlib
import io
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from services.adapters import picture_text
from services.adapters.picture_text import LONGEST_SIDE_READ, RapidReader, installed_reader
from services.ports import PictureNotRead


def picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


class Engine:
    """Stands in for the models: remembers what it looked at."""

    def __init__(self, found: list[tuple[Any, str, float]] | None) -> None:
        self.found = found
        self.seen: list[tuple[int, ...]] = []

    def __call__(self, pixels: Any) -> tuple[Any, list[float]]:
        self.seen.append(pixels.shape)
        return self.found, [0.1]


def reader_over(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> RapidReader:
    package = SimpleNamespace(RapidOCR=lambda **_threads: engine)
    monkeypatch.setattr(importlib, "import_module", lambda _name: package)
    return RapidReader()


def test_lines_it_is_sure_of_are_read_from_a_bounded_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine([(None, "助学金公示名单", 0.99), (None, "一团墨迹", 0.31), (None, "张三", 0.8)])

    text = reader_over(engine, monkeypatch).read(picture(2560, 1280))

    assert (text, engine.seen) == ("助学金公示名单\n张三", [(LONGEST_SIDE_READ // 2, LONGEST_SIDE_READ, 3)])


def test_a_picture_without_writing_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reader_over(Engine(None), monkeypatch).read(picture(100, 100)) == ""


def test_whatever_the_models_raise_is_one_kind_of_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PictureNotRead):
        reader_over(Engine(None), monkeypatch).read(b"not a picture")


def test_without_the_package_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_text, "PACKAGE", "a_package_nobody_installed")

    assert installed_reader() is None
