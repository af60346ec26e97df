"""词库: its keepers add, retire, try out and activate on the page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from services import lexicon
from services.queries import lexicon as reads
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
