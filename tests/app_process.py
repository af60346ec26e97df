"""The whole application as a process of its own, on a free port and a data folder that nothing else uses."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 300  # a cold machine compiles every dependency on the first start, and others may be at work on it
SECONDS_TO_STOP = 15
PORTS = range(10_240, 32_768)  # below what systems lend to outgoing connections


@dataclass(frozen=True)
class RunningApp:
    """`address` without a closing slash; `log` holds what the process printed."""

    address: str
    home: Path
    log: Path
    process: subprocess.Popen[bytes]


@contextmanager
def running(home: Path, *, port: int = 0, **environment: str) -> Iterator[RunningApp]:
    """Start `streamlit run app.py` on `home`, wait until it answers, stop it afterwards.

    Two calls with the same `home` are a restart; `port` is for settings that must name it beforehand. Only
    `environment` speaks to the application: settings that happen to be set on the machine are left out. Raises
    `AssertionError` with the log's end if it does not start.
    """
    port = port or free_port()
    app = RunningApp(
        address=f"http://127.0.0.1:{port}",
        home=home,
        log=home / "app.log",
        process=_start(home, port, environment),
    )
    try:
        _wait_until_healthy(app)
        yield app
    finally:
        _stop(app.process)


def _start(home: Path, port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    left_out = ("WEISHENTAI_", "DATABASE_URL", "STREAMLIT_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    with (home / "app.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603  # our own application
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env={**kept, "WEISHENTAI_HOME": str(home), **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _wait_until_healthy(app: RunningApp) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not _answers(f"{app.address}/healthz"):
        if app.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the application did not start:\n{app.log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # a loopback address made above
            # Where no such route exists, Streamlit answers every address with its own page.
            return answer.status == 200 and "html" not in answer.headers.get_content_type()
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port that nobody uses, for a server that starts in a moment.

    Not one the system chose: those it also lends to every outgoing connection, and with several browsers at work one
    of them may get it first.
    """
    for _ in range(100):
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports in a row were taken")
