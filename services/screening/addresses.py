"""Where a link or a code leads: domains the school trusts, and all others.

An address is read as a browser reads it, because what a person takes for the domain may be something else: a name
before an `@`, letters of another script, a backslash.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

TRUSTED = ("edu.cn", "gov.cn", "mp.weixin.qq.com")
"""Schools, authorities and articles of official accounts. Nothing is ever opened by the machine."""

_SLASHES = re.compile(r"^(https?):/*", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f\u00ad\u200b-\u200f\u2060\ufeff]")
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_PART = r"(?:0[xX][0-9a-fA-F]+|[0-9]+)"
_IP_NUMBER = re.compile(rf"{_PART}(?:\.{_PART}){{0,3}}")


@dataclass(frozen=True)
class Target:
    """Where an address leads. `domain` is the host in ASCII, `shown` the same as a person may see it.

    `hides_host`: something that looks like a host stands before an `@` in front of the real one.
    """

    domain: str
    shown: str
    hides_host: bool

    @property
    def is_ip(self) -> bool:
        """Whether the host is a number, in any of the writings a browser accepts."""
        return self.domain.startswith("[") or _IP_NUMBER.fullmatch(self.domain) is not None

    @property
    def is_foreign_script(self) -> bool:
        """Whether the host has letters that are not ASCII: some look exactly like others."""
        return "xn--" in self.domain or not self.domain.isascii()


def target_of(address: str) -> Target | None:
    """Where a browser would go; None for what is no web address."""
    parts = _parts(_SLASHES.sub(r"\1://", _UNSEEN.sub("", address).replace("\\", "/")))
    if parts is None:
        return None
    host = _DOTS.sub(".", unicodedata.normalize("NFKC", unquote(parts.hostname or ""))).lower().rstrip(".")
    if not host:
        return None
    if ":" in host:
        return Target(f"[{host}]", f"[{host}]", parts.username is not None)
    domain = _ascii(host)
    return Target(domain, _readable(domain), parts.username is not None)


def domain_of(address: str) -> str:
    """The host of a web address in lower case; empty for anything else."""
    target = target_of(address)
    return target.domain if target else ""


def is_trusted(address: str, trusted: tuple[str, ...] = TRUSTED) -> bool:
    """Whether the address is on one of the trusted domains or below it."""
    return is_below(domain_of(address), trusted)


def is_below(domain: str, parents: tuple[str, ...]) -> bool:
    """Whether a domain is one of these or below it."""
    return any(domain == each or domain.endswith(f".{each}") for each in parents)


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.hostname
    except ValueError:
        return None
    return parts if parts.scheme.lower() in {"http", "https"} else None


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _readable(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
