"""日历: month, week or list; the chosen day in full; and a time for what has none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import streamlit as st

from models import OfficialAccount, PublicationWay, Target
from services.queries import accounts, people, schedule
from services.queries.publications import ReadyItem
from services.queries.schedule import Entry, EntryState, Filter
from services.queries.sessions import SignedInPerson
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Capability
from services.rules.sensitive_dates import Sensitive, on
from services.rules.working_days import Calendar
from ui import navigation, publication_plan, runtime, schedule_grid, wording
from ui.schedule_grid import WEEKDAYS

VIEW, DAY, DEPARTMENT, ACCOUNT = "view", "day", "dept", "account"
ITEM = "schedule.item"
LISTED_DAYS = 31
USUAL_HOUR, LAST_HOUR = 10, 20
"""A slot begins at ten unless something speaks for another hour; nothing is proposed late in the evening."""

COLOURS: Mapping[EntryState, str] = {
    EntryState.WISHED: "gray",
    EntryState.UNDATED: "orange",
    EntryState.PLANNED: "blue",
    EntryState.ATTENTION: "red",
    EntryState.LIVE: "green",
}


class View(StrEnum):
    MONTH = "月"
    WEEK = "周"
    LIST = "列表"


@dataclass(frozen=True)
class Period:
    """What is shown: which view around which day, for whose items."""

    view: View
    day: date
    wanted: Filter

    @property
    def bounds(self) -> tuple[date, date]:
        """The first and the last day shown; whole weeks in a month."""
        if self.view is View.LIST:
            return self.day, self.day + timedelta(days=LISTED_DAYS - 1)
        if self.view is View.WEEK:
            monday = _monday(self.day)
            return monday, monday + timedelta(days=6)
        return _monday(self.day.replace(day=1)), _monday(_next_month(self.day) - timedelta(days=1)) + timedelta(days=6)

    @property
    def title(self) -> str:
        first, last = self.bounds
        if self.view is View.MONTH:
            return f"{self.day.year} 年 {self.day.month} 月"
        return f"{first:%Y-%m-%d} 至 {last:%m-%d}"

    def moved(self, direction: int) -> date:
        """The day that stands for the period before (-1) or after (1)."""
        if self.view is View.WEEK:
            return self.day + timedelta(days=7 * direction)
        if self.view is View.LIST:
            return self.day + timedelta(days=LISTED_DAYS * direction)
        return _next_month(self.day) if direction > 0 else (self.day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# --- What is shown ---------------------------------------------------------------------------------------


def choose(today: date) -> Period:
    """Draw the view, the day and the filter; what was chosen."""
    with st.container(horizontal=True, vertical_alignment="center"):
        view = View(
            st.segmented_control(
                "视图",
                [each.value for each in View],
                default=View.MONTH.value,
                required=True,
                key=VIEW,
                bind="query-params",
                label_visibility="collapsed",
            )
            or View.MONTH.value
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            _choose_day(view, today)
        wanted = _choose_filter()
    return Period(view, _day(today), wanted)


def _choose_day(view: View, today: date) -> None:
    st.button("", key="schedule-back", icon=":material/chevron_left:", help="往前", on_click=_move, args=(view, -1))
    st.date_input(
        "日期",
        st.session_state.get(DAY, today),
        key=DAY,
        bind="query-params",
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        width=150,
    )
    st.button("", key="schedule-on", icon=":material/chevron_right:", help="往后", on_click=_move, args=(view, 1))
    st.button("今天", key="schedule-today", on_click=_go_to, args=(today,))


def _day(today: date) -> date:
    given = st.session_state.get(DAY)
    return given if isinstance(given, date) else today


def _move(view: View, direction: int) -> None:
    given = st.session_state.get(DAY)
    if isinstance(given, date):
        _go_to(Period(view, given, Filter()).moved(direction))


def _go_to(day: date) -> None:
    st.session_state[DAY] = day


def _choose_filter() -> Filter:
    with runtime.reading() as db:
        departments = {name: id_ for id_, name in people.department_names(db).items()}
        official = {each.name: each.id for each in accounts.every(db)}
    department = st.selectbox(
        "部门", list(departments), index=None, placeholder="全部部门", key=DEPARTMENT, bind="query-params",
        label_visibility="collapsed", width=160,
    )  # fmt: skip
    account = st.selectbox(
        "公众号", list(official), index=None, placeholder="全部公众号", key=ACCOUNT, bind="query-params",
        label_visibility="collapsed", width=180,
    )  # fmt: skip
    return Filter(departments.get(department or ""), official.get(account or ""))


def picked(day: date | None, item: int | None) -> None:
    """What the grid heard: a day, an item, or an item dropped on a day."""
    if day is not None:
        _go_to(day)
    if item is not None:
        st.session_state[ITEM] = item


def draw(
    user: SignedInPerson,
    period: Period,
    *,
    entries: Sequence[Entry],
    drawer: Sequence[ReadyItem],
    sensitive: Collection[Sensitive],
    calendar: Calendar,
    today: date,
) -> None:
    """The period, the chosen day, and the plan of what was picked."""
    legend = " ".join(f":{COLOURS[each]}-badge[{each.label}]" for each in EntryState)
    st.markdown(f"**{period.title}**（北京时间）　{legend}")
    if len(entries) >= schedule.MOST:
        st.warning(f"这段时间超过 {schedule.MOST} 篇，只画了最早的 {schedule.MOST} 篇：请按部门或公众号筛选。")
    plans = user.reaches(Capability.PUBLISH)
    first, last = period.bounds
    if period.view is View.LIST:
        _list(period, entries, sensitive)
    else:
        shown = schedule_grid.Shown(
            first=first,
            last=last,
            month=period.day.month if period.view is View.MONTH else None,
            today=today,
            chosen_day=period.day,
            chosen_item=st.session_state.get(ITEM),
            entries=entries,
            drawer=drawer if plans else None,
            sensitive=sensitive,
            calendar=calendar,
        )
        schedule_grid.draw(shown, key="schedule-grid", on_pick=picked)
        _chosen_day(period.day, [each for each in entries if each.day == period.day], sensitive, plans=plans)
    if plans:
        _planning(user, period.day, entries, drawer, today)


def _list(period: Period, entries: Sequence[Entry], sensitive: Collection[Sensitive]) -> None:
    if not entries:
        first, last = period.bounds
        st.info(f"{first:%m-%d} 到 {last:%m-%d} 没有安排。", icon=":material/event_available:")
    for day in dict.fromkeys(entry.day for entry in entries):
        _day_heading(day, sensitive)
        for entry in entries:
            if entry.day == day:
                _line(entry, plans=False)


def _chosen_day(day: date, entries: Sequence[Entry], sensitive: Collection[Sensitive], *, plans: bool) -> None:
    with st.container(border=True, key="chosen-day", gap="small"):
        _day_heading(day, sensitive)
        for each in on(sensitive, day):
            st.markdown(f":red[:material/warning: **{wording.literal(each.name)}**　{wording.literal(each.advice)}]")
        if not entries:
            st.caption("这一天还没有安排。")
        for entry in entries:
            _line(entry, plans=plans)


def _day_heading(day: date, sensitive: Collection[Sensitive]) -> None:
    notes = "".join(f" :red-badge[{wording.literal(each.name)}]" for each in on(sensitive, day))
    st.markdown(f"**{day:%Y-%m-%d}　{WEEKDAYS[day.weekday()]}**{notes}")


def _line(entry: Entry, *, plans: bool) -> None:
    places = "、".join(each.label for each in entry.targets)
    facts = [wording.literal(each) for each in (entry.department, entry.account or "", places) if each]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{wording.clock_time(entry.at)}　**{wording.literal(entry.title)}** "
            f":{COLOURS[entry.state]}-badge[{entry.state.label}]  \n:gray[{' · '.join(facts)}]",
            width="stretch",
        )
        if plans and entry.movable:
            st.button("改期", key=f"move-{entry.submission_id}", on_click=picked, args=(None, entry.submission_id))
        navigation.link("submission", "查看", id=entry.submission_id)


# --- A time for what was picked --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Movable:
    """What may be given a time: an approved item without one, or one that still waits in the queue (`is_planned`).

    `wanted_at` is the author's wish, or the time planned so far.
    """

    submission_id: int
    title: str
    account: str | None
    targets: tuple[Target, ...]
    way: PublicationWay | None
    wanted_at: datetime | None
    embargo_until: datetime | None
    is_planned: bool


def _planning(
    user: SignedInPerson, day: date, entries: Sequence[Entry], drawer: Sequence[ReadyItem], today: date
) -> None:
    options = _movable(entries, drawer)
    if st.session_state.get(ITEM) not in options:
        st.session_state.pop(ITEM, None)
    if not options:
        return
    st.subheader("排期")
    chosen = st.selectbox(
        "稿件",
        list(options),
        index=None,
        placeholder="选一篇要排期的稿件",
        format_func=lambda id_: options[id_].title,
        key=ITEM,
        label_visibility="collapsed",
    )
    if chosen is None:
        st.caption("选好稿件和日期，再在这里定时间和发布方式。")
        return
    if day < today:
        st.warning("这一天已经过去，请在日历里改选以后的日子。", icon=":material/event_busy:")
        return
    _plan(user, options[chosen], day)


def _movable(entries: Sequence[Entry], drawer: Sequence[ReadyItem]) -> dict[int, _Movable]:
    found = {
        item.submission_id: _Movable(
            item.submission_id,
            item.title,
            item.account,
            (Target.WECHAT, Target.SITE) if item.account else (Target.SITE,),
            item.default_way,
            item.wanted_at,
            item.embargo_until,
            is_planned=False,
        )
        for item in drawer
    }
    for entry in entries:
        if entry.movable and entry.submission_id not in found:
            found[entry.submission_id] = _Movable(
                entry.submission_id,
                entry.title,
                entry.account,
                entry.targets,
                entry.way,
                entry.at,
                entry.embargo_until,
                is_planned=True,
            )
    return found


def _plan(user: SignedInPerson, item: _Movable, day: date) -> None:
    account = publication_plan.register_of_accounts().get(item.account or "")
    slot = _slot(item, account, day)
    with st.container(border=True, key="slot-plan"):
        st.markdown(f"把《{wording.literal(item.title)}》排到 **{day:%m-%d}（{WEEKDAYS[day.weekday()]}）**")
        publication_plan.draw(
            user,
            publication_plan.Plan(
                key=f"slot-{item.submission_id}-{day:%m%d}",
                submission_id=item.submission_id,
                title=item.title,
                account=account,
                targets=item.targets,
                default_way=item.way,
                wanted_at=slot,
                embargo_until=item.embargo_until,
            ),
        )


def _slot(item: _Movable, account: OfficialAccount | None, day: date) -> datetime:
    """A sensible first proposal: the wished or present time of day, else an hour the account has nothing in."""
    now = runtime.current().now()
    if item.wanted_at is not None:
        kept = datetime.combine(day, item.wanted_at.astimezone(OFFICE_ZONE).time(), OFFICE_ZONE)
        if kept > now and (item.is_planned or office_day(item.wanted_at) == day):
            return kept
    start = datetime.combine(day, time(USUAL_HOUR), OFFICE_ZONE)
    taken: set[int] = set()
    if account is not None:
        with runtime.reading() as db:
            others = schedule.neighbours(db, account.id or 0, start, but_submission=item.submission_id)
        taken = {each.at.astimezone(OFFICE_ZONE).hour for each in others}
    hours = (start + timedelta(hours=number) for number in range(LAST_HOUR - USUAL_HOUR + 1))
    free = (each for each in hours if each > now and each.hour not in taken)
    return next(free, now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
