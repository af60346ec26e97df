"""稿件模板 on the screen: the office keeps them, a contributor begins with one click."""

from __future__ import annotations

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from models import ContentCategory
from services import occasions
from services.occasions import OccasionFields
from services.queries import occasions as reads
from tests.desk import AppAs, Desk


def at(app_as: AppAs, who: str, page: str) -> AppTest:
    return app_as(who).run().switch_page(f"../pages/{page}.py").run()


def names(desk: Desk) -> list[tuple[str, bool]]:
    with desk.office.reading() as session:
        return [(each.name, each.active) for each in reads.everything(session)]


def test_the_office_takes_the_templates_over_changes_one_and_retires_another(desk: Desk, app_as: AppAs) -> None:
    app = at(app_as, "老李", "occasions")
    app.button(key="occasions-start").click().run()
    with desk.office.reading() as session:
        first, second, *_ = reads.everything(session)

    app.button(key=f"occasion-edit-{first.id}").click().run()
    app.text_input(key=f"occasion-form-{first.id}-name").set_value("会议消息").run()
    app.button(key=f"occasion-form-{first.id}-save").click().run()
    app.button(key=f"occasion-turn-{second.id}").click().run()

    assert not app.exception
    assert ("会议消息", True) in names(desk)
    assert (second.name, False) in names(desk)


def test_a_name_twice_is_refused_and_what_was_typed_stays(desk: Desk, app_as: AppAs) -> None:
    with desk.office.acting_as("小林") as work:
        for name in ("讲座", "喜报"):
            occasions.save(work, fields=OccasionFields(name, body_html="<p>XX</p>"))
        second = reads.everything(work.session)[1].id
    app = at(app_as, "老李", "occasions")

    app.button(key=f"occasion-edit-{second}").click().run()
    app.text_input(key=f"occasion-form-{second}-name").set_value("讲座").run()
    app.button(key=f"occasion-form-{second}-save").click().run()

    assert [error.value for error in app.error] == ["已有名为“讲座”的模板，请换一个名称。"]
    assert app.text_input(key=f"occasion-form-{second}-name").value == "讲座"


def test_of_two_who_change_a_template_the_second_keeps_what_was_typed_and_overwrites_nothing(
    desk: Desk, app_as: AppAs
) -> None:
    lecture = OccasionFields("讲座", body_html="<p>XX</p>")
    with desk.office.acting_as("小林") as work:
        occasion_id = occasions.save(work, fields=lecture).id
    app = at(app_as, "老李", "occasions")
    app.button(key=f"occasion-edit-{occasion_id}").click().run()
    with desk.office.acting_as("陈部长") as work:
        theirs = replace(lecture, name="学术讲座")
        occasions.save(work, fields=theirs, occasion_id=occasion_id, seen_version=1)

    hint = f"occasion-form-{occasion_id}-hint"
    app.text_input(key=hint).set_value("先报批").run()
    for _ in range(2):  # pressed again it is the same
        app.button(key=f"occasion-form-{occasion_id}-save").click().run()

    assert [error.value for error in app.error] == [occasions.SOMEBODY_WAS_FASTER]
    assert (app.text_input(key=hint).value, names(desk)) == ("先报批", [("学术讲座", True)])
    app.button(key=f"occasion-form-{occasion_id}-close").click().run()
    app.button(key=f"occasion-edit-{occasion_id}").click().run()
    assert app.text_input(key=f"occasion-form-{occasion_id}-name").value == "学术讲座"
    app.text_input(key=hint).set_value("先报批").run()
    app.button(key=f"occasion-form-{occasion_id}-save").click().run()
    with desk.office.reading() as session:
        (kept,) = reads.everything(session)
    assert (kept.name, kept.hint, kept.version) == ("学术讲座", "先报批", 3)


def test_a_contributor_begins_with_a_template_or_an_earlier_item(desk: Desk, app_as: AppAs) -> None:
    fields = OccasionFields("讲座", ContentCategory.PREVIEW, "先报批", "讲座：XX", "<p>XX</p>")
    with desk.office.acting_as("老李") as work:
        occasion_id = occasions.save(work, fields=fields).id
    sent = desk.office.submitted(title="交流会")
    app = at(app_as, "小王", "submit")

    app.button(key=f"start-occasion-{occasion_id}").click().run()
    from_template = int(app.query_params["id"])
    app = at(app_as, "小王", "submit")
    app.selectbox(key="copy-which").set_value(sent).run()
    app.button(key="copy-start").click().run()
    from_item = int(app.query_params["id"])

    assert [desk.office.stored(each).title for each in (from_template, from_item)] == ["讲座：XX", "交流会"]
    assert len({sent, from_template, from_item}) == 3
