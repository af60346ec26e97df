"""What tests and rehearsals ask of the sandbox itself, in JSON under ``/sandbox/``."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import api, events, publishing, tokens
from sandbox.faults import Fault, FaultSpecError
from sandbox.platform import Platform
from sandbox.records import Account

_account_fields: TypeAdapter[Account] = TypeAdapter(Account)


async def state(request: Request) -> Response:
    """Return counts of drafts, publications, calls and events."""
    platform = _platform(request)
    with platform.transaction():
        api.advance(platform)
        return JSONResponse(platform.summary())


async def calls(request: Request) -> Response:
    """Return the calls received, oldest first; ``?endpoint=draft/add`` narrows."""
    found = _platform(request).calls(request.query_params.get("endpoint"))
    return JSONResponse([asdict(call) for call in found])


async def faults(request: Request) -> Response:
    """List (GET), switch on (POST ``{"faults": [SPEC, …]}``) or clear (DELETE) faults."""
    platform = _platform(request)
    if request.method == "DELETE":
        platform.faults.clear()
    if request.method == "POST":
        specs = (await request.json()).get("faults", [])
        try:
            for spec in specs:
                Fault.parse(spec)
        except FaultSpecError as error:
            return JSONResponse({"error": str(error)}, 400)
        for spec in specs:
            platform.faults.add(spec)
    return JSONResponse({"faults": platform.faults.active()})


async def account(request: Request) -> Response:
    """Declare an account or change fields of one: PUT the fields to ``/sandbox/accounts/<appid>``.

    A new callback address must echo first, as the platform's own settings page demands.
    """
    platform = _platform(request)
    appid = request.path_params["appid"]
    given: dict[str, Any] = await request.json()
    known = platform.accounts.get(appid)
    try:
        declared = _account_fields.validate_python({**(asdict(known) if known else {}), **given, "appid": appid})
    except ValidationError as error:
        return JSONResponse({"error": str(error)}, 400)
    callback = declared.callback
    if callback and "callback" in given and not await asyncio.to_thread(events.greet, platform, callback):
        return JSONResponse({"error": f"{callback.url} did not echo"}, 400)
    with platform.transaction():
        platform.accounts.put(declared)
    return JSONResponse(asdict(declared))


async def end_tokens(request: Request) -> Response:
    """Let an account's tokens run out (``expire``, 42001) or make them invalid (``revoke``, 40001)."""
    platform = _platform(request)
    end = {"expire": tokens.expire_all, "revoke": tokens.revoke_all}.get(request.path_params["how"])
    if end is None:
        return JSONResponse({"error": "expire or revoke"}, 404)
    with platform.transaction():
        end(platform, request.path_params["appid"])
    return JSONResponse({"ok": True})


async def ban(request: Request) -> Response:
    """Ban a publication, as the platform's own review would days later."""
    platform = _platform(request)
    with platform.transaction():
        publication = platform.publications.get(request.path_params["article_id"])
        if publication is None:
            return JSONResponse({"error": "no such publication"}, 404)
        publishing.ban(platform, publication)
    return JSONResponse({"ok": True})


def _platform(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform
