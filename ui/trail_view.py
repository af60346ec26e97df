"""操作日志: its filters, its lines as Chinese sentences, the proof that it is whole, and its export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from models import (
    AccountAction,
    AccountTask,
    AnnualAction,
    AuditAction,
    FindingAnswer,
    PublicationState,
    RequestAction,
    SubmissionState,
    Target,
    ViolationAction,
    ViolationState,
    Vocabulary,
)
from services import audit
from services.audit import Verdict
from services.errors import SignedOut
from services.queries import sessions, trail
from services.queries.sessions import SignedInPerson
from services.queries.trail import TrailFilter, TrailGroup, TrailLine
from services.rules.office_time import office_day
from ui import paging, runtime, wording

PAGE = "trail"
EVERYTHING = "全部"
DATES = "YYYY-MM-DD"

SUBJECTS = {
    "submission": "稿件",
    "publication": "发布",
    "violation": "违规",
    "person": "人员",
    "department": "部门",
    "account": "公众号",
    "route": "审核流程",
    "database": "数据库",
    "annual": "年检",
    "setting": "设置",
    "calendar": "工作日历",
    "consent": "肖像授权",
    "delegation": "代办",
    "destination": "发布去处",
    "duties": "岗位职责",
    "exemption": "豁免",
    "lexicon": "词库",
    "notice": "通知",
    "occasion": "稿件模板",
    "publishing_stop": "停止发布",
    "reason": "常用理由",
    "roster": "领导名录",
    "site": "校园网站",
}
"""What a line is about, by the word the services write; a test sees that each has its name here."""

STATES: dict[str, type[Vocabulary]] = {
    "submission": SubmissionState,
    "publication": PublicationState,
    "violation": ViolationState,
}

REFUSED_SIGN_INS = {
    "unknown_name": "没有这个用户名",
    "disabled": "账号已停用",
    "locked": "账号暂时锁定",
    "wrong_password": "密码不对",
    "wrong_code": "动态口令不对",
    "wrong_at_page": "在页面上输错密码或口令",
    "address": "这个网络地址失败次数太多",
    "campus_unknown": "统一身份没有对应的人员",
    "campus_stale": "统一身份的登录凭证已经用过或过期",
}


# --- Filters ---------------------------------------------------------------------------------------------


def choose(people: Mapping[int, str]) -> TrailFilter:
    """What the person wants to see; everything until they say otherwise."""
    first_page = partial(paging.back_to_first, PAGE)
    groups = {each.label: each for each in TrailGroup}
    group = st.segmented_control(
        "类别",
        [EVERYTHING, *groups],
        default=EVERYTHING,
        required=True,
        key="trail_group",
        on_change=first_page,
        label_visibility="collapsed",
    )
    with st.expander("按人员、编号或日期查找", icon=":material/search:"):
        who, which, first, last = st.columns(4)
        person_id = who.selectbox(
            "人员",
            list(people),
            index=None,
            format_func=lambda each: people[each],
            placeholder="任何人",
            key="trail_person",
            on_change=first_page,
        )
        number = which.number_input(
            "稿件、人员等的编号",
            min_value=1,
            value=None,
            step=1,
            placeholder="任何编号",
            key="trail_subject",
            on_change=first_page,
        )
        since = first.date_input("从", value=None, format=DATES, key="trail_since", on_change=first_page)
        until = last.date_input("到", value=None, format=DATES, key="trail_until", on_change=first_page)
    return TrailFilter(group=groups.get(group), person_id=person_id, subject_id=number, since=since, until=until)


# --- Lines -----------------------------------------------------------------------------------------------


def draw(lines: Sequence[TrailLine], *, total: int) -> None:
    """The lines under their days."""
    if not total:
        st.info("没有符合条件的记录，请放宽查找条件。", icon=":material/info:")
        return
    st.caption(f"共 {total} 条，最近的在前。")
    for day, acts in groupby(lines, key=lambda line: wording.day(line.at)):
        st.markdown(f"**{day}**")
        with st.container(key=f"day-{day}", gap="xsmall"):
            for line in acts:
                st.markdown(_sentence(line))


def _sentence(line: TrailLine) -> str:
    said = f":gray[{wording.clock_time(line.at)}]　**{wording.literal(line.actor)}** {line.action.label}"
    parts = [said, _subject(line), _effect(line), f":gray[:small[{_reference(line)}]]"]
    remark = _remark(line)
    return " ".join(part for part in parts if part) + (f"  \n{wording.literal(remark)}" if remark else "")


def _subject(line: TrailLine) -> str:
    if not line.subject or line.subject == line.actor:
        return ""
    title = line.subject_type in ("submission", "publication")
    return wording.literal(f"《{line.subject}》" if title else f"“{line.subject}”")


def _reference(line: TrailLine) -> str:
    """What to search for and to quote: the kind and number of the subject, and the number of the line."""
    kind = SUBJECTS.get(line.subject_type, line.subject_type)
    return f"{kind} {line.subject_id} · 第 {line.sequence} 条" if line.subject_id else f"第 {line.sequence} 条"


def _effect(line: TrailLine) -> str:
    """What changed by it, in the words of the vocabulary."""
    words = [
        _step(line),
        _label(AccountTask, line.details.get("task")),
        _label(FindingAnswer, line.details.get("answer")),
        _label(Target, line.details.get("target")),
        _move(line),
        REFUSED_SIGN_INS.get(line.details.get("reason", ""), ""),
    ]
    told = "，".join(word for word in words if word)
    return f":gray[{told}]" if told else ""


def _step(line: TrailLine) -> str:
    action = line.details.get("action")
    vocabularies: dict[str, type[Vocabulary]] = {
        "violation": ViolationAction,
        "account": RequestAction if "request" in line.details else AccountAction,
        "annual": AnnualAction,
    }
    vocabulary = vocabularies.get(line.subject_type)
    return _label(vocabulary, action) if vocabulary is not None else ""


def _move(line: TrailLine) -> str:
    states = STATES.get(line.subject_type)
    if states is None:
        return ""
    before, after = (_label(states, line.details.get(end)) for end in ("from", "to"))
    return f"{before} → {after}" if before and before != after else after


def _label(vocabulary: type[Vocabulary], code: object) -> str:
    # The trail outlives the vocabulary: a word of an older release is shown as it was written.
    known = {each.value: each.label for each in vocabulary}
    return known.get(str(code), str(code)) if code else ""


def _remark(line: TrailLine) -> str:
    if line.action is AuditAction.SIGN_IN_FAILED:
        return ""
    words = line.details.get("comment") or line.details.get("reason") or line.details.get("formula")
    words = words or line.details.get("handover")
    return str(words or "")


# --- Proof and export ------------------------------------------------------------------------------------


def proof(user: SignedInPerson) -> None:
    """Read the whole chain on request and say whether it is whole; take it away as a file."""
    with st.container(horizontal=True, key="trail_proof"):
        asked = st.button("核对完整性", key="verify", icon=":material/verified_user:")
        _export_button(user)
    if asked:
        with st.spinner("正在逐条核对……"), runtime.reading() as db:
            verdict = audit.verify(db)
        _say(verdict)


def _say(verdict: Verdict) -> None:
    if verdict.ok:
        st.success(
            f"完整：共 {verdict.events} 条，逐条相连，没有改动或缺失。末条指纹 {verdict.head[:16]}…",
            icon=":material/verified_user:",
        )
        return
    st.error(
        f"从第 {verdict.broken_at} 条起对不上：这一条被改动过、缺失或多出。"
        "请先保护好数据库文件和备份，再告知系统管理员和监督小组核查。",
        icon=":material/gpp_bad:",
    )


def _export_button(user: SignedInPerson) -> None:
    st.download_button(
        "下载全部日志",
        data=partial(export, user),
        file_name=f"操作日志-{office_day(runtime.current().now())}.jsonl",
        mime="application/x-ndjson",
        key="export",
        icon=":material/download:",
        on_click="ignore",
        help="每行一条，可在别处核对。含审核意见原文，请按内部资料保管。",
    )


def export(user: SignedInPerson) -> bytes:
    """The file's content. It is made at the click, long after the page was guarded, so the right is asked again.

    Raises `SignedOut` and `NotAllowed`.
    """
    with runtime.reading() as db, TemporaryDirectory() as folder:
        reader = sessions.by_id(db, user.session_id, runtime.current().now())
        if reader is None:
            raise SignedOut("您的登录已结束，请重新登录。日志没有导出。")
        trail.refuse_others(reader)
        path = Path(folder) / "trail.jsonl"
        audit.export(db, path)
        return path.read_bytes()
