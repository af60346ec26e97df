"""No sequence of acts, by whomever and in whosever place, gets an item approved by fewer than the required different
people, or lets anything out but what was sealed.

What holds is read from the rows themselves, not from the rules under test: who signed which stage on which version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from models import (
    ADOPTED,
    WITH_AUTHOR,
    Action,
    CheckVerdict,
    Delegation,
    Draft,
    EmergencyReason,
    Publication,
    ReviewDecision,
    Revision,
    RiskMark,
    Role,
    Submission,
    SubmissionState,
    Target,
)
from services import checklist, delegations, emergencies, publishing, remarks, submissions
from services.claims import Claim
from services.errors import Refusal
from services.manuscript import anchors
from services.queries import standings
from services.rules.checklist import items_at
from services.rules.office_time import office_day
from services.rules.workflow import SIGNATURES, available
from services.sealed_content import sealed_content
from services.sealing import fingerprint_of
from services.submissions import DraftFields
from services.talks import PUT_OFF
from services.unit_of_work import UnitOfWork
from tests.office import STORY, Office

S = SubmissionState
CAST = ("小王", "张处长", "老李", "老周", "陈部长", "老唐", "小赵", "徐校长", "小林", "小吴", "黄处长")
WRITERS = ("小王", "老唐", "张处长")
"""A contributor, somebody who may sign two stages, and the head who signs for the department: as authors."""
LENT: dict[str, tuple[Role, ...]] = {
    "张处长": (Role.DEPARTMENT_HEAD,),
    "老李": (Role.REVIEWER,),
    "老唐": (Role.REVIEWER, Role.APPROVER),
    "陈部长": (Role.APPROVER,),
    "徐校长": (Role.LEADER,),
    "小赵": (Role.PUBLISHER,),
}
STEPS = (*SIGNATURES, Action.RETURN, Action.REJECT, Action.WITHDRAW, Action.RECALL)
people = st.sampled_from(CAST)


class Review(RuleBasedStateMachine):
    """One item at a time in one school; every example begins with a new item and no deputies."""

    office: Office
    reached: Counter[str]

    @contextmanager
    def trying(self, who: str) -> Iterator[UnitOfWork]:
        """One act; a refusal is one of the answers, and then nothing of it was kept."""
        try:
            with self.office.acting_as(who) as work:
                yield work
        except Refusal:
            self.refused = True

    @initialize(author=st.sampled_from(WRITERS))
    def hand_in(self, author: str) -> None:
        self.author, self.count = author, 0
        with self.office.as_system() as work:
            for row in work.session.exec(select(Delegation)):
                row.ended_at = self.office.now
        self.item = self.office.submitted()
        with self.office.as_system() as work:
            item = work.session.get_one(Submission, self.item)
            item.contributor_id = work.session.get_one(Revision, item.revision_id).made_by_id = self.office.people[
                author
            ]
        self.forged: int | None = None  # the version somebody changed behind everybody's back
        self.refused, self.remark = False, 0

    @property
    def stored(self) -> Submission:
        return self.office.stored(self.item)

    # What people do.

    @rule(who=people, action=st.sampled_from(STEPS))
    def anybody_tries_a_step(self, who: str, action: Action) -> None:
        seen = self.stored.version
        with self.trying(who) as work:
            submissions.perform(work, action, submission_id=self.item, seen_version=seen, comment="理由", talk=PUT_OFF)

    @rule(picks=st.lists(st.integers(0, 5), min_size=1, max_size=4))
    def those_who_may_sign_one_after_the_other(self, picks: list[int]) -> None:
        self.those_who_may_sign(picks)

    def those_who_may_sign(self, picks: list[int]) -> None:
        for pick in picks:
            self._somebody_who_may_signs(pick)
        if picks[0] % 2:
            self.anybody_queues_it("小赵")

    def _somebody_who_may_signs(self, pick: int) -> None:
        with self.office.reading() as session:
            item = standings.standing(session, self.stored)
        able = [
            (who, step.action)
            for who in CAST
            for step in available(self.office.actor(who), item)
            if step.action in SIGNATURES
        ]
        if able:
            self.anybody_tries_a_step(*able[pick % len(able)])

    @rule(who=people, action=st.sampled_from(STEPS))
    def a_decision_on_an_older_screen_changes_nothing(self, who: str, action: Action) -> None:
        before = self.stored
        self.refused = False
        with self.trying(who) as work:
            submissions.perform(
                work, action, submission_id=self.item, seen_version=before.version - 1, comment="理由", talk=PUT_OFF
            )
        assert self.refused
        assert self.stored == before

    @rule(who=people)
    def anybody_adjusts(self, who: str) -> None:
        self.count += 1
        self._adjust(who, title=f"改过 {self.count} 次的标题")

    @precondition(lambda self: self.forged is None)
    @rule(who=people)
    def a_save_without_a_change_changes_nothing(self, who: str) -> None:
        before = self.stored
        self._adjust(who)
        assert self.stored == before

    def _adjust(self, who: str, **changes: object) -> None:
        stored = self.stored
        with self.trying(who) as work:
            content = work.session.get_one(Revision, stored.revision_id).model_copy(update=changes)
            submissions.adjust(work, submission_id=self.item, seen_version=stored.version, content=content)

    @precondition(lambda self: self.stored.state in WITH_AUTHOR)
    @rule(mended=st.booleans())
    def the_author_sends_it_again(self, *, mended: bool) -> None:
        self.count += 1
        with self.trying(self.author) as work:
            draft = work.session.get_one(Draft, self.item)
            fields = submissions.draft_fields(draft)
            added = f"{STORY}<p>第 {self.count} 次补充。</p>" if mended else fields.body_html
            changed = DraftFields(**{**fields.__dict__, "body_html": added})
            submissions.save_draft(work, submission_id=self.item, seen_edition=draft.edition, draft=changed)
        try:
            self.office.hand_in(self.item, self.author)
        except Refusal:
            self.refused = True

    @rule(principal=st.sampled_from(list(LENT)), deputy=people)
    def somebody_lends_their_roles(self, principal: str, deputy: str) -> None:
        today = office_day(self.office.now)
        with self.trying(principal) as work:
            delegations.delegate(
                work, deputy_id=self.office.people[deputy], roles=LENT[principal], starts_on=today,
                ends_on=today + timedelta(days=1),
            )  # fmt: skip

    @rule(who=people, verdict=st.sampled_from(list(CheckVerdict)), pick=st.integers(0, 17))
    def anybody_answers_the_checklist(self, who: str, verdict: CheckVerdict, pick: int) -> None:
        stored = self.stored
        items = items_at(stored.state)
        if items:
            with self.trying(who) as work:
                checklist.answer(
                    work, submission_id=self.item, seen_revision_id=stored.revision_id or 0,
                    item=items[pick % len(items)].code, verdict=verdict, note="看过",
                )  # fmt: skip

    @rule(who=people)
    def anybody_answers_the_rest_of_it(self, who: str) -> None:
        with self.trying(who) as work:
            checklist.answer_rest(work, submission_id=self.item, seen_revision_id=self.stored.revision_id or 0)

    @rule(who=people, other=people)
    def remarks_are_made_answered_and_settled(self, who: str, other: str) -> None:
        stored = self.stored
        with self.trying(who) as work:
            title = anchors.texts(work.session.get_one(Revision, stored.revision_id))["title"]
            made = remarks.add(
                work, submission_id=self.item, seen_revision_id=stored.revision_id or 0, field="title", start=0,
                end=len(title), text="请改",
            )  # fmt: skip
            remarks.reply(work, remark_id=made.id or 0, text="好")
            self.remark = made.id or 0
        with self.trying(other) as work:
            remarks.settle(work, remark_id=self.remark)

    @rule(who=people)
    def anybody_raises_the_review(self, who: str) -> None:
        seen = self.stored.version
        with self.trying(who) as work:
            submissions.raise_review(
                work, submission_id=self.item, seen_version=seen, comment="涉校领导", risks=[RiskMark.LEADERS]
            )

    @rule(who=st.sampled_from(("老周", *CAST)))
    def anybody_tries_the_emergency_channel(self, who: str) -> None:
        seen = self.stored.version
        with self.trying(who) as work:
            submissions.expedite(
                work, submission_id=self.item, seen_version=seen, reason=EmergencyReason.INCIDENT, words="停水通知"
            )

    @precondition(lambda self: self.stored.seal is not None)
    @rule(who=st.sampled_from(("小赵", "小赵", *CAST)))
    def anybody_queues_it(self, who: str) -> None:
        with self.trying(who) as work:
            publishing.queue(work, self.office.box, submission_id=self.item, targets=[Target.SITE])

    @precondition(lambda self: self.stored.seal is not None and self.forged is None)
    @rule()
    def somebody_changes_the_sealed_row_in_the_database(self) -> None:
        self.forged = self.stored.sealed_revision_id
        with self.office.as_system() as work:
            sealed = work.session.get_one(Revision, self.forged)
            sealed.body_html = f"{sealed.body_html}<p>夹带的一段。</p>"

    # Signing happens more often than anything else, as in life: two rules draw it twice as often as one.
    those_who_may_sign_again = rule(picks=st.lists(st.integers(0, 5), min_size=2, max_size=4))(
        lambda self, picks: self.those_who_may_sign(picks)
    )

    # What must hold.

    @invariant()
    def what_is_approved_was_signed_by_different_people(self) -> None:
        item = self.stored
        if item.state not in ADOPTED:
            return
        self.reached[item.state.value] += 1
        with self.office.reading() as session:
            signatures = latest_signatures(session, item)
            editors = editors_of(session, item.sealed_revision_id)
        hands = [{each.actor_id, each.for_id} - {None} for each in signatures]
        author = self.office.people[self.author]
        assert [each.from_state.value for each in signatures] == item.route
        assert len(set().union(*hands)) == sum(len(each) for each in hands) >= len(item.route) >= 2
        assert author not in set().union(*hands)
        assert not hands[-1] & editors
        in_office = [each for each in signatures if each.from_state is not S.DEPARTMENT_REVIEW]
        assert {each.revision_id for each in in_office} == {item.sealed_revision_id}

    @invariant()
    def a_seal_exists_where_an_approval_does_and_nowhere_else(self) -> None:
        item = self.stored
        assert (item.seal is not None) is (item.state in ADOPTED or item.sealed_revision_id is not None)
        if item.state in ADOPTED and item.sealed_revision_id != self.forged:
            with self.office.reading() as session:
                assert item.seal == fingerprint_of(session.get_one(Revision, item.sealed_revision_id))

    @invariant()
    def what_may_go_out_is_what_was_sealed(self) -> None:
        runtime = SimpleNamespace(reading=self.office.reading, assets=self.office.assets)
        with self.office.reading() as session:
            rows = session.exec(select(Publication).where(Publication.submission_id == self.item)).all()
        for row in rows:
            try:
                content = sealed_content(Claim(runtime=cast("Any", runtime), publication=row, patience=1))
            except Refusal:
                continue
            self.reached["may go out"] += 1
            item = self.stored
            assert item.state in ADOPTED
            assert row.revision_id != self.forged  # unless it was read and sealed again, as a version of its own
            assert fingerprint_of(content) == item.seal == row.seal


def latest_signatures(session: Session, item: Submission) -> list[ReviewDecision]:
    """Of each stage of the route, the signature of this round that counts, in the order of the route."""
    rows = session.exec(
        select(ReviewDecision)
        .where(
            ReviewDecision.submission_id == item.id,
            ReviewDecision.review_round == item.review_round,
            col(ReviewDecision.action).in_(SIGNATURES),
        )
        .order_by(col(ReviewDecision.id))
    )
    latest = {each.from_state.value: each for each in rows}
    return [latest[stage] for stage in item.route if stage in latest]


def editors_of(session: Session, revision_id: int | None) -> set[int]:
    """Who made a version, and in whose place."""
    lent = session.exec(
        select(ReviewDecision.for_id).where(
            ReviewDecision.revision_id == revision_id, ReviewDecision.action == Action.ADJUST
        )
    )
    return {session.get_one(Revision, revision_id).made_by_id, *(each for each in lent if each is not None)}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_sequence_of_acts_gets_past_the_required_people_or_the_seal(office: Office) -> None:
    with office.acting_as("小林") as work:
        emergencies.list_person(work, person_id=office.people["老周"])
    reached: Counter[str] = Counter()
    # Without shrinking: it takes minutes here, and the sequence of acts is told anyway.
    here = type("ReviewHere", (Review,), {"office": office, "reached": reached})
    few = settings(
        max_examples=25,
        stateful_step_count=25,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )

    run_state_machine_as_test(here, settings=few)

    # A machine that never gets an item approved and out would prove nothing.
    assert reached["approved"] > 0
    assert reached["may go out"] > 0
