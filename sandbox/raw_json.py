r"""JSON bodies as the platform reads them: ``\uXXXX`` escapes stay six literal characters.

WeChat doc, draft/add: "不要使用Unicode转义格式". A client that escapes its text sees titles refused as too long,
and the escapes themselves in its articles; reading the body leniently here would hide that mistake.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.errors import ApiError

_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Read one JSON object, or raise 44002 (nothing sent) or 47001 (not a JSON object in UTF-8)."""
    if not raw.strip():
        raise ApiError(44002)
    literal = _ESCAPE.sub(lambda match: rb"\\u" if match[1] == b"u" else match[0], raw)
    try:
        body = json.loads(literal.decode("utf-8"))
    except ValueError as error:
        raise ApiError(47001) from error
    if not isinstance(body, dict):
        raise ApiError(47001)
    return body
