"""Short-lived signed addresses of stored pictures: a preview in a sandboxed frame sends no cookie."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from services.secret_box import SecretBox
from ui import runtime

HOLDS_FOR = timedelta(hours=2)
SHA256 = re.compile(r"[0-9a-f]{64}")
REFERENCE = re.compile(r'src="asset:([0-9a-f]{64})"')


def address(sha256: str) -> str:
    """Where this browser finds a stored picture for the next hour or two."""
    here = runtime.current()
    until = _end_of_period(here.now())
    return f"/portal/assets/{sha256}?until={until}&signature={here.secrets.signature(_signed(sha256, until))}"


def resolved(body_html: str) -> str:
    """A body whose `asset:` pictures can be seen in a browser."""
    return REFERENCE.sub(lambda found: f'src="{address(found[1])}"', body_html)


def holds(box: SecretBox, now: datetime, sha256: str, until: str, signature: str) -> bool:
    """Whether an address was made here and has not ended."""
    if not (SHA256.fullmatch(sha256) and until.isascii() and until.isdecimal()):
        return False
    return box.is_signed(_signed(sha256, int(until)), signature) and now.timestamp() < int(until)


def _end_of_period(now: datetime) -> int:
    # The same address for an hour: another one at every run would make every preview load its pictures again.
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return int((hour + HOLDS_FOR).timestamp())


def _signed(sha256: str, until: int) -> str:
    return f"picture:{sha256}:{until}"
