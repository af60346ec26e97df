"""Lists of submissions: whose turn it is, why an item came back, and what a list costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, col, select

from models import Action, Content, InboxView, Submission, SubmissionState
from services import submissions
from services.queries import inbox, standings
from services.queries import submission_lists as reads
from services.queries import submissions as submission_reads
from services.queries.submission_lists import Progress, Reason
from services.rules.workflow import SIGNATURES, available
from tests.databases import counting
from tests.office import CAST, Office

S = SubmissionState

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def own(office: Office, who: str = "小王", progress: Progress | None = None) -> list[reads.SubmissionLine]:
    with office.reading() as session:
        return list(reads.mine(session, office.actor(who), now=office.now, progress=progress))


def adjust(office: Office, who: str, submission_id: int, title: str) -> None:
    with office.acting_as(who) as work:
        item = work.session.get_one(Submission, submission_id)
        content = submission_reads.detail(work.session, work.actor, submission_id).content
        changed = Content(**content.model_dump(include=set(Content.model_fields)) | {"title": title})
        submissions.adjust(work, submission_id=submission_id, seen_version=item.version, content=changed)


# --- Whose turn it is ------------------------------------------------------------------------------------


def test_each_item_names_whoever_may_carry_it_on(office: Office) -> None:
    steps = (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE))
    submission_id = office.draft()
    named = {S.DRAFT: own(office)[0].holders}
    office.hand_in(submission_id)
    named[own(office)[0].state] = own(office)[0].holders
    for who, action in steps:
        office.perform(who, action, submission_id)
        named[own(office)[0].state] = own(office)[0].holders

    assert named == {
        S.DRAFT: (),
        S.DEPARTMENT_REVIEW: ("张处长",),
        S.FIRST_REVIEW: ("老李", "老周", "老唐"),
        S.FINAL_REVIEW: ("陈部长", "老唐"),
        S.APPROVED: ("小赵",),
    }


@on_sqlite
def test_whoever_signed_one_stage_is_not_named_for_the_next(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老唐", Action.PASS, submission_id)

    assert own(office)[0].holders == ("陈部长",)


@on_sqlite
def test_head_who_writes_leaves_nobody_to_sign_off(office: Office) -> None:
    submission_id = office.draft(author="张处长")
    office.hand_in(submission_id, author="张处长")

    assert [(line.state, line.holders) for line in own(office, "张处长")] == [(S.DEPARTMENT_REVIEW, ())]


def test_inbox_holds_exactly_what_the_workflow_lets_each_person_sign(office: Office) -> None:
    for _ in range(5):
        office.submitted()
    first, second, third, fourth, _fifth = range(1, 6)
    for submission_id in (first, second, third, fourth):
        office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老唐", Action.PASS, second)  # 老唐 signed the stage before the one he could approve
    office.perform("老李", Action.PASS, third)
    adjust(office, "陈部长", third, "部长改过的标题")  # sent back to the first review, and from there up again
    office.perform("老周", Action.PASS, third)
    office.perform("老唐", Action.PASS, fourth)
    adjust(office, "陈部长", fourth, "又改的标题")
    office.perform("老李", Action.PASS, fourth)  # 老唐's signature of this stage no longer counts

    asked = {name: waiting_ids(office, name) for name, *_ in CAST}

    assert asked == {name: signable_ids(office, name) for name, *_ in CAST}
    assert (asked["老唐"], asked["陈部长"]) == ([first, third, fourth], [second])


def waiting_ids(office: Office, name: str) -> list[int]:
    with office.reading() as session:
        lines = inbox.waiting_for(session, office.actor(name), now=office.now)
        assert inbox.count(session, office.actor(name), InboxView.WAITING, now=office.now) == len(lines)
    return sorted(line.id for line in lines)


def signable_ids(office: Office, name: str) -> list[int]:
    with office.reading() as session:
        items = session.exec(select(Submission).order_by(col(Submission.id))).all()
        facts = standings.standings(session, items)
    actor = office.actor(name)
    return [
        item.id or 0
        for item, fact in zip(items, facts, strict=True)
        if any(step.action in SIGNATURES for step in available(actor, fact))
    ]


# --- Why it came back ------------------------------------------------------------------------------------


def test_returned_item_carries_the_last_reason_only(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, "请补充时间")
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.later(hours=1)
    office.perform("老李", Action.RETURN, submission_id, "请核对人数\n并注明摄影")

    reason = Reason(actor="老李", at=office.now, comment="请核对人数\n并注明摄影", clause="")
    assert [(line.state, line.reason) for line in own(office)] == [(S.RETURNED, reason)]


@on_sqlite
def test_reason_is_gone_once_the_item_is_handed_in_again(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, "请补充时间")
    office.hand_in(submission_id)

    assert [line.reason for line in own(office)] == [None]


@on_sqlite
def test_own_withdrawal_needs_no_reason_and_shows_none(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("小王", Action.WITHDRAW, submission_id)

    assert [(line.state, line.reason) for line in own(office)] == [(S.WITHDRAWN, None)]


# --- Which items, in which order -------------------------------------------------------------------------


@on_sqlite
def test_own_items_are_sorted_by_progress(office: Office) -> None:
    draft = office.draft(title="草稿")
    waiting = office.submitted(title="审核中")
    returned = office.submitted(title="退回")
    office.perform("张处长", Action.RETURN, returned, "请补充时间")
    passed = office.approved(title="通过")
    rejected = office.submitted(title="不用")
    office.perform("张处长", Action.SIGN_OFF, rejected)
    office.perform("老李", Action.REJECT, rejected, "已报道过")

    listed = {each: [line.id for line in own(office, progress=each)] for each in (None, *Progress)}

    assert listed == {
        None: [rejected, passed, returned, waiting, draft],
        Progress.WRITING: [draft],
        Progress.IN_REVIEW: [waiting],
        Progress.RETURNED: [returned],
        Progress.PASSED: [passed],
    }
    with office.reading() as session:
        counted = {each: reads.count_mine(session, office.actor("小王"), progress=each) for each in listed}
    assert counted == {each: len(ids) for each, ids in listed.items()}


@on_sqlite
def test_nobody_finds_another_persons_items_among_their_own(office: Office) -> None:
    office.submitted()

    assert {name: len(own(office, name)) for name, *_ in CAST if name != "小王"} == {
        name: 0 for name, *_ in CAST if name != "小王"
    }


def test_handled_items_are_those_the_person_decided_on_or_changed(office: Office) -> None:
    passed, adjusted = office.approved(), office.submitted()
    office.perform("张处长", Action.SIGN_OFF, adjusted)
    adjust(office, "老周", adjusted, "改过的标题")

    with office.reading() as session:
        handled = {
            name: sorted(line.id for line in inbox.passed_by(session, office.actor(name), now=office.now))
            for name in ("小王", "张处长", "老李", "老周", "陈部长")
        }
        counted = {
            name: inbox.count(session, office.actor(name), InboxView.HANDLED, now=office.now) for name in handled
        }

    assert handled == {
        "小王": [],
        "张处长": [passed, adjusted],
        "老李": [passed],
        "老周": [adjusted],
        "陈部长": [passed],
    }
    assert counted == {name: len(ids) for name, ids in handled.items()}


@on_sqlite
def test_pages_follow_each_other_without_gap_or_repeat(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "PAGE_SIZE", 2)
    made = [office.draft(title=f"第{number}篇") for number in range(5)]

    with office.reading() as session:
        pages = [
            [line.id for line in reads.mine(session, office.actor("小王"), now=office.now, page=number)]
            for number in (1, 2, 3, 4)
        ]

    assert pages == [[made[4], made[3]], [made[2], made[1]], [made[0]], []]
    assert reads.pages_of(len(made)) == 3


# --- What a list costs -----------------------------------------------------------------------------------


LISTINGS: dict[str, Callable[..., object]] = {
    "mine": reads.mine,
    "waiting": inbox.waiting_for,
    "handled": inbox.passed_by,
}
COSTS = {"mine": 9, "waiting": 9, "handled": 8}  # one's own with the titles being written, what waits with its readers
READERS = {"mine": "小王", "waiting": "老周", "handled": "张处长"}


@on_sqlite
@pytest.mark.parametrize("listing", LISTINGS)
def test_list_of_three_costs_as_many_statements_as_a_list_of_one(office: Office, listing: str) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            returned, signed = office.submitted(), office.submitted()
            office.perform("张处长", Action.RETURN, returned, "请补充时间")
            office.perform("张处长", Action.SIGN_OFF, signed)
        with office.reading() as session:
            actor = office.actor(READERS[listing])
            with counting(session) as sent:
                LISTINGS[listing](session, actor, now=office.now)
        costs.append(len(sent))

    assert costs == [COSTS[listing]] * 2


@on_sqlite
@pytest.mark.parametrize("who", ["张处长", "老周", "老唐", "徐校长"])
@pytest.mark.parametrize("view", [InboxView.WAITING, InboxView.HANDLED])
def test_work_is_found_without_reading_all_items_there_ever_were_or_all_decisions_of_a_kind(
    office: Office, who: str, view: InboxView
) -> None:
    office.perform("张处长", Action.SIGN_OFF, office.submitted())
    with office.reading() as session:
        with counting(session) as sent:
            inbox.count(session, office.actor(who), view, now=office.now)
            inbox.listed(session, office.actor(who), view, now=office.now)
        steps = [step for statement in sent for step in plan(session, statement)]

    assert any("submission" in step for step in steps)
    assert [step for step in steps if step in WHOLE_TABLES or "ix_reviewdecision_kind" in step] == []


WHOLE_TABLES = {"SCAN submission", "SCAN reviewdecision", "SCAN revision"}


def plan(session: Session, statement: str) -> list[str]:
    """How SQLite means to answer, which knows nothing of how full its tables are."""
    unknown = (None,) * statement.count("?")
    rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", unknown)
    return [row.detail for row in rows]
