"""违规记录: who sees which cases and buttons, and a case from its record to its end through three people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from models import (
    Discovery,
    ScoreEntry,
    Severity,
    Violation,
    ViolationAction,
    ViolationKind,
    ViolationPerson,
    ViolationState,
)
from services import violations
from services.rules.office_time import office_day
from tests.desk import AppAs, Desk
from ui import violation_form, violation_view

A = ViolationAction
S = ViolationState
LIST, CASE = "../pages/violations.py", "../pages/violation.py"
FACTS = "推文标题把“典礼”写成“点礼”"


def record(desk: Desk, who: str = "老李", **changes: Any) -> int:
    """A minor wording case against 教务处; its id."""
    given: dict[str, Any] = {
        "kind": ViolationKind.WORDING,
        "severity": Severity.MINOR,
        "department_id": desk.office.departments["教务处"],
        "clause": "3.3",
        "facts": FACTS,
        "happened_on": office_day(desk.office.now),
        "discovery": Discovery.INSPECTION,
    }
    with desk.office.acting_as(who) as work:
        return violations.record(work, **(given | changes)).id or 0


def perform(desk: Desk, who: str, action: ViolationAction, case: int, comment: str = "情况属实") -> None:
    with desk.office.acting_as(who) as work:
        version = work.session.get_one(Violation, case).version
        violations.perform(work, action, violation_id=case, seen_version=version, comment=comment)


def stored(desk: Desk, case: int) -> Violation:
    with desk.runtime.reading() as session:
        return session.get_one(Violation, case)


def every_case(desk: Desk) -> list[Violation]:
    with desk.runtime.reading() as session:
        return list(session.exec(select(Violation).order_by(col(Violation.id))).all())


def at_list(app_as: AppAs, who: str) -> AppTest:
    return app_as(who).run().switch_page(LIST).run()


def at_case(app_as: AppAs, who: str, case: int) -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(case)
    return app.switch_page(CASE).run()


def at_form(app_as: AppAs, who: str) -> AppTest:
    return app_as(who).run().switch_page(CASE).run()


def listed(app: AppTest) -> list[int]:
    keys = [str(button.key) for button in app.main.button]
    return [int(key.removeprefix("open-case-")) for key in keys if key.startswith("open-case-")]


def offered(app: AppTest, case: int) -> set[str]:
    keys = {str(button.key).removesuffix(f"-{case}") for button in app.main.button}
    return keys & {action.value for action in ViolationAction}


def said(app: AppTest) -> list[str]:
    return [element.value for element in (*app.main.markdown, *app.main.caption)]


def told(app: AppTest) -> list[str]:
    return [element.value for element in (*app.success, *app.error)]


# --- The list --------------------------------------------------------------------------------------------


def test_each_person_finds_the_cases_they_may_know_of(desk: Desk, app_as: AppAs) -> None:
    ours = record(desk)
    theirs = record(desk, department_id=desk.office.departments["学生处"])
    naming = record(desk, department_id=desk.office.departments["学生处"], people=[desk.office.people["小王"]])

    found = {
        name: listed(at_list(app_as, name))
        for name in ("小王", "张处长", "老李", "陈部长", "孙老师", "徐校长", "小吴", "黄处长")
    }

    everything = [naming, theirs, ours]
    assert found == {
        "小王": [naming, ours],
        "张处长": [ours],
        "老李": everything,
        "陈部长": everything,
        "孙老师": everything,
        "徐校长": everything,
        "小吴": [naming, theirs],
        "黄处长": [naming, theirs],
    }


@pytest.mark.parametrize("who", ["小赵", "小林"])
def test_those_whom_no_case_can_concern_have_no_such_page(desk: Desk, app_as: AppAs, who: str) -> None:
    record(desk)

    app = at_list(app_as, who)

    assert (told(app), listed(app)) == (
        ["您的角色不能打开“违规记录”。如果工作需要，请联系系统管理员为您添加角色。"],
        [],
    )


def test_a_line_says_how_grave_it_is_and_where_it_stands(desk: Desk, app_as: AppAs) -> None:
    item = desk.office.submitted()
    record(desk, severity=Severity.SEVERE, submission_id=item)

    words = said(at_list(app_as, "老李"))

    assert ":red-badge[严重] **V09 表述或文字差错** :blue-badge[已登记]" in words
    assert "教务处 · 《教务处举办教学经验交流会》 · 2026-11-23 发生 · 老李 2026-11-23 登记" in words


def test_filters_leave_what_was_asked_for(desk: Desk, app_as: AppAs) -> None:
    wording_case = record(desk)
    ended = record(desk, kind=ViolationKind.COPYRIGHT, facts="封面图片没有授权")
    perform(desk, "孙老师", A.DISMISS, ended)
    theirs = record(desk, department_id=desk.office.departments["学生处"])
    app = at_list(app_as, "老李")

    def found() -> list[int]:
        return listed(app.run())

    assert found() == [theirs, ended, wording_case]
    app.segmented_control(key="case_open").set_value("未办结")
    assert found() == [theirs, wording_case]
    app.segmented_control(key="case_open").set_value("全部")
    app.text_input(key="case_text").set_value("封面 授权")
    assert found() == [ended]
    app.text_input(key="case_text").set_value("")
    app.selectbox(key="case_state").set_value("dismissed")
    assert found() == [ended]
    app.selectbox(key="case_state").set_value(None)
    app.selectbox(key="case_kind").set_value("V09")
    assert found() == [theirs, wording_case]
    app.selectbox(key="case_department").set_value(desk.office.departments["教务处"])
    assert found() == [wording_case]


def test_an_empty_list_says_what_belongs_there(app_as: AppAs) -> None:
    empty = {who: [each.value for each in at_list(app_as, who).main.info] for who in ("老李", "小王")}

    assert empty == {
        "老李": ["还没有登记过违规。发现问题时，请先处置，再点“登记违规”留下记录。"],
        "小王": ["没有涉及您或您所在部门的违规记录。"],
    }


def test_nothing_found_is_not_nothing_there(desk: Desk, app_as: AppAs) -> None:
    record(desk)
    app = at_list(app_as, "老李")

    app.text_input(key="case_text").set_value("没有这样的字").run()

    assert [each.value for each in app.main.info] == ["没有符合条件的违规记录，请放宽查找条件。"]


def test_the_button_of_a_line_opens_the_case(desk: Desk, app_as: AppAs) -> None:
    case = record(desk)
    app = at_list(app_as, "老李")

    app.button(key=f"open-case-{case}").click().run()

    assert app.query_params["id"] == str(case)
    assert [each.value for each in app.subheader] == [f"V09 表述或文字差错（第 {case} 号）"]


# --- Recording -------------------------------------------------------------------------------------------


def fill_in(app: AppTest, desk: Desk, **words: str) -> None:
    key = violation_key
    app.selectbox(key=key("kind")).set_value("V05").run()
    app.selectbox(key=key("department")).set_value(desk.office.departments["教务处"]).run()
    for name, text in words.items():
        app.text_area(key=key(name)).set_value(text).run()


def violation_key(name: str, number: int = 0) -> str:
    return f"record-{number}-{name}"


def test_a_kind_proposes_its_severity_and_says_what_it_costs(app_as: AppAs) -> None:
    app = at_form(app_as, "老李")
    proposed = []
    for kind in ("V02", "V05", "V09"):
        app.selectbox(key=violation_key("kind")).set_value(kind).run()
        proposed.append(app.segmented_control(key=violation_key("severity")).value)
    app.segmented_control(key=violation_key("severity")).set_value("major").run()

    assert proposed == ["severe", "major", "minor"]
    assert "这一类型建议“一般”。认定为“较重”扣 5 分。" in said(app)


def test_everything_of_the_form_is_recorded(desk: Desk, app_as: AppAs) -> None:
    item = desk.office.submitted()
    app = at_form(app_as, "老李")
    fill_in(app, desk, facts=FACTS, done_at_once="已更正标题")
    app.selectbox(key=violation_key("item")).set_value(item)
    app.selectbox(key=violation_key("account")).set_value(desk.office.account_id)
    app.selectbox(key=violation_key("discovery")).set_value("complaint")
    app.selectbox(key=violation_key("clause")).set_value("4.2")
    app.multiselect(key=violation_key("people")).set_value([desk.office.people["小王"]])
    app.date_input(key=violation_key("happened_on")).set_value(date(2026, 11, 20)).run()

    app.button(key=violation_key("save")).click().run()

    [case] = every_case(desk)
    assert case.model_dump(exclude={"id", "version", "recorded_at", "decided_by_id", "closed_at"}) == {
        "kind": ViolationKind.PERSONAL_DATA,
        "severity": Severity.MAJOR,
        "state": S.CONTAINED,
        "department_id": desk.office.departments["教务处"],
        "submission_id": item,
        "account_id": desk.office.account_id,
        "clause": "4.2",
        "discovery": Discovery.COMPLAINT,
        "happened_on": date(2026, 11, 20),
        "facts": FACTS,
        "done_at_once": "已更正标题",
        "recorded_by_id": desk.office.people["老李"],
    }
    with desk.runtime.reading() as session:
        assert session.exec(select(ViolationPerson.person_id)).all() == [desk.office.people["小王"]]
    assert (told(app), app.query_params["id"]) == (["已登记。请按下面的步骤办理。"], str(case.id))


def test_a_refused_record_loses_none_of_its_words(desk: Desk, app_as: AppAs) -> None:
    app = at_form(app_as, "老李")
    fill_in(app, desk, done_at_once="10:20 已删除推文")

    app.button(key=violation_key("save")).click().run()
    refused, kept = told(app), app.text_area(key=violation_key("done_at_once")).value
    app.text_area(key=violation_key("facts")).set_value(FACTS).run()
    app.button(key=violation_key("save")).click().run()

    assert (refused, kept) == (["请写明违规事实：什么时间、在哪里、发生了什么。"], "10:20 已删除推文")
    assert [(each.facts, each.done_at_once, each.kind.value) for each in every_case(desk)] == [
        (FACTS, "10:20 已删除推文", "V05")
    ]


def test_a_record_without_its_kind_is_refused_and_no_severity_is_presumed_grave(desk: Desk, app_as: AppAs) -> None:
    app = at_form(app_as, "老李")
    app.text_area(key=violation_key("facts")).set_value(FACTS).run()

    app.button(key=violation_key("save")).click().run()

    assert (told(app), every_case(desk)) == (["请选择违规类型。"], [])
    assert app.segmented_control(key=violation_key("severity")).value == "minor"


def test_what_was_typed_waits_while_the_person_looks_at_the_list(desk: Desk, app_as: AppAs) -> None:
    app = at_form(app_as, "老李")
    fill_in(app, desk, facts="写到一半")
    app.switch_page(LIST).run()
    assert listed(app) == []

    app.button(key="record_open").click().run()

    assert app.text_area(key=violation_key("facts")).value == "写到一半"
    assert app.selectbox(key=violation_key("kind")).value == "V05"


def test_the_form_after_a_record_is_empty(desk: Desk, app_as: AppAs) -> None:
    app = at_form(app_as, "老李")
    fill_in(app, desk, facts=FACTS)
    app.button(key=violation_key("save")).click().run()

    app.switch_page(LIST).run()
    app.button(key="record_open").click().run()

    assert app.text_area(key=violation_key("facts", 1)).value == ""


def test_only_items_of_the_department_are_offered(desk: Desk, app_as: AppAs) -> None:
    desk.office.submitted(title="教务处的稿件")
    app = at_form(app_as, "老李")

    def titles(department: str) -> list[str]:
        app.selectbox(key=violation_key("department")).set_value(desk.office.departments[department]).run()
        return list(app.selectbox(key=violation_key("item")).options)

    assert (titles("教务处"), titles("学生处")) == (["教务处的稿件"], [])


@pytest.mark.parametrize("who", ["小王", "张处长", "徐校长"])
def test_nobody_else_gets_the_form(app_as: AppAs, who: str) -> None:
    form, cases = at_form(app_as, who), at_list(app_as, who)

    assert ([each.value for each in form.main.info], len(form.text_area)) == (["请从“违规记录”里打开一件违规。"], 0)
    assert "record_open" not in {each.key for each in cases.button}


# --- One case --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("小王", set()),
        ("张处长", set()),
        ("老李", {"contain", "investigate"}),
        ("老周", {"contain", "investigate"}),
        ("陈部长", {"contain", "investigate", "dismiss"}),
        ("孙老师", {"contain", "investigate", "dismiss"}),
        ("徐校长", set()),
    ],
)
def test_each_person_is_offered_what_the_case_table_allows(
    desk: Desk, app_as: AppAs, who: str, buttons: set[str]
) -> None:
    case = record(desk)

    assert offered(at_case(app_as, who, case), case) == buttons


def test_whoever_recorded_a_case_reads_why_another_person_decides(desk: Desk, app_as: AppAs) -> None:
    case = record(desk, who="孙老师")

    app = at_case(app_as, "孙老师", case)

    assert offered(app, case) == {"contain", "investigate"}
    assert ":material/group: “认定不成立”：这件违规由您登记，须由另一位同志办理这一步。" in said(app)


def press(app: AppTest, action: ViolationAction, case: int, words: str = "") -> list[str]:
    """Write the words, press the button; what the page answers."""
    if words:
        app.text_area(key=f"case-words-{case}").set_value(words).run()
    return told(app.button(key=f"{action.value}-{case}").click().run())


def test_a_case_goes_from_record_to_close_through_three_people(desk: Desk, app_as: AppAs) -> None:
    reviewer = at_form(app_as, "老李")
    fill_in(reviewer, desk, facts=FACTS)
    reviewer.button(key=violation_key("save")).click().run()
    [recorded] = every_case(desk)
    case = recorded.id or 0

    answers = press(reviewer, A.CONTAIN, case, "已更正标题")
    answers += press(reviewer, A.INVESTIGATE, case)
    answers += press(at_case(app_as, "孙老师", case), A.DECIDE, case, "核对原件，属实")
    assert offered(at_case(app_as, "孙老师", case), case) == set()
    answers += press(at_case(app_as, "郭老师", case), A.CLOSE, case)

    assert answers == [f"第 {case} 号违规：{label}。" for label in ("先行处置", "开始调查", "认定并扣分", "结案")]
    closed = stored(desk, case)
    assert (closed.state, closed.done_at_once, closed.decided_by_id) == (
        S.CLOSED,
        "已更正标题",
        desk.office.people["孙老师"],
    )
    with desk.runtime.reading() as session:
        assert session.exec(select(ScoreEntry.hundredths)).all() == [-500]


def test_the_department_head_reports_and_appeals_from_the_same_page(desk: Desk, app_as: AppAs) -> None:
    case = record(desk)
    perform(desk, "老李", A.INVESTIGATE, case)
    perform(desk, "老李", A.ORDER, case, "三日内自查")

    press(at_case(app_as, "张处长", case), A.REPORT_FIXED, case, "已自查")
    perform(desk, "孙老师", A.DECIDE, case)
    press(at_case(app_as, "张处长", case), A.APPEAL, case, "标题由系统截断")

    assert stored(desk, case).state is S.APPEALED


@pytest.mark.parametrize(
    ("severity", "points"), [(Severity.MINOR, "2"), (Severity.MAJOR, "5"), (Severity.SEVERE, "15")]
)
def test_the_points_are_said_before_they_are_taken(desk: Desk, app_as: AppAs, severity: Severity, points: str) -> None:
    case = record(desk, severity=severity)
    perform(desk, "老李", A.INVESTIGATE, case)

    words = said(at_case(app_as, "孙老师", case))

    assert (
        f"认定为“{severity.label}”，教务处扣 {points} 分，计入本月；只有申诉成立才退还。结案须由另一位同志办理。"
        in words
    )


def test_an_appeal_that_succeeds_says_what_it_gives_back(desk: Desk, app_as: AppAs) -> None:
    case = record(desk)
    perform(desk, "老李", A.INVESTIGATE, case)
    perform(desk, "孙老师", A.DECIDE, case)
    perform(desk, "张处长", A.APPEAL, case)
    app = at_case(app_as, "郭老师", case)

    assert "申诉成立，退还已扣的 2 分；这件违规到此结束。" in said(app)
    press(app, A.DISMISS, case, "申诉有理")

    with desk.runtime.reading() as session:
        assert session.exec(select(ScoreEntry.hundredths).order_by(col(ScoreEntry.id))).all() == [-200, 200]


def test_a_refused_step_keeps_the_words_and_a_taken_one_clears_them(desk: Desk, app_as: AppAs) -> None:
    case = record(desk)
    app = at_case(app_as, "老周", case)
    app.text_area(key=f"case-words-{case}").set_value("  已删除  ").run()
    perform(desk, "老李", A.CONTAIN, case, "老李先做了")

    refused = told(app.button(key=f"contain-{case}").click().run())
    investigated = press(app, A.INVESTIGATE, case)

    assert refused == ["这件违规现在是“已先行处置”，不能“先行处置”。请刷新页面查看最新状态。"]
    assert investigated == [f"第 {case} 号违规：开始调查。"]
    assert app.text_area(key=f"case-words-{case}").value == ""
    with desk.runtime.reading() as session:
        assert session.get_one(Violation, case).done_at_once == "老李先做了"


def test_a_step_without_its_reason_is_refused(desk: Desk, app_as: AppAs) -> None:
    case = record(desk)

    answer = press(at_case(app_as, "老李", case), A.CONTAIN, case)

    assert (answer, stored(desk, case).state) == (
        ["“先行处置”前请写明情况或理由，它会留在案卷里。"],
        S.RECORDED,
    )


def test_the_steps_so_far_stand_below_the_facts_with_their_words(desk: Desk, app_as: AppAs) -> None:
    case = record(desk, people=[desk.office.people["小王"]])
    perform(desk, "老李", A.CONTAIN, case, "已更正标题")

    words = said(at_case(app_as, "徐校长", case))

    assert "**先行处置**　老李　:gray[2026-11-23 09:00 · 已先行处置]" in words
    assert "已更正标题" in words
    assert any(":gray[涉及人员]　小王" in each for each in words)


def test_an_outsider_learns_nothing(desk: Desk, app_as: AppAs) -> None:
    case = record(desk)

    app = at_case(app_as, "小吴", case)

    assert told(app) == ["没有找到这件违规：它不存在，或不由您办理。请从列表重新打开。"]
    assert not any(FACTS in each for each in said(app))


@pytest.mark.parametrize("address", ["", "abc", "-1", "9" * 40])
def test_a_nonsense_address_is_answered_quietly(app_as: AppAs, address: str) -> None:
    app = app_as("徐校长").run()
    app.query_params["id"] = address

    app.switch_page(CASE).run()

    assert ([each.value for each in app.main.info], len(app.exception)) == (["请从“违规记录”里打开一件违规。"], 0)


def test_every_state_says_who_is_to_act() -> None:
    assert set(violation_view.NEXT) == set(ViolationState)


def test_every_clause_of_the_form_begins_with_its_number() -> None:
    assert all(label.startswith(f"{clause} ") for clause, label in violation_form.CLAUSES.items())
