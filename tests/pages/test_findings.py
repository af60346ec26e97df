"""机器提示 on the screens: marked at their words, answered, masked and exempted where they stand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import Action, Asset, Finding, FindingAnswer, FindingLevel, PictureRecord, Revision, Role, SubmissionState
from services import exemptions, lexicon, people
from services.queries import submissions as reads
from tests.desk import AppAs, Desk
from tests.office import STORY
from ui.marked_text import at_their_words, marked

TODAY = date(2026, 11, 23)
MOBILE = f"{STORY}<p>值班电话13812345678，欢迎来电。</p>"


def waiting_item(desk: Desk) -> int:
    submission_id = desk.office.submitted(body_html=MOBILE)
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    return submission_id


def the_mark(desk: Desk, submission_id: int) -> Finding:
    with desk.office.reading() as session:
        (mark,) = reads.latest_findings(session, submission_id)
    return mark


def open_item(app_as: AppAs, submission_id: int, who: str) -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(submission_id)
    return app.switch_page("../pages/submission.py").run()


def open_form(app_as: AppAs, submission_id: int, who: str = "小王") -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(submission_id)
    return app.switch_page("../pages/submit.py").run()


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("小王", {"confirmed", "false_alarm"}),
        ("老李", {"confirmed", "false_alarm", "mend"}),
        ("陈部长", {"exempt-until-go"}),
        ("张处长", set()),
        ("孙老师", set()),
    ],
)
def test_each_person_is_offered_their_own_answers(desk: Desk, app_as: AppAs, who: str, offered: set[str]) -> None:
    submission_id = waiting_item(desk)
    prefix = f"finding-{the_mark(desk, submission_id).id}-"

    app = open_item(app_as, submission_id, who)

    keys = {str(button.key) for button in app.button}
    assert {key.removeprefix(prefix) for key in keys if key.startswith(prefix)} == offered


def test_an_unanswered_warning_is_told_to_the_reviewer_who_passes(desk: Desk, app_as: AppAs) -> None:
    submission_id = waiting_item(desk)
    app = open_item(app_as, submission_id, "老李")

    app.button(key=f"pass-{submission_id}").click().run()
    app.button(key=f"rest-pass-{submission_id}").click().run()

    assert [error.value[:18] for error in app.error] == ["机器初筛还有 1 处没有答复：例如“"]


def test_a_reviewer_answers_with_a_reason(desk: Desk, app_as: AppAs) -> None:
    submission_id = waiting_item(desk)
    name = f"finding-{the_mark(desk, submission_id).id}"
    app = open_item(app_as, submission_id, "老李")

    app.text_input(key=f"{name}-reason").set_value("公开的值班电话").run()
    app.button(key=f"{name}-confirmed").click().run()

    kept = the_mark(desk, submission_id)
    assert (kept.answer, kept.reason) == (FindingAnswer.CONFIRMED, "公开的值班电话")


def test_a_reviewer_masks_with_one_click(desk: Desk, app_as: AppAs) -> None:
    submission_id = waiting_item(desk)
    app = open_item(app_as, submission_id, "老李")

    app.button(key=f"finding-{the_mark(desk, submission_id).id}-mend").click().run()

    with desk.office.reading() as session:
        revision = session.get_one(Revision, desk.office.stored(submission_id).revision_id)
        left = list(reads.latest_findings(session, submission_id))
    assert ([done.value for done in app.success], left) == (["已改好，并重新检查。"], [])
    assert revision.body_html.endswith("<p>值班电话138****5678，欢迎来电。</p>")


def test_the_author_masks_in_the_form_before_handing_in(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft(title="校园热线13812345678")
    desk.office.check(submission_id)
    app = open_form(app_as, submission_id)

    app.button(key=f"finding-{the_mark(desk, submission_id).id}-mend").click().run()

    assert app.text_input(key=f"draft-{submission_id}-title").value == "校园热线138****5678"


def test_what_is_missing_is_offered_no_answer(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft(title="")
    desk.office.check(submission_id)
    app = open_form(app_as, submission_id)

    prefix = f"finding-{the_mark(desk, submission_id).id}-"
    assert [each.key for each in (*app.button, *app.text_input) if str(each.key).startswith(prefix)] == []
    assert "这处要补上或改好，不能写理由代替；改好后点“重新检查”。" in [each.value for each in app.caption]


def test_an_exemption_is_offered_only_where_the_rule_has_them(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted(body_html=f"{MOBILE}<p>详见 https://www.example.com/ 。</p>")
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    app = open_item(app_as, submission_id, "陈部长")

    with desk.office.reading() as session:
        marks = {
            each.rule: f"finding-{each.id}-exempt-until-go" for each in reads.latest_findings(session, submission_id)
        }
    offered = {str(button.key) for button in app.button}
    assert {rule: key in offered for rule, key in marks.items()} == {"pi.mobile": True, "link.outside": False}


def test_an_approver_ends_an_exemption_in_the_lexicon_and_an_administrator_only_reads_it(
    desk: Desk, app_as: AppAs
) -> None:
    with desk.office.acting_as("小林") as work:
        lexicon.start(work)
    mark = the_mark(desk, waiting_item(desk))
    with desk.office.acting_as("陈部长") as work:
        exemptions.approve(work, finding_id=mark.id or 0, reason="值班电话须公开", ends_on=date(2026, 12, 31))
    reader = app_as("小林").run().switch_page("../pages/lexicon.py").run()
    app = app_as("陈部长").run().switch_page("../pages/lexicon.py").run()
    offered = ["end-exemption-1" in {button.key for button in each.button} for each in (reader, app)]
    app.button(key="end-exemption-1").click().run()

    assert offered == [False, True]
    (told,) = [each.value.replace("\\", "") for each in reader.caption if "值班电话须公开" in each.value]
    assert told == "值班电话须公开　陈部长 2026-11-23 批准，至 2026-12-31"
    assert [done.value for done in app.success] == ["豁免已结束，下一次检查起重新提示。"]
    assert "现在没有豁免。" in [each.value for each in app.info]


def test_an_approver_who_wrote_the_item_is_offered_no_exemption_in_their_form(desk: Desk, app_as: AppAs) -> None:
    with desk.office.acting_as("小林") as work:
        people.grant_role(
            work, person_id=desk.office.people["陈部长"], role=Role.CONTRIBUTOR, starts_on=TODAY, ends_on=None
        )
    submission_id = desk.office.draft(author="陈部长", body_html=MOBILE)
    desk.office.check(submission_id, author="陈部长")
    app = open_form(app_as, submission_id, "陈部长")

    prefix = f"finding-{the_mark(desk, submission_id).id}-"
    keys = {str(button.key) for button in app.button}
    assert {key.removeprefix(prefix) for key in keys if key.startswith(prefix)} == {"confirmed", "false_alarm", "mend"}


def test_an_approver_exempts_on_the_page(desk: Desk, app_as: AppAs) -> None:
    submission_id = waiting_item(desk)
    name = f"finding-{the_mark(desk, submission_id).id}-exempt"
    app = open_item(app_as, submission_id, "陈部长")

    app.text_input(key=f"{name}-reason").set_value("值班电话须公开").run()
    app.button(key=f"{name}-until-go").click().run()

    kept = the_mark(desk, submission_id)
    assert (kept.level, kept.suggestion) == (FindingLevel.INFO, "已批准豁免至 2027-05-22（陈部长）：值班电话须公开")


def stretch(start: int, end: int, level: FindingLevel, suggestion: str) -> Finding:
    return Finding(
        screening_id=1, submission_id=1, rule="r", level=level, field="body", quote="", start=start, end=end,
        clause="3.2", suggestion=suggestion,
    )  # fmt: skip


def test_marks_tint_exactly_their_words_and_markup_in_the_text_stays_text() -> None:
    shown = marked("一<b>二三", [stretch(4, 5, FindingLevel.WARN, "核对")])

    assert shown == (
        '一&lt;b&gt;<mark style="background:#ffe0a3;color:#191919;border-radius:2px" title="核对">二</mark>三'
    )


def test_where_marks_overlap_the_gravest_gives_the_tint() -> None:
    both = [stretch(0, 2, FindingLevel.INFO, "甲"), stretch(1, 3, FindingLevel.BLOCK, "乙")]

    assert [piece.split('"')[0] for piece in marked("一二三", both).split("background:")[1:]] == [
        "#cfe4ff;color:#191919;border-radius:2px",
        "#ffc9c9;color:#191919;border-radius:2px",
        "#ffc9c9;color:#191919;border-radius:2px",
    ]


def test_what_likens_most_of_the_text_to_an_earlier_item_does_not_hide_the_other_marks() -> None:
    likened = [stretch(0, 3, FindingLevel.WARN, "以前发过"), stretch(0, 1, FindingLevel.WARN, "以前用过这一句")]
    for each in likened:
        each.related_id = 7
    checked = stretch(0, 4, FindingLevel.INFO, "核对")

    assert at_their_words("一二三四", [*likened, checked]) == [likened[1], checked]


def form_with_a_picture(desk: Desk, app_as: AppAs) -> tuple[AppTest, Asset]:
    submission_id = desk.office.draft()
    desk.office.check(submission_id)
    with desk.office.reading() as session:
        asset = session.exec(select(Asset).where(Asset.submission_id == submission_id)).one()
    return open_form(app_as, submission_id), asset


def test_the_author_records_a_picture_in_the_form(desk: Desk, app_as: AppAs) -> None:
    app, asset = form_with_a_picture(desk, app_as)

    app.text_input(key=f"picture-{asset.id}-source").set_value("本校拍摄")
    app.button(key=f"picture-{asset.id}-save").click().run()

    with desk.office.reading() as session:
        assert session.get_one(PictureRecord, asset.id).source == "本校拍摄"


def test_what_was_typed_about_a_picture_and_not_saved_goes_in_with_the_item(desk: Desk, app_as: AppAs) -> None:
    app, asset = form_with_a_picture(desk, app_as)

    app.text_input(key=f"picture-{asset.id}-author").set_value("小李")
    app.button_group(key=f"picture-{asset.id}-flags").set_value(["has_map"]).run()
    app.button(key=f"draft-{asset.submission_id}-hand-in").click().run()
    refused = [error.value for error in app.error]
    app.text_input(key=f"picture-{asset.id}-source").set_value("本校拍摄")
    app.text_input(key=f"picture-{asset.id}-map").set_value("GS(2026)1号")
    app.button(key=f"draft-{asset.submission_id}-hand-in").click().run()

    assert refused == ["请填写图片来源，例如“本校拍摄”。"]
    assert desk.office.stored(asset.submission_id).state is SubmissionState.DEPARTMENT_REVIEW
    with desk.office.reading() as session:
        kept = session.get_one(PictureRecord, asset.id)
    assert (kept.source, kept.author, kept.has_map, kept.map_number) == ("本校拍摄", "小李", True, "GS(2026)1号")


def test_the_check_of_an_item_is_repeated_beside_its_marks(desk: Desk, app_as: AppAs) -> None:
    submission_id = waiting_item(desk)
    app = open_item(app_as, submission_id, "老李")

    app.button(key=f"replay-{submission_id}-go").click().run()

    assert [done.value for done in app.success] == ["文字提示 1 处，与当时完全一致。"]


def test_the_earlier_item_is_opened_from_the_mark_by_those_who_may_see_it(desk: Desk, app_as: AppAs) -> None:
    long = "".join(
        f"<p>第{number}天，教师围绕课堂组织、作业设计和学业评价交流做法，教务处整理成册。</p>" for number in range(5)
    )
    first = desk.office.submitted(body_html=long, title="教学交流会纪实")
    copy = desk.office.draft("小吴", body_html=long, title="一次难忘的讨论")
    desk.office.hand_in(copy, "小吴")

    reviewer, author = open_item(app_as, copy, "老李"), open_item(app_as, copy, "小吴")

    named = [[link.proto.label for link in app.get("page_link") if "教学交流会纪实" in link.proto.label]
             for app in (reviewer, author)]  # fmt: skip
    assert (first != copy, named) == (True, [["打开《教学交流会纪实》"], []])
    assert "那是其他部门的稿件，这里不显示；审核员可以打开对照。" in [each.value for each in author.caption]
