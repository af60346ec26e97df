"""年检 on the screen: the campaign, how far each unit is, the self-check, the facts and the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models import AnnualAction, AnnualCampaign, CampaignState
from services import annual_reviews
from services.queries.annual_reviews import ReviewLine, progress
from services.queries.sessions import SignedInPerson
from services.rules import flow_charts
from services.rules.annual_review import ITEMS, LONGEST_EVIDENCE, Answer, Facts, ReviewStep, usual_window
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from ui import feedback, flow_chart, kept_form, runtime, wording
from ui.official_words import ANNUAL_COLOURS, badge

MAIN_STEPS = (AnnualAction.CONFIRM, AnnualAction.PASS)
YES, NO = "是", "否"


def choose(campaigns: Sequence[AnnualCampaign]) -> AnnualCampaign | None:
    """The campaign that is shown; the latest unless another is chosen."""
    if len(campaigns) < 2:
        return campaigns[0] if campaigns else None
    years = {f"{each.year} 年": each for each in campaigns}
    return years[st.selectbox("年度", list(years), key="annual-year")]


def begin(user: SignedInPerson, campaigns: Sequence[AnnualCampaign]) -> None:
    """Open this year's campaign, unless it is open already."""
    today = office_day(runtime.current().now())
    if not user.may(Capability.KEEP_ACCOUNTS) or any(each.year == today.year for each in campaigns):
        return
    first, last = usual_window(today.year)
    with st.form("annual-open"):
        st.markdown(f"**开始 {today.year} 年年检**")
        columns = st.columns(2)
        opens_on = columns[0].date_input("自查开始", first, format="YYYY-MM-DD", key="annual-from")
        closes_on = columns[1].date_input("自查截止", last, format="YYYY-MM-DD", key="annual-to")
        sent = st.form_submit_button("开始年检", type="primary", key="annual-begin")
    if not sent:
        return
    with feedback.reporting(f"{today.year} 年年检已经开始。") as done, runtime.acting_as(user) as work:
        annual_reviews.open_campaign(work, year=today.year, opens_on=opens_on or first, closes_on=closes_on or last)
    if done.done:
        st.rerun()


def draw(user: SignedInPerson, campaign: AnnualCampaign, lines: Sequence[ReviewLine]) -> None:
    """The campaign, the progress of the units, and each account."""
    st.subheader(f"{campaign.year} 年年检")
    with st.container(horizontal=True, gap="small"):
        badge(campaign.state.label, "green" if campaign.state is CampaignState.PUBLISHED else "blue")
        badge(f"自查 {campaign.opens_on} 至 {campaign.closes_on}", "gray")
    flow_chart.offer(flow_charts.of_annual_review(), key="annual", title="年检流程图")
    if not lines:
        st.info("本年度年检没有您可以查看的公众号。", icon=":material/info:")
        return
    if user.may(Capability.KEEP_ACCOUNTS):
        _progress(lines)
        _publishing(user, campaign)
    for line in lines:
        _card(user, campaign, line)


def of_account(user: SignedInPerson, campaign: AnnualCampaign, line: ReviewLine) -> None:
    """One account's review, on the page of the account."""
    st.markdown(f"**{campaign.year} 年年检**　:gray[自查 {campaign.opens_on} 至 {campaign.closes_on}]")
    _card(user, campaign, line)
    chart = flow_charts.of_annual_review()
    flow_chart.offer(chart, here=line.review.state, key=f"annual-{line.id}", title="年检流程图")


def _progress(lines: Sequence[ReviewLine]) -> None:
    with st.expander("各单位进度"):
        for unit in progress(lines):
            st.progress(
                unit.confirmed / unit.accounts,
                f"{unit.department}：{unit.accounts} 个账号，已确认 {unit.confirmed}，已作结论 {unit.decided}",
            )


def _publishing(user: SignedInPerson, campaign: AnnualCampaign) -> None:
    if campaign.state is CampaignState.PUBLISHED:
        return
    with st.popover("公示结果", key="open-annual-publish"):
        st.caption("公示后，没有按时确认的账号登记为“未参加年检”；结论不能再改，限期整改的除外。")
        st.button("确认公示", key="annual-publish", type="primary", on_click=_publish, args=(user, campaign))


def _publish(user: SignedInPerson, campaign: AnnualCampaign) -> None:
    with feedback.reporting(f"{campaign.year} 年年检结果已公示。"), runtime.acting_as(user) as work:
        annual_reviews.publish(work, campaign_id=campaign.id or 0, seen_version=campaign.version)


def _card(user: SignedInPerson, campaign: AnnualCampaign, line: ReviewLine) -> None:
    with st.container(border=True, key=f"review-{line.id}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{wording.literal(line.account.name)}**　{line.department}")
            badge(line.review.state.label, ANNUAL_COLOURS[line.review.state])
            if line.is_late:
                badge("逾期未确认：按未参加年检登记", "red")
        _facts(line.facts)
        for ground in line.grounds:
            st.markdown(f":red[:material/error: {ground}]")
        if line.review.comment:
            st.markdown(wording.quoted(wording.literal(line.review.comment)))
        if line.review.answers:
            _answers(line)
        if campaign.state is CampaignState.OPEN or line.review.state.value == "conditional":
            _decide(user, campaign, line)


