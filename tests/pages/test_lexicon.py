"""词库: its keepers add, retire, try out and activate on the page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models import FindingAnswer
from services import findings, lexicon
from services.queries import lexicon as reads
from services.queries import submissions as submission_reads
from services.screening.roster import Leader
from tests.desk import AppAs, Desk


@pytest.fixture
def at_page(desk: Desk, app_as: AppAs) -> AppTest:
    with desk.office.acting_as("小林") as work:
        lexicon.start(work)
    return app_as("小林").run().switch_page("../pages/lexicon.py").run()


def test_the_starter_groups_are_taken_over_with_one_click(desk: Desk, app_as: AppAs) -> None:
    app = app_as("陈部长").run().switch_page("../pages/lexicon.py").run()

    app.button(key="start-lexicon").click().run()

    with desk.office.reading() as session:
        assert [each.number for each in reads.versions(session, desk.office.actor("小林"))] == [1]
    assert [done.value for done in app.success] == ["起始词表已载入为第 1 版。"]


def test_an_entry_is_found_and_retired_with_its_reason(desk: Desk, at_page: AppTest) -> None:
    at_page.text_input(key="entry_text").set_value("布署").run()
    with desk.office.reading() as session:
        (entry,) = reads.entries(session, desk.office.actor("小林"), reads.EntryFilter("布署"))

    at_page.text_input(key=f"retire-{entry.id}-reason").set_value("引文常见").run()
    at_page.button(key=f"retire-{entry.id}").click().run()

    with desk.office.reading() as session:
        assert reads.count_entries(session, desk.office.actor("小林"), reads.EntryFilter("布署")) == 0


def test_a_changed_list_is_tried_out_and_activated(desk: Desk, at_page: AppTest) -> None:
    fields = lexicon.EntryFields(term="测试大学堂", group="school", reason="名称规范")
    with desk.office.acting_as("小林") as work:
        lexicon.save_entry(work, fields)

    at_page.button(key="try-out").click().run()
    at_page.text_input(key="activate-note").set_value("校名规范").run()
    at_page.button(key="activate").click().run()

    with desk.office.reading() as session:
        newest = reads.versions(session, desk.office.actor("小林"))[0]
    assert (newest.number, newest.note) == (2, "校名规范")


def test_the_list_goes_back_to_a_version_and_a_retired_entry_is_used_again(desk: Desk, at_page: AppTest) -> None:
    fields = lexicon.EntryFields(term="测试大学堂", group="school", reason="名称规范", strict_topics="招生")
    with desk.office.acting_as("小林") as work:
        entry_id = lexicon.save_entry(work, fields).id or 0

    at_page.button(key="back-1").click().run()
    refused = [error.value for error in at_page.error]
    at_page.text_input(key="back-1-reason").set_value("加错了").run()
    at_page.button(key="back-1").click().run()
    said = [done.value for done in at_page.success]
    at_page.toggle(key="entry_retired").set_value(True).run()
    at_page.text_input(key="entry_text").set_value("测试大学堂").run()
    # A dialog is gone with the next run of an AppTest; what its button does is a test of the service.
    again = at_page.button(key=f"edit-{entry_id}").label
    at_page.button(key=f"edit-{entry_id}").click().run()
    stricter, save = (f"entry-form-{entry_id}-{field}" for field in ("strict", "save"))

    assert refused == ["请写明为什么恢复这一版。"]
    assert said == ["词条已回到第 1 版，1 条有变化。"]
    assert at_page.text_input(key=stricter).value == "招生"
    assert (again, at_page.button(key=save).label) == ("恢复使用", "保存并恢复使用")


def test_an_entry_proposed_to_go_is_retired_beside_its_score(desk: Desk, at_page: AppTest) -> None:
    office = desk.office
    office.screener = desk.runtime.screener()
    for _ in range(reads.ENOUGH_ANSWERS):
        submission_id = office.draft(body_html="<p>会议布署了工作。</p>")
        office.check(submission_id)
        with office.reading() as session:
            marks = submission_reads.latest_findings(session, submission_id)
        (mark,) = (each for each in marks if each.quote == "布署")
        with office.acting_as("小王") as work:
            findings.answer(work, finding_id=mark.id or 0, answer=FindingAnswer.FALSE_ALARM, reason="引文如此")
    with office.reading() as session:
        (score,) = reads.scores(session, office.actor("小林"))
    at_page.run()

    at_page.text_input(key=f"score-retire-{score.entry_id}-reason").set_value("引文常见").run()
    at_page.button(key=f"score-retire-{score.entry_id}").click().run()

    assert [done.value for done in at_page.success] == ["已停用，启用新版本后生效。"]
    with office.reading() as session:
        assert reads.scores(session, office.actor("小林")) == []
        assert reads.count_entries(session, office.actor("小林"), reads.EntryFilter("布署")) == 0


def test_a_leader_who_was_misspelt_is_corrected(desk: Desk, at_page: AppTest) -> None:
    with desk.office.acting_as("小林") as work:
        row = lexicon.save_leader(work, Leader("徐远证", "党委书记", 1))
    at_page.run()

    at_page.text_input(key=f"leader_form-{row.id}-1-name").set_value("徐远征")
    at_page.button(key=f"leader_save-{row.id}").click().run()
    said = [done.value for done in at_page.success]

    assert said == ["已保存，启用新版本后生效。"]
    with desk.office.reading() as session:
        assert lexicon.working_leaders(session) == [Leader("徐远征", "党委书记", 1)]


def test_a_leader_is_entered(desk: Desk, at_page: AppTest) -> None:
    at_page.text_input[[each.label for each in at_page.text_input].index("姓名")].set_value("徐远征")
    at_page.text_input[[each.label for each in at_page.text_input].index("职务")].set_value("党委书记")
    next(each for each in at_page.button if each.label == "登记").click().run()

    with desk.office.reading() as session:
        assert [(each.name, each.post) for each in lexicon.working_leaders(session)] == [("徐远征", "党委书记")]


def test_a_domain_is_entered_and_removed_again(desk: Desk, at_page: AppTest) -> None:
    at_page.text_input(key="fact-value").set_value("com.cn").run()
    at_page.button(key="fact-add").click().run()
    refused = [error.value[:8] for error in at_page.error]
    kept = at_page.text_input(key="fact-value").value

    at_page.text_input(key="fact-value").set_value("https://news.example.edu.cn/a").run()
    at_page.button(key="fact-add").click().run()
    with desk.office.reading() as session:
        (fact,) = reads.facts(session, desk.office.actor("小林"))
    at_page.button(key=f"fact-remove-{fact.id}").click().run()

    with desk.office.reading() as session:
        left = reads.facts(session, desk.office.actor("小林"))
    assert (refused, kept, fact.value, list(left)) == (["请填写一个完整的"], "com.cn", "news.example.edu.cn", [])
