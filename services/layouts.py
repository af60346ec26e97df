"""版式: which look an article has in WeChat. The item's own choice, else its account's."""

from __future__ import annotations

from sqlmodel import Session

from models import AuditAction, OfficialAccount, Submission
from services import accounts, audit
from services.errors import NotAllowed, NotFound
from services.manuscript.wechat_markup import theme_named
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

DEFAULT = "plain"


def theme_of(submission: Submission | None, account: OfficialAccount | None) -> str:
    """The theme an item is set in."""
    own = submission.theme if submission else None
    return own or (account.theme if account else "") or DEFAULT


def theme_for(session: Session, submission_id: int, account: OfficialAccount | None) -> str:
    """The same for an item by its number."""
    return theme_of(session.get(Submission, submission_id), account)


def set_theme(work: UnitOfWork, *, account_id: int, seen_version: int, theme: str) -> OfficialAccount:
    """Choose how articles of an account look; items that chose for themselves keep their own.

    Raises `NotAllowed` for anybody but those who keep the accounts, `NotFound`, `InvalidInput` for a look that does not
    exist or a colour that cannot be read, `StaleState`.
    """
    if not work.actor.may(Capability.KEEP_ACCOUNTS):
        raise NotAllowed("只有宣传部和系统管理员可以修改公众号的版式。")
    account = work.session.get(OfficialAccount, account_id, with_for_update=True)
    if account is None:
        raise NotFound("没有找到这个公众号，请刷新页面。")
    theme_named(theme)
    if account.theme != theme:
        accounts.claim_version(work, account, seen_version)
        details = {"fields": ["theme"], "from": account.theme, "to": theme}
        account.theme = theme
        work.session.add(account)
        work.session.flush()
        audit.record(work, AuditAction.ACCOUNT_CHANGED, "account", account.id, details)
    return account
