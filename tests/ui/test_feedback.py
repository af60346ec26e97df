"""What a person is told after an act."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


def handlers_page() -> None:
    """A page whose buttons act in handlers; the text of this function runs as a script of its own."""
    import streamlit as st  # noqa: PLC0415  # AppTest runs this text elsewhere

    from services.errors import StaleState  # noqa: PLC0415
    from ui import feedback  # noqa: PLC0415

    def succeed() -> None:
        with feedback.reporting("已通过。"):
            pass

    def refuse() -> None:
        with feedback.reporting("已通过。"):
            raise StaleState("该稿件状态已变化，请刷新后重试。")

    st.title("审核")
    feedback.show()
    st.button("通过", key="succeed", on_click=succeed)
    st.button("驳回", key="refuse", on_click=refuse)
    st.button("看看", key="look")


def inline_page() -> None:
    """A page that acts while it is drawn, as a dialog does."""
    import streamlit as st  # noqa: PLC0415  # as above

    from services.errors import ReasonRequired  # noqa: PLC0415
    from ui import feedback  # noqa: PLC0415

    feedback.show()
    reason = st.text_input("理由", key="reason")
    if st.button("退回", key="return"):
        with feedback.reporting("已退回。") as outcome:
            if not reason:
                raise ReasonRequired("请填写退回理由。")
        if outcome.done:
            st.rerun()
    st.text("表单的其余部分")


def reading_page() -> None:
    """A page that cannot go on without what it reads."""
    import streamlit as st  # noqa: PLC0415  # as above

    from services.errors import NotFound  # noqa: PLC0415
    from ui import feedback  # noqa: PLC0415

    def read() -> str:
        raise NotFound("没有找到这篇稿件，请从列表重新打开。")

    with feedback.or_stop():
        title = read()
    st.text(title)


def said(app: AppTest) -> tuple[list[str], list[str]]:
    """What is on the screen: refusals and successes."""
    return [each.value for each in app.error], [each.value for each in app.success]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("succeed", ([], ["已通过。"])),
        ("refuse", (["该稿件状态已变化，请刷新后重试。"], [])),
        ("look", ([], [])),
    ],
)
def test_handler_is_reported_at_once(key: str, expected: tuple[list[str], list[str]]) -> None:
    app = AppTest.from_function(handlers_page, default_timeout=PATIENCE).run()

    app.button(key=key).click().run()

    assert said(app) == expected


def test_handler_draws_nothing_above_the_title() -> None:
    app = AppTest.from_function(handlers_page, default_timeout=PATIENCE).run()

    app.button(key="refuse").click().run()

    assert [element.type for element in app.main if element.type in {"title", "error"}] == ["title", "error"]


def test_message_is_gone_with_the_next_click() -> None:
    app = AppTest.from_function(handlers_page, default_timeout=PATIENCE).run()
    app.button(key="refuse").click().run()

    app.button(key="look").click().run()

    assert said(app) == ([], [])


def test_refusal_in_the_middle_of_a_page_is_drawn_there_and_the_rest_stays() -> None:
    app = AppTest.from_function(inline_page, default_timeout=PATIENCE).run()

    app.button(key="return").click().run()

    assert (said(app), app.text[0].value) == ((["请填写退回理由。"], []), "表单的其余部分")


def test_success_in_the_middle_of_a_page_is_told_on_the_next_drawing() -> None:
    app = AppTest.from_function(inline_page, default_timeout=PATIENCE).run()
    app.text_input(key="reason").set_value("事实不清")

    app.button(key="return").click().run()

    assert said(app) == ([], ["已退回。"])


def test_page_without_its_reads_shows_only_why() -> None:
    app = AppTest.from_function(reading_page, default_timeout=PATIENCE).run()

    assert (said(app), len(app.text)) == ((["没有找到这篇稿件，请从列表重新打开。"], []), 0)
