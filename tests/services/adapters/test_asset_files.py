"""Files by the hash of their content: written once, proved when read, gone when nothing refers to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.adapters.asset_files import AssetFiles


@pytest.fixture
def store(tmp_path: Path) -> AssetFiles:
    return AssetFiles(tmp_path)


def test_a_file_is_kept_once_and_read_again(store: AssetFiles, tmp_path: Path) -> None:
    hashes = {store.put(b"a list"), store.put(b"a list")}

    (sha256,) = hashes
    assert store.get(sha256) == b"a list"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_file_that_was_changed_on_disk_is_not_given_out(store: AssetFiles, tmp_path: Path) -> None:
    sha256 = store.put(b"a list")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"another list")

    with pytest.raises(ValueError, match="is not what was stored"):
        store.get(sha256)


def test_a_discarded_file_is_gone_and_may_be_discarded_again(store: AssetFiles) -> None:
    sha256 = store.put(b"a list")

    store.discard(sha256)
    store.discard(sha256)

    with pytest.raises(FileNotFoundError):
        store.get(sha256)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63])
def test_what_is_no_hash_names_no_file(store: AssetFiles, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.get(name)
    with pytest.raises(FileNotFoundError):
        store.discard(name)
