"""Settings: a rehearsal needs none, half a configuration refuses to start and names what is missing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from services.errors import IncompleteSettings
from services.secret_box import SecretBox
from services.settings import Mode, is_loopback, load_settings

KEY = "k" * 32


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "MODE", "SECRET_KEY", "WECHAT_API", "PUBLIC_URL"):
        monkeypatch.delenv(f"WEISHENTAI_{name}", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_nothing_configured_is_a_rehearsal_on_its_own_folder(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)

    assert (settings.mode, settings.database, settings.wechat_api) == (
        Mode.REHEARSAL,
        f"sqlite:///{tmp_path / 'weishentai.db'}",
        "",
    )


def test_a_rehearsal_keeps_its_own_key_private_and_over_restarts(tmp_path: Path) -> None:
    first = load_settings(home=tmp_path).secret_key.get_secret_value()
    second = load_settings(home=tmp_path).secret_key.get_secret_value()

    assert (first, stat.S_IMODE((tmp_path / "secret.key").stat().st_mode)) == (second, 0o600)


def test_two_homes_share_no_key(tmp_path: Path) -> None:
    keys = {load_settings(home=tmp_path / name).secret_key.get_secret_value() for name in ("a", "b")}

    assert len(keys) == 2


def test_a_rehearsal_reaches_no_address_but_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEISHENTAI_WECHAT_API", "https://api.weixin.qq.com")

    with pytest.raises(IncompleteSettings, match="WEISHENTAI_WECHAT_API"):
        load_settings(home=tmp_path)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "WEISHENTAI_SECRET_KEY、WEISHENTAI_PUBLIC_URL"),
        ({"PUBLIC_URL": "https://wst.example.edu.cn"}, "WEISHENTAI_SECRET_KEY"),
        ({"SECRET_KEY": KEY}, "WEISHENTAI_PUBLIC_URL"),
        ({"SECRET_KEY": "short", "PUBLIC_URL": "https://wst.example.edu.cn"}, "至少 32 个字符"),
    ],
)
def test_live_mode_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    monkeypatch.setenv("WEISHENTAI_MODE", "live")
    for name, value in given.items():
        monkeypatch.setenv(f"WEISHENTAI_{name}", value)

    with pytest.raises(IncompleteSettings, match=named):
        load_settings(home=tmp_path)


def test_live_mode_complete_reaches_the_real_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEISHENTAI_MODE", "live")
    monkeypatch.setenv("WEISHENTAI_SECRET_KEY", KEY)
    monkeypatch.setenv("WEISHENTAI_PUBLIC_URL", "https://wst.example.edu.cn/")

    settings = load_settings(home=tmp_path)

    assert (settings.wechat_api, settings.site_url) == (
        "https://api.weixin.qq.com",
        "https://wst.example.edu.cn/site",
    )


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("http://127.0.0.1:9000", True),
        ("http://localhost:9000", True),
        ("http://[::1]:9000", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://10.0.0.1", False),
        ("not an address", False),
    ],
)
def test_which_addresses_are_this_machine(address: str, *, loopback: bool) -> None:
    assert is_loopback(address) is loopback


def test_a_sealed_secret_opens_only_with_its_key() -> None:
    sealed = SecretBox(KEY).seal("app secret")

    assert (SecretBox(KEY).open(sealed), "app secret" in sealed) == ("app secret", False)
    with pytest.raises(IncompleteSettings, match="密钥与数据库不符"):
        SecretBox("x" * 32).open(sealed)


def test_a_signature_is_good_for_its_text_only() -> None:
    box = SecretBox(KEY)

    assert box.is_signed("picture:1", box.signature("picture:1"))
    assert not box.is_signed("picture:2", box.signature("picture:1"))


def test_half_a_campus_sign_in_refuses_to_start_and_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(IncompleteSettings) as refusal:
        load_settings(home=tmp_path, oidc_issuer="https://sso.school.example", oidc_client_id="desk")

    assert "WEISHENTAI_OIDC_CLIENT_SECRET、WEISHENTAI_SECRET_KEY、WEISHENTAI_PUBLIC_URL" in refusal.value.sentence


def test_campus_sign_in_is_told_to_streamlit_without_the_installations_key(tmp_path: Path) -> None:
    settings = load_settings(
        home=tmp_path,
        oidc_issuer="https://sso.school.example/",
        oidc_client_id="desk",
        oidc_client_secret="s" * 20,
        secret_key=KEY,
        public_url="https://desk.school.example/",
    )

    told = settings.oidc_secrets
    assert told is not None
    assert KEY not in str(told)
    assert {name: told["auth"][name] for name in ("redirect_uri", "client_id", "server_metadata_url")} == {
        "redirect_uri": "https://desk.school.example/oauth2callback",
        "client_id": "desk",
        "server_metadata_url": "https://sso.school.example/.well-known/openid-configuration",
    }
    assert load_settings(home=tmp_path).oidc_secrets is None
