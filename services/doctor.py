"""体检: is everything in place for the office to work? Each check answers in one sentence."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from models import AccountState, AuditAction, AuditEvent, OfficialAccount
from services import accounts, audit, health
from services.bootstrap import Runtime
from services.errors import IncompleteSettings
from services.ports import DeliveryError, DeliveryRefused
from services.queries import publishing_stops, send_quotas

LEAST_DISK = 1024**3
"""Bytes that must be free: a busy month of pictures and a backup."""

OLDEST_BACKUP = timedelta(days=7)
"""A week's work is what a school may have to do again."""


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    message: str


def examine(runtime: Runtime) -> list[Check]:
    """Every check, in the order in which a fault would matter."""
    return [step(runtime) for step in STEPS] + _wechat(runtime)


def _settings(runtime: Runtime) -> Check:
    mode = "演练模式：不会触及任何真实公众号" if runtime.settings.is_rehearsal else "正式模式"
    return Check("settings", ok=True, message=f"{mode}；数据目录 {runtime.settings.home}。")


def _database(runtime: Runtime) -> Check:
    with runtime.reading() as session:
        if not runtime.engines.is_sqlite:
            version = session.connection().execute(text("SHOW server_version")).scalar_one()
            return Check("database", ok=True, message=f"PostgreSQL {version} 可用。")
        verdict = session.connection().exec_driver_sql("PRAGMA quick_check").scalar_one()
    whole = verdict == "ok"
    message = f"SQLite {sqlite3.sqlite_version} 完好。" if whole else f"数据库文件损坏：{verdict}。请从备份恢复。"
    return Check("database", ok=whole, message=message)


def _trail(runtime: Runtime) -> Check:
    with runtime.reading() as session:
        verdict = audit.verify(session)
    message = (
        f"操作日志完整，共 {verdict.events} 条，末端 {verdict.head[:12]}。"
        if verdict.ok
        else f"操作日志在第 {verdict.broken_at} 条断开：有人改动过历史，请立即告知监督小组。"
    )
    return Check("audit", ok=verdict.ok, message=message)


def _disk(runtime: Runtime) -> Check:
    free = shutil.disk_usage(runtime.settings.home).free
    enough = free >= LEAST_DISK
    message = f"数据目录所在磁盘剩余 {free / 1024**3:.1f} GiB" + ("。" if enough else "，不足 1 GiB：请清理或扩容。")
    return Check("disk", ok=enough, message=message)


def _clock(runtime: Runtime) -> Check:
    now = runtime.now()
    if runtime.engines.is_sqlite:
        return Check("clock", ok=True, message=f"本机时间 {now.isoformat(timespec='seconds')}。")
    with runtime.reading() as session:
        there = session.connection().execute(text("SELECT now()")).scalar_one()
    apart = abs((there - now).total_seconds())
    return Check("clock", ok=apart < 30, message=f"本机与数据库时间相差 {apart:.0f} 秒。")


def _worker(runtime: Runtime) -> Check:
    seen = health.examine(runtime.engines).worker_seen_at
    if seen is None:
        return Check("worker", ok=False, message="发布任务还没有运行过：请启动程序，或运行 weishentai worker。")
    age = runtime.now() - seen
    works = age < health.SILENT_AFTER
    message = f"发布任务 {age.total_seconds():.0f} 秒前运行过" + ("。" if works else "，已停：请重新启动程序。")
    return Check("worker", ok=works, message=message)


def _stops(runtime: Runtime) -> Check:
    with runtime.reading() as session:
        standing = publishing_stops.standing(session, runtime.now())
    if not standing:
        return Check("stops", ok=True, message="没有停着的发布。")
    told = "；".join(map(_stopped, standing))
    return Check("stops", ok=False, message=f"{told}。处理好后恢复：weishentai publications resume 编号。")


def _stopped(line: publishing_stops.StopLine) -> str:
    account = f"公众号“{line.account}”" if line.account else "全部"
    return f"{account}的{line.way.label if line.way else '发布'}停着：{line.reason.rstrip('。')}（编号 {line.id}）"


def _reader(runtime: Runtime) -> Check:
    """An optional part: the office works without it, but must know that pictures are read by people only."""
    if runtime.picture_reader is None:
        words = "没有安装（可选）：图片里的文字须人工核对；要启用，请安装附加组件 ocr。"
    else:
        words = "已安装：图片里的文字在后台识别，并检查个人信息和用语。"
    return Check("picture_text", ok=True, message=f"图中文字识别{words}")


def _backup(runtime: Runtime) -> Check:
    if runtime.settings.is_rehearsal:
        return Check("backup", ok=True, message="演练数据不必备份。")
    if not runtime.engines.is_sqlite:
        return Check("backup", ok=True, message="PostgreSQL 用 pg_dump 备份，这里看不到：请自行核对。")
    with runtime.reading() as session:
        backed_up = select(AuditEvent.at).where(AuditEvent.action == AuditAction.DATABASE_BACKED_UP)
        made = session.exec(backed_up.order_by(col(AuditEvent.sequence).desc())).first()
    if made is None:
        return Check("backup", ok=False, message="还没有备份过：请运行 weishentai backup 文件夹，并复制到别的机器。")
    age = runtime.now() - made
    message = f"最近一次备份在 {age.days} 天前" + ("。" if age <= OLDEST_BACKUP else "，太久了：请再备份一次。")
    return Check("backup", ok=age <= OLDEST_BACKUP, message=message)


STEPS: tuple[Callable[[Runtime], Check], ...] = (
    _settings,
    _database,
    _trail,
    _backup,
    _disk,
    _clock,
    _worker,
    _stops,
    _reader,
)


def _wechat(runtime: Runtime) -> list[Check]:
    with runtime.reading() as session:
        active = session.exec(select(OfficialAccount).where(OfficialAccount.state == AccountState.ACTIVE)).all()
    return [_connection(runtime, account) for account in active]


def _connection(runtime: Runtime, account: OfficialAccount) -> Check:
    name = f"wechat:{account.name}"
    try:
        credentials = accounts.credentials_of(account, runtime.secrets)
        if credentials is None:
            return Check(name, ok=False, message="还没有登记 AppID 和 AppSecret，只能人工发布后登记。")
        count = runtime.wechat.account(credentials).count_drafts()
    except IncompleteSettings as refusal:
        return Check(name, ok=False, message=refusal.sentence)
    except DeliveryRefused as refusal:
        return Check(name, ok=False, message=f"{refusal.sentence}（{refusal.code}）")
    except DeliveryError:
        return Check(name, ok=False, message="连不上微信接口：请检查本机网络和出口防火墙。")
    with runtime.reading() as session:
        called = sum(send_quotas.calls_today(session, account.id or 0, runtime.now()).values())
        left = send_quotas.sends_left(session, account, runtime.now())
    used = f"本系统今天调用发布接口 {called} 次，{left.sentence}"
    return Check(name, ok=True, message=f"微信接口可用，草稿箱里有 {count} 篇。{used}。")
