"""从表格导入人员: an Excel sheet read row by row, every fault told with its row; nothing is written unasked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from sqlmodel import Session, col, select

from models import AuditAction, Department, Person, Role
from services import audit, passwords, people, reset_codes
from services.errors import InvalidInput, Refusal, UnreadableFile
from services.reset_codes import IssuedCode
from services.rules.office_time import office_day
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

USERNAME, NAME, DEPARTMENT, ROLES = "用户名", "姓名", "部门", "角色"
SINCE, UNTIL, PHONE, STUDENT = "开始日期", "结束日期", "工作电话", "学生"
NEEDED = (USERNAME, NAME, DEPARTMENT, ROLES)
COLUMNS = (*NEEDED, SINCE, UNTIL, PHONE, STUDENT)
EXAMPLE = ("wangxm", "王晓敏", "教务处", "通讯员", "2026-09-01", "2027-06-30", "8123-4567", "否")
MOST_ROWS = 500
MOST_COLUMNS = 20
MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 30 * 1024 * 1024
SEPARATORS = str.maketrans(dict.fromkeys("，,;；/ \n", "、"))
YES, NO = ("是", "√", "y", "yes", "1"), ("", "否", "n", "no", "0")

Cells = dict[str, object]


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
    phone: str
    is_student: bool


@dataclass(frozen=True)
class FaultyRow:
    """A row that cannot, and why."""

    number: int
    name: str
    faults: tuple[str, ...]


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
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "人员"
    sheet.append(COLUMNS)
    sheet.append(EXAMPLE)
    for letter in "ABCDEFGH":
        sheet.column_dimensions[letter].width = 16
    return _saved(book)


def codes_sheet(codes: Sequence[IssuedCode]) -> bytes:
    """The one-time codes of the people just entered, to be handed out."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "一次性登录码"
    sheet.append(("姓名", USERNAME, "一次性登录码"))
    for each in codes:
        sheet.append((each.name, each.username, each.code))
    for letter in "ABC":
        sheet.column_dimensions[letter].width = 20
    return _saved(book)


def _saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


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
    for number, cells in _rows(content):
        faults: list[str] = []
        newcomer = _read(number, cells, register, faults)
        if newcomer is not None and newcomer.username in {each.username for each in good}:
            faults.append(f"用户名“{newcomer.username}”在表格里出现了两次")
        if newcomer is None or faults:
            faulty.append(FaultyRow(number, _text(cells, NAME), tuple(faults)))
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


# --- The sheet -------------------------------------------------------------------------------------------


def _rows(content: bytes) -> Iterator[tuple[int, Cells]]:
    """The filled rows below the headings, each with its number in the sheet."""
    _refuse_large(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # Only so many, whatever the file claims; one more row than allowed, so that too many is noticed.
        rows = list(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError) as fault:
        raise UnreadableFile("这不是可以读取的 Excel 文件（.xlsx）。请下载模板，填好后再上传。") from fault
    headings = _headings(rows[0] if rows else ())
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(_shown(each) for each in row)]
    if len(filled) > MOST_ROWS or len(rows) > MOST_ROWS + 1:
        raise UnreadableFile(f"表格太长：一次最多导入 {MOST_ROWS} 人，请分成几个文件。")
    for number, row in filled:
        yield number, {name: row[place] for name, place in headings.items() if place < len(row)}


def _refuse_large(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise UnreadableFile("文件太大：人员表格不超过 2 MB。请只保留要导入的这一张表。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
    except zipfile.BadZipFile as fault:
        raise UnreadableFile("这不是可以读取的 Excel 文件（.xlsx）。请下载模板，填好后再上传。") from fault
    if unpacked > MOST_UNPACKED:
        raise UnreadableFile("文件展开后太大，没有读取。请新建一个表格，只粘贴要导入的人员。")


def _headings(first: Sequence[object]) -> dict[str, int]:
    named = {_shown(cell): place for place, cell in enumerate(first) if _shown(cell)}
    unknown = [name for name in named if name not in COLUMNS]
    if unknown:
        raise InvalidInput(
            f"表格里有不认识的列：{'、'.join(unknown)}。只能有这些列：{'、'.join(COLUMNS)}。"
            "请删去多余的列（不要收集身份证号、生日等用不到的信息）。"
        )
    missing = [name for name in NEEDED if name not in named]
    if missing:
        raise InvalidInput(f"表格缺少这些列：{'、'.join(missing)}。请用模板填写，第 1 行是列名。")
    return named


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


# --- One row ---------------------------------------------------------------------------------------------


def _read(number: int, cells: Cells, register: _Register, faults: list[str]) -> Newcomer | None:
    """The row as a newcomer, or None; what is wrong is added to `faults`."""
    username, department = _text(cells, USERNAME).lower(), _text(cells, DEPARTMENT)
    if not people.USERNAME.fullmatch(username):
        faults.append("用户名须为 2 至 39 位小写字母、数字、点、横线，以字母开头")
    elif username in register.usernames:
        faults.append(f"用户名“{username}”已被使用")
    if department not in register.departments:
        faults.append(f"没有名为“{department}”的部门，请先新建" if department else "没有填写部门")
    roles = _roles(_text(cells, ROLES), faults)
    is_student = _yes(_text(cells, STUDENT), faults)
    since = _day(cells, SINCE, faults) or register.today
    until = _day(cells, UNTIL, faults)
    name, phone = _text(cells, NAME), _text(cells, PHONE)
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


def _text(cells: Cells, name: str) -> str:
    cell = cells.get(name)
    # A telephone typed as a number arrives as one.
    return _shown(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


def _roles(typed: str, faults: list[str]) -> tuple[Role, ...]:
    words = [word for word in typed.translate(SEPARATORS).split("、") if word]
    known = {each.label: each for each in Role}
    unknown = [word for word in words if word not in known]
    if unknown:
        faults.append(f"没有“{'、'.join(unknown)}”这个角色，可填：{'、'.join(known)}")
    if not words:
        faults.append("没有填写角色")
    return tuple(known[word] for word in dict.fromkeys(words) if word in known)


def _yes(typed: str, faults: list[str]) -> bool:
    if typed.lower() not in (*YES, *NO):
        faults.append(f"“学生”一列只能填“是”或“否”，现在是“{typed}”")
    return typed.lower() in YES


def _day(cells: Cells, name: str, faults: list[str]) -> date | None:
    cell = cells.get(name)
    if isinstance(cell, datetime):
        return cell.date()
    typed = _shown(cell)
    if not typed:
        return None
    for separator in ("/", "."):
        typed = typed.replace(separator, "-")
    try:
        return date(*(int(part) for part in typed.split("-")))
    except (ValueError, TypeError):
        faults.append(f"{name}“{_shown(cell)}”不是日期，请写成 2026-09-01")
        return None
