"""What the phone is given to show."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


def page() -> None:
    # AppTest takes the body of this function for a script of its own.
    import streamlit as st  # noqa: PLC0415

    from ui.phone_preview import phone_preview  # noqa: PLC0415

    phone_preview(
        st.session_state["article"], key="phone", title="<b>甲</b>&乙", author="李晓明", account="", date="9月1日"
    )


def shown(article: str) -> str:
    app = AppTest.from_function(page, default_timeout=PATIENCE)
    app.session_state["article"] = article
    [component] = app.run().get("bidi_component")
    document: str = json.loads(component.proto.json)["document"]
    return document


def test_a_fragment_gets_the_article_page_around_it_with_escaped_words() -> None:
    document = shown("<section>正文</section>")
    assert '<h1 class="title">&lt;b&gt;甲&lt;/b&gt;&amp;乙</h1>' in document
    assert '<p class="line"><span class="author">李晓明</span><span class="date">9月1日</span></p>' in document
    assert "<section>正文</section>\n</body>" in document


def test_the_article_page_forbids_everything_but_pictures_and_styles() -> None:
    assert "default-src 'none'; img-src data: http: https:; style-src 'unsafe-inline'\">" in shown("<p>甲</p>")


def test_a_whole_document_is_shown_as_it_is() -> None:
    whole = "<!DOCTYPE html><html><body>全文</body></html>"
    assert shown(whole) == whole
