"""Refusals: what the office is told when something may not or cannot be done.

A refusal carries the Chinese sentence the person will read, which says what to do next, and a stable
English code for scripts. Services raise it; `ui/feedback.py` and `services/cli.py` alone show it.
Everything that is not a refusal is a fault: it goes to the log, never to the screen.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """Something the person asked for is not done, and nothing of it was kept.

    `sentence` is complete Chinese prose for the screen; `code` never changes once released.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotAllowed(Refusal):
    """The person lacks the right, or the two-person rule stands in the way."""

    code = "not_allowed"


class SignedOut(NotAllowed):
    """The person behind the action is no longer signed in, was disabled, or never existed."""

    code = "signed_out"


class NotFound(Refusal):
    """What was asked for does not exist, or this person may not know that it does."""

    code = "not_found"


class StaleState(Refusal):
    """Somebody else was faster: the row is no longer in the state the screen was drawn from."""

    code = "stale_state"


class WrongState(Refusal):
    """The action does not exist in this state."""

    code = "wrong_state"


class ReasonRequired(Refusal):
    """A return, a rejection or a deduction needs its reason before anything happens."""

    code = "reason_required"


class InvalidInput(Refusal):
    """A field is missing, too long or contradicts another; `field` names it for the form."""

    code = "invalid_input"

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class UnreadableFile(Refusal):
    """An uploaded file is not what it claims to be, is broken, or is larger than we open."""

    code = "unreadable_file"


class FindingsOpen(Refusal):
    """The machine check marked places that must be answered first."""

    code = "findings_open"


class ChecksFailed(Refusal):
    """An item of the review checklist that blocks stands at 不通过."""

    code = "checks_failed"


class TalkRequired(Refusal):
    """An item goes back for the third time: somebody has to talk with its author first, or say that this waits."""

    code = "talk_required"


class SealBroken(Refusal):
    """What is about to go out is not exactly what was approved."""

    code = "seal_broken"


class IncompleteSettings(Refusal):
    """The settings are half made; the sentence names what is missing."""

    code = "incomplete_settings"


class NewerDatabase(Refusal):
    """The database was written by a newer release than this code."""

    code = "newer_database"
