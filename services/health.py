"""Whether the application can work: what `/healthz` answers to a monitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from models import Heartbeat
from services.database import Engines

SILENT_AFTER = timedelta(minutes=2)
"""A worker looks every few seconds: one that was not seen for so long has stopped."""


@dataclass(frozen=True)
class Health:
    """`worker_seen_at` is when a publishing worker last ran, None if never or unknown."""

    database: bool
    worker_seen_at: datetime | None


def examine(engines: Engines) -> Health:
    """Ask the database; an unreachable one is an answer here, not a fault."""
    try:
        with Session(engines.read) as session:
            return Health(database=True, worker_seen_at=session.exec(select(func.max(col(Heartbeat.at)))).one())
    except SQLAlchemyError:
        return Health(database=False, worker_seen_at=None)
