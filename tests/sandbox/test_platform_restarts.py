"""A platform with a folder goes on after a restart where it stopped; started alone it prints its address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import start
from tests.sandbox.caller import JPEG, Caller, StandingClock, errcode
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]


def test_a_rehearsal_survives_a_restart(tmp_path: Path) -> None:
    def platform(clock: StandingClock) -> Platform:
        settings = Settings(publish_delay=60)
        return Platform(accounts=[Account("wx", "s")], settings=settings, store=tmp_path, clock=clock)

    clock = StandingClock()
    with start(platform=platform(clock)) as box:
        before = Caller(box, "wx", "s")
        picture = before.body_picture()
        kept = before.draft(content=f'<p>x</p><img src="{picture}">')
        publish_id = before.submit(before.draft(title="在途"))["publish_id"]
        token = before.token
    clock.pass_time(60)
    with start(platform=platform(clock)) as box:
        after = Caller(box, "wx", "s")
        assert after.token == token
        assert after.stored(kept)["content"] == f'<p>x</p><img src="{picture}">'
        ended = after.status(publish_id)
        assert ended["publish_status"] == 0
        assert "在途" in requests.get(ended["article_detail"]["item"][0]["article_url"], timeout=PATIENCE).text
        local = picture.replace("http://mmbiz.qpic.cn", f"{box.base_url}/mmbiz")
        assert requests.get(local, timeout=PATIENCE).content == JPEG
        assert after.post("openapi/quota/get", {"cgi_path": "/cgi-bin/draft/add"})["quota"]["used"] == 2


def test_numbers_are_not_given_out_twice_over_a_restart(tmp_path: Path) -> None:
    numbers = []
    for _ in range(2):
        platform = Platform(store=tmp_path)
        with platform.transaction():
            numbers.append(platform.next_number())
        platform.close()
    assert numbers[1] == numbers[0] + 1 > 2**31


def test_a_port_in_use_is_an_error() -> None:
    with start() as box, pytest.raises(OSError, match="in use"):
        start(port=box.port)


def test_the_platform_runs_alone_with_faults_and_accounts_from_the_command_line(tmp_path: Path) -> None:
    options = ["--fault", "draft/switch:errcode=-1*1", "--account", "wx:s:unverified", "--quota", "draft/switch=2"]
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-m", "sandbox", "--port", "0", "--store", str(tmp_path), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        address = process.stdout.readline().strip()
        asked = {"grant_type": "client_credential", "appid": "wx", "secret": "s"}
        token = requests.post(f"{address}/cgi-bin/stable_token", json=asked, timeout=PATIENCE).json()["access_token"]
        query = {"access_token": token}
        answers = [
            errcode(requests.post(f"{address}/cgi-bin/draft/switch", params=query, timeout=PATIENCE).json())
            for _ in range(4)
        ]
        publish = requests.post(f"{address}/cgi-bin/freepublish/submit", params=query, timeout=PATIENCE).json()
        assert [*answers, errcode(publish)] == [-1, 0, 0, 45009, 48001]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
        process.stdout.close()


def test_a_fault_that_makes_no_sense_stops_the_start() -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "sandbox", "--fault", "draft/add:explode"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, "--fault" in refused.stderr) == (2, True)
