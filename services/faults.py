"""Faults: what went wrong inside, for the people who run the server. One JSON object per line on standard error.

A fault has a short number that also stands on the person's screen, so that a phone call finds its line.
"""

from __future__ import annotations

import re
import secrets
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from services.audit import SECRET_WORDS

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misheard or misread on the telephone
SECRET_IN_TEXT = re.compile(
    rf"""([\w-]*(?:{"|".join(SECRET_WORDS)})[\w-]*["']?\s*[=:]\s*["']?)[^\s"'&,;)}}]+""", re.IGNORECASE
)
SECRET_IN_ADDRESS = re.compile(
    r"(://[^\s/:@]*:)[^\s/@]+(?=@)|([?&](?:key|sign|signature|code|ticket)=)[^\s\"'&]+", re.IGNORECASE
)
"""A database's password; a group robot's key, a signed picture, a sign-in's code: who has the address has the right."""
BOUND_VALUES = re.compile(r"\[parameters: .*?\]$", re.MULTILINE | re.DOTALL)
"""SQLAlchemy repeats the values of a failed statement: drafts, names, hashes."""


class _StandardError:
    """Standard error as it stands at each line: a captured one that was closed since must not take the log with it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(stream: TextIO | None = None) -> None:
    """Say once per process how the log is written."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream or cast("TextIO", _StandardError())),
        cache_logger_on_first_use=False,
    )


def record(fault: BaseException, **where: object) -> str:
    """Write a fault down; its number."""
    number = "".join(secrets.choice(ALPHABET) for _ in range(6))
    structlog.get_logger().error("fault", number=number, exc_info=fault, **where)
    return number


def _redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    return {key: _masked(key, value) for key, value in line.items()}


def _masked(key: str, value: object) -> object:
    if any(word in key.lower() for word in SECRET_WORDS):
        return "***"
    if not isinstance(value, str):
        return value
    without_values = BOUND_VALUES.sub("[parameters: ***]", value)
    return SECRET_IN_TEXT.sub(r"\1***", SECRET_IN_ADDRESS.sub(r"\1\2***", without_values))
