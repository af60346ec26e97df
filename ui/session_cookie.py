"""The browser's side of signing in and out: it asks `/portal/session` for its cookie, or gives it back.

Only the browser can do this: the pages talk through a socket that is already open, and a cookie comes with an
ordinary answer.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_SCRIPT = """
let asked = null;
// One after the other: the answer to a sign-out, arriving late, would delete the cookie of the sign-in that followed.
let last = Promise.resolve();

export default function ({ data, setTriggerValue }) {
  if (asked === data.ask) return;
  asked = data.ask;
  const answer = last.then(() =>
    fetch("/portal/session", {
      method: data.ticket ? "POST" : "DELETE",
      body: data.ticket || undefined,
      headers: { "X-Portal": "1" },
      credentials: "same-origin",
      keepalive: true,
    }),
  );
  last = answer.catch(() => undefined);
  answer.then(({ status }) => setTriggerValue("answer", status), () => setTriggerValue("answer", 0));
}
"""
_component = st.components.v2.component("session_cookie", html="<span></span>", js=_SCRIPT)


def fetch(ticket: str, *, on_answer: Callable[[], None]) -> None:
    """Change the ticket into the cookie; `on_answer` runs once the server has said yes or no."""
    _component(key="session_cookie", data={"ask": ticket, "ticket": ticket}, on_answer_change=on_answer)


def drop() -> None:
    """Give the cookie back."""
    # Under a key of its own: its late answer is not one to the ticket of whoever signs in meanwhile.
    _component(key="session_cookie_dropped", data={"ask": "drop", "ticket": ""}, on_answer_change=_ignore)


def _ignore() -> None:
    """Whether the cookie went or not: its session has ended already."""
