"""When the worker looks again. All of it is waiting time that a rehearsal may shorten (`patience`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from services.rules.office_time import OFFICE_ZONE, office_day

ADD_DRAFT = "draft/add"
SUBMIT = "freepublish/submit"
SEND_TO_ALL = "message/mass/sendall"
CREATE_POST = "wordpress/create"
HAND_OVER = "webhook/deliver"

POLLS = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=3),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=24),
)
"""Between an accepted job and the questions how it ended: 100 of them a day are all an account has."""

CHECKS: Mapping[str | None, tuple[timedelta, ...]] = {
    ADD_DRAFT: (timedelta(seconds=8), timedelta(seconds=60)),
    SUBMIT: (timedelta(seconds=45), timedelta(minutes=2), timedelta(minutes=10)),
    SEND_TO_ALL: (timedelta(seconds=60), timedelta(minutes=3), timedelta(minutes=10)),
    CREATE_POST: (timedelta(seconds=8), timedelta(seconds=60)),
    HAND_OVER: (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)),
    None: (),
}
"""Between a call in doubt and the readings that settle it; spaced, because WeChat's lists lag."""

ENOUGH_TO_REPEAT = 2
"""Readings that found nothing before a call in doubt is made once more."""

ENOUGH_TO_SUBMIT_AGAIN = len(CHECKS[SUBMIT])
"""Readings that found the draft still in its box. An accepted job takes it out when it is done, which may take minutes:
a draft that is there early was perhaps submitted all the same.
"""

KEY_REMEMBERED = timedelta(hours=23)
"""WeChat recognises a repeated clientmsgid for a day; with an hour to spare."""

WATCHES = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
)
"""Between looks at a draft that a person is to send on the WeChat site."""

DAILY = timedelta(days=1)
"""Afterwards, and for what only a person can settle: a look that may still find it."""

MOST_TRIES = 8
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=30)

GRACE = timedelta(hours=2)
"""How late a publication with a fixed time may still go out; later is missed, and a person decides."""


def backoff(tries: int) -> timedelta:
    """The wait after the n-th failed try (from 1), doubling up to half an hour."""
    doublings: int = 2 ** (tries - 1)
    return min(FIRST_BACKOFF * doublings, LONGEST_BACKOFF)


def next_of(schedule: tuple[timedelta, ...], looks: int) -> timedelta | None:
    """The wait before the next look after so many, or None when the schedule is used up."""
    return schedule[looks] if looks < len(schedule) else None


def quota_returns(now: datetime) -> datetime:
    """Five past midnight in Beijing: WeChat's daily quotas begin anew."""
    tomorrow = office_day(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(0, 5), OFFICE_ZONE).astimezone(now.tzinfo)


def is_missed(*, due: datetime, scheduled: bool, now: datetime) -> bool:
    """Whether something with a fixed time is too late to go out unasked."""
    return scheduled and now - due > GRACE
