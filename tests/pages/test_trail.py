"""操作日志: read, proved and taken away by those who oversee the office, and by nobody else."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from sqlmodel import col, update
from streamlit.testing.v1 import AppTest

from models import Action, AuditEvent
from services import audit
from services.errors import NotAllowed, SignedOut
from services.queries import trail
from tests.desk import AppAs, Desk
from ui import trail_view


def open_trail(app_as: AppAs, who: str = "孙老师") -> AppTest:
    return app_as(who).run().switch_page("../pages/trail.py").run()


def sentences(app: AppTest) -> list[str]:
    """The lines, without their time and number."""
    lines = [each.value for each in app.main.markdown if "　**" in each.value]
    return [line.partition("　")[2].partition(" :gray[:small[")[0] for line in lines]


def choose(app: AppTest, group: str) -> AppTest:
    return app.segmented_control(key="trail_group").set_value(group).run()


def test_acts_read_as_sentences(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted(title="迎新大会")
    desk.office.perform("张处长", Action.RETURN, submission_id, "请补充 *时间*")

    app = choose(open_trail(app_as), "稿件")

    assert sentences(app) == [
        "**张处长** 退回修改 《迎新大会》 :gray[部门审签 → 退回修改]",
        "**小王** 提交稿件 《迎新大会》 :gray[草稿 → 部门审签]",
        "**小王** 新建稿件 《迎新大会》",
    ]
    assert any(each.value.endswith("  \n请补充 \\*时间\\*") for each in app.main.markdown)


def test_administrator_reads_what_happened_but_not_the_content(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted(title="迎新大会")
    desk.office.perform("张处长", Action.RETURN, submission_id, "请补充时间")

    app = choose(open_trail(app_as, "小林"), "稿件")

    assert sentences(app)[0] == "**张处长** 退回修改 :gray[部门审签 → 退回修改]"
    assert [each.value for each in app.main.markdown if "迎新大会" in each.value or "补充" in each.value] == []


def test_sign_ins_show_neither_address_nor_what_was_typed(app_as: AppAs) -> None:
    app = choose(open_trail(app_as), "登录")

    assert sentences(app) == ["**孙老师** 登录"]


def test_filters_by_person_and_number_work_together(desk: Desk, app_as: AppAs) -> None:
    first, second = desk.office.submitted(), desk.office.submitted()
    desk.office.perform("张处长", Action.SIGN_OFF, first)
    desk.office.perform("张处长", Action.SIGN_OFF, second)
    app = open_trail(app_as)

    app.selectbox(key="trail_person").set_value(desk.office.people["张处长"]).run()
    app.number_input(key="trail_subject").set_value(second).run()

    assert [each.value for each in app.main.caption] == ["共 1 条，最近的在前。"]
    assert sentences(app) == ["**张处长** 部门审签通过 《教务处举办教学经验交流会》 :gray[部门审签 → 宣传部初审]"]


def test_day_without_an_act_shows_none(desk: Desk, app_as: AppAs) -> None:
    app = open_trail(app_as)

    app.date_input(key="trail_until").set_value(desk.office.now.date().replace(year=2025)).run()

    assert [each.value for each in app.main.info] == ["没有符合条件的记录，请放宽查找条件。"]


def test_changed_filter_begins_at_the_first_page(desk: Desk, app_as: AppAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "PAGE_SIZE", 3)
    for number in range(4):
        desk.office.draft(title=f"第{number}篇")
    app = open_trail(app_as)

    app.pagination(key="trail").set_value(4).run()
    choose(app, "稿件")

    assert app.pagination(key="trail").value == 1
    assert len(sentences(app)) == 3


# --- Proof -----------------------------------------------------------------------------------------------


def test_whole_chain_is_said_to_be_whole(app_as: AppAs) -> None:
    app = open_trail(app_as)
    count = app.main.caption[0].value.removeprefix("共 ").partition(" ")[0]

    app.button(key="verify").click().run()

    assert [each.value.partition("，")[0] for each in app.main.success] == [f"完整：共 {count} 条"]


def test_rewritten_line_is_named(desk: Desk, app_as: AppAs) -> None:
    app = open_trail(app_as)
    with desk.runtime.as_system() as work:
        work.session.execute(update(AuditEvent).where(col(AuditEvent.sequence) == 3).values(details="{}"))

    app.button(key="verify").click().run()

    assert [each.value.partition("：")[0] for each in app.main.error] == ["从第 3 条起对不上"]


# --- Export ----------------------------------------------------------------------------------------------


def test_export_can_be_verified_elsewhere(desk: Desk, tmp_path: Path) -> None:
    desk.office.submitted()
    user = desk.user("孙老师")

    content = trail_view.export(user)

    kept = tmp_path / "trail.jsonl"
    kept.write_bytes(content)
    verdict = audit.verify_export(kept)
    lines = [json.loads(line) for line in content.decode().splitlines()]
    assert (verdict.ok, verdict.events) == (True, len(lines))


def test_export_asks_for_the_right_at_the_click(desk: Desk) -> None:
    user, contributor = desk.user("孙老师"), desk.user("小王")
    desk.disable("孙老师")

    with pytest.raises(SignedOut):
        trail_view.export(user)
    with pytest.raises(NotAllowed):
        trail_view.export(contributor)


def subjects_written() -> set[str]:
    """Every kind of subject a service names outright when it writes to the trail."""
    written = set()
    for path in Path(audit.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record" and len(node.args) > 2:
                subject = node.args[2]
                written |= {str(subject.value)} if isinstance(subject, ast.Constant) else set()
    return written


def test_every_kind_of_subject_has_its_name_on_the_page() -> None:
    written = subjects_written()

    assert {"submission", "lexicon"} <= written
    assert sorted(written - trail_view.SUBJECTS.keys()) == []
