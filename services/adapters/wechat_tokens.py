"""Access tokens: one per account, shared by all threads and processes, encrypted where it is stored.

The tokens come from `stable_token`, which answers the same token to everybody who asks while it is valid (WeChat
doc: getStableAccessToken). So two processes that ask at once do no harm; within one process only one asks.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeGuard

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, delete

from models import WeChatToken
from services.database import Engines
from services.secret_box import SecretBox

RENEW_BEFORE = timedelta(seconds=60)

Known = tuple[str, datetime]
"""A token and when it runs out."""

Fetch = Callable[[], tuple[str, timedelta]]


class TokenStore:
    """The tokens of this installation's accounts."""

    def __init__(self, engines: Engines, secrets: SecretBox, clock: Callable[[], datetime]) -> None:
        self._engines = engines
        self._secrets = secrets
        self._clock = clock
        self._kept: dict[str, Known] = {}
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def current(self, app_id: str, fetch: Fetch) -> str:
        """A token that is still good for a minute; fetched only if no thread and no process has one."""
        with self._lock_of(app_id):
            known = self._kept.get(app_id)
            if not self._is_good(known):
                known = self._stored(app_id)
            if not self._is_good(known):
                token, life = fetch()
                known = token, self._clock() + life
                self._store(app_id, *known)
            self._kept[app_id] = known
            return known[0]

    def forget(self, app_id: str, token: str) -> None:
        """WeChat rejected this token. A newer one that somebody fetched meanwhile is kept."""
        with self._lock_of(app_id):
            kept = self._kept.get(app_id)
            if kept is not None and kept[0] == token:
                del self._kept[app_id]
            stored = self._stored(app_id)
            if stored is not None and stored[0] == token:
                with Session(self._engines.write) as session, session.begin():
                    session.exec(delete(WeChatToken).where(WeChatToken.app_id == app_id))  # type: ignore[arg-type]  # SQLModel types columns as values

    def _lock_of(self, app_id: str) -> threading.Lock:
        with self._guard:
            return self._locks[app_id]

    def _is_good(self, known: Known | None) -> TypeGuard[Known]:
        return known is not None and known[1] - self._clock() > RENEW_BEFORE

    def _stored(self, app_id: str) -> Known | None:
        with Session(self._engines.read) as session:
            row = session.get(WeChatToken, app_id)
        return (self._secrets.open(row.token_sealed), row.expires_at) if row is not None else None

    def _store(self, app_id: str, token: str, expires_at: datetime) -> None:
        # Another process that was quicker stored the same token: the endpoint is stable.
        with suppress(IntegrityError), Session(self._engines.write) as session, session.begin():
            session.merge(WeChatToken(app_id=app_id, token_sealed=self._secrets.seal(token), expires_at=expires_at))
