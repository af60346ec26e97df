"""Figures about readers (datacube): counted from the pages really opened on this platform.

WeChat doc: wedata/news, wedata/user. Dates are days in China, the last one at most yesterday. Followers do not
come or go here, and nobody shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sandbox.calendar import day
from sandbox.errors import ApiError
from sandbox.platform import Platform
from sandbox.records import Account, Fields, Publication, PublishedPage

LONGEST_SPAN = 30
FOLLOWED_FOR = 30


def days_asked(platform: Platform, body: Mapping[str, Any]) -> list[str]:
    """Return each day from `begin_date` to `end_date`, or raise 61500 (no date) or 61501 (no such span)."""
    try:
        first, last = (
            date.fromisoformat(str(body.get("begin_date"))),
            date.fromisoformat(str(body.get("end_date"))),
        )
    except ValueError as error:
        raise ApiError(61500) from error
    if first > last or last.isoformat() >= day(platform.clock()) or (last - first).days >= LONGEST_SPAN:
        raise ApiError(61501)
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]


def summary(platform: Platform, account: Account, days: list[str]) -> Fields:
    """Answer getbizsummary: readings of all articles, day by day."""
    rows = []
    for each in days:
        readings = sum(page.reads.get(each, 0) for _, _, page in _pages(platform, account))
        rows.append({"ref_date": each, "detail": {"read_user": readings, "share_user": 0}})
    return {"list": rows, "is_delay": False}


def totals(platform: Platform, account: Account, days: list[str]) -> Fields:
    """Answer getarticletotaldetail: each article published in the span, its readings adding up for 30 days."""
    rows = []
    for publication, index, page in _pages(platform, account):
        published = day(publication.published_at)
        if published not in days:
            continue
        ends = date.fromisoformat(published) + timedelta(days=FOLLOWED_FOR)
        rows.append(
            {
                "ref_date": published,
                "msgid": f"{publication.msg_data_id}_{index}",
                "publish_type": 0 if publication.notified else 1,
                "title": page.article["title"],
                "detail_list": [
                    {
                        "stat_date": stat,
                        "read_user": sum(count for read_on, count in page.reads.items() if read_on <= stat),
                        "share_user": 0,
                    }
                    for stat in _days_between(published, min(ends.isoformat(), day(platform.clock())))
                ],
            }
        )
    return {"list": rows, "is_delay": False}


def cumulated_followers(platform: Platform, account: Account, days: list[str]) -> Fields:  # noqa: ARG001
    """Answer getusercumulate."""
    return {"list": [{"ref_date": each, "user_source": 0, "cumulate_user": account.followers} for each in days]}


def _pages(platform: Platform, account: Account) -> Iterator[tuple[Publication, int, PublishedPage]]:
    for publication in platform.publications:
        if publication.appid == account.appid:
            for index, page in enumerate(publication.pages, start=1):
                yield publication, index, page


def _days_between(first: str, end: str) -> list[str]:
    """Return the days from `first` up to, not including, `end`."""
    start = date.fromisoformat(first)
    return [(start + timedelta(days=number)).isoformat() for number in range((date.fromisoformat(end) - start).days)]
