"""Links that lead outside, and links that pretend (clause 4.3). The machine opens nothing; people do."""

from __future__ import annotations

import re
import string
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models import FindingLevel
from services.screening.addresses import TRUSTED, Target, is_below, target_of
from services.screening.catalogue import rule as catalogue_rule
from services.screening.folding import Seen, read
from services.screening.marks import Mark

RULE = "link.outside"


@dataclass(frozen=True)
class Link:
    """A link of the body: the characters a reader sees, and where they lead."""

    start: int
    end: int
    address: str


_SCHEME = re.compile(r"(?:https?|hxxps?)$", re.IGNORECASE)
# Han may follow a pasted address without a blank; other scripts may be part of a disguised host.
_REST = re.compile("[^\\s<>\"'`|{}\u3000-\u303f\u4e00-\u9fff\uff00-\uffef，。；、！？：“”‘’（）《》【】…]+")
_HAN_HOST = re.compile("[\u4e00-\u9fff]+(?:\\.(?:[\u4e00-\u9fff]+|[A-Za-z0-9-]+))+")
_TRAILING = ".,;:!?)]"
# Without a scheme only endings that are hardly ever anything else; Socket.io and README.me are no addresses.
_ENDING = re.compile(
    r"(?:\.(?:com|cn|net|org|edu|gov|top|xyz|vip|cc|shop|club|site|icu|info|biz|tv|wang|ltd|fun|mobi|online|store|link)"
    r"(?![A-Za-z0-9-]))+(?!\.[A-Za-z0-9])",
    re.IGNORECASE,
)
_HOST_SIGNS = frozenset(string.ascii_letters + string.digits + "-.")
_PATH = re.compile(r"[:/?#][!-~]*")
_LONGEST_HOST = 80
_PRODUCTS = frozenset({"asp.net", "vb.net", "ado.net", "paint.net"})
_SECOND_LEVEL = frozenset({"com", "net", "org", "edu", "gov", "ac", "co", "mil"})


