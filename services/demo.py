"""The demo school (演练学校): a cast of all eight roles in several departments, accounts of each kind.

It is what a newcomer meets in a rehearsal. Nothing of it can reach a real account: its credentials exist only
on the rehearsal platform.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from models import AccountKind, AccountState, DepartmentKind, Person, Role
from services import accounts, departments, passwords, people
from services.ports import WeChatCredentials
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
    ("监督小组", DepartmentKind.ADMIN_DEPARTMENT),
    ("学校领导", DepartmentKind.ADMIN_DEPARTMENT),
    ("网络中心", DepartmentKind.ADMIN_DEPARTMENT),
)

CAST: tuple[CastMember, ...] = (
    CastMember("wangxm", "王晓敏", "教务处", (Role.CONTRIBUTOR,)),
    CastMember("zhangjg", "张建国", "教务处", (Role.DEPARTMENT_HEAD,)),
    CastMember("liyun", "李云", "党委宣传部", (Role.REVIEWER,)),
    CastMember("chenbz", "陈伯钧", "党委宣传部", (Role.APPROVER,)),
    CastMember("zhaoqi", "赵琪", "党委宣传部", (Role.PUBLISHER,)),
    CastMember("sunhm", "孙慧敏", "监督小组", (Role.SUPERVISOR,)),
    CastMember("guozf", "郭正方", "监督小组", (Role.SUPERVISOR,)),
    CastMember("xuyz", "徐远征", "学校领导", (Role.LEADER,)),
    CastMember("linke", "林可", "网络中心", (Role.ADMIN,)),
    CastMember("zhoum", "周敏", "学生处", (Role.CONTRIBUTOR,)),
    CastMember("huangh", "黄海", "学生处", (Role.DEPARTMENT_HEAD,)),
    CastMember("qianw", "钱薇", "计算机学院", (Role.CONTRIBUTOR, Role.DEPARTMENT_HEAD)),
    CastMember("maj", "马骏", "计算机学院", (Role.CONTRIBUTOR,)),
    CastMember("tangy", "唐颖", "党委宣传部", (Role.REVIEWER, Role.APPROVER)),
)


@dataclass(frozen=True)
class DemoAccount:
    name: str
    kind: AccountKind
    state: AccountState
    standing: str
    department: str
    theme: str


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("演练大学", AccountKind.SUBSCRIPTION, AccountState.ACTIVE, "verified", "党委宣传部", "campus"),
    DemoAccount("演练大学学生处", AccountKind.SERVICE, AccountState.ACTIVE, "verified", "学生处", "calm"),
    DemoAccount("演练大学团委", AccountKind.SUBSCRIPTION, AccountState.ACTIVE, "unverified", "校团委", "plain"),
    DemoAccount(
        "演练大学图书馆", AccountKind.SUBSCRIPTION, AccountState.SUSPENDED, "unverified", "党委宣传部", "plain"
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
        people.create_person(
            work,
            username=member.username,
            name=member.name,
            department_id=units[member.department],
            roles=member.roles,
            password_hash=password_hash,
        )
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
        )
