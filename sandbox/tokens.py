"""Access tokens: two endpoints, two families of tokens that never invalidate each other.

WeChat doc: api_getaccesstoken, api_getstableaccesstoken. The IP whitelist is checked when a token is fetched.
"""

from __future__ import annotations

import secrets

from sandbox import quotas
from sandbox.calendar import day
from sandbox.errors import ApiError
from sandbox.platform import Platform
from sandbox.records import Account, Token

LIFETIME = 7200
OVERLAP = 300
FORCED_PER_DAY = 20
FORCED_APART = 30
SHORTEST_TOKEN = 20


def identify(platform: Platform, *, appid: str, secret: str, ip: str) -> Account:
    """Return the account that appid and secret name, or raise what is wrong with them or with the caller's IP."""
    if not appid:
        raise ApiError(41002)
    if not secret:
        raise ApiError(41004)
    account = platform.accounts.get(appid)
    if account is None:
        if not platform.settings.open_registration:
            raise ApiError(40013)
        account = platform.accounts.put(Account(appid, secret, mass_sends=platform.settings.mass_sends))
    if account.secret_frozen:
        raise ApiError(40243)
    if not secrets.compare_digest(account.secret.encode(), secret.encode()):
        raise ApiError(40125)
    if account.whitelist is not None and ip not in account.whitelist:
        raise ApiError(40164)
    return account


def issue_plain(platform: Platform, account: Account) -> Token:
    """Issue a new token at ``GET token``; the one before keeps working for five minutes."""
    quotas.spend(platform, account, "token")
    now = platform.clock()
    for older in _family(platform, account, stable=False):
        older.revoked = older.revoked or older.expires_at > now + OVERLAP
        older.expires_at = min(older.expires_at, now + OVERLAP)
        platform.tokens.put(older)
    return _issue(platform, account, stable=False)


def issue_stable(platform: Platform, account: Account, *, force_refresh: bool) -> Token:
    """Return the valid stable token, or a new one: in its last five minutes, or by force, which kills the old."""
    quotas.spend(platform, account, "stable_token")
    now = platform.clock()
    family = _family(platform, account, stable=True)
    if force_refresh:
        _spend_forced_refresh(platform, account)
        for older in family:
            older.revoked, older.expires_at = True, now
            platform.tokens.put(older)
        return _issue(platform, account, stable=True)
    for token in family:
        if token.expires_at - now > OVERLAP:
            return token
    return _issue(platform, account, stable=True)


def account_of(platform: Platform, value: str) -> Account:
    """Return the account a call's token belongs to, or raise 41001, 40014, 40001 or 42001."""
    if not value:
        raise ApiError(41001)
    if len(value) < SHORTEST_TOKEN:
        raise ApiError(40014)
    token = platform.tokens.get(value)
    if token is None:
        raise ApiError(40001)
    if token.expires_at <= platform.clock():
        raise ApiError(40001 if token.revoked else 42001)
    account = platform.accounts.get(token.appid)
    if account is None:
        raise ApiError(40001)
    return account


def expire_all(platform: Platform, appid: str) -> None:
    """Let every token of an account run out now, as two quiet hours would (42001)."""
    for token in platform.tokens:
        if token.appid == appid:
            token.expires_at = min(token.expires_at, platform.clock())
            platform.tokens.put(token)


def revoke_all(platform: Platform, appid: str) -> None:
    """Invalidate every token of an account now, as a reset of its secret would (40001)."""
    expire_all(platform, appid)
    for token in platform.tokens:
        if token.appid == appid:
            token.revoked = True
            platform.tokens.put(token)


def _family(platform: Platform, account: Account, *, stable: bool) -> list[Token]:
    return [
        token
        for token in platform.tokens
        if token.appid == account.appid and token.stable is stable and token.expires_at > platform.clock()
    ]


def _issue(platform: Platform, account: Account, *, stable: bool) -> Token:
    now = platform.clock()
    value = f"{'S' if stable else 'P'}_{secrets.token_urlsafe(96)}"
    return platform.tokens.put(Token(value, account.appid, stable, now, now + LIFETIME))


def _spend_forced_refresh(platform: Platform, account: Account) -> None:
    now = platform.clock()
    forced = [
        token.issued_at
        for token in platform.tokens
        if token.appid == account.appid and token.stable and day(token.issued_at) == day(now)
    ]
    if forced and now - max(forced) < FORCED_APART:
        raise ApiError(45011)
    if len(forced) >= FORCED_PER_DAY:
        raise ApiError(45009)
