"""The demo school's last half year, so that a newcomer's lists and charts are not empty.

Everything is done through the services, by the people who may do it, at moments that lie in the past: the trail is
whole and every state has its history. What was published went to the rehearsal's campus site; the newest of it is
also queued for WeChat, where the running worker finds the rehearsal platform.
"""

from __future__ import annotations

import heapq
import io
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, cycle, islice
from typing import TypeAlias

import openpyxl
from sqlmodel import select

from models import (
    AccountState,
    Action,
    AuditAction,
    ContentCategory,
    Department,
    Discovery,
    Draft,
    OfficialAccount,
    OperatorPost,
    Person,
    PortraitAge,
    PublicationWay,
    RegisterEntry,
    Revision,
    Severity,
    Submission,
    Target,
    Violation,
    ViolationAction,
    ViolationKind,
)
from services import (
    account_requests,
    attachments,
    audit,
    checklist,
    consents,
    delivery,
    demo,
    findings,
    notices,
    operators,
    publishing,
    remarks,
    submissions,
    training,
    violations,
)
from services.bootstrap import Runtime
from services.demo_stories import STORIES, Story
from services.manuscript import anchors
from services.rules.consents import ConsentFields, end_of_school_year, school_year_of
from services.rules.office_time import OFFICE_ZONE, office_day
from services.submissions import DraftFields
from services.unit_of_work import UnitOfWork
from services.violations import perform as perform_on_case

HALF_A_YEAR = timedelta(days=182)
SETTLING_IN = timedelta(days=3)
"""Between the school's first day and its first item."""

UNREAD_FOR = timedelta(days=2)
"""Notices older than this were read at the time."""

ITEMS = 40
WISHED_AHEAD = timedelta(days=6)
"""What is new wants to be out so much later, so that the calendar has something to show."""

SENT_TO_WECHAT = 3
"""So many of the newest: an account without a word for half a year would count as abandoned."""

OPENS, CLOSES = 9, 17
"""Hours of the office in Beijing."""

Life: TypeAlias = Generator[datetime, None, None]
"""Something that goes on: it yields when it wants to go on, and does its next act when it is woken."""


def seed(runtime: Runtime) -> None:
    """Enter the demo school as of half a year ago, and what it did since.

    In a database that has people, change nothing. Takes a few seconds.
    """
    today = runtime.now()
    school = _School(runtime, now=_in_office_hours(today - HALF_A_YEAR - SETTLING_IN))
    if school.is_founded():
        _live(school, until=today)
        with runtime.as_system() as work:
            notices.settle_before(work, today - UNREAD_FOR)
        school.now = today
        school.send_to_wechat(school.published[-SENT_TO_WECHAT:])


def _live(school: _School, *, until: datetime) -> None:
    """Wake every life at its moment, in the order of the moments; what lies ahead of `until` does not happen."""
    numbers = count()
    ahead = [(plan.at, next(numbers), _item(school, plan)) for plan in _plans(until)]
    others = (
        _closed_case(school),
        _open_case(school, until),
        _application(school, until),
        _portraits(school, until),
        _team(school),
        _trained(school, until),
    )
    ahead += [(school.now, next(numbers), life) for life in others]
    heapq.heapify(ahead)
    while ahead:
        moment, _, life = heapq.heappop(ahead)
        if moment > until:
            return
        school.now = max(school.now, moment)
        wakes = next(life, None)
        if wakes is not None:
            heapq.heappush(ahead, (max(wakes, school.now), next(numbers), life))


# --- The school at a moment of its past ------------------------------------------------------------------


