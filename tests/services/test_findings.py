"""Marks are answered, mended or exempted before their gate; nobody answers what is not theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models import (
    Action,
    AiUse,
    ContentCategory,
    Draft,
    Exemption,
    Finding,
    FindingAnswer,
    FindingLevel,
    Revision,
    Role,
    Screening,
    SubmissionState,
)
from services import corrections, delegations, exemptions, findings, people, submissions
from services.errors import FindingsOpen, InvalidInput, NotAllowed, NotFound, ReasonRequired, StaleState, WrongState
from services.manuscript import blocks
from services.queries import exemptions as exemption_reads
from services.queries import submissions as reads
from tests.office import STORY, Office

MOBILE = f"{STORY}<p>值班电话<strong>138</strong>12345678，欢迎来电。</p>"
MISPRINT = f"{STORY}<p>会议布署了下一步工作。</p>"


def marks(office: Office, submission_id: int) -> list[Finding]:
    with office.reading() as session:
        return list(reads.latest_findings(session, submission_id))


def at_first_review(office: Office, body_html: str, title: str = "教务处举办教学经验交流会") -> int:
    submission_id = office.submitted(body_html=body_html, title=title)
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    return submission_id


def answered(office: Office, who: str, finding: Finding, answer: FindingAnswer, reason: str = "已核对") -> None:
    with office.acting_as(who) as work:
        findings.answer(work, finding_id=finding.id or 0, answer=answer, reason=reason)


def test_an_unanswered_warning_stops_the_office_and_not_the_department(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)

    with pytest.raises(FindingsOpen, match=r"138\*\*\*\*5678"):
        office.perform("老李", Action.PASS, submission_id)
    (mark,) = marks(office, submission_id)
    answered(office, "老李", mark, FindingAnswer.CONFIRMED)

    assert office.perform("老李", Action.PASS, submission_id).state is SubmissionState.FINAL_REVIEW


def test_the_author_may_answer_while_the_office_waits(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)

    answered(office, "小王", marks(office, submission_id)[0], FindingAnswer.FALSE_ALARM)

    assert office.perform("老李", Action.PASS, submission_id).state is SubmissionState.FINAL_REVIEW


@pytest.mark.parametrize("who", ["张处长", "陈部长", "小赵", "孙老师"])
def test_whoever_does_not_hold_the_stage_cannot_answer(office: Office, who: str) -> None:
    submission_id = at_first_review(office, MOBILE)

    with pytest.raises(NotAllowed):
        answered(office, who, marks(office, submission_id)[0], FindingAnswer.CONFIRMED)

    assert [each.answer for each in marks(office, submission_id)] == [None]


@pytest.mark.parametrize("who", ["小吴", "黄处长", "小林"])
def test_whoever_may_not_see_the_item_does_not_learn_that_it_has_marks(office: Office, who: str) -> None:
    (mark,) = marks(office, at_first_review(office, MOBILE))

    with pytest.raises(NotFound):
        answered(office, who, mark, FindingAnswer.CONFIRMED)
    with pytest.raises(NotFound), office.acting_as(who) as work:
        corrections.apply(work, office.screener, finding_id=mark.id or 0, seen=1)


@pytest.mark.parametrize("who", ["小王", "老李"])
def test_nobody_changes_an_answer_after_the_item_was_sealed(office: Office, who: str) -> None:
    submission_id = at_first_review(office, MOBILE)
    (mark,) = marks(office, submission_id)
    answered(office, "老李", mark, FindingAnswer.CONFIRMED, "值班电话须公开")
    office.perform("老李", Action.PASS, submission_id)
    office.perform("陈部长", Action.APPROVE, submission_id)

    with pytest.raises((WrongState, NotAllowed)):
        answered(office, who, mark, FindingAnswer.FALSE_ALARM, "改口")

    assert [each.reason for each in marks(office, submission_id)] == ["值班电话须公开"]


def test_nobody_can_say_that_something_was_fixed(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)

    with pytest.raises(InvalidInput, match="重新检查"):
        answered(office, "老李", marks(office, submission_id)[0], FindingAnswer.FIXED)


@pytest.mark.parametrize("answer", [FindingAnswer.CONFIRMED, FindingAnswer.FALSE_ALARM])
def test_what_is_missing_is_filled_in_and_not_argued_away(office: Office, answer: FindingAnswer) -> None:
    submission_id = office.draft(title="")
    office.check(submission_id)
    (mark,) = marks(office, submission_id)

    with pytest.raises(InvalidInput) as refused:
        answered(office, "小王", mark, answer, "标题后补")

    assert refused.value.sentence == "这处不能写理由代替：请填写标题。改好后点“重新检查”。"
    assert [each.answer for each in marks(office, submission_id)] == [None]


def test_an_answer_that_nobody_can_give_any_more_is_not_carried_over(office: Office) -> None:
    submission_id = office.draft(title="")
    office.check(submission_id)
    with office.as_system() as work:  # as an earlier release let it be answered
        kept = work.session.get_one(Finding, marks(office, submission_id)[0].id)
        kept.answer, kept.reason = FindingAnswer.FALSE_ALARM, "标题后补"
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = replace(submissions.draft_fields(draft), digest="先写了摘要")
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=fields)

    office.check(submission_id)

    assert [(each.rule, each.answer) for each in marks(office, submission_id)] == [("length.title", None)]


def test_what_the_machine_could_not_read_is_no_false_alarm(office: Office) -> None:
    submission_id = office.draft()
    office.check(submission_id)
    with office.as_system() as work:
        run = work.session.exec(select(Screening).where(Screening.submission_id == submission_id)).one()
        mark = Finding(
            screening_id=run.id or 0,
            submission_id=submission_id,
            rule="attachment.scan",
            level=FindingLevel.WARN,
            field="attachment:盖章件.pdf",
            quote="盖章件.pdf",
            start=0,
            end=0,
            clause="4.2",
            suggestion="请人工打开核对。",
        )
        work.session.add(mark)

    with pytest.raises(InvalidInput, match="这处不是误报"):
        answered(office, "小王", mark, FindingAnswer.FALSE_ALARM)
    answered(office, "小王", mark, FindingAnswer.CONFIRMED)

    assert [each.answer for each in marks(office, submission_id)] == [FindingAnswer.CONFIRMED]


def test_what_was_changed_is_gone_after_the_next_run_and_kept_as_fixed(office: Office) -> None:
    submission_id = office.draft(body_html=MISPRINT)
    office.check(submission_id)
    (mark,) = marks(office, submission_id)

    with office.acting_as("小王") as work:
        edition = work.session.get_one(Draft, submission_id).edition
        corrections.apply(work, office.screener, finding_id=mark.id or 0, seen=edition)

    with office.reading() as session:
        text = blocks.plain_text(session.get_one(Draft, submission_id).body_html)
        before = session.get_one(Finding, mark.id)
    assert (marks(office, submission_id), text.split("\n")[-1], before.answer) == (
        [],
        "会议部署了下一步工作。",
        FindingAnswer.FIXED,
    )


def test_the_office_masks_a_number_as_a_new_revision_that_the_author_sees(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)
    (mark,) = marks(office, submission_id)

    with office.acting_as("老李") as work:
        corrections.apply(work, office.screener, finding_id=mark.id or 0, seen=office.stored(submission_id).version)

    with office.reading() as session:
        revision = session.get_one(Revision, office.stored(submission_id).revision_id)
    assert (revision.number, revision.body_html.split("<p>")[-1]) == (
        2,
        "值班电话<strong>138****5678</strong>，欢迎来电。</p>",
    )
    assert marks(office, submission_id) == []
    assert office.perform("老李", Action.PASS, submission_id).state is SubmissionState.FINAL_REVIEW


def test_an_approver_mends_at_the_final_stage_and_the_item_goes_back_to_the_first(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)
    (mark,) = marks(office, submission_id)
    answered(office, "老李", mark, FindingAnswer.CONFIRMED)
    office.perform("老李", Action.PASS, submission_id)

    with office.acting_as("陈部长") as work:
        corrections.apply(work, office.screener, finding_id=mark.id or 0, seen=office.stored(submission_id).version)

    assert (office.stored(submission_id).state, marks(office, submission_id)) == (SubmissionState.FIRST_REVIEW, [])


def test_a_stranger_cannot_have_an_item_checked(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)

    with pytest.raises(NotFound), office.acting_as("小吴") as work:
        findings.check(work, office.screener, submission_id=submission_id)


def test_a_bystander_cannot_mend_an_item(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)
    (mark,) = marks(office, submission_id)

    with pytest.raises(NotAllowed), office.acting_as("张处长") as work:
        corrections.apply(work, office.screener, finding_id=mark.id or 0, seen=office.stored(submission_id).version)


def test_a_mark_of_an_earlier_text_is_not_applied_to_the_present_one(office: Office) -> None:
    submission_id = office.draft(body_html=MISPRINT)
    office.check(submission_id)
    (mark,) = marks(office, submission_id)
    with office.acting_as("小王") as work:
        work.session.get_one(Draft, submission_id).title = "另一个标题"

    with pytest.raises(StaleState, match="重新检查"), office.acting_as("小王") as work:
        corrections.apply(work, office.screener, finding_id=mark.id or 0, seen=1)


def exempted(office: Office, who: str, finding: Finding, *, reason: str = "值班电话须公开") -> None:
    with office.acting_as(who) as work:
        exemptions.approve(work, finding_id=finding.id or 0, reason=reason, ends_on=date(2026, 12, 31))


def test_an_exempted_number_is_a_hint_here_and_in_the_next_item_until_its_last_day(
    office: Office,
) -> None:
    first = at_first_review(office, MOBILE)
    exempted(office, "陈部长", marks(office, first)[0])

    second = at_first_review(office, MOBILE, "图书馆延长开放时间")
    said = [(each.level, each.suggestion) for item in (first, second) for each in marks(office, item)]
    office.later(days=60)
    third = at_first_review(office, MOBILE, "学校召开秋季运动会")

    hint = (FindingLevel.INFO, "已批准豁免至 2026-12-31（陈部长）：值班电话须公开")
    assert said == [hint, hint]
    assert [each.level for each in marks(office, third)] == [FindingLevel.WARN]


def test_the_keepers_of_the_lists_see_what_is_in_force_and_nobody_else(office: Office) -> None:
    exempted(office, "陈部长", marks(office, at_first_review(office, MOBILE))[0])

    def seen(who: str, day: date) -> list[tuple[str, str, str]]:
        with office.reading() as session:
            found = exemption_reads.page(session, office.actor(who), rules=exemptions.exemptable(), today=day)
            assert exemption_reads.count(session, office.actor(who), rules=exemptions.exemptable(), today=day) == len(
                found
            )
            return [(each.exemption.rule, each.exemption.shown, each.approver) for each in found]

    today, last = date(2026, 11, 23), date(2026, 12, 31)
    line = [("pi.mobile", "138****5678", "陈部长")]
    assert [seen("陈部长", today), seen("小林", last), seen("老唐", last + timedelta(days=1))] == [line, line, []]
    for who in ("小王", "张处长", "老李", "小赵", "孙老师", "徐校长"):
        with pytest.raises(NotAllowed):
            seen(who, today)
    with office.acting_as("陈部长") as work:
        exemptions.end(work, exemption_id=1)
    with pytest.raises(NotFound, match="已经结束"), office.acting_as("老唐") as work:
        exemptions.end(work, exemption_id=1)
    with pytest.raises(NotAllowed), office.acting_as("小林") as work:
        exemptions.end(work, exemption_id=1)
    assert seen("陈部长", today) == []


def test_an_ended_exemption_marks_again(office: Office) -> None:
    first = at_first_review(office, MOBILE)
    exempted(office, "陈部长", marks(office, first)[0])
    with office.acting_as("陈部长") as work:
        (row,) = exemptions.in_force(work.session, date(2026, 11, 23)).values()
        exemptions.end(work, exemption_id=row.id)

    second = at_first_review(office, MOBILE, "图书馆延长开放时间")

    assert [each.level for each in marks(office, second)] == [FindingLevel.WARN]


@pytest.mark.parametrize("who", ["小王", "张处长", "老李", "小赵", "徐校长", "小林"])
def test_only_an_approver_exempts(office: Office, who: str) -> None:
    submission_id = at_first_review(office, MOBILE)

    with pytest.raises(NotAllowed):
        exempted(office, who, marks(office, submission_id)[0])


def test_nobody_exempts_in_their_own_item_or_as_the_deputy_of_its_author(office: Office) -> None:
    """A head of the office who writes, and whoever stands in for them."""
    today = date(2026, 11, 23)
    with office.acting_as("小林") as work:
        people.grant_role(work, person_id=office.people["老唐"], role=Role.CONTRIBUTOR, starts_on=today, ends_on=None)
    with office.acting_as("老唐") as work:
        delegations.delegate(
            work, deputy_id=office.people["老周"], roles=[Role.APPROVER], starts_on=today, ends_on=today
        )
    draft = office.draft(author="老唐", body_html=MOBILE)
    submission_id = office.draft(author="老唐", body_html=MOBILE, title="图书馆延长开放时间")
    office.check(draft, author="老唐")
    office.hand_in(submission_id, author="老唐")
    refused = {}
    for who, item in (("老唐", submission_id), ("老周", submission_id), ("老李", submission_id), ("陈部长", draft)):
        with pytest.raises((NotAllowed, NotFound)) as refusal:
            exempted(office, who, marks(office, item)[0])
        refused[who] = refusal.value.sentence

    with office.reading() as session:
        offered = {who: reads.may_exempt(session, office.actor(who), submission_id) for who in (*refused, "陈部长")}
        draft_offered = reads.may_exempt(session, office.actor("陈部长"), draft)

    another = "这是您本人的稿件，豁免须由另一位终审人批准。"
    assert refused == {
        "老唐": another,
        "老周": another,
        "老李": "只有终审人可以批准或结束豁免。",
        "陈部长": "没有找到这篇稿件：它不存在，或还没有提交。",
    }
    assert offered == {"老唐": False, "老周": False, "老李": False, "陈部长": True}
    assert not draft_offered
    exempted(office, "陈部长", marks(office, submission_id)[0])


def test_an_exemption_needs_its_reason(office: Office) -> None:
    submission_id = at_first_review(office, MOBILE)

    with pytest.raises(ReasonRequired):
        exempted(office, "陈部长", marks(office, submission_id)[0], reason=" ")


def test_what_is_said_of_one_item_only_is_answered_and_not_exempted(office: Office) -> None:
    submission_id = at_first_review(office, f"{STORY}<p>详见<a href='https://www.example.com/'>活动页面</a>。</p>")
    (mark,) = marks(office, submission_id)

    with pytest.raises(WrongState, match="“站外链接”说的只是这一篇稿件，不能豁免：请由作者或审核人改正"):
        exempted(office, "陈部长", mark)

    assert [(each.rule, each.level) for each in marks(office, submission_id)] == [("link.outside", FindingLevel.WARN)]


def test_an_exemption_given_before_its_rule_lost_them_has_no_effect_any_more(office: Office) -> None:
    story = f"{STORY}<p>详见<a href='https://www.example.com/'>活动页面</a>。</p>"
    (mark,) = marks(office, at_first_review(office, story))
    with office.acting_as("陈部长") as work:
        work.session.add(
            Exemption(
                rule=mark.rule, likeness=exemptions.likeness_of(mark), shown=mark.quote, reason="友好单位",
                approved_by_id=work.person_id, approved_at=work.now, ends_on=date(2026, 12, 31),
            )
        )  # fmt: skip

    second = at_first_review(office, story, "图书馆延长开放时间")

    assert FindingLevel.WARN in {each.level for each in marks(office, second) if each.rule == "link.outside"}


# --- What the check reads beside the words ---------------------------------------------------------------

STILL_TO_COME = date(2026, 12, 1)
AWAITED = "登记的活动日期是 2026-12-01，还没有到，稿件却说活动已经举行：请核对日期。"
HELD = "教学经验交流会圆满举行"


def said(office: Office, submission_id: int, **changes: object) -> None:
    """The author changes what is said of the item, and not a word of it."""
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = replace(submissions.draft_fields(draft), **changes)  # type: ignore[arg-type]  # named in each test
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=fields)


def runs(office: Office, submission_id: int) -> list[tuple[ContentCategory | None, date | None]]:
    with office.reading() as session:
        made = session.exec(
            select(Screening).where(Screening.submission_id == submission_id).order_by(col(Screening.id))
        )
        return [(run.category, run.event_date) for run in made]


def test_another_event_date_alone_is_checked_and_the_right_one_settles_the_mark(office: Office) -> None:
    submission_id = office.draft(title=HELD, event_date=date(2026, 11, 20))
    office.check(submission_id)
    before = marks(office, submission_id)

    said(office, submission_id, event_date=STILL_TO_COME)
    office.check(submission_id)
    (mark,) = marks(office, submission_id)
    said(office, submission_id, event_date=date(2026, 11, 20))
    office.check(submission_id)

    assert (before, mark.suggestion, mark.answer, marks(office, submission_id)) == ([], AWAITED, None, [])
    with office.reading() as session:
        assert session.get_one(Finding, mark.id).answer is FindingAnswer.FIXED


def test_another_category_alone_is_checked_and_the_same_again_is_not(office: Office) -> None:
    submission_id = office.draft()
    office.check(submission_id)
    office.check(submission_id)

    said(office, submission_id, category=ContentCategory.NOTICE)
    office.check(submission_id)
    said(office, submission_id, wanted_at=office.now + timedelta(days=3), ai_use=AiUse.ASSISTED)
    office.check(submission_id)

    assert runs(office, submission_id) == [(ContentCategory.NEWS, None), (ContentCategory.NOTICE, None)]


def test_a_day_that_reads_the_words_otherwise_is_a_reason_to_check_again(office: Office) -> None:
    submission_id = office.draft(title=HELD, event_date=STILL_TO_COME)
    office.check(submission_id)
    office.later(days=1)
    office.check(submission_id)
    awaited = [each.suggestion for each in marks(office, submission_id)]
    office.later(days=10)
    office.check(submission_id)

    assert (awaited, marks(office, submission_id)) == ([AWAITED], [])
    assert len(runs(office, submission_id)) == 2


@pytest.mark.parametrize("answer", [FindingAnswer.CONFIRMED, FindingAnswer.FALSE_ALARM])
def test_what_was_answered_stays_answered_when_only_the_date_changes(office: Office, answer: FindingAnswer) -> None:
    submission_id = office.draft(title=HELD, body_html=MOBILE, event_date=STILL_TO_COME)
    office.check(submission_id)
    for mark in marks(office, submission_id):
        answered(office, "小王", mark, answer, "已核对")

    said(office, submission_id, event_date=date(2026, 12, 15))
    office.check(submission_id)

    assert {each.rule: (each.answer, each.reason) for each in marks(office, submission_id)} == {
        "pi.mobile": (answer, "已核对"),
        "wording.date": (answer, "已核对"),
    }


def test_what_was_said_otherwise_after_the_check_is_not_handed_in_unchecked(office: Office) -> None:
    submission_id = office.draft(title=HELD)
    office.check(submission_id)
    said(office, submission_id, event_date=STILL_TO_COME)

    with pytest.raises(FindingsOpen, match="再点一次“检查并提交”"), office.acting_as("小王") as work:
        submissions.submit(work, submission_id=submission_id, seen_version=office.stored(submission_id).version)

    assert office.hand_in(submission_id).state is SubmissionState.DEPARTMENT_REVIEW


def test_colleagues_are_not_told_what_the_check_says_of_a_date_that_was_not_sent(office: Office) -> None:
    submission_id = office.submitted(title=HELD)
    office.perform("张处长", Action.RETURN, submission_id, "请写明活动日期")
    said(office, submission_id, event_date=STILL_TO_COME)
    office.check(submission_id)

    def told(who: str) -> list[str]:
        with office.reading() as session:
            found = reads.latest_findings(session, submission_id, reader=office.actor(who))
        return [each.suggestion for each in found]

    before = {who: told(who) for who in ("小王", "张处长", "老李")}
    office.hand_in(submission_id)

    assert before == {"小王": [AWAITED], "张处长": [], "老李": []}
    assert [told(who) for who in ("小王", "张处长", "老李")] == [[AWAITED]] * 3


def test_a_run_of_a_release_that_noted_no_date_still_counts(office: Office) -> None:
    submission_id = office.draft()
    office.check(submission_id)
    with office.as_system() as work:
        run = work.session.exec(select(Screening).where(Screening.submission_id == submission_id)).one()
        run.category = None

    with office.acting_as("小王") as work:
        sent = submissions.submit(work, submission_id=submission_id, seen_version=office.stored(submission_id).version)

    assert sent.state is SubmissionState.DEPARTMENT_REVIEW
