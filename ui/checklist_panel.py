"""审核清单 on the screen: what the machine doubts stands open, the rest is one click or one fold away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models import Action, CheckVerdict, Submission
from services import checklist
from services.queries.checklist import AnswerLine
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.checklist import BY_CODE, PART_LABELS, CheckItem, Given, Line, required_open
from ui import feedback, runtime, wording

MOST_NAMED = 3
COLOURS = {CheckVerdict.PASS: "green", CheckVerdict.FAIL: "red", CheckVerdict.NOT_APPLICABLE: "gray"}


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The list to fill in for whoever decides the stage; what was answered for everybody else."""
    if item.may(Action.RETURN):
        _to_fill(user, item.submission)
    else:
        _to_read(item.submission)


@st.fragment
def _to_fill(user: SignedInPerson, submission: Submission) -> None:
    """Answering redraws the list, not the page around it."""
    with runtime.reading() as db:
        found = checklist.lines(db, submission)
    if not found:
        return
    feedback.show()
    done = sum(not line.is_open for line in found)
    with st.container(border=True, key=f"checklist-{submission.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**审核清单**　已填 {done}/{len(found)}", width="stretch")
            if any(line.is_open and not line.is_doubted for line in found):
                st.button(
                    "其余均通过",
                    key=f"check-rest-{submission.id}",
                    icon=":material/done_all:",
                    on_click=_fill_rest,
                    args=(user, submission),
                    help="逐项看过之后按：没有填、机器也没有疑问的各项都记为通过或不适用。",
                )
        standing_out = [line for line in found if line.is_doubted or line.stops]
        for line in standing_out:
            _line(user, submission, line)
        others = [line for line in found if line not in standing_out]
        with st.expander(f"{'其余' if standing_out else '全部'} {len(others)} 项"):
            for line in others:
                _line(user, submission, line)


def _line(user: SignedInPerson, submission: Submission, line: Line) -> None:
    given = line.answer.verdict if line.answer else None
    # The answer is part of the key: a choice the browser kept would hide one given since (其余均通过, a colleague).
    key = f"check-{submission.id}-{submission.revision_id}-{line.item.code}-{given.value if given else 'open'}"
    with st.container(key=f"line-{submission.id}-{line.item.code}", gap="small"):
        st.markdown(_named(line.item), help=_help(line.item))
        for words in _said(line):
            st.caption(words)
        chosen = st.segmented_control(
            line.item.label,
            list(CheckVerdict),
            default=given,
            format_func=lambda each: each.label,
            key=key,
            label_visibility="collapsed",
            on_change=_choose,
            args=(user, submission, line.item.code, key),
        )
        if chosen is CheckVerdict.FAIL and given is not CheckVerdict.FAIL:
            _ask_what_is_wrong(user, submission, line, key)


def _named(item: CheckItem) -> str:
    return f"**{item.code}　{item.label}**　:gray[制度 {item.clause}]" + ("　:red-badge[必查]" if item.blocks else "")


def _help(item: CheckItem) -> str:
    basis = f"依据：{item.basis}" if item.basis else ""
    stops = "必查项，不通过则不能签字。" if item.blocks else ""
    return f"{item.looks_at}。{stops}{basis}"


def _said(line: Line) -> list[str]:
    """Why the machine doubts, what was answered and by whom, what must be looked at again."""
    said = []
    if line.outdated is not None:
        touched = wording.listed(PART_LABELS[part] for part in PART_LABELS if part in line.outdated.changed)
        said.append(f":orange[:material/refresh: {touched}改过，须再看：{_answered(line.outdated)}]")
    if line.proposal is not None and line.is_open:
        icon = ":orange[:material/visibility:]" if line.proposal.verdict is None else ":gray[:material/smart_toy:]"
        said.append(f"{icon} {wording.literal(line.proposal.why)}")
    if line.answer is not None:
        said.append(_answered(line.answer))
    return said