@dataclass
class _School:
    """The runtime with a clock of its own, and its people by their user names."""

    present: Runtime
    now: datetime
    people: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    published: list[int] = field(default_factory=list)

    @property
    def runtime(self) -> Runtime:
        return replace(self.present, clock=lambda: self.now)

    def is_founded(self) -> bool:
        """Found the school in an empty database; False where people are already."""
        with self.runtime.as_system() as work:
            if not demo.is_empty(work.session):
                return False
            audit.record(work, AuditAction.DATABASE_CREATED, "database", None, {"demo": True})
            demo.seed(work, self.present.secrets)
        with self.present.reading() as session:
            self.people = {each.username: each.id or 0 for each in session.exec(select(Person))}
            self.departments = {each.name: each.id or 0 for each in session.exec(select(Department))}
            self.accounts = {each.name: each.id or 0 for each in session.exec(select(OfficialAccount))}
        return True

    # Acts of one person at this moment.

    def write(self, plan: _Plan) -> int:
        """A draft; its id."""
        with self.runtime.acting_as(self.people[plan.author]) as work:
            draft = _fields(plan, account_id=self.accounts[MAIN_ACCOUNT], today=office_day(self.now))
            submission_id = submissions.start(work, draft=draft).id or 0
            if plan.story.table:
                self._attach(work, submission_id, plan.story)
            return submission_id

    def _attach(self, work: UnitOfWork, submission_id: int, story: Story) -> None:
        read = attachments.read(self.present.screener(), name="附表.xlsx", content=_sheet(story), now=self.now)
        attachments.attach(work, self.present.assets, submission_id=submission_id, seen_edition=1, attachment=read)

    def rewrite(self, plan: _Plan, submission_id: int) -> None:
        """What the author adds after a return."""
        with self.runtime.acting_as(self.people[plan.author]) as work:
            draft = work.session.get_one(Draft, submission_id)
            kept = submissions.draft_fields(draft)
            longer = replace(kept, body_html=f"{kept.body_html}<p>{plan.story.addition}</p>")
            submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=longer)

    def hand_in(self, plan: _Plan, submission_id: int) -> None:
        with self.runtime.acting_as(self.people[plan.author]) as work:
            submissions.prepare(work, self.present.assets, submission_id=submission_id)
            findings.check(work, self.present.screener(), submission_id=submission_id)
            version = work.session.get_one(Submission, submission_id).version
            submissions.submit(work, submission_id=submission_id, seen_version=version)

    def step(self, who: str, action: Action, submission_id: int, comment: str = "", clause: str = "") -> None:
        with self.runtime.acting_as(self.people[who]) as work:
            version = work.session.get_one(Submission, submission_id).version
            submissions.perform(
                work,
                action,
                submission_id=submission_id,
                seen_version=version,
                comment=comment,
                clause=clause,
            )

    def sign(self, plan: _Plan, who: str, action: Action, submission_id: int) -> None:
        """Sign a stage; the newest items with the checklist filled in, of the older ones nobody looks at it here."""
        if plan.fate in WAITING:
            self.fill_in_the_checklist(who, submission_id)
        self.step(who, action, submission_id)

    def fill_in_the_checklist(self, who: str, submission_id: int) -> None:
        """Everything the machine has no doubt about, as one click does."""
        with self.runtime.acting_as(self.people[who]) as work:
            seen = work.session.get_one(Submission, submission_id).revision_id or 0
            checklist.answer_rest(work, submission_id=submission_id, seen_revision_id=seen)

    def remark(self, who: str, submission_id: int, text: str) -> None:
        """A remark on the first sentence of the body."""
        with self.runtime.acting_as(self.people[who]) as work:
            revision = work.session.get_one(Revision, work.session.get_one(Submission, submission_id).revision_id)
            start, end = anchors.sentences(anchors.texts(revision)["body"])[0]
            remarks.add(
                work,
                submission_id=submission_id,
                seen_revision_id=revision.id or 0,
                field="body",
                start=start,
                end=end,
                text=text,
            )

    def publish(self, submission_id: int) -> None:
        """Put it on the campus site, and nowhere else."""
        with self.runtime.acting_as(self.people[PUBLISHER]) as work:
            publishing.queue(work, self.present.secrets, submission_id=submission_id, targets=[Target.SITE])
        delivery.deliver_due(self.runtime, worker=delivery.worker_name("demo"))
        self.published.append(submission_id)

    def send_to_wechat(self, submission_ids: list[int]) -> None:
        """Queue what is out on the campus site for WeChat too; delivered once a worker runs."""
        for submission_id in submission_ids:
            with self.runtime.acting_as(self.people[PUBLISHER]) as work:
                publishing.queue(
                    work,
                    self.present.secrets,
                    submission_id=submission_id,
                    way=PublicationWay.PUBLISH,
                    targets=[Target.WECHAT],
                )

    def handle(self, who: str, action: ViolationAction, violation_id: int, comment: str = "") -> None:
        with self.runtime.acting_as(self.people[who]) as work:
            version = work.session.get_one(Violation, violation_id).version
            perform_on_case(work, action, violation_id=violation_id, seen_version=version, comment=comment)


