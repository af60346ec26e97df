"""Faults on demand: what goes wrong, where, how often.

A fault is written ``TARGET:EFFECT[=VALUE][*TIMES][@FIRST]``::

    draft/add:drop-after-commit*1        do the work once, then cut the connection without an answer
    freepublish/submit:errcode=-1*2      refuse twice with "system error", doing nothing
    *:delay=0.2                          think 0.2 s before every call
    media/uploadimg:errcode=-1*1@3       fail the third upload only
    freepublish/submit:outcome=4/1+2*1   accept, then end as status 4 with articles 1 and 2 at fault
    event:twice                          push every event twice

`TARGET` is an endpoint without ``/cgi-bin/`` and may hold ``*``; ``event`` is the push to the callback address.
Without ``*TIMES`` a fault stays until it is cleared.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Effect(StrEnum):
    """What a fault does. "After commit" means the platform did the work and kept its result."""

    DELAY = "delay"
    DELAY_AFTER_COMMIT = "delay-after-commit"
    ERRCODE = "errcode"
    ERRCODE_AFTER_COMMIT = "errcode-after-commit"
    DROP_BEFORE_COMMIT = "drop-before-commit"
    DROP_AFTER_COMMIT = "drop-after-commit"
    HTTP = "http"
    HTTP_AFTER_COMMIT = "http-after-commit"
    CUT_JSON = "cut-json"
    OUTCOME = "outcome"
    LOST = "lost"
    TWICE = "twice"


WAITING = frozenset({Effect.DELAY, Effect.DELAY_AFTER_COMMIT})
ANSWERING = frozenset(
    {
        Effect.ERRCODE,
        Effect.ERRCODE_AFTER_COMMIT,
        Effect.DROP_BEFORE_COMMIT,
        Effect.DROP_AFTER_COMMIT,
        Effect.HTTP,
        Effect.HTTP_AFTER_COMMIT,
        Effect.CUT_JSON,
    }
)
PUSHING = frozenset({Effect.LOST, Effect.TWICE})
OUTCOMES = frozenset({Effect.OUTCOME})

_VALUE_OF = {
    Effect.DELAY: r"\d+(\.\d+)?",
    Effect.DELAY_AFTER_COMMIT: r"\d+(\.\d+)?",
    Effect.ERRCODE: r"-?\d+",
    Effect.ERRCODE_AFTER_COMMIT: r"-?\d+",
    Effect.HTTP: r"[45]\d\d",
    Effect.HTTP_AFTER_COMMIT: r"[45]\d\d",
}
_OUTCOME_OF = {
    "freepublish/submit": r"[0-6](/\d(\+\d)*)?",
    "message/mass/sendall": r"err\(\d+\)|send fail|send success",
}
_SPEC = re.compile(r"(?P<target>[^:]+):(?P<effect>[a-z-]+)(=(?P<value>[^*@]+))?(\*(?P<times>\d+))?(@(?P<first>\d+))?")


class FaultSpecError(ValueError):
    """The text is not a fault; the message says which part is wrong."""


@dataclass
class Fault:
    """One switched-on fault; `seen` counts the calls that matched, `left` the times it will still strike."""

    target: str
    effect: Effect
    value: str = ""
    left: int | None = None
    first: int = 1
    seen: int = 0

    @classmethod
    def parse(cls, spec: str) -> Fault:
        """Read a fault from its written form, or raise `FaultSpecError`."""
        match = _SPEC.fullmatch(spec.strip())
        if match is None:
            raise FaultSpecError(f"{spec!r} is not TARGET:EFFECT[=VALUE][*TIMES][@FIRST]")
        if match["effect"] not in set(Effect):
            raise FaultSpecError(f"{spec!r}: unknown effect {match['effect']!r}, one of {', '.join(Effect)}")
        effect, value = Effect(match["effect"]), match["value"] or ""
        if effect is Effect.OUTCOME and match["target"] not in _OUTCOME_OF:
            raise FaultSpecError(f"{spec!r}: only {' and '.join(_OUTCOME_OF)} have an outcome")
        allowed = _OUTCOME_OF[match["target"]] if effect is Effect.OUTCOME else _VALUE_OF.get(effect, "")
        if not re.fullmatch(allowed, value):
            raise FaultSpecError(f"{spec!r}: {value!r} is not a value for {effect}")
        times = int(match["times"]) if match["times"] else None
        return cls(match["target"], effect, value, times, int(match["first"] or 1))

    def __str__(self) -> str:
        value = f"={self.value}" if self.value else ""
        times = "" if self.left is None else f"*{self.left}"
        first = f"@{self.first}" if self.first > 1 else ""
        return f"{self.target}:{self.effect}{value}{times}{first}"

    @property
    def seconds(self) -> float:
        return float(self.value)

    @property
    def number(self) -> int:
        return int(self.value)

    def _means(self, target: str) -> bool:
        return target == self.target or (target != "event" and fnmatchcase(target, self.target))

    def strikes(self, target: str) -> bool:
        """Count one matching call and tell whether the fault hits it."""
        if self.left == 0 or not self._means(target):
            return False
        self.seen += 1
        if self.seen < self.first:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class FaultBoard:
    """The faults switched on now. Waiting times add up; of the others the earliest set strikes alone."""

    def __init__(self, specs: list[str] | None = None) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        for spec in specs or []:
            self.add(spec)

    def add(self, spec: str) -> Fault:
        fault = Fault.parse(spec)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def active(self) -> list[str]:
        with self._lock:
            return [str(fault) for fault in self._faults if fault.left != 0]

    def take(self, target: str, effects: frozenset[Effect]) -> Fault | None:
        """Return the first fault of these effects that hits this call, and count it as used."""
        with self._lock:
            for fault in self._faults:
                if fault.effect in effects and fault.strikes(target):
                    return fault
        return None

    def take_waiting(self, target: str, effect: Effect) -> float:
        """Return the seconds that all faults of this waiting effect add up to."""
        with self._lock:
            return sum(fault.seconds for fault in self._faults if fault.effect is effect and fault.strikes(target))
