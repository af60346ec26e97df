"""附件 on the screens: taken in by the form with what was marked in them, opened in the review, compared."""

from __future__ import annotations

from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import Action, AttachmentOpening, Draft
from services import attachments
from services.queries import attachments as reads
from tests.desk import AppAs, Desk
from ui import wording

LEAKING = "联系人 张三 11010519491231002X".encode()


def opened(app_as: AppAs, page: str, submission_id: int, who: str) -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(submission_id)
    return app.switch_page(f"../pages/{page}.py").run()


def names(desk: Desk, submission_id: int) -> list[str]:
    with desk.office.reading() as session:
        return [each["name"] for each in session.get_one(Draft, submission_id).attachments]


def test_the_form_takes_a_file_in_and_says_at_once_what_is_in_it(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = opened(app_as, "submit", submission_id, "小王")

    app.file_uploader(key=f"attach-{submission_id}-0").upload("联系人.txt", LEAKING).run()

    assert names(desk, submission_id) == ["联系人.txt"]
    assert [each.value for each in app.text if "联系人" in each.value] == ["联系人.txt　1 KB"]
    assert [badge for badge in (each.value for each in app.markdown) if "身份证号" in badge] == [
        ":red-badge[拦截：身份证号]"
    ]

    app.button(key=f"detach-{submission_id}-0").click().run()

    assert names(desk, submission_id) == []
    assert LEAKING not in desk.office.assets.files.values()


def test_a_file_that_cannot_be_read_is_refused_and_what_was_typed_stays(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = opened(app_as, "submit", submission_id, "小王")
    app.text_input(key=f"draft-{submission_id}-title").set_value("刚改的标题").run()

    app.file_uploader(key=f"attach-{submission_id}-0").upload("坏的.pdf", b"%PDF-1.7 broken").run()

    assert [each.value for each in app.error] == ["PDF 已损坏或无法读取，请重新导出后再试。"]
    assert (names(desk, submission_id), app.text_input(key=f"draft-{submission_id}-title").value) == ([], "刚改的标题")


def test_two_files_in_a_row_are_both_kept_with_what_was_typed_between(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = opened(app_as, "submit", submission_id, "小王")

    app.file_uploader(key=f"attach-{submission_id}-0").upload("一.txt", "甲".encode()).run()
    app.text_input(key=f"draft-{submission_id}-title").set_value("两个附件").run()
    app.file_uploader(key=f"attach-{submission_id}-1").upload("二.txt", "乙".encode()).run()

    with desk.office.reading() as session:
        draft = session.get_one(Draft, submission_id)
    assert (names(desk, submission_id), draft.title) == (["一.txt", "二.txt"], "两个附件")


def test_a_reviewer_sees_what_is_unopened_and_opens_it(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    desk.office.attach(submission_id, "通知.txt", "关于开放日的通知".encode())
    desk.office.hand_in(submission_id)
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)

    app = opened(app_as, "submission", submission_id, "老李")
    before = [each.value for each in app.markdown if each.value.startswith("**附件")]
    app.download_button(key=f"attachment-{submission_id}-0").click().run()

    assert before == ["**附件（1）**　您还有 1 个没有打开"]
    assert [each.value for each in app.markdown if each.value.startswith("**附件")] == ["**附件（1）**"]
    with desk.office.reading() as session:
        opening = session.exec(select(AttachmentOpening)).one()
    assert opening.person_id == desk.office.people["老李"]


def test_the_comparison_names_what_was_exchanged(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    submission_id = office.draft()
    office.attach(submission_id, "通知.txt", "第一稿".encode())
    office.hand_in(submission_id)
    office.perform("张处长", Action.RETURN, submission_id, "请换附件")
    office.attach(submission_id, "通知.txt", "第二稿".encode())
    office.attach(submission_id, "名单.txt", "张三".encode())
    office.hand_in(submission_id)

    app = opened(app_as, "submission", submission_id, "张处长")

    said = {each.value for each in app.markdown if each.value.startswith("**附件**")}
    assert said == {"**附件**　替换“通知\\.txt”；新增“名单\\.txt”"}


def test_an_adjustment_offers_to_leave_each_file_out(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    for name in ("一.txt", "[二].txt"):
        desk.office.attach(submission_id, name, name.encode())
    desk.office.hand_in(submission_id)
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    app = opened(app_as, "submission", submission_id, "老李")

    app.button(key=f"adjust-{submission_id}").click().run()

    offered = [(each.label, each.value) for each in app.checkbox if "-keep-" in str(each.key)]
    assert offered == [(f"保留 {wording.literal(name)}", True) for name in ("一.txt", "[二].txt")]


def test_a_new_version_of_a_file_is_unopened_again(desk: Desk) -> None:
    office = desk.office
    submission_id = office.draft()
    first = office.attach(submission_id, "通知.txt", "第一稿".encode())
    office.hand_in(submission_id)
    with office.acting_as("张处长") as work:
        attachments.open_file(work, office.assets, submission_id=submission_id, sha256=first)
    office.perform("张处长", Action.RETURN, submission_id, "请换附件")
    office.attach(submission_id, "通知.txt", "第二稿".encode())

    with office.reading() as session:
        draft = session.get_one(Draft, submission_id)
        (line,) = reads.of_version(session, submission_id, draft)
    assert (line.name, line.openings) == ("通知.txt", ())