# --- What becomes of an item -----------------------------------------------------------------------------

MAIN_ACCOUNT = "演练大学"
REVIEWERS, APPROVER, PUBLISHER = ("liyun", "tangy"), "chenbz", "zhaoqi"


@dataclass(frozen=True)
class _Unit:
    """Who writes and who signs for a department."""

    author: str
    head: str


TRAINED = {"zhaoqi": 365, "liyun": 365, "huangh": 365, "zhoum": 45, "gaoy": 365, "fangm": 365}
"""For how many days each one's training holds; the last one was entered by mistake."""

ENDS_SOON = ConsentFields(name="演练学生甲", school_class="三（1）班", guardian="演练家长甲", relation="母亲")
PORTRAITS = (
    ConsentFields(name="演练学生乙", school_class="三（1）班", guardian="演练家长乙", relation="父亲"),
    ENDS_SOON,
    ConsentFields(name="演练学生丙", school_class="大学二年级", age=PortraitAge.ADULT, may_be_named=True),
    ConsentFields(name="演练学生丁", school_class="五（2）班", guardian="演练家长丁", relation="母亲"),
)
"""The last one withdraws."""

UNITS: Mapping[str, _Unit] = {
    "教务处": _Unit("wangxm", "zhangjg"),
    "学生处": _Unit("zhoum", "huangh"),
    "计算机学院": _Unit("maj", "qianw"),
    "校团委": _Unit("gaoy", "fangm"),
}


@dataclass(frozen=True)
class _Fate:
    """What becomes of an item: who sends it back, and after how many steps of its way it stops for now."""

    returned_by_head: str = ""
    returned_by_office: str = ""
    rejected: str = ""
    withdrawn: bool = False
    last_step: int = 9


SMOOTH = _Fate()
FATES: tuple[_Fate, ...] = (
    SMOOTH,
    SMOOTH,
    _Fate(returned_by_office="请补充活动的时间、地点和参加人数。"),
    SMOOTH,
    _Fate(returned_by_head="标题和正文里的活动名称不一致，请统一。"),
    SMOOTH,
    SMOOTH,
    _Fate(rejected="同一活动上周已经报道过，不再重复刊发。"),
    SMOOTH,
    SMOOTH,
    _Fate(returned_by_office="第二段口语较多，请按新闻稿的写法修改。"),
    SMOOTH,
    SMOOTH,
    _Fate(withdrawn=True),
    SMOOTH,
    SMOOTH,
    _Fate(returned_by_head="请与主办科室核对参加人数。"),
)

WAITING: tuple[_Fate, ...] = (
    _Fate(last_step=3),
    _Fate(last_step=3),
    _Fate(last_step=2),
    _Fate(returned_by_office="导语太长，请压缩到两句话。", last_step=2),
    _Fate(last_step=1),
    _Fate(last_step=1),
    _Fate(last_step=0),
    _Fate(last_step=0),
)
"""The newest items: approved and not yet published, before the approver, sent back, before the office, before the
head.
"""


