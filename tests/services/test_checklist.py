"""审核清单: who answers, on which version an answer stands, and what it stops."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import Action, AuditAction, CheckVerdict, Draft, Revision, Role, SubmissionState
from services import checklist, delegations, submissions
from services.errors import ChecksFailed, NotAllowed, NotFound, ReasonRequired, Refusal, StaleState, WrongState
from services.queries import checklist as reads
from services.rules.checklist import Line
from services.rules.office_time import office_day
from tests.office import STORY, Office

S, V = SubmissionState, CheckVerdict


def answer(office: Office, who: str, submission_id: int, item: str, verdict: CheckVerdict, note: str = "") -> None:
    seen = office.stored(submission_id).revision_id or 0
    with office.acting_as(who) as work:
        checklist.answer(
            work, submission_id=submission_id, seen_revision_id=seen, item=item, verdict=verdict, note=note
        )


def answer_rest(office: Office, who: str, submission_id: int) -> int:
    seen = office.stored(submission_id).revision_id or 0
    with office.acting_as(who) as work:
        return checklist.answer_rest(work, submission_id=submission_id, seen_revision_id=seen)


def lines(office: Office, submission_id: int) -> dict[str, Line]:
    with office.reading() as session:
        found = checklist.lines(session, office.stored(submission_id))
    return {each.item.code: each for each in found}


def adjust(office: Office, who: str, submission_id: int, **changes: object) -> None:
    stored = office.stored(submission_id)
    with office.acting_as(who) as work:
        content = work.session.get_one(Revision, stored.revision_id).model_copy(update=changes)
        submissions.adjust(work, submission_id=submission_id, seen_version=stored.version, content=content)


def at_first_review(office: Office) -> int:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    return submission_id


def test_answers_name_who_when_and_on_which_version(office: Office) -> None:
    submission_id = at_first_review(office)

    filled = answer_rest(office, "老李", submission_id)
    answer(office, "老李", submission_id, "C07", V.FAIL, "标题夸张")

    with office.reading() as session:
        given = reads.latest(reads.answers(session, submission_id))
    assert filled == len(given) == 18
    assert given[1, S.FIRST_REVIEW, "C07"] == reads.AnswerLine(
        review_round=1,
        stage=S.FIRST_REVIEW,
        item="C07",
        verdict=V.FAIL,
        note="标题夸张",
        by="老李",
        at=office.now,
        revision_id=office.stored(submission_id).revision_id or 0,
    )
    assert given[1, S.FIRST_REVIEW, "C16"].verdict is V.NOT_APPLICABLE
    of_list = [
        (by, details.get("item", "rest"))
        for act, by, details in office.trail("submission", submission_id)
        if act is AuditAction.CHECKLIST_ANSWERED
    ]
    assert of_list == [("老李", "rest"), ("老李", "C07")]


def test_the_same_answer_again_writes_nothing(office: Office) -> None:
    submission_id = office.submitted()
    for _ in range(2):
        answer(office, "张处长", submission_id, "C01", V.PASS)
        answer_rest(office, "张处长", submission_id)

    with office.reading() as session:
        assert len(reads.answers(session, submission_id)) == 10


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("小王", NotAllowed), ("老李", NotAllowed), ("陈部长", NotAllowed), ("小赵", NotAllowed),
        ("徐校长", NotAllowed), ("黄处长", NotFound), ("小吴", NotFound), ("小林", NotFound),
    ],
)  # fmt: skip
def test_only_whoever_holds_the_stage_answers(office: Office, who: str, refusal: type[Refusal]) -> None:
    submission_id = office.submitted()

    with pytest.raises(refusal):
        answer(office, who, submission_id, "C01", V.PASS)
    with pytest.raises(refusal):
        answer_rest(office, who, submission_id)


def test_nobody_answers_for_their_own_item_in_somebodys_place(office: Office) -> None:
    submission_id = office.submitted()
    today = office_day(office.now)
    with office.acting_as("张处长") as work:
        delegations.delegate(
            work, deputy_id=office.people["小王"], roles=[Role.DEPARTMENT_HEAD], starts_on=today,
            ends_on=today + timedelta(days=1),
        )  # fmt: skip

    with pytest.raises(NotAllowed, match="本人的稿件"):
        answer(office, "小王", submission_id, "C01", V.PASS)


def test_a_deputy_answers_in_the_principals_name(office: Office) -> None:
    submission_id = office.submitted()
    today = office_day(office.now)
    with office.acting_as("张处长") as work:
        delegations.delegate(
            work, deputy_id=office.people["黄处长"], roles=[Role.DEPARTMENT_HEAD], starts_on=today, ends_on=today
        )

    answer(office, "黄处长", submission_id, "C01", V.PASS)

    line = lines(office, submission_id)["C01"]
    assert line.answer is not None
    assert line.answer.by == "黄处长 代 张处长"


def test_a_failure_says_what_is_wrong(office: Office) -> None:
    submission_id = office.submitted()

    with pytest.raises(ReasonRequired, match="个人信息"):
        answer(office, "张处长", submission_id, "C09", V.FAIL, "  ")


def test_an_item_of_another_review_is_refused(office: Office) -> None:
    submission_id = office.submitted()

    with pytest.raises(WrongState, match="不在当前环节"):
        answer(office, "张处长", submission_id, "C12", V.PASS)
    approved = office.approved()
    with pytest.raises(WrongState, match="只在审核环节"):
        answer(office, "陈部长", approved, "C01", V.PASS)


@pytest.mark.parametrize(
    ("stage", "who", "action"),
    [
        (S.DEPARTMENT_REVIEW, "张处长", Action.SIGN_OFF),
        (S.FIRST_REVIEW, "老李", Action.PASS),
        (S.FINAL_REVIEW, "陈部长", Action.APPROVE),
    ],
)
def test_a_failed_item_that_blocks_stops_the_signature_until_it_is_answered_anew(
    office: Office, stage: SubmissionState, who: str, action: Action
) -> None:
    submission_id = office.submitted()
    for name, step in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS)):
        if office.stored(submission_id).state is not stage:
            office.perform(name, step, submission_id)
    answer(office, who, submission_id, "C03", V.FAIL, "职务写错")

    with pytest.raises(ChecksFailed, match=rf"C03 领导姓名、职务、排序（{who}：职务写错）"):
        office.perform(who, action, submission_id)
    unmoved = office.stored(submission_id).state
    answer(office, who, submission_id, "C03", V.PASS)
    office.perform(who, action, submission_id)

    assert (unmoved, office.stored(submission_id).state) != (stage, stage)


def test_a_failed_item_does_not_stop_a_return(office: Office) -> None:
    submission_id = office.submitted()
    answer(office, "张处长", submission_id, "C03", V.FAIL, "职务写错")

    assert office.perform("张处长", Action.RETURN, submission_id, "请改职务").state is S.RETURNED


def test_an_answer_on_a_version_that_changed_meanwhile_is_refused(office: Office) -> None:
    submission_id = at_first_review(office)
    seen = office.stored(submission_id).revision_id or 0
    adjust(office, "老周", submission_id, title="改过的标题")

    with pytest.raises(StaleState, match="新的一版"), office.acting_as("老李") as work:
        checklist.answer(work, submission_id=submission_id, seen_revision_id=seen, item="C01", verdict=V.PASS)


def test_an_adjustment_opens_what_it_touched_and_nothing_else(office: Office) -> None:
    submission_id = at_first_review(office)
    answer_rest(office, "老李", submission_id)

    adjust(office, "老李", submission_id, title="改过的标题")
    after_title = {code for code, each in lines(office, submission_id).items() if not each.is_open}
    adjust(office, "老李", submission_id, title="教务处举办教学经验交流会")
    put_back = {code for code, each in lines(office, submission_id).items() if not each.is_open}

    assert after_title == {"C11", "C12", "C14", "C15", "C16"}
    assert len(put_back) == 18


def test_a_change_of_markup_alone_opens_nothing(office: Office) -> None:
    submission_id = at_first_review(office)
    answer_rest(office, "老李", submission_id)

    adjust(office, "老李", submission_id, body_html=STORY.replace("三位教师", "<strong>三位教师</strong>"))

    assert [code for code, each in lines(office, submission_id).items() if each.is_open] == []


def test_a_new_round_begins_empty_and_remembers_what_failed(office: Office) -> None:
    submission_id = at_first_review(office)
    answer_rest(office, "老李", submission_id)
    answer(office, "老李", submission_id, "C04", V.FAIL, "人数不对")
    office.perform("老李", Action.RETURN, submission_id, "请核对人数")
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = submissions.draft_fields(draft)
        changed = submissions.DraftFields(**{**fields.__dict__, "body_html": f"{STORY}<p>共六十三人。</p>"})
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=changed)
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    found = lines(office, submission_id)

    assert all(each.is_open for each in found.values())
    assert [each.proposal.why for each in found.values() if each.is_doubted and each.proposal] == [
        "老李曾答“不通过”：人数不对。请看是否已改好"
    ]
