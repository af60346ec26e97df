"""词库: the office's own list of terms and its roster of leaders, worked on in rows and put in force as versions.

Nothing that is typed here marks anything before the list is activated: a version is the whole list as it was,
so that any old run can be repeated with it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Lock

from sqlmodel import Session, col, select

from models import (
    AuditAction,
    FindingLevel,
    LeaderTerm,
    LexiconEntry,
    LexiconVersion,
    Revision,
    Submission,
)
from services import audit, school_facts
from services.errors import InvalidInput, NotAllowed, NotFound
from services.manuscript import blocks
from services.queries.lexicon import refuse_others
from services.queries.standings import visible_to
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Actor, Capability, keeps_lists
from services.rules.typed import one_line
from services.screening.engine import Screener, ScreeningSettings
from services.screening.entries import Match, Term
from services.screening.lists import (
    CONFUSION,
    Imported,
    confusion,
    read_terms,
    shipped_confusions,
    shipped_terms,
    term_of,
    write_terms,
)
from services.screening.marks import Mark
from services.screening.roster import Leader
from services.screening.school import School, restored
from services.screening.terms import TermFinder
from services.unit_of_work import UnitOfWork

ENTRY_WAS_CHANGED = "这条词刚刚被别人修改过，这里没有覆盖它：请先复制您填写的内容，刷新页面后再改。"
POST_WAS_CHANGED = "这一任职刚刚被别人修改过，这里没有覆盖它：请刷新页面后再看。"
LONGEST_NAME, LONGEST_POST, LAST_PLACE = 40, 60, 99
LONGEST_REASON = 200
MOST_ENTRIES = 50_000
LOOKS_BACK = timedelta(days=31)
MOST_ITEMS = 300  # of a dry run, the newest
MOST_MARKS = 500  # shown of a dry run; a list that makes more is not ready


# --- The working list ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntryFields:
    """What the form of one entry holds; several phrases are divided by `|`."""

    term: str
    group: str
    level: FindingLevel = FindingLevel.WARN
    match: str = Match.ANYWHERE
    allow: str = ""
    near: str = ""
    suggestion: str = ""
    replacement: str | None = None
    source: str = ""
    owner: str = ""
    reason: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    review_on: date | None = None
    pinyin: bool = False
    strict_topics: str = ""


def start(work: UnitOfWork) -> None:
    """Make the shipped starter groups the first version, once. Raises `NotAllowed`."""
    _refuse_others(work)
    if latest(work.session) is not None:
        return
    # Rows of one moment are listed as they were entered: the page begins with misspellings, not with swear words.
    terms = (*shipped_confusions(), *shipped_terms())
    work.session.add_all(_row(work, term, "随产品提供的起始词表") for term in terms)
    work.session.flush()
    activate(work, note="起始词表")


def save_entry(
    work: UnitOfWork, fields: EntryFields, *, entry_id: int | None = None, seen_version: int = 0
) -> LexiconEntry:
    """Add an entry, or change the one whose version was seen; one that was retired is used again.

    Raises `NotAllowed`, `NotFound`, `StaleState`, `InvalidInput`.
    """
    _refuse_others(work)
    present = _seen_entry(work, entry_id, seen_version) if entry_id else None
    reason = _reason(fields.reason, "请写明收录或修改的理由，复查时会看到它。")
    term = _checked(fields)
    known = _named(work.session, term.group, term.text)
    if known is not None and known.id != entry_id:
        where = "，已停用：请勾选“含已停用”找到它，恢复使用。" if not known.active else "，请修改原来那一条。"
        raise InvalidInput(f"“{term.text}”已在“{term.group}”组里{where}", field="term")
    was_retired = present is not None and not present.active
    entry = present or _row(work, term, reason)
    _write(work, entry, term, reason, fields.review_on)
    work.session.add(entry)
    work.session.flush()
    _record(work, entry, "restored" if was_retired else "changed" if entry_id else "added")
    return entry


def retire(work: UnitOfWork, *, entry_id: int, seen_version: int, reason: str) -> LexiconEntry:
    """Take an entry out of the next version; the row stays.

    Raises `NotAllowed`, `NotFound`, `StaleState`, `InvalidInput`.
    """
    _refuse_others(work)
    entry = _seen_entry(work, entry_id, seen_version)
    entry.active, entry.reason = False, _reason(reason, "停用词条请写明理由。")
    entry.changed_by_id, entry.changed_at = work.actor.id, work.now
    work.session.flush()
    _record(work, entry, "retired")
    return entry


def add_correction(work: UnitOfWork, *, wrong: str, right: str) -> LexiconEntry:
    """Add a reviewer's correction to the list: it becomes a wrong-character entry of the working list.

    Reviewers may propose; only an activation puts it in force. Raises `NotAllowed`, `InvalidInput`.
    """
    if not (work.actor.reaches(Capability.REVIEW) or keeps_lists(work.actor)):
        raise NotAllowed("只有审核员、终审人和系统管理员可以把改动加入词库。")
    wrong, right = one_line(wrong), one_line(right)
    if not wrong or not right or wrong == right:
        raise InvalidInput("请分别填写错误写法和正确写法。", field="wrong")
    term = confusion(wrong, right)
    _refuse_bad(term)
    known = _named(work.session, CONFUSION, wrong)
    if known is not None:
        ended = "，但已停用：要恢复使用，请告诉终审人。" if not known.active else "。"
        raise InvalidInput(f"“{wrong}”已在错别字表里{ended}", field="wrong")
    entry = _row(work, term, f"来自{work.actor.name}的改动")
    work.session.add(entry)
    work.session.flush()
    _record(work, entry, "added")
    return entry


def read_import(content: bytes) -> Imported:
    """What a CSV would bring, and each bad line with its reason; nothing is written. Raises `InvalidInput`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return read_terms(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise InvalidInput("文件不是 CSV 文本，或编码无法识别：请另存为 UTF-8 的 CSV。", field="file")


def bring_in(work: UnitOfWork, terms: Sequence[Term], *, reason: str) -> int:
    """Write the entries of a confirmed import; the same term of a group is replaced. How many.

    Raises `NotAllowed`, `InvalidInput`.
    """
    _refuse_others(work)
    why = _reason(reason, "请写明这份词表的来源和导入理由。")
    # Locked: whoever has one of them open reads that it was changed, and an answer on its way comes first.
    present = select(LexiconEntry).order_by(col(LexiconEntry.id)).with_for_update()
    known = {(each.group, each.term): each for each in work.session.exec(present)}
    unique = {(term.group, term.text): term for term in terms}
    if len(known.keys() | unique.keys()) > MOST_ENTRIES:
        raise InvalidInput(f"词库最多 {MOST_ENTRIES} 条，请先停用或分批整理。", field="file")
    for key, term in unique.items():
        entry = known.get(key)
        if entry is None:
            work.session.add(_row(work, term, why))
        else:
            _write(work, entry, term, why, entry.review_on)
            entry.version += 1
    work.session.flush()
    details = {"what": "imported", "entries": len(unique), "reason": why}
    audit.record(work, AuditAction.LEXICON_CHANGED, "lexicon", None, details)
    return len(unique)


def go_back(work: UnitOfWork, *, number: int, reason: str) -> int:
    """Make the working list what it was in an earlier version, or in the one in force; how many entries that changes.

    Later entries are retired, not deleted. The roster and the school's facts stay. In force with the next activation.
    Raises `NotAllowed`, `NotFound`, `InvalidInput`.
    """
    _refuse_others(work)
    why = _reason(reason, "请写明为什么恢复这一版。")
    wanted = {(term.group, term.text): term for term in lists_of(numbered(work.session, number)).terms}
    # Locked as in `bring_in`.
    present = select(LexiconEntry).order_by(col(LexiconEntry.id)).with_for_update()
    known = {(each.group, each.term): each for each in work.session.exec(present)}
    changed = 0
    for key, entry in known.items():
        term = wanted.get(key)
        if (entry.active and term == _term(entry)) or (term is None and not entry.active):
            continue
        if term is None:
            entry.active, entry.reason = False, why
            entry.changed_by_id, entry.changed_at = work.actor.id, work.now
        else:
            _write(work, entry, term, why, entry.review_on)
        entry.version += 1
        changed += 1
    # A changed term has its new words in the row, so the old ones may need one.
    missing = [_row(work, term, why) for key, term in wanted.items() if key not in known]
    work.session.add_all(missing)
    if changed + len(missing) == 0:
        raise InvalidInput(f"现在的词条与第 {number} 版相同，不需要恢复。")
    work.session.flush()
    details = {"what": "gone_back", "number": number, "entries": changed + len(missing), "reason": why}
    audit.record(work, AuditAction.LEXICON_CHANGED, "lexicon", None, details)
    return changed + len(missing)


def export(session: Session, actor: Actor) -> str:
    """The working list as CSV that `read_import` takes back. Raises `NotAllowed`."""
    refuse_others(actor)
    return write_terms(working_terms(session))


def working_terms(session: Session) -> list[Term]:
    """The active entries of the working list."""
    rows = session.exec(select(LexiconEntry).where(col(LexiconEntry.active).is_(True)).order_by(col(LexiconEntry.id)))
    return [_term(row) for row in rows]


# --- The roster ------------------------------------------------------------------------------------------


def save_leader(work: UnitOfWork, leader: Leader, *, leader_id: int | None = None, seen_version: int = 0) -> LeaderTerm:
    """Enter a leader's post, or change the one whose version was seen; in force with the next activation.

    Raises `NotAllowed`, `NotFound`, `StaleState`, `InvalidInput`.
    """
    _refuse_others(work)
    row = _seen_post(work, leader_id, seen_version) if leader_id else LeaderTerm(name="", post="", place=0)
    name, post = one_line(leader.name), one_line(leader.post)
    if len(name) < 2 or len(post) < 2:
        raise InvalidInput("请填写领导姓名和职务。", field="name")
    if len(name) > LONGEST_NAME or len(post) > LONGEST_POST:
        raise InvalidInput(f"姓名不超过 {LONGEST_NAME} 个字，职务不超过 {LONGEST_POST} 个字。", field="name")
    if not 1 <= leader.place <= LAST_PLACE:
        raise InvalidInput(f"次序请填 1 到 {LAST_PLACE}。", field="place")
    if leader.valid_from and leader.valid_to and leader.valid_to < leader.valid_from:
        raise InvalidInput("离任日期早于任职日期。", field="valid_to")
    row.name, row.post, row.place = name, post, leader.place
    row.valid_from, row.valid_to = leader.valid_from, leader.valid_to
    work.session.add(row)
    work.session.flush()
    details = {"name": row.name, "post": row.post, "place": row.place}
    audit.record(work, AuditAction.ROSTER_CHANGED, "roster", row.id, details)
    return row


def end_term(work: UnitOfWork, *, leader_id: int, seen_version: int) -> LeaderTerm:
    """A leader leaves the post today. Raises `NotAllowed`, `NotFound`, `StaleState`."""
    _refuse_others(work)
    row = _post(work, leader_id)
    last = office_day(work.now) - timedelta(days=1)
    since = min(row.valid_from, last) if row.valid_from else None
    left = Leader(row.name, row.post, row.place, since, last)
    return save_leader(work, left, leader_id=leader_id, seen_version=seen_version)


def _post(work: UnitOfWork, leader_id: int) -> LeaderTerm:
    row = work.session.get(LeaderTerm, leader_id)
    if row is None:
        raise NotFound("没有找到这位领导的任职，请刷新页面。")
    return row


def _seen_post(work: UnitOfWork, leader_id: int, seen_version: int) -> LeaderTerm:
    row = _post(work, leader_id)
    work.claim(row, seen_version, otherwise=POST_WAS_CHANGED)
    return row


def working_leaders(session: Session) -> list[Leader]:
    """The roster as it is being worked on, in the office's order."""
    rows = session.exec(select(LeaderTerm).order_by(col(LeaderTerm.place), col(LeaderTerm.id)))
    return [Leader(each.name, each.post, each.place, each.valid_from, each.valid_to) for each in rows]


# --- Versions --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TriedMark:
    """A place in a past item that one of the two lists marks and the other does not. `title` is empty where whoever
    keeps the list may not know of the item.
    """

    submission_id: int
    title: str
    term: str
    rule: str


@dataclass(frozen=True)
class DryRun:
    """The changed list against last month's items. `new_marks` shows the first of `total`, `gone_marks` the first of
    `total_gone`; a mark that only changes its level is in both.
    """

    items: int
    added: int
    removed: int
    new_marks: tuple[TriedMark, ...]
    total: int
    gone_marks: tuple[TriedMark, ...] = ()
    total_gone: int = 0


def try_out(
    session: Session, actor: Actor, today: date, *, told: Callable[[int, int], None] = lambda _done, _of: None
) -> DryRun:
    """What would newly be marked in the items of the last month, and what no longer, if the working list were in force.

    `told` hears how many items of how many are done; a month of 300 items and 50,000 new entries takes seconds. Raises
    `NotAllowed`.
    """
    refuse_others(actor)
    before, after = set(lists_of(latest(session)).terms), set(working_terms(session))
    with_changes, without = TermFinder(after - before), TermFinder(before - after)
    recent = _recent_items(session, today)
    known = set(session.exec(select(Submission.id).where(col(Submission.id).in_(recent), visible_to(actor))))
    new: list[TriedMark] = []
    gone: list[TriedMark] = []
    for done, submission_id in enumerate(recent, 1):
        title, text = _text_of(session, submission_id)
        shown = title if submission_id in known else ""
        now, then = _places(with_changes, text, today), _places(without, text, today)
        new += [
            TriedMark(submission_id, shown, mark.entry, mark.rule) for place, mark in now.items() if place not in then
        ]
        gone += [
            TriedMark(submission_id, shown, mark.entry, mark.rule) for place, mark in then.items() if place not in now
        ]
        told(done, len(recent))
    return DryRun(
        items=len(recent), added=len(after - before), removed=len(before - after), new_marks=tuple(new[:MOST_MARKS]),
        total=len(new), gone_marks=tuple(gone[:MOST_MARKS]), total_gone=len(gone),
    )  # fmt: skip


def _places(finder: TermFinder, text: str, today: date) -> dict[tuple[str, str, FindingLevel, int], Mark]:
    """The marks by what tells them apart: an entry whose suggestion was reworded marks what it marked before."""
    return {(mark.rule, mark.entry, mark.level, mark.start): mark for mark in finder.marks_in(text, today=today)}


def _recent_items(session: Session, today: date) -> Sequence[int]:
    since = datetime.combine(today - LOOKS_BACK, time.min, OFFICE_ZONE)
    return session.exec(
        select(Revision.submission_id)
        .join(Submission, col(Submission.revision_id) == col(Revision.id))
        .where(col(Revision.made_at) >= since)
        .order_by(col(Revision.id).desc())
        .limit(MOST_ITEMS)
    ).all()


def _text_of(session: Session, submission_id: int) -> tuple[str, str]:
    """Title and whole text of the present version; one at a time, so that no month lies in memory."""
    revision = session.exec(
        select(Revision)
        .join(Submission, col(Submission.revision_id) == col(Revision.id))
        .where(Submission.id == submission_id)
    ).one()
    return revision.title, f"{revision.title}\n{blocks.plain_text(revision.body_html)}"


def activate(work: UnitOfWork, *, note: str) -> LexiconVersion:
    """Put the working list and roster in force as the next version. Raises `NotAllowed`, `InvalidInput`."""
    _refuse_others(work)
    said = _reason(note, "启用新版本请写一句说明。", field="note")
    session = work.session
    wanted = Lists(working_terms(session), working_leaders(session), school_facts.working(session))
    before = latest(session)
    if before is not None and lists_of(before) == wanted:
        raise InvalidInput("词库、名录和学校信息与现行版本相同，不需要启用。", field="note")
    version = LexiconVersion(
        number=before.number + 1 if before else 1,
        content=zlib.compress(write_terms(wanted.terms).encode()),
        entries=len(wanted.terms),
        roster=[_plain(each) for each in wanted.leaders],
        school=wanted.school.stored(),
        note=said,
        made_by_id=work.actor.id,
        made_at=work.now,
    )
    work.session.add(version)
    work.session.flush()
    details = {"number": version.number, "entries": version.entries, "note": version.note}
    audit.record(work, AuditAction.LEXICON_ACTIVATED, "lexicon", version.id, details)
    return version


def latest(session: Session) -> LexiconVersion | None:
    """The version in force, or None where only what ships is."""
    return session.exec(select(LexiconVersion).order_by(col(LexiconVersion.number).desc())).first()


@dataclass(frozen=True)
class Lists:
    """Everything a screener is built from that the office keeps."""

    terms: list[Term]
    leaders: list[Leader]
    school: School


def lists_of(version: LexiconVersion | None) -> Lists:
    """The lists of a version; without one, what ships."""
    if version is None:
        return Lists([*shipped_terms(), *shipped_confusions()], [], School())
    terms = read_terms(zlib.decompress(version.content).decode(), trusted=True).terms
    return Lists(list(terms), [_leader(each) for each in version.roster], restored(version.school))


def numbered(session: Session, number: int) -> LexiconVersion:
    """A version by its number. Raises `NotFound`."""
    version = session.exec(select(LexiconVersion).where(LexiconVersion.number == number)).first()
    if version is None:
        raise NotFound(f"没有第 {number} 版词库。")
    return version


def screener_of(version: LexiconVersion | None, settings: ScreeningSettings) -> Screener:
    """The machine check with the lists of a version; half a second for 50,000 entries."""
    lists = lists_of(version)
    return Screener(
        lists.terms,
        settings,
        leaders=lists.leaders,
        school=lists.school,
        edition=version.number if version else None,
    )


class CurrentScreener:
    """The process's screener of the version in force; built anew, once, when another version is."""

    def __init__(self, reading: Callable[[], Session], settings: ScreeningSettings) -> None:
        self._reading, self.settings = reading, settings
        self._lock = Lock()
        self._built: tuple[int, Screener] | None = None

    def __call__(self) -> Screener:
        """Ask outside a transaction: building 50,000 terms takes a third of a second."""
        with self._reading() as session:
            number = session.exec(select(LexiconVersion.number).order_by(col(LexiconVersion.number).desc())).first()
        with self._lock:
            if self._built is None or self._built[0] != (number or 0):
                with self._reading() as session:
                    version = latest(session)
                self._built = (version.number if version else 0, screener_of(version, self.settings))
            return self._built[1]


# --- Rows and terms --------------------------------------------------------------------------------------


def _refuse_others(work: UnitOfWork) -> None:
    refuse_others(work.actor)


def _seen_entry(work: UnitOfWork, entry_id: int, seen_version: int) -> LexiconEntry:
    entry = work.session.get(LexiconEntry, entry_id)
    if entry is None:
        raise NotFound("没有找到这条词，请刷新页面。")
    work.claim(entry, seen_version, otherwise=ENTRY_WAS_CHANGED)
    return entry


def _named(session: Session, group: str, term: str) -> LexiconEntry | None:
    same = (LexiconEntry.group == group, LexiconEntry.term == term)
    return session.exec(select(LexiconEntry).where(*same)).first()


def _reason(words: str, otherwise: str, *, field: str = "reason") -> str:
    """Why the list is changed, in one line; the trail keeps it. Raises `InvalidInput`."""
    given = one_line(words)
    if not given:
        raise InvalidInput(otherwise, field=field)
    if len(given) > LONGEST_REASON:
        raise InvalidInput(f"理由和说明不超过 {LONGEST_REASON} 个字。", field=field)
    return given


def _checked(fields: EntryFields) -> Term:
    cells = {
        "term": one_line(fields.term),
        "group": one_line(fields.group),
        "level": fields.level.value,
        "match": str(fields.match),
        "allow": one_line(fields.allow),
        "near": one_line(fields.near),
        "strict_topics": one_line(fields.strict_topics),
        "suggestion": one_line(fields.suggestion),
        "replacement": one_line(fields.replacement or ""),
        "source": one_line(fields.source),
        "owner": one_line(fields.owner),
        "valid_from": fields.valid_from.isoformat() if fields.valid_from else "",
        "valid_to": fields.valid_to.isoformat() if fields.valid_to else "",
        "pinyin": "yes" if fields.pinyin else "",
    }
    try:
        return term_of(cells)
    except ValueError as fault:
        raise InvalidInput(str(fault), field="term") from fault


def _refuse_bad(term: Term) -> None:
    if not 2 <= len(term.text) <= 32:
        raise InvalidInput("错误写法请填 2 到 32 个字。", field="wrong")


def _row(work: UnitOfWork, term: Term, reason: str) -> LexiconEntry:
    entry = LexiconEntry(term=term.text, group=term.group, level=term.level, match=term.match, changed_at=work.now)
    _write(work, entry, term, reason, None)
    return entry


def _write(work: UnitOfWork, entry: LexiconEntry, term: Term, reason: str, review_on: date | None) -> None:
    entry.term, entry.group, entry.level, entry.match = term.text, term.group, term.level, term.match.value
    entry.allow, entry.near = "|".join(term.allow), "|".join(term.near)
    entry.strict_topics = "|".join(term.strict_topics)
    entry.suggestion, entry.replacement = term.suggestion, term.replacement
    entry.source, entry.owner, entry.reason, entry.review_on = term.source, term.owner, reason, review_on
    entry.valid_from, entry.valid_to, entry.active = term.valid_from, term.valid_to, True
    entry.pinyin = term.pinyin
    entry.changed_by_id, entry.changed_at = work.actor.id, work.now


def _term(row: LexiconEntry) -> Term:
    return Term(
        text=row.term,
        group=row.group,
        level=row.level,
        match=Match(row.match),
        allow=_phrases(row.allow),
        near=_phrases(row.near),
        strict_topics=_phrases(row.strict_topics),
        suggestion=row.suggestion,
        replacement=row.replacement,
        source=row.source,
        owner=row.owner,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        rule="wording.confusion" if row.group == CONFUSION else "",
        pinyin=row.pinyin,
    )


def _phrases(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _plain(leader: Leader) -> dict[str, str]:
    return {
        "name": leader.name,
        "post": leader.post,
        "place": str(leader.place),
        "valid_from": leader.valid_from.isoformat() if leader.valid_from else "",
        "valid_to": leader.valid_to.isoformat() if leader.valid_to else "",
    }


def _leader(cells: dict[str, str]) -> Leader:
    days = [date.fromisoformat(cells[name]) if cells[name] else None for name in ("valid_from", "valid_to")]
    return Leader(cells["name"], cells["post"], int(cells["place"]), *days)


def _record(work: UnitOfWork, entry: LexiconEntry, what: str) -> None:
    details = {"what": what, "term": entry.term, "group": entry.group, "level": entry.level.value}
    audit.record(work, AuditAction.LEXICON_CHANGED, "lexicon", entry.id, details | {"reason": entry.reason})
