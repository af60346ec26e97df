"""约谈 before the third return: who talked and when, or that it waits; and what was put off, once it was held."""

from __future__ import annotations

import streamlit as st

from models import Action, ReturnTalk
from services import talks
from services.queries import standings
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.office_time import office_day
from services.rules.permissions import may_enter_talk
from services.talks import PUT_OFF, Talk
from ui import feedback, runtime, wording


def draw(item: SubmissionDetail) -> None:
    """Drawn only where the next return asks for a talk."""
    before = _returns(item)
    if before + 1 < talks.ASKED_FROM or not item.may(Action.RETURN):
        return
    key = _key(item)
    with st.container(border=True, key=f"{key}-fields", gap="small"):
        st.markdown(
            f":orange[:material/forum: **已退回 {before} 次**]：再退回之前，请先与作者当面或电话谈一次，说清怎样改。"
        )
        _fields(key)
        st.checkbox("先退回，稍后再谈（系统会提醒您补记）", key=f"{key}-later")


def _fields(key: str) -> None:
    st.text_input("谁和谁谈的", key=f"{key}-who", placeholder="如 李云与王晓敏", max_chars=talks.LONGEST)
    st.date_input(
        "哪天谈的", None, key=f"{key}-day", format="YYYY-MM-DD", max_value=office_day(runtime.current().now())
    )


def given(item: SubmissionDetail) -> Talk | None:
    """What was filled in; None where nothing was, or nothing is asked."""
    key = _key(item)
    if st.session_state.get(f"{key}-later"):
        return PUT_OFF
    who, day = st.session_state.get(f"{key}-who", ""), st.session_state.get(f"{key}-day")
    return Talk(who=who, held_on=day) if who or day else None


def _returns(item: SubmissionDetail) -> int:
    return sum(line.action is Action.RETURN for line in item.history)


def _key(item: SubmissionDetail) -> str:
    # One talk belongs to one return; a version may change under the words that are being typed.
    return f"talk-{item.submission.id}-{_returns(item)}"


# --- What was put off ------------------------------------------------------------------------------------


def owed(user: SignedInPerson, item: SubmissionDetail) -> None:
    """A place for each talk that was put off and is still to be written down; for those who may."""
    put_off = [each.talk for each in item.history if each.talk is not None and each.talk.held_on is None]
    if not put_off:
        return
    with runtime.reading() as db:
        standing = standings.standing(db, item.submission)
    for talk in put_off:
        if may_enter_talk(user, standing, talk.entered_by_id):
            _owed(user, talk)


def _owed(user: SignedInPerson, talk: ReturnTalk) -> None:
    key = f"talk-owed-{talk.id}"
    with st.container(border=True, key=key, gap="small"):
        when = wording.moment(talk.entered_at)
        st.markdown(f":orange[:material/forum: **还欠一次约谈**]：{when} 退回时说好稍后再谈，谈过后在这里补记。")
        _fields(key)
        st.button("补记约谈", key=f"{key}-enter", on_click=_enter, args=(user, talk.id, key))


def _enter(user: SignedInPerson, talk_id: int, key: str) -> None:
    said = Talk(who=st.session_state.get(f"{key}-who", ""), held_on=st.session_state.get(f"{key}-day"))
    with feedback.reporting("约谈已补记。"), runtime.acting_as(user) as work:
        talks.enter(work, talk_id=talk_id, talk=said)
