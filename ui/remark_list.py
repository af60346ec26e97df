"""批注 on the screen: the text to choose words in, and what was said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import streamlit as st

from models import Action, Content, Submission
from services import remarks
from services.manuscript import anchors
from services.queries import remarks as reads
from services.queries import standings
from services.queries.remarks import Thread
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules import remarks as rules
from services.rules.permissions import Standing
from ui import annotated_text, feedback, runtime, wording
from ui.annotated_text import LABELS, Picked, Pin
from ui.editor import Remarked

AROUND = 14  # characters shown on either side of a remark's words
SHOWN = 40  # characters of these words in the list; the text shows them all


def count_open(item: SubmissionDetail) -> int:
    """How many remarks of an item nobody has settled."""
    with runtime.reading() as db:
        return reads.count_open(db, item.draft.submission_id)


@st.fragment
def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The text with its remarks, a form for a new one where the person may remark, and the list."""
    feedback.show()
    with runtime.reading() as db:
        threads = reads.threads(db, item.draft.submission_id, item.content)
        standing = standings.standing(db, item.submission)
    may_remark = item.may(Action.RETURN)
    if may_remark:
        st.caption("点一句话，或拖动选中几个字，在下面写批注。批注随退回一起送给作者，在原文旁边看得到。")
    elif not threads:
        st.info("还没有批注。", icon=":material/info:")
        return
    texts = anchors.texts(item.content)
    turn = st.session_state.setdefault(_turn(item.submission), 0)
    picked = annotated_text.draw(
        texts,
        [pin for thread in threads if (pin := _pin(thread)) is not None],
        key=f"words-to-remark-{item.submission.id}-{item.submission.revision_id}-{turn}",
        pickable=may_remark,
    )
    if picked is not None:
        _form(user, item, texts, picked)
    for thread in threads:
        _thread(user, standing, texts, thread)


def answering(user: SignedInPerson, submission: Submission, content: Content) -> None:
    """What an author still has to answer, beside the form in which they mend it; nothing where nothing is open."""
    with runtime.reading() as db:
        threads = [each for each in reads.threads(db, submission.id or 0, content) if each.is_open]
        standing = standings.standing(db, submission)
    if not threads:
        return
    texts = anchors.texts(content)
    with st.expander(f"审核批注（{len(threads)} 处）", icon=":material/comment:", expanded=True, key="remarks"):
        for thread in threads:
            _thread(user, standing, texts, thread)


def marked_words(item: SubmissionDetail) -> list[Remarked]:
    """The words of the text that the author still has to answer for, to be marked in the editor."""
    if not any(line.action is Action.RETURN for line in item.history):
        return []
    with runtime.reading() as db:
        return [Remarked(**asdict(each)) for each in reads.open_in_body(db, item.draft.submission_id)]


def _turn(submission: Submission) -> str:
    return f"remarks-{submission.id}-turn"


def _pin(thread: Thread) -> Pin | None:
    if thread.place is None:
        return None
    return Pin(thread.field, *thread.place, number=thread.number, is_open=thread.is_open)


# --- Writing one -----------------------------------------------------------------------------------------


def _form(user: SignedInPerson, item: SubmissionDetail, texts: Mapping[str, str], picked: Picked) -> None:
    place = f"remark-{item.submission.id}"
    with st.container(border=True, key=f"{place}-form", gap="small"):
        st.markdown(wording.quoted(wording.literal(texts[picked.field][picked.start : picked.end])))
        text = st.text_area(
            "批注", key=place, placeholder="请写明要改什么，作者会看到", height=80, label_visibility="collapsed"
        )
        if not st.button("加批注", type="primary", key=f"{place}-add", icon=":material/add_comment:"):
            return
    with feedback.reporting("批注已添加。") as added, runtime.acting_as(user) as work:
        remarks.add(
            work,
            submission_id=item.submission.id or 0,
            seen_revision_id=item.submission.revision_id or 0,
            field=picked.field,
            start=picked.start,
            end=picked.end,
            text=text,
        )
    if added.done:
        del st.session_state[place]
        st.session_state[_turn(item.submission)] += 1
        st.rerun()


# --- What was said ---------------------------------------------------------------------------------------


def _thread(user: SignedInPerson, standing: Standing, texts: Mapping[str, str], thread: Thread) -> None:
    with st.container(border=True, key=f"remark-thread-{thread.id}", gap="small"):
        colour = "orange" if thread.is_open else "gray"
        st.markdown(f":{colour}-badge[{thread.number}]　{_where(texts, thread)}")
        st.markdown(wording.literal(thread.text))
        st.caption(f"{wording.literal(thread.by)}　{wording.moment(thread.at)}　第 {thread.revision_number} 版")
        for each in thread.replies:
            st.markdown(f":material/reply: {wording.literal(each.text)}")
            st.caption(f"{wording.literal(each.by)}　{wording.moment(each.at)}")
        if not thread.is_open and thread.settled_at is not None:
            st.caption(f"✓ {wording.literal(thread.settled_by)} {wording.moment(thread.settled_at)} 解决")
        _acts(user, standing, thread)


def _where(texts: Mapping[str, str], thread: Thread) -> str:
    """The words with what stands around them now, or that they are gone."""
    label = LABELS[thread.field]
    if thread.place is None:
        return f":gray[{label}]　~~{wording.literal(thread.quote)}~~　:orange-badge[原文已改]"
    text = texts[thread.field]
    start, end = thread.place
    before = text[max(0, start - AROUND) : start].rpartition("\n")[2]
    after = text[end : end + AROUND].partition("\n")[0]
    long = len(thread.quote) > SHOWN
    quote = wording.literal(f"{thread.quote[:SHOWN]}…" if long else thread.quote)
    return f":gray[{label}　…{wording.literal(before)}]**{quote}**:gray[{wording.literal(after)}…]"


def _acts(user: SignedInPerson, standing: Standing, thread: Thread) -> None:
    settles = rules.settling(user, standing, thread.by_id) is not None
    if thread.is_open and rules.answering(user, standing, thread.by_id) is not None:
        place = f"remark-reply-{thread.id}"
        st.text_input("回复", key=place, placeholder="回复这条批注", label_visibility="collapsed", max_chars=500)
        with st.container(horizontal=True, gap="small"):
            st.button("回复", key=f"{place}-send", on_click=_reply, args=(user, thread.id, place))
            if settles:
                st.button(
                    "解决", key=f"remark-settle-{thread.id}", icon=":material/check:", on_click=_settle,
                    args=(user, thread.id),
                )  # fmt: skip
    elif settles and not thread.is_open:
        st.button("重新打开", key=f"remark-reopen-{thread.id}", on_click=_reopen, args=(user, thread.id))


def _reply(user: SignedInPerson, remark_id: int, place: str) -> None:
    with feedback.reporting("回复已送出。") as sent, runtime.acting_as(user) as work:
        remarks.reply(work, remark_id=remark_id, text=st.session_state.get(place, ""))
    if sent.done:
        st.session_state[place] = ""


def _settle(user: SignedInPerson, remark_id: int) -> None:
    with feedback.reporting("批注已解决。"), runtime.acting_as(user) as work:
        remarks.settle(work, remark_id=remark_id)


def _reopen(user: SignedInPerson, remark_id: int) -> None:
    with feedback.reporting("批注已重新打开。"), runtime.acting_as(user) as work:
        remarks.reopen(work, remark_id=remark_id)
