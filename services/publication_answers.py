"""What a person says of one publication in the queue, on its way or in doubt: call off, go ahead, look, it is live.

`services/publishing.py` puts it into the queue, `services/publications.py` writes its state.
"""

from __future__ import annotations

from models import AuditAction, Publication, PublicationState, Target
from services import publications
from services.errors import InvalidInput, WrongState
from services.queries import publishing_stops
from services.rules.publication_states import CANCELLED
from services.unit_of_work import UnitOfWork

LOOKED_AFTER = frozenset({PublicationState.ACCEPTED, PublicationState.UNKNOWN, PublicationState.NEEDS_PERSON})


def cancel(work: UnitOfWork, *, publication_id: int) -> Publication:
    """Call off what still waits in the queue. Raises `NotAllowed`, `NotFound`, `WrongState`, `StaleState`."""
    work = publications.as_publisher(work)
    row, _ = publications.found(work, publication_id)
    if row.state is not PublicationState.QUEUED:
        raise WrongState(f"这次发布现在是“{row.state.label}”，已不在队列里，不能取消。")
    publications.refuse_busy(work, row)
    publications.change(
        work,
        row,
        PublicationState.FAILED,
        recorded_as=AuditAction.PUBLICATION_CANCELLED,
        failure_code=CANCELLED,
        failure=f"{work.actor.signature}取消了这次发布。",
    )
    return row


def go_ahead(work: UnitOfWork, *, publication_id: int) -> Publication:
    """Let one that waits for another place start without it: the person's choice when the first did not go out.

    Raises `NotAllowed`, `NotFound`, `WrongState`.
    """
    work = publications.as_publisher(work)
    row, _ = publications.found(work, publication_id)
    if row.state is not PublicationState.QUEUED or row.waits_for_id is None:
        raise WrongState("这次发布没有在等别的平台，不必再按。")
    publications.write(work, row, waits_for_id=None, run_after=max(row.run_after, work.now))
    publications.record(work, AuditAction.PUBLICATION_QUEUED, row, before=row.state)
    return row


def look_now(work: UnitOfWork, *, publication_id: int) -> Publication:
    """Let the worker look at once what became of a draft, a job or a doubt, instead of at its next turn.

    Raises `NotAllowed`, `NotFound`, `StaleState`, and `WrongState` also while a stop holds it back.
    """
    work = publications.as_publisher(work)
    row, _ = publications.found(work, publication_id)
    if row.state not in LOOKED_AFTER or (row.state is PublicationState.NEEDS_PERSON and row.media_id is None):
        raise WrongState(f"这次发布现在是“{row.state.label}”，没有可以核对的。")
    publications.refuse_busy(work, row)
    if publishing_stops.reasons(work.session, [publication_id], work.now):
        raise WrongState("发布暂停着，系统现在不向对方提问；恢复发布后会自动核对。急着知道，请到后台查看后登记。")
    # From the first look of its schedule: asked by a person, it may cost a question more than the budget.
    publications.write(work, row, run_after=work.now, polls=0)
    return row


def settle(work: UnitOfWork, *, publication_id: int, live: bool, url: str | None = None) -> Publication:
    """A person's verdict on what the machine cannot know or was not to do: it is live, or it is not.

    A WeChat article that is live has an address; it is kept. Not live: the draft of this publication is
    forgotten, and the item may be queued again. Raises `NotAllowed`, `NotFound`, `WrongState`, `StaleState`,
    `InvalidInput`.
    """
    work = publications.as_publisher(work)
    row, _ = publications.found(work, publication_id)
    if row.state not in {PublicationState.UNKNOWN, PublicationState.NEEDS_PERSON}:
        raise WrongState(f"这次发布现在是“{row.state.label}”，不需要人工核实。")
    publications.refuse_busy(work, row)
    if live:
        address = _address(row, url)
        publications.change(
            work,
            row,
            PublicationState.LIVE,
            recorded_as=AuditAction.PUBLICATION_SETTLED,
            url=address,
            calling=None,
            failure_code="",
            failure="",
        )
        return row
    publications.change(
        work,
        row,
        PublicationState.FAILED,
        recorded_as=AuditAction.PUBLICATION_SETTLED,
        calling=None,
        media_id=None,
        publish_id=None,
        msg_data_id=None,
        failure_code="not_live",
        failure=f"{work.actor.signature}核实：没有发出。",
    )
    return row


def _address(row: Publication, url: str | None) -> str | None:
    given = (url or "").strip() or row.url or ""
    if row.target is Target.WECHAT and not given.startswith(("https://", "http://")):
        raise InvalidInput("请填写文章的链接（在微信里打开文章，右上角“复制链接”）。", field="url")
    return given or None
