"""从表格导入肖像授权: a class's signed papers in one sheet, every fault told with its row; nothing half written.

A sheet that is read twice enters nobody twice: a paper of the same person, class and day is known already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from models import AuditAction, PortraitAge, PortraitConsent, PortraitScope
from services import audit, consents, sheets
from services.errors import InvalidInput, NotAllowed, StaleState
from services.ports import AssetStore
from services.rules.consents import ConsentFields, end_of_school_year, fault_of, masked_name, school_year_of
from services.rules.office_time import office_day
from services.rules.permissions import Actor, Capability
from services.secret_box import SecretBox
from services.sheets import Cells, FaultyRow, Shape
from services.unit_of_work import UnitOfWork

NAME, CLASS, AGE, GUARDIAN, RELATION, CONTACT = "姓名", "班级", "年龄", "监护人", "与本人关系", "联系方式"
SCOPES, OCCASION, NAMED, SIGNED, UNTIL = "使用范围", "活动或学年", "可以署名", "签署日期", "有效期至"
COLUMNS = (NAME, CLASS, AGE, GUARDIAN, RELATION, CONTACT, SCOPES, OCCASION, NAMED, SIGNED, UNTIL)
NEEDED = (NAME, AGE, SCOPES, SIGNED)
AGES = {"未满14": PortraitAge.CHILD, "14至17": PortraitAge.YOUTH, "成年": PortraitAge.ADULT}
"""How the age is written in a sheet."""
EXAMPLE = (
    "王小明", "三（2）班", "未满14", "王大明", "父亲", "", "公众号、校园网站", "2026—2027 学年", "否", "2026-09-01",
    "2027-07-31",
)  # fmt: skip
SHAPE = Shape(
    columns=COLUMNS,
    needed=NEEDED,
    most_rows=300,
    of="授权",
    counted="份",
    advice="（不要收集身份证号、生日、住址等用不到的信息）",
)
LONGEST = {NAME: 40, CLASS: 40, GUARDIAN: 40, RELATION: 20, CONTACT: 40, OCCASION: 80}
"""Characters, as in the form."""


@dataclass(frozen=True)
class Paper:
    """A row that can be entered; `number` is its row in the sheet."""

    number: int
    fields: ConsentFields = field(repr=False)

    @property
    def shown_name(self) -> str:
        return masked_name(self.fields.name)


@dataclass(frozen=True)
class Plan:
    """What a sheet would do; faulty rows name people masked."""

    good: Sequence[Paper]
    faulty: Sequence[FaultyRow]


Key = tuple[str, str, date]
"""What a paper is known by: the digest of the exact name, the class, the day it was signed."""


def template() -> bytes:
    """An empty sheet with the columns and one example row."""
    return sheets.written("肖像授权", [COLUMNS, EXAMPLE], width=16)


def plan(session: Session, actor: Actor, box: SecretBox, content: bytes, now: datetime) -> Plan:
    """Read a sheet and say which rows could be entered; writes nothing.

    Raises `NotAllowed`, `UnreadableFile` for what is no Excel file or a too large one, `InvalidInput` for columns that
    are missing or unknown and for a sheet without a paper.
    """
    _refuse_others(actor)
    today = office_day(now)
    good: list[Paper] = []
    faulty: list[FaultyRow] = []
    read = [(number, cells, *_read(cells, today=today)) for number, cells in sheets.rows(content, SHAPE)]
    known = _known(session, {consents.digest_of(box, fields.name) for _, _, fields, _ in read})
    for number, cells, fields, faults in read:
        key = _key(box, fields)
        if not faults and key in known:
            faults.append(known[key])
        if faults:
            faulty.append(FaultyRow(number, masked_name(sheets.text(cells, NAME)), tuple(faults)))
            continue
        good.append(Paper(number, fields))
        if key is not None:
            known[key] = f"与第 {number} 行是同一份：姓名、班级和签署日期都相同"
    if not good and not faulty:
        raise InvalidInput("表格里没有授权：请从第 2 行起填写，每份一行。")
    return Plan(good, faulty)


def carry_out(work: UnitOfWork, box: SecretBox, store: AssetStore, good: Iterable[Paper]) -> list[PortraitConsent]:
    """Enter the rows of a plan, all or none; their scans are added one by one.

    Raises what `consents.record` does, and `StaleState` where somebody entered one of them meanwhile.
    """
    papers = list(good)
    _refuse_others(work.actor)
    # Two keepers with the same sheet: the second waits here, and then finds the first one's rows.
    audit.record(work, AuditAction.CONSENTS_IMPORTED, "consent", None, {"papers": len(papers)})
    known = _known(work.session, {consents.digest_of(box, each.fields.name) for each in papers})
    for each in papers:
        if _key(box, each.fields) in known:
            raise StaleState(
                f"第 {each.number} 行（{each.shown_name}）刚刚已由别人登记，什么都没有写入。请重新上传表格再看。"
            )
    return [consents.record(work, box, store, fields=each.fields) for each in papers]


def _known(session: Session, digests: Collection[str]) -> dict[Key | None, str]:
    """The papers of these people that are registered, and how a row that repeats one is told."""
    standing = select(PortraitConsent).where(
        col(PortraitConsent.name_digest).in_(digests), col(PortraitConsent.withdrawn_at).is_(None)
    )
    return {
        (each.name_digest, each.school_class, each.signed_on): f"已经登记过，是 {each.id} 号"
        for each in session.exec(standing)
    }


def _key(box: SecretBox, fields: ConsentFields) -> Key | None:
    if fields.signed_on is None:
        return None
    return consents.digest_of(box, fields.name), fields.school_class.strip(), fields.signed_on


def _refuse_others(actor: Actor) -> None:
    if not actor.may(Capability.KEEP_CONSENTS):
        raise NotAllowed("肖像授权由宣传部的审核员、终审人和发布员登记和保管。")


# --- One row ---------------------------------------------------------------------------------------------


def _read(cells: Cells, *, today: date) -> tuple[ConsentFields, list[str]]:
    """The row as the form's fields, and what is wrong with it."""
    faults = [f"{name}请控制在 {most} 字以内" for name, most in LONGEST.items() if len(sheets.text(cells, name)) > most]
    signed = sheets.day(cells, SIGNED, faults)
    until = sheets.day(cells, UNTIL, faults)
    age = _age(sheets.text(cells, AGE), faults)
    fields = ConsentFields(
        name=sheets.text(cells, NAME),
        school_class=sheets.text(cells, CLASS),
        age=age or PortraitAge.CHILD,
        guardian=sheets.text(cells, GUARDIAN),
        relation=sheets.text(cells, RELATION),
        contact=sheets.text(cells, CONTACT),
        scopes=_scopes(sheets.words(cells, SCOPES), faults),
        occasion=sheets.text(cells, OCCASION) or school_year_of(signed or today),
        may_be_named=sheets.yes(cells, NAMED, faults),
        signed_on=signed,
        valid_until=until or end_of_school_year(signed or today),
    )
    if (fields.name, fields.guardian) == (EXAMPLE[0], EXAMPLE[3]):
        faults.append("这是模板里的例子，请删去这一行")
    wrong = None if faults else fault_of(fields, today=today)
    return fields, [*faults, *([wrong[1].rstrip("。")] if wrong else [])]


def _age(typed: str, faults: list[str]) -> PortraitAge | None:
    bare = typed.replace(" ", "").replace("-", "至")
    found = next((age for word, age in AGES.items() if bare.startswith(word)), None)
    if found is None:
        faults.append(f"年龄请填{'、'.join(AGES)}中的一个" + (f"，现在是“{typed}”" if typed else ""))
    return found


def _scopes(typed: list[str], faults: list[str]) -> tuple[PortraitScope, ...]:
    known = {each.label: each for each in PortraitScope}
    unknown = [word for word in typed if word not in known]
    if unknown:
        faults.append(f"没有“{'、'.join(unknown)}”这个使用范围，可填：{'、'.join(known)}")
    return tuple(known[word] for word in dict.fromkeys(typed) if word in known)
