"""Importing a sheet, the same everywhere: the template to fill in, the file, and the rows that cannot go in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from services.sheets import FaultyRow
from ui import wording


def template(make: Callable[[], bytes], *, name: str, key: str) -> None:
    """The button that hands out the empty sheet; it is made when somebody presses it."""
    st.download_button("下载模板", data=make, file_name=name, key=key, icon=":material/download:", on_click="ignore")


def chosen(key: str) -> bytes | None:
    """What the file holds that was chosen here, or nothing."""
    file = st.file_uploader("填好的表格（.xlsx）", type=["xlsx"], max_upload_size=2, key=_field(key))
    return None if file is None else file.getvalue()


def forget(key: str) -> None:
    """Take the file away after it was imported: what was typed of people does not stay in the session."""
    st.session_state.pop(_field(key), None)
    st.session_state[_rounds(key)] = _round(key) + 1


def show_faulty(rows: Sequence[FaultyRow], *, good: int) -> None:
    """Which rows cannot go in and why, beside how many can; nothing where all can."""
    if not rows:
        return
    st.warning(
        f"有 {len(rows)} 行不能导入，改好后可以再传一次；"
        + (f"另外 {good} 行可以先导入。" if good else "没有可以导入的行。"),
        icon=":material/warning:",
    )
    for row in rows:
        said = "；".join(wording.literal(each) for each in row.faults)
        name = f" {wording.literal(row.name)}" if row.name else ""
        st.markdown(f"- 第 **{row.number}** 行{name}：{said}。")


def _field(key: str) -> str:
    # A file uploader forgets its file only under another key.
    return f"{key}-{_round(key)}"


def _round(key: str) -> int:
    return int(st.session_state.get(_rounds(key), 0))


def _rounds(key: str) -> str:
    return f"{key}.round"
