"""稿件: what the office's rule says about handing in, deciding and sealing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col, select

from models import (
    AccountState,
    Action,
    AuditAction,
    AuditEvent,
    Draft,
    FindingAnswer,
    OfficialAccount,
    ReviewDecision,
    Revision,
    SourceKind,
    SubmissionState,
)
from services import audit, findings, people, submissions
from services.errors import (
    FindingsOpen,
    InvalidInput,
    NotAllowed,
    NotFound,
    ReasonRequired,
    Refusal,
    SealBroken,
    StaleState,
    WrongState,
)
from services.queries import inbox, returns, submission_lists
from services.queries import submissions as reads
from services.sealing import fingerprint_of
from services.submissions import DraftFields
from tests.office import MONDAY_MORNING, STORY, Office

S = SubmissionState
ID_NUMBER = "11010519491231002X"  # a well-known specimen with a valid check digit


def test_an_item_goes_through_three_people_and_is_sealed(office: Office) -> None:
    submission_id = office.approved()

    stored = office.stored(submission_id)
    with office.reading() as session:
        revision = session.get_one(Revision, stored.sealed_revision_id)
        steps = [(each.actor, each.action, each.to_state) for each in reads.history(session, submission_id)]
    assert (stored.state, stored.seal) == (S.APPROVED, fingerprint_of(revision))
    assert steps == [
        ("小王", Action.SUBMIT, S.DEPARTMENT_REVIEW),
        ("张处长", Action.SIGN_OFF, S.FIRST_REVIEW),
        ("老李", Action.PASS, S.FINAL_REVIEW),
        ("陈部长", Action.APPROVE, S.APPROVED),
    ]


def test_every_step_leaves_a_line_in_an_unbroken_trail(office: Office) -> None:
    submission_id = office.approved()

    with office.reading() as session:
        lines = session.exec(
            select(AuditEvent.action)
            .where(AuditEvent.subject_type == "submission", AuditEvent.subject_id == submission_id)
            .order_by(col(AuditEvent.sequence))
        ).all()
        verdict = audit.verify(session)
    assert lines == [
        AuditAction.SUBMISSION_CREATED,
        AuditAction.SUBMISSION_SUBMITTED,
        AuditAction.SUBMISSION_SIGNED_OFF,
        AuditAction.SUBMISSION_PASSED,
        AuditAction.SUBMISSION_APPROVED,
    ]
    assert verdict.ok


# --- Drafting --------------------------------------------------------------------------------------------


def test_a_half_filled_draft_is_kept(office: Office) -> None:
    with office.acting_as("小王") as work:
        submission = submissions.start(work, draft=DraftFields(title="只有标题"))

    with office.reading() as session:
        kept = session.get_one(Draft, submission.id)
    assert (kept.title, kept.edition) == ("只有标题", 1)


def test_a_new_draft_is_for_the_account_its_author_wrote_for_last(office: Office) -> None:
    def begun(author: str) -> int | None:
        with office.acting_as(author) as work:
            return submissions.start(work).account_id

    first = begun("小王")
    office.draft("小王")

    assert (first, begun("小王"), begun("小吴")) == (None, office.account_id, None)
    with office.as_system() as work:
        work.session.get_one(OfficialAccount, office.account_id).state = AccountState.SUSPENDED
    assert begun("小王") is None


def test_saving_without_a_change_keeps_the_edition(office: Office) -> None:
    submission_id = office.draft()
    with office.reading() as session:
        fields = submissions.draft_fields(session.get_one(Draft, submission_id))

    with office.acting_as("小王") as work:
        kept = submissions.save_draft(work, submission_id=submission_id, seen_edition=1, draft=fields)

    assert kept.edition == 1


def test_of_two_tabs_the_second_to_save_is_told_and_overwrites_nothing(office: Office) -> None:
    submission_id = office.draft()
    with office.acting_as("小王") as work:
        submissions.save_draft(work, submission_id=submission_id, seen_edition=1, draft=DraftFields(title="第一个窗口"))

    with pytest.raises(StaleState, match="另一个窗口"), office.acting_as("小王") as work:
        submissions.save_draft(work, submission_id=submission_id, seen_edition=1, draft=DraftFields(title="第二个窗口"))

    with office.reading() as session:
        assert session.get_one(Draft, submission_id).title == "第一个窗口"


def test_script_in_pasted_html_never_reaches_the_draft(office: Office) -> None:
    pasted = '<p onclick="steal()">正文<script>alert(1)</script><img src=x onerror=alert(1)></p>'

    submission_id = office.draft(body_html=pasted)

    with office.reading() as session:
        assert session.get_one(Draft, submission_id).body_html == "<p>正文</p>"


@pytest.mark.parametrize("who", ["老李", "陈部长", "小赵", "孙老师", "徐校长", "小林"])
def test_only_departments_write(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        submissions.start(work)


@pytest.mark.parametrize("who", ["小吴", "黄处长", "张处长", "老李", "陈部长", "小林"])
def test_a_draft_is_nobody_elses_business(office: Office, who: str) -> None:
    submission_id = office.draft()

    with pytest.raises(NotFound), office.reading() as session:
        reads.detail(session, office.actor(who), submission_id)
    with pytest.raises(Refusal), office.acting_as(who) as work:
        submissions.save_draft(work, submission_id=submission_id, seen_edition=1, draft=DraftFields(title="改"))


@pytest.mark.parametrize("who", ["小吴", "黄处长", "张处长", "老李", "陈部长", "小赵", "孙老师"])
def test_a_draft_given_up_before_it_was_sent_stays_nobody_elses_business(office: Office, who: str) -> None:
    submission_id = office.draft()
    office.perform("小王", Action.WITHDRAW, submission_id)

    with pytest.raises(NotFound), office.reading() as session:
        reads.detail(session, office.actor(who), submission_id)
    with office.reading() as session:
        listed = {each: inbox.known_to(session, office.actor(each), now=office.now) for each in (who, "小王")}
    assert {each: [line.id for line in lines] for each, lines in listed.items()} == {who: [], "小王": [submission_id]}


def test_what_was_found_in_words_never_sent_is_told_to_nobody_after_the_item_was_given_up(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, comment="请补充联系人")
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        changed = replace(submissions.draft_fields(draft), body_html=f"{STORY}<p>身份证号{ID_NUMBER}。</p>")
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=changed)
    office.check(submission_id)
    office.perform("小王", Action.WITHDRAW, submission_id)

    with office.reading() as session:
        told = {
            who: reads.latest_findings(session, submission_id, reader=office.actor(who)) for who in ("小王", "老李")
        }
    assert {who: [each.rule for each in found] for who, found in told.items()} == {"小王": ["pi.id_card"], "老李": []}


def test_an_item_under_review_cannot_be_changed_by_its_author(office: Office) -> None:
    submission_id = office.submitted()

    with pytest.raises(WrongState, match="部门审签"), office.acting_as("小王") as work:
        submissions.save_draft(work, submission_id=submission_id, seen_edition=1, draft=DraftFields(title="改"))


# --- Handing in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 65}, "title"),
        ({"author": ""}, "author"),
        ({"author": "名" * 17}, "author"),
        ({"digest": "摘" * 121}, "digest"),
        ({"body_html": ""}, "body"),
        ({"body_html": "<p>　</p>"}, "body"),
        ({"account_id": None}, "account_id"),
        ({"declared_no_secrets": False}, "declared_no_secrets"),
        ({"declared_rights": False}, "declared_rights"),
        ({"source_kind": SourceKind.REPRINT}, "source_name"),
    ],
)
def test_what_is_missing_or_too_long_is_named_and_the_draft_stays(
    office: Office, changes: dict[str, object], field: str
) -> None:
    with office.acting_as("小王") as work:
        given = DraftFields(
            **{
                "title": "标题",
                "author": "小王",
                "body_html": STORY,
                "account_id": office.account_id,
                "declared_no_secrets": True,
                "declared_rights": True,
            }
            | changes  # type: ignore[arg-type]  # each row names what it changes
        )
        submission_id = submissions.start(work, draft=given).id or 0
    office.check(submission_id)

    with pytest.raises(InvalidInput) as refused, office.acting_as("小王") as work:
        submissions.submit(work, submission_id=submission_id, seen_version=1)

    with office.reading() as session:
        kept = submissions.draft_fields(session.get_one(Draft, submission_id))
    assert refused.value.field == field
    assert office.stored(submission_id).state is S.DRAFT
    assert (kept.title, kept.author, kept.digest) == (given.title, given.author, given.digest)


def test_all_that_is_missing_is_said_at_once(office: Office) -> None:
    submission_id = office.draft(body_html="", account_id=None, declared_rights=False)
    office.check(submission_id)

    with pytest.raises(InvalidInput) as refused, office.acting_as("小王") as work:
        submissions.submit(work, submission_id=submission_id, seen_version=1)

    assert refused.value.field == "body"
    assert refused.value.sentence == (
        "提交前还有 3 处要补：（1）正文还没有文字：请上传 Word 文件或在正文框里输入内容。（2）请选择要发布的公众号。"
        "（3）请勾选版权声明：确认文字和图片有权使用。"
    )


def test_a_body_over_wechats_limit_after_inlining_is_refused(office: Office) -> None:
    submission_id = office.draft(body_html="<p>字</p>" * 3000)
    office.check(submission_id)

    with pytest.raises(InvalidInput, match="正文") as refused, office.acting_as("小王") as work:
        submissions.submit(work, submission_id=submission_id, seen_version=1)

    assert refused.value.field == "body"


def test_a_blocked_place_must_be_answered_first(office: Office) -> None:
    submission_id = office.draft(body_html=f"{STORY}<p>联系人身份证号{ID_NUMBER}。</p>")

    with pytest.raises(FindingsOpen, match="110105"):
        office.hand_in(submission_id)
    with office.reading() as session:
        (block,) = [each for each in reads.latest_findings(session, submission_id) if each.rule == "pi.id_card"]
    with office.acting_as("小王") as work:
        findings.answer(work, finding_id=block.id or 0, answer=FindingAnswer.CONFIRMED, reason="公开的示例号码")

    assert office.hand_in(submission_id).state is S.DEPARTMENT_REVIEW


def test_personal_data_is_kept_masked(office: Office) -> None:
    submission_id = office.draft(body_html=f"{STORY}<p>身份证号{ID_NUMBER}。</p>")
    office.check(submission_id)

    with office.reading() as session:
        quotes = [each.quote for each in reads.latest_findings(session, submission_id)]
    assert quotes == ["110105********002X"]


def test_an_answer_without_a_reason_is_refused(office: Office) -> None:
    submission_id = office.draft(body_html=f"{STORY}<p>身份证号{ID_NUMBER}。</p>")
    office.check(submission_id)
    with office.reading() as session:
        finding_id = reads.latest_findings(session, submission_id)[0].id or 0

    with pytest.raises(ReasonRequired), office.acting_as("小王") as work:
        findings.answer(work, finding_id=finding_id, answer=FindingAnswer.FALSE_ALARM, reason=" ")


def test_content_changed_after_the_check_is_checked_again_first(office: Office) -> None:
    submission_id = office.draft()
    office.check(submission_id)
    with office.reading() as session:
        draft = session.get_one(Draft, submission_id)
        changed = submissions.draft_fields(draft)
    with office.acting_as("小王") as work:
        fields = DraftFields(**{**changed.__dict__, "title": "检查之后改的标题"})
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=fields)

    with pytest.raises(FindingsOpen, match="再点一次"), office.acting_as("小王") as work:
        submissions.submit(work, submission_id=submission_id, seen_version=1)


# --- Deciding --------------------------------------------------------------------------------------------


def test_return_and_reject_need_their_reason_first(office: Office) -> None:
    submission_id = office.submitted()

    with pytest.raises(ReasonRequired):
        office.perform("张处长", Action.RETURN, submission_id, comment="  ")

    assert office.stored(submission_id).state is S.DEPARTMENT_REVIEW


def test_a_returned_item_is_fixed_and_sent_again_in_the_same_thread(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, comment="请补充参加人数")
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = submissions.draft_fields(draft)
        changed = DraftFields(**{**fields.__dict__, "body_html": f"{STORY}<p>共有六十三人参加。</p>"})
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=changed)

    office.hand_in(submission_id)

    with office.reading() as session:
        detail = reads.detail(session, office.actor("张处长"), submission_id)
    assert (detail.submission.state, detail.revision_number) == (S.DEPARTMENT_REVIEW, 2)
    assert detail.reviewed is not None
    assert detail.reviewed.number == 1


def test_of_two_reviewers_one_wins_and_the_other_is_told(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    seen = office.stored(submission_id).version
    with office.acting_as("老李") as work:
        submissions.perform(work, Action.PASS, submission_id=submission_id, seen_version=seen)

    with pytest.raises(Refusal) as refused, office.acting_as("老周") as work:
        submissions.perform(work, Action.PASS, submission_id=submission_id, seen_version=seen)

    with office.reading() as session:
        passes = session.exec(select(ReviewDecision).where(ReviewDecision.action == Action.PASS)).all()
    assert "刷新" in refused.value.sentence
    assert [each.actor_id for each in passes] == [office.people["老李"]]


def test_a_decision_on_a_version_that_changed_since_is_refused(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    seen = office.stored(submission_id).version
    with office.acting_as("老周") as work:
        content = work.session.get_one(Draft, submission_id).model_copy(update={"title": "改过的标题"})
        submissions.adjust(work, submission_id=submission_id, seen_version=seen, content=content)

    with pytest.raises(StaleState, match="刚刚被处理过"), office.acting_as("老李") as work:
        submissions.perform(work, Action.PASS, submission_id=submission_id, seen_version=seen)


@pytest.mark.parametrize(
    ("who", "action"),
    [
        ("小王", Action.SIGN_OFF),
        ("黄处长", Action.SIGN_OFF),
        ("老李", Action.SIGN_OFF),
        ("小吴", Action.WITHDRAW),
        ("陈部长", Action.RETURN),
        ("小林", Action.RETURN),
    ],
)
def test_whoever_does_not_hold_the_stage_is_refused(office: Office, who: str, action: Action) -> None:
    submission_id = office.submitted()

    with pytest.raises((NotAllowed, NotFound)):
        office.perform(who, action, submission_id, comment="理由")

    assert office.stored(submission_id).state is S.DEPARTMENT_REVIEW


def test_one_person_with_two_roles_cannot_sign_two_stages(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老唐", Action.PASS, submission_id)

    with pytest.raises(NotAllowed, match="另一环节"):
        office.perform("老唐", Action.APPROVE, submission_id)


def test_a_disabled_person_decides_nothing_more(office: Office) -> None:
    submission_id = office.submitted()
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["张处长"], handover="副处长接手")

    with pytest.raises(AssertionError, match="disabled"):
        office.perform("张处长", Action.SIGN_OFF, submission_id)


def test_the_office_withdraws_an_approved_item_only_with_a_reason(office: Office) -> None:
    submission_id = office.approved()

    with pytest.raises(ReasonRequired):
        office.perform("陈部长", Action.WITHDRAW, submission_id)

    assert office.perform("陈部长", Action.WITHDRAW, submission_id, comment="活动延期").state is S.WITHDRAWN


# --- Adjusting and sealing -------------------------------------------------------------------------------


def _adjust(office: Office, who: str, submission_id: int, **changes: object) -> None:
    version = office.stored(submission_id).version
    with office.acting_as(who) as work:
        content = work.session.get_one(Draft, submission_id).model_copy(update=changes)
        submissions.adjust(work, submission_id=submission_id, seen_version=version, content=content)


def test_a_reviewer_adjusts_two_sentences_and_passes(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    _adjust(office, "老李", submission_id, body_html=STORY.replace("六十余名", "六十三名"))

    office.perform("老李", Action.PASS, submission_id)

    assert office.stored(submission_id).state is S.FINAL_REVIEW


def test_an_edit_after_a_pass_reopens_the_review(office: Office) -> None:
    submission_id = office.approved()

    _adjust(office, "陈部长", submission_id, title="终审后改的标题")

    stored = office.stored(submission_id)
    assert (stored.state, stored.seal, stored.sealed_revision_id) == (S.FIRST_REVIEW, None, None)


def test_who_edited_last_cannot_approve(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老李", Action.PASS, submission_id)
    _adjust(office, "陈部长", submission_id, title="陈部长改的标题")
    office.perform("老李", Action.PASS, submission_id)

    with pytest.raises(NotAllowed, match="最后由您修改"):
        office.perform("陈部长", Action.APPROVE, submission_id)

    assert office.perform("老唐", Action.APPROVE, submission_id).state is S.APPROVED


def test_a_save_without_a_change_keeps_the_seal(office: Office) -> None:
    submission_id = office.approved()
    before = office.stored(submission_id)

    _adjust(office, "陈部长", submission_id)

    assert office.stored(submission_id) == before


def test_what_was_changed_behind_the_seal_is_refused(office: Office) -> None:
    submission_id = office.approved()
    with office.as_system() as work:
        revision = work.session.get_one(Revision, office.stored(submission_id).sealed_revision_id)
        revision.body_html = revision.body_html.replace("六十余名", "七十余名")

    with pytest.raises(SealBroken), office.as_system() as work:
        submissions.sealed_revision(work, office.stored(submission_id))


def test_the_seal_depends_on_everything_that_is_read() -> None:
    content = Revision(
        submission_id=1, number=1, fingerprint="", made_by_id=1, made_at=MONDAY_MORNING, title="标题", body_html=STORY,
        cover_sha256="a" * 64,
    )  # fmt: skip
    changes = (
        {"title": "题目"},
        {"digest": "摘要"},
        {"author": "小王"},
        {"photographer": "小李"},
        {"source_kind": SourceKind.REPRINT},
        {"source_name": "新华社"},
        {"source_url": "https://www.example.edu.cn/1"},
        {"body_html": STORY.replace("三位", "四位")},
        {"body_html": STORY.replace("<h2>", "<h3>").replace("</h2>", "</h3>")},
        {"body_html": f'{STORY}<figure><img src="asset:{"b" * 64}" alt=""></figure>'},
        {"cover_sha256": "c" * 64},
        {"attachments": [{"name": "名单.xlsx", "sha256": "d" * 64}]},
        {"attachments": [{"name": "名单.xlsx", "sha256": "e" * 64}]},
        {"attachments": [{"name": "通知.xlsx", "sha256": "d" * 64}]},
        {"attachments": [{"name": name, "sha256": name * 64} for name in "fg"]},
        {"attachments": [{"name": name, "sha256": name * 64} for name in "gf"]},
    )

    seals = {fingerprint_of(content.model_copy(update=change)) for change in ({}, *changes)}

    assert len(seals) == len(changes) + 1


# --- Taken back by the author ----------------------------------------------------------------------------


def test_the_author_takes_an_item_back_mends_it_and_hands_it_in_again_in_the_same_thread(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    office.perform("小王", Action.RECALL, submission_id)
    taken_back = office.stored(submission_id)
    office.hand_in(submission_id)

    stored = office.stored(submission_id)
    assert (taken_back.state, stored.state, stored.review_round) == (S.RETURNED, S.DEPARTMENT_REVIEW, 2)
    office.perform("张处长", Action.SIGN_OFF, submission_id)  # what was signed before is void, so it is signed anew


def test_what_an_author_rewrites_is_theirs_until_they_hand_it_in_again(office: Office) -> None:
    submission_id = office.submitted(title="送审时的标题")
    office.perform("张处长", Action.RETURN, submission_id, comment="请改标题")
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = submissions.draft_fields(draft)
        changed = replace(fields, title="还没交的标题")
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=changed)

    with office.reading() as session:
        (mine,) = submission_lists.mine(session, office.actor("小王"), now=office.now)
        with pytest.raises(NotFound):
            reads.written_by(session, office.actor("张处长"), submission_id)
        seen = (mine.title, office.stored(submission_id).title)
    office.hand_in(submission_id)

    assert (seen, office.stored(submission_id).title) == (("还没交的标题", "送审时的标题"), "还没交的标题")


@pytest.mark.parametrize("who", ["张处长", "老李", "陈部长", "小林"])
def test_nobody_but_the_author_takes_an_item_back(office: Office, who: str) -> None:
    submission_id = office.submitted()

    with pytest.raises((NotAllowed, NotFound)):
        office.perform(who, Action.RECALL, submission_id)


def test_what_is_sealed_is_not_taken_back_by_its_author(office: Office) -> None:
    submission_id = office.approved()

    with pytest.raises(WrongState):
        office.perform("小王", Action.RECALL, submission_id)


# --- Why items came back ---------------------------------------------------------------------------------


def test_a_department_sees_its_last_three_returns_and_nobody_elses(office: Office) -> None:
    for number in range(1, 5):
        office.later(minutes=1)
        office.perform("张处长", Action.RETURN, office.submitted(), f"原因{number}")
    elsewhere = office.draft(author="小吴")
    office.hand_in(elsewhere, author="小吴")
    office.perform("黄处长", Action.RETURN, elsewhere, "别的部门")

    with office.reading() as session:
        seen = {
            who: [each.comment for each in returns.of_department(session, office.actor(who))]
            for who in ("小王", "张处长", "小吴", "老李")
        }

    last_three = ["原因4", "原因3", "原因2"]
    assert seen == {"小王": last_three, "张处长": last_three, "小吴": ["别的部门"], "老李": []}


# --- Lists -----------------------------------------------------------------------------------------------


def test_what_waits_is_listed_longest_waiting_first_for_those_who_decide(office: Office) -> None:
    first = office.submitted(title="先到")
    office.later(minutes=5)
    second = office.submitted(title="后到")

    with office.reading() as session:
        waiting = {
            name: [line.id for line in inbox.waiting_for(session, office.actor(name), now=office.now)]
            for name in ("张处长", "黄处长", "老李", "小王", "陈部长")
        }

    assert waiting == {"张处长": [first, second], "黄处长": [], "老李": [], "小王": [], "陈部长": []}
