"""One item on the screen: what it is, how it reads, what changed, what may be done, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models import Action, Content, Publication, Revision, SourceKind
from services import lexicon, submissions
from services.manuscript import blocks, comparison
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.permissions import Capability
from services.rules.workflow import Transition
from ui import (
    adjustment_form,
    article_preview,
    feedback,
    findings_panel,
    marked_text,
    navigation,
    picture_addresses,
    runtime,
    submission_list,
    thumbnails,
    wording,
)

CLAUSES = {
    "": "（不引用条款）",
    "1.3": "1.3 管理原则：真实可靠、保密安全",
    "3.1": "3.1 内容发布流程",
    "3.2": "3.2 内容审核标准",
    "4.1": "4.1 信息安全管理制度",
    "4.2": "4.2 个人信息保护",
    "4.3": "4.3 网络安全防护",
}

MAIN_STEPS = (Action.SIGN_OFF, Action.PASS, Action.APPROVE)
LONGEST_CORRECTION = 8
FINAL = (Action.REJECT, Action.WITHDRAW, Action.ARCHIVE)
"""Steps after which nothing follows."""

CONSEQUENCES = {
    Action.SIGN_OFF: "签字后送宣传部初审。",
    Action.PASS: "通过后进入下一环节，由另一位同志办理。",
    Action.APPROVE: "通过后内容封版，只有这一版可以发布。",
    Action.RETURN: "退回作者修改，作者会看到理由；改后在同一条记录里重新提交。",
    Action.REJECT: "稿件到此结束，不能再提交。",
    Action.WITHDRAW: "撤回后稿件到此结束，不能再提交。",
    Action.ARCHIVE: "归档后稿件不再变动。",
}


# --- What it is ------------------------------------------------------------------------------------------


def head(item: SubmissionDetail) -> None:
    """Title, state and the few facts a reviewer looks for first."""
    submission = item.submission
    st.subheader(wording.literal(item.content.title) or "（还没有标题）")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f":{submission_list.STATE_COLOURS[submission.state]}-badge[{submission.state.label}]")
        st.badge(submission.category.label, color="gray")
        st.badge(wording.literal(f"{item.department} · {item.contributor}"), color="gray")
        if item.account is not None:
            st.badge(item.account.name, color="gray", icon=":material/chat:")
    st.caption("　".join(_facts(item)))


def _facts(item: SubmissionDetail) -> list[str]:
    submission = item.submission
    facts = [f"作者 {item.content.author}" if item.content.author else ""]
    facts.append(f"摄影 {item.content.photographer}" if item.content.photographer else "")
    facts.append(f"活动日期 {submission.event_date}" if submission.event_date else "")
    facts.append(f"期望发布 {wording.moment(submission.wanted_at)}" if submission.wanted_at else "")
    facts.append(f"第 {item.revision_number} 版" if item.revision_number else "")
    if item.content.source_kind is SourceKind.REPRINT:
        facts.append(f"转载自 {item.content.source_name or item.content.source_url}")
    return [wording.literal(fact) for fact in facts if fact]


# --- How it reads ----------------------------------------------------------------------------------------


def article(user: SignedInPerson, item: SubmissionDetail, versions: Sequence[Revision]) -> None:
    """The phone preview, and what changed since the version that was last reviewed."""
    preview, changes, marked, earlier = st.tabs(
        ["手机预览", _changes_label(item), _marks_label(item), f"历史版本（{len(versions)}）"],
        key=f"views-{item.submission.id}",
    )
    with preview:
        if item.content.digest:
            st.caption(f"摘要：{wording.literal(item.content.digest)}")
        _cover(item)
        article_preview.draw(
            title=item.content.title,
            author=item.content.author,
            body_html=item.content.body_html,
            account=item.account,
            key=f"article-{item.submission.id}",
        )
    with marked:
        if item.findings:
            marked_text.draw(item.content, item.findings)
        else:
            st.info("机器初筛没有发现问题。", icon=":material/info:")
    with changes:
        _changes(user, item)
    with earlier:
        _versions(versions)


def _cover(item: SubmissionDetail) -> None:
    if item.content.cover_sha256:
        with st.expander("封面", icon=":material/image:"):
            thumbnails.draw([(item.content.cover_sha256, "")], width=360)


def _marks_label(item: SubmissionDetail) -> str:
    return f"机器提示（{len(item.findings)}）" if item.findings else "机器提示"


def _changes_label(item: SubmissionDetail) -> str:
    return f"与第 {item.reviewed.number} 版的改动" if item.reviewed else "改动对比"


def _changes(user: SignedInPerson, item: SubmissionDetail) -> None:
    if item.reviewed is None:
        st.info("这是第一次审核，还没有可以对比的版本。", icon=":material/info:")
        return
    compare(item.reviewed, item.content)
    if user.reaches(Capability.REVIEW) or user.reaches(Capability.APPROVE):
        _corrections(user, item.reviewed, item.content)


def _corrections(user: SignedInPerson, old: Content, new: Content) -> None:
    """Each short correction of the office can become an entry of the wrong-character list with one click."""
    found = dict.fromkeys((each.old, each.new) for each in comparison.compare(old.body_html, new.body_html).highlights)
    for number, (wrong, right) in enumerate(found):
        if 2 <= len(wrong) <= LONGEST_CORRECTION and 1 <= len(right) <= LONGEST_CORRECTION:
            st.button(
                f"把“{wrong} → {right}”加入错别字表",
                key=f"learn-{number}",
                icon=":material/playlist_add:",
                on_click=_learn,
                args=(user, wrong, right),
            )


def _learn(user: SignedInPerson, wrong: str, right: str) -> None:
    with feedback.reporting("已加入词库，启用新版本后生效。"), runtime.acting_as(user) as work:
        lexicon.add_correction(work, wrong=wrong, right=right)


def compare(old: Content, new: Content) -> None:
    """Two versions side by side in one text: what was taken out, what was put in."""
    for label, before, after in (
        ("标题", old.title, new.title),
        ("摘要", old.digest, new.digest),
        ("作者", old.author, new.author),
        ("摄影", old.photographer, new.photographer),
    ):
        if before != after:
            pieces = comparison.compare_text(before, after)
            st.html(f'<p class="diff"><b>{label}</b>　{comparison.render_pieces(pieces)}</p>')
    if old.cover_sha256 != new.cover_sha256:
        st.caption("封面图片已更换。")
    result = comparison.compare(old.body_html, new.body_html)
    if result.highlights:
        st.markdown(
            "**改动要点**　"
            + wording.literal(
                "；".join(f"{each.old or '（无）'} → {each.new or '（删去）'}" for each in result.highlights)
            )
        )
    if result.unchanged:
        st.caption("正文没有改动。")
        return
    hashes = {asset: picture_addresses.address(asset) for asset in _pictures(old, new)}
    st.html(comparison.render(result, picture_urls=hashes))


def _pictures(*contents: Content) -> set[str]:
    return {sha256 for content in contents for sha256 in blocks.picture_hashes(content.body_html)}


def _versions(versions: Sequence[Revision]) -> None:
    if not versions:
        st.info("提交之后，每一版都会留在这里。", icon=":material/info:")
    for before, version in reversed([*zip([None, *versions], versions, strict=False)]):
        with st.expander(f"第 {version.number} 版　{wording.moment(version.made_at)}"):
            if before is None:
                st.caption("首次提交。")
            else:
                compare(before, version)


# --- What may be done ------------------------------------------------------------------------------------


def decisions(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The buttons of the workflow table for this person, with one place for their words."""
    steps = [step for step in item.steps if step.action not in (Action.SUBMIT, Action.ADJUST)]
    with st.container(border=True, key="decisions"):
        st.markdown("**办理**")
        if item.may(Action.SUBMIT) and st.button("继续写", icon=":material/edit:", type="primary", key="continue"):
            navigation.go("submit", id=item.draft.submission_id)
        if item.may(Action.ADJUST):
            adjustment_form.opener(user, item)
        if any(step.action is not Action.WITHDRAW for step in steps):
            st.text_area("意见", key=_words(item), placeholder="退回或不予采用须写明理由，作者会看到", height=96)
            st.selectbox("依据条款", list(CLAUSES), format_func=CLAUSES.__getitem__, key=_clause(item))
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
    if step.action in FINAL:
        with st.popover(step.action.label, key=f"open-{name}", width="stretch"):
            st.caption(CONSEQUENCES[step.action])
            _press(user, item, step.action, label=f"确认{step.action.label}", key=name)
        return
    _press(user, item, step.action, label=step.action.label, key=name)
    st.caption(CONSEQUENCES[step.action])


