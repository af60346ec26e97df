"""A worker as a process of its own, forked from one that has everything imported: started in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from pydantic import SecretStr

from models import Target
from services import delivery, rounds
from services.adapters.outlets import ConfiguredOutlets
from services.adapters.webhook import Webhook
from services.adapters.wechat import WeChatGateway
from services.adapters.wordpress import WordPress
from services.bootstrap import Runtime, bootstrap, utc_now
from services.ports import Outlet, OutletSettings
from services.settings import Settings
from tests.waiting import PATIENCE as ANSWER_WITHIN

PATIENCE = 0.02
"""Of every waiting time; a lease still lasts five seconds."""

HURRY = 3.0
"""Seconds to wait for an answer that a fault makes late; for every other the wait is as long as it takes."""

LONGEST = timedelta(seconds=40)
"""What is put off for longer than this has ended for a case: a person's turn, or tomorrow's quota."""

IDLE = 0.05


@dataclass(frozen=True)
class Home:
    """What a worker needs to know to work for an office: where its files, its database and its WeChat are."""

    folder: Path
    database_url: str
    wechat: str
    key: str

    @property
    def hurry(self) -> Path:
        """Is there while answers come late on purpose."""
        return self.folder / "hurry"

    def rounds(self, pid: int) -> Path:
        """A file as long as its worker has often looked for work."""
        return self.folder / "workers" / f"{pid}.rounds"


def start(home: Home) -> BaseProcess:
    """A new worker, which works until it is killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "tests.press", "tests.office", "pytest"])
    process = context.Process(target=_work, args=(home,), daemon=True)
    process.start()
    return process


def _work(home: Home) -> None:
    (home.folder / "workers").mkdir(exist_ok=True)
    log = (home.folder / "workers" / f"{os.getpid()}.log").open("w")
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    runtime = bootstrap(
        Settings(
            home=home.folder,
            DATABASE_URL=home.database_url,
            secret_key=SecretStr(home.key),
            wechat_api=home.wechat,
        )
    )
    name = delivery.worker_name("faults")
    noted = home.rounds(os.getpid()).open("ab", buffering=0)

    def look() -> None:
        noted.write(b".")
        # Only the publications: what is read back afterwards would take the token, and the fault, meant for the next.
        delivery.deliver_due(_impatient(runtime, home), worker=name, patience=PATIENCE)

    rounds.until(threading.Event(), look, of="publications", idle=IDLE)


def _impatient(runtime: Runtime, home: Home) -> Runtime:
    """With time-outs of a test's length; made anew each time, so that no token is remembered in the process."""
    timeout = (ANSWER_WITHIN, HURRY if home.hurry.exists() else ANSWER_WITHIN)
    gateway = WeChatGateway(
        base_url=lambda: home.wechat,
        engines=runtime.engines,
        secrets=runtime.secrets,
        clock=utc_now,
        timeout=timeout,
    )
    return replace(runtime, wechat=gateway, outlets=_ImpatientOutlets(home.folder / "outlets", utc_now, timeout))


class _ImpatientOutlets(ConfiguredOutlets):
    def __init__(self, folder: Path, clock: Callable[[], datetime], timeout: tuple[float, float]) -> None:
        super().__init__(folder, clock)
        self._timeout = timeout

    def open(self, settings: OutletSettings) -> Outlet:
        if settings.kind == Target.WORDPRESS:
            return WordPress(settings, timeout=self._timeout)
        if settings.kind == Target.WEBHOOK:
            return Webhook(settings, self._clock, timeout=self._timeout)
        return super().open(settings)
