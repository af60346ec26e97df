"""What a call over HTTP that got no answer proves: it never left, or nobody can know. Addresses stay out of the text,
because some carry a token.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
import urllib3

from services.ports import DeliveryError, NotSent, OutcomeUnknown

_NEVER_LEFT = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.NewConnectionError,
    ssl.SSLCertVerificationError,
)


def undelivered(call: str, fault: requests.RequestException) -> DeliveryError:
    """The kind of failure behind an exception of requests; only the kinds of fault are kept."""
    kinds = " < ".join(type(each).__name__ for each in _causes(fault))
    kind = NotSent if any(isinstance(each, _NEVER_LEFT) for each in _causes(fault)) else OutcomeUnknown
    return kind(f"{call}: {kinds}")


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """The fault and what it wraps: requests wraps urllib3, which keeps its own causes in `reason` and `args`."""
    seen: list[BaseException] = []
    waiting: list[object] = [fault]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            yield each
            waiting += [getattr(each, "reason", None), *each.args, each.__cause__]
