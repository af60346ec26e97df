"""Publications on the screen: whether the worker runs, what is on its way, what is done, and every call made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import urlsplit

import streamlit as st

from models import CallOutcome, PublicationAttempt, PublicationState, Target
from services import health, publication_answers
from services.queries import publications as reads
from services.queries import publishing_stops, sessions
from services.queries.publications import PublicationDetail, PublicationLine, WaitedFor
from services.queries.sessions import SignedInPerson
from services.rules.delivery_times import ADD_DRAFT, CREATE_POST, HAND_OVER, SEND_TO_ALL, SUBMIT
from ui import feedback, navigation, paging, publication_plan, runtime, wording

S = PublicationState

SOON = timedelta(minutes=1)
QUICK, SLOW = "3s", "30s"
DONE_ON_A_PAGE = 10
PAGE_OF_DONE = "page"
NEEDS_PERSON = "needs-person"
"""The place on the page of what waits for somebody."""
STATE_COLOURS: dict[PublicationState, str] = {
    S.QUEUED: "gray",
    S.PREPARING: "blue",
    S.DRAFTED: "blue",
    S.SENDING: "blue",
    S.ACCEPTED: "blue",
    S.LIVE: "green",
    S.FAILED: "red",
    S.UNKNOWN: "orange",
    S.NEEDS_PERSON: "orange",
    S.MISSED: "orange",
    S.REMOVED: "gray",
    S.BANNED: "red",
}

CALLS = {
    "media/uploadimg": "上传图片和封面",
    ADD_DRAFT: "建立草稿",
    "draft/get": "读回草稿",
    "draft/batchget": "在草稿箱里查找",
    SUBMIT: "提交发布",
    "freepublish/get": "询问发布结果",
    "freepublish/batchget": "在已发布列表里查找",
    SEND_TO_ALL: "提交群发",
    "message/mass/get": "询问群发结果",
    "site/publish": "写入校园网站",
    "sftp/publish": "上传网页",
    "wordpress/find": "在网站上查找",
    "wordpress/update": "更新网站上的文章",
    CREATE_POST: "在网站上建立文章",
    HAND_OVER: "交给内容平台",
}

OUTCOME_COLOURS = {
    CallOutcome.STARTED: "gray",
    CallOutcome.OK: "green",
    CallOutcome.REFUSED: "red",
    CallOutcome.NOT_SENT: "orange",
    CallOutcome.UNKNOWN: "orange",
}

LINKS = {Target.WECHAT: ("看微信文章", "chat"), Target.SITE: ("看校园网页", "language")}
ELSEWHERE = ("看网页", "language")


# --- The worker ------------------------------------------------------------------------------------------


def worker(*, needed_by: int) -> None:
    """Whether anything queued will go out at all, and whether somebody is waited for."""
    here = runtime.current()
    seen, now = health.examine(here.engines).worker_seen_at, here.now()
    if is_silent(seen, now):
        when = f"已有 {wording.duration(now - seen)} 没有运行" if seen else "还没有运行过"
        st.warning(
            f"后台发布程序{when}，排入的任务暂时不会发出，任务不会丢失。请系统管理员检查程序是否在运行。",
            icon=":material/warning:",
        )
    running = f"后台发布程序最近运行于 {wording.clock_time(seen)}" if seen else ""
    goes_to = "演练模式，只发到本机的演练平台" if here.settings.is_rehearsal else "正式模式，发到真实的公众号"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if needed_by:
            st.markdown(
                f"[:orange-badge[:material/person_alert: {needed_by} 项需要人工]](#{NEEDS_PERSON})", width="content"
            )
        st.caption("　·　".join(part for part in (running, goes_to) if part), width="content")


def is_silent(seen: datetime | None, now: datetime) -> bool:
    """Whether no worker was heard of for so long that something must be wrong."""
    return seen is None or now - seen > health.SILENT_AFTER


# --- On its way ------------------------------------------------------------------------------------------


def moving(user: SignedInPerson, lines: Sequence[PublicationLine], waiting: Sequence[PublicationLine]) -> None:
    """进行中: drawn again by itself while something is under way; when something arrived, the whole page is."""
    st.subheader(f"进行中　{len(lines)}" if lines else "进行中")
    now = runtime.current().now()
    held = held_back([*lines, *waiting], now)
    every = _pace([each for each in (*lines, *waiting) if each.id not in held], now) or (SLOW if lines else None)
    st.fragment(_moving, run_every=every)(user, _whereabouts(lines, waiting))


def held_back(lines: Iterable[PublicationLine], now: datetime) -> dict[int, str]:
    """Why some of these stand still, by their id: a stop holds them back."""
    with runtime.reading() as db:
        return publishing_stops.reasons(db, [each.id for each in lines], now)


def _pace(lines: Iterable[PublicationLine], now: datetime) -> str | None:
    in_flight = [each for each in lines if each.state in (*reads.ON_THE_WAY, S.UNKNOWN, S.NEEDS_PERSON)]
    # By hand, without a draft to watch, nothing will come by itself.
    if any(each.run_after - now < SOON for each in in_flight if each.state is not S.NEEDS_PERSON or each.media_id):
        return QUICK
    return SLOW if in_flight else None


Whereabouts = frozenset[tuple[int, str]]


def _whereabouts(lines: Iterable[PublicationLine], waiting: Iterable[PublicationLine]) -> Whereabouts:
    """What the other sections of the page depend on."""
    return frozenset({*((each.id, "moving") for each in lines), *((each.id, each.state.value) for each in waiting)})


def _moving(user: SignedInPerson, drawn: Whereabouts) -> None:
    now = runtime.current().now()
    with runtime.reading() as db:
        # By itself it runs for hours without the guard of the page, and it must not keep a sign-in alive.
        reader = sessions.by_id(db, user.session_id, now)
        lines = reads.in_progress(db, reader) if reader else []
        waiting = reads.waiting_for_person(db, reader) if reader else []
    if reader is None or _whereabouts(lines, waiting) != drawn:
        st.rerun()
    feedback.show()
    if not lines:
        st.caption("没有正在发布的任务。")
    held = held_back(lines, now)
    for group in by_item(lines):
        with st.container(border=True, key=f"moving-{group[0].submission_id}", gap="small"):
            _headline(group[0])
            for line in group:
                _on_its_way(user, line, now, is_held=line.id in held)


def by_item(lines: Iterable[PublicationLine]) -> list[list[PublicationLine]]:
    """The lines of one item together, items in the order of their first line."""
    groups: dict[int, list[PublicationLine]] = {}
    for line in lines:
        groups.setdefault(line.submission_id, []).append(line)
    return list(groups.values())


def _headline(line: PublicationLine) -> None:
    st.markdown(f"**{wording.literal(line.title)}**")
    facts = (line.department, line.account or "", f"{line.queued_by} 排入")
    st.caption(wording.literal("　·　".join(fact for fact in facts if fact)))


def standing(line: PublicationLine) -> str:
    """The target and how it stands there, as Markdown."""
    return f"**{wording.literal(line.place)}** :{STATE_COLOURS[line.state]}-badge[{line.state.label}]"


def standing_and_way(line: PublicationLine) -> str:
    """The same with the way it goes, where there is a choice of ways."""
    return f"{standing(line)}　{line.way.label}" if line.target is Target.WECHAT else standing(line)


def _on_its_way(user: SignedInPerson, line: PublicationLine, now: datetime, *, is_held: bool) -> None:
    st.markdown(standing_and_way(line))
    st.caption(next_step(line, now, is_held=is_held))
    if line.state is S.QUEUED:
        with st.container(horizontal=True, gap="small"):
            if line.waits_for is not None:
                st.button(
                    "不等了，直接发",
                    key=f"ahead-{line.id}",
                    icon=":material/play_arrow:",
                    on_click=_go_ahead,
                    args=(user, line),
                )
            st.button(
                "取消发布",
                key=f"cancel-{line.id}",
                icon=":material/close:",
                on_click=_cancel,
                args=(user, line),
                help="只能取消还在排队的任务；取消后可以重新安排。",
            )
    calls(user, line)


def next_step(line: PublicationLine, now: datetime, *, is_held: bool) -> str:
    """What happens next, and when; nothing while a stop holds it back, whose reason stands above the list."""
    if is_held:
        is_later = line.state is S.QUEUED and line.run_after > now
        planned = f"排在 {wording.moment(line.run_after)}（北京时间）。" if is_later else ""
        return f"{planned}发布暂停着（原因见页面上方），恢复后自动继续。"
    if line.state is S.QUEUED:
        return _before_it_starts(line, now)
    if line.state is S.PREPARING:
        return (
            "正在上传图片、建立草稿。" if line.target is Target.WECHAT else f"正在写入{wording.literal(line.place)}。"
        )
    if line.state is S.DRAFTED:
        return "草稿已建，正在读回核对。"
    if line.state is S.SENDING:
        return "正在提交给微信。"
    asks = f"{wording.clock_time(line.run_after)} 再" if line.run_after - now > SOON else "马上"
    return f"微信已受理，{asks}询问结果。通常几分钟内上线。"


def _before_it_starts(line: PublicationLine, now: datetime) -> str:
    if line.waits_for is not None:
        return _waits(line.waits_for)
    if line.embargo_until is not None and line.embargo_until > now:
        return f"最早 {wording.moment(line.embargo_until)}（北京时间）才能发布，此前不发。"
    failure = wording.literal(line.failure)
    when = f"{wording.moment(line.run_after)}（北京时间）"
    starts = f"将于 {when}{'再试' if failure else '开始'}。" if line.run_after > now else "马上开始。"
    return f"{failure} {starts}".strip()


def _waits(first: WaitedFor) -> str:
    place, state = first.target.label, first.state.label
    if first.state in reads.FOR_A_PERSON:
        return f"{place}“{state}”，这里还没有发。请先处理{place}，它上线后这里自动开始；也可以不等了。"
    return f"等{place}先上线（现在“{state}”），随后自动开始。"


def _go_ahead(user: SignedInPerson, line: PublicationLine) -> None:
    done = f"《{wording.literal(line.title)}》在{wording.literal(line.place)}不再等待，马上开始。"
    with feedback.reporting(done), runtime.acting_as(user) as work:
        publication_answers.go_ahead(work, publication_id=line.id)


def _cancel(user: SignedInPerson, line: PublicationLine) -> None:
    done = f"《{wording.literal(line.title)}》在{wording.literal(line.place)}的发布已取消。"
    with feedback.reporting(done), runtime.acting_as(user) as work:
        publication_answers.cancel(work, publication_id=line.id)


# --- Every call ------------------------------------------------------------------------------------------


def calls(user: SignedInPerson, line: PublicationLine) -> None:
    """The fold with everything that was tried, and the raw answers."""
    fold = st.expander("经过", key=f"calls-{line.id}", type="compact", on_change="rerun")
    if not fold.open:
        return
    with runtime.reading() as db:
        found = reads.detail(db, user, line.id)
    if found is None:
        return
    with fold:
        for attempt in found.attempts:
            _call(attempt)
        if not found.attempts:
            st.caption("还没有调用过接口。")
        _raw(found)


def _call(attempt: PublicationAttempt) -> None:
    outcome = f":{OUTCOME_COLOURS[attempt.outcome]}[{attempt.outcome.label}]"
    name = CALLS.get(attempt.call, "")
    st.markdown(f":gray[{wording.moment(attempt.at)}]　{name}　{outcome}　:small[:gray[{attempt.call}]]")
    if attempt.detail:
        st.code(attempt.detail, language=None, wrap_lines=True)


def _raw(found: PublicationDetail) -> None:
    row = found.publication
    if row.failure_raw and row.failure_raw not in [attempt.detail for attempt in found.attempts]:
        st.code(row.failure_raw, language=None, wrap_lines=True)
    numbers = {"草稿": row.media_id, "发布任务": row.publish_id, "文章": row.article_id, "封版指纹": row.seal[:16]}
    told = "　".join(f"{name} {number}" for name, number in numbers.items() if number)
    st.caption(wording.literal(told))


# --- Done ------------------------------------------------------------------------------------------------


def done(user: SignedInPerson) -> None:
    """已完成: the newest first, in pages; what went to one place only may still go to the other."""
    st.subheader("已完成")
    with runtime.reading() as db:
        pages = max(ceil(reads.count_done(db, user) / DONE_ON_A_PAGE), 1)
    number = paging.choose(pages, key=PAGE_OF_DONE)
    with runtime.reading() as db:
        lines = reads.done(db, user, limit=DONE_ON_A_PAGE, offset=(number - 1) * DONE_ON_A_PAGE)
        left = reads.targets_left(db, user, {each.submission_id for each in lines})
    if not lines:
        st.caption("还没有发布过。发出的文章和网页会列在这里。")
        return
    for group in by_item(lines):
        with st.container(border=True, key=f"done-{group[0].submission_id}", gap="xsmall"):
            _finished(group)
            if group[0].submission_id in left:
                publication_plan.rest(user, left[group[0].submission_id])


def _finished(group: Sequence[PublicationLine]) -> None:
    _headline(group[0])
    for line in group:
        when = f"　:gray[{wording.moment(line.settled_at)}]" if line.settled_at else ""
        st.markdown(f"{standing(line)}{when}")
    with st.container(horizontal=True, gap="small"):
        for line in group:
            link(line)
        if st.button("看稿件", key=f"open-{group[0].submission_id}", icon=":material/article:", type="tertiary"):
            navigation.go("submission", id=group[0].submission_id)


def link(line: PublicationLine) -> None:
    """Where readers find it; in a rehearsal that is the phone view of the rehearsal platform."""
    link_to(line.url, line.target)


def link_to(url: str | None, target: Target) -> None:
    """The same for an address and its target."""
    if url is None:
        return
    label, icon = LINKS.get(target, ELSEWHERE)
    st.link_button(label, _reachable(url, target), type="tertiary", icon=f":material/{icon}:")


def _reachable(url: str, target: Target) -> str:
    # Without a public address the mirror stands beside these pages, at whatever port they were opened.
    if target is Target.SITE and not runtime.current().settings.public_url:
        return urlsplit(url).path
    return url
