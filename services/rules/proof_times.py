"""When a published copy is read back and held against the seal, and what of it is an alarm (rule 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models import ProofOccasion, ProofVerdict

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A reading is due from `opens` after publication on; after `closes` it is not made up for any more."""

    occasion: ProofOccasion
    opens: timedelta
    closes: timedelta


WINDOWS: tuple[Window, ...] = (
    Window(ProofOccasion.AFTER, timedelta(0), DAY),
    Window(ProofOccasion.DAY_1, DAY, 7 * DAY),
    Window(ProofOccasion.DAY_7, 7 * DAY, 30 * DAY),
    Window(ProofOccasion.DAY_30, 30 * DAY, 37 * DAY),
)
"""After publishing and on days 1, 7 and 30. They do not overlap: after a long silence one reading is made, not four."""

WATCHED_FOR = WINDOWS[-1].closes

RETRIES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""Between readings that reached nothing; after the last one it stays unread, and says so."""

READINGS_A_DAY = 60
"""Of one account, by the calendar. A reading takes a call of getarticle and one of freepublish/get; WeChat allows 100
of each a day (WeChat doc: API_Call_Limits), and the jobs under way are asked about with the latter too.
"""

ASKED_A_DAY = 80
"""The same with those that people ask for."""

KEEPS_A_RECORD = "制度 3.3：先留存记录，再更正或撤下。系统没有读到这一份，也没有登记截图："
"""Before a person changes what is out; the sentence goes on with what they can do."""

SYNCHRONISED_WITHIN = timedelta(hours=24)
"""The campus site follows the push within a day (rule 3.1); later is a finding."""

ALARMING = frozenset({ProofVerdict.DIFFERENT, ProofVerdict.GONE})


def owes_screenshot(verdict: ProofVerdict | None, screenshots: int) -> bool:
    """Whether nothing proves what readers got: the machine could not read the copy, and nobody kept a picture of it.

    Where it was read, the page is kept and was held against the seal (rule 3.3, 保存有关记录); a screenshot is then
    a courtesy.
    """
    return verdict is ProofVerdict.UNREAD and screenshots == 0


def occasion_due(published_at: datetime, now: datetime) -> ProofOccasion | None:
    """What the calendar asks of something published then, or None before or after its time."""
    age = now - published_at
    return next((each.occasion for each in WINDOWS if each.opens <= age < each.closes), None)


def retry_after(tries: int) -> timedelta | None:
    """The wait after the n-th reading that reached nothing (from 1), or None when it is given up."""
    return RETRIES[tries - 1] if tries <= len(RETRIES) else None
