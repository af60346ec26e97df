"""What a person is told after an act: a refusal at once, a success on the next drawing, a fault by its number.

The only place that catches a refusal on its way to the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from services import faults
from services.errors import Refusal
from ui import navigation

DONE = "feedback.done"
REFUSED = "feedback.refused"


@dataclass
class Outcome:
    """How an act went, for whoever must know at once: a dialog closes only when it is `done`."""

    done: bool = False


@contextmanager
def reporting(done: str = "") -> Iterator[Outcome]:
    """Around one act: whatever refuses it is told, and nothing of it was kept; `done` is told if it succeeded.

    In a handler (`on_click`) both appear with the drawing that follows at once. In the middle of a page a refusal
    is drawn where it happened, and `done` on the next drawing.
    """
    outcome = Outcome()
    try:
        yield outcome
    except Refusal as refusal:
        _tell(refusal)
    else:
        outcome.done = True
        if done:
            st.session_state[DONE] = done


def say(done: str) -> None:
    """Tell with the next drawing what an act came to, where that is known only after it."""
    st.session_state[DONE] = done


@contextmanager
def or_stop() -> Iterator[None]:
    """Around the reads a page cannot do without: a refusal takes the page's place, with a way home."""
    try:
        yield
    except Refusal as refusal:
        st.error(refusal.sentence, icon=":material/block:")
        navigation.way_home()
        st.stop()


def _tell(refusal: Refusal) -> None:
    context = get_script_run_ctx()
    if context is not None and context.has_script_started:
        st.error(refusal.sentence, icon=":material/block:")
    else:
        # A handler runs before anything is drawn, and whatever it drew would stand above the title.
        st.session_state[REFUSED] = refusal.sentence


def show() -> None:
    """Draw what the last act left to say. `page.begin` does it; dialogs with handlers do it first."""
    refused, done = st.session_state.pop(REFUSED, ""), st.session_state.pop(DONE, "")
    if refused:
        st.error(refused, icon=":material/block:")
    elif done:
        st.success(done, icon=":material/check_circle:")


def show_fault(fault: Exception) -> bool:
    """Streamlit's hook for whatever a page did not expect: the log gets it all, the screen one sentence."""
    if isinstance(fault, Refusal):
        st.error(fault.sentence, icon=":material/block:")
        return True
    context = get_script_run_ctx()
    number = faults.record(fault, page=context.page_script_hash if context else "")
    st.error(
        f"系统出了故障，刚才的操作没有完成。请稍后再试一次；如果仍然不行，请把故障编号 {number} 告诉系统管理员。",
        icon=":material/error:",
    )
    return True
