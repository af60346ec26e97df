"""成批办理: one decision with one reason on several items, each in a transaction of its own, each with its own result.

Never a last signature: whoever seals has looked at that very version (docs/decisions.md). Everything else that is asked
of a single decision is asked of each: rights, the version seen, open marks, whatever else `submissions.perform` wants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from models import Action, Submission, SubmissionState, Vocabulary
from services import submissions
from services.errors import InvalidInput, ReasonRequired, Refusal, WrongState
from services.queries import standings
from services.rules.permissions import may_see
from services.rules.workflow import SEALING_STAGES
from services.unit_of_work import UnitOfWork

MOST = 50
ONE_BY_ONE = "这一环节要封版，须逐篇打开、核对这一版后办理，不能成批通过。"

Acting = Callable[[], AbstractContextManager[UnitOfWork]]
"""Opens a unit of work of the person who decides."""


class BulkDecision(Vocabulary):
    """What can be decided on several items at once."""

    PASS = "pass", "通过"
    RETURN = "return", "退回修改"


SIGNED_BY: dict[SubmissionState, Action] = {
    SubmissionState.DEPARTMENT_REVIEW: Action.SIGN_OFF,
    SubmissionState.FIRST_REVIEW: Action.PASS,
    SubmissionState.SECOND_REVIEW: Action.PASS,
}
"""What passing means at a stage that does not seal."""


@dataclass(frozen=True)
class Chosen:
    """One item as the list showed it."""

    submission_id: int
    title: str
    seen_version: int


@dataclass(frozen=True)
class RowResult:
    """What became of one item; `refusal` says why nothing was done, and is empty where it was."""

    submission_id: int
    title: str
    refusal: str

    @property
    def done(self) -> bool:
        return not self.refusal


def decide(
    acting: Acting, decision: BulkDecision, chosen: Sequence[Chosen], *, comment: str = "", clause: str = ""
) -> list[RowResult]:
    """Decide on each item; the results in their order. A refusal of one stops none of the others.

    Raises `InvalidInput` where nothing or too much was chosen, `ReasonRequired` where a return has no reason: then
    nothing was done at all.
    """
    if not chosen:
        raise InvalidInput("请先勾选要办理的稿件。", field="chosen")
    if len(chosen) > MOST:
        raise InvalidInput(f"一次最多办理 {MOST} 篇，请分几次办理。", field="chosen")
    if decision is BulkDecision.RETURN and not comment.strip():
        raise ReasonRequired("成批退回前请写明理由，每位作者都会看到它。")
    return [_decide_one(acting, decision, each, comment=comment, clause=clause) for each in chosen]


def _decide_one(acting: Acting, decision: BulkDecision, item: Chosen, *, comment: str, clause: str) -> RowResult:
    refusal = ""
    try:
        with acting() as work:
            submissions.perform(
                work,
                _action(work, decision, item.submission_id),
                submission_id=item.submission_id,
                seen_version=item.seen_version,
                comment=comment,
                clause=clause,
            )
    except Refusal as said:
        refusal = said.sentence
    return RowResult(item.submission_id, item.title, refusal)


def _action(work: UnitOfWork, decision: BulkDecision, submission_id: int) -> Action:
    if decision is BulkDecision.RETURN:
        return Action.RETURN
    submission = work.session.get(Submission, submission_id)
    if submission is None or not may_see(work.actor, standings.standing(work.session, submission)):
        return Action.PASS  # refused like any other item that is not there
    if submission.state in SEALING_STAGES:
        raise WrongState(ONE_BY_ONE)
    return SIGNED_BY.get(submission.state, Action.PASS)