@dataclass(frozen=True)
class _Plan:
    """One item: when it is handed in, what it tells, and what becomes of it. `number` counts its story's items."""

    at: datetime
    story: Story
    number: int
    fate: _Fate

    @property
    def author(self) -> str:
        return UNITS[self.story.department].author

    @property
    def head(self) -> str:
        return UNITS[self.story.department].head

    def hours(self, shortest: int, spread: int) -> timedelta:
        """A length of time that differs from item to item, and is the same at every start."""
        return timedelta(
            hours=shortest + (self.number * 7 + len(self.story.title) * 3) % spread, minutes=self.at.minute
        )


def _plans(until: datetime) -> list[_Plan]:
    fates = [*islice(cycle(FATES), ITEMS - len(WAITING)), *WAITING]
    numbers = {story.title: count(1) for story in STORIES}
    plans = []
    for place, fate in enumerate(fates):
        story = STORIES[place % len(STORIES)]
        plans.append(_Plan(_handed_in_at(place, until), story, next(numbers[story.title]), fate))
    return plans


def _handed_in_at(place: int, until: datetime) -> datetime:
    """Spread over the half year; the newest on the last working days, so that each still gets as far as it shall."""
    newest = place - (ITEMS - len(WAITING))
    if newest >= 0:
        return _working_days_before(until, len(WAITING) - newest) + timedelta(minutes=11 * newest)
    step = (HALF_A_YEAR - timedelta(days=14)) / (ITEMS - len(WAITING))
    return _in_office_hours(until - HALF_A_YEAR + step * place + timedelta(minutes=17 * place % 300))


def _item(school: _School, plan: _Plan) -> Life:
    """From the draft to the campus site, or to wherever its fate leads."""
    fate = plan.fate
    item = school.write(plan)
    yield school.now + timedelta(minutes=25)
    school.hand_in(plan, item)
    if fate.last_step == 0:
        return
    yield _in_office_hours(school.now + plan.hours(1, 9))
    if fate.returned_by_head:
        yield from _again(school, plan, item, plan.head, fate.returned_by_head)
    school.sign(plan, plan.head, Action.SIGN_OFF, item)
    if fate.withdrawn:
        yield _in_office_hours(school.now + plan.hours(2, 5))
        school.step(plan.author, Action.WITHDRAW, item)
        return
    if fate.last_step == 1:
        return
    yield _in_office_hours(school.now + plan.hours(3, 22))
    yield from _review(school, plan, item)


def _review(school: _School, plan: _Plan, item: int) -> Life:
    """What the office does."""
    fate, reviewer = plan.fate, REVIEWERS[plan.number % len(REVIEWERS)]
    if fate.rejected:
        school.step(reviewer, Action.REJECT, item, fate.rejected, "3.2")
        return
    if fate.returned_by_office:
        if fate.last_step == 2:
            school.remark(reviewer, item, "这一句可以只留时间、地点和活动名称。")
            school.step(reviewer, Action.RETURN, item, fate.returned_by_office, "3.2")
            return
        yield from _again(school, plan, item, reviewer, fate.returned_by_office)
        school.step(plan.head, Action.SIGN_OFF, item)
        yield _in_office_hours(school.now + plan.hours(2, 10))
    school.sign(plan, reviewer, Action.PASS, item)
    if fate.last_step == 2:
        return
    yield _in_office_hours(school.now + plan.hours(2, 16))
    school.sign(plan, APPROVER, Action.APPROVE, item)
    if fate.last_step == 3:
        return
    yield _in_office_hours(school.now + plan.hours(1, 6))
    school.publish(item)


def _again(school: _School, plan: _Plan, item: int, who: str, reason: str) -> Life:
    """Sent back, improved and handed in anew; it ends when the head's turn comes again."""
    school.step(who, Action.RETURN, item, reason, "3.2")
    yield _in_office_hours(school.now + plan.hours(4, 20))
    school.rewrite(plan, item)
    school.hand_in(plan, item)
    yield _in_office_hours(school.now + plan.hours(1, 7))


