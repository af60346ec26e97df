"""公众号台账: the register of the school's official accounts."""

from __future__ import annotations

from sqlmodel import select

from models import AccountKind, AccountState, AuditAction, OfficialAccount, PublicationWay
from services import audit
from services.errors import InvalidInput, NotAllowed
from services.ports import WeChatCredentials
from services.rules.permissions import Capability
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork


def register(
    work: UnitOfWork,
    box: SecretBox,
    *,
    name: str,
    kind: AccountKind,
    owner_department_id: int,
    credentials: WeChatCredentials | None = None,
    verified: bool = False,
    state: AccountState = AccountState.ACTIVE,
    default_way: PublicationWay = PublicationWay.DRAFT,
    theme: str = "plain",
) -> OfficialAccount:
    """Enter an account into the register; the AppSecret is sealed before it touches the database.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput` for a name in use.
    """
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以登记公众号。")
    if work.session.exec(select(OfficialAccount).where(OfficialAccount.name == name)).first():
        raise InvalidInput(f"台账里已有名为“{name}”的公众号。", field="name")
    account = OfficialAccount(
        name=name,
        kind=kind,
        state=state,
        state_entered_at=work.now,
        owner_department_id=owner_department_id,
        verified=verified,
        default_way=default_way,
        theme=theme,
        app_id=credentials.app_id if credentials else None,
        app_secret_sealed=box.seal(credentials.app_secret) if credentials else None,
        created_at=work.now,
    )
    work.session.add(account)
    work.session.flush()
    details = {"name": name, "kind": kind.value, "state": state.value, "app_id": account.app_id}
    audit.record(work, AuditAction.ACCOUNT_CREATED, "account", account.id, details)
    return account


def credentials_of(account: OfficialAccount, box: SecretBox) -> WeChatCredentials | None:
    """The opened credentials of an account, or None if the office has not entered them."""
    if account.app_id is None or account.app_secret_sealed is None:
        return None
    return WeChatCredentials(app_id=account.app_id, app_secret=box.open(account.app_secret_sealed))