def _facts(facts: Facts) -> None:
    said = [
        f"本年发布 {facts.posts} 篇",
        f"间隔超过 14 天 {facts.gaps} 次",
        f"已 {facts.silent_days} 天没有更新" if facts.silent_days else "",
        f"按期望日期发布 {facts.on_time}/{facts.timed}" if facts.timed else "没有约定日期的稿件",
        f"认定违规 {facts.violations} 件",
        f"上次改密 {facts.password_changed_on or '未登记'}",
    ]
    st.caption("　".join(filter(None, said)))


def _answers(line: ReviewLine) -> None:
    with st.expander("自查情况"):
        for item, label in ITEMS.items():
            answer = line.review.answers.get(item, {})
            mark = ":green[:material/check:]" if answer.get("yes") else ":orange[:material/close:]"
            evidence = wording.literal(answer.get("evidence", ""))
            st.markdown(f"{mark} {label}" + (f"　:gray[{evidence}]" if evidence else ""))


def _decide(user: SignedInPerson, campaign: AnnualCampaign, line: ReviewLine) -> None:
    if office_day(runtime.current().now()) < campaign.opens_on:
        st.caption(f"{campaign.opens_on} 起可以填写自查。")
        return
    steps = [step for step in line.steps if step.action is not AnnualAction.SELF_CHECK]
    if any(step.action is AnnualAction.SELF_CHECK for step in line.steps):
        label = "修改自查" if line.review.answers else "填写自查"
        with st.expander(label, icon=":material/fact_check:", key=f"check-{line.id}"):
            _self_check(user, line)
    if any(step.action is not AnnualAction.CONFIRM for step in steps):
        st.text_area("结论说明", key=_words(line), placeholder="除“评为合格”外须写明理由", height=80)
    if steps:
        with st.container(horizontal=True, gap="small"):
            for step in steps:
                _button(user, line, step)


def _words(line: ReviewLine) -> str:
    return f"review-words-{line.id}"


def _button(user: SignedInPerson, line: ReviewLine, step: ReviewStep) -> None:
    st.button(
        step.action.label,
        key=f"review-{step.action.value}-{line.id}",
        type="primary" if step.action in MAIN_STEPS else "secondary",
        on_click=_perform,
        args=(user, line, step.action),
    )


def _perform(user: SignedInPerson, line: ReviewLine, action: AnnualAction) -> None:
    said = f"“{line.account.name}”年检：{action.label}。"
    with feedback.reporting(said) as outcome, runtime.acting_as(user) as work:
        annual_reviews.perform(
            work,
            action,
            review_id=line.id,
            seen_version=line.review.version,
            comment=st.session_state.get(_words(line), ""),
        )
    if outcome.done:
        st.session_state[_words(line)] = ""


def _self_check(user: SignedInPerson, line: ReviewLine) -> None:
    place = f"check-{line.id}"
    form = kept_form.opened(
        place, line.review.answers, version=line.review.version, first_field=next(iter(ITEMS)), told=_told
    )
    with st.form(form.key):
        answers = {item: _answer(form.shown.get(item), item, label, form.key) for item, label in ITEMS.items()}
        sent = st.form_submit_button("提交自查", type="primary", key=f"check-send-{line.id}")
    if not sent:
        return
    with feedback.reporting("自查已提交，请由单位负责人确认。") as done, runtime.acting_as(user) as work:
        annual_reviews.answer(
            work,
            review_id=line.id,
            seen_version=form.version,
            answers={item: answer for item, answer in answers.items() if answer is not None},
        )
    if done.done:
        kept_form.close(place)
        st.rerun()


def _told(item: str, answer: Mapping[str, Any]) -> str:
    evidence = f"，{wording.literal(answer['evidence'])}" if answer["evidence"] else ""
    return f"{ITEMS[item]}：{YES if answer['yes'] else NO}{evidence}"


def _answer(before: Mapping[str, Any] | None, item: str, label: str, key: str) -> Answer | None:
    chosen, said = st.columns([2, 3], vertical_alignment="bottom")
    yes = chosen.radio(
        label,
        [YES, NO],
        index=None if before is None else (YES, NO).index(YES if before["yes"] else NO),
        horizontal=True,
        key=f"{key}-{item}",
    )
    evidence = said.text_input(
        "说明",
        before["evidence"] if before else "",
        key=f"{key}-{item}-evidence",
        max_chars=LONGEST_EVIDENCE,
        label_visibility="collapsed",
        placeholder="依据或说明",
    )
    return None if yes is None else Answer(yes=yes == YES, evidence=evidence)
