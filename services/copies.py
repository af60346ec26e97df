"""A new draft from what exists: a template of the office, or an earlier item of the same person or department.

What is said of one item alone does not travel: dates, declarations, files attached, and the records of where a
picture comes from and who agreed to be shown, because a consent is given for a use and not for a file.
"""

from __future__ import annotations

from sqlmodel import col, select

from models import Asset, Content, Occasion, Revision, Submission
from services import submissions
from services.errors import NotFound
from services.manuscript import blocks
from services.queries import standings
from services.rules.permissions import may_see
from services.submissions import DraftFields
from services.unit_of_work import UnitOfWork

NOT_FOUND = "没有找到要复制的稿件：它不存在，或不由您查看。请从“我的稿件”重新选择。"


def from_occasion(work: UnitOfWork, *, occasion_id: int) -> Submission:
    """A draft that begins as the template says. Raises `NotFound`, `NotAllowed`."""
    occasion = work.session.get(Occasion, occasion_id)
    if occasion is None or not occasion.active:
        raise NotFound("这个模板已不再使用，请刷新页面另选一个。")
    draft = DraftFields(
        title=occasion.title,
        author=work.actor.name,
        body_html=occasion.body_html,
        category=occasion.category,
    )
    return submissions.start(work, draft=draft)


def from_item(work: UnitOfWork, *, submission_id: int) -> Submission:
    """A draft with the words and pictures of an item handed in before; the pictures are the same files, by hash.

    Raises `NotFound` for an item the person may not see, `NotAllowed`.
    """
    source = work.session.get(Submission, submission_id)
    is_seen = source is not None and may_see(work.actor, standings.standing(work.session, source))
    if source is None or source.revision_id is None or not is_seen:
        raise NotFound(NOT_FOUND)
    content = work.session.get_one(Revision, source.revision_id)
    made = submissions.start(work, draft=_fields_of(source, content, author=content.author or work.actor.name))
    _carry_pictures(work, source, made, content)
    return made


def _fields_of(source: Submission, content: Content, *, author: str) -> DraftFields:
    return DraftFields(
        title=content.title,
        digest=content.digest,
        author=author,
        photographer=content.photographer,
        source_kind=content.source_kind,
        source_name=content.source_name,
        source_url=content.source_url,
        body_html=content.body_html,
        cover_sha256=content.cover_sha256,
        account_id=source.account_id,
        category=source.category,
        risks=source.risks,
        theme=source.theme,
    )


def _carry_pictures(work: UnitOfWork, source: Submission, made: Submission, content: Content) -> None:
    wanted = {*blocks.picture_hashes(content.body_html), content.cover_sha256}
    rows = work.session.exec(
        select(Asset).where(Asset.submission_id == source.id, col(Asset.sha256).in_(wanted - {None}))
    )
    for row in rows.all():
        work.session.add(
            Asset(
                **row.model_dump(exclude={"id", "submission_id", "added_by_id", "added_at"}),
                submission_id=made.id or 0,
                added_by_id=work.person_id,
                added_at=work.now,
            )
        )
    work.session.flush()
