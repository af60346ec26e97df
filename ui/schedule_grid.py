"""The month or week as a grid of days, with the drawer of what has no date. It only says what was picked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import streamlit as st

from services.queries.publications import ReadyItem
from services.queries.schedule import Entry
from services.rules.sensitive_dates import Sensitive, on
from services.rules.working_days import Calendar, is_working_day
from ui import wording

_HERE = Path(__file__).parent
_GRID = st.components.v2.component(
    "weishentai_schedule",
    css=(_HERE / "schedule_grid.css").read_text(encoding="utf-8"),
    js=(_HERE / "schedule_grid.js").read_text(encoding="utf-8"),
)

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SHOWN_IN_A_MONTH = 4
"""Entries a day of the month shows; the rest stand in full below the calendar."""

WORDS = {
    "drawer": "还没有排期：拖到某一天，或先点稿件、再点日期",
    "empty": "没有等着排期的稿件。终审通过的稿件会出现在这里。",
}

OnPick = Callable[[date | None, int | None], None]


@dataclass(frozen=True)
class Shown:
    """What the grid draws. `drawer` is None for who plans nothing; `month` names the month, None for a week."""

    first: date
    last: date
    month: int | None
    today: date
    chosen_day: date
    chosen_item: int | None
    entries: Sequence[Entry]
    drawer: Sequence[ReadyItem] | None
    sensitive: Collection[Sensitive]
    calendar: Calendar


def draw(shown: Shown, *, key: str, on_pick: OnPick) -> None:
    """Draw it; `on_pick` hears of a day, of an item, or of both together (dropped), before the next drawing."""
    _GRID(key=key, data=_data(shown), on_picked_change=lambda: _heard(key, on_pick))


def _heard(key: str, on_pick: OnPick) -> None:
    state: Any = st.session_state.get(key)
    day, item = read_pick(state.get("picked") if state else None)
    if day is not None or item is not None:
        on_pick(day, item)


def read_pick(sent: object) -> tuple[date | None, int | None]:
    """What the browser says was picked, read and checked: anybody can send anything."""
    if not isinstance(sent, Mapping):
        return None, None
    day, item = sent.get("day"), sent.get("item")
    try:
        read = date.fromisoformat(day) if isinstance(day, str) else None
    except ValueError:
        read = None
    return read, item if isinstance(item, int) and not isinstance(item, bool) else None


def _data(shown: Shown) -> dict[str, Any]:
    by_day: dict[date, list[Entry]] = {}
    for entry in shown.entries:
        by_day.setdefault(entry.day, []).append(entry)
    days = [shown.first + timedelta(days=number) for number in range((shown.last - shown.first).days + 1)]
    return {
        "mode": "week" if shown.month is None else "month",
        "heads": WEEKDAYS,
        "days": [_day(shown, day, by_day.get(day, [])) for day in days],
        "drawer": None if shown.drawer is None else [_chip(shown, item) for item in shown.drawer],
        "words": WORDS,
    }


def _day(shown: Shown, day: date, entries: Sequence[Entry]) -> dict[str, Any]:
    room = len(entries) if shown.month is None else SHOWN_IN_A_MONTH
    notes = [each.name for each in on(shown.sensitive, day)]
    return {
        "day": day.isoformat(),
        "number": str(day.day) if day.day > 1 else f"{day.month}/1",
        "label": f"{day.month}月{day.day}日，{len(entries)} 篇" + (f"，{'、'.join(notes)}" if notes else ""),
        "inside": shown.month in (None, day.month),
        "today": day == shown.today,
        "past": day < shown.today,
        "off": not is_working_day(shown.calendar, day),
        "chosen": day == shown.chosen_day,
        "notes": notes,
        "entries": [_entry(shown, entry) for entry in entries[:room]],
        "more": f"还有 {len(entries) - room} 篇" if len(entries) > room else "",
    }


def _entry(shown: Shown, entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.submission_id,
        "title": entry.title,
        "time": wording.clock_time(entry.at),
        "state": entry.state.value,
        "label": entry.state.label,
        "movable": entry.movable and shown.drawer is not None,
        "chosen": entry.submission_id == shown.chosen_item,
    }


def _chip(shown: Shown, item: ReadyItem) -> dict[str, Any]:
    wish = f"，希望 {wording.moment(item.wanted_at)}" if item.wanted_at else ""
    return {
        "id": item.submission_id,
        "title": item.title,
        "hint": f"{item.department} · {item.account or '没有选公众号'}{wish}",
        "chosen": item.submission_id == shown.chosen_item,
    }
