"""The WeChat platform of a rehearsal: our own, on this machine, one per data folder.

The first process that needs it runs it in a thread and holds a lock on the folder for as long as it lives; every
other process of the same home joins it. The port is kept from one start to the next where it is still free, so
that the addresses of published articles stay good.
"""

from __future__ import annotations

import fcntl
import threading
import time
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import urlsplit

import requests

from sandbox import server
from sandbox.platform import Platform, Settings

ANSWER_WITHIN = 2.0
JOIN_WITHIN = 15.0
MASS_SENDS = 100
"""A day, so that everybody can practise; the demo school's own limit says the same."""


class RehearsalPlatform:
    """Started when its address is first asked for; nothing happens before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._address_file = folder / "address"
        self._running: server.RunningSandbox | None = None
        self._held: TextIOWrapper | None = None
        self._guard = threading.Lock()

    def address(self) -> str:
        """Where the platform of this home answers; it is started here unless another process runs it.

        Raises `RuntimeError` when a process holds the folder but does not answer.
        """
        with self._guard:
            if self._running is not None:
                return self._running.base_url
            deadline = time.monotonic() + JOIN_WITHIN
            while time.monotonic() < deadline:
                address = self._host() or self._join()
                if address:
                    return address
                time.sleep(0.05)
        raise RuntimeError(f"another process holds {self._folder} but its platform does not answer")

    def stop(self) -> None:
        """Stop what was started here; a platform of another process goes on."""
        with self._guard:
            if self._running is not None:
                self._running.stop()
            if self._held is not None:
                self._held.close()
            self._running = self._held = None

    def _host(self) -> str:
        """Run the platform here, or nothing if another process holds the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        held = (self._folder / "held").open("w")
        try:
            # The system lets go of it when this process ends, however it ends.
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            return ""
        self._held = held
        self._running = self._started(_port_in(self._known_address()))
        self._address_file.write_text(self._running.base_url)
        return self._running.base_url

    def _started(self, port: int) -> server.RunningSandbox:
        platform = Platform(store=self._folder, settings=Settings(open_registration=True, mass_sends=MASS_SENDS))
        try:
            return server.start(port, platform)
        except OSError:
            return server.start(0, platform)

    def _join(self) -> str:
        address = self._known_address()
        return address if address and _answers(address) else ""

    def _known_address(self) -> str:
        return self._address_file.read_text().strip() if self._address_file.exists() else ""


def _port_in(address: str) -> int:
    return urlsplit(address).port or 0


def _answers(address: str) -> bool:
    """Whether a WeChat platform answers there: without a token it says so (41001)."""
    with requests.Session() as session:
        session.trust_env = False
        with suppress(requests.RequestException):
            answer = session.get(f"{address}/cgi-bin/getcallbackip", timeout=ANSWER_WITHIN)
            return bool(answer.json().get("errcode") == 41001)
    return False
