"""Which ways of publishing to WeChat an account has, and why the others are closed."""

from __future__ import annotations

from models import InterfaceRight, OfficialAccount, PublicationWay

W = PublicationWay

BY_INTERFACE = frozenset({W.DRAFT, W.PUBLISH, W.MASS})
NEEDS_VERIFIED = frozenset({W.PUBLISH, W.MASS})


def closed_ways(account: OfficialAccount) -> dict[PublicationWay, str]:
    """The ways this account cannot use, each with a sentence that says why and what helps; by hand is never one.

    What the last self-test found counts until another one finds something else.
    """
    if not (account.app_id and account.app_secret_sealed):
        return dict.fromkeys(
            _in_order(BY_INTERFACE),
            f"公众号“{account.name}”还没有登记 AppID 和 AppSecret：请系统管理员填写，或选择“人工发布后登记”。",
        )
    if account.interface_right is InterfaceRight.NOTHING:
        return dict.fromkeys(
            _in_order(BY_INTERFACE),
            f"公众号“{account.name}”最近一次接口自检没有通过：请按自检结果处理后重新自检，或选择“人工发布后登记”。",
        )
    if not account.verified:
        return dict.fromkeys(
            _in_order(NEEDS_VERIFIED),
            f"公众号“{account.name}”没有微信认证，不能用接口发布或群发：请选择“存入草稿箱”。",
        )
    if account.interface_right is InterfaceRight.DRAFTS:
        return dict.fromkeys(
            _in_order(NEEDS_VERIFIED),
            f"公众号“{account.name}”最近一次接口自检没有发布和群发的权限：请选择“存入草稿箱”；补齐权限后重新自检。",
        )
    return {}


def _in_order(ways: frozenset[PublicationWay]) -> list[PublicationWay]:
    return [way for way in PublicationWay if way in ways]
