"""What a further place must name before it is kept."""

from __future__ import annotations

import pytest

from models import Target
from services.rules.destinations import completed, fault_of, secret_fault

T = Target
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEexampleEXAMPLEexample"
SFTP = {
    "host": "web.school.example",
    "user": "u",
    "folder": "/srv/www",
    "host_key": KEY,
    "address": "https://n.example",
}
BLOG = {"address": "https://xb.example", "user": "u"}
HOOK = {"address": "https://cms.example/in"}


@pytest.mark.parametrize(("kind", "settings"), [(T.SFTP, SFTP), (T.WORDPRESS, BLOG), (T.WEBHOOK, HOOK)])
def test_complete_settings_are_taken_and_tidied(kind: Target, settings: dict[str, str]) -> None:
    given = {name: f" {value} " for name, value in settings.items()} | {"unknown": "x"}

    assert completed(kind, given) == settings | ({"port": "22"} if kind is T.SFTP else {})
    assert fault_of(kind, completed(kind, given), rehearsal=False) is None


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        (T.SFTP, SFTP | {"host": ""}, "host"),
        (T.SFTP, SFTP | {"host": "sftp://web.example/x"}, "host"),
        (T.SFTP, SFTP | {"port": "70000"}, "port"),
        (T.SFTP, SFTP | {"port": "22²"}, "port"),
        (T.SFTP, SFTP | {"folder": "www"}, "folder"),
        (T.SFTP, SFTP | {"folder": "/srv/../etc"}, "folder"),
        (T.SFTP, SFTP | {"host_key": "SHA256:abc"}, "host_key"),
        (T.SFTP, SFTP | {"address": "n.example"}, "address"),
        (T.WORDPRESS, BLOG | {"address": "http://xb.example"}, "address"),
        (T.WORDPRESS, BLOG | {"address": "https://u:p@xb.example"}, "address"),
        (T.WORDPRESS, BLOG | {"user": " "}, "user"),
        (T.WEBHOOK, HOOK | {"address": "ftp://cms.example"}, "address"),
    ],
)
def test_what_cannot_be_so_is_refused_by_its_field(kind: Target, settings: dict[str, str], field: str) -> None:
    fault = fault_of(kind, completed(kind, settings), rehearsal=False)

    assert fault is not None
    assert (fault[0], fault[1][-1]) == (field, "。")


def test_a_rehearsal_reaches_only_this_machine() -> None:
    for kind, settings in ((T.SFTP, SFTP), (T.WORDPRESS, BLOG), (T.WEBHOOK, HOOK)):
        fault = fault_of(kind, completed(kind, settings), rehearsal=True)
        assert fault is not None
        assert fault[1].startswith("演练模式只能连接本机")


def test_a_secret_is_there_and_a_shared_key_is_long() -> None:
    assert secret_fault(T.WORDPRESS, "abcd efgh") is None
    assert secret_fault(T.SFTP, " ") == ("secret", "请填写“密码或私钥”。")
    assert secret_fault(T.WEBHOOK, "short") == ("secret", "签名密钥太短：请用至少 32 个字符的随机字符串。")
