"""The worker: takes what is due, one publication at a time, and takes each as far as it goes.

Any number of workers may run, in one process or in many. A publication is in one worker's hands at a time
(`services/claims.py`); what went wrong is decided here, by what the failure proves.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import col, delete

from models import Heartbeat, PublicationState, PublicationWay, Target
from services import (
    claims,
    duplicates,
    notice_delivery,
    notices,
    outlet_delivery,
    picture_texts,
    proof_watch,
    publishing,
    publishing_stops,
    rounds,
    site_delivery,
    site_resends,
    wechat_delivery,
)
from services.bootstrap import Runtime
from services.claims import Claim, LeaseLost
from services.errors import Refusal
from services.ports import Cure, DeliveryError, DeliveryRefused, OutcomeUnknown
from services.queries import emergencies as emergency_reads
from services.rounds import Seldom
from services.rules.breakers import NO_PERMISSION, Breaker, breaker_for
from services.rules.delivery_times import CHECKS, MOST_TRIES, SUBMIT, backoff, is_missed, quota_returns

S = PublicationState
log = structlog.get_logger()

IDLE = 1.0
"""Seconds between two looks into an empty queue."""

BEAT_EVERY = timedelta(seconds=15)
NOTICES_MAY_TAKE = 12.0
"""Seconds the message in hand has to leave when the worker stops; then it is left to the next start."""

SHORTEST_WAIT, LONGEST_WAIT = 0.01, 0.25
GONE_CODE = "40007"  # WeChat: there is no such draft
READING_ONLY = frozenset({S.ACCEPTED, S.UNKNOWN, S.NEEDS_PERSON})
DRAFT_IS_THERE = (
    "这个公众号没有接口发布或群发的权限，草稿已存入草稿箱。请登录公众平台核对后发出；"
    "发出后系统会自动登记，也可以在这里填写链接。"
)
IN_DOUBT = "没有收到{who}的明确回答，系统正在核实是否已经成功；在此之前不会重发。"
NOT_REACHED = "暂时连不上或写不进{target}，还没有发出任何内容，系统会自动再试。"
GIVEN_UP = "连不上或写不进{target}，多次重试都没有成功；没有发出任何内容。请检查服务器的网络和磁盘，再点“重试”。"


@dataclass(frozen=True)
class Tally:
    """What became of the publications a worker had in its hands."""

    handled: int = 0
    live: int = 0
    failed: int = 0
    unknown: int = 0
    needs_person: int = 0


def tally(states: Mapping[int, PublicationState]) -> Tally:
    """Count publications by the state they were last seen in."""
    found = list(states.values())
    return Tally(
        handled=len(found),
        live=found.count(S.LIVE),
        failed=found.count(S.FAILED),
        unknown=found.count(S.UNKNOWN),
        needs_person=found.count(S.NEEDS_PERSON),
    )


# --- Working ---------------------------------------------------------------------------------------------


def deliver_due(
    runtime: Runtime, *, worker: str, patience: float = 1.0, stop: threading.Event | None = None
) -> dict[int, PublicationState]:
    """Take everything that is due as far as it goes; the publications by id, as they were left."""
    _queue_emergencies(runtime)
    seen: dict[int, PublicationState] = {}
    while stop is None or not stop.is_set():
        claim = claims.take(runtime, worker=worker, patience=patience)
        if claim is None:
            break
        seen[claim.publication.id or 0] = _deliver(claim)
    return seen


def _queue_emergencies(runtime: Runtime) -> None:
    """What was approved in the emergency channel goes into the queue by itself."""
    with runtime.reading() as session:
        waiting = emergency_reads.to_publish(session)
    for submission_id in waiting:
        try:
            with runtime.as_system() as work:
                publishing.queue_emergency(work, runtime.secrets, submission_id=submission_id)
        except Refusal as refusal:
            with runtime.as_system() as work:
                notices.about_unqueued_emergency(work, submission_id, refusal.sentence)


def run_once(runtime: Runtime, *, wait: timedelta, patience: float = 1.0) -> Tally:
    """Work until nothing is due, the questions how it ended and the settling of doubt included.

    Bounded by `wait`: what lies further ahead (a fixed time, tomorrow's quota, a person) is left for the next
    run. `patience` scales every waiting time.
    """
    worker = worker_name("once")
    deadline = time.monotonic() + wait.total_seconds()
    seen: dict[int, PublicationState] = {}
    while True:
        seen |= deliver_due(runtime, worker=worker, patience=patience)
        beat(runtime, worker)
        left = deadline - time.monotonic()
        ahead = claims.next_due(runtime)
        if ahead is None or (ahead - runtime.now()).total_seconds() > left:
            proof_watch.run_once(runtime)
            notice_delivery.remind(runtime)
            notice_delivery.send_due(runtime)
            return tally(seen)
        time.sleep(min(max((ahead - runtime.now()).total_seconds(), SHORTEST_WAIT), LONGEST_WAIT))


def _deliver(claim: Claim) -> PublicationState:
    with claim.kept_alive():
        try:
            while not claim.released:
                _step(claim)
        except LeaseLost:
            log.warning("publication.lease_lost", publication=claim.publication.id)
    return claim.publication.state


def _step(claim: Claim) -> None:
    before = claim.publication.state
    try:
        _step_of(claim)(claim)
    except DeliveryError as fault:
        _set_back(claim, fault)
    except Refusal as refusal:
        _refuse(claim, refusal)
    after = claim.publication
    if after.state is not before:
        log.info("publication.changed", publication=after.id, state=after.state.value, code=after.failure_code)


def _step_of(claim: Claim) -> Callable[[Claim], None]:
    if claim.publication.state is S.QUEUED:
        return _begin
    return STEPS[claim.publication.target][claim.publication.state]


def _begin(claim: Claim) -> None:
    row = claim.publication
    if is_missed(due=row.run_after, scheduled=row.scheduled_for is not None, now=claim.now()):
        claim.move(S.MISSED, failure="到点时系统没有运行，已错过发布时间。请改选时间，或立即发布。")
    elif row.way is PublicationWay.MANUAL:
        wechat_delivery.wait_for_person(claim, "请在公众平台人工发布这一版内容，再把文章链接填写在这里。")
    else:
        claim.move(S.PREPARING)


STEPS: Mapping[Target, Mapping[PublicationState, Callable[[Claim], None]]] = {
    Target.WECHAT: wechat_delivery.STEPS,
    Target.SITE: site_delivery.STEPS,
    **outlet_delivery.STEPS,
}


# --- What a failure proves -------------------------------------------------------------------------------


def _set_back(claim: Claim, fault: DeliveryError) -> None:
    """Decide on a call that did not succeed."""
    row = claim.publication
    if isinstance(fault, DeliveryRefused) and fault.cure is Cure.TOMORROW and row.state in READING_ONLY:
        claim.put_back(quota_returns(claim.now()))
    elif row.state in READING_ONLY:
        wechat_delivery.look_again(claim)
    elif isinstance(fault, OutcomeUnknown) and row.calling is not None:
        _doubt(claim, fault)
    elif isinstance(fault, DeliveryRefused):
        _refused(claim, fault)
    else:
        place = row.target.label
        sentence, at_last = NOT_REACHED.format(target=place), GIVEN_UP.format(target=place)
        _postpone(claim, fault, code="not_reached", sentence=sentence, at_last=at_last)


def _doubt(claim: Claim, fault: DeliveryError) -> None:
    claim.move(
        S.UNKNOWN,
        polls=0,
        run_after=claim.after(CHECKS[claim.publication.calling][0]),
        failure=IN_DOUBT.format(who="微信" if claim.publication.target is Target.WECHAT else "对方"),
        failure_raw=fault.detail,
    )


def _refused(claim: Claim, fault: DeliveryRefused) -> None:
    breaker = breaker_for(fault.code, claim.last_call, claim.now())
    if fault.code == GONE_CODE and claim.publication.calling == SUBMIT:
        # The draft was there a moment ago: somebody, perhaps we, has just published it.
        _doubt(claim, fault)
    elif breaker is not None and claim.publication.account_id is not None:
        _break_account(claim, fault, claim.publication.account_id, breaker)
    elif fault.cure is Cure.LATER:
        _postpone(claim, fault, code=fault.code, sentence=fault.sentence, at_last=fault.sentence)
    elif fault.cure is Cure.TOMORROW:
        _requeue(claim, fault, code=fault.code, sentence=fault.sentence, run_after=quota_returns(claim.now()))
    elif fault.cure is Cure.ON_PLATFORM:
        wechat_delivery.wait_for_person(claim, fault.sentence, code=fault.code, raw=fault.detail)
    else:
        _fail(claim, code=fault.code, sentence=fault.sentence, raw=fault.detail)


def _break_account(claim: Claim, fault: DeliveryRefused, account_id: int, breaker: Breaker) -> None:
    """Others of the account would meet the same: one notice, and they wait. A draft that WeChat will not publish by
    interface is there already, so a person may finish it on the WeChat site.
    """
    with claim.runtime.as_system() as work:
        publishing_stops.break_account(
            work, account_id=account_id, code=fault.code, sentence=fault.sentence, breaker=breaker
        )
    if fault.code == NO_PERMISSION and claim.publication.media_id is not None:
        wechat_delivery.wait_for_person(claim, DRAFT_IS_THERE, code=fault.code, raw=fault.detail)
    else:
        run_after = breaker.ends_at or claim.now()
        _requeue(claim, fault, code=fault.code, sentence=fault.sentence, run_after=run_after)


def _postpone(claim: Claim, fault: DeliveryError, *, code: str, sentence: str, at_last: str) -> None:
    """Nothing was created: try again after a while, so many times; then it is for a person, as `at_last` says."""
    tries = claim.publication.tries + 1
    if tries >= MOST_TRIES:
        _fail(claim, code=code, sentence=at_last, raw=fault.detail)
    else:
        run_after = claim.after(backoff(tries))
        _requeue(claim, fault, code=code, sentence=sentence, run_after=run_after, tries=tries)


def _requeue(claim: Claim, fault: DeliveryError, *, code: str, sentence: str, **columns: Any) -> None:
    claim.move(
        S.QUEUED,
        calling=None,
        failure_code=code,
        failure=sentence,
        failure_raw=fault.detail,
        **columns,
    )


def _refuse(claim: Claim, refusal: Refusal) -> None:
    if claim.publication.state in READING_ONLY:
        wechat_delivery.look_again(claim)
    else:
        _fail(claim, code=refusal.code, sentence=refusal.sentence, raw="")


def _fail(claim: Claim, *, code: str, sentence: str, raw: str) -> None:
    claim.move(S.FAILED, calling=None, failure_code=code, failure=sentence, failure_raw=raw)


# --- The worker ------------------------------------------------------------------------------------------


class Worker:
    """A thread that works until it is stopped; one per process is enough."""

    def __init__(self, runtime: Runtime, *, patience: float = 1.0) -> None:
        self._runtime = runtime
        self._patience = patience
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="publishing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the publication in hand, then end."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        work_until(self._runtime, self._stop, patience=self._patience)


def work_until(runtime: Runtime, stopping: threading.Event, *, patience: float = 1.0) -> Tally:
    """Work until told to stop, the notices, the watch over what is published and whole sites sent again beside the
    publications; the publication in hand is finished first.

    Samples of old items that have none yet are made beside both, once.
    """
    beside = [
        threading.Thread(target=target, args=(runtime, stopping), name=name, daemon=True)
        for name, target in (
            ("notices", notice_delivery.work_until),
            ("proofs", proof_watch.work_until),
            ("likenesses", duplicates.catch_up),
            ("picture-texts", picture_texts.work_until),
            ("resends", site_resends.work_until),
        )
    ]
    for thread in beside:
        thread.start()
    try:
        return _publish_until(runtime, stopping, patience=patience)
    finally:
        for thread in beside:
            thread.join(NOTICES_MAY_TAKE)


def _publish_until(runtime: Runtime, stopping: threading.Event, *, patience: float) -> Tally:
    worker = worker_name("worker")
    seen: dict[int, PublicationState] = {}
    beats = Seldom(BEAT_EVERY)

    def look() -> None:
        beats.do(lambda: beat(runtime, worker), now=runtime.now())
        seen.update(deliver_due(runtime, worker=worker, patience=patience, stop=stopping))

    rounds.until(stopping, look, of="publications", idle=IDLE)
    return tally(seen)


def worker_name(kind: str) -> str:
    """A name that no other worker of the installation has."""
    return f"{kind}@{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:6]}"


def beat(runtime: Runtime, worker: str) -> None:
    """Say that a worker is alive; workers that have been silent for a day are forgotten."""
    with runtime.as_system() as work:
        work.session.merge(Heartbeat(worker=worker, at=work.now))
        work.session.exec(delete(Heartbeat).where(col(Heartbeat.at) < work.now - timedelta(days=1)))
