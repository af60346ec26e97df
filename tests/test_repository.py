"""What a stranger finds after cloning: exact pins, locks that name no host, no trace of a developer's machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
PIN = re.compile(r"(?P<name>[\w.-]+)(\[[\w,-]+\])?==(?P<version>[\w.]+)")
HOME_FOLDER = re.compile(r"/(?:home|Users|root)/\w|[A-Z]:\\+Users\\")


def declared(*groups: str) -> list[str]:
    """The direct dependencies in pyproject.toml: the application's own, and those of the groups named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    application = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["postgres"]]
    return application + [pin for group in groups for pin in project["dependency-groups"][group]]


def pins(lines: list[str]) -> dict[str, set[str]]:
    """Name to versions; a name has several where the version depends on the machine."""
    found: dict[str, set[str]] = {}
    for pin in filter(None, map(PIN.match, lines)):
        found.setdefault(pin["name"].lower(), set()).add(pin["version"])
    return found


def locked(lock: str) -> dict[str, set[str]]:
    return pins((ROOT / lock).read_text("utf-8").splitlines())


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    if listing.returncode != 0:
        pytest.skip("not a git checkout: there is no list of tracked files")
    return [ROOT / name for name in listing.stdout.split("\0") if (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_name_no_host(lock: str) -> None:
    assert re.findall(r"\w+://\S+", (ROOT / lock).read_text("utf-8")) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8"))
    assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_every_direct_dependency_is_pinned_exactly() -> None:
    assert [pin for pin in declared("dev", "install") if not PIN.fullmatch(pin)] == []


@pytest.mark.parametrize(("lock", "groups"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_lock_files_follow_the_project_file(lock: str, groups: tuple[str, ...]) -> None:
    wanted = pins(declared(*groups))
    assert {name: locked(lock).get(name) for name in wanted} == wanted


def test_tests_run_on_the_versions_that_are_installed_for_users() -> None:
    users = locked("requirements.txt")
    assert {name: locked("requirements-dev.txt").get(name) for name in users} == users


def test_no_tracked_file_names_a_home_folder() -> None:
    texts = {path: path.read_bytes().decode("utf-8", "ignore") for path in tracked_files()}
    assert [path.name for path, text in texts.items() if HOME_FOLDER.search(text)] == []
