"""What a list of the inbox is narrowed to; kept as JSON in a saved filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from models import ContentCategory, SubmissionState, Vocabulary
from services.rules.stage_clocks import ClockColour

Word = TypeVar("Word", bound=Vocabulary)


@dataclass(frozen=True)
class Criteria:
    """Everything that must hold; what is None, or empty, asks nothing."""

    words: str = ""
    department_id: int | None = None
    account_id: int | None = None
    category: ContentCategory | None = None
    state: SubmissionState | None = None
    colour: ClockColour | None = None

    def to_json(self) -> dict[str, Any]:
        """Codes and ids, without what asks nothing."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: _plain(value) for name, value in given.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Criteria:
        """The criteria of a saved filter. What a later release no longer knows asks nothing."""
        return cls(
            words=str(stored.get("words", "")),
            department_id=stored.get("department_id"),
            account_id=stored.get("account_id"),
            category=_known(ContentCategory, stored.get("category")),
            state=_known(SubmissionState, stored.get("state")),
            colour=_known(ClockColour, stored.get("colour")),
        )


EVERYTHING = Criteria()


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Vocabulary) else value


def _known(vocabulary: type[Word], code: object) -> Word | None:
    return next((each for each in vocabulary if each.value == code), None)