def _answered(given: Given) -> str:
    note = f"：{wording.literal(given.note)}" if given.note else ""
    return f"{wording.literal(given.by)}　{given.verdict.label}{note}"


def _ask_what_is_wrong(user: SignedInPerson, submission: Submission, line: Line, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "哪里不通过",
            key=f"{key}-note",
            placeholder="写明哪里不通过，作者会看到",
            label_visibility="collapsed",
            max_chars=500,
            width=320,
        )
        st.button("记下", key=f"{key}-keep", on_click=_fail, args=(user, submission, line.item.code, f"{key}-note"))


def _to_read(submission: Submission) -> None:
    with runtime.reading() as db:
        given = checklist.answered_in(db, submission)
    if not given:
        return
    failed = [each for each in given if each.verdict is CheckVerdict.FAIL]
    title = f"审核清单（本轮已填 {len(given)} 项" + (f"，{len(failed)} 项不通过）" if failed else "）")
    with st.expander(title, icon=":material/checklist:", expanded=bool(failed)):
        for each in sorted(given, key=lambda line: line.verdict is not CheckVerdict.FAIL):
            note = f"：{wording.literal(each.note)}" if each.note else ""
            st.markdown(
                f":{COLOURS[each.verdict]}-badge[{each.verdict.label}] {each.item} {BY_CODE[each.item].label}{note}"
                f"　:gray[{each.stage.label} {wording.literal(each.by)}]"
            )


# --- Acts ------------------------------------------------------------------------------------------------


def _choose(user: SignedInPerson, submission: Submission, code: str, key: str) -> None:
    """A choice is kept at once; 不通过 waits for its words."""
    verdict: CheckVerdict | None = st.session_state.get(key)
    if verdict is not None and verdict is not CheckVerdict.FAIL:
        _answer(user, submission, code, verdict, "")


def _fail(user: SignedInPerson, submission: Submission, code: str, place: str) -> None:
    _answer(user, submission, code, CheckVerdict.FAIL, st.session_state.get(place, ""))


def _answer(user: SignedInPerson, submission: Submission, code: str, verdict: CheckVerdict, note: str) -> None:
    with feedback.reporting(), runtime.acting_as(user) as work:
        checklist.answer(
            work,
            submission_id=submission.id or 0,
            seen_revision_id=submission.revision_id or 0,
            item=code,
            verdict=verdict,
            note=note,
        )


def _fill_rest(user: SignedInPerson, submission: Submission) -> None:
    fill_rest(user, submission)


def fill_rest(user: SignedInPerson, submission: Submission) -> bool:
    """其余均通过, on the version that was drawn; whether it was done."""
    with feedback.reporting() as filled, runtime.acting_as(user) as work:
        checklist.answer_rest(work, submission_id=submission.id or 0, seen_revision_id=submission.revision_id or 0)
    return filled.done


def question(submission: Submission) -> str:
    """What is asked before a signature over items left open whose 不通过 would stop it; empty if there are none."""
    with runtime.reading() as db:
        left = required_open(checklist.lines(db, submission))
    if not left:
        return ""
    doubted = [line.item for line in left if line.is_doubted]
    look = f"其中{_listed(doubted)}机器有疑问，请先看。" if doubted else ""
    return f"审核清单的必查项{_listed([line.item for line in left])}还没有填。{look}"


def _listed(items: Sequence[CheckItem]) -> str:
    named = wording.listed(f"“{each.label}”" for each in items[:MOST_NAMED])
    return f"{named}等 {len(items)} 项" if len(items) > MOST_NAMED else named


def failed(submission: Submission) -> Sequence[AnswerLine]:
    """What was answered 不通过 in the present stage, in the order of the list."""
    with runtime.reading() as db:
        given = checklist.answered_in(db, submission)
    return [each for each in given if each.stage is submission.state and each.verdict is CheckVerdict.FAIL]
