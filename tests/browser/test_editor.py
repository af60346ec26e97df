"""The editor and the phone preview in a real Chromium: typing, pasting, pictures, reruns and a lost page."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from tests.app_process import ROOT, SECONDS_TO_START, free_port
from tests.browser.steps import PATIENCE, by_key, press, wait_idle

PASTED = Path(__file__).parent / "pasted"
PHONE = {"width": 390, "height": 844}

WORD = (PASTED / "word.html").read_text(encoding="utf-8")
WECHAT = (PASTED / "wechat.html").read_text(encoding="utf-8")

PASTE = """(element, flavours) => {
    const clipboardData = new DataTransfer()
    for (const [type, text] of Object.entries(flavours)) clipboardData.setData(type, text)
    const reach = { bubbles: true, cancelable: true, composed: true }
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, ...reach }))
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page with nothing but the editor and the preview."""
    with _served(free_port(), tmp_path_factory.mktemp("desk") / "log") as address:
        yield address


@contextmanager
def _served(port: int, log: Path) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own page
            [sys.executable, "-m", "streamlit", "run", "tests/browser/editor_desk.py", "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(address, log)
        yield address
    finally:
        process.kill()
        process.wait()


def _wait_until_healthy(address: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()  # noqa: S310  # a loopback address
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="module")
def warm_context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """One browser profile for all tests here: a cold one reads Streamlit's scripts anew, which takes seconds."""
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(warm_context: BrowserContext) -> Iterator[Page]:
    page = warm_context.new_page()
    yield page
    page.close()


class Desk:
    """What an author does at the editor."""

    def __init__(self, page: Page, address: str, **query: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.goto(f"{address}/?{urlencode(query)}")
        self.text = page.get_by_role("textbox", name="正文")
        self.text.wait_for()
        if "restless" not in query:  # such a page may never be idle on a slow machine
            wait_idle(page)

    def type(self, text: str) -> None:
        self.text.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def tool(self, name: str) -> None:
        """Press a tool; the cursor is back in the text a frame later, which is too late for a test's next key."""
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.text).to_be_focused()

    def paste(self, **flavours: str) -> None:
        """Paste; what the editor has to say of it stands there for fifteen seconds only, so look for that first."""
        self.text.click()
        self.page.keyboard.press("Control+End")
        self.text.evaluate(PASTE, {f"text/{kind}": content for kind, content in flavours.items()})

    def expect_value(self, html: str) -> None:
        expect(by_key(self.page, "value").locator("code")).to_have_text(html)
        assert self.faults == []


@pytest.fixture
def picture() -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (64, 36), "#5b8272").save(encoded, "PNG")
    return encoded.getvalue()


def as_data(picture: bytes) -> str:
    return f"data:image/png;base64,{b64encode(picture).decode()}"


def test_typed_text_with_bold_heading_and_list_arrives_in_canonical_form(page: Page, desk: str) -> None:
    editor = Desk(page, desk)
    editor.type("开学")
    page.get_by_role("combobox", name="标题").select_option("2")
    expect(editor.text).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("今天")
    page.keyboard.press("Control+b")
    page.keyboard.type("报到")
    page.keyboard.press("Control+b")
    page.keyboard.type("。")
    page.keyboard.press("Enter")
    editor.tool("列表")
    page.keyboard.type("甲")
    page.keyboard.press("Enter")
    page.keyboard.type("乙")
    page.keyboard.press("Tab")
    editor.expect_value("<h2>开学</h2><p>今天<strong>报到</strong>。</p><ul><li>甲<ul><li>乙</li></ul></li></ul>")
    expect(page.get_by_text("共 9 字", exact=True)).to_be_visible()