class LinkFinder:
    """Looks for addresses in texts and at the links of a body, against the domains a school trusts."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        self.trusted = (*TRUSTED, *trusted)

    def marks_in(
        self, text: str, links: Sequence[Link] = (), *, field: str, view: Seen | None = None
    ) -> Iterator[Mark]:
        """One mark for each place that leads to a domain not trusted, or that pretends to lead elsewhere."""
        for link in links:
            fault = self._fault_of_link(text[link.start : link.end], link.address)
            if fault is not None:
                yield _mark(link.start, link.end, fault, field)
        view = view or read(text)
        for start, end in _addresses(view.text):
            place = view.span(start, end)
            if any(link.start < place[1] and place[0] < link.end for link in links):
                continue  # what is written inside a link was held against its target
            fault = self._fault(_target(view.text[start:end]))
            if fault is not None:
                yield _mark(*place, fault, field)

    def _fault_of_link(self, words: str, address: str) -> _Fault | None:
        target = target_of(address)
        if target is None:
            return None  # mailto: and the like; the text is checked for mailboxes
        written = read(words).text
        for start, end in _addresses(written):
            shown = _target(written[start:end])
            if shown is not None and not _same_site(shown.domain, target.domain):
                level = FindingLevel.WARN if self._trusts(target) else FindingLevel.BLOCK
                advice = f"文字写的是 {shown.shown}，点开却到 {target.shown}：请改成一致，或核实链接来源。"
                return _Fault(level, f"{shown.shown} → {target.shown}", advice)
        return self._fault(target)

    def _fault(self, target: Target | None) -> _Fault | None:
        if target is None:
            return None
        if target.hides_host:
            advice = f"网址里“@”之前的部分是伪装，实际指向 {target.shown}：请改用真实网址，或删去链接。"
            return _Fault(FindingLevel.BLOCK, target.shown, advice)
        if self._trusts(target):
            return None
        if target.is_ip:
            advice = f"链接直接指向一个 IP 地址（{target.shown}），看不出是谁的网站：请改用域名，或删去链接。"
        elif target.is_foreign_script:
            advice = (
                f"域名 {target.shown}（实为 {target.domain}）含非英文字母，容易冒充正规网址："
                "请打开核对主办者，确需保留请写明理由。"
            )
        else:
            advice = f"链接指向 {target.shown}，不在可信域名之内：请打开核对内容和主办者，确需保留请写明理由。"
        return _Fault(FindingLevel.WARN, target.shown, advice)

    def _trusts(self, target: Target) -> bool:
        return is_below(target.domain, self.trusted)


@dataclass(frozen=True)
class _Fault:
    level: FindingLevel
    quote: str
    advice: str


def _target(written: str) -> Target | None:
    scheme, _, rest = written.rpartition("://")
    return target_of(f"{'https' if scheme.lower().endswith('s') else 'http'}://{rest}")


def _addresses(view: str) -> list[tuple[int, int]]:
    """Start and end of every written address, with a scheme or without; never the domain of a mailbox."""
    full = list(_with_scheme(view))
    starts = [start for start, _ in full]
    bare = []
    for start, end in _without_scheme(view):
        before = bisect_left(starts, end)
        if before == 0 or full[before - 1][1] <= start:
            bare.append((start, end))
    return sorted([*full, *bare])


def _with_scheme(view: str) -> Iterator[tuple[int, int]]:
    place = view.find("://")
    while place >= 0:
        scheme = _SCHEME.search(view, max(0, place - 5), place)
        end = _end_of(view, place + 3)
        if scheme and end > place + 3:
            yield scheme.start(), end
        place = view.find("://", max(end, place + 3))


def _without_scheme(view: str) -> Iterator[tuple[int, int]]:
    covered = 0
    for ending in _endings(view):
        start = _start_of_host(view, ending.start(), covered)
        whole = view[start : ending.end()].lower()
        if start == ending.start() or view[start - 1 : start] in {"@", "_"} or whole in _PRODUCTS:
            continue
        rest = _PATH.match(view, ending.end())
        covered = _trimmed(view, ending.end(), rest.end()) if rest else ending.end()
        if view[covered : covered + 1] != "@":
            yield start, covered


def _endings(view: str) -> Iterator[re.Match[str]]:
    """Every ending of a domain. Stepping from point to point is ten times faster than searching for the pattern."""
    place = view.find(".")
    while place >= 0:
        ending = _ENDING.match(view, place)
        if ending is not None:
            yield ending
        place = view.find(".", ending.end() if ending is not None else place + 1)


def _start_of_host(view: str, end: int, floor: int) -> int:
    """Where the letters, digits, hyphens and dots before `end` begin; `end` where they are no host."""
    start = end
    while start > max(floor, end - _LONGEST_HOST) and view[start - 1] in _HOST_SIGNS:
        start -= 1
    while start < end and not view[start].isalnum():
        start += 1
    return start


def _end_of(view: str, start: int) -> int:
    rest = _HAN_HOST.match(view, start) or _REST.match(view, start)
    return _trimmed(view, start, rest.end()) if rest else start


def _trimmed(view: str, start: int, end: int) -> int:
    """Without the full stop or bracket that belongs to the sentence around."""
    while end > start and view[end - 1] in _TRAILING:
        end -= 1
    return end


def _same_site(one: str, other: str) -> bool:
    return _site(one) == _site(other)


def _site(domain: str) -> str:
    """The part of a domain somebody owns: school.edu.cn, example.com."""
    labels = domain.split(".")
    owned = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-owned:])


def _mark(start: int, end: int, fault: _Fault, field: str) -> Mark:
    return Mark(
        rule=RULE,
        level=fault.level,
        quote=fault.quote,
        start=start,
        end=end,
        clause=catalogue_rule(RULE).clause,
        suggestion=fault.advice,
        field=field,
    )
