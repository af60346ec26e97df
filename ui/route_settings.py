"""审核环节 as settings: the stages of each category, and what each risk adds. One form each, saved whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from models import REVIEW_STAGES, ContentCategory, OfficialAccount, RiskMark, SubmissionState
from services import routes
from services.queries.sessions import SignedInPerson
from services.rules.workflow import RISK_STAGES
from ui import feedback, runtime

EVERY_ACCOUNT = "所有公众号"
Stages = tuple[SubmissionState, ...]
SettingT = TypeVar("SettingT", ContentCategory, RiskMark)


def choose_account(accounts: Sequence[OfficialAccount]) -> int | None:
    """For which account the stages are set; None for all of them. Without a second account there is no choice."""
    if len(accounts) < 2:
        return None
    names = {account.id: account.name for account in accounts}
    chosen: int | None = st.selectbox(
        "适用范围",
        [None, *names],
        format_func=lambda each: names.get(each, EVERY_ACCOUNT),
        key="routes-account",
        help="一般不用改；某个公众号另有规定时才选它。",
    )
    return chosen


def draw(
    user: SignedInPerson,
    base: Mapping[ContentCategory, Stages],
    risks: Mapping[RiskMark, Stages],
    *,
    account_id: int | None,
) -> None:
    """Both forms: by category, and by risk."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("按稿件类别")
        st.caption("依次办理，每个环节由不同的人签。一般稿件至少三个环节；通知公告、活动预告可用两个；不能只有一个人。")
        _categories(user, base, account_id)
    with right:
        st.subheader("按风险")
        st.caption("作者在投稿时勾选，审核人可以增加，任何人都不能去掉。勾选后，在类别的环节之外再增加：")
        _risks(user, risks)
    st.caption("改动只对以后提交的稿件生效，已经在审的稿件按提交时的环节办完。")


def _categories(user: SignedInPerson, base: Mapping[ContentCategory, Stages], account_id: int | None) -> None:
    place = f"routes-{account_id or 'all'}"
    seen = _seen(place, base, first_widget=f"route-{account_id or 'all'}-{next(iter(base)).value}")
    with st.form(place):
        given = {
            category: tuple(
                st.pills(
                    category.label,
                    REVIEW_STAGES,
                    default=stages,
                    selection_mode="multi",
                    format_func=lambda each: each.label,
                    key=f"route-{account_id or 'all'}-{category.value}",
                    wrap=True,
                )
            )
            for category, stages in base.items()
        }
        sent = st.form_submit_button("保存审核环节", type="primary", key="routes-save")
    if not sent:
        return
    wanted = {category: _in_order(stages) for category, stages in given.items()}
    with feedback.reporting("审核环节已保存，从下一篇提交的稿件起生效。") as done, runtime.acting_as(user) as work:
        routes.set_routes(work, wanted=wanted, seen=seen, account_id=account_id)
    if done.done:
        st.session_state[f"{place}-seen"] = wanted
        st.rerun()


def _risks(user: SignedInPerson, risks: Mapping[RiskMark, Stages]) -> None:
    seen = _seen("risk-stages", risks, first_widget=f"risk-{next(iter(risks)).value}")
    with st.form("risk-stages"):
        given = {
            mark: _in_order(
                st.pills(
                    mark.label,
                    RISK_STAGES,
                    default=stages,
                    selection_mode="multi",
                    format_func=lambda each: each.label,
                    key=f"risk-{mark.value}",
                    wrap=True,
                )
            )
            for mark, stages in risks.items()
        }
        sent = st.form_submit_button("保存风险规则", type="primary", key="risks-save")
    if not sent:
        return
    with feedback.reporting("风险规则已保存，从下一篇提交的稿件起生效。") as done, runtime.acting_as(user) as work:
        routes.set_risk_stages(work, wanted=given, seen=seen)
    if done.done:
        st.session_state["risk-stages-seen"] = given
        st.rerun()


def _seen(place: str, present: Mapping[SettingT, Stages], *, first_widget: str) -> Mapping[SettingT, Stages]:
    """What the form showed when it was first drawn; its fields keep that, whatever somebody else saves meanwhile."""
    kept = f"{place}-seen"
    if first_widget not in st.session_state or kept not in st.session_state:
        st.session_state[kept] = dict(present)
    seen: Mapping[SettingT, Stages] = st.session_state[kept]
    return seen


def _in_order(stages: Sequence[SubmissionState]) -> Stages:
    return tuple(stage for stage in REVIEW_STAGES if stage in stages)
