"""What the address of a page names, read and checked: anybody can type anything there."""

from __future__ import annotations

import streamlit as st

LONGEST = 9
"""Digits; a longer number is nobody's id and would overflow the database's integers."""


def number(name: str) -> int | None:
    """The id in the address, such as 77 of `?id=77`, or None where there is no usable one."""
    given = st.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST else None
