"""The life of a publication: one table. What is not in it does not happen; a write outside it is a fault.

Two rules stand behind it. Nothing that may be live is ever tried again from the beginning: from `unknown` the
platform is read first. And back to `queued` leads only what is known not to have gone out.
"""

from __future__ import annotations

from dataclasses import dataclass

from models import Publication, PublicationState, SubmissionState, Target

S = PublicationState

CANCELLED = "cancelled"
"""The failure code of what a person called off: it is no longer wanted, and holds nothing back."""

TAKEN_DOWN = "taken_down"
"""The code of what two people decided to take down: those who must know were told by that."""

DRAFT_GONE = "draft_gone"
"""The code of a doubt that no call of ours made: somebody sent the draft, or deleted it."""

CALLS_AGAIN = (S.QUEUED, S.PREPARING, S.DRAFTED, S.SENDING, S.UNKNOWN)
"""From here the worker may still ask a platform to create or send something; later it only asks how that ended."""

MAY_GO_OUT = frozenset({SubmissionState.APPROVED, SubmissionState.PUBLISHED})
"""Where an item's sealed version may go out: also to the target that was not asked for the first time."""


def targets_of(account_id: int | None) -> tuple[Target, ...]:
    """Where an item may go: the campus site, and the account it was written for if there is one."""
    return (Target.WECHAT, Target.SITE) if account_id is not None else (Target.SITE,)


@dataclass(frozen=True)
class Place:
    """Somewhere an item may go: WeChat, the campus site, or one of the further destinations, by its name."""

    target: Target
    destination_id: int | None = None
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or self.target.label

    def holds(self, row: Publication) -> bool:
        """Whether a publication goes there."""
        return row.target is self.target and row.destination_id == self.destination_id


@dataclass(frozen=True)
class Change:
    """One row: this state may follow that one, and why."""

    source: PublicationState
    target: PublicationState
    why: str


CHANGES: tuple[Change, ...] = (
    #      from            to              why
    Change(S.QUEUED,       S.PREPARING,    "its time has come"),
    Change(S.QUEUED,       S.NEEDS_PERSON, "by hand: nothing is left to the machine"),
    Change(S.QUEUED,       S.MISSED,       "its time passed while nothing ran"),
    Change(S.QUEUED,       S.FAILED,       "a person called it off"),
    Change(S.QUEUED,       S.UNKNOWN,      "restored from a backup: it may have gone out since"),
    Change(S.PREPARING,    S.DRAFTED,      "the platform holds the draft"),
    Change(S.PREPARING,    S.LIVE,         "the campus page stands, or the draft was published meanwhile"),
    Change(S.PREPARING,    S.QUEUED,       "refused for now, or not reached: nothing was created"),
    Change(S.PREPARING,    S.FAILED,       "refused, or not what was approved"),
    Change(S.PREPARING,    S.NEEDS_PERSON, "the platform wants a person"),
    Change(S.PREPARING,    S.UNKNOWN,      "the draft may or may not have been created, or is gone"),
    Change(S.DRAFTED,      S.SENDING,      "the draft was read back and is what was approved"),
    Change(S.DRAFTED,      S.NEEDS_PERSON, "a person sends it on the WeChat site"),
    Change(S.DRAFTED,      S.LIVE,         "a person had sent it on the WeChat site"),
    Change(S.DRAFTED,      S.QUEUED,       "refused for now, or not reached"),
    Change(S.DRAFTED,      S.FAILED,       "the draft is not what was approved, or the approval is gone"),
    Change(S.DRAFTED,      S.UNKNOWN,      "the draft is gone from the draft box"),
    Change(S.SENDING,      S.ACCEPTED,     "the platform took the job"),
    Change(S.SENDING,      S.LIVE,         "the platform's event overtook its answer"),
    Change(S.SENDING,      S.QUEUED,       "refused for now, or not reached"),
    Change(S.SENDING,      S.FAILED,       "refused"),
    Change(S.SENDING,      S.NEEDS_PERSON, "the platform wants a person"),
    Change(S.SENDING,      S.UNKNOWN,      "the job may or may not have been taken"),
    Change(S.ACCEPTED,     S.LIVE,         "the platform says so"),
    Change(S.ACCEPTED,     S.FAILED,       "the platform says so"),
    Change(S.ACCEPTED,     S.REMOVED,      "the platform says so"),
    Change(S.ACCEPTED,     S.BANNED,       "the platform says so"),
    Change(S.ACCEPTED,     S.UNKNOWN,      "the platform never said how it ended"),
    Change(S.UNKNOWN,      S.DRAFTED,      "the draft was found by its marker"),
    Change(S.UNKNOWN,      S.PREPARING,    "no draft was found, twice"),
    Change(S.UNKNOWN,      S.ACCEPTED,     "the same draft was submitted again and taken"),
    Change(S.UNKNOWN,      S.LIVE,         "it was found published, or a person saw it"),
    Change(S.UNKNOWN,      S.FAILED,       "the platform or a person says it is not live"),
    Change(S.UNKNOWN,      S.REMOVED,      "the platform says so"),
    Change(S.UNKNOWN,      S.BANNED,       "the platform says so"),
    Change(S.NEEDS_PERSON, S.LIVE,         "it was found published, or a person registered it"),
    Change(S.NEEDS_PERSON, S.FAILED,       "a person says it will not be sent"),
    Change(S.FAILED,       S.QUEUED,       "a person tries again"),
    Change(S.MISSED,       S.QUEUED,       "a person gives it a new time"),
    Change(S.LIVE,         S.REMOVED,      "deleted by the account"),
    Change(S.LIVE,         S.BANNED,       "banned by the platform"),
)  # fmt: skip

_FOLLOWS = {(change.source, change.target) for change in CHANGES}


def may_follow(source: PublicationState, target: PublicationState) -> bool:
    """Whether the table knows this change."""
    return (source, target) in _FOLLOWS
