"""Who may import whom. Imports point one way: pages, ui, services, services/rules, models.

Each row of the table is a place and what it may import of ours; what is not named is refused. A row is loosened
only together with a line in docs/decisions.md.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("app.py", "models.py", "pages", "ui", "services", "sandbox")

OURS = ("app", "models", "pages", "ui", "services", "sandbox", "migrations", "tests", "benchmarks", "run")

# The first row whose place a module is in speaks for it, so the particular stands before the general.
MAY_IMPORT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("models", ()),
    ("services.errors", ()),
    ("services.rules", ("models", "services.rules", "services.errors")),
    ("services.manuscript", ("models", "services.manuscript", "services.rules", "services.errors")),
    ("services.screening", ("models", "services.screening", "services.rules", "services.errors")),
    ("services.settings", ("services.errors",)),
    ("services.ports", ()),
    ("services.database", ("services.errors",)),
    (
        "services.queries",
        (
            "models",
            "services.queries",
            "services.rules",
            "services.manuscript",
            "services.errors",
            "services.ports",
            "services.unit_of_work",  # a read that must queue with the writers
        ),
    ),
    ("services.adapters.rehearsal", ("sandbox", "models", "services", "!services.bootstrap")),
    ("services.adapters", ("models", "services", "!services.bootstrap")),
    ("services.bootstrap", ("models", "services")),
    ("services.cli", ("models", "services", "sandbox", "!services.adapters")),
    ("services.doctor", ("models", "services", "!services.adapters")),
    ("services.__main__", ("services.cli",)),
    ("services", ("models", "services", "!services.adapters", "!services.cli")),
    ("ui", ("models", "services", "ui", "!services.adapters", "!services.cli")),
    ("pages", ("models", "services", "ui", "!services.adapters", "!services.cli", "!services.bootstrap")),
    ("app", ("ui",)),
    ("sandbox", ("sandbox",)),
)

# Packages of others that only these places may know.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "streamlit": ("app", "pages", "ui"),
    "streamlit_authenticator": ("ui.sign_in_page",),
    "starlette": ("ui.routes", "ui.middleware", "sandbox"),
    "uvicorn": ("sandbox", "services.adapters.rehearsal"),
    "sqlalchemy": ("models", "services", "ui"),
    "sqlmodel": ("models", "services", "ui"),
    "wechatpy": ("services.adapters",),
    "requests": ("services.adapters", "services.doctor", "sandbox"),
    "paramiko": ("services.adapters",),
    "altair": ("ui",),
    "pandas": ("ui",),
}


@dataclass(frozen=True)
class Import:
    """One import: `place` is the module that does it, `name` the module it wants."""

    place: str
    name: str
    line: int


def is_in(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product by its dotted name, parsed."""
    found = {}
    for start in PRODUCT:
        path = ROOT / start
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if "node_modules" not in file.parts:
                name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
                found[name.removesuffix(".__init__")] = ast.parse(file.read_text(encoding="utf-8"))
    return found


@cache
def imports() -> tuple[Import, ...]:
    return tuple(each for place, tree in modules().items() for each in _imports_of(place, tree))


def _imports_of(place: str, tree: ast.Module) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(place, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                # `from services import audit` wants the module services.audit; other names are found in a module.
                wanted = f"{node.module}.{alias.name}"
                yield Import(place, wanted if wanted in modules() else node.module, node.lineno)


def row_of(place: str) -> tuple[str, ...]:
    """What the table says for a module."""
    return next(allowed for start, allowed in MAY_IMPORT if is_in(place, start))


def permits(allowed: tuple[str, ...], name: str) -> bool:
    refused = any(is_in(name, each.removeprefix("!")) for each in allowed if each.startswith("!"))
    return not refused and any(is_in(name, each) for each in allowed)


def test_imports_point_one_way() -> None:
    wrong = [
        f"{each.place}:{each.line} imports {each.name}"
        for each in imports()
        if each.name.split(".")[0] in OURS and not permits(row_of(each.place), each.name)
    ]

    assert wrong == []


@pytest.mark.parametrize("package", ONLY_IN)
def test_packages_of_others_stay_behind_their_door(package: str) -> None:
    wrong = [
        f"{each.place}:{each.line}"
        for each in imports()
        if is_in(each.name, package) and not any(is_in(each.place, door) for door in ONLY_IN[package])
    ]

    assert wrong == []


def test_only_the_wechat_adapters_know_wechatpy() -> None:
    knowing = {each.place for each in imports() if is_in(each.name, "wechatpy")}

    assert {place for place in knowing if not place.startswith("services.adapters.wechat")} == set()


def test_rules_and_screening_and_manuscript_reach_neither_database_nor_network() -> None:
    pure = ("services.rules", "services.screening", "services.manuscript")
    doors = ("sqlalchemy", "sqlmodel", "requests", "socket", "urllib.request", "http")
    wrong = [
        f"{each.place}:{each.line} imports {each.name}"
        for each in imports()
        if any(is_in(each.place, place) for place in pure) and any(is_in(each.name, door) for door in doors)
    ]

    assert wrong == []


def test_rules_need_nothing_but_the_vocabulary_and_the_standard_library() -> None:
    wrong = [
        f"{each.place}:{each.line} imports {each.name}"
        for each in imports()
        if is_in(each.place, "services.rules") and each.name.split(".")[0] not in {*OURS, *sys.stdlib_module_names}
    ]

    assert wrong == []


CLOCKS = {"now", "utcnow", "today"}


def test_only_the_composition_root_reads_the_clock() -> None:
    wrong = [
        f"{place}:{node.lineno}"
        for place, tree in modules().items()
        if place != "services.bootstrap" and not is_in(place, "sandbox")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in CLOCKS
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    ]

    assert wrong == []


def test_pages_are_scripts_without_helpers() -> None:
    """Helpers live in ui/: a function in a page is a handler, and nothing else is to be found there."""
    wrong = [f"{place} imports a page" for place in (each.place for each in imports() if is_in(each.name, "pages"))] + [
        place for place, tree in modules().items() if is_in(place, "pages") and _classes(tree)
    ]

    assert wrong == []


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
