"""Reads about the earlier items that likenesses were found with, as far as a person may know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import Department, Finding, Submission, SubmissionState
from services.queries.standings import visible_to
from services.rules.permissions import Actor


@dataclass(frozen=True)
class EarlierItem:
    """What a person is told of an earlier item before opening it."""

    id: int
    title: str
    department: str
    state: SubmissionState
    submitted_at: datetime


def named_by(session: Session, actor: Actor, findings: Sequence[Finding]) -> dict[int, EarlierItem]:
    """The items these marks point at, by id; those the person may not know of are left out."""
    wanted = {each.related_id for each in findings if each.related_id is not None}
    if not wanted:
        return {}
    columns: tuple[Any, ...] = (
        Submission.id,
        Submission.title,
        Department.name,
        Submission.state,
        Submission.submitted_at,
    )
    statement: Any = (
        select(*columns)
        .join(Department, col(Department.id) == col(Submission.department_id))
        .where(col(Submission.id).in_(wanted), visible_to(actor))
    )
    return {row[0]: EarlierItem(*row) for row in session.exec(statement)}
