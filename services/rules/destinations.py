"""Further places to publish to: what each kind asks for, and what cannot be so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from models import Target

KINDS = (Target.SFTP, Target.WORDPRESS, Target.WEBHOOK)
LONGEST_NAME = 40
SHORTEST_SHARED_KEY = 32
HOST_KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{20,}={0,2}( .*)?")
HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")


@dataclass(frozen=True)
class Field:
    """One setting of a kind: its label and an example; an optional one has a default."""

    label: str
    example: str
    default: str = ""
    optional: bool = False


FIELDS: Mapping[Target, Mapping[str, Field]] = {
    Target.SFTP: {
        "host": Field("服务器", "web.example.edu.cn"),
        "port": Field("端口", "22", default="22", optional=True),
        "user": Field("用户名", "weishentai"),
        "folder": Field("网站目录", "/srv/www/news"),
        "host_key": Field("服务器公钥", "ssh-ed25519 AAAA…（请服务器管理员提供，用于确认没有连错机器）"),
        "address": Field("公开地址", "https://news.example.edu.cn"),
    },
    Target.WORDPRESS: {
        "address": Field("网站地址", "https://xb.example.edu.cn"),
        "user": Field("用户名", "weishentai"),
    },
    Target.WEBHOOK: {
        "address": Field("接收地址", "https://cms.example.edu.cn/api/weishentai"),
    },
}

SECRETS: Mapping[Target, Field] = {
    Target.SFTP: Field("密码或私钥", "私钥请粘贴全文，以 -----BEGIN 开头"),
    Target.WORDPRESS: Field("应用程序密码", "在 WordPress“用户 - 个人资料”里生成，不是登录密码"),
    Target.WEBHOOK: Field("签名密钥", f"双方约定的随机字符串，至少 {SHORTEST_SHARED_KEY} 个字符"),
}

Fault = tuple[str, str]


def completed(kind: Target, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings of a kind, tidied, with its defaults; what the kind does not know is left out."""
    return {name: settings.get(name, "").strip() or field.default for name, field in FIELDS[kind].items()}


def fault_of(kind: Target, settings: Mapping[str, str], *, rehearsal: bool) -> Fault | None:
    """The field that cannot be so, and why, as a sentence; None if all is well. `settings` are completed."""
    for name, field in FIELDS[kind].items():
        if not settings[name] and not field.optional:
            return name, f"请填写“{field.label}”，例如 {field.example}。"
    return _address_fault(kind, settings, rehearsal=rehearsal) or (
        _server_fault(settings, rehearsal=rehearsal) if kind is Target.SFTP else None
    )


def _address_fault(kind: Target, settings: Mapping[str, str], *, rehearsal: bool) -> Fault | None:
    address = settings["address"]
    label = FIELDS[kind]["address"].label
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        return "address", f"“{label}”须是完整的网址，如 {FIELDS[kind]['address'].example}，不带用户名和问号。"
    if kind is Target.SFTP:
        return None
    if rehearsal and not is_this_machine(parts.hostname):
        return "address", "演练模式只能连接本机（127.0.0.1）。要连真实的网站，请改用正式模式。"
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        return "address", f"“{label}”须以 https:// 开头，否则密码会被看见。"
    return None


def _server_fault(settings: Mapping[str, str], *, rehearsal: bool) -> Fault | None:
    if not HOST.fullmatch(settings["host"]):
        return "host", "“服务器”只填主机名或 IP，不带 sftp:// 和目录。"
    if rehearsal and not is_this_machine(settings["host"]):
        return "host", "演练模式只能连接本机（127.0.0.1）。要连真实的服务器，请改用正式模式。"
    if not (settings["port"].isascii() and settings["port"].isdigit() and 1 <= int(settings["port"]) <= 65535):
        return "port", "“端口”须是 1 到 65535 的数字，通常是 22。"
    if not settings["folder"].startswith("/") or ".." in settings["folder"].split("/"):
        return "folder", "“网站目录”须写完整路径，如 /srv/www/news。"
    if not HOST_KEY.fullmatch(settings["host_key"]):
        return "host_key", "“服务器公钥”须是一行 ssh-ed25519、ecdsa 或 ssh-rsa 公钥，请服务器管理员提供。"
    return None


def secret_fault(kind: Target, secret: str) -> Fault | None:
    """What is wrong with the secret of a kind."""
    if not secret.strip():
        return "secret", f"请填写“{SECRETS[kind].label}”。"
    if kind is Target.WEBHOOK and len(secret) < SHORTEST_SHARED_KEY:
        return "secret", f"签名密钥太短：请用至少 {SHORTEST_SHARED_KEY} 个字符的随机字符串。"
    return None


def is_this_machine(host: str) -> bool:
    """Whether a host can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
