"""运营队伍 on the screen: rosters, duty days, trainings, and the duties with who has read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from models import OperatorPost, Role
from services import duty, operators, training, working_calendar
from services.queries import delegations
from services.queries import operators as reads
from services.queries.delegations import Colleague
from services.queries.operators import DueLine, DutyDay, ReadBy, Roster, TermLine, TrainingLine
from services.queries.sessions import SignedInPerson
from services.rules import duties as duty_rules
from services.rules.office_time import office_day
from ui import feedback, kept_form, runtime, wording

DATES = "YYYY-MM-DD"
DAYS_SHOWN = 21
WEEKDAYS = "一二三四五六日"
WIDTHS = {"说明": st.column_config.TextColumn(width="large")}


def _today() -> date:
    return office_day(runtime.current().now())


def _person(key: str) -> Colleague | None:
    with runtime.reading() as db:
        everybody = delegations.colleagues(db)
    return st.selectbox(
        "人员",
        everybody,
        index=None,
        format_func=lambda each: f"{each.name}（{each.department}）",
        placeholder="请选择",
        key=key,
    )


# --- Rosters ---------------------------------------------------------------------------------------------


def roster(user: SignedInPerson) -> None:
    """Each account with its A and B, and the way to name somebody."""
    with runtime.reading() as db:
        accounts = reads.rosters(db, _today())
    if not accounts:
        st.info("还没有公众号：先在“公众号台账”登记，再指定运营人员。", icon=":material/info:")
        return
    for account in accounts:
        with st.container(border=True, key=f"roster-{account.account_id}"):
            _account(user, account)
    with st.popover("指定运营人员", icon=":material/person_add:", key="new_operator"):
        _new_operator(user, accounts)


def _account(user: SignedInPerson, account: Roster) -> None:
    lacks = " ".join(f":orange-badge[缺 {post.label}]" for post in account.lacks)
    st.markdown(f"**{wording.literal(account.account)}** {lacks}")
    for term in account.terms:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_term(term), width="stretch")
            with st.popover("结束任职", key=f"open-end_term-{term.id}"):
                st.markdown(f"**{wording.literal(term.person)}** 从今天起不再担任 {term.post.label}，任职记录保留。")
                st.button(
                    "确认结束", key=f"end_term-{term.id}", type="primary", on_click=_end_term, args=(user, term.id)
                )


def _term(term: TermLine) -> str:
    until = f"至 {term.ends_on}" if term.ends_on else "起"
    return f"{term.post.label}　{wording.literal(term.person)}　:gray[{term.starts_on} {until}]"


def _end_term(user: SignedInPerson, term_id: int) -> None:
    with feedback.reporting("任职已结束。"), runtime.acting_as(user) as work:
        operators.end_term(work, term_id=term_id)


def _new_operator(user: SignedInPerson, accounts: list[Roster]) -> None:
    account = st.selectbox("公众号", accounts, format_func=lambda each: each.account, key="operator_account")
    person = _person("operator_person")
    st.segmented_control(
        "角色",
        list(OperatorPost),
        format_func=lambda each: each.label,
        default=OperatorPost.A,
        required=True,
        key="operator_post",
    )
    st.date_input("从", value=_today(), format=DATES, key="operator_from")
    st.date_input("到（可不填；学生须填）", value=None, format=DATES, key="operator_to")
    st.button(
        "指定",
        type="primary",
        key="name_operator",
        disabled=person is None,
        on_click=_name_operator,
        args=(user, account.account_id, person.id if person else 0),
    )


def _name_operator(user: SignedInPerson, account_id: int, person_id: int) -> None:
    given = st.session_state
    with feedback.reporting("运营人员已登记。"), runtime.acting_as(user) as work:
        operators.name_operator(
            work,
            account_id=account_id,
            person_id=person_id,
            post=given["operator_post"],
            starts_on=given["operator_from"],
            ends_on=given["operator_to"],
        )


# --- Duty days -------------------------------------------------------------------------------------------


def duty_roster(user: SignedInPerson) -> None:
    """Three weeks of days, holidays marked, and the way to put somebody on duty."""
    today = _today()
    with runtime.reading() as db:
        calendar = working_calendar.calendar_of(db, today)
        days = reads.duty_days(db, calendar, today, DAYS_SHOWN)
    with st.popover("排值班", icon=":material/event:", key="new_turn"):
        person = _person("turn_person")
        st.date_input("从", value=today, format=DATES, key="turn_from")
        st.date_input("到（含当天）", value=today, format=DATES, key="turn_to")
        st.button(
            "排定",
            type="primary",
            key="set_turn",
            disabled=person is None,
            on_click=_set_turn,
            args=(user, person.id if person else 0),
        )
    with st.container(border=True, gap="xsmall", key="duty_days"):
        for day in days:
            _day(user, day)
    note = calendar.note(days[-1].day)
    if note:
        st.caption(note)


def _day(user: SignedInPerson, day: DutyDay) -> None:
    name = f"{day.day:%m-%d} 周{WEEKDAYS[day.day.weekday()]}"
    kind = "" if day.is_working else " :blue-badge[休]"
    with st.container(horizontal=True, vertical_alignment="center"):
        if day.turns:
            st.markdown(f"{name}{kind}", width=150)
            for turn_id, person in day.turns:
                st.button(
                    person,
                    key=f"turn-{turn_id}",
                    icon=":material/close:",
                    help="点击取消这次值班",
                    on_click=_clear_turn,
                    args=(user, turn_id),
                )
        else:
            st.markdown(f"{name}{kind}　" + (":gray[未排]" if day.is_working else ":orange[节假日无人值班]"))


def _set_turn(user: SignedInPerson, person_id: int) -> None:
    with feedback.reporting("值班已排定。"), runtime.acting_as(user) as work:
        duty.set_turn(work, person_id=person_id, first=st.session_state["turn_from"], last=st.session_state["turn_to"])


def _clear_turn(user: SignedInPerson, turn_id: int) -> None:
    with feedback.reporting("已取消这次值班。"), runtime.acting_as(user) as work:
        duty.clear_turn(work, turn_id=turn_id)


# --- Trainings -------------------------------------------------------------------------------------------


def trainings(user: SignedInPerson) -> None:
    """Who is due, what was done, and the way to record one."""
    with runtime.reading() as db:
        due, done = reads.due_for_training(db, _today()), reads.trainings(db)
    if due:
        st.warning("  \n".join(_due(due)), icon=":material/school:")
    with st.popover("登记培训", icon=":material/add:", key="new_training"):
        person = _person("training_person")
        st.text_input("培训内容", key="training_subject", max_chars=training.LONGEST_SUBJECT)
        st.date_input("培训日期", value=_today(), format=DATES, key="training_done")
        st.date_input("有效期至（可不填）", value=None, format=DATES, key="training_until")
        st.button(
            "登记",
            type="primary",
            key="enter_training",
            disabled=person is None,
            on_click=_enter_training,
            args=(user, person.id if person else 0),
        )
    if not done:
        st.info("还没有培训记录。", icon=":material/info:")
        return
    st.dataframe(
        [_training(each) for each in done], hide_index=True, placeholder="", width="stretch", column_config=WIDTHS
    )
    standing = [each for each in done if each.struck_at is None]
    if standing:
        with st.popover("登记错了", icon=":material/ink_eraser:", key="strike_training", type="tertiary"):
            _striking(user, standing)


def _training(line: TrainingLine) -> dict[str, object]:
    return {
        "人员": line.person,
        # The reason stands beyond the edge of a phone: that a line counts no more shows in its first columns.
        "内容": f"（已划掉）{line.subject}" if line.struck_at else line.subject,
        "日期": line.done_on,
        "有效期至": line.valid_until,
        "说明": f"{line.struck_reason}（{line.struck_by}，{wording.day(line.struck_at)}）" if line.struck_at else "",
    }


def _striking(user: SignedInPerson, standing: Sequence[TrainingLine]) -> None:
    st.caption("划掉的记录仍看得到，注明理由，不再算作培训；需要时再按正确的内容登记一条。")
    chosen = st.selectbox(
        "哪一条",
        [each.id for each in standing],
        index=None,
        format_func={each.id: f"{each.person}　{each.subject}　{each.done_on}" for each in standing}.__getitem__,
        placeholder="请选择",
        key="struck_training",
    )
    st.text_input(
        "哪里登记错了", key="struck_reason", max_chars=training.LONGEST_REASON, placeholder="例如：登记到了别人名下"
    )
    st.button(
        "划掉这一条", key="strike", type="primary", disabled=chosen is None, on_click=_strike, args=(user, chosen or 0)
    )


def _strike(user: SignedInPerson, training_id: int) -> None:
    with feedback.reporting("已划掉，理由留在这条记录上。") as done, runtime.acting_as(user) as work:
        training.strike(work, training_id=training_id, reason=st.session_state["struck_reason"])
    if done.done:
        st.session_state["struck_reason"] = ""


def _due(due: Sequence[DueLine]) -> list[str]:
    ending = [f"{wording.literal(each.person)}（有效期至 {each.valid_until}）" for each in due if each.valid_until]
    unknown = [wording.literal(each.person) for each in due if not each.valid_until]
    groups = (("需要再培训", ending), ("还没有培训记录", unknown))
    return [f"{what}：{wording.listed(names)}" for what, names in groups if names]


def _enter_training(user: SignedInPerson, person_id: int) -> None:
    given = st.session_state
    with feedback.reporting("培训已登记。"), runtime.acting_as(user) as work:
        training.enter(
            work,
            person_id=person_id,
            subject=given["training_subject"],
            done_on=given["training_done"],
            valid_until=given["training_until"],
        )


# --- Duties ----------------------------------------------------------------------------------------------


def duties(user: SignedInPerson) -> None:
    """The text of each role, who has read it, and the way to write a new version."""
    with runtime.reading() as db:
        found = reads.readership(db, _today())
    for each in found:
        label = f"{each.duties.role.label}　第 {each.duties.version} 版　已确认 {len(each.read)} 人"
        unread = f"，未确认 {len(each.unread)} 人" if each.unread else ""
        # Keyed, it stays open when the count or the version in its label changes.
        with st.expander(label + unread, key=f"duties-{each.duties.role.value}"):
            _duties(user, each)


def _duties(user: SignedInPerson, found: ReadBy) -> None:
    if found.unread:
        st.caption("未确认：" + wording.listed(wording.literal(name) for name in found.unread))
    role = found.duties.role
    form = kept_form.opened(
        _place(role),
        {"text": found.duties.text},
        version=found.duties.version,
        first_field="text",
        told=lambda _name, text: wording.literal(text),
    )
    field = f"{form.key}-text"
    st.text_area("职责", value=form.shown["text"], key=field, height=180, max_chars=duty_rules.LONGEST)
    st.button(
        "保存为新版本",
        key=f"write-{role.value}",
        on_click=_write,
        args=(user, role, field, form.version),
        help="保存后，持有这一角色的人员会被请求重新确认",
    )


def _place(role: Role) -> str:
    return f"duties-{role.value}"


def _write(user: SignedInPerson, role: Role, field: str, version: int) -> None:
    text = st.session_state[field]
    with feedback.reporting(f"“{role.label}”的职责已更新。") as done, runtime.acting_as(user) as work:
        duty.write_duties(work, role=role, text=text, seen_version=version)
    if done.done:
        kept_form.close(_place(role))
