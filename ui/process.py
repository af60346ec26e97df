"""The life of the process: what happens before the first visitor, and after the last."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import streamlit as st

from services import database, demo_history, faults
from services.bootstrap import Runtime, bootstrap
from services.delivery import Worker
from services.errors import Refusal
from services.settings import Settings, load_settings
from ui import runtime

HEAVY = ("pandas", "altair", "pyarrow", "streamlit.elements.arrow")
"""What the first page of each kind would otherwise wait a second for."""


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Open the office, and close it again."""
    faults.configure()
    _log_faults_once()
    here = _or_exit(prepare)
    runtime.install(here)
    _warm(here)
    if here.rehearsal is not None:
        # From the first minute: what was published before a restart must still open.
        here.rehearsal()
    worker = Worker(here)
    worker.start()
    try:
        yield
    finally:
        worker.stop()
        runtime.uninstall()


def prepare() -> Runtime:
    """Settings, the database at this release's schema, and in a rehearsal the demo school with its half year.

    Raises `IncompleteSettings` and `NewerDatabase`.
    """
    settings = _at_this_port(load_settings())
    database.upgrade(settings.database)
    here = bootstrap(settings)
    if settings.is_rehearsal:
        demo_history.seed(here)
    return here


def campus_secrets() -> dict[str, Any] | None:
    """What Streamlit's own sign-in must know before the process begins. What is missing, `prepare` will say."""
    return Settings().oidc_secrets


def _at_this_port(settings: Settings) -> Settings:
    """A rehearsal links to itself wherever it was started."""
    if settings.public_url:
        return settings
    return settings.model_copy(update={"public_url": f"http://127.0.0.1:{st.get_option('server.port')}"})


def _or_exit(start: Callable[[], Runtime]) -> Runtime:
    try:
        return start()
    except Refusal as refusal:
        # The server around us would bury the sentence under its own traceback, so it does not get to hear of it.
        sys.stderr.write(f"{refusal.sentence}\n")
        sys.stderr.flush()
        os._exit(1)


def _log_faults_once() -> None:
    # Streamlit writes down every fault by itself; `feedback.show_fault` does so too, with a number and masked.
    logging.getLogger("streamlit.error_util").addFilter(lambda line: line.msg != "Uncaught app execution")


def _warm(here: Runtime) -> None:
    for name in HEAVY:
        import_module(name)
    here.screener()
    # What is imported now stays: collecting it again after every run took 120 ms of everybody's time.
    gc.collect()
    gc.freeze()
