"""The inbox narrowed: by words in title and text, by criteria, by colour; and the filters a person keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from models import Action, ContentCategory, Draft, InboxView, Person, SearchText, SubmissionState
from services import saved_filters, search_texts, submissions
from services.errors import InvalidInput, NotFound
from services.queries import inbox
from services.rules.list_filters import EVERYTHING, Criteria
from services.rules.stage_clocks import ClockColour
from services.submissions import DraftFields
from tests.office import Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def listed(office: Office, who: str, criteria: Criteria = EVERYTHING, view: InboxView = InboxView.ALL) -> list[int]:
    with office.reading() as session:
        lines = inbox.listed(session, office.actor(who), view, now=office.now, criteria=criteria)
        assert inbox.count(session, office.actor(who), view, now=office.now, criteria=criteria) == len(lines)
    return [line.id for line in lines]


def found(office: Office, who: str, words: str) -> list[int]:
    return listed(office, who, Criteria(words=words))


# --- Words -----------------------------------------------------------------------------------------------


def test_items_are_found_by_words_of_title_and_text_in_one_piece(office: Office) -> None:
    sports = office.submitted(title="秋季运动会开幕", body_html="<p>三千名师生参加，<b>医务室</b>全程值守。</p>")
    library = office.submitted(
        title="图书馆 \uff21\uff29 检索上线", body_html="<p>动员会后，运力充足。50%_的座位可预约。</p>"
    )

    asked = {
        "运动会": [sports],
        "医务": [sports],
        "医务室全程": [sports],  # over the edge of a mark
        "运动会 医务室": [sports],
        "运动会 图书馆": [],
        "师生参加，医务室": [sports],
        "ai 检索": [library],
        "AI": [library],
        "动会运": [],  # all its pairs occur, but never in one piece
        "50%_的": [library],
        "教学经验": [],
    }
    assert {words: found(office, "老李", words) for words in asked} == asked


def test_words_find_only_what_the_person_may_know_of(office: Office) -> None:
    handed_in = office.submitted(title="迎新晚会")
    unsent = office.draft(title="迎新晚会草稿")
    of_others = office.draft(author="小吴", title="学生处迎新晚会")
    office.hand_in(of_others, author="小吴")

    assert {who: sorted(found(office, who, "迎新晚会")) for who in ("小王", "张处长", "黄处长", "老李", "小林")} == {
        "小王": [handed_in, unsent],
        "张处长": [handed_in],
        "黄处长": [of_others],
        "老李": [handed_in, of_others],
        "小林": [],
    }


@on_sqlite
def test_a_head_who_moved_no_longer_reads_what_they_decided_on_there(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    before = listed(office, "张处长", view=InboxView.HANDLED)

    with office.as_system() as work:
        work.session.get_one(Person, office.people["张处长"]).department_id = office.departments["学生处"]

    assert (before, listed(office, "张处长", view=InboxView.HANDLED)) == ([submission_id], [])


def test_what_the_office_received_is_found_until_it_receives_the_next_version(office: Office) -> None:
    submission_id = office.draft(title="运动会")
    with office.acting_as("小王") as work:
        submissions.save_draft(
            work, submission_id=submission_id, seen_edition=1, draft=complete(office, title="田径比赛")
        )
    drafted = [found(office, "小王", words) for words in ("运动会", "田径比赛")]
    office.hand_in(submission_id)
    office.perform("张处长", Action.RETURN, submission_id, "请改标题")
    with office.acting_as("小王") as work:
        edition = work.session.get_one(Draft, submission_id).edition
        submissions.save_draft(
            work, submission_id=submission_id, seen_edition=edition, draft=complete(office, title="校园越野跑")
        )
    returned = [found(office, "张处长", words) for words in ("田径比赛", "校园越野")]
    office.hand_in(submission_id)

    assert (drafted, returned) == ([[], [submission_id]], [[submission_id], []])
    assert [found(office, "张处长", words) for words in ("田径比赛", "校园越野")] == [[], [submission_id]]


def complete(office: Office, *, title: str) -> DraftFields:
    return DraftFields(
        title=title,
        author="小王",
        body_html="<p>正文。</p>",
        account_id=office.account_id,
        declared_no_secrets=True,
        declared_rights=True,
    )


@on_sqlite
def test_words_too_short_to_search_for_are_refused(office: Office) -> None:
    with pytest.raises(InvalidInput, match="“会”太短"):
        found(office, "老李", "会")


@on_sqlite
def test_of_too_many_the_newest_are_listed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_FOUND", 2)
    _first, second, third = (office.submitted() for _ in range(3))

    assert sorted(found(office, "老李", "教务处")) == [second, third]


def test_search_takes_in_items_of_before_and_mends_itself(office: Office) -> None:
    older, newer = office.submitted(title="校庆大会"), office.submitted(title="校庆展览")
    with office.as_system() as work:
        forget = search_texts.DELETE_ALL[work.session.get_bind().dialect.name]
        work.session.execute(text(forget))
        work.session.delete(work.session.get_one(SearchText, older))
    lost = found(office, "老李", "校庆")
    with office.as_system() as work:
        mended = search_texts.fill(work.session)
    with office.as_system() as work:
        filled = search_texts.fill(work.session)
    with office.as_system() as work:
        nothing_left = search_texts.fill(work.session)

    assert (lost, mended, filled, nothing_left) == ([], 1, 1, 0)
    assert sorted(found(office, "老李", "校庆")) == [older, newer]


# --- Criteria --------------------------------------------------------------------------------------------


@on_sqlite
def test_each_criterion_narrows_a_list(office: Office) -> None:
    news = office.submitted()
    preview = office.submitted(category=ContentCategory.PREVIEW)
    of_others = office.draft(author="小吴")
    office.hand_in(of_others, author="小吴")
    office.perform("张处长", Action.SIGN_OFF, preview)

    asked = {
        Criteria(department_id=office.departments["教务处"]): [news, preview],
        Criteria(department_id=office.departments["学生处"]): [of_others],
        Criteria(account_id=office.account_id): [news, preview, of_others],
        Criteria(account_id=office.account_id + 1): [],
        Criteria(category=ContentCategory.PREVIEW): [preview],
        Criteria(state=SubmissionState.DEPARTMENT_REVIEW): [news, of_others],
        Criteria(category=ContentCategory.PREVIEW, state=SubmissionState.DEPARTMENT_REVIEW): [],
    }
    assert {criteria: sorted(listed(office, "老李", criteria)) for criteria in asked} == asked


@on_sqlite
def test_colours_in_the_database_are_those_of_the_rule(office: Office) -> None:
    overdue = office.submitted()
    office.later(hours=14)
    near = office.submitted()
    office.later(hours=13)
    fresh, returned = office.submitted(), office.submitted()
    office.perform("张处长", Action.RETURN, returned, "请补充")

    by_colour = {colour: listed(office, "老李", Criteria(colour=colour)) for colour in ClockColour}

    assert by_colour == {ClockColour.OVERDUE: [overdue], ClockColour.NEAR: [near], ClockColour.OK: [fresh]}
    with office.reading() as session:
        lines = inbox.known_to(session, office.actor("老李"), now=office.now)
    assert {line.id: line.colour(office.now) for line in lines} == {
        overdue: ClockColour.OVERDUE,
        near: ClockColour.NEAR,
        fresh: ClockColour.OK,
        returned: None,
    }


@on_sqlite
def test_most_urgent_waits_first_whatever_was_handed_in_first(office: Office) -> None:
    plain = office.submitted()
    wished = office.submitted(wanted_at=office.now + timedelta(hours=5))
    announced = office.submitted(category=ContentCategory.PREVIEW, event_date=office.now.date())

    assert listed(office, "张处长", view=InboxView.WAITING) == [announced, wished, plain]


# --- Kept filters ----------------------------------------------------------------------------------------


def kept(office: Office, who: str) -> list[tuple[str, Criteria, int, bool]]:
    with office.reading() as session:
        lines = inbox.kept_filters(session, office.actor(who), now=office.now)
    return [(line.name, line.criteria, line.number, line.many) for line in lines]


def keep(office: Office, who: str, name: str, criteria: Criteria) -> int:
    with office.acting_as(who) as work:
        row = saved_filters.keep(work, name=name, view=InboxView.ALL, criteria=criteria)
        return row.id or 0


def test_kept_filter_counts_what_it_holds_now_and_is_nobody_elses(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "COUNTED", 1)
    late = Criteria(words="教务处", state=SubmissionState.DEPARTMENT_REVIEW, colour=ClockColour.OVERDUE)
    keep(office, "老李", "别的", Criteria(category=ContentCategory.NEWS))
    keep(office, "老李", " 别的 ", late)
    none_yet = kept(office, "老李")
    office.submitted()
    office.submitted()
    office.later(hours=25)

    assert none_yet == [("别的", late, 0, False)]
    assert (kept(office, "老李"), kept(office, "老周")) == ([("别的", late, 1, True)], [])


@on_sqlite
def test_only_its_owner_forgets_a_filter(office: Office) -> None:
    filter_id = keep(office, "老李", "通知", Criteria(category=ContentCategory.NOTICE))
    with pytest.raises(NotFound), office.acting_as("老周") as work:
        saved_filters.drop(work, filter_id=filter_id)
    before = len(kept(office, "老李"))
    with office.acting_as("老李") as work:
        saved_filters.drop(work, filter_id=filter_id)

    assert (before, kept(office, "老李")) == (1, [])


@on_sqlite
@pytest.mark.parametrize(
    ("name", "criteria", "sentence"),
    [
        (" ", Criteria(words="运动会"), "起个名字"),
        ("长" * 21, Criteria(words="运动会"), "20 字以内"),
        ("全部", EVERYTHING, "还没有设任何筛选条件"),
        ("短", Criteria(words="会"), "“会”太短"),
    ],
)
def test_filter_that_cannot_be_kept_is_refused(office: Office, name: str, criteria: Criteria, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        keep(office, "老李", name, criteria)


@on_sqlite
def test_ninth_filter_is_one_too_many(office: Office) -> None:
    for number in range(saved_filters.MOST):
        keep(office, "老李", f"筛选{number}", Criteria(words="运动会"))

    with pytest.raises(InvalidInput, match="最多保存 8 个"):
        keep(office, "老李", "第九个", Criteria(words="运动会"))
