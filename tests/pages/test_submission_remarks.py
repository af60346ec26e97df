"""批注 on the item's page and on the author's form: chosen words, the list, and what each person may do there."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from models import Action, Revision
from services.manuscript import anchors
from services.queries import remarks as reads
from services.queries.remarks import Thread
from tests.desk import AppAs, Desk
from tests.pages.test_submission import open_item
from tests.services.test_remarks import remark

QUOTE = "六十余名教师参加"


def threads(desk: Desk, submission_id: int) -> list[Thread]:
    with desk.office.reading() as session:
        content = session.get_one(Revision, desk.office.stored(submission_id).revision_id)
        return reads.threads(session, submission_id, content)


def choose(app: AppTest, desk: Desk, submission_id: int, quote: str, turn: int = 0) -> None:
    """Play the browser's part: these words of the body are selected."""
    revision_id = desk.office.stored(submission_id).revision_id
    with desk.office.reading() as session:
        start = anchors.texts(session.get_one(Revision, revision_id))["body"].index(quote)
    picked = {"field": "body", "start": start, "end": start + len(quote)}
    app.session_state[f"words-to-remark-{submission_id}-{revision_id}-{turn}"] = {"picked": picked}
    app.run()


def keys(app: AppTest, prefix: str) -> list[str]:
    return [str(each.key) for each in app.button if str(each.key).startswith(prefix)]


def test_chosen_words_are_remarked_on_and_the_return_says_what_it_carries(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")

    choose(app, desk, submission_id, QUOTE)
    app.text_area(key=f"remark-{submission_id}").set_value("请写准确人数").run()
    app.button(key=f"remark-{submission_id}-add").click().run()

    (thread,) = threads(desk, submission_id)
    assert (thread.quote, thread.text) == (QUOTE, "请写准确人数")
    assert [each.value for each in app.success] == ["批注已添加。"]
    assert any("1 处批注" in each.value for each in app.caption)
    assert keys(app, "remark-settle-") == [f"remark-settle-{thread.id}"]


def test_a_place_that_is_none_is_nothing_chosen(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")
    place = f"words-to-remark-{submission_id}-{desk.office.stored(submission_id).revision_id}-0"

    for nonsense in ({"picked": {"field": "body", "start": 0, "end": 9_999}}, {"picked": "x"}, ["x"], None):
        app.session_state[place] = nonsense
        app.run()
        assert (keys(app, "remark-"), len(app.exception)) == ([], 0)


def test_the_author_answers_on_the_form_beside_the_words_and_settles_nothing(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    remark_id = remark(desk.office, "张处长", submission_id)
    desk.office.perform("张处长", Action.RETURN, submission_id, "请按批注修改")
    app = app_as("小王").run()
    app.query_params["id"] = str(submission_id)
    app.switch_page("../pages/submit.py").run()

    shown = [each.value for each in app.markdown if QUOTE in each.value]
    offered = keys(app, "remark-")
    app.text_input(key=f"remark-reply-{remark_id}").set_value("已改为六十三名").run()
    app.button(key=f"remark-reply-{remark_id}-send").click().run()

    (thread,) = threads(desk, submission_id)
    assert len(shown) == 1
    assert offered == [f"remark-reply-{remark_id}-send"]
    assert [(each.by, each.text) for each in thread.replies] == [("小王", "已改为六十三名")]


def test_a_signature_over_open_remarks_asks_once(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    remark_id = remark(desk.office, "张处长", submission_id)
    app = open_item(app_as, submission_id, "张处长")
    app.button(key=f"check-rest-{submission_id}").click().run()

    app.button(key=f"sign_off-{submission_id}").click().run()

    assert [each.value for each in app.warning] == ["还有 1 处批注没有解决。再按一次“部门审签通过”，则照此签字。"]
    app.button(key=f"remark-settle-{remark_id}").click().run()
    assert keys(app, "remark-reopen-") == [f"remark-reopen-{remark_id}"]


def test_bystanders_read_remarks_and_have_no_say(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    remark(desk.office, "张处长", submission_id)

    app = open_item(app_as, submission_id, "小赵")

    assert any("请写准确人数" in each.value for each in app.markdown)
    assert keys(app, "remark-") == []
