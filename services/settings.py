"""Settings: typed, read once from the environment, and either complete or refused at start.

With nothing configured the app runs as a rehearsal on its own data folder and its own WeChat platform.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
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
    database_url: str = Field(default="", validation_alias="DATABASE_URL", repr=False)  # may hold a password
    secret_key: SecretStr = SecretStr("")
    wechat_api: str = ""
    public_url: str = ""
    idle_minutes: int = Field(default=30, ge=5, le=240)
    smtp_host: str = ""
    smtp_port: int = Field(default=465, ge=1, le=65535)
    smtp_security: Literal["ssl", "starttls", "none"] = "ssl"
    smtp_sender: str = ""
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    robot_url: SecretStr = SecretStr("")
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_username_claim: str = "preferred_username"
    oidc_match_usernames: bool = False

    @property
    def idle(self) -> timedelta:
        """Without a click for so long, a session ends."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def oidc_is_configured(self) -> bool:
        """Whether people may come in through the campus sign-in as well."""
        return self.oidc_issuer != ""

    @property
    def oidc_secrets(self) -> dict[str, Any] | None:
        """What Streamlit's own sign-in reads (`st.login`); None where there is no campus sign-in.

        Its cookie is signed with a key of its own, made from the installation's.
        """
        if not self.oidc_is_configured:
            return None
        key = hashlib.sha256(b"oidc:" + self.secret_key.get_secret_value().encode()).hexdigest()
        return {
            "auth": {
                "redirect_uri": f"{self.public_url.rstrip('/')}/oauth2callback",
                "cookie_secret": key,
                "client_id": self.oidc_client_id,
                "client_secret": self.oidc_client_secret.get_secret_value(),
                "server_metadata_url": f"{self.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            }
        }

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
    _refuse_half_a_notice_channel(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    _refuse_half_campus(settings)
    return _rehearsal(settings) if settings.is_rehearsal else _live(settings)


def _refuse_half_campus(settings: Settings) -> None:
    needed = {
        "WEISHENTAI_OIDC_CLIENT_ID": settings.oidc_client_id,
        "WEISHENTAI_OIDC_CLIENT_SECRET": settings.oidc_client_secret.get_secret_value(),
        "WEISHENTAI_SECRET_KEY": settings.secret_key.get_secret_value(),
        "WEISHENTAI_PUBLIC_URL": settings.public_url,
    }
    missing = [name for name, value in needed.items() if not value]
    if settings.oidc_is_configured and missing:
        raise IncompleteSettings(f"统一身份认证缺少设置：{'、'.join(missing)}。请补齐，或删去 WEISHENTAI_OIDC_ISSUER。")


def _refuse_half_a_notice_channel(settings: Settings) -> None:
    """Mail and robot are complete or absent; a rehearsal reaches only this machine."""
    robot = settings.robot_url.get_secret_value()
    others = (settings.smtp_sender, settings.smtp_user, settings.smtp_password.get_secret_value())
    if not settings.smtp_host and any(others):
        raise IncompleteSettings("邮件设置缺少 WEISHENTAI_SMTP_HOST：请补齐，或删去其余 WEISHENTAI_SMTP_ 设置。")
    if settings.smtp_host and "@" not in settings.smtp_sender:
        raise IncompleteSettings("邮件设置不完整：请在 WEISHENTAI_SMTP_SENDER 填写发件地址，如 office@school.edu.cn。")
    if bool(settings.smtp_user) != bool(settings.smtp_password.get_secret_value()):
        raise IncompleteSettings("邮件设置不完整：WEISHENTAI_SMTP_USER 和 WEISHENTAI_SMTP_PASSWORD 须一起填写。")
    if robot and not robot.startswith("https://") and not is_loopback(robot):
        raise IncompleteSettings("WEISHENTAI_ROBOT_URL 须是群机器人的 https 地址，请从企业微信群里重新复制。")
    if settings.is_rehearsal and not (_stays_here(settings.smtp_host) and (not robot or is_loopback(robot))):
        raise IncompleteSettings(
            "演练模式不向外发通知：请删去 WEISHENTAI_SMTP_ 和 WEISHENTAI_ROBOT_URL，或改用正式模式。"
        )


def _stays_here(host: str) -> bool:
    return not host or is_loopback(f"smtp://{host}")


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
