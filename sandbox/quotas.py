"""Calls per day, and the sending of messages per day or month.

WeChat doc: Message_Management/API_Call_Limits, for a new verified account; more followers raise the real limits.
"""

from __future__ import annotations

from typing import Any

from sandbox.calendar import day, month
from sandbox.errors import ApiError
from sandbox.platform import Platform
from sandbox.records import Account, Usage

DAILY_LIMITS: dict[str, int] = {
    "token": 2000,
    "stable_token": 500_000,
    "media/uploadimg": 100_000,
    "media/upload": 100_000,
    "material/add_material": 100_000,
    "material/del_material": 1000,
    "draft/add": 1000,
    "draft/get": 500,
    "draft/update": 1000,
    "draft/delete": 1000,
    "draft/count": 1000,
    "draft/batchget": 1000,
    "freepublish/submit": 100,
    "freepublish/get": 100,
    "freepublish/getarticle": 100,
    "freepublish/batchget": 100,
    "freepublish/delete": 10,
    "message/mass/sendall": 100,
    "message/mass/get": 100,
    "message/mass/delete": 10,
    "message/mass/preview": 100,
}
UNDOCUMENTED_LIMIT = 5000
CLEARS_PER_MONTH = 10


def daily_limit(platform: Platform, account: Account, endpoint: str) -> int:
    """Return the calls a day: the account's own figure, else the rehearsal's, else the documented one."""
    for chosen in (account.quotas, platform.settings.quotas):
        for name in (endpoint, "*"):
            if name in chosen:
                return chosen[name]
    return DAILY_LIMITS.get(endpoint, UNDOCUMENTED_LIMIT)


def _usage(platform: Platform, account: Account, endpoint: str, period: str) -> Usage:
    fresh = Usage(account.appid, endpoint, period)
    return platform.usage.get(fresh.key) or fresh


def spend(platform: Platform, account: Account, endpoint: str) -> None:
    """Count one call of today, or raise 45009 when none is left."""
    usage = _usage(platform, account, endpoint, day(platform.clock()))
    if usage.used >= daily_limit(platform, account, endpoint):
        raise ApiError(45009)
    usage.used += 1
    platform.usage.put(usage)


def read(platform: Platform, account: Account, endpoint: str) -> dict[str, Any]:
    """Answer openapi/quota/get for one endpoint."""
    used = _usage(platform, account, endpoint, day(platform.clock())).used
    limit = daily_limit(platform, account, endpoint)
    return {
        "quota": {"daily_limit": limit, "used": used, "remain": max(limit - used, 0)},
        "rate_limit": {"call_count": 5000, "refresh_second": 60},
    }


def clear(platform: Platform, account: Account) -> None:
    """Forget today's calls of every endpoint; ten times a month, then 48006."""
    now = platform.clock()
    clears = _usage(platform, account, "clear_quota", month(now))
    if clears.used >= CLEARS_PER_MONTH:
        raise ApiError(48006)
    clears.used += 1
    platform.usage.put(clears)
    for usage in platform.usage:
        if usage.appid == account.appid and usage.period == day(now):
            platform.usage.drop(usage.key)


def _mass_usage(platform: Platform, account: Account, at: float) -> Usage:
    period = month(at) if account.mass_period == "month" else day(at)
    return _usage(platform, account, "mass sends", period)


def reserve_mass_send(platform: Platform, account: Account) -> None:
    """Count one mass send of this period, or raise 45028. A send that fails is given back."""
    usage = _mass_usage(platform, account, platform.clock())
    if usage.used >= account.mass_sends:
        raise ApiError(45028)
    usage.used += 1
    platform.usage.put(usage)


def return_mass_send(platform: Platform, account: Account, *, submitted_at: float) -> None:
    usage = _mass_usage(platform, account, submitted_at)
    usage.used -= 1
    platform.usage.put(usage)
