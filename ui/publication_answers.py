"""需要人工: what a person must do or decide, in plain words, and the buttons that answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from models import PublicationState, PublicationWay, Target
from services import publication_answers, publishing
from services.queries import proofs as proof_reads
from services.queries.publications import PublicationLine
from services.queries.sessions import SignedInPerson
from services.rules.delivery_times import ADD_DRAFT
from services.rules.publication_states import DRAFT_GONE
from ui import feedback, hand_publishing, navigation, publication_plan, publication_view, runtime, wording

S = PublicationState

WECHAT_SITE = "https://mp.weixin.qq.com/"
LINK_HINT = "微信右上角“复制链接”，贴到这里"

SEND_THE_DRAFT = """
1. 登录公众平台（需要管理员或运营者扫码）。
2. 打开“内容与互动 → 草稿箱”，找到这篇文章，核对后发表。要通知粉丝，就打开“群发通知”。
3. 发出后系统会自动登记；不想等，把文章链接填在下面，按“已发出”。
"""
REHEARSED = "演练中不必登录真的公众平台：在演练平台的“写文章”里粘贴并发表，再把那里的链接登记回来。"
REHEARSED_DRAFT = "演练中，草稿在本机的演练平台里：打开它，按“发表”，再回来按“现在核对”。"
IN_DOUBT = (
    "**可能已经发出，请先到公众号后台核对。** 系统不知道结果，所以不会重发，免得同一篇文章发两次。"
    "在公众平台的“发表记录”里找这篇文章：找到了，填写链接并按“确认已发出”；没有，按“确认没有发出”。"
)
DRAFT_IN_DOUBT = (
    "**草稿可能已经建好，文章没有发出。** 微信没有明确回答。系统会到草稿箱里查找：找到了就接着做，确实没有才再建一份，"
    "不会出现两份，一般不必处理。不想等了，先在公众平台删去这份草稿，再按“确认没有发出”重新安排；"
    "已经由人从草稿箱发出的，填写链接并按“确认已发出”。"
)
DRAFT_IS_GONE = (
    "**草稿不在草稿箱里了：可能有人已经发出，也可能删除了。** 系统不会重发，免得同一篇文章发两次。"
    "请问一问同事，在公众平台的“发表记录”里找这篇文章：找到了，填写链接并按“确认已发出”；没有，按“确认没有发出”。"
)
IN_DOUBT_ELSEWHERE = {
    Target.WORDPRESS: (
        "**{place}上可能已经有这篇文章。** 那里没有明确回答。系统会先去查找：找到了就登记为已上线，确实没有才再建一篇，"
        "不会出现两篇，一般不必处理。急着知道，请到网站后台找这篇文章：有，按“确认已发出”；没有，按“确认没有发出”。"
    ),
    Target.WEBHOOK: (
        "**{place}可能已经收下这篇文章。** 那里没有明确回答。系统会用同一个编号再交一次，对方收过的不会收两遍，"
        "一般不必处理。急着知道，请问内容平台的管理员：收到了，按“确认已发出”；没有，按“确认没有发出”。"
    ),
}
LOOKS_AT = {
    Target.WECHAT: "系统马上到公众号后台看一次：草稿还在不在，文章有没有发出。",
    Target.WORDPRESS: "系统马上到网站上查找这篇文章。",
    Target.WEBHOOK: "系统马上用同一个编号再交一次。",
}
HELD_BACK = "发布暂停着（原因见页面上方），恢复后系统再核对。"


def waiting(user: SignedInPerson, lines: Sequence[PublicationLine]) -> None:
    """需要人工: each with what happened, what to do, and how to answer."""
    st.subheader(f"需要人工　{len(lines)}" if lines else "需要人工", anchor=publication_view.NEEDS_PERSON)
    if not lines:
        st.caption("没有需要人工处理的事项。")
    held = publication_view.held_back(lines, runtime.current().now())
    for line in lines:
        with st.container(border=True, key=f"waiting-{line.id}", gap="small"):
            st.markdown(f"**{wording.literal(line.title)}**")
            st.markdown(publication_view.standing_and_way(line))
            st.caption(wording.literal("　·　".join(filter(None, (line.department, line.account)))))
            PARTS[line.state](user, line, line.id in held)
            publication_view.calls(user, line)


# --- A person sends it -----------------------------------------------------------------------------------


def _to_send(user: SignedInPerson, line: PublicationLine, is_held: bool) -> None:  # noqa: FBT001  # as PARTS calls it
    st.markdown(wording.literal(line.failure))
    if is_held:
        st.caption(HELD_BACK)
    if line.way is PublicationWay.MANUAL:
        hand_publishing.draw(line)
    else:
        st.markdown(SEND_THE_DRAFT)
    if runtime.current().settings.is_rehearsal:
        st.caption(REHEARSED_DRAFT if line.media_id else REHEARSED)
    with st.container(horizontal=True):
        _link_to_platform(line)
        _look_button(user, line)
        if st.button("看稿件", key=f"read-{line.id}", icon=":material/article:", type="tertiary"):
            navigation.go("submission", id=line.submission_id)
    _address_field(line)
    if line.way is PublicationWay.MANUAL:
        with runtime.reading() as db:
            kept = proof_reads.screenshots_of(db, line.id)
        hand_publishing.screenshots(user, line.id, kept)
    with st.container(horizontal=True):
        _verdict(user, line, live=True, label="已发出")
        with st.popover("未发出", key=f"give-up-{line.id}"):
            st.markdown("这次发布记为“未发出”。草稿箱里如果有这篇草稿，请您同时删除它。")
            _verdict(user, line, live=False, label="确认没有发出")


def _link_to_platform(line: PublicationLine) -> None:
    if line.target is not Target.WECHAT:
        return
    # A rehearsal must not lead anybody to a real account.
    here = runtime.current()
    if here.rehearsal is not None:
        label, page = _in_rehearsal(line)
        st.link_button(label, here.rehearsal() + page, icon=":material/open_in_new:")
    elif not here.settings.is_rehearsal:
        st.link_button("打开公众平台", WECHAT_SITE, icon=":material/open_in_new:")


def _in_rehearsal(line: PublicationLine) -> tuple[str, str]:
    """Where on the rehearsal platform a person looks, and what the link is called."""
    if line.state is S.UNKNOWN:
        # A draft whose sending is in doubt may be used up: what was sent stands in the list.
        at_drafts = line.calling == ADD_DRAFT
        return ("打开演练平台的草稿箱", "/drafts") if at_drafts else ("打开演练平台的“已发表”", "/")
    if line.way is PublicationWay.MANUAL:
        return "在演练平台写文章", "/write"
    return "打开演练平台的草稿", f"/draft/{line.media_id}/0" if line.media_id else "/drafts"


def _look_button(user: SignedInPerson, line: PublicationLine) -> None:
    if line.media_id is not None or line.state is S.UNKNOWN:
        st.button(
            "现在核对",
            key=f"look-{line.id}",
            icon=":material/search:",
            on_click=_look,
            args=(user, line),
            help=LOOKS_AT.get(line.target, "系统马上再问一次对方。"),
        )


def _look(user: SignedInPerson, line: PublicationLine) -> None:
    with feedback.reporting("系统马上去核对，结果几秒后出现在这里。"), runtime.acting_as(user) as work:
        publication_answers.look_now(work, publication_id=line.id)


def _address_field(line: PublicationLine) -> None:
    if line.target is Target.WECHAT:
        st.text_input("文章链接", key=_address_key(line), placeholder=LINK_HINT)


def _address_key(line: PublicationLine) -> str:
    return f"address-{line.id}"


# --- Nobody knows ----------------------------------------------------------------------------------------


def _in_doubt(user: SignedInPerson, line: PublicationLine, is_held: bool) -> None:  # noqa: FBT001  # as PARTS calls it
    st.markdown(in_doubt(line))
    then = HELD_BACK if is_held else f"系统会在 {wording.moment(line.run_after)} 再核对一次。"
    st.caption(f"{wording.literal(line.failure)}　{then}")
    with st.container(horizontal=True):
        _link_to_platform(line)
        _look_button(user, line)
    _address_field(line)
    with st.container(horizontal=True):
        _verdict(user, line, live=True, label="确认已发出")
        _verdict(user, line, live=False, label="确认没有发出")


def in_doubt(line: PublicationLine) -> str:
    """Why nobody knows whether it is out, and how to find out, as Markdown."""
    elsewhere = IN_DOUBT_ELSEWHERE.get(line.target)
    if elsewhere is not None:
        return elsewhere.format(place=wording.literal(line.place))
    if line.calling == ADD_DRAFT:
        return DRAFT_IN_DOUBT
    return DRAFT_IS_GONE if line.failure_code == DRAFT_GONE else IN_DOUBT


def _verdict(user: SignedInPerson, line: PublicationLine, *, live: bool, label: str) -> None:
    st.button(
        label,
        key=f"{'live' if live else 'not-live'}-{line.id}",
        type="primary" if live else "secondary",
        on_click=_settle,
        args=(user, line),
        kwargs={"live": live},
    )


def _settle(user: SignedInPerson, line: PublicationLine, *, live: bool) -> None:
    told = "登记为已发出" if live else "登记为没有发出，可以重新安排"
    with feedback.reporting(f"《{wording.literal(line.title)}》已{told}。"), runtime.acting_as(user) as work:
        publication_answers.settle(
            work, publication_id=line.id, live=live, url=st.session_state.get(_address_key(line)) or None
        )


# --- It did not go out -----------------------------------------------------------------------------------


def _not_out(user: SignedInPerson, line: PublicationLine, is_held: bool) -> None:  # noqa: ARG001, FBT001  # as PARTS calls it
    st.markdown(wording.literal(line.failure))
    if line.failure_code in publishing.NEEDS_NEW_VERSION:
        st.caption("原样重发不会有不同的结果，所以这里没有“重试”。请由审核人员调整内容，重新送审。")
        navigation.link("submission", "查看稿件", id=line.submission_id)
        return
    st.button(
        "重试",
        key=f"retry-{line.id}",
        icon=":material/refresh:",
        on_click=_retry,
        args=(user, line),
        help="已经确认没有发出，按下后立即重新发布，不会重复。",
    )
    fold = st.expander("换个方式或时间", key=f"replan-{line.id}", icon=":material/schedule_send:", on_change="rerun")
    if fold.open:
        with fold:
            publication_plan.again(user, line)


def _retry(user: SignedInPerson, line: PublicationLine) -> None:
    with (
        feedback.reporting(f"《{wording.literal(line.title)}》已重新排入。"),
        runtime.acting_as(user) as work,
    ):
        publishing.retry(work, publication_id=line.id)


PARTS: Mapping[PublicationState, Callable[[SignedInPerson, PublicationLine, bool], None]] = {
    S.NEEDS_PERSON: _to_send,
    S.UNKNOWN: _in_doubt,
    S.FAILED: _not_out,
    S.MISSED: _not_out,
}
