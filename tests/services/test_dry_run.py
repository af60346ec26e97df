"""试发检查: line by line what would be refused and how to mend it; nothing is sent, nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stamina
from sqlmodel import col, select, update

from models import (
    AccountState,
    Heartbeat,
    InterfaceRight,
    OfficialAccount,
    Publication,
    PublicationWay,
    Revision,
    Submission,
    Target,
)
from services import dry_run, embargoes, interface_probe, publishing_stops, send_limits
from services.dry_run import Grade, Line, Plan
from services.errors import NotAllowed, NotFound
from services.interface_probe import ProbeFinding, ProbeOutcome
from services.ports import NotSent
from services.rules.breakers import Breaker
from services.rules.send_quota import SendLimits
from services.sealing import fingerprint_of
from tests.office import Office
from tests.press import Press, running_press

W = PublicationWay
NO_RIGHT = ProbeFinding("接口发布", ok=False, sentence="没有权限。", code="48001")
TESTED = ProbeOutcome(InterfaceRight.FULL, (ProbeFinding("接口发布", ok=True, sentence="可以。"),), {})

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        with office.as_system() as work:
            work.session.add(Heartbeat(worker="w1", at=work.now))
        proved(press, TESTED)
        yield press


def proved(press: Press, outcome: ProbeOutcome) -> None:
    with press.office.acting_as("小赵") as work:
        interface_probe.keep(work, account_id=press.office.account_id, outcome=outcome)


def tried(press: Press, plan: Plan, who: str = "小赵") -> list[Line]:
    return dry_run.examine(press.runtime, lambda: press.office.acting_as(who), plan)


def refused(press: Press, plan: Plan) -> dict[str, str]:
    """What would be refused, by what was looked at."""
    return {each.check: each.sentence for each in tried(press, plan) if each.grade is Grade.REFUSED}


def noted(press: Press, plan: Plan) -> dict[str, str]:
    return {each.check: each.sentence for each in tried(press, plan) if each.grade is Grade.NOTE}


def with_account(press: Press, **columns: object) -> None:
    with press.office.as_system() as work:
        work.session.execute(update(OfficialAccount).values(**columns))


def with_content(press: Press, submission_id: int, **columns: object) -> None:
    """Approved with other words, without the gates that would have refused them."""
    with press.office.as_system() as work:
        item = work.session.get_one(Submission, submission_id)
        content = work.session.get_one(Revision, item.sealed_revision_id)
        for name, value in columns.items():
            setattr(content, name, value)
        item.seal = content.fingerprint = fingerprint_of(content)


def test_an_item_that_may_go_out_is_looked_at_line_by_line_and_nothing_is_sent_or_kept(press: Press) -> None:
    office = press.office
    item = office.approved()

    lines = tried(press, Plan(item, W.PUBLISH))

    assert [(each.place, each.check, each.grade.value) for each in lines] == [
        ("稿件", "封版", "fine"),
        ("稿件", "时间", "fine"),
        ("稿件", "图片和附件", "fine"),
        ("微信公众号", "公众号", "fine"),
        ("微信公众号", "凭证", "fine"),
        ("微信公众号", "接口权限", "fine"),
        ("微信公众号", "标题", "fine"),
        ("微信公众号", "作者", "fine"),
        ("微信公众号", "摘要", "fine"),
        ("微信公众号", "正文", "fine"),
        ("微信公众号", "封面", "fine"),
        ("校园网站", "目录", "fine"),
        ("稿件", "排入发布", "fine"),
    ]
    assert dry_run.is_clear(lines)
    assert press.platform.calls() == []
    with office.reading() as session:
        assert session.exec(select(Publication)).all() == []


def test_every_fault_is_named_at_once_each_with_what_to_do(press: Press) -> None:
    item = press.office.approved()
    with_content(press, item, title="题" * 65, author="名" * 17, digest="摘" * 121, cover_sha256=None)
    with_account(press, state=AccountState.SUSPENDED, app_secret_sealed=None)
    press.site.failures = [NotSent("disk full")]

    assert refused(press, Plan(item, W.PUBLISH, at=press.office.now - timedelta(hours=1))) == {
        "时间": "2026年11月23日 08:00（北京时间）已经过去：请改选以后的时间，或立即发布。",
        "公众号": "“测试大学”暂停运行：请先在台账中恢复正常运行。",
        "凭证": "没有登记 AppID 和 AppSecret：请系统管理员在“公众号台账”填写，或改选“人工发布后登记”。",
        "标题": "标题有 65 字，微信最多 64 字，请缩短。改动须重新送审。",
        "作者": "作者有 17 字，微信最多 16 字，请缩短。改动须重新送审。",
        "摘要": "摘要有 121 字，微信最多 120 字，请缩短。改动须重新送审。",
        "封面": "没有封面图片，公众号不接受：请退回补充封面后重新送审。",
        "目录": "校园网站的目录不能写入：请系统管理员检查磁盘空间和目录权限。",
    }


def test_an_item_without_approval_and_one_that_was_changed_are_refused(press: Press) -> None:
    submitted, approved = press.office.submitted(), press.office.approved()
    with press.office.as_system() as work:
        work.session.execute(update(Submission).where(col(Submission.id) == approved).values(seal="0" * 64))

    assert "终审通过后才能发布" in refused(press, Plan(submitted))["审批"]
    assert "退回重审" in refused(press, Plan(approved))["封版"]


@pytest.mark.parametrize(
    ("outcome", "way", "check", "said"),
    [
        (
            ProbeOutcome(
                InterfaceRight.NOTHING,
                (ProbeFinding("密钥与 IP 白名单", ok=False, sentence="不在白名单里。", code="40164"),),
                {},
            ),
            W.DRAFT,
            "IP 白名单",
            "不在白名单里。处理后再做一次接口自检。",
        ),
        (
            ProbeOutcome(InterfaceRight.NOTHING, (ProbeFinding("草稿箱", ok=False, sentence="不行。", code="1"),), {}),
            W.DRAFT,
            "接口权限",
            "公众号“测试大学”最近一次接口自检没有通过：请按自检结果处理后重新自检，或选择“人工发布后登记”。",
        ),
        (
            ProbeOutcome(
                InterfaceRight.DRAFTS, (ProbeFinding("接口发布", ok=False, sentence="无。", code="48001"),), {}
            ),
            W.PUBLISH,
            "接口权限",
            "公众号“测试大学”最近一次接口自检没有发布和群发的权限：请选择“存入草稿箱”；补齐权限后重新自检。",
        ),
    ],
)
def test_what_the_last_self_test_found_stands_in_the_way(
    press: Press, outcome: ProbeOutcome, way: PublicationWay, check: str, said: str
) -> None:
    proved(press, outcome)

    assert refused(press, Plan(press.office.approved(), way))[check] == said
    assert check not in refused(press, Plan(press.office.approved(), W.MANUAL))


def test_what_should_be_known_first_is_noted_and_refuses_nothing(press: Press) -> None:
    office = press.office
    earlier, item = office.approved(), office.approved()
    press.queued(earlier, way=W.DRAFT, at=office.now + timedelta(hours=1, minutes=10))
    with office.acting_as("小赵") as work:
        publishing_stops.stop_everything(work, reason="先核对")
        embargoes.set_embargo(work, submission_id=item, until=work.now + timedelta(hours=1))
    with office.as_system() as work:
        publishing_stops.break_account(
            work,
            account_id=office.account_id,
            code="45009",
            sentence="今天的次数已用完。",
            breaker=Breaker(ends_at=work.now + timedelta(hours=9)),
        )
    office.later(minutes=30)

    plan = Plan(item, W.MASS)
    assert refused(press, plan) == {}
    assert noted(press, plan) == {
        "时间": "排入后等到 2026年11月23日 10:00（北京时间）才发，此前各平台都不发。",
        "发布程序": "后台发布程序没有在运行，排入后不会马上发：请系统管理员检查。",
        "急停": "全部发布已停止（先核对），排入后要等恢复。",
        "暂停": "排入后要等这项处理好，2026年11月23日 18:00（北京时间）自动恢复：今天的次数已用完。",
        "群发次数": "11月23日还可群发 100 次（每天 100 次，本系统已群发 0 次）。全部粉丝都会收到通知。",
        "时间冲突": (
            "《教务处举办教学经验交流会》排在 2026年11月23日 10:10（北京时间），同一公众号相隔不到 15 分钟，建议错开。"
        ),
    }


def test_used_up_sends_a_running_publication_and_a_missing_picture_are_refused(press: Press) -> None:
    office = press.office
    with office.as_system() as work:
        send_limits.set_limits(work, limits=SendLimits(subscription_per_day=0))
    item = office.approved()
    assert "请改约以后的日子" in refused(press, Plan(item, W.MASS))["群发次数"]

    press.queued(item, Target.WECHAT, Target.SITE, way=W.PUBLISH)
    press.work()
    assert refused(press, Plan(item, W.PUBLISH)) == {
        "已有任务": "这里已是“已上线”，不能重复发布。",
    }

    other = office.approved()
    office.assets.files.clear()
    assert "请系统管理员从备份恢复文件" in refused(press, Plan(other, targets=(Target.SITE,)))["图片和附件"]


def test_only_publishers_try_and_only_what_exists(press: Press) -> None:
    for who in ("小王", "老李", "陈部长", "小林"):
        with pytest.raises(NotAllowed, match="只有发布员"):
            tried(press, Plan(press.office.draft()), who)
    with pytest.raises(NotFound):
        tried(press, Plan(999))