# --- Two cases -------------------------------------------------------------------------------------------


def _sheet(story: Story) -> bytes:
    book = openpyxl.Workbook()
    for row in story.table:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _closed_case(school: _School) -> Life:
    """A slip in a published item: recorded, put right, decided and closed by three people."""
    yield _in_office_hours(school.now + timedelta(days=70))
    with school.runtime.acting_as(school.people["liyun"]) as work:
        item = work.session.get_one(Submission, school.published[-1])
        case = violations.record(
            work,
            kind=ViolationKind.WORDING,
            severity=Severity.MINOR,
            department_id=item.department_id,
            submission_id=item.id,
            clause="3.3",
            facts=f"《{item.title}》正文第二段把活动地点写错，读者留言指出。",
            happened_on=office_day(school.now),
            discovery=Discovery.COMPLAINT,
            done_at_once="半小时内更正了校园网站上的页面，并在文末注明更正。",
        ).id
        head = next(unit.head for name, unit in UNITS.items() if school.departments[name] == item.department_id)
    for who, action, comment in (
        ("liyun", ViolationAction.INVESTIGATE, ""),
        ("liyun", ViolationAction.ORDER, "请核对本季度已发稿件的时间和地点，三个工作日内报告。"),
        (head, ViolationAction.REPORT_FIXED, "已核对九篇，没有同类差错；今后由供稿人和科室各核一遍。"),
        ("sunhm", ViolationAction.DECIDE, "事实清楚，影响较小，更正及时，按一般违规处理。"),
        ("guozf", ViolationAction.CLOSE, ""),
    ):
        yield _in_office_hours(school.now + timedelta(hours=26))
        school.handle(who, action, case or 0, comment)


def _open_case(school: _School, until: datetime) -> Life:
    """A picture without a licence, found by the oversight group: it waits for the department."""
    yield _in_office_hours(until - timedelta(days=12))
    with school.runtime.acting_as(school.people["guozf"]) as work:
        case = violations.record(
            work,
            kind=ViolationKind.COPYRIGHT,
            severity=Severity.MAJOR,
            department_id=school.departments["校团委"],
            account_id=school.accounts["演练大学团委"],
            people=[school.people["gaoy"]],
            clause="3.2",
            facts="抽查发现海报使用的插画没有授权记录，图库显示为付费素材。",
            happened_on=office_day(school.now) - timedelta(days=2),
            discovery=Discovery.INSPECTION,
            done_at_once="已通知撤下海报，并截图留存。",
        ).id
    yield _in_office_hours(school.now + timedelta(hours=5))
    school.handle("guozf", ViolationAction.INVESTIGATE, case or 0)
    yield _in_office_hours(school.now + timedelta(days=3))
    school.handle("guozf", ViolationAction.ORDER, case or 0, "请核对今年用图的授权，补办或更换，并报告结果。")


def _portraits(school: _School, until: datetime) -> Life:
    """Signed consents of pupils who visited: one ends soon, one was withdrawn before any picture was used."""
    yield _in_office_hours(until - timedelta(days=40))
    today = office_day(school.now)
    for person in PORTRAITS:
        ends_on = today + timedelta(days=60) if person == ENDS_SOON else end_of_school_year(today)
        fields = replace(person, occasion=school_year_of(today), signed_on=today, valid_until=ends_on)
        with school.runtime.acting_as(school.people["liyun"]) as work:
            consent = consents.record(work, school.present.secrets, school.present.assets, fields=fields)
    yield _in_office_hours(school.now + timedelta(days=20))
    with school.runtime.acting_as(school.people[PUBLISHER]) as work:
        consents.withdraw(work, consent_id=consent.id or 0, reason="家长来电，不同意继续使用照片。")


