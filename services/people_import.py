"""从表格导入人员: an Excel sheet read row by row, every fault told with its row; nothing is written unasked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from models import AuditAction, Department, Person, Role
from services import audit, passwords, people, reset_codes, sheets
from services.errors import InvalidInput, Refusal
from services.reset_codes import IssuedCode
from services.rules.office_time import office_day
from services.rules.typed import persons_name
from services.secret_box import SecretBox
from services.sheets import Cells, FaultyRow, Shape
from services.unit_of_work import UnitOfWork

USERNAME, NAME, DEPARTMENT, ROLES = "用户名", "姓名", "部门", "角色"
SINCE, UNTIL, PHONE, STUDENT = "开始日期", "结束日期", "工作电话", "学生"
NEEDED = (USERNAME, NAME, DEPARTMENT, ROLES)
COLUMNS = (*NEEDED, SINCE, UNTIL, PHONE, STUDENT)
EXAMPLE = ("wangxm", "王晓敏", "教务处", "通讯员", "2026-09-01", "2027-06-30", "8123-4567", "否")
SHAPE = Shape(
    columns=COLUMNS,
    needed=NEEDED,
    most_rows=500,
    of="人员",
    counted="人",
    advice="（不要收集身份证号、生日等用不到的信息）",
)


@dataclass(frozen=True)
class Newcomer:
    """A row that can be entered; `number` is its row in the sheet."""

    number: int
    username: str
    name: str
    department_id: int
    department: str
    roles: tuple[Role, ...]
    since: date
    until: date | None
    phone: str = field(repr=False)
    is_student: bool


@dataclass(frozen=True)
class Plan:
    """What a sheet would do."""

    good: Sequence[Newcomer]
    faulty: Sequence[FaultyRow]


@dataclass(frozen=True)
class _Register:
    """What the rows are checked against."""

    departments: dict[str, int]
    usernames: frozenset[str]
    today: date


def template() -> bytes:
    """An empty sheet with the columns and one example row."""
    return sheets.written("人员", [COLUMNS, EXAMPLE], width=16)


def codes_sheet(codes: Sequence[IssuedCode]) -> bytes:
    """The one-time codes of the people just entered, to be handed out."""
    rows = [("姓名", USERNAME, "一次性登录码"), *((each.name, each.username, each.code) for each in codes)]
    return sheets.written("一次性登录码", rows, width=20)


def plan(session: Session, content: bytes, now: datetime) -> Plan:
    """Read a sheet and say which rows could be entered; writes nothing.

    Raises `UnreadableFile` for what is no Excel file or a too large one, `InvalidInput` for columns that are
    missing or unknown.
    """
    register = _Register(
        departments=_departments(session),
        usernames=frozenset(session.exec(select(Person.username))),
        today=office_day(now),
    )
    good: list[Newcomer] = []
    faulty: list[FaultyRow] = []
    for number, cells in sheets.rows(content, SHAPE):
        faults: list[str] = []
        newcomer = _read(number, cells, register, faults)
        if newcomer is not None and newcomer.username in {each.username for each in good}:
            faults.append(f"用户名“{newcomer.username}”在表格里出现了两次")
        if newcomer is None or faults:
            faulty.append(FaultyRow(number, sheets.text(cells, NAME), tuple(faults)))
        else:
            good.append(newcomer)
    if not good and not faulty:
        raise InvalidInput("表格里没有人员：请从第 2 行起填写，每人一行。")
    return Plan(good, faulty)


def _departments(session: Session) -> dict[str, int]:
    rows = session.exec(select(Department.name, Department.id).where(col(Department.active)))
    return {name: id_ for name, id_ in rows if id_ is not None}


def carry_out(work: UnitOfWork, box: SecretBox, good: Iterable[Newcomer]) -> list[IssuedCode]:
    """Enter the rows of a plan, all or none, each with a first one-time code. Raises what `create_person` does."""
    codes = []
    for each in good:
        person = people.create_person(
            work,
            username=each.username,
            name=each.name,
            department_id=each.department_id,
            roles=each.roles,
            password_hash=passwords.NONE,
            since=each.since,
            until=each.until,
            phone=each.phone,
            is_student=each.is_student,
        )
        codes.append(reset_codes.issue_first(work, box, person_id=person.id or 0))
    audit.record(work, AuditAction.PEOPLE_IMPORTED, "person", None, {"people": len(codes)})
    return codes


# --- One row ---------------------------------------------------------------------------------------------


def _read(number: int, cells: Cells, register: _Register, faults: list[str]) -> Newcomer | None:
    """The row as a newcomer, or None; what is wrong is added to `faults`."""
    username, department = sheets.text(cells, USERNAME).lower(), sheets.text(cells, DEPARTMENT)
    if not people.USERNAME.fullmatch(username):
        faults.append("用户名须为 2 至 39 位小写字母、数字、点、横线，以字母开头")
    elif username in register.usernames:
        faults.append(f"用户名“{username}”已被使用")
    if department not in register.departments:
        faults.append(f"没有名为“{department}”的部门，请先新建" if department else "没有填写部门")
    roles = _roles(sheets.words(cells, ROLES), faults)
    is_student = sheets.yes(cells, STUDENT, faults)
    since = sheets.day(cells, SINCE, faults) or register.today
    until = sheets.day(cells, UNTIL, faults)
    name, phone = persons_name(sheets.text(cells, NAME)), sheets.text(cells, PHONE)
    for check in (
        lambda: people.checked_name(name),
        lambda: people.checked_phone(phone),
        lambda: people.check_term(since, until, is_student=is_student),
    ):
        try:
            check()
        except Refusal as refusal:
            faults.append(refusal.sentence.rstrip("。"))
    if faults:
        return None
    return Newcomer(
        number, username, name, register.departments[department], department, roles, since, until, phone, is_student
    )


def _roles(words: list[str], faults: list[str]) -> tuple[Role, ...]:
    known = {each.label: each for each in Role}
    unknown = [word for word in words if word not in known]
    if unknown:
        faults.append(f"没有“{'、'.join(unknown)}”这个角色，可填：{'、'.join(known)}")
    if not words:
        faults.append("没有填写角色")
    return tuple(known[word] for word in dict.fromkeys(words) if word in known)
