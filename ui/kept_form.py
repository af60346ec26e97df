"""A form that keeps what is typed while others save the same: drawn as it was opened, and theirs told beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

TELLING = "您打开之后，别人（或您在另一个窗口）保存过这里。您填写的还在，还没有保存。现在的内容是："


@dataclass(frozen=True)
class Opened:
    """A form as its reader opened it.

    `key` begins the keys of the form and its fields, and is another one once the form is drawn anew. `shown` are the
    values its fields start from; `version` is what saving has to name as seen.
    """

    key: str
    version: int
    shown: Mapping[str, Any]

    def typed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What its reader changed of it. What was only shown may have been changed by others, and stays as it is."""
        return {name: value for name, value in given.items() if value != self.shown.get(name)}


def opened(
    place: str,
    present: Mapping[str, Any],
    *,
    version: int,
    first_field: str,
    told: Callable[[str, Any], str],
) -> Opened:
    """The form at `place` over `present`, the values its fields show; to be called right above it, outside `st.form`.

    While its first field (`<key>-<first_field>`) stays on the screen the form keeps the values it was opened with. If
    somebody saved others meanwhile, each is told in the words of `told(name, value)`, and its reader chooses: theirs,
    or what was typed. A save that touched none of these values goes unnoticed. Values are plain ones, as in JSON.
    """
    kept = st.session_state.get(_kept(place))
    if kept is None or f"{place}-{kept['opened']}-{first_field}" not in st.session_state:
        kept = {"opened": version, "version": version, "shown": dict(present), "known": dict(present)}
        st.session_state[_kept(place)] = kept
    if kept["known"] == present:
        kept["version"] = version
    else:
        _difference(place, kept["known"], present, version, told)
    return Opened(f"{place}-{kept['opened']}", kept["version"], kept["shown"])


def close(place: str) -> None:
    """After saving: the form is drawn anew from what is stored then."""
    st.session_state.pop(_kept(place), None)


def _kept(place: str) -> str:
    return f"{place}.kept"


def _difference(
    place: str, known: Mapping[str, Any], present: Mapping[str, Any], version: int, told: Callable[[str, Any], str]
) -> None:
    lines = [told(name, value) for name, value in present.items() if known.get(name) != value]
    with st.container(border=True, key=f"{place}-changed", gap="small"):
        st.warning("\n".join([TELLING, "", *(f"- {line}" for line in lines)]), icon=":material/group:")
        with st.container(horizontal=True, gap="small"):
            st.button("放弃我填的，换成现在的", key=f"{place}-theirs", on_click=close, args=(place,))
            st.button(
                "以我填的为准，继续改", key=f"{place}-mine", on_click=_keep_mine, args=(place, dict(present), version)
            )


def _keep_mine(place: str, present: dict[str, Any], version: int) -> None:
    st.session_state[_kept(place)] |= {"known": present, "version": version}