def test_undo_takes_back_and_redo_brings_again(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<p>原文</p>")
    editor.type("加字")
    editor.expect_value("<p>原文加字</p>")
    editor.tool("撤销")
    editor.expect_value("<p>原文</p>")
    page.keyboard.press("Control+y")
    editor.expect_value("<p>原文加字</p>")


def test_a_table_is_made_narrowed_and_merged(page: Page, desk: str) -> None:
    editor = Desk(page, desk)
    editor.text.click()
    editor.tool("表格")
    for word in ("学院", "人数", "备注"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    editor.text.get_by_text("备注").click()
    editor.tool("删除列")
    cells = editor.text.locator("td")
    cells.nth(0).drag_to(cells.nth(1))
    editor.tool("合并单元格")
    page.keyboard.type("合计")
    cells.last.click()
    editor.tool("删除行")
    editor.expect_value(
        "<table><thead><tr><th>学院</th><th>人数</th></tr></thead>"
        '<tbody><tr><td colspan="2">合计</td></tr></tbody></table>'
    )


def test_a_link_is_asked_for_in_one_line_and_a_bad_address_is_explained(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<p>详见通知</p>")
    editor.text.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    address = page.get_by_role("textbox", name="链接地址")
    address.fill("javascript:alert(1)")
    address.press("Enter")
    expect(page.get_by_text("请粘贴以 http 或 https 开头的完整网址")).to_be_visible()
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(address).to_be_focused()  # what is typed next is the better address, and no part of the text
    address.fill("www.example.edu.cn/a?b=1&c=2")
    address.press("Enter")
    editor.expect_value('<p><a href="https://www.example.edu.cn/a?b=1&amp;c=2">详见通知</a></p>')


def test_clear_formatting_leaves_plain_paragraphs(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<h2>甲</h2><ul><li><strong>乙</strong></li></ul>")
    editor.text.click()
    page.keyboard.press("Control+a")
    editor.tool("清除格式")
    editor.expect_value("<p>甲</p><p>乙</p>")


def test_word_paste_keeps_structure_and_pictures_and_drops_the_rest(page: Page, desk: str, picture: bytes) -> None:
    editor = Desk(page, desk)
    editor.paste(html=WORD.replace("PICTURE", as_data(picture)), plain="开学典礼")
    expect(page.get_by_text("有 1 张图片没有带过来")).to_be_visible()
    editor.expect_value(
        "<h2>开学典礼</h2><p><strong>校长</strong>致辞。</p>"
        "<ol><li>第一项<ul><li>里面一项</li></ul></li><li>第二项</li></ol>"
        '<table><tbody><tr><td colspan="2">合并</td></tr><tr><td>甲</td><td>乙</td></tr></tbody></table>'
        f'<figure><img src="asset:{hashlib.sha256(picture).hexdigest()}" alt="礼堂"></figure><p>结束</p>'
    )
    assert page.evaluate("window.hurt") is None


def test_wechat_article_paste_keeps_words_and_says_that_pictures_stayed_behind(page: Page, desk: str) -> None:
    editor = Desk(page, desk)
    editor.paste(html=WECHAT, plain="新学期")
    expect(page.get_by_text("有 2 张图片没有带过来")).to_be_visible()
    editor.expect_value(
        "<p><strong>新学期</strong></p><p>今天<strong>报到</strong>。</p>"
        '<p><a href="https://mp.weixin.qq.com/s/abc">往期</a>点我</p>'
    )


def test_a_picture_shows_by_its_address_and_travels_as_its_fingerprint(page: Page, desk: str, picture: bytes) -> None:
    sha256 = hashlib.sha256(picture).hexdigest()
    editor = Desk(page, desk)
    page.locator('.st-key-body input[type="file"]').set_input_files(
        {"name": "典礼.png", "mimeType": "image/png", "buffer": picture}
    )
    editor.expect_value(f'<figure><img src="asset:{sha256}" alt=""></figure>')
    shown = editor.text.locator("figure img")
    expect(shown).to_have_js_property("naturalWidth", 64)
    shown.click()
    page.get_by_role("button", name="替代文字").click()
    page.get_by_role("textbox", name="替代文字").fill("礼堂")
    page.keyboard.press("Enter")
    expect(editor.text).to_be_focused()
    page.keyboard.type("典礼会场")
    page.keyboard.press("Enter")
    page.keyboard.type("下文")
    editor.expect_value(
        f'<figure><img src="asset:{sha256}" alt="礼堂"><figcaption>典礼会场</figcaption></figure><p>下文</p>'
    )
    assert f"asset:{sha256}" not in editor.text.inner_html()
    shown.click()
    editor.tool("下移图片")
    editor.expect_value(
        f'<p>下文</p><figure><img src="asset:{sha256}" alt="礼堂"><figcaption>典礼会场</figcaption></figure>'
    )
    editor.tool("分隔线")
    shown.click()
    editor.tool("删除图片")
    editor.expect_value("<p>下文</p><hr>")


def test_reruns_while_typing_move_neither_words_nor_cursor(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<p>首尾</p>", restless="1")
    editor.text.click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowRight")
    for letter in "在不停重跑的页面里打字":
        page.keyboard.type(letter)
        page.wait_for_timeout(250)
    editor.expect_value("<p>首在不停重跑的页面里打字尾</p>")


def test_an_input_method_is_not_disturbed_by_reruns(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<p>好好</p>", restless="1")
    editor.type("")
    devtools = page.context.new_cdp_session(page)
    for letters in ("x", "xue", "xue x", "xue xi"):
        devtools.send(
            "Input.imeSetComposition",
            {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)},
        )
        page.wait_for_timeout(700)
    assert "xue" not in by_key(page, "value").inner_text()
    devtools.send("Input.insertText", {"text": "学习"})
    editor.expect_value("<p>好好学习</p>")


def test_another_text_from_the_page_replaces_ours_and_undo_brings_ours_back(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<p>甲</p>")
    editor.type("乙")
    press(page, "exchange")
    editor.expect_value("<p>换上来的另一篇。</p>")
    expect(editor.text).to_have_text("换上来的另一篇。")
    editor.text.click()
    page.keyboard.press("Control+z")
    editor.expect_value("<p>甲乙</p>")


def test_pressing_a_button_right_after_typing_loses_nothing(page: Page, desk: str) -> None:
    editor = Desk(page, desk)
    editor.type("刚打的字")
    press(page, "rerun")
    editor.expect_value("<p>刚打的字</p>")
    expect(editor.text).to_have_text("刚打的字")


def test_words_outlive_a_lost_connection(page: Page, desk: str) -> None:
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/_stcore/stream", lambda route: sockets.append(route) or route.connect_to_server())  # type: ignore[func-returns-value]
    editor = Desk(page, desk)
    editor.type("断网前")
    editor.expect_value("<p>断网前</p>")
    sockets[-1].close(code=1012)
    page.keyboard.type("断网后")
    editor.expect_value("<p>断网前断网后</p>")
    expect(editor.text).to_have_text("断网前断网后")
    assert len(sockets) > 1


def test_words_outlive_a_restart_of_the_server(page: Page, tmp_path: Path) -> None:
    port = free_port()
    with _served(port, tmp_path / "before") as address:
        editor = Desk(page, address, html="<p>库里的旧文</p>")
        editor.type("，重启前")
        editor.expect_value("<p>库里的旧文，重启前</p>")
    page.keyboard.type("，停机时")
    with _served(port, tmp_path / "after"):
        expect(page.get_by_text("编辑器里保留的是您刚才的文字")).to_be_visible()
        editor.expect_value("<p>库里的旧文，重启前，停机时</p>")
        expect(editor.text).to_have_text("库里的旧文，重启前，停机时")


def test_a_disabled_editor_shows_the_text_and_takes_none(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<p>已送审</p>", disabled="1")
    editor.type("改")
    expect(editor.text).to_have_text("已送审")
    expect(page.get_by_role("toolbar")).to_have_count(0)


def test_on_a_phone_the_tools_scroll_and_the_page_does_not(page: Page, desk: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dictionary is what it takes
    editor = Desk(page, desk)
    tools = page.get_by_role("toolbar", name="排版工具")
    page.wait_for_function(
        "bar => bar.scrollWidth > bar.clientWidth && bar.clientHeight < 60", arg=tools.element_handle()
    )
    page.wait_for_function("width => document.documentElement.scrollWidth == width", arg=PHONE["width"])
    editor.text.click()
    editor.tool("分隔线")
    editor.expect_value("<hr>")


def test_the_tools_are_one_stop_of_the_tab_key_and_the_arrows_move_inside(page: Page, desk: str) -> None:
    Desk(page, desk)
    page.get_by_role("combobox", name="标题").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="加粗")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="正文")).to_be_focused()


def test_the_preview_shows_the_article_and_runs_nothing(page: Page, desk: str) -> None:
    editor = Desk(page, desk, html="<p>正文第一段</p>", preview="1")
    frame = page.locator(".st-key-phone iframe")
    expect(frame).to_have_attribute("sandbox", "")
    inside = page.frame_locator(".st-key-phone iframe")
    expect(inside.get_by_role("heading", name="我校举行2026级新生开学典礼")).to_be_visible()
    expect(inside.locator(".line")).to_have_text("通讯员 李晓明示例大学2026年9月1日")
    expect(inside.get_by_text("正文第一段")).to_be_visible()
    expect(frame).to_have_js_property("offsetWidth", 375)
    assert editor.faults == []
