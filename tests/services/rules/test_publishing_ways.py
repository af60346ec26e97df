"""Which ways an account has, as a full table: what the self-test found by what else the register says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models import AccountState, InterfaceRight, OfficialAccount, PublicationWay
from services.rules.publishing_ways import closed_ways

R = InterfaceRight

ALL = "draft publish mass manual"
NO_SENDING = "draft manual"
BY_HAND = "manual"

OPEN: dict[tuple[InterfaceRight, bool], str] = {
    (R.UNTESTED, True): ALL,
    (R.FULL, True): ALL,
    (R.DRAFTS, True): NO_SENDING,
    (R.NOTHING, True): BY_HAND,
    (R.UNTESTED, False): NO_SENDING,
    (R.FULL, False): NO_SENDING,
    (R.DRAFTS, False): NO_SENDING,
    (R.NOTHING, False): BY_HAND,
}


def account(right: InterfaceRight, *, verified: bool = True, has_secret: bool = True) -> OfficialAccount:
    return OfficialAccount(
        name="测试大学",
        state=AccountState.ACTIVE,
        state_entered_at=datetime(2026, 11, 23, tzinfo=UTC),
        owner_department_id=1,
        verified=verified,
        app_id="wx00000000000000a1",
        app_secret_sealed="sealed" if has_secret else None,
        interface_right=right,
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize("right", list(R))
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("has_secret", [True, False])
def test_each_finding_leaves_exactly_these_ways(right: InterfaceRight, *, verified: bool, has_secret: bool) -> None:
    closed = closed_ways(account(right, verified=verified, has_secret=has_secret))

    left = " ".join(way.value for way in PublicationWay if way not in closed)
    assert left == (OPEN[right, verified] if has_secret else BY_HAND)
    assert len(set(closed.values())) <= 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (account(R.FULL, has_secret=False), "还没有登记 AppID 和 AppSecret：请系统管理员填写"),
        (account(R.NOTHING), "最近一次接口自检没有通过：请按自检结果处理后重新自检"),
        (account(R.FULL, verified=False), "没有微信认证，不能用接口发布或群发：请选择“存入草稿箱”"),
        (account(R.DRAFTS), "最近一次接口自检没有发布和群发的权限：请选择“存入草稿箱”；补齐权限后重新自检"),
    ],
)
def test_closed_way_says_why_and_what_helps(given: OfficialAccount, sentence: str) -> None:
    assert sentence in closed_ways(given)[PublicationWay.MASS]
