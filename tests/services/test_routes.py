"""审核流程: stages by category and risk; fixed when an item is handed in, raised on the way, never lowered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlmodel import select

from models import Action, AuditAction, AuditEvent, ContentCategory, Draft, RiskMark, SubmissionState
from services import routes, submissions
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, StaleState, WrongState
from services.queries import route_steps
from tests.office import MONDAY_MORNING, Office

S = SubmissionState
THREE = [S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.FINAL_REVIEW]
FOUR = [*THREE, S.LEADER_REVIEW]


def route_of(office: Office, submission_id: int) -> list[str]:
    return office.stored(submission_id).route


def raised(office: Office, who: str, submission_id: int, comment: str = "校长出席", **more: object) -> None:
    version = office.stored(submission_id).version
    with office.acting_as(who) as work:
        submissions.raise_review(
            work,
            submission_id=submission_id,
            seen_version=version,
            comment=comment,
            **more,  # type: ignore[arg-type]  # risks and stages, named in each test
        )


# --- As settings -----------------------------------------------------------------------------------------


def test_the_most_specific_route_wins_and_items_under_way_keep_theirs(office: Office) -> None:
    under_way = office.submitted()
    two = (S.DEPARTMENT_REVIEW, S.FINAL_REVIEW)
    with office.acting_as("陈部长") as work:
        routes.set_route(work, stages=(S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW))
        routes.set_route(work, stages=two, category=ContentCategory.NOTICE)

    notice = office.submitted(category=ContentCategory.NOTICE)
    news = office.submitted()

    assert [route_of(office, each) for each in (under_way, notice, news)] == [
        THREE,
        list(two),
        [S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW],
    ]


def test_all_categories_are_set_at_once_and_only_what_changed_is_recorded(office: Office) -> None:
    with office.acting_as("小林") as work:
        seen = routes.base_routes(work.session, None)
        wanted = seen | {
            ContentCategory.NOTICE: (S.FIRST_REVIEW, S.FINAL_REVIEW),
            ContentCategory.FEATURE: tuple(FOUR),
        }
        changed = routes.set_routes(work, wanted=wanted, seen=seen)
        again = routes.set_routes(work, wanted=wanted, seen=seen)

    assert (changed, again) == (2, 0)
    with office.reading() as session:
        assert routes.base_routes(session, office.account_id) == wanted


@pytest.mark.parametrize("who", ["老李", "小王", "张处长", "小赵", "孙老师", "徐校长"])
def test_nobody_but_the_administrator_and_the_head_of_the_office_changes_a_route(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        routes.set_route(work, stages=tuple(THREE))
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        routes.set_risk_stages(
            work, wanted={RiskMark.FIGURES: (S.SECOND_REVIEW,)}, seen=routes.risk_stages(work.session)
        )


def test_a_fault_in_one_category_changes_none(office: Office) -> None:
    wanted = {ContentCategory.NOTICE: (S.FIRST_REVIEW, S.FINAL_REVIEW), ContentCategory.NEWS: (S.FINAL_REVIEW,)}

    with pytest.raises(InvalidInput, match="新闻报道：审核流程至少要有两个环节"), office.acting_as("小林") as work:
        routes.set_routes(work, wanted=wanted, seen=routes.base_routes(work.session, None))

    with office.reading() as session:
        assert set(routes.base_routes(session, None).values()) == {tuple(THREE)}


def test_the_office_decides_what_a_risk_adds(office: Office) -> None:
    with office.acting_as("陈部长") as work:
        changed = routes.set_risk_stages(
            work, wanted={RiskMark.FIGURES: (S.SECOND_REVIEW,)}, seen=routes.risk_stages(work.session)
        )
    figures = office.submitted(risks=(RiskMark.FIGURES,))
    obituary = office.submitted(risks=(RiskMark.OBITUARY,))

    assert changed == 1
    assert route_of(office, figures) == [S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW]
    assert route_of(office, obituary) == FOUR
    with office.reading() as session:
        told = session.exec(select(AuditEvent.details).where(AuditEvent.action == AuditAction.ROUTE_CHANGED)).all()
    assert [json.loads(each) for each in told] == [
        {"risk": "figures", "before": ["leader_review"], "to": ["second_review"]}
    ]


def test_of_two_who_set_stages_neither_takes_back_what_the_other_changed(office: Office) -> None:
    with office.reading() as session:
        shown, risks_shown = routes.base_routes(session, None), routes.risk_stages(session)
    two, three = (S.FIRST_REVIEW, S.FINAL_REVIEW), (S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW)
    notices, features = {ContentCategory.NOTICE: two}, {ContentCategory.FEATURE: three}
    second_look, both = (S.SECOND_REVIEW,), (S.SECOND_REVIEW, S.LEADER_REVIEW)
    with office.acting_as("小林") as work:
        routes.set_routes(work, wanted=shown | notices, seen=shown)
        routes.set_risk_stages(work, wanted=risks_shown | {RiskMark.FIGURES: second_look}, seen=risks_shown)

    with office.acting_as("陈部长") as work:  # saves the whole form, as it was drawn before
        routes.set_routes(work, wanted=shown | features, seen=shown)
    with pytest.raises(StaleState, match="“通知公告”的环节刚刚被别人改过"), office.acting_as("陈部长") as work:
        routes.set_routes(work, wanted=shown | {ContentCategory.NOTICE: three}, seen=shown)
    with pytest.raises(StaleState, match="没有覆盖它"), office.acting_as("陈部长") as work:
        routes.set_risk_stages(work, wanted=risks_shown | {RiskMark.FIGURES: both}, seen=risks_shown)

    with office.reading() as session:
        assert routes.base_routes(session, None) == shown | notices | features
        assert routes.risk_stages(session) == risks_shown | {RiskMark.FIGURES: second_look}


def test_a_risk_that_would_add_nothing_is_refused(office: Office) -> None:
    with pytest.raises(InvalidInput, match="至少要增加一个环节"), office.acting_as("小林") as work:
        routes.set_risk_stages(work, wanted={RiskMark.MAJOR: ()}, seen=routes.risk_stages(work.session))


# --- Declared by the author ------------------------------------------------------------------------------


def test_an_item_with_a_risk_is_sealed_by_the_school_leader_after_three_others(office: Office) -> None:
    submission_id = office.submitted(category=ContentCategory.NOTICE, risks=(RiskMark.LEADERS,))
    for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
        office.perform(who, action, submission_id)
    before = office.stored(submission_id)

    office.perform("徐校长", Action.APPROVE, submission_id)

    assert (before.state, before.seal) == (S.LEADER_REVIEW, None)
    assert office.stored(submission_id).state is S.APPROVED


def test_the_author_may_add_a_risk_after_a_return_but_not_take_one_away(office: Office) -> None:
    submission_id = office.submitted(risks=(RiskMark.LEADERS,))
    office.perform("张处长", Action.RETURN, submission_id, "请补充")
    with office.reading() as session:
        kept = submissions.draft_fields(session.get_one(Draft, submission_id))

    with pytest.raises(InvalidInput, match="涉校领导活动”已在送审时标明"):
        save(office, submission_id, kept, risks=())
    save(office, submission_id, kept, risks=(RiskMark.LEADERS, RiskMark.MAJOR))
    office.hand_in(submission_id)

    assert office.stored(submission_id).risks == (RiskMark.LEADERS, RiskMark.MAJOR)


def save(office: Office, submission_id: int, kept: submissions.DraftFields, **changes: object) -> None:
    given = replace(kept, **changes)  # type: ignore[arg-type]  # named in each test
    with office.acting_as("小王") as work:
        edition = work.session.get_one(Draft, submission_id).edition
        submissions.save_draft(work, submission_id=submission_id, seen_edition=edition, draft=given)


def test_a_later_round_is_never_a_lower_one(office: Office) -> None:
    submission_id = office.submitted(risks=(RiskMark.LEADERS,))
    office.perform("张处长", Action.RETURN, submission_id, "请补充")
    with office.acting_as("陈部长") as work:
        routes.set_risk_stages(
            work, wanted={RiskMark.LEADERS: (S.SECOND_REVIEW,)}, seen=routes.risk_stages(work.session)
        )

    office.hand_in(submission_id)

    assert route_of(office, submission_id) == [
        S.DEPARTMENT_REVIEW,
        S.FIRST_REVIEW,
        S.SECOND_REVIEW,
        S.FINAL_REVIEW,
        S.LEADER_REVIEW,
    ]


# --- Raised by the office --------------------------------------------------------------------------------


def test_the_reviewer_raises_and_the_item_stays_where_it_is(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    raised(office, "老李", submission_id, risks=[RiskMark.LEADERS], stages=[S.SECOND_REVIEW])

    stored = office.stored(submission_id)
    assert (stored.state, stored.risks) == (S.FIRST_REVIEW, (RiskMark.LEADERS,))
    assert stored.route == [
        S.DEPARTMENT_REVIEW,
        S.FIRST_REVIEW,
        S.SECOND_REVIEW,
        S.FINAL_REVIEW,
        S.LEADER_REVIEW,
    ]
    action, who, details = office.trail("submission", submission_id)[-1]
    assert (action, who, details["comment"]) == (
        AuditAction.SUBMISSION_RAISED,
        "老李",
        "增加涉校领导活动、宣传部复审、分管校领导审批：校长出席",
    )


@pytest.mark.parametrize("who", ["小王", "老唐", "小赵", "孙老师", "徐校长", "小林"])
def test_nobody_but_the_holder_of_the_stage_raises(office: Office, who: str) -> None:
    submission_id = office.submitted()

    with pytest.raises((NotAllowed, NotFound)):
        raised(office, who, submission_id, risks=[RiskMark.MAJOR])


def test_a_head_does_not_raise_what_they_wrote_themselves(office: Office) -> None:
    submission_id = office.draft(author="张处长")
    office.hand_in(submission_id, author="张处长")

    with pytest.raises(NotAllowed, match="您本人的稿件"):
        raised(office, "张处长", submission_id, risks=[RiskMark.MAJOR])


def test_a_raise_needs_a_reason_something_to_add_and_the_version_it_was_seen_on(office: Office) -> None:
    submission_id = office.submitted(risks=(RiskMark.LEADERS,))

    with pytest.raises(ReasonRequired):
        raised(office, "张处长", submission_id, "　", risks=[RiskMark.MAJOR])
    with pytest.raises(InvalidInput, match="只能提高，不能降低"):
        raised(office, "张处长", submission_id, risks=[RiskMark.LEADERS], stages=[S.LEADER_REVIEW])
    with pytest.raises(StaleState), office.acting_as("张处长") as work:
        submissions.raise_review(
            work, submission_id=submission_id, seen_version=1, comment="重大", risks=[RiskMark.MAJOR]
        )

    assert route_of(office, submission_id) == FOUR


def test_a_stage_that_has_gone_by_cannot_be_added(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老李", Action.PASS, submission_id)

    with pytest.raises(InvalidInput, match="已过“宣传部复审”的位置"):
        raised(office, "陈部长", submission_id, stages=[S.SECOND_REVIEW])


def test_a_sealed_item_is_not_raised(office: Office) -> None:
    submission_id = office.approved()

    with pytest.raises(WrongState):
        raised(office, "陈部长", submission_id, risks=[RiskMark.MAJOR])


# --- Shown as steps --------------------------------------------------------------------------------------


def test_the_route_is_shown_as_signed_present_and_ahead(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    with office.reading() as session:
        steps = route_steps.of_item(session, office.stored(submission_id))

    assert [(each.stage, each.is_present, each.signed_by, each.signed_at) for each in steps] == [
        (S.DEPARTMENT_REVIEW, False, "张处长", MONDAY_MORNING),
        (S.FIRST_REVIEW, True, "", None),
        (S.FINAL_REVIEW, False, "", None),
    ]


def test_an_unsent_draft_has_no_steps_and_an_approved_item_is_signed_throughout(office: Office) -> None:
    draft, approved = office.draft(), office.approved()

    with office.reading() as session:
        shown = [
            [each.signed_by for each in route_steps.of_item(session, office.stored(each))] for each in (draft, approved)
        ]

    assert shown == [[], ["张处长", "老李", "陈部长"]]
