"""重建校园网站: every page again as readers should get it now, for a lost folder or new templates.

From what was sealed, with the corrections made since and what readers are told of them. Everything stands still
meanwhile, so that no article goes out into lists that are just being written.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, select

from models import AuditAction, Publication, PublicationState, Target
from services import audit, published_copies, site_pages
from services.bootstrap import Runtime
from services.errors import WrongState
from services.ports import SiteArticle
from services.queries import publishing_stops, remedies


def rebuild(runtime: Runtime) -> int:
    """Write the whole site again; how many files changed. Tombstones stay where they are.

    Raises `WrongState` unless publishing was stopped and nothing is being written; `SealBroken` for a missing picture.
    """
    with runtime.reading() as session:
        stopped = any(each.account is None for each in publishing_stops.standing(session, runtime.now()))
        writing = session.exec(
            select(Publication.id).where(
                Publication.target == Target.SITE, Publication.state == PublicationState.PREPARING
            )
        ).first()
        ids = session.exec(
            select(Publication.id)
            .where(
                Publication.target == Target.SITE,
                Publication.state == PublicationState.LIVE,
                col(Publication.site_position).is_not(None),
            )
            .order_by(col(Publication.site_position))
        ).all()
    if not stopped:
        raise WrongState("请先在“发布”页按“停止全部发布”，再重建校园网站；重建好后恢复发布。")
    if writing is not None:
        raise WrongState("还有一篇正在写入校园网站，请过几秒再试。")
    changed = runtime.site.rebuild(_articles(runtime, [each or 0 for each in ids]))
    with runtime.as_system() as work:
        details = {"pages": len(ids), "files": changed}
        audit.record(work, AuditAction.SITE_REBUILT, "site", None, details)
    return changed


def _articles(runtime: Runtime, ids: list[int]) -> Iterator[SiteArticle]:
    for publication_id in ids:
        with runtime.reading() as session:
            row = session.get_one(Publication, publication_id)
            told = remedies.told_to_readers(session, publication_id)
        content = published_copies.sealed_content(runtime, row)
        yield site_pages.article_of(runtime, row, content, now=runtime.now(), notice="\n".join(told))
