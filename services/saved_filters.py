"""常用筛选: what a person keeps of the inbox's filters, under a name of their own. Nobody else sees them."""

from __future__ import annotations

from sqlmodel import col, func, select

from models import InboxView, SavedFilter
from services.errors import InvalidInput, NotFound
from services.rules.list_filters import EVERYTHING, Criteria
from services.rules.search_terms import fault_of
from services.unit_of_work import UnitOfWork

LONGEST_NAME = 20
MOST = 8


def keep(work: UnitOfWork, *, name: str, view: InboxView, criteria: Criteria) -> SavedFilter:
    """Keep a filter of the acting person; one of the same name is replaced. Raises `InvalidInput`."""
    name = " ".join(name.split())
    if not name:
        raise InvalidInput("请给这个筛选起个名字，例如“教务处急件”。", field="name")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"名字请控制在 {LONGEST_NAME} 字以内。", field="name")
    if criteria == EVERYTHING:
        raise InvalidInput("还没有设任何筛选条件，不必保存：请先选部门、公众号、环节，或输入要查的词。", field="name")
    fault = fault_of(criteria.words)
    if fault:
        raise InvalidInput(fault, field="words")
    own = col(SavedFilter.person_id) == work.person_id
    kept = work.session.exec(select(SavedFilter).where(own, SavedFilter.name == name)).first()
    if kept is None:
        if work.session.exec(select(func.count()).select_from(SavedFilter).where(own)).one() >= MOST:
            raise InvalidInput(f"常用筛选最多保存 {MOST} 个，请先删去一个不用的。", field="name")
        kept = SavedFilter(person_id=work.person_id, name=name, view=view, criteria={}, made_at=work.now)
    kept.view, kept.criteria = view, criteria.to_json()
    work.session.add(kept)
    work.session.flush()
    return kept


def drop(work: UnitOfWork, *, filter_id: int) -> None:
    """Forget a filter of the acting person. Raises `NotFound`."""
    kept = work.session.get(SavedFilter, filter_id)
    if kept is None or kept.person_id != work.person_id:
        raise NotFound("这个常用筛选已经删除了，请刷新页面。")
    work.session.delete(kept)
    work.session.flush()
