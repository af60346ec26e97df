"""`run.py`: what is installed when, and what it never touches."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import run

LOCK = "requirements.txt"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a lock file, in which making and installing leave only their traces."""
    (tmp_path / LOCK).write_text("first")
    (tmp_path / "installed").touch()

    def make(folder: Path) -> None:
        Path(run.interpreter(folder)).parent.mkdir(parents=True, exist_ok=True)
        Path(run.interpreter(folder)).touch()
        (folder / run.RECORD).mkdir()
        (folder / run.RECORD / "python").write_text(run.BASE_PYTHON)

    def install(_python: str, lock: str) -> None:
        with (tmp_path / "installed").open("a") as record:
            record.write(f"{(tmp_path / lock).read_text()} ")

    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "make", make)
    monkeypatch.setattr(run, "install", install)
    return tmp_path


def test_an_unchanged_lock_file_is_installed_once(checkout: Path) -> None:
    run.prepared(LOCK)
    run.prepared(LOCK)
    assert (checkout / "installed").read_text() == "first "


def test_a_changed_lock_file_is_installed_again(checkout: Path) -> None:
    run.prepared(LOCK)
    (checkout / LOCK).write_text("second")
    run.prepared(LOCK)
    assert (checkout / "installed").read_text() == "first second "


def test_somebody_elses_environment_is_left_alone(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    assert Path(run.prepared(LOCK)).is_relative_to(checkout / ".venv-run")
    assert list((checkout / ".venv").iterdir()) == []


def test_an_old_python_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 10, "final", 0))
    with pytest.raises(SystemExit, match=r"需要 Python 3\.11 或更新的版本，现在是 3\.8\.10"):
        run.require_python()


def test_an_old_python_gets_as_far_as_the_sentence() -> None:
    ast.parse(Path(run.__file__).read_text("utf-8"), feature_version=(3, 7))
