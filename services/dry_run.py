"""试发检查: line by line what would be refused if an item were queued so, and how to mend it. Nothing is sent.

Each line looks at one thing and all of them are looked at, so that nobody mends one fault only to meet the next. What
queueing itself would refuse is asked of queueing, in a transaction that is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from models import (
    IN_FLIGHT,
    AccountState,
    AccountTest,
    Asset,
    Destination,
    InterfaceRight,
    OfficialAccount,
    Publication,
    PublicationState,
    PublicationWay,
    PublishOrder,
    Revision,
    Submission,
    Target,
)
from services import accounts, completeness, health, layouts, publishing
from services.bootstrap import Runtime
from services.errors import IncompleteSettings, InvalidInput, NotAllowed, NotFound, Refusal
from services.manuscript import blocks, pictures, wechat_markup
from services.ports import DeliveryError
from services.queries import destinations, publishing_stops, send_quotas
from services.rules.office_time import on_the_clock
from services.rules.permissions import PUBLISHES, Capability
from services.rules.publication_states import MAY_GO_OUT, Place, targets_of
from services.rules.publishing_ways import closed_ways
from services.rules.variants import Variant, fault_of
from services.sealed_content import asset_bytes
from services.sealing import fingerprint_of
from services.unit_of_work import UnitOfWork

NEAR = timedelta(minutes=15)
"""Two articles of one account so close together push each other out of sight."""

OUTDATED = timedelta(days=30)
"""An older self-test proves little."""

WORKER_SILENT = timedelta(minutes=2)
NO_WHITELIST = "40164"
ITEM = "稿件"

Acting = Callable[[], AbstractContextManager[UnitOfWork]]


class Grade(StrEnum):
    """What a line comes to."""

    FINE = "fine"
    NOTE = "note"  # it would go out; somebody should know this first
    REFUSED = "refused"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: where, what, how it stands, and a sentence that says what to do."""

    place: str
    check: str
    grade: Grade
    sentence: str


@dataclass(frozen=True)
class Plan:
    """What a person is about to queue; nothing given means what queueing would choose. `variants` are shorter editions
    by destination.
    """

    submission_id: int
    way: PublicationWay | None = None
    targets: tuple[Target, ...] | None = None
    at: datetime | None = None
    order: PublishOrder | None = None
    destinations: tuple[int, ...] | None = None
    variants: Mapping[int, Variant] = field(default_factory=dict)


def examine(runtime: Runtime, acting: Acting, plan: Plan) -> list[Line]:
    """All lines of a plan. Raises `NotAllowed` for who does not publish, `NotFound`."""
    with acting() as work:
        if not work.actor.reaches(Capability.PUBLISH):
            raise NotAllowed(PUBLISHES.sentence)
    with runtime.reading() as session:
        item = session.get(Submission, plan.submission_id)
        if item is None:
            raise NotFound("没有找到这篇稿件，请从列表重新打开。")
        content = session.get(Revision, item.sealed_revision_id) if item.sealed_revision_id else None
        account = session.get(OfficialAccount, item.account_id) if item.account_id else None
        look = _Look(runtime, session, plan, item, content, account)
        lines = list(look.lines())
    return [*lines, *_queueing(runtime, acting, plan, lines)]


def is_clear(lines: Sequence[Line]) -> bool:
    """Whether nothing would be refused."""
    return all(each.grade is not Grade.REFUSED for each in lines)


def _queueing(runtime: Runtime, acting: Acting, plan: Plan, lines: Sequence[Line]) -> Iterator[Line]:
    """What queueing would say, where the lines above have not said it."""
    try:
        with acting() as work:
            publishing.queue(
                work,
                runtime.secrets,
                submission_id=plan.submission_id,
                way=plan.way,
                targets=plan.targets,
                at=plan.at,
                order=plan.order,
                destinations=plan.destinations,
                variants=plan.variants,
            )
            work.session.rollback()
    except Refusal as refusal:
        if is_clear(lines):
            yield _refused(ITEM, "排入发布", refusal.sentence)
    else:
        if is_clear(lines):
            yield _fine(ITEM, "排入发布", "可以排入。")


