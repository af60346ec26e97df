"""审核清单 on the item's page: what stands open, what one click fills, and what a signature asks once."""

from __future__ import annotations

from models import Action, CheckVerdict, FindingAnswer, SubmissionState
from services import findings
from services.queries import checklist as reads
from services.queries import submissions as submission_reads
from tests.desk import AppAs, Desk
from tests.office import STORY
from tests.pages.test_submission import open_item

S, V = SubmissionState, CheckVerdict


def answers(desk: Desk, submission_id: int) -> dict[str, CheckVerdict]:
    with desk.office.reading() as session:
        return {each.item: each.verdict for each in reads.answers(session, submission_id)}


def row(desk: Desk, submission_id: int, code: str, given: str = "open") -> str:
    """The key of one item's answer, as long as that is what was answered."""
    return f"check-{submission_id}-{desk.office.stored(submission_id).revision_id}-{code}-{given}"


def test_a_signature_over_open_items_asks_once_and_then_signs(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")

    app.button(key=f"sign_off-{submission_id}").click().run()
    asked = ([each.value for each in app.warning], desk.office.stored(submission_id).state)
    app.button(key=f"sign_off-{submission_id}").click().run()

    sentence = "审核清单的必查项“政治导向正确”、“领导姓名、职务、排序”、“事实准确”等 7 项还没有填。"
    assert asked == ([f"{sentence}再按一次“部门审签通过”，则照此签字。"], S.DEPARTMENT_REVIEW)
    assert (desk.office.stored(submission_id).state, answers(desk, submission_id)) == (S.FIRST_REVIEW, {})


def test_one_click_fills_the_rest_and_signs_but_leaves_a_doubt_open(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted(body_html=f"{STORY}<p>值班电话13812345678，欢迎来电。</p>")
    app = open_item(app_as, submission_id, "张处长")

    app.button(key=f"sign_off-{submission_id}").click().run()
    asked = [each.value for each in app.warning]
    app.button(key=f"rest-sign_off-{submission_id}").click().run()

    given = answers(desk, submission_id)
    assert "其中“个人信息”机器有疑问，请先看。" in asked[0]
    assert desk.office.stored(submission_id).state is S.FIRST_REVIEW
    assert ("C09" in given, given["C01"], given["C11"]) == (False, V.PASS, V.NOT_APPLICABLE)


def test_a_failed_item_waits_for_its_words_and_stops_the_signature(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")
    app.button(key=f"check-rest-{submission_id}").click().run()
    key = row(desk, submission_id, "C03", "pass")

    app.segmented_control(key=key).set_value(V.FAIL).run()
    without_words = answers(desk, submission_id)["C03"]
    app.text_input(key=f"{key}-note").set_value("职务写错").run()
    app.button(key=f"{key}-keep").click().run()
    with_words = answers(desk, submission_id)["C03"]
    app.button(key=f"sign_off-{submission_id}").click().run()

    assert (without_words, with_words) == (V.PASS, V.FAIL)
    (refused,) = [each.value for each in app.error]
    assert refused.startswith("审核清单有 1 项不通过：C03 领导姓名、职务、排序（张处长：职务写错）。请退回修改；")


def test_an_answer_given_by_choosing_is_kept_at_once(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")

    app.segmented_control(key=row(desk, submission_id, "C10")).set_value(V.NOT_APPLICABLE).run()

    assert answers(desk, submission_id) == {"C10": V.NOT_APPLICABLE}


def test_everybody_else_reads_what_was_answered(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted(body_html=f"{STORY}<p>值班电话13812345678，欢迎来电。</p>")
    with desk.office.acting_as("张处长") as work:
        (mark,) = submission_reads.latest_findings(work.session, submission_id)
        findings.answer(work, finding_id=mark.id or 0, answer=FindingAnswer.CONFIRMED, reason="值班电话")
    app = open_item(app_as, submission_id, "张处长")
    app.button(key=f"check-rest-{submission_id}").click().run()
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)

    as_author = open_item(app_as, submission_id, "小王")

    assert "审核清单（本轮已填 10 项）" in [each.label for each in as_author.expander]
    assert [each.key for each in as_author.segmented_control if str(each.key).startswith("check-")] == []
