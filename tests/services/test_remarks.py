"""批注: who remarks, answers and settles; where a remark stands in the next version; what a return carries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select

from models import Action, AuditAction, Content, Draft, Notice, NoticeKind, Revision, Role, SubmissionState
from services import delegations, remarks, submissions
from services.errors import InvalidInput, NotAllowed, NotFound, Refusal, StaleState, WrongState
from services.manuscript import anchors, blocks
from services.queries import remarks as reads
from services.queries.remarks import Thread
from services.rules.office_time import office_day
from tests.office import STORY, Office

S = SubmissionState
QUOTE = "六十余名教师参加"


def remark(
    office: Office, who: str, submission_id: int, quote: str = QUOTE, text: str = "请写准确人数", field: str = "body"
) -> int:
    """A remark on the first place of these words; its id."""
    with office.acting_as(who) as work:
        revision = work.session.get_one(Revision, office.stored(submission_id).revision_id)
        start = anchors.texts(revision)[field].index(quote)
        made = remarks.add(
            work,
            submission_id=submission_id,
            seen_revision_id=revision.id or 0,
            field=field,
            start=start,
            end=start + len(quote),
            text=text,
        )
        return made.id or 0


def answer(office: Office, who: str, remark_id: int, text: str = "已改为六十三名") -> None:
    with office.acting_as(who) as work:
        remarks.reply(work, remark_id=remark_id, text=text)


def settle(office: Office, who: str, remark_id: int) -> None:
    with office.acting_as(who) as work:
        remarks.settle(work, remark_id=remark_id)


def reopen(office: Office, who: str, remark_id: int) -> None:
    with office.acting_as(who) as work:
        remarks.reopen(work, remark_id=remark_id)


def threads(office: Office, submission_id: int) -> list[Thread]:
    """As whoever reads the present version sees them."""
    with office.reading() as session:
        content: Content = session.get_one(Revision, office.stored(submission_id).revision_id)
        return reads.threads(session, submission_id, content)


def told(office: Office, kind: NoticeKind) -> list[tuple[str, str]]:
    names = {id_: name for name, id_ in office.people.items()}
    with office.reading() as session:
        rows = session.exec(select(Notice).where(Notice.kind == kind).order_by(col(Notice.id)))
        return [(names[each.person_id], f"{each.title}　{each.body}") for each in rows]


def send_again(office: Office, submission_id: int, body_html: str) -> None:
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = submissions.draft_fields(draft)
        changed = submissions.DraftFields(**{**fields.__dict__, "body_html": body_html})
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=changed)
    office.hand_in(submission_id)


def test_a_remark_goes_back_with_the_item_is_answered_and_settled(office: Office) -> None:
    submission_id = office.submitted()
    remark_id = remark(office, "张处长", submission_id)
    told_while_reading = told(office, NoticeKind.REMARK)
    office.perform("张处长", Action.RETURN, submission_id, "请按批注修改")
    answer(office, "小王", remark_id)
    send_again(office, submission_id, STORY.replace("六十余名", "六十三名"))
    settle(office, "张处长", remark_id)

    (thread,) = threads(office, submission_id)
    assert told_while_reading == []
    said = "张处长 退回修改：请按批注修改\n批注 1 处：\n“六十余名教师参加”：请写准确人数"
    assert told(office, NoticeKind.RETURNED) == [("小王", f"《教务处举办教学经验交流会》退回修改　{said}")]
    assert told(office, NoticeKind.REMARK) == [
        ("张处长", "《教务处举办教学经验交流会》的批注有了回复　“六十余名教师参加”：已改为六十三名")
    ]
    assert (thread.quote, thread.place, thread.by, thread.revision_number) == (QUOTE, None, "张处长", 1)
    assert ([(each.by, each.text) for each in thread.replies], thread.settled_by) == (
        [("小王", "已改为六十三名")],
        "张处长",
    )
    assert [
        (act, by) for act, by, _ in office.trail("submission", submission_id) if act.value.startswith("remark.")
    ] == [
        (AuditAction.REMARK_ADDED, "张处长"),
        (AuditAction.REMARK_ANSWERED, "小王"),
        (AuditAction.REMARK_SETTLED, "张处长"),
    ]


def test_words_that_are_still_there_are_found_in_the_next_version(office: Office) -> None:
    submission_id = office.submitted()
    remark(office, "张处长", submission_id, "三位教师")
    remark(office, "张处长", submission_id, "教学经验", field="title")
    office.perform("张处长", Action.RETURN, submission_id, "请修改")
    send_again(office, submission_id, f"<p>新加的导语。</p>{STORY}")

    found = threads(office, submission_id)

    with office.reading() as session:
        texts = anchors.texts(session.get_one(Revision, office.stored(submission_id).revision_id))
    assert [texts[each.field][slice(*each.place)] for each in found if each.place] == ["教学经验", "三位教师"]


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("小王", NotAllowed), ("老李", NotAllowed), ("陈部长", NotAllowed), ("小赵", NotAllowed),
        ("徐校长", NotAllowed), ("孙老师", NotAllowed), ("黄处长", NotFound), ("小吴", NotFound), ("小林", NotFound),
    ],
)  # fmt: skip
def test_only_whoever_holds_the_stage_remarks(office: Office, who: str, refusal: type[Refusal]) -> None:
    submission_id = office.submitted()

    with pytest.raises(refusal):
        remark(office, who, submission_id)


def test_nobody_remarks_on_their_own_item_in_somebodys_place(office: Office) -> None:
    submission_id = office.submitted()
    today = office_day(office.now)
    with office.acting_as("张处长") as work:
        delegations.delegate(
            work, deputy_id=office.people["小王"], roles=[Role.DEPARTMENT_HEAD], starts_on=today, ends_on=today
        )
    remark_id = remark(office, "张处长", submission_id)

    with pytest.raises(NotAllowed, match="本人的稿件"):
        remark(office, "小王", submission_id)
    with pytest.raises(NotAllowed, match="作者改好后请回复"):
        settle(office, "小王", remark_id)


def test_a_deputy_remarks_and_settles_in_the_principals_name(office: Office) -> None:
    submission_id = office.submitted()
    today = office_day(office.now)
    with office.acting_as("张处长") as work:
        delegations.delegate(
            work, deputy_id=office.people["黄处长"], roles=[Role.DEPARTMENT_HEAD], starts_on=today,
            ends_on=today + timedelta(days=1),
        )  # fmt: skip

    settle(office, "黄处长", remark(office, "黄处长", submission_id))

    (thread,) = threads(office, submission_id)
    assert (thread.by, thread.settled_by) == ("黄处长 代 张处长", "黄处长 代 张处长")


@pytest.mark.parametrize(
    ("who", "replies", "settles"),
    [
        ("小王", True, False),
        ("张处长", True, True),
        ("老李", True, True),
        ("老周", True, True),
        ("陈部长", False, False),
        ("小赵", False, False),
        ("孙老师", False, False),
    ],
)
def test_author_maker_and_holder_answer_and_only_the_office_settles(
    office: Office, who: str, *, replies: bool, settles: bool
) -> None:
    submission_id = office.submitted()
    remark_id = remark(office, "张处长", submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    def may(act: Callable[[Office, str, int], None]) -> bool:
        try:
            act(office, who, remark_id)
        except NotAllowed:
            return False
        return True

    assert (may(answer), may(settle)) == (replies, settles)


@pytest.mark.parametrize("act", [answer, settle, reopen])
def test_a_stranger_learns_nothing_of_a_remark(office: Office, act: Callable[[Office, str, int], None]) -> None:
    remark_id = remark(office, "张处长", office.submitted())

    with pytest.raises(NotFound):
        act(office, "小吴", remark_id)
    with pytest.raises(NotFound, match="批注"):
        act(office, "张处长", remark_id + 1)


def test_of_two_who_settle_at_once_the_second_is_told(office: Office) -> None:
    submission_id = office.submitted()
    remark_id = remark(office, "张处长", submission_id)
    settle(office, "张处长", remark_id)

    with pytest.raises(StaleState, match="刚刚已经解决"):
        settle(office, "张处长", remark_id)


def test_a_remark_is_taken_up_again_and_its_author_hears_of_it(office: Office) -> None:
    submission_id = office.submitted()
    remark_id = remark(office, "张处长", submission_id)
    settle(office, "张处长", remark_id)

    reopen(office, "张处长", remark_id)

    assert [each.is_open for each in threads(office, submission_id)] == [True]
    assert [name for name, _ in told(office, NoticeKind.REMARK)] == ["小王"]
    with pytest.raises(StaleState, match="重新打开"):
        reopen(office, "张处长", remark_id)


def test_a_remark_on_a_version_that_changed_meanwhile_is_refused(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    seen = office.stored(submission_id)
    with office.acting_as("老周") as work:
        content = work.session.get_one(Revision, seen.revision_id).model_copy(update={"title": "改过的标题"})
        submissions.adjust(work, submission_id=submission_id, seen_version=seen.version, content=content)

    with pytest.raises(StaleState, match="重新选中"), office.acting_as("老李") as work:
        remarks.add(
            work, submission_id=submission_id, seen_revision_id=seen.revision_id or 0, field="title", start=0, end=2,
            text="改",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": 3, "end": 3}, "quote"),
        ({"start": -1, "end": 3}, "quote"),
        ({"start": 0, "end": 10_000}, "quote"),
        ({"field": "author"}, "quote"),
        ({"text": " \n"}, "text"),
        ({"text": "长" * 501}, "text"),
    ],
)
def test_a_remark_without_words_or_place_is_refused(office: Office, changes: dict[str, object], field: str) -> None:
    submission_id = office.submitted()
    seen = office.stored(submission_id).revision_id
    given: dict[str, object] = {"field": "body", "start": 0, "end": 5, "text": "请改"}

    with pytest.raises(InvalidInput) as refused, office.acting_as("张处长") as work:
        remarks.add(work, submission_id=submission_id, seen_revision_id=seen or 0, **(given | changes))  # type: ignore[arg-type]  # each row names what it changes

    assert refused.value.field == field


def test_a_settled_item_takes_no_more_remarks(office: Office) -> None:
    submission_id = office.submitted()
    remark_id = remark(office, "张处长", submission_id)
    for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
        office.perform(who, action, submission_id)

    with pytest.raises(WrongState, match="只供查看"):
        answer(office, "小王", remark_id)
    with pytest.raises(WrongState, match="只在审核环节"):
        remark(office, "陈部长", submission_id)


def test_what_the_editor_marks_stays_the_same_until_it_is_settled(office: Office) -> None:
    submission_id = office.submitted()
    remark(office, "张处长", submission_id, "教学经验", "标题宜短", field="title")
    on_text = remark(office, "张处长", submission_id)
    office.perform("张处长", Action.RETURN, submission_id, "请改")

    def marked() -> list[tuple[int, str, str]]:
        with office.reading() as session:
            found = reads.open_in_body(session, submission_id)
        assert all(f"{each.before}{each.quote}{each.after}" in blocks.plain_text(STORY) for each in found)
        return [(each.number, each.quote, each.text) for each in found]

    before = marked()
    send_again(office, submission_id, f"<p>另写一段。</p>{STORY}")
    after = marked()
    settle(office, "张处长", on_text)

    assert (before, after, marked()) == ([(2, QUOTE, "请写准确人数")], before, [])