def _press(user: SignedInPerson, item: SubmissionDetail, action: Action, *, label: str, key: str) -> None:
    st.button(
        label,
        key=key,
        type="primary" if action in MAIN_STEPS else "secondary",
        on_click=_perform,
        args=(user, item, action),
        width="stretch",
    )


def _perform(user: SignedInPerson, item: SubmissionDetail, action: Action) -> None:
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
        )
    if outcome.done:
        st.session_state[_words(item)] = ""


# --- What happened ---------------------------------------------------------------------------------------


def evidence(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The machine's marks, the publications and the history."""
    mending = findings_panel.Mending(item.submission.version) if item.may(Action.ADJUST) else None
    findings_panel.draw(user, item.draft.submission_id, answerable=bool(item.steps), mending=mending)
    if item.publications:
        st.markdown("**发布**")
        for publication in item.publications:
            _publication(publication)
    st.markdown("**经过**")
    for line in reversed(item.history):
        with st.container(gap=None):
            st.markdown(f"**{line.action.label}**　{wording.literal(line.actor)}　{wording.moment(line.at)}")
            if line.comment:
                st.caption(f"“{wording.literal(line.comment)}”" + (f"（制度 {line.clause}）" if line.clause else ""))
    if not item.history:
        st.caption("还没有提交。")
    if item.submission.seal:
        st.caption(f"封版指纹 {item.submission.seal[:16]}…")


def _publication(publication: Publication) -> None:
    line = f"{publication.target.label}：{publication.state.label}"
    st.markdown(f"[{line}]({publication.url})" if publication.url else line)
    if publication.failure:
        st.caption(publication.failure)
