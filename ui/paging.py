"""Lists in pages, the number of the page in the address."""

from __future__ import annotations

import streamlit as st


def choose(pages: int, *, key: str) -> int:
    """Draw the page numbers, unless there is only one page; the chosen one. `key` is its name in the address."""
    if pages == 1:
        return 1
    return st.pagination(pages, key=key, bind="query-params")


def back_to_first(key: str) -> None:
    """For filters: what was page 3 of another list is nobody's page 3."""
    st.session_state.pop(key, None)
