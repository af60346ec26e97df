"""办理: the buttons of the workflow table for this person, with one place for their words."""

from __future__ import annotations

import streamlit as st

from models import Action
from services import submissions
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.workflow import Transition
from ui import (
    adjustment_form,
    checklist_panel,
    feedback,
    navigation,
    reason_picker,
    remark_list,
    runtime,
    talk_fields,
)
from ui.reason_picker import CLAUSES

OWN_FORMS = (*submissions.WITH_FORMS,)
"""Steps that have a form of their own beside these buttons."""

MAIN_STEPS = (Action.SIGN_OFF, Action.PASS, Action.APPROVE)
CONFIRMED = (Action.RECALL, Action.REJECT, Action.WITHDRAW, Action.ARCHIVE)
"""Steps that undo what others did, or after which nothing follows: they ask once more."""

WORDLESS = (Action.RECALL, Action.WITHDRAW, Action.ARCHIVE)
"""Steps that tell nobody anything: on their own they need no place for words."""

CONSEQUENCES = {
    Action.SIGN_OFF: "签字后送宣传部初审。",
    Action.PASS: "通过后进入下一环节，由另一位同志办理。",
    Action.APPROVE: "通过后内容封版，只有这一版可以发布。",
    Action.RETURN: "退回作者修改，作者会看到理由；改后在同一条记录里重新提交。",
    Action.REJECT: "稿件到此结束，不能再提交。",
    Action.RECALL: "拿回来修改，已签的意见作废；改好后在同一条记录里重新提交，从第一个环节开始。",
    Action.WITHDRAW: "撤回后稿件到此结束，不能再提交。",
    Action.ARCHIVE: "归档后稿件不再变动。",
}


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The buttons of the workflow table for this person, with one place for their words."""
    steps = [step for step in item.steps if step.action not in OWN_FORMS]
    with st.container(border=True, key="decisions"):
        st.markdown("**办理**")
        if item.may(Action.SUBMIT) and st.button("继续写", icon=":material/edit:", type="primary", key="continue"):
            navigation.go("submit", id=item.draft.submission_id)
        if item.may(Action.ADJUST):
            adjustment_form.opener(user, item)
        if any(step.action not in WORDLESS for step in steps):
            reason_picker.draw(user, item, words=_words(item), clause=_clause(item))
            st.text_area("意见", key=_words(item), placeholder="退回或不予采用须写明理由，作者会看到", height=96)
            st.selectbox("依据条款", list(CLAUSES), format_func=CLAUSES.__getitem__, key=_clause(item))
        _asked(user, item)
        for step in steps:
            _button(user, item, step)
        if not item.steps:
            st.caption("现在没有需要您办理的事项。")


def _words(item: SubmissionDetail) -> str:
    return f"words-{item.submission.id}"


def _clause(item: SubmissionDetail) -> str:
    return f"clause-{item.submission.id}"


def _button(user: SignedInPerson, item: SubmissionDetail, step: Transition) -> None:
    """One step. What cannot be taken back opens first and says what will happen."""
    name = f"{step.action.value}-{item.submission.id}"
    if step.action in CONFIRMED:
        with st.popover(step.action.label, key=f"open-{name}", width="stretch"):
            st.caption(CONSEQUENCES[step.action])
            _press(user, item, step.action, label=f"确认{step.action.label}", key=name)
        return
    if step.action is Action.RETURN:
        talk_fields.draw(item)
    _press(user, item, step.action, label=step.action.label, key=name)
    carried = remark_list.count_open(item) if step.action is Action.RETURN else 0
    st.caption(CONSEQUENCES[step.action] + (f"**{carried} 处批注**一并送给作者。" if carried else ""))


def _press(user: SignedInPerson, item: SubmissionDetail, action: Action, *, label: str, key: str) -> None:
    st.button(
        label,
        key=key,
        type="primary" if action in MAIN_STEPS else "secondary",
        on_click=_perform,
        args=(user, item, action),
        width="stretch",
    )


# --- Asking once -----------------------------------------------------------------------------------------


def _asks_first(item: SubmissionDetail, action: Action) -> bool:
    """Whether the person is asked before a signature: once for each version, over what they left open."""
    if action not in MAIN_STEPS or st.session_state.get(_question(item)) is not None:
        return False
    left = checklist_panel.question(item.submission)
    waiting = remark_list.count_open(item)
    remarks = f"还有 {waiting} 处批注没有解决。" if waiting else ""
    if left or remarks:
        st.session_state[_question(item)] = (action.value, f"{left}{remarks}", bool(left))
    return bool(left or remarks)


def _question(item: SubmissionDetail) -> str:
    return f"asked-{item.submission.id}-{item.submission.version}"


def _asked(user: SignedInPerson, item: SubmissionDetail) -> None:
    asked = st.session_state.get(_question(item))
    if asked is None:
        return
    code, sentence, offers_rest = asked
    action = Action.of(code)
    st.warning(f"{sentence}再按一次“{action.label}”，则照此签字。", icon=":material/checklist:")
    if offers_rest:
        st.button(
            f"其余均通过，并{action.label}",
            key=f"rest-{action.value}-{item.submission.id}",
            icon=":material/done_all:",
            type="primary",
            on_click=_fill_and_perform,
            args=(user, item, action),
            width="stretch",
        )


# --- Acts ------------------------------------------------------------------------------------------------


def _fill_and_perform(user: SignedInPerson, item: SubmissionDetail, action: Action) -> None:
    # Two acts: what was answered must stay even if the signature is refused.
    if checklist_panel.fill_rest(user, item.submission):
        _perform(user, item, action)


def _perform(user: SignedInPerson, item: SubmissionDetail, action: Action) -> None:
    if _asks_first(item, action):
        return
    with (
        feedback.reporting(f"《{item.content.title}》：{action.label}。") as outcome,
        runtime.acting_as(user) as work,
    ):
        submissions.perform(
            work,
            action,
            submission_id=item.draft.submission_id,
            seen_version=item.submission.version,
            comment=st.session_state.get(_words(item), ""),
            clause=st.session_state.get(_clause(item), ""),
            talk=talk_fields.given(item) if action is Action.RETURN else None,
        )
    if outcome.done:
        st.session_state[_words(item)] = ""
