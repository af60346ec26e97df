"""流程图 on the screen: the main line downwards, and beside each state what else may follow.

Boxes and arrows of plain HTML, so that they reflow on a phone, can be read aloud and need nothing to be loaded.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from models import Vocabulary
from services.rules.flow_charts import Arrow, FlowChart, Stop
from ui import wording


def offer(chart: FlowChart, *, here: Vocabulary | None = None, key: str, title: str = "流程图") -> None:
    """A button that opens the picture, with the present state marked."""
    if st.button(title, icon=":material/account_tree:", key=f"flow-{key}", type="tertiary"):
        _show(title, chart, here)


def _show(title: str, chart: FlowChart, here: Vocabulary | None) -> None:
    @st.dialog(title, width="medium")
    def opened() -> None:
        st.caption("向下的是通常走法，右侧是在这一步还可以做的事。图由系统执行的同一张流程表生成。")
        st.html(picture(chart, here=here))

    opened()


def picture(chart: FlowChart, *, here: Vocabulary | None = None) -> str:
    """The whole picture as HTML."""
    line = "".join(_stop(stop, here) for stop in chart.line)
    beside = "".join(_stop(stop, here) for stop in chart.beside)
    aside = f'<p class="flow-title">另外</p><ol class="flow-beside">{beside}</ol>' if beside else ""
    return f'<div class="flow"><ol class="flow-line">{line}</ol>{aside}</div>'


def _stop(stop: Stop, here: Vocabulary | None) -> str:
    is_here = stop.state == here
    mark = ' <span class="flow-here">现在</span>' if is_here else ""
    held = f'<span class="flow-held">{escape(wording.listed(stop.holders))}</span>' if stop.holders else ""
    box = f'<div class="flow-box{" is-here" if is_here else ""}">{escape(stop.state.label)}{mark}{held}</div>'
    others = "".join(f"<li>{_words(arrow, stop.state)}</li>" for arrow in stop.others)
    exits = f'<ul class="flow-exits">{others}</ul>' if others else ""
    onward = f'<div class="flow-onward"><span>{escape(stop.onward.action.label)}</span></div>' if stop.onward else ""
    return f'<li><div class="flow-row">{box}{exits}</div>{onward}</li>'


def _words(arrow: Arrow, source: Vocabulary) -> str:
    action = escape(arrow.action.label)
    if arrow.target == source:
        return f"{action}<b>（仍在这一步）</b>"
    if arrow.action.label == arrow.target.label:
        return f"→ <b>{action}</b>"
    return f"{action} → <b>{escape(arrow.target.label)}</b>"
