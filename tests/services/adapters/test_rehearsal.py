"""The platform of a rehearsal: one per data folder, found by every process of the same home."""

from __future__ import annotations

from pathlib import Path

import requests

from services.adapters.rehearsal import RehearsalPlatform
from tests.app_process import free_port
from tests.waiting import PATIENCE


def test_nothing_starts_before_the_platform_is_needed(tmp_path: Path) -> None:
    RehearsalPlatform(tmp_path / "sandbox").stop()

    assert list(tmp_path.iterdir()) == []


def test_a_second_process_joins_the_platform_of_the_first(tmp_path: Path) -> None:
    first, second = RehearsalPlatform(tmp_path), RehearsalPlatform(tmp_path)
    try:
        address = first.address()

        assert second.address() == address
        second.stop()
        assert requests.get(f"{address}/cgi-bin/getcallbackip", timeout=PATIENCE).json()["errcode"] == 41001
    finally:
        first.stop()


def test_the_address_outlives_a_restart(tmp_path: Path) -> None:
    # Not one that the system might give away while nobody listens on it.
    (tmp_path / "address").write_text(f"http://127.0.0.1:{free_port()}")
    first = RehearsalPlatform(tmp_path)
    address = first.address()
    first.stop()
    second = RehearsalPlatform(tmp_path)
    try:
        assert second.address() == address
    finally:
        second.stop()


def test_two_homes_share_nothing(tmp_path: Path) -> None:
    one, other = RehearsalPlatform(tmp_path / "one"), RehearsalPlatform(tmp_path / "other")
    try:
        assert one.address() != other.address()
    finally:
        one.stop()
        other.stop()