@dataclass(frozen=True)
class _Look:
    """One look at one plan."""

    runtime: Runtime
    session: Session
    plan: Plan
    item: Submission
    content: Revision | None
    account: OfficialAccount | None

    @property
    def now(self) -> datetime:
        return self.runtime.now()

    @property
    def targets(self) -> tuple[Target, ...]:
        if self.plan.targets is None and self.plan.destinations is None:
            return targets_of(self.item.account_id)
        return self.plan.targets or ()

    @property
    def destinations(self) -> list[Destination]:
        if self.plan.targets is None and self.plan.destinations is None:
            return list(destinations.active(self.session))
        wanted = self.plan.destinations or ()
        return [each for each in destinations.every(self.session) if each.id in wanted]

    def lines(self) -> Iterator[Line]:
        yield from self._approval()
        yield from self._time()
        yield from self._worker()
        if self.content is not None:
            yield self._files(self.content)
        if Target.WECHAT in self.targets:
            yield from self._wechat()
        if Target.SITE in self.targets:
            yield self._site()
        for destination in self.destinations:
            yield self._further(destination)
            yield from self._edition(destination)

    # The item

    def _approval(self) -> Iterator[Line]:
        if self.item.state not in MAY_GO_OUT or self.content is None:
            state = self.item.state.label
            yield _refused(ITEM, "审批", f"稿件现在是“{state}”，终审通过后才能发布。")
        elif fingerprint_of(self.content) != self.item.seal:
            yield _refused(ITEM, "封版", "内容与终审通过的版本不一致：请退回重审，并告知系统管理员。")
        else:
            yield _fine(ITEM, "封版", f"与终审通过的版本一致（指纹 {(self.item.seal or '')[:12]}）。")

    def _time(self) -> Iterator[Line]:
        at, embargo = self.plan.at, self.item.embargo_until
        if at is not None and at < self.now - publishing.PAST_TOLERATED:
            yield _refused(ITEM, "时间", f"{on_the_clock(at)}已经过去：请改选以后的时间，或立即发布。")
        elif at is not None and embargo is not None and at < embargo:
            yield _refused(ITEM, "时间", f"最早 {on_the_clock(embargo)}才能发布：请改选之后的时间，或先取消这项限制。")
        elif at is not None:
            yield _fine(ITEM, "时间", f"{on_the_clock(at)}发布。")
        elif embargo is not None and embargo > self.now:
            yield _note(ITEM, "时间", f"排入后等到 {on_the_clock(embargo)}才发，此前各平台都不发。")
        else:
            yield _fine(ITEM, "时间", "立即发布。")

    def _worker(self) -> Iterator[Line]:
        seen = health.examine(self.runtime.engines).worker_seen_at
        if seen is None or self.now - seen > WORKER_SILENT:
            yield _note(ITEM, "发布程序", "后台发布程序没有在运行，排入后不会马上发：请系统管理员检查。")
        for stop in publishing_stops.standing(self.session, self.now):
            if stop.account_id is None:
                yield _note(ITEM, "急停", f"全部发布已停止（{stop.reason}），排入后要等恢复。")

    def _files(self, content: Revision) -> Line:
        cover = [content.cover_sha256] if content.cover_sha256 else []
        attached = [each["sha256"] for each in content.attachments]
        wanted = {*blocks.picture_hashes(content.body_html), *cover, *attached}
        try:
            for sha256 in wanted:
                asset_bytes(self.runtime.assets, sha256)
        except Refusal as refusal:
            return _refused(ITEM, "图片和附件", refusal.sentence)
        return _fine(ITEM, "图片和附件", f"{len(wanted)} 个文件齐全，没有被改动。" if wanted else "没有图片和附件。")

    # WeChat

    def _wechat(self) -> Iterator[Line]:
        account = self.account
        place = Target.WECHAT.label
        if account is None:
            yield _refused(place, "公众号", "这篇稿件没有选择公众号：请只选校园网站，或退回作者补选。")
            return
        if account.state is not AccountState.ACTIVE:
            yield _refused(place, "公众号", f"“{account.name}”{account.state.label}：请先在台账中恢复正常运行。")
        else:
            yield _fine(place, "公众号", f"“{account.name}”正常运行。")
        yield from self._already(Place(Target.WECHAT))
        way = self.plan.way or account.default_way
        if way is PublicationWay.MANUAL:
            yield _note(place, "发布方式", "由人在公众平台发出，再登记链接；系统不调用微信接口。")
            return
        yield from self._interface(account, way)
        yield from self._clash(account)
        if self.content is not None:
            yield from self._limits(account, self.content)

    def _interface(self, account: OfficialAccount, way: PublicationWay) -> Iterator[Line]:
        place = Target.WECHAT.label
        credentials = self._credentials(account)
        yield credentials
        if credentials.grade is Grade.FINE:
            yield self._right(account, way)
        closed = publishing_stops.closed_ways(self.session, account.id or 0, self.now)
        if way in closed:
            yield _refused(place, "暂停", closed[way])
        for stop in publishing_stops.standing(self.session, self.now):
            if stop.account_id is not None and stop.would_hold(account.id, way) and way not in closed:
                until = f"，{on_the_clock(stop.ends_at)}自动恢复" if stop.ends_at else ""
                yield _note(place, "暂停", f"排入后要等这项处理好{until}：{stop.reason}")
        if way is PublicationWay.MASS:
            yield self._sends(account)

    def _credentials(self, account: OfficialAccount) -> Line:
        try:
            known = accounts.credentials_of(account, self.runtime.secrets)
        except IncompleteSettings as refusal:
            return _refused(Target.WECHAT.label, "凭证", refusal.sentence)
        if known is None:
            return _refused(
                Target.WECHAT.label,
                "凭证",
                "没有登记 AppID 和 AppSecret：请系统管理员在“公众号台账”填写，或改选“人工发布后登记”。",
            )
        return _fine(Target.WECHAT.label, "凭证", "AppID 和 AppSecret 已登记。")

    def _right(self, account: OfficialAccount, way: PublicationWay) -> Line:
        place, check = Target.WECHAT.label, "接口权限"
        why_not = closed_ways(account).get(way)
        test = self.session.exec(
            select(AccountTest).where(AccountTest.account_id == account.id).order_by(col(AccountTest.id).desc())
        ).first()
        if test is None and why_not is not None:
            return _refused(place, check, why_not)
        if test is None or account.interface_right is InterfaceRight.UNTESTED:
            return _note(place, check, "还没有做过接口自检：建议先在“公众号台账”打开该号，按“开始自检”。")
        failed = [each for each in test.findings if not each["ok"]]
        if any(each["code"] == NO_WHITELIST for each in failed):
            return _refused(place, "IP 白名单", f"{failed[0]['sentence']}处理后再做一次接口自检。")
        if why_not is not None:
            return _refused(place, check, why_not)
        when = on_the_clock(test.tested_at)
        if self.now - test.tested_at > OUTDATED:
            return _note(place, check, f"上次自检是 {when}，已超过一个月，建议再做一次。")
        return _fine(place, check, f"“{way.label}”可用（{when}自检）。")

    def _sends(self, account: OfficialAccount) -> Line:
        start = max(self.plan.at or self.now, self.item.embargo_until or self.now)
        quota = send_quotas.sends_left(self.session, account, start, but_submission=self.item.id)
        if quota.left == 0:
            return _refused(
                Target.WECHAT.label, "群发次数", f"{quota.sentence}：请改约以后的日子，或改选不占次数的方式。"
            )
        return _note(Target.WECHAT.label, "群发次数", f"{quota.sentence}。全部粉丝都会收到通知。")

    def _clash(self, account: OfficialAccount) -> Iterator[Line]:
        start = max(self.plan.at or self.now, self.item.embargo_until or self.now)
        near = self.session.exec(
            select(Revision.title, Publication.run_after)
            .join(Revision, col(Revision.id) == col(Publication.revision_id))
            .where(
                Publication.account_id == account.id,
                Publication.submission_id != self.item.id,
                Publication.state == PublicationState.QUEUED,
                col(Publication.run_after).between(start - NEAR, start + NEAR),
            )
            .order_by(col(Publication.run_after))
        ).first()
        if near is not None:
            yield _note(
                Target.WECHAT.label,
                "时间冲突",
                f"《{near[0]}》排在 {on_the_clock(near[1])}，同一公众号相隔不到 15 分钟，建议错开。",
            )

    def _limits(self, account: OfficialAccount, content: Revision) -> Iterator[Line]:
        hashes = blocks.picture_hashes(content.body_html)
        body = completeness.as_long_as_on_wechat(content, layouts.theme_of(self.item, account))
        parts = (
            ("标题", "title", content.title, wechat_markup.LONGEST_TITLE),
            ("作者", "author", content.author, wechat_markup.LONGEST_AUTHOR),
            ("摘要", "digest", content.digest, wechat_markup.LONGEST_DIGEST),
        )
        for label, name, words, limit in parts:
            yield _within(label, f"{len(words)} 字，微信最多 {limit} 字。", **{name: words})
        most = wechat_markup.LONGEST_BODY
        yield _within("正文", f"连同排版 {len(body)} 字符，微信最多 {most} 字符。", wechat_html=body)
        yield self._cover(content)
        if hashes:
            yield self._pictures(hashes)

    def _cover(self, content: Revision) -> Line:
        place = Target.WECHAT.label
        if content.cover_sha256 is None:
            return _refused(place, "封面", "没有封面图片，公众号不接受：请退回补充封面后重新送审。")
        return self._picture(place, "封面", (content.cover_sha256,), pictures.for_wechat_cover)

    def _pictures(self, hashes: Sequence[str]) -> Line:
        wanted = tuple(dict.fromkeys(hashes))
        return self._picture(Target.WECHAT.label, "图片", wanted, pictures.for_wechat_body)

    def _picture(
        self,
        place: str,
        check: str,
        hashes: Sequence[str],
        fitted: Callable[[bytes, str], tuple[bytes, str]],
    ) -> Line:
        rows = self.session.exec(
            select(Asset.sha256, Asset.media_type).where(Asset.submission_id == self.item.id)
        ).all()
        kinds = dict(rows)
        sent = 0
        for number, sha256 in enumerate(hashes, start=1):
            try:
                file, _ = fitted(asset_bytes(self.runtime.assets, sha256), kinds[sha256])
            except Refusal as refusal:
                return _refused(place, check, f"第 {number} 张：{refusal.sentence}")
            sent += len(file)
        return _fine(place, check, f"{len(hashes)} 张，转成微信接受的格式和大小后共 {_size(sent)}。")

    # The campus site

    def _site(self) -> Line:
        already = list(self._already(Place(Target.SITE)))
        if already:
            return already[0]
        try:
            self.runtime.site.examine()
        except DeliveryError:
            sentence = "校园网站的目录不能写入：请系统管理员检查磁盘空间和目录权限。"
            return _refused(Target.SITE.label, "目录", sentence)
        return _fine(Target.SITE.label, "目录", "校园网站的目录可以写入。")

    def _further(self, destination: Destination) -> Line:
        place = Place(destination.kind, destination.id, destination.name)
        already = list(self._already(place))
        if already:
            return already[0]
        failed = [each for each in destination.findings if not each["ok"]]
        if not destination.active:
            return _refused(place.label, "去处", "没有启用：请系统管理员自检并启用，或不选它。")
        if failed or destination.tested_at is None:
            said = failed[0]["sentence"] if failed else "还没有自检。"
            return _refused(place.label, "去处", said)
        when = on_the_clock(destination.tested_at)
        if self.now - destination.tested_at > OUTDATED:
            return _note(place.label, "去处", f"上次自检是 {when}，已超过一个月，建议再做一次。")
        return _fine(place.label, "去处", f"可以发到这里（{when}自检）。")

    def _edition(self, destination: Destination) -> Iterator[Line]:
        variant = self.plan.variants.get(destination.id or 0, Variant())
        if variant == Variant() or self.content is None:
            return
        if destination.kind not in publishing.HAS_VARIANTS:
            yield _refused(destination.name, "另用的文字", "这里是和校园网站同样的网页，不能另用标题、摘要或图片。")
            return
        fault = fault_of(variant, title=self.content.title, digest=self.content.digest)
        if fault is not None:
            yield _refused(destination.name, "另用的文字", fault[1])
        else:
            yield _fine(destination.name, "另用的文字", "只删了字，没有添改，可以用。")

    def _already(self, place: Place) -> Iterator[Line]:
        rows = self.session.exec(
            select(Publication).where(
                Publication.submission_id == self.item.id,
                Publication.target == place.target,
                col(Publication.state).in_((*IN_FLIGHT, PublicationState.LIVE)),
            )
        )
        row = next((each for each in rows if place.holds(each)), None)
        if row is not None and row.state is PublicationState.QUEUED:
            yield _note(place.label, "已有任务", "已经在排队，再排入只会改动它的方式和时间。")
        elif row is not None:
            yield _refused(place.label, "已有任务", f"这里已是“{row.state.label}”，不能重复发布。")


def _within(label: str, fine: str, **part: str) -> Line:
    """Hold one part of an article against WeChat's limits, with nothing wrong about the others."""
    place = Target.WECHAT.label
    harmless = {"title": "题", "digest": "", "author": "", "wechat_html": "<p>文</p>"}
    try:
        advice = wechat_markup.check_wechat_limits(**(harmless | part))
    except InvalidInput as refusal:
        return _refused(place, label, f"{refusal.sentence}改动须重新送审。")
    return _note(place, label, advice[0]) if advice else _fine(place, label, fine)


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(count // 1000, 1)} kB"


def _fine(place: str, check: str, sentence: str) -> Line:
    return Line(place, check, Grade.FINE, sentence)


def _note(place: str, check: str, sentence: str) -> Line:
    return Line(place, check, Grade.NOTE, sentence)


def _refused(place: str, check: str, sentence: str) -> Line:
    return Line(place, check, Grade.REFUSED, sentence)
