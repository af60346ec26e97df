"""发布后: how each copy of an item stands against the seal, what differs, and what is done about it.

While something is being read or carried out, it draws itself again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from models import ProofRead, ProofVerdict, PublicationState, PublicationWay
from services import proofs
from services.queries import proofs as reads
from services.queries import remedies as remedy_reads
from services.queries import sessions
from services.queries.proofs import CopyStanding
from services.queries.remedies import RemedyLine
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.permissions import Actor
from services.rules.remedy_steps import OPEN, may_answer_alarms, may_propose
from ui import archive_packet, feedback, hand_publishing, publication_view, remedy_form, remedy_view, runtime, wording
from ui.published_alarms import alarm

QUICK = "3s"
V = ProofVerdict
COLOURS = {V.SAME: "green", V.REWRITTEN: "green", V.DIFFERENT: "red", V.GONE: "red", V.UNREAD: "orange"}
AGREES = (V.SAME, V.REWRITTEN)


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The panel of one item; nothing before it is out somewhere."""
    submission_id = item.draft.submission_id
    copies, lines = _read(user, submission_id)
    if not copies:
        return
    with st.container(border=True, key=f"published-{submission_id}"):
        st.markdown("**发布后**")
        waits = _waits(copies, lines)
        st.fragment(_copies, run_every=QUICK if waits else None)(user, item, drawn_waiting=waits)
        if _may(user, may_propose) and _is_live(copies) and not any(each.remedy.state in OPEN for each in lines):
            remedy_form.draw(user, item)
        archive_packet.for_item(user, item)


def _read(user: SignedInPerson, submission_id: int) -> tuple[list[CopyStanding], list[RemedyLine]]:
    with runtime.reading() as db:
        return (
            reads.of_submission(db, user, submission_id),
            remedy_reads.of_submission(db, user, submission_id),
        )


def _is_live(copies: Sequence[CopyStanding]) -> bool:
    return any(each.publication.state is PublicationState.LIVE for each in copies)


def _waits(copies: Sequence[CopyStanding], lines: Sequence[RemedyLine]) -> bool:
    return any(each.is_waiting for each in copies) or any(remedy_view.is_moving(each) for each in lines)


def _may(user: SignedInPerson, holds: Callable[[Actor], bool]) -> bool:
    return any(holds(each) for each in user.standings)


def _copies(user: SignedInPerson, item: SubmissionDetail, *, drawn_waiting: bool) -> None:
    submission_id = item.draft.submission_id
    with runtime.reading() as db:
        # By itself it runs for long without the guard of the page, and it must not keep a sign-in alive.
        reader = sessions.by_id(db, user.session_id, runtime.current().now())
    if reader is None:
        st.rerun()
    copies, lines = _read(reader, submission_id)
    if _waits(copies, lines) != drawn_waiting:
        # How often this draws itself again is decided by the page around it.
        st.rerun()
    _summary(copies)
    for each in copies:
        _copy(reader, each)
    if _may(reader, may_propose) and _is_live(copies):
        st.button(
            "现在核对",
            key=f"proof-{submission_id}",
            icon=":material/fact_check:",
            on_click=_ask,
            args=(reader, submission_id),
            help="系统读回公众号文章和校园网页，与终审通过的版本逐句比较。",
        )
    _alarms(reader, submission_id)
    for line in lines:
        remedy_view.draw(reader, line)


def _summary(copies: Sequence[CopyStanding]) -> None:
    live = [each for each in copies if each.publication.state is PublicationState.LIVE]
    verdicts = [each.last.verdict for each in live if each.last is not None]
    targets = {each.publication.target for each in live}
    if len(verdicts) == len(live) and len(targets) > 1 and all(each in AGREES for each in verdicts):
        st.badge("三份一致：终审版、公众号、校园网站", icon=":material/verified:", color="green")


def _copy(user: SignedInPerson, each: CopyStanding) -> None:
    row = each.publication
    facts = [f"**{wording.literal(each.account or row.target.label)}**"]
    facts.append(f":{publication_view.STATE_COLOURS[row.state]}-badge[{row.state.label}]")
    if row.state is PublicationState.LIVE:
        facts.append(_verdict(each.last))
    st.markdown("　".join(facts))
    if each.is_waiting and row.state is PublicationState.LIVE:
        st.caption("正在核对，几秒后出现结果。")
    elif each.last is not None and each.last.verdict is V.UNREAD:
        st.caption("".join(wording.literal(said) for said in each.last.said))
    publication_view.link_to(row.url, row.target)
    if row.state is PublicationState.LIVE:
        _screenshots(user, each)


def _verdict(last: ProofRead | None) -> str:
    if last is None or last.verdict is None or last.read_at is None:
        return ":gray[还没有核对]"
    read = f"{last.occasion.label}读回 {wording.moment(last.read_at)}"
    return f":{COLOURS[last.verdict]}[{last.verdict.label}]　:gray[{read}]"


def _screenshots(user: SignedInPerson, each: CopyStanding) -> None:
    by_hand = each.publication.way is PublicationWay.MANUAL
    if not (by_hand or each.screenshots or each.owes_screenshot):
        return
    how_many = "（欠）" if each.owes_screenshot else f"（{len(each.screenshots)}）" if each.screenshots else "（可选）"
    with st.expander(f"发布截图{how_many}", key=f"shots-{each.publication.id}", icon=":material/photo_camera:"):
        if each.owes_screenshot:
            st.markdown(":orange[系统没有读到这一份，也没有截图，没有东西能证明读者看到的是什么。请登记一张截图。]")
        elif each.last is not None and not each.screenshots:
            st.caption("系统已经读回核对并留存了页面，截图可以不登记。")
        if _may(user, may_propose):
            hand_publishing.screenshots(user, each.publication.id or 0, list(each.screenshots))


def _ask(user: SignedInPerson, submission_id: int) -> None:
    with feedback.reporting(), runtime.acting_as(user) as work:
        proofs.ask(work, submission_id=submission_id)


def _alarms(user: SignedInPerson, submission_id: int) -> None:
    with runtime.reading() as db:
        found = reads.alarms(db, user, submission_id=submission_id)
        answered = reads.answered(db, user, submission_id)
    for each in found:
        alarm(user, each, answerable=_may(user, may_answer_alarms))
    for proof, target, name in answered:
        when = wording.moment(proof.acknowledged_at) if proof.acknowledged_at else ""
        st.caption(
            f"{target.label}曾{wording.literal('；'.join(proof.said))}　{wording.literal(name)} {when} 确认："
            f"“{wording.literal(proof.acknowledgement)}”"
        )
