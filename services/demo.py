"""The demo school (演练学校): a cast of all eight roles in several departments, accounts of each kind.

It is what a newcomer meets in a rehearsal. Nothing of it can reach a real account: its credentials exist only
on the rehearsal platform.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, select

from models import AccountKind, AccountLevel, AccountState, DepartmentKind, Person, RegisterEntry, Role, SchoolFactKind
from services import (
    accounts,
    departments,
    emergencies,
    lexicon,
    occasions,
    passwords,
    people,
    school_facts,
    send_limits,
)
from services.ports import WeChatCredentials
from services.rules.office_time import office_day
from services.rules.send_quota import LONGEST, SendLimits
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

DEMO_PASSWORD = "Yanlian-2026"  # noqa: S105  # printed on the sign-in page of every rehearsal


@dataclass(frozen=True)
class CastMember:
    username: str
    name: str
    department: str
    roles: tuple[Role, ...]


DEPARTMENTS: tuple[tuple[str, DepartmentKind], ...] = (
    ("党委宣传部", DepartmentKind.PUBLICITY_OFFICE),
    ("教务处", DepartmentKind.ADMIN_DEPARTMENT),
    ("学生处", DepartmentKind.ADMIN_DEPARTMENT),
    ("计算机学院", DepartmentKind.TEACHING_UNIT),
    ("校团委", DepartmentKind.MASS_ORGANISATION),
    ("纪检监察室", DepartmentKind.ADMIN_DEPARTMENT),
    ("校长办公室", DepartmentKind.ADMIN_DEPARTMENT),
    ("网络中心", DepartmentKind.ADMIN_DEPARTMENT),
)

SCHOOL_FACTS: tuple[tuple[SchoolFactKind, str], ...] = (
    (SchoolFactKind.NAME, "演练大学"),
    (SchoolFactKind.OWN_DOMAIN, "yanlian.example"),
    (SchoolFactKind.STUDENT_NUMBER, "2026######"),
    (SchoolFactKind.STAFF_NUMBER, "YL####"),
)

CAST: tuple[CastMember, ...] = (
    CastMember("wangxm", "王晓敏", "教务处", (Role.CONTRIBUTOR,)),
    CastMember("zhangjg", "张建国", "教务处", (Role.DEPARTMENT_HEAD,)),
    CastMember("liyun", "李云", "党委宣传部", (Role.REVIEWER,)),
    CastMember("chenbz", "陈伯钧", "党委宣传部", (Role.APPROVER,)),
    CastMember("zhaoqi", "赵琪", "党委宣传部", (Role.PUBLISHER,)),
    CastMember("sunhm", "孙慧敏", "纪检监察室", (Role.SUPERVISOR,)),
    CastMember("guozf", "郭正方", "纪检监察室", (Role.SUPERVISOR,)),
    CastMember("xuyz", "徐远征", "校长办公室", (Role.LEADER,)),
    CastMember("linke", "林可", "网络中心", (Role.ADMIN,)),
    CastMember("zhoum", "周敏", "学生处", (Role.CONTRIBUTOR,)),
    CastMember("huangh", "黄海", "学生处", (Role.DEPARTMENT_HEAD,)),
    CastMember("qianw", "钱薇", "计算机学院", (Role.CONTRIBUTOR, Role.DEPARTMENT_HEAD)),
    CastMember("maj", "马骏", "计算机学院", (Role.CONTRIBUTOR,)),
    CastMember("gaoy", "高怡", "校团委", (Role.CONTRIBUTOR,)),
    CastMember("fangm", "方明", "校团委", (Role.DEPARTMENT_HEAD,)),
    CastMember("tangy", "唐颖", "党委宣传部", (Role.REVIEWER, Role.APPROVER)),
)


OPENS_EMERGENCIES = ("liyun", "chenbz", "tangy")
"""Who may bring an item into the emergency channel."""


@dataclass(frozen=True)
class DemoAccount:
    name: str
    kind: AccountKind
    state: AccountState
    standing: str
    department: str
    theme: str
    entry: RegisterEntry


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        "演练大学",
        AccountKind.SUBSCRIPTION,
        AccountState.ACTIVE,
        "verified",
        "党委宣传部",
        "campus",
        RegisterEntry(
            level=AccountLevel.SCHOOL,
            external_facing=True,
            purpose="学校官方发布：要闻、通知和校园故事",
            planned_per_month=20,
            first_responsible="陈伯钧",
            leader_in_charge="徐远征",
            admin_a="李云",
            admin_b="唐颖",
            contact="010-60000001",
            password_custodian="赵琪",  # noqa: S106  # who keeps the password, not the password
            login_protection=True,
            emblem_authorised=True,
            wechat_id="yldx",
        ),
    ),
    DemoAccount(
        "演练大学学生处",
        AccountKind.SERVICE,
        AccountState.ACTIVE,
        "verified",
        "学生处",
        "calm",
        RegisterEntry(
            purpose="学生事务办理与通知",
            planned_per_month=8,
            first_responsible="黄海",
            admin_a="黄海",
            admin_b="周敏",
            contact="010-60000002",
            password_custodian="周敏",  # noqa: S106  # as above
            login_protection=True,
            wechat_id="yldx_xsc",
        ),
    ),
    DemoAccount(
        "演练大学团委",
        AccountKind.SUBSCRIPTION,
        AccountState.ACTIVE,
        "unverified",
        "校团委",
        "plain",
        RegisterEntry(
            purpose="团学活动与志愿服务",
            planned_per_month=4,
            first_responsible="方明",
            admin_a="方明",
            admin_b="高怡",
            contact="010-60000003",
            wechat_id="yldx_tw",
        ),
    ),
    DemoAccount(
        "演练大学图书馆",
        AccountKind.SUBSCRIPTION,
        AccountState.SUSPENDED,
        "unverified",
        "党委宣传部",
        "plain",
        RegisterEntry(
            purpose="馆藏推荐与借阅通知",
            planned_per_month=2,
            first_responsible="陈伯钧",
            admin_a="李云",
            admin_b="赵琪",
            contact="010-60000004",
            wechat_id="yldx_tsg",
            exception_reason="图书馆暂无专职人员，由宣传部代管",
        ),
    ),
)


def is_empty(session: Session) -> bool:
    """Whether nobody has been entered yet."""
    return session.exec(select(Person.id)).first() is None


def seed(work: UnitOfWork, box: SecretBox) -> None:
    """Enter the demo school into an empty database."""
    # One hash for the whole cast: they share a printed password, and each hash takes 0.3 s.
    password_hash = passwords.hash_password(DEMO_PASSWORD)
    units = {name: departments.create(work, name=name, kind=kind).id or 0 for name, kind in DEPARTMENTS}
    for member in CAST:
        person = people.create_person(
            work,
            username=member.username,
            name=member.name,
            department_id=units[member.department],
            roles=member.roles,
            password_hash=password_hash,
        )
        if member.username in OPENS_EMERGENCIES:
            emergencies.list_person(work, person_id=person.id or 0)
    occasions.start(work)
    for kind, value in SCHOOL_FACTS:
        school_facts.add(work, kind=kind, value=value)
    lexicon.start(work)
    # As the rehearsal's WeChat allows: one send a day would be over with the first person who practises.
    send_limits.set_limits(work, limits=SendLimits(subscription_per_day=LONGEST, service_per_month=LONGEST))
    for number, each in enumerate(ACCOUNTS, start=1):
        accounts.register(
            work,
            box,
            name=each.name,
            kind=each.kind,
            owner_department_id=units[each.department],
            credentials=WeChatCredentials(f"wx{number:016x}", f"{number:032x}"),
            verified=each.standing == "verified",
            state=each.state,
            theme=each.theme,
            entry=_dated(each, office_day(work.now)),
        )


def _dated(account: DemoAccount, today: date) -> RegisterEntry:
    """The entry with a verification that is renewed every year."""
    until = today + timedelta(days=300) if account.standing == "verified" else None
    return account.entry.model_copy(update={"verified_until": until})
