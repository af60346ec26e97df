"""Codes that work once, as people read them from paper: how they look, and what is stored of them.

A code is random and short-lived, so its digest needs no slow hash; it is keyed with the installation's secret,
so that a stolen database gives nobody a way to try codes out.
"""

from __future__ import annotations

import secrets

from services.secret_box import SecretBox

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L, which look alike on paper."""
GROUP = 4


def make(groups: int) -> str:
    """A new code of so many groups of four, about 20 bits each: K7QF-2MXP-9TRD."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(groups))


def digest(box: SecretBox, purpose: str, person_id: int, typed: str) -> str:
    """What is stored of a code, and compared with what somebody typed: case, spaces and dashes do not count."""
    plain = "".join(each for each in typed.upper() if each.isalnum())
    return box.signature(f"{purpose}:{person_id}:{plain}")
