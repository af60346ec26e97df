"""投稿: what the form keeps, and what it says when something is missing."""

from __future__ import annotations

from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import Draft, Submission, SubmissionState
from services import submissions
from services.submissions import DraftFields
from tests.desk import AppAs, Desk
from tests.documents import campus_story_docx, photograph_with_location


def open_form(app_as: AppAs, submission_id: int, who: str = "小王") -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(submission_id)
    return app.switch_page("../pages/submit.py").run()


def kept(desk: Desk, submission_id: int) -> Draft:
    with desk.office.reading() as session:
        return session.get_one(Draft, submission_id)


def field(submission_id: int, name: str) -> str:
    return f"draft-{submission_id}-{name}"


def test_a_word_file_becomes_a_filled_draft(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小王").run().switch_page("../pages/submit.py").run()

    app.file_uploader(key="start-file").upload("读书节.docx", campus_story_docx()).run()

    with desk.office.reading() as session:
        (submission,) = session.exec(select(Submission)).all()
        draft = session.get_one(Draft, submission.id)
    assert (submission.title, submission.contributor_id) == (
        "书香浸润校园 阅读点亮青春",
        desk.office.people["小王"],
    )
    assert draft.body_html.count("<img ") == 2


def test_a_renamed_file_gets_one_sentence_and_leaves_nothing_behind(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小王").run().switch_page("../pages/submit.py").run()

    app.file_uploader(key="start-file").upload("简报.docx", b"not a Word file at all").run()

    with desk.office.reading() as session:
        left_behind = session.exec(select(Submission)).all()
    assert len(app.error) == 1
    assert left_behind == []


def test_what_is_typed_is_kept_at_once_and_the_time_is_shown(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = open_form(app_as, submission_id)

    app.text_input(key=field(submission_id, "title")).set_value("改好的标题").run()

    assert kept(desk, submission_id).title == "改好的标题"
    assert any(caption.value.startswith("已保存 09:00") for caption in app.caption)


def test_a_reload_finds_everything_again(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft(digest="摘要一句", photographer="小李")

    app = open_form(app_as, submission_id)

    shown = {name: app.text_input(key=field(submission_id, name)).value for name in ("title", "author", "photographer")}
    assert shown == {"title": "教务处举办教学经验交流会", "author": "小王", "photographer": "小李"}
    assert app.text_area(key=field(submission_id, "digest")).value == "摘要一句"


def test_drawing_the_form_saves_nothing(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    before = kept(desk, submission_id)

    open_form(app_as, submission_id).run()

    assert kept(desk, submission_id) == before


def test_handing_in_moves_the_item_and_a_missing_declaration_is_named(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft(declared_rights=False)
    app = open_form(app_as, submission_id)

    app.button(key=field(submission_id, "hand-in")).click().run()
    refused = [error.value for error in app.error]
    app.checkbox(key=field(submission_id, "rights")).check().run()
    app.button(key=field(submission_id, "hand-in")).click().run()

    assert refused == ["请勾选版权声明：确认文字和图片有权使用。"]
    assert desk.office.stored(submission_id).state is SubmissionState.DEPARTMENT_REVIEW


def test_the_second_of_two_windows_sees_both_and_chooses(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = open_form(app_as, submission_id)
    with desk.office.acting_as("小王") as work:
        elsewhere = DraftFields(title="另一个窗口的标题", account_id=desk.office.account_id)
        submissions.save_draft(work, submission_id=submission_id, seen_edition=1, draft=elsewhere)

    app.text_input(key=field(submission_id, "title")).set_value("这个窗口的标题").run()
    told = [error.value for error in app.error]
    in_between = kept(desk, submission_id).title
    app.button(key=field(submission_id, "take-mine")).click().run()

    assert told == ["这份草稿已在另一个窗口保存过新内容，这里没有覆盖它。请先复制您刚写的文字，再刷新页面合并。"]
    assert (in_between, kept(desk, submission_id).title) == ("另一个窗口的标题", "这个窗口的标题")


def test_somebody_elses_draft_does_not_open(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()

    app = open_form(app_as, submission_id, who="小吴")

    assert [error.value for error in app.error] == ["没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。"]
    assert len(app.text_input) == 0


def test_the_author_is_told_that_a_position_was_removed(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = app_as("小王").run()
    app.query_params["id"] = str(submission_id)
    app.switch_page("../pages/submit.py").run()

    uploader = app.file_uploader(key=f"draft-{submission_id}-cover-file-0")
    uploader.upload("手机照片.jpg", photograph_with_location()).run()

    assert "1 张图片已去除拍摄位置" in [each.value for each in app.info]


def test_what_is_too_long_is_kept_told_at_once_and_refused_with_a_sentence(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = open_form(app_as, submission_id)

    app.text_input(key=field(submission_id, "title")).set_value("题" * 65).run()
    told = [each.value for each in app.caption if "请删去" in each.value]
    app.button(key=f"draft-{submission_id}-hand-in").click().run()

    assert told == [":red[现在 65 字，最多 64 字，请删去 1 字。]"]
    assert [each.value for each in app.error] == ["标题有 65 字，微信最多 64 字，请缩短。"]
    assert kept(desk, submission_id).title == "题" * 65
