"""What opens something, and how to reach somebody, stands in no text that a log or a screen may repeat."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import io
import json
import pkgutil
from pathlib import Path

import pytest
import structlog

import services
from services import faults
from services.settings import Settings

SECRET_FIELDS = frozenset(
    {
        "app_secret",
        "contact",
        "encoding_aes_key",
        "guardian",
        "password",
        "password_hash",
        "phone",
        "replaces",
        "secret",
        "ticket",
        "token",
    }
)
"""Names of fields whose value nobody may read in passing. A new one belongs here."""


def dataclasses_of_the_services() -> set[type]:
    found: set[type] = set()
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if module.name != "services.__main__":
            members = vars(importlib.import_module(module.name)).values()
            found |= {each for each in members if inspect.isclass(each) and dataclasses.is_dataclass(each)}
    return found


def test_no_object_tells_its_secret_when_it_is_printed() -> None:
    telling = sorted(
        f"{each.__module__}.{each.__name__}.{field.name}"
        for each in dataclasses_of_the_services()
        for field in dataclasses.fields(each)
        if field.name in SECRET_FIELDS and field.repr
    )

    assert telling == []


def test_settings_do_not_print_what_they_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = {
        "DATABASE_URL": "postgresql+psycopg://desk:hidden-1@db/desk",
        "WEISHENTAI_SECRET_KEY": "hidden-2-long-enough-to-be-a-key-of-the-house",
        "WEISHENTAI_SMTP_PASSWORD": "hidden-3",
        "WEISHENTAI_ROBOT_URL": "https://robot.example/send?key=hidden-4",
        "WEISHENTAI_OIDC_CLIENT_SECRET": "hidden-5",
    }
    for name, value in held.items():
        monkeypatch.setenv(name, value)

    assert "hidden" not in repr(Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("url: https://robot.example/send?key=693a91f6-7xxx", "url: https://robot.example/send?key=***"),
        ("/cgi-bin/token?appid=wx1&secret=0f9e&grant=x", "/cgi-bin/token?appid=wx1&secret=***&grant=x"),
        ("/cgi-bin/draft/add?access_token=88_abc", "/cgi-bin/draft/add?access_token=***"),
        ("connect postgresql://desk:pa:ss@db/desk failed", "connect postgresql://desk:***@db/desk failed"),
        ("/portal/assets/ab?until=17&signature=c0ffee", "/portal/assets/ab?until=17&signature=***"),
        ("{'smtp_password': 'hidden'}", "{'smtp_password': '***'}"),
        ("[SQL: INSERT]\n[parameters: ('王小明', '138')]", "[SQL: INSERT]\n[parameters: ***]"),
        ("https://mp.weixin.qq.com/s/abc?chksm=1", "https://mp.weixin.qq.com/s/abc?chksm=1"),
    ],
)
def test_log_repeats_no_secret_of_a_library(said: str, logged: str) -> None:
    stream = io.StringIO()
    faults.configure(stream)
    try:
        structlog.get_logger().warning("push.refused", why=said)
    finally:
        faults.configure()

    assert json.loads(stream.getvalue())["why"] == logged
