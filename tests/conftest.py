"""What every test may ask for, and where its files lie: in memory where the machine has room, since most of what
the databases of a test run wait for is the disk.

A property is tried with the same cases in every run, so that a red test means a change and nothing else. To look for
new ones: `--hypothesis-profile=look --hypothesis-seed=N`.
"""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.databases", "tests.office", "tests.desk"]

MEMORY = Path("/dev/shm")  # noqa: S108  # pytest makes a folder of its own in it, closed to others
ROOM = 2 * 2**30
"""Bytes; a whole run needs a tenth of it."""

# How long a case takes, or its making, says more of the machine than of the rule.
settings.register_profile("look", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("look"), derandomize=True)
settings.load_profile("same")

if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays for the whole run: looking through it for garbage again and again costs a
    quarter of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
