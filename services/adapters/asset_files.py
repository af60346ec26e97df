"""Pictures on disk, named by the hash of their content: written once, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path


class AssetFiles:
    """`AssetStore` over a folder; two levels, so that no directory grows beyond what a person can list."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if not path.exists():
            _write_whole(path, content)
        return sha256

    def get(self, sha256: str) -> bytes:
        content = self._path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"asset {sha256[:12]} on disk is not what was stored")
        return content

    def discard(self, sha256: str) -> None:
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not sha256.isalnum():
            raise FileNotFoundError(f"no asset is named {sha256!r}")
        return self._folder / sha256[:2] / sha256


def _write_whole(path: Path, content: bytes) -> None:
    # Under its final name only when complete: a reader never sees half a picture.
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
