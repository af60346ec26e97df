"""常用理由: words the office keeps for returns and refusals, each tied to a clause. Picking one fills the form; what is
sent is what the reviewer made of it.
"""

from __future__ import annotations

from sqlmodel import col, select

from models import Action, AuditAction, ReasonTemplate
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound
from services.rules.checklist import BY_CODE
from services.rules.clauses import OF_DECISIONS
from services.rules.permissions import keeps_reasons
from services.unit_of_work import UnitOfWork

GIVEN_WITH = (Action.RETURN, Action.REJECT)
"""The decisions that need a reason and have templates."""

LONGEST = 300  # characters


def keep(
    work: UnitOfWork, *, action: Action, text: str, clause: str = "", item: str = "", template_id: int | None = None
) -> ReasonTemplate:
    """Add a template, or change the one with this id. Raises `NotAllowed`, `NotFound`, `InvalidInput`."""
    _refuse_others(work)
    words = text.strip()
    if action not in GIVEN_WITH:
        raise InvalidInput("常用理由只用于退回修改和不予采用。", field="action")
    if not words or len(words) > LONGEST:
        raise InvalidInput(f"请写下理由，不超过 {LONGEST} 字。", field="text")
    if clause and clause not in OF_DECISIONS:
        raise InvalidInput("请选择制度中的条款。", field="clause")
    if item and item not in BY_CODE:
        raise InvalidInput("请选择审核清单中的一项。", field="item")
    _refuse_twin(work, action, words, template_id)
    row = _new(work) if template_id is None else _found(work, template_id)
    row.action, row.text, row.clause, row.item = action, words, clause, item
    row.changed_at, row.changed_by_id = work.now, work.actor.id
    work.session.add(row)
    work.session.flush()
    audit.record(
        work,
        AuditAction.REASON_KEPT,
        "reason",
        row.id,
        {"action": action.value, "text": words, "clause": clause, "item": item},
    )
    return row


def retire(work: UnitOfWork, *, template_id: int) -> None:
    """Offer a template no more; decisions that used it keep their words. Raises `NotAllowed`, `NotFound`."""
    _refuse_others(work)
    row = _found(work, template_id)
    row.active, row.changed_at, row.changed_by_id = False, work.now, work.actor.id
    work.session.flush()
    audit.record(work, AuditAction.REASON_RETIRED, "reason", row.id, {"text": row.text})


def _new(work: UnitOfWork) -> ReasonTemplate:
    return ReasonTemplate(action=Action.RETURN, text="", changed_at=work.now)


def _found(work: UnitOfWork, template_id: int) -> ReasonTemplate:
    row = work.session.get(ReasonTemplate, template_id, with_for_update=True)
    if row is None or not row.active:
        raise NotFound("没有找到这条常用理由，可能刚被停用：请刷新页面。")
    return row


def _refuse_twin(work: UnitOfWork, action: Action, text: str, template_id: int | None) -> None:
    same = (
        col(ReasonTemplate.active),
        ReasonTemplate.action == action,
        ReasonTemplate.text == text,
        ReasonTemplate.id != template_id if template_id is not None else col(ReasonTemplate.id).is_not(None),
    )
    if work.session.exec(select(ReasonTemplate.id).where(*same)).first() is not None:
        raise InvalidInput("已经有一条相同的常用理由。", field="text")


def _refuse_others(work: UnitOfWork) -> None:
    if not keeps_reasons(work.actor):
        raise NotAllowed("常用理由由宣传部的审核员和终审人维护。")
