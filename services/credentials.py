"""凭证: what WeChat's interface asks of an account. Sealed before it touches the database, never shown again."""

from __future__ import annotations

import re

from sqlmodel import col, select

from models import AuditAction, InterfaceRight, OfficialAccount
from services import accounts, audit
from services.errors import InvalidInput, NotAllowed, WrongState
from services.rules.account_life import ENDED
from services.rules.permissions import Capability
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

APP_ID = re.compile(r"wx[0-9a-f]{16}")
APP_SECRET = re.compile(r"[0-9a-f]{32}")
TOKEN = re.compile(r"[0-9A-Za-z]{3,32}")
AES_KEY = re.compile(r"[0-9A-Za-z]{43}")
ONLY_ADMIN = "只有系统管理员可以登记和更换公众号凭证。"


def change(
    work: UnitOfWork,
    box: SecretBox,
    *,
    account_id: int,
    seen_version: int,
    app_id: str = "",
    app_secret: str = "",
    token: str = "",
    encoding_aes_key: str = "",
) -> OfficialAccount:
    """Enter or rotate credentials; what is left empty stays as it is. What is changed gets today's date.

    Raises `NotFound`, `NotAllowed` for anybody but the administrator, `WrongState`, `StaleState`, `InvalidInput`
    naming the field.
    """
    account, _ = accounts.found(work, account_id)
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed(ONLY_ADMIN)
    if account.state in ENDED:
        raise WrongState(f"公众号“{account.name}”{account.state.label}，不再登记凭证。")
    given = {
        "app_id": app_id.strip(),
        "app_secret": app_secret.strip(),
        "token": token.strip(),
        "encoding_aes_key": encoding_aes_key.strip(),
    }
    changed = {name: value for name, value in given.items() if value and value != account.app_id}
    _refuse_malformed(changed)
    _refuse_foreign_app_id(work, account, changed)
    if not changed:
        return account
    accounts.claim_version(work, account, seen_version)
    _write(work, box, account, changed)
    work.session.flush()
    audit.record(work, AuditAction.CREDENTIALS_CHANGED, "account", account.id, {"changed": sorted(changed)})
    return account


def forget(work: UnitOfWork, *, account_id: int, seen_version: int) -> OfficialAccount:
    """Remove everything an account's interface needs; from then on people publish by hand.

    Raises `NotFound`, `NotAllowed`, `StaleState`.
    """
    account, _ = accounts.found(work, account_id)
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed(ONLY_ADMIN)
    accounts.claim_version(work, account, seen_version)
    account.app_id = account.app_secret_sealed = None
    account.callback_token_sealed = account.encoding_aes_key_sealed = None
    account.app_secret_changed_at = account.callback_token_changed_at = account.encoding_aes_key_changed_at = None
    account.interface_right = InterfaceRight.UNTESTED
    work.session.flush()
    audit.record(work, AuditAction.CREDENTIALS_CHANGED, "account", account.id, {"removed": True})
    return account


def _refuse_malformed(changed: dict[str, str]) -> None:
    forms = {
        "app_id": (APP_ID, "AppID 应为 wx 开头的 18 位字符，请从微信开发者平台复制。"),
        "app_secret": (APP_SECRET, "AppSecret 应为 32 位字符，请从微信开发者平台复制。"),
        "token": (TOKEN, "Token 应为 3 到 32 位字母或数字。"),
        "encoding_aes_key": (AES_KEY, "EncodingAESKey 应为 43 位字母或数字。"),
    }
    for name, value in changed.items():
        form, sentence = forms[name]
        if form.fullmatch(value) is None:
            raise InvalidInput(sentence, field=name)


def _refuse_foreign_app_id(work: UnitOfWork, account: OfficialAccount, changed: dict[str, str]) -> None:
    if "app_id" not in changed:
        if account.app_id is None and "app_secret" in changed:
            raise InvalidInput("请同时填写 AppID。", field="app_id")
        return
    taken = work.session.exec(
        select(OfficialAccount.name).where(
            OfficialAccount.app_id == changed["app_id"], col(OfficialAccount.id) != account.id
        )
    ).first()
    if taken is not None:
        raise InvalidInput(f"这个 AppID 已登记在“{taken}”名下，请核对。", field="app_id")
    if account.app_secret_sealed is not None and "app_secret" not in changed:
        raise InvalidInput("更换 AppID 时须同时填写它的 AppSecret。", field="app_secret")


def _write(work: UnitOfWork, box: SecretBox, account: OfficialAccount, changed: dict[str, str]) -> None:
    account.app_id = changed.get("app_id", account.app_id)
    if "app_secret" in changed:
        account.app_secret_sealed, account.app_secret_changed_at = box.seal(changed["app_secret"]), work.now
    if "token" in changed:
        account.callback_token_sealed, account.callback_token_changed_at = box.seal(changed["token"]), work.now
    if "encoding_aes_key" in changed:
        account.encoding_aes_key_sealed = box.seal(changed["encoding_aes_key"])
        account.encoding_aes_key_changed_at = work.now
    if {"app_id", "app_secret"} & set(changed):
        account.interface_right = InterfaceRight.UNTESTED
