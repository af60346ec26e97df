"""检查依据: the versions a check was made with, and the same check once more, for whoever doubts a mark."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from services import replays
from services.queries.sessions import SignedInPerson
from services.replays import Replay
from ui import feedback, runtime, wording

NAMED = {"rules": "规则", "lexicon": "词库", "folding": "字符归一", "settings": "名录与学校信息"}


def draw(user: SignedInPerson, submission_id: int) -> None:
    """A small opener beside the marks; the check is repeated when somebody asks for it."""
    with st.popover("检查依据", icon=":material/history:", key=f"replay-{submission_id}"):
        st.caption("用当时的文字、词库版本和日期再查一遍，核对提示是否一致；什么都不会改动。")
        if st.button("重放最近一次检查", key=f"replay-{submission_id}-go"):
            with feedback.or_stop(), st.spinner("正在重放…"), runtime.reading() as db:
                done = replays.replay(db, user, runtime.current().screening, submission_id=submission_id)
            _said(done)


def _said(done: Replay) -> None:
    lists = f"第 {done.edition} 版词库" if done.edition else "随产品提供的起始词表"
    st.markdown(f"{wording.moment(done.run_at)} 的检查，{lists}，规则第 {done.versions['rules']} 版。")
    if done.is_same:
        st.success(f"文字提示 {done.compared} 处，与当时完全一致。", icon=":material/check:")
    else:
        rows = [
            {"": sign, "规则": each.rule, "位置": each.field, "文字": each.quote}
            for sign, places in (("当时有，现在没有", done.missing), ("现在有，当时没有", done.added))
            for each in places
        ]
        st.warning("与当时不一致：", icon=":material/warning:")
        st.dataframe(pd.DataFrame(rows), hide_index=True)
    if done.differs_in:
        st.caption("与当时不同的版本：" + "、".join(NAMED[each] for each in done.differs_in) + "。")