def _team(school: _School) -> Life:
    """Each account that runs gets its A and B of the register; the suspended one still lacks them."""
    yield _in_office_hours(school.now + SETTLING_IN)
    names = {each.name: each.username for each in demo.CAST}
    running = [each for each in demo.ACCOUNTS if each.state is AccountState.ACTIVE]
    for account in running:
        for post, name in ((OperatorPost.A, account.entry.admin_a), (OperatorPost.B, account.entry.admin_b)):
            with school.runtime.acting_as(school.people[APPROVER]) as work:
                operators.name_operator(
                    work,
                    account_id=school.accounts[account.name],
                    person_id=school.people[names[name]],
                    post=post,
                    starts_on=office_day(school.now),
                )


def _trained(school: _School, until: datetime) -> Life:
    """A training of a month ago: one of them is due again soon, one was entered although he was not there."""
    yield _in_office_hours(until - timedelta(days=30))
    held_on = office_day(school.now)
    with school.runtime.acting_as(school.people[APPROVER]) as work:
        for who, days in TRAINED.items():
            entered = training.enter(
                work,
                person_id=school.people[who],
                subject="新媒体内容审核与保密培训",
                done_on=held_on,
                valid_until=held_on + timedelta(days=days),
            )
        training.strike(work, training_id=entered.id or 0, reason="当天请假，没有参加，按签到表更正")


def _application(school: _School, until: datetime) -> Life:
    """A faculty asks for an account of its own: it waits for the office."""
    yield _in_office_hours(until - timedelta(days=2))
    with school.runtime.acting_as(school.people["qianw"]) as work:
        account_requests.apply_for_account(
            work,
            name="演练大学计算机学院",
            owner_department_id=school.departments["计算机学院"],
            entry=RegisterEntry(
                purpose="发布学院通知、学术讲座和竞赛消息",
                first_responsible="钱薇",
                admin_a="钱薇",
                admin_b="马骏",
                contact="010-60000012",
                planned_per_month=6,
            ),
            reason="学院学术活动多，主号版面有限，申请开通学院订阅号。",
        )


# --- Words and hours -------------------------------------------------------------------------------------


def _fields(plan: _Plan, *, account_id: int, today: date) -> DraftFields:
    day = today - timedelta(days=1)
    words = {"number": plan.number, "month": day.month, "day": day.day, "people": 24 + plan.number * 9}
    story = plan.story
    return DraftFields(
        title=story.title.format(**words),
        digest=story.digest.format(**words),
        author=f"{story.department}供稿",
        body_html="".join(f"<p>{text.format(**words)}</p>" for text in story.body.splitlines()),
        account_id=account_id,
        category=story.category,
        event_date=None if story.category is ContentCategory.FEATURE else day,
        wanted_at=_wish(today, plan.number) if plan.fate in WAITING else None,
        declared_no_secrets=True,
        declared_rights=True,
    )


def _wish(written_on: date, number: int) -> datetime:
    """When the author of something new would like it out: some days on, in the afternoon of a working day."""
    afternoon = datetime.combine(written_on + WISHED_AHEAD, time(14 + number % 3), OFFICE_ZONE)
    return _in_office_hours(afternoon).astimezone(UTC)


def _in_office_hours(moment: datetime) -> datetime:
    """The moment itself, or the next morning of a working day if the office is closed."""
    local = moment.astimezone(OFFICE_ZONE)
    if local.hour >= CLOSES:
        local = (local + timedelta(days=1)).replace(hour=OPENS)
    elif local.hour < OPENS:
        local = local.replace(hour=OPENS)
    while local.weekday() >= 5:
        local = (local + timedelta(days=1)).replace(hour=OPENS)
    return local.astimezone(moment.tzinfo)


def _working_days_before(moment: datetime, days: int) -> datetime:
    """Ten o'clock on the working day that lies so many working days before."""
    day = moment.astimezone(OFFICE_ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
    while days:
        day -= timedelta(days=1)
        days -= day.weekday() < 5
    return day.astimezone(moment.tzinfo)
