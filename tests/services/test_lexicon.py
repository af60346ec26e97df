"""The office's list: worked on by its keepers, tried out, put in force as a version that can be repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from models import Action, FindingAnswer, FindingLevel, LexiconEntry
from services import findings, lexicon
from services.errors import InvalidInput, NotAllowed, NotFound, StaleState
from services.lexicon import CurrentScreener, EntryFields
from services.queries import lexicon as reads
from services.queries import submissions as submission_reads
from services.screening.engine import ScreeningSettings
from services.screening.entries import Match
from services.screening.lists import Imported
from services.screening.roster import Leader
from services.unit_of_work import UnitOfWork
from tests.office import STORY, Office

TODAY = date(2026, 11, 23)
WORD = EntryFields(term="测试大学堂", group="school", suggestion="请用学校全称。", reason="名称规范")


@pytest.fixture
def begun(office: Office) -> Office:
    """The office with the starter groups as its first version."""
    with office.acting_as("小林") as work:
        lexicon.start(work)
    return office


def screener_of(office: Office) -> CurrentScreener:
    return CurrentScreener(lambda: Session(office.engines.read, expire_on_commit=False), ScreeningSettings())


def saved(office: Office, fields: EntryFields, who: str = "小林", *, entry_id: int | None = None) -> int:
    with office.acting_as(who) as work:
        return lexicon.save_entry(work, fields, entry_id=entry_id, seen_version=1).id or 0


def activated(office: Office, note: str = "校名规范") -> None:
    with office.acting_as("陈部长") as work:
        lexicon.activate(work, note=note)


def test_the_starter_groups_are_the_first_version_and_mark_what_they_marked_before(begun: Office) -> None:
    text = "工作布署已经完成，报名保录取。"

    own, shipped = screener_of(begun)().screen_text(text, today=TODAY), begun.screener.screen_text(text, today=TODAY)

    assert own.marks == shipped.marks
    assert own.versions["lexicon"] == shipped.versions["lexicon"]
    assert {mark.rule for mark in own.marks} == {"wording.confusion", "term.admissions"}


def test_a_new_entry_marks_only_after_its_activation(begun: Office) -> None:
    current = screener_of(begun)
    current()
    saved(begun, WORD)
    before = current().screen_text("来到测试大学堂参观。")
    activated(begun)
    after = current().screen_text("来到测试大学堂参观。")

    assert ([mark.rule for mark in before.marks], [mark.rule for mark in after.marks]) == ([], ["term.school"])
    assert before.versions["lexicon"] != after.versions["lexicon"]


def test_the_screener_is_built_once_for_each_version(begun: Office) -> None:
    current = screener_of(begun)
    first, again = current(), current()
    saved(begun, WORD)
    activated(begun)

    assert (first is again, current() is first) == (True, False)


def test_a_retired_entry_is_gone_with_the_next_version(begun: Office) -> None:
    entry_id = saved(begun, WORD)
    activated(begun)
    with begun.acting_as("小林") as work:
        lexicon.retire(work, entry_id=entry_id, seen_version=1, reason="误报太多")
    activated(begun, "停用一条")

    assert screener_of(begun)().screen_text("来到测试大学堂参观。").marks == ()


@pytest.mark.parametrize("who", ["小王", "张处长", "老李", "小赵", "孙老师", "徐校长"])
def test_only_keepers_work_on_the_list(begun: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        saved(begun, WORD, who)
    with pytest.raises(NotAllowed), begun.acting_as(who) as work:
        lexicon.activate(work, note="x")
    with pytest.raises(NotAllowed), begun.reading() as session:
        reads.entries(session, begun.actor(who), reads.EntryFilter())
    with pytest.raises(NotAllowed), begun.reading() as session:
        lexicon.export(session, begun.actor(who))
    with pytest.raises(NotAllowed), begun.reading() as session:
        lexicon.try_out(session, begun.actor(who), TODAY)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (EntryFields(term="书记", group="school", reason="x"), "两个字的词"),
        (EntryFields(term="书", group="school", reason="x"), "不足两个字"),
        (EntryFields(term="测试大学堂", group="学校", reason="x"), "分组代码"),
        (EntryFields(term="测试大学堂", group="school"), "理由"),
        (EntryFields(term="测试大学堂", group="school", reason="长" * 201), "200 个字"),
        (EntryFields(term="测试大学堂", group="school", reason="x", suggestion="长" * 201), "200 个字"),
        (EntryFields(term="测试大学堂", group="school", reason="x", allow="长" * 2001), "2000 个字"),
        (
            EntryFields(
                term="测试大学堂",
                group="school",
                reason="x",
                valid_from=date(2026, 12, 1),
                valid_to=date(2026, 11, 1),
            ),
            "失效日期早于生效日期",
        ),
        (EntryFields(term="傻逼", group="profanity", reason="x", match=Match.WORD), "已在"),
    ],
)
def test_an_entry_that_would_do_harm_is_refused_with_a_sentence(begun: Office, fields: EntryFields, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        saved(begun, fields)


def test_an_import_names_each_bad_line_and_writes_only_when_confirmed(begun: Office) -> None:
    content = "term,group,level,match\n好词一号,school,warn,\n坏,school,warn,\n好词二号,school,紧急,\n".encode()

    found = lexicon.read_import(content)
    with begun.reading() as session:
        untouched = reads.count_entries(session, begun.actor("小林"), reads.EntryFilter(group="school"))
    with begun.acting_as("小林") as work:
        count = lexicon.bring_in(work, found.terms, reason="上级下发")

    assert ([error.row for error in found.errors], untouched, count) == ([3, 4], 0, 1)
    with begun.reading() as session:
        assert [each.text for each in lexicon.working_terms(session)][-1] == "好词一号"


def test_an_import_over_an_entry_that_somebody_has_open_is_seen_by_them(begun: Office) -> None:
    entry_id = saved(begun, WORD)
    found = lexicon.read_import("term,group,level,match\n测试大学堂,school,info,\n".encode())
    with begun.acting_as("小林") as work:
        lexicon.bring_in(work, found.terms, reason="上级下发")

    with pytest.raises(StaleState, match="没有覆盖它"):
        saved(begun, WORD, "陈部长", entry_id=entry_id)

    with begun.reading() as session:
        kept = session.get_one(LexiconEntry, entry_id)
    assert (kept.level, kept.reason, kept.version) == (FindingLevel.INFO, "上级下发", 2)


def test_what_is_exported_can_be_imported_again(begun: Office) -> None:
    with begun.reading() as session:
        exported, terms = lexicon.export(session, begun.actor("小林")), lexicon.working_terms(session)

    assert lexicon.read_import(exported.encode()) == Imported(tuple(terms), ())


def test_the_dry_run_tells_what_would_newly_be_marked(begun: Office) -> None:
    submission_id = begun.submitted(body_html=f"{STORY}<p>来到测试大学堂参观。</p>")
    saved(begun, WORD)

    heard: list[tuple[int, int]] = []
    with begun.reading() as session:
        tried = lexicon.try_out(session, begun.actor("陈部长"), TODAY, told=lambda done, of: heard.append((done, of)))
        to_administrator = lexicon.try_out(session, begun.actor("小林"), TODAY)

    expected = lexicon.TriedMark(submission_id, "教务处举办教学经验交流会", "测试大学堂", "term.school")
    assert tried == lexicon.DryRun(items=1, added=1, removed=0, new_marks=(expected,), total=1)
    assert heard == [(1, 1)]
    # Who keeps the list without reading items is told by number.
    unnamed = lexicon.TriedMark(submission_id, "", "测试大学堂", "term.school")
    assert to_administrator.new_marks == (unnamed,)


def test_the_dry_run_tells_what_would_no_longer_be_marked_and_leaves_out_what_stays(begun: Office) -> None:
    body = f"{STORY}<p>来到测试大学堂、学堂路参观，工作布署完成。</p>"
    submission_id = begun.submitted(body_html=body)
    road = saved(begun, EntryFields(term="学堂路", group="school", reason="旧路名"))
    hall = saved(begun, WORD)
    activated(begun)
    with begun.acting_as("小林") as work:
        lexicon.retire(work, entry_id=road, seen_version=1, reason="恢复旧名")
        lexicon.save_entry(work, replace(WORD, suggestion="请写全称。"), entry_id=hall, seen_version=1)
        only_harsher = EntryFields(term="布署", group="confusion", level=FindingLevel.BLOCK, reason="常错")
        (slip,) = reads.entries(work.session, work.actor, reads.EntryFilter("布署"))
        lexicon.save_entry(work, replace(only_harsher, match=Match.EXACT), entry_id=slip.id, seen_version=1)

    with begun.reading() as session:
        tried = lexicon.try_out(session, begun.actor("陈部长"), TODAY)

    title = "教务处举办教学经验交流会"
    harsher = lexicon.TriedMark(submission_id, title, "布署", "wording.confusion")
    gone = lexicon.TriedMark(submission_id, title, "学堂路", "term.school")
    assert (tried.added, tried.new_marks, tried.total) == (2, (harsher,), 1)
    assert (tried.removed, set(tried.gone_marks), tried.total_gone) == (3, {gone, harsher}, 2)


def test_changing_an_entry_in_its_form_keeps_where_it_is_stricter(begun: Office) -> None:
    with begun.acting_as("小林") as work:
        (entry,) = reads.entries(work.session, work.actor, reads.EntryFilter("国家级水平"))
        form = EntryFields(
            term=entry.term, group=entry.group, level=entry.level, match=entry.match, reason="改建议",
            suggestion="请核实。", strict_topics=entry.strict_topics,
        )  # fmt: skip
        lexicon.save_entry(work, form, entry_id=entry.id, seen_version=1)
        assert (entry.suggestion, entry.strict_topics) == ("请核实。", "招生|报考|录取|合作|招聘")


def test_a_retired_entry_is_used_again_and_adding_it_anew_says_where_it_is(begun: Office) -> None:
    entry_id = saved(begun, WORD)
    with begun.acting_as("小林") as work:
        lexicon.retire(work, entry_id=entry_id, seen_version=1, reason="引文常见")
        lexicon.retire(work, entry_id=_entry_id(work, "布署"), seen_version=1, reason="引文常见")
    with pytest.raises(InvalidInput, match="含已停用"):
        saved(begun, WORD)
    with pytest.raises(InvalidInput, match="已停用：要恢复使用，请告诉终审人"), begun.acting_as("老李") as work:
        lexicon.add_correction(work, wrong="布署", right="部署")

    with begun.acting_as("小林") as work:
        assert lexicon.save_entry(work, WORD, entry_id=entry_id, seen_version=2).active
    assert [said["what"] for _, _, said in begun.trail("lexicon", entry_id)] == ["added", "retired", "restored"]


def test_the_list_goes_back_to_an_earlier_version_and_a_later_entry_is_only_retired(begun: Office) -> None:
    with begun.acting_as("小林") as work:
        lexicon.retire(work, entry_id=_entry_id(work, "布署"), seen_version=1, reason="引文常见")
        hall = lexicon.save_entry(work, WORD)
        lexicon.save_leader(work, Leader("徐远征", "党委书记", 1))
    activated(begun)

    with begun.acting_as("小林") as work:
        assert lexicon.go_back(work, number=1, reason="误导入") == 2
    with pytest.raises(StaleState), begun.acting_as("小林") as work:
        lexicon.save_entry(work, WORD, entry_id=hall.id, seen_version=1)
    activated(begun, "恢复第 1 版")

    with begun.reading() as session:
        first, third = lexicon.numbered(session, 1), lexicon.numbered(session, 3)
        assert set(lexicon.lists_of(third).terms) == set(lexicon.lists_of(first).terms)
        assert [each.name for each in lexicon.lists_of(third).leaders] == ["徐远征"]
        retired = session.get_one(LexiconEntry, hall.id)
        assert (retired.active, retired.reason, retired.version) == (False, "误导入", 2)
        assert [(each.number, each.made_by) for each in reads.versions(session, begun.actor("小林"))] == [
            (3, "陈部长"), (2, "陈部长"), (1, "小林"),
        ]  # fmt: skip


def test_changes_not_yet_in_force_are_undone_and_a_list_that_is_the_same_is_left(begun: Office) -> None:
    with begun.acting_as("小林") as work:
        entry_id = _entry_id(work, "布署")
        changed = EntryFields(term="布属", group="confusion", match=Match.EXACT, reason="手误", replacement="部署")
        lexicon.save_entry(work, changed, entry_id=entry_id, seen_version=1)
    with begun.acting_as("小林") as work:
        assert lexicon.go_back(work, number=1, reason="撤销") == 2  # the new words retired, the old ones a row again
    with begun.reading() as session:
        assert set(lexicon.working_terms(session)) == set(lexicon.lists_of(lexicon.latest(session)).terms)

    with pytest.raises(InvalidInput, match="与第 1 版相同"), begun.acting_as("小林") as work:
        lexicon.go_back(work, number=1, reason="再撤销")
    with pytest.raises(InvalidInput, match="为什么恢复"), begun.acting_as("小林") as work:
        lexicon.go_back(work, number=1, reason=" ")
    with pytest.raises(NotFound, match="没有第 9 版"), begun.acting_as("小林") as work:
        lexicon.go_back(work, number=9, reason="误导入")
    with pytest.raises(NotAllowed), begun.acting_as("老李") as work:
        lexicon.go_back(work, number=1, reason="误导入")


def _entry_id(work: UnitOfWork, term: str) -> int:
    (entry,) = reads.entries(work.session, work.actor, reads.EntryFilter(term))
    return entry.id or 0


def test_nothing_changed_needs_no_version(begun: Office) -> None:
    with pytest.raises(InvalidInput, match="相同"):
        activated(begun)


def test_a_reviewers_correction_becomes_an_entry_of_the_next_version(begun: Office) -> None:
    with begun.acting_as("老李") as work:
        lexicon.add_correction(work, wrong="测式大学", right="测试大学")
    activated(begun)

    (mark,) = screener_of(begun)().screen_text("测式大学举行活动。").marks
    assert (mark.rule, mark.replacement) == ("wording.confusion", "测试大学")


def test_a_contributor_cannot_add_to_the_list(begun: Office) -> None:
    with pytest.raises(NotAllowed), begun.acting_as("小王") as work:
        lexicon.add_correction(work, wrong="测式大学", right="测试大学")


def test_an_entry_answered_as_a_false_alarm_again_and_again_is_proposed_to_go(begun: Office) -> None:
    begun.screener = screener_of(begun)()
    for _ in range(reads.ENOUGH_ANSWERS):
        submission_id = begun.draft(body_html=f"{STORY}<p>会议布署了工作。</p>")
        begun.check(submission_id)
        with begun.reading() as session:
            (mark,) = submission_reads.latest_findings(session, submission_id)
        with begun.acting_as("小王") as work:
            findings.answer(work, finding_id=mark.id or 0, answer=FindingAnswer.FALSE_ALARM, reason="引文如此")

    with begun.reading() as session:
        (score,) = reads.scores(session, begun.actor("小林"))

    assert (score.term, score.answered, score.false_alarms, score.should_go) == ("布署", 5, 5, True)


def test_an_entry_in_disguise_counts_for_its_entry(begun: Office) -> None:
    begun.screener = screener_of(begun)()
    submission_id = begun.draft(body_html=f"{STORY}<p>谨防代*开*發*票，谨防贷开发飘。</p>")
    begun.check(submission_id)
    with begun.reading() as session:
        found = submission_reads.latest_findings(session, submission_id)
    with begun.acting_as("小王") as work:
        for mark in found:
            findings.answer(work, finding_id=mark.id or 0, answer=FindingAnswer.FALSE_ALARM, reason="防骗提醒")

    with begun.reading() as session:
        (score,) = reads.scores(session, begun.actor("小林"))

    assert [(mark.quote, mark.level) for mark in found] == [
        ("代*开*發*票", FindingLevel.BLOCK),
        ("贷开发飘", FindingLevel.INFO),
    ]
    assert (score.term, score.group, score.answered, score.false_alarms) == ("代开发票", "fraud", 2, 2)


def test_a_long_list_is_read_a_page_at_a_time(begun: Office) -> None:
    with begun.as_system() as work:
        work.session.execute(
            insert(LexiconEntry),
            [
                {"term": f"词条{number:05d}号", "group": "superior", "level": FindingLevel.WARN, "match": "anywhere",
                 "changed_at": begun.now}
                for number in range(5_000)
            ],
        )  # fmt: skip
    wanted = reads.EntryFilter(text="词条0499", group="superior")

    with begun.reading() as session:
        actor = begun.actor("小林")
        assert (reads.count_entries(session, actor, wanted), len(reads.entries(session, actor, wanted))) == (10, 10)
        assert len(reads.entries(session, actor, reads.EntryFilter(group="superior"), page=200)) == reads.PAGE_SIZE


@pytest.mark.parametrize(
    ("leader", "why"),
    [
        (Leader("徐", "党委书记", 1), "请填写领导姓名"),
        (Leader("徐远征" * 20, "党委书记", 1), "不超过 40 个字"),
        (Leader("徐远征", "书记" * 40, 1), "不超过 60 个字"),
        (Leader("徐远征", "党委书记", 0), "次序请填 1 到 99"),
        (Leader("徐远征", "党委书记", 1, date(2026, 12, 1), date(2026, 11, 1)), "离任日期早于任职日期"),
    ],
)
def test_a_post_that_cannot_be_is_refused_with_a_sentence(begun: Office, leader: Leader, why: str) -> None:
    with pytest.raises(InvalidInput, match=why), begun.acting_as("小林") as work:
        lexicon.save_leader(work, leader)


def test_what_is_pasted_with_control_signs_is_kept_without_them(begun: Office) -> None:
    entry_id = saved(begun, EntryFields("测试\x00大学堂", "school", suggestion="请用\n全称", reason="校\x07名"))
    with begun.acting_as("小林") as work:
        leader = lexicon.save_leader(work, Leader("徐远征\x00", "党委\x08书记", 1))

    with begun.reading() as session:
        entry = session.get_one(LexiconEntry, entry_id)
    assert (entry.term, entry.suggestion, entry.reason) == ("测试大学堂", "请用 全称", "校名")
    assert (leader.name, leader.post) == ("徐远征", "党委书记")


def test_a_leader_with_a_wrong_post_stops_the_office_until_answered(begun: Office) -> None:
    with begun.acting_as("小林") as work:
        lexicon.save_leader(work, Leader("徐远征", "党委书记", 1))
        lexicon.save_leader(work, Leader("周正明", "校长", 2))
    activated(begun, "领导名录")
    begun.screener = screener_of(begun)()
    submission_id = begun.submitted(body_html=f"{STORY}<p>校长徐远征出席会议。</p>")
    begun.perform("张处长", Action.SIGN_OFF, submission_id)

    with begun.reading() as session:
        found = [
            (each.rule, each.level, each.quote) for each in submission_reads.latest_findings(session, submission_id)
        ]

    assert found == [("leader.roster", FindingLevel.WARN, "校长徐远征")]
