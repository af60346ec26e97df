"""Where a link or a code leads: domains the school trusts, and all others."""

from __future__ import annotations

from urllib.parse import urlsplit

TRUSTED = ("edu.cn", "gov.cn", "mp.weixin.qq.com")
"""Schools, authorities and articles of official accounts. Nothing is ever opened by the machine."""


def domain_of(address: str) -> str:
    """The host of a web address in lower case; empty for anything else."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return (parts.hostname or "").lower() if parts.scheme in {"http", "https"} else ""


def is_trusted(address: str, trusted: tuple[str, ...] = TRUSTED) -> bool:
    """Whether the address is on one of the trusted domains or below it."""
    domain = domain_of(address)
    return any(domain == each or domain.endswith(f".{each}") for each in trusted)
