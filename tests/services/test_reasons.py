"""常用理由: what ships, who keeps it, and that every one of them rests on a clause of the rule."""

from __future__ import annotations

import pytest

from models import Action, AuditAction
from services import reasons
from services.errors import InvalidInput, NotAllowed, NotFound
from services.queries import reasons as reads
from services.rules.checklist import BY_CODE
from services.rules.clauses import OF_DECISIONS
from tests.office import Office


def offered(office: Office, *actions: Action) -> list[tuple[str, str]]:
    with office.reading() as session:
        return [(each.text, each.clause) for each in reads.offered(session, actions or reasons.GIVEN_WITH)]


def test_the_office_begins_with_reasons_that_rest_on_the_rule(office: Office) -> None:
    with office.reading() as session:
        shipped = reads.offered(session, reasons.GIVEN_WITH)

    assert {each.clause for each in shipped} <= set(OF_DECISIONS)
    assert {each.item for each in shipped} <= {"", *BY_CODE}
    assert [each.action for each in shipped] == [Action.RETURN] * 13 + [Action.REJECT] * 6


@pytest.mark.parametrize("who", ["老李", "陈部长"])
def test_reviewers_and_approvers_keep_the_list(office: Office, who: str) -> None:
    with office.acting_as(who) as work:
        kept = reasons.keep(work, action=Action.REJECT, text=" 与年度计划不符。 ", clause="3.1")
        changed = reasons.keep(
            work, action=Action.REJECT, text="与年度宣传计划不符。", clause="3.1", template_id=kept.id
        )

    assert changed.id == kept.id
    assert offered(office, Action.REJECT)[-1] == ("与年度宣传计划不符。", "3.1")
    with office.acting_as(who) as work:
        reasons.retire(work, template_id=kept.id or 0)
    assert "与年度宣传计划不符。" not in dict(offered(office))
    assert [act for act, by, _ in office.trail("reason", kept.id or 0) if by == who] == [
        AuditAction.REASON_KEPT,
        AuditAction.REASON_KEPT,
        AuditAction.REASON_RETIRED,
    ]


@pytest.mark.parametrize("who", ["小王", "张处长", "小赵", "孙老师", "徐校长", "小林"])
def test_nobody_else_changes_the_list(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        reasons.keep(work, action=Action.RETURN, text="理由")
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        reasons.retire(work, template_id=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "长" * 301}, "text"),
        ({"text": "请按批注逐条修改。"}, "text"),
        ({"action": Action.PASS}, "action"),
        ({"clause": "9.9"}, "clause"),
        ({"item": "C99"}, "item"),
    ],
)
def test_a_template_that_would_help_nobody_is_refused(office: Office, changes: dict[str, object], field: str) -> None:
    given: dict[str, object] = {"action": Action.RETURN, "text": "请补充。", "clause": "3.2"}

    with pytest.raises(InvalidInput) as refused, office.acting_as("老李") as work:
        reasons.keep(work, **(given | changes))  # type: ignore[arg-type]  # each row names what it changes

    assert refused.value.field == field


def test_a_template_retired_meanwhile_is_gone(office: Office) -> None:
    with office.acting_as("老李") as work:
        reasons.retire(work, template_id=1)

    with pytest.raises(NotFound, match="刚被停用"), office.acting_as("老周") as work:
        reasons.keep(work, action=Action.RETURN, text="改一改。", template_id=1)
