"""重复投稿: what of an item was handed in before, by whomever.

Every item that is checked leaves a sample of its five-character pieces behind, one in sixteen, as hashes. A new item
is looked up among them; the few that share enough are then compared whole. Nobody's unsent draft is compared with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, exists, select

from models import Content, FindingLevel, Revision, Shingle, Submission, SubmissionState
from services.manuscript import blocks
from services.screening import likeness
from services.screening.catalogue import rule as catalogue_rule
from services.screening.likeness import Pieces
from services.screening.marks import Mark

if TYPE_CHECKING:
    from services.bootstrap import Runtime

CANDIDATES = 5  # compared whole, the most alike first
WORTH_A_LOOK = 0.15  # of the sample, below which nothing is compared
MOST_TITLES = 20_000
BATCH = 50


def marks(session: Session, submission_id: int, content: Content) -> list[Mark]:
    """At most one mark of the body and one of the title, each with the earlier item it was recognised by."""
    body = _of_body(session, submission_id, content)
    title = _of_title(session, submission_id, content.title.strip())
    if title is not None and any(each.related_id == title.related_id for each in body):
        return body
    return [*body, *([title] if title else [])]


def version(found: Sequence[Mark]) -> dict[str, str]:
    """What a run says of what it was compared with; nothing where nothing was alike."""
    if not found:
        return {}
    written = "\n".join(f"{each.rule} {each.field} {each.related_id} {each.quote}" for each in found)
    return {"likeness": hashlib.sha256(written.encode()).hexdigest()[:12]}


def remember(session: Session, submission_id: int, body_html: str) -> None:
    """Keep the sample of an item's body as it was checked, in the place of the one before."""
    session.execute(delete(Shingle).where(col(Shingle.submission_id) == submission_id))
    kept = likeness.sample(likeness.pieces(blocks.plain_text(body_html)))
    if kept:
        session.execute(insert(Shingle), [{"hash": each, "submission_id": submission_id} for each in kept])


def catch_up(runtime: Runtime, stopping: Event) -> int:
    """Keep the samples of items that were handed in before samples were kept; how many items were read.

    Runs once in the life of a process, beside its other work; a few items at a time, so that nobody waits.
    """
    read, last = 0, 0
    while not stopping.is_set():
        with runtime.reading() as session:
            batch = _without_sample(session, after=last)
        if not batch:
            break
        with runtime.as_system() as work:
            for submission_id, body_html in batch:
                remember(work.session, submission_id, body_html)
        read, last = read + len(batch), batch[-1][0]
    return read


def _without_sample(session: Session, *, after: int) -> list[tuple[int, str]]:
    statement: Any = (
        select(Submission.id, Revision.body_html)
        .join(Revision, col(Revision.id) == col(Submission.revision_id))
        .where(
            col(Submission.id) > after,
            col(Submission.submitted_at).is_not(None),
            ~exists().where(col(Shingle.submission_id) == col(Submission.id)),
        )
        .order_by(col(Submission.id))
        .limit(BATCH)
    )
    return [tuple(row) for row in session.exec(statement)]


# --- The body --------------------------------------------------------------------------------------------


def _of_body(session: Session, submission_id: int, content: Content) -> list[Mark]:
    text = blocks.plain_text(content.body_html)
    own = likeness.pieces(text)
    if not len(own):
        return []
    best, share, title, old = 0, 0.0, "", own
    for earlier, its_title, html in _candidates(session, submission_id, likeness.sample(own)):
        theirs = likeness.pieces(blocks.plain_text(html))
        found = likeness.containment(own, theirs)
        if found > share:
            best, share, title, old = earlier, found, its_title, theirs
    if share < likeness.SIMILAR:
        return []
    is_repeated = share >= likeness.SAME and not likeness.is_series(title, content.title.strip())
    return [_mark_of_body(text, best, share, old, is_repeated=is_repeated)]


def _candidates(session: Session, submission_id: int, sampled: list[int]) -> list[tuple[int, str, str]]:
    """The items that share most of the sample: their ids, titles and bodies."""
    if not sampled:
        return []
    shared = func.count(col(Shingle.hash))
    found: Any = (
        select(Shingle.submission_id)
        .join(Submission, col(Submission.id) == col(Shingle.submission_id))
        .where(col(Shingle.hash).in_(sampled), *_handed_in_before(submission_id))
        .group_by(col(Shingle.submission_id))
        .having(shared >= max(1, round(len(sampled) * WORTH_A_LOOK)))
        .order_by(shared.desc(), col(Shingle.submission_id))
        .limit(CANDIDATES)
    )
    ids = session.exec(found).all()
    if not ids:
        return []
    wanted: Any = (
        select(Submission.id, Revision.title, Revision.body_html)
        .join(Revision, col(Revision.id) == col(Submission.revision_id))
        .where(col(Submission.id).in_(ids))
        .order_by(col(Submission.id))
    )
    return [tuple(row) for row in session.exec(wanted)]


def _handed_in_before(submission_id: int) -> tuple[Any, ...]:
    """Other items that somebody handed in and did not take back."""
    return (
        col(Submission.id) != submission_id,
        col(Submission.submitted_at).is_not(None),
        col(Submission.state) != SubmissionState.WITHDRAWN,
    )


def _mark_of_body(text: str, earlier: int, share: float, old: Pieces, *, is_repeated: bool) -> Mark:
    if is_repeated:
        rule, level = "duplicate.same", FindingLevel.WARN
        advice = f"正文有 {share:.0%} 与以往的一篇稿件相同：请核对是否重复投稿，确需再次发布请写明理由。"
    else:
        rule, level = "duplicate.similar", FindingLevel.INFO
        advice = f"正文有 {share:.0%} 与以往的一篇稿件相同，可能套用了模板：请核对时间、人名和数字是否都已更新。"
    start, end = likeness.longest_shared(text, old)
    # The words themselves may hold personal data, so the mark quotes the share and shows the place only.
    return Mark(
        rule=rule,
        level=level,
        quote=f"{share:.0%} 相同",
        start=start,
        end=end,
        clause=catalogue_rule(rule).clause,
        suggestion=advice,
        digest=_recognised(earlier),
        related_id=earlier,
    )


def _recognised(earlier: int) -> str:
    """An answer given to one earlier item says nothing of another."""
    return f"submission {earlier}"


# --- The title -------------------------------------------------------------------------------------------


def _of_title(session: Session, submission_id: int, title: str) -> Mark | None:
    if len(title) < 6:
        return None
    length = func.length(col(Submission.title))
    statement: Any = (
        select(Submission.id, Submission.title)
        .where(
            *_handed_in_before(submission_id),
            # Titles of which nine tenths agree are about equally long.
            length >= int(len(title) * 0.8),
            length <= int(len(title) * 1.25) + 1,
        )
        .order_by(col(Submission.id).desc())
        .limit(MOST_TITLES)
    )
    rows = session.exec(statement).all()
    alike = likeness.first_alike(title, [other for _, other in rows])
    if alike is None:
        return None
    rule, earlier = "duplicate.similar", rows[alike][0]
    return Mark(
        rule=rule,
        level=FindingLevel.INFO,
        quote=title,
        start=0,
        end=len(title),
        clause=catalogue_rule(rule).clause,
        suggestion="标题与以往的一篇稿件几乎相同：请核对是否重复投稿，或换一个标题。",
        digest=_recognised(earlier),
        field="title",
        related_id=earlier,
    )
