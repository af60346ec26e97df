"""``python -m sandbox``: the platform alone, until Ctrl+C."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from sandbox.faults import FaultSpecError
from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import start


def serve(
    *,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 lets the system choose.")] = 8600,
    fault: Annotated[list[str] | None, typer.Option(help="TARGET:EFFECT[=VALUE][*TIMES][@FIRST]; may repeat.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="APPID:SECRET[:unverified]; may repeat. None: any account may come.")
    ] = None,
    store: Annotated[Path | None, typer.Option(help="Folder that keeps the state over restarts.")] = None,
    publish_delay: Annotated[float, typer.Option(help="Seconds from submit to the end of a publication.")] = 2.0,
    quota: Annotated[list[str] | None, typer.Option(help="ENDPOINT=CALLS a day, or *=CALLS; may repeat.")] = None,
) -> None:
    """Answer as a WeChat Official Account platform on this machine."""
    declared = [_account(text) for text in account or []]
    settings = Settings(
        open_registration=not declared,
        publish_delay=publish_delay,
        mass_delay=publish_delay,
        quotas=dict(_quota(text) for text in quota or []),
    )
    try:
        platform = Platform(accounts=declared, settings=settings, store=store, faults=fault or [])
    except FaultSpecError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from error
    try:
        running = start(port, platform)
    except OSError as error:
        typer.echo(f"127.0.0.1:{port} cannot be used: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    typer.echo(running.base_url)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    stopping.wait()
    running.stop()


def _account(text: str) -> Account:
    appid, _, rest = text.partition(":")
    secret, _, state = rest.partition(":")
    if not appid or not secret or state not in {"", "unverified"}:
        raise typer.BadParameter(f"{text!r} is not APPID:SECRET[:unverified]", param_hint="--account")
    return Account(appid, secret, verified=not state)


def _quota(text: str) -> tuple[str, int]:
    endpoint, _, calls = text.partition("=")
    if not endpoint or not calls.isdecimal():
        raise typer.BadParameter(f"{text!r} is not ENDPOINT=CALLS", param_hint="--quota")
    return endpoint, int(calls)


if __name__ == "__main__":
    typer.run(serve)
