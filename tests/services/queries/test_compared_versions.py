"""Which version the present one is compared with: each reader sees what changed since they last looked."""

from __future__ import annotations

from models import Action, Draft, Revision, Submission, SubmissionState
from services import submissions
from services.queries import submissions as reads
from services.queries.submissions import Baseline
from tests.office import STORY, Office


def compared(office: Office, who: str, submission_id: int) -> tuple[int, Baseline] | None:
    with office.reading() as session:
        item = reads.detail(session, office.actor(who), submission_id)
    return (item.reviewed.number, item.baseline) if item.reviewed and item.baseline else None


def mend_and_send(office: Office, submission_id: int, added: str) -> None:
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = submissions.draft_fields(draft)
        changed = submissions.DraftFields(**{**fields.__dict__, "body_html": f"{STORY}<p>{added}</p>"})
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=changed)
    office.hand_in(submission_id)


def adjust(office: Office, who: str, submission_id: int, title: str) -> None:
    stored = office.stored(submission_id)
    with office.acting_as(who) as work:
        content = work.session.get_one(Revision, stored.revision_id).model_copy(update={"title": title})
        submissions.adjust(work, submission_id=submission_id, seen_version=stored.version, content=content)


def test_nothing_is_compared_with_the_first_version(office: Office) -> None:
    submission_id = office.submitted()

    assert [compared(office, who, submission_id) for who in ("小王", "张处长")] == [None, None]


def test_a_reviewer_sees_all_since_they_looked_last_whoever_decided_in_between(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老李", Action.RETURN, submission_id, "补充时间")
    mend_and_send(office, submission_id, "时间")
    office.perform("张处长", Action.RETURN, submission_id, "再补充地点")
    mend_and_send(office, submission_id, "地点")
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    assert compared(office, "老李", submission_id) == (1, Baseline.OWN)
    assert compared(office, "老周", submission_id) == (2, Baseline.REVIEWED)


def test_an_author_sees_what_the_office_changed_of_what_they_handed_in(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    adjust(office, "老李", submission_id, "改过的标题")
    adjust(office, "老李", submission_id, "又改过的标题")

    assert compared(office, "小王", submission_id) == (1, Baseline.HANDED_IN)
    office.perform("老李", Action.PASS, submission_id)
    assert compared(office, "小王", submission_id) == (1, Baseline.HANDED_IN)


def test_an_adjustment_before_any_signature_is_compared_with_what_was_handed_in(office: Office) -> None:
    submission_id = office.submitted()
    with office.as_system() as work:
        item = work.session.get_one(Submission, submission_id)
        item.route, item.state = ["first_review", "final_review"], SubmissionState.FIRST_REVIEW
    adjust(office, "老李", submission_id, "改过的标题")

    assert compared(office, "老周", submission_id) == (1, Baseline.HANDED_IN)
