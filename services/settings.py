"""Settings: typed, read once from the environment, and either complete or refused at start.

With nothing configured the app runs as a rehearsal on its own data folder and its own WeChat platform.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.errors import IncompleteSettings

REAL_WECHAT = "https://api.weixin.qq.com"


class Mode(StrEnum):
    REHEARSAL = "rehearsal"
    LIVE = "live"


class Settings(BaseSettings):
    """Everything the environment can say. `WEISHENTAI_` before each name; `DATABASE_URL` also stands alone."""

    model_config = SettingsConfigDict(env_prefix="WEISHENTAI_", extra="ignore", populate_by_name=True)

    home: Path = Path("var")
    mode: Mode = Mode.REHEARSAL
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    secret_key: SecretStr = SecretStr("")
    wechat_api: str = ""
    public_url: str = ""
    idle_minutes: int = Field(default=30, ge=5, le=240)

    @property
    def idle(self) -> timedelta:
        """Without a click for so long, a session ends."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def is_rehearsal(self) -> bool:
        return self.mode is Mode.REHEARSAL

    @property
    def database(self) -> str:
        """The database's address; SQLite in the data folder unless another is named."""
        return self.database_url or f"sqlite:///{self.home / 'weishentai.db'}"

    @property
    def assets_folder(self) -> Path:
        return self.home / "assets"

    @property
    def site_folder(self) -> Path:
        return self.home / "site"

    @property
    def site_url(self) -> str:
        """Absolute address of the campus mirror; links in articles and feeds begin with it."""
        return f"{self.public_url.rstrip('/') or 'http://127.0.0.1:8501'}/site"


def load_settings(**overrides: object) -> Settings:
    """Read the environment, complete what a rehearsal may make up, refuse what live mode lacks.

    Raises `IncompleteSettings` naming the variable that is missing or wrong.
    """
    settings = Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values, not the caller's types
    settings.home.mkdir(parents=True, exist_ok=True)
    return _rehearsal(settings) if settings.is_rehearsal else _live(settings)


def _rehearsal(settings: Settings) -> Settings:
    if settings.wechat_api and not is_loopback(settings.wechat_api):
        raise IncompleteSettings(
            "演练模式只能连接本机的微信演练平台：请把 WEISHENTAI_WECHAT_API 改为 http://127.0.0.1:端口，或删去它。"
        )
    if settings.secret_key.get_secret_value():
        return settings
    return settings.model_copy(update={"secret_key": SecretStr(_kept_key(settings.home / "secret.key"))})


def _live(settings: Settings) -> Settings:
    missing = [
        name
        for name, value in (
            ("WEISHENTAI_SECRET_KEY", settings.secret_key.get_secret_value()),
            ("WEISHENTAI_PUBLIC_URL", settings.public_url),
        )
        if not value
    ]
    if missing:
        raise IncompleteSettings(f"正式模式缺少设置：{'、'.join(missing)}。请补齐后再启动，或改用演练模式。")
    if len(settings.secret_key.get_secret_value()) < 32:
        raise IncompleteSettings("WEISHENTAI_SECRET_KEY 太短：请换成至少 32 个字符的随机字符串。")
    return settings.model_copy(update={"wechat_api": settings.wechat_api or REAL_WECHAT})


def _kept_key(path: Path) -> str:
    # A rehearsal makes its own key and keeps it, so that a restart neither signs people out nor loses secrets.
    # Linking a finished file is atomic: of two processes that start together, both read the same key.
    if not path.exists():
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def is_loopback(address: str) -> bool:
    """Whether an http address can only be this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
