"""Where the platform's records live: in memory, and in one folder when they must survive a restart."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter


class Record(Protocol):
    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Record)


class Shelf(Generic[R]):
    """Records of one kind by key. A record changed in place must be `put` again to be kept."""

    def __init__(self, kind: str, record: type[R]) -> None:
        self.kind = kind
        self._adapter: TypeAdapter[R] = TypeAdapter(record)
        self._records: dict[str, R] = {}
        self._changed: set[str] = set()

    def get(self, key: str) -> R | None:
        return self._records.get(key)

    def put(self, record: R) -> R:
        self._records[record.key] = record
        self._changed.add(record.key)
        return record

    def drop(self, key: str) -> None:
        if self._records.pop(key, None) is not None:
            self._changed.add(key)

    def __iter__(self) -> Iterator[R]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def load(self, rows: Iterable[tuple[str, str]]) -> None:
        self._records = {key: self._adapter.validate_json(value) for key, value in rows}

    def take_changes(self) -> list[tuple[str, str | None]]:
        """Return each key changed since the last call with its record as JSON, or None where it was dropped."""
        changes: list[tuple[str, str | None]] = []
        for key in sorted(self._changed):
            record = self._records.get(key)
            changes.append((key, self._adapter.dump_json(record).decode() if record is not None else None))
        self._changed.clear()
        return changes


class MemoryStore:
    """Keeps picture bytes, forgets everything with the process."""

    def __init__(self) -> None:
        self._pictures: dict[str, bytes] = {}

    def load(self, shelves: Iterable[Shelf[Any]]) -> None:
        """Find nothing: every process starts empty."""

    def save(self, shelves: Iterable[Shelf[Any]]) -> None:
        for shelf in shelves:
            shelf.take_changes()

    def keep_picture(self, data: bytes) -> str:
        """Keep picture bytes and return their SHA-256 in hex."""
        digest = hashlib.sha256(data).hexdigest()
        self._pictures[digest] = data
        return digest

    def picture(self, sha256: str) -> bytes:
        return self._pictures[sha256]

    def close(self) -> None:
        self._pictures.clear()


class FolderStore:
    """Keeps records in ``platform.sqlite3`` and pictures as files, each answer's changes in one transaction."""

    def __init__(self, folder: Path) -> None:
        self._pictures = folder / "pictures"
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "platform.sqlite3", check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A rehearsal may lose its last second to a power cut, never to a crash of the process.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        with self._connection:
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS records"
                " (kind TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )

    def load(self, shelves: Iterable[Shelf[Any]]) -> None:
        for shelf in shelves:
            rows = self._connection.execute("SELECT key, value FROM records WHERE kind = ?", (shelf.kind,))
            shelf.load(rows)

    def save(self, shelves: Iterable[Shelf[Any]]) -> None:
        changes = [(shelf.kind, key, value) for shelf in shelves for key, value in shelf.take_changes()]
        if not changes:
            return
        with self._connection:
            self._connection.executemany(
                "DELETE FROM records WHERE kind = ? AND key = ?",
                [(kind, key) for kind, key, value in changes if value is None],
            )
            self._connection.executemany(
                "INSERT INTO records (kind, key, value) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value",
                [change for change in changes if change[2] is not None],
            )

    def keep_picture(self, data: bytes) -> str:
        """Write picture bytes once, whole or not at all, and return their SHA-256 in hex."""
        digest = hashlib.sha256(data).hexdigest()
        target = self._pictures / digest
        if not target.exists():
            half_written = self._pictures / f"{digest}.{uuid4().hex}"
            half_written.write_bytes(data)
            half_written.replace(target)
        return digest

    def picture(self, sha256: str) -> bytes:
        return (self._pictures / sha256).read_bytes()

    def close(self) -> None:
        self._connection.close()
