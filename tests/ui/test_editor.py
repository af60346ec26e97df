"""What the editor's Python side makes of whatever a browser sends."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE

KEPT = "a" * 64
PICTURE = b"a picture, as far as this page is concerned"


def page() -> None:
    # AppTest takes the body of this function for a script of its own.
    import streamlit as st  # noqa: PLC0415

    from services.errors import UnreadableFile  # noqa: PLC0415
    from ui.editor import rich_text  # noqa: PLC0415

    desk = st.session_state
    desk.setdefault("kept", "<p>原文</p>")
    desk.setdefault("stored", [])

    def keep(content: bytes) -> str:
        if content == b"broken":
            raise UnreadableFile("这不是图片。")
        desk.stored.append(content)
        return "a" * 64

    desk.value = rich_text(
        "body",
        html=desk.kept,
        picture_address=lambda sha256: f"/pictures/{sha256}",
        label="正文",
        keep_picture=keep if desk.get("takes_pictures", True) else None,
    )


class Desk:
    """The page with the browser's part played by the test."""

    def __init__(self) -> None:
        self.app = AppTest.from_function(page, default_timeout=PATIENCE).run()

    @property
    def told(self) -> dict[str, Any]:
        """What the page gives the browser."""
        [component] = self.app.get("bidi_component")
        told: dict[str, Any] = json.loads(component.proto.json)
        return told

    @property
    def value(self) -> str:
        assert not self.app.exception
        value: str = self.app.session_state["value"]
        return value

    def send(self, html: object, **other: object) -> str:
        """The browser sends a text; the page runs."""
        draft = {"session": self.told["session"], "rev": self.told["rev"], "html": html, **other}
        self.app.session_state["body"] = {"draft": draft}
        self.app.run()
        return self.value

    def give(self, html: str) -> None:
        """The page passes another text in."""
        self.app.session_state["kept"] = html
        self.app.run()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def pasted(content: bytes, name: str = "p1") -> str:
    return f'<figure><img src="data:image/png;base64,{b64encode(content).decode()}" data-pasted="{name}"></figure>'


def test_before_anything_is_typed_the_value_is_the_kept_text(desk: Desk) -> None:
    assert desk.value == "<p>原文</p>"
    assert desk.told["html"] == "<p>原文</p>"


def test_whatever_the_browser_sends_is_cleaned(desk: Desk) -> None:
    sent = '<p onclick="x()">正<b>文</b></p><script>x()</script><img src="https://elsewhere.example/a.png">'
    assert desk.send(sent) == "<p>正<strong>文</strong></p>"


@pytest.mark.parametrize("nonsense", [None, 7, ["<p>"], {"html": "<p>"}])
def test_what_is_not_a_text_is_no_text(desk: Desk, nonsense: object) -> None:
    assert desk.send(nonsense) == "<p>原文</p>"


@pytest.mark.parametrize("state", ["text", {"draft": "text"}, {"draft": ["<p>"]}, ["draft"]])
def test_a_state_of_another_shape_is_no_text(desk: Desk, state: object) -> None:
    desk.app.session_state["body"] = state
    desk.app.run()
    assert desk.value == "<p>原文</p>"


def test_keeping_what_came_back_changes_nothing_in_the_browser(desk: Desk) -> None:
    before = desk.told
    desk.give(desk.send("<p>原文，加了字</p>"))
    assert desk.told == before
    assert desk.value == "<p>原文，加了字</p>"


def test_another_text_from_the_page_replaces_what_was_typed(desk: Desk) -> None:
    desk.send("<p>打的字</p>")
    desk.give("<p>导入的文件</p>")
    assert (desk.told["html"], desk.value) == ("<p>导入的文件</p>", "<p>导入的文件</p>")


def test_a_text_typed_on_top_of_the_former_one_does_not_win(desk: Desk) -> None:
    former = desk.told
    desk.give("<p>导入的文件</p>")
    assert desk.send("<p>迟到的字</p>", rev=former["rev"]) == "<p>导入的文件</p>"
    assert desk.send("<p>别处的字</p>", session="another") == "<p>导入的文件</p>"


def test_a_pasted_picture_is_stored_once_and_shown_by_its_address(desk: Desk) -> None:
    html = f'<figure><img src="asset:{KEPT}" alt=""></figure>'
    assert desk.send(pasted(PICTURE)) == html
    assert desk.told["kept"] == {"p1": KEPT}
    assert desk.told["pictures"] == {KEPT: f"/pictures/{KEPT}"}
    assert desk.send(pasted(PICTURE) + "<p>字</p>") == f"{html}<p>字</p>"
    assert desk.app.session_state["stored"] == [PICTURE]


def test_a_refused_picture_is_left_out_with_the_reason(desk: Desk) -> None:
    assert desk.send("<p>字</p>" + pasted(b"broken")) == "<p>字</p>"
    assert desk.told["refused"] == {"p1": "这不是图片。"}


def test_a_torn_picture_is_left_out_with_the_reason(desk: Desk) -> None:
    torn = '<p>字</p><img src="data:image/png;base64,abc" data-pasted="p1">'
    assert desk.send(torn) == "<p>字</p>"
    assert desk.told["refused"] == {"p1": "粘贴的图片不完整：请先存到电脑，再用工具栏的“图片”放进来。"}


def test_where_no_pictures_are_taken_the_editor_says_so(desk: Desk) -> None:
    desk.app.session_state["takes_pictures"] = False
    assert desk.send(pasted(PICTURE)) == ""
    assert desk.told["refused"] == {"p1": "这里不能粘贴图片：请删去图片，只保留文字。"}


def test_a_refused_text_keeps_the_last_accepted_one_and_says_why(desk: Desk) -> None:
    desk.send("<p>好的</p>")
    assert desk.send("<p>" + "长" * 700_000 + "</p>") == "<p>好的</p>"
    assert desk.told["refusal"] == "正文超过 2 MB，请删去多余内容或分成几篇投稿。"
    assert desk.send("<p>短了</p>") == "<p>短了</p>"
    assert desk.told["refusal"] == ""
