"""What of the published items needs somebody now: deviations, open remedies, pages that did not follow."""

from __future__ import annotations

import streamlit as st

from models import RemedyKind, RemedyReason, Severity, Target
from services import proofs, remedies
from services.queries import proofs as reads
from services.queries import remedies as remedy_reads
from services.queries.proofs import Alarm, Unsynchronised
from services.queries.sessions import SignedInPerson
from services.remedies import Proposal
from services.rules.remedy_steps import may_answer_alarms, may_propose
from ui import feedback, navigation, remedy_view, runtime, wording

MOST_SHOWN = 5
BROUGHT_BACK = (Target.SITE, Target.SFTP, Target.WORDPRESS)
NO_WAY_BACK = (
    "公众号文章不能由系统改回：微信没有这样的接口，只许人在公众平台作少量更正。"
    "要处置，在稿件的“发布后”选更正、刊登更正说明或下架。"
)
"""Why a deviation on WeChat has no button that brings the approved version back."""


def strip(user: SignedInPerson) -> None:
    """Above the lists of whoever may answer: nothing at all while all is well."""
    now = runtime.current().now()
    with runtime.reading() as db:
        found = reads.alarms(db, user)
        open_remedies = remedy_reads.open_ones(db, user)
    answerable = any(may_answer_alarms(each) for each in user.standings)
    for each in found[:MOST_SHOWN]:
        alarm(user, each, answerable=answerable, with_title=True)
    if len(found) > MOST_SHOWN:
        st.caption(f"还有 {len(found) - MOST_SHOWN} 条发布内容异常，处理完上面的会接着显示。")
    for line in open_remedies:
        remedy_view.headline(line, now=now)


def alarm(user: SignedInPerson, found: Alarm, *, answerable: bool, with_title: bool = False) -> None:
    """One deviation: what differs, since when, and the answer it waits for."""
    proof, row = found.proof, found.publication
    with st.container(border=True, key=f"alarm-{proof.id}", gap="small"):
        title = f"《{wording.literal(found.title)}》" if with_title else ""
        verdict = proof.verdict.label if proof.verdict else ""
        where = wording.literal(found.account or row.target.label)
        st.error(f"**{title}{where}：{verdict}**", icon=":material/gpp_maybe:")
        for said in proof.said:
            st.markdown(wording.literal(said))
        when = wording.moment(proof.read_at) if proof.read_at else ""
        st.caption(f"{when} 读回时发现。当时的页面已留存。")
        if with_title:
            navigation.link("submission", "打开稿件，核对或处置", id=row.submission_id)
        if row.target in BROUGHT_BACK and any(may_propose(each) for each in user.standings):
            st.button(
                "按终审版恢复网页",
                key=f"restore-{proof.id}",
                icon=":material/settings_backup_restore:",
                on_click=_restore,
                args=(user, found),
                help="系统先留存现在的网页，再按终审通过的版本重写各网站上的这一页和它的图片。",
            )
        elif row.target is Target.WECHAT and any(may_propose(each) for each in user.standings):
            st.caption(NO_WAY_BACK)
        if answerable:
            _answer(user, found)


def _restore(user: SignedInPerson, found: Alarm) -> None:
    proposal = Proposal(
        kind=RemedyKind.RESTORE,
        reason=RemedyReason.TAMPERED,
        severity=Severity.MAJOR,
        facts="；".join(found.proof.said) or "网页被改动。",
    )
    done = f"《{wording.literal(found.title)}》的网页正在恢复，几秒后完成。"
    with feedback.reporting(done), runtime.acting_as(user) as work:
        remedies.propose(work, submission_id=found.publication.submission_id, proposal=proposal)


def _answer(user: SignedInPerson, found: Alarm) -> None:
    with st.popover("确认并说明", key=f"answer-alarm-{found.proof.id}", icon=":material/task_alt:"):
        st.caption("先核实，再说明：是谁改的、怎样处理的。确认后不再提醒；内容再变，会重新提醒。")
        st.text_area("情况说明", key=_reason(found), height=90)
        st.button(
            "确认", key=f"acknowledge-{found.proof.id}", type="primary", on_click=_acknowledge, args=(user, found)
        )


def _reason(found: Alarm) -> str:
    return f"alarm-reason-{found.proof.id}"


def _acknowledge(user: SignedInPerson, found: Alarm) -> None:
    with (
        feedback.reporting(f"《{wording.literal(found.title)}》的异常已确认。") as done,
        runtime.acting_as(user) as work,
    ):
        proofs.acknowledge(work, proof_id=found.proof.id or 0, reason=st.session_state.get(_reason(found), ""))
    if done.done:
        st.session_state.pop(_reason(found), None)


# --- Nothing proves it -----------------------------------------------------------------------------------


def unproved(user: SignedInPerson) -> None:
    """欠截图: what the machine could not read, and nobody photographed."""
    with runtime.reading() as db:
        found = reads.unproved(db, user, runtime.current().now())
    if not found:
        return
    with st.expander(f"欠发布截图　{len(found)}", key="unproved", icon=":material/photo_camera:"):
        st.caption("系统没有读到下面这些页面，也没有截图。请在手机上打开核对，截图登记在稿件的“发布后”里（制度 3.3）。")
        for each in found:
            left, right = st.columns([4, 1], vertical_alignment="center")
            where = wording.literal(each.account or each.target.label)
            left.markdown(f"**{wording.literal(each.title)}**　{where}　{wording.moment(each.live_at)} 上线")
            with right:
                navigation.link("submission", "打开", id=each.submission_id)


# --- Synchronisation -------------------------------------------------------------------------------------


def unsynchronised(user: SignedInPerson) -> None:
    """官网未同步: pushed on WeChat more than a day ago, and no page on the campus site."""
    with runtime.reading() as db:
        found = reads.unsynchronised(db, user, runtime.current().now())
    if not found:
        return
    with st.expander(f"官网未同步　{len(found)}", key="unsynchronised", icon=":material/sync_problem:"):
        st.caption("制度 3.1：公众号推送后 24 小时内同步到校园网站。下面这些超过了时限，请补发到校园网站。")
        now = runtime.current().now()
        for each in found:
            _behind(each, wording.duration(now - each.wechat_at))


def _behind(each: Unsynchronised, how_long: str) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.markdown(f"**{wording.literal(each.title)}**　推送已 {how_long}")
    with right:
        navigation.link("submission", "打开", id=each.submission_id)
