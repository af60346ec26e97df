"""The command line: `weishentai …`, or `python -m services …` from the project's root.

Every command takes `--json` and then prints one JSON document on standard output and nothing else there.
Exit 0 on success, 1 on a refusal, 2 on wrong use. Times are ISO 8601 with zone. Fields may be added, never
renamed.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session, select
from typer.core import TyperGroup

from models import (
    Action,
    FindingAnswer,
    FindingLevel,
    Person,
    PublicationWay,
    PublishOrder,
    SourceKind,
    Submission,
    Target,
)
from sandbox.__main__ import serve as serve_sandbox
from services import (
    assets,
    attachment_checks,
    attachments,
    audit,
    backups,
    delivery,
    doctor,
    faults,
    findings,
    installation,
    lexicon,
    picture_checks,
    publication_answers,
    publishing,
    publishing_stops,
    replays,
    reset_codes,
    restoring,
    review_forms,
    second_factor,
    site_rebuild,
    submissions,
)
from services.attachments import ReadAttachment
from services.bootstrap import Runtime, bootstrap
from services.database import upgrade
from services.dry_run import Grade, Plan, is_clear
from services.dry_run import examine as dry_run_of
from services.errors import InvalidInput, NotAllowed, NotFound, Refusal
from services.manuscript.conversion import convert as convert_file
from services.manuscript.documents import ReadDocument
from services.manuscript.word import read_manuscript
from services.queries import accounts as account_reads
from services.queries import destinations as destination_reads
from services.queries import people as people_reads
from services.queries import publications as publication_reads
from services.queries import publishing_stops as stop_reads
from services.queries import submissions as submission_reads
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.variants import Pictures, Variant, variant_from
from services.screening.bounded_reading import read_bounded
from services.screening.engine import Screener
from services.settings import load_settings
from services.submissions import DraftFields
from services.talks import PUT_OFF, Talk
from services.unit_of_work import UnitOfWork

app = typer.Typer(
    name="weishentai",
    help="微审台：学校公众号的投稿、审核、发布、留痕与考核。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="只在标准输出打印一个 JSON 文档。")]
LARGEST_NUMBER = 2**31 - 1
"""The last number a row may have, and one that none has yet."""


def _as_row(number: int | None) -> int | None:
    # A database cannot even be asked for a larger one; whoever names it asks for what does not exist.
    return number if number is None else max(-1, min(number, LARGEST_NUMBER))


AsUser = Annotated[str, typer.Option("--as", metavar="USER", help="以谁的名义操作（用户名）。")]


# --- What every command does -----------------------------------------------------------------------------


@contextmanager
def _answering(*, as_json: bool) -> Iterator[None]:
    """The one place a refusal becomes an exit code and a sentence."""
    try:
        yield
    except Refusal as refusal:
        if as_json:
            _print_json({"refused": refusal.sentence, "code": refusal.code})
        else:
            typer.echo(refusal.sentence, err=True)
        raise typer.Exit(1) from refusal


@contextmanager
def _running(*, as_json: bool) -> Iterator[Runtime]:
    """A runtime on an upgraded database, closed at the end."""
    with _answering(as_json=as_json):
        faults.configure()
        settings = load_settings()
        upgrade(settings.database)
        runtime = bootstrap(settings)
        try:
            yield runtime
        finally:
            runtime.close()


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(OFFICE_ZONE).isoformat(timespec="seconds")
    return str(value)


def _answer(document: object, sentence: str, *, as_json: bool) -> None:
    if as_json:
        _print_json(document)
    else:
        typer.echo(sentence)


def _person_id(session: Session, username: str) -> int:
    person = session.exec(select(Person).where(Person.username == username.lower())).first()
    if person is None or person.id is None:
        raise NotFound(f"没有用户名为“{username}”的人员。")
    return person.id


@contextmanager
def _acting_as(runtime: Runtime, username: str) -> Iterator[UnitOfWork]:
    """One act in the name of a person, with the rights of that person and no others."""
    with runtime.reading() as session:
        person_id = _person_id(session, username)
    with runtime.acting_as(person_id) as work:
        yield work


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise NotFound(f"打不开文件 {path}：{_why(fault)}。") from fault


@contextmanager
def _writing(what: str, remedy: str) -> Iterator[None]:
    """Say in one sentence why a file of the caller's choice could not be written."""
    try:
        yield
    except OSError as fault:
        raise InvalidInput(f"{what}：{_why(fault)}，{remedy}。", field="out") from fault


def _why(fault: OSError) -> str:
    """What the system says of a file, in Chinese where it happens every day."""
    return _FAULTS.get(fault.errno or 0, fault.strerror or "系统没有说明原因")


_FAULTS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EISDIR: "这是一个文件夹",
    errno.EEXIST: "那里有同名的文件",
    errno.ENOTDIR: "那里有同名的文件",
    errno.EACCES: "没有权限",
    errno.EROFS: "所在磁盘只读",
    errno.ENOSPC: "磁盘已满",
}


# --- Installation ----------------------------------------------------------------------------------------


@app.command()
def run(port: Annotated[int, typer.Option(help="网页端口。")] = 8501) -> None:
    """启动网页、发布任务和校园镜像（等同 streamlit run app.py）。"""
    arguments = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    os.execv(sys.executable, arguments)  # noqa: S606  # becomes the app itself, without a shell


@app.command()
def init(
    *,
    demo_school: Annotated[bool, typer.Option("--demo", help="建立演练学校。")] = False,
    admin: Annotated[str, typer.Option(help="首位系统管理员的用户名。")] = "admin",
    as_json: AsJson = False,
) -> None:
    """建立或升级数据库，并录入首位系统管理员或演练学校。"""
    with _running(as_json=as_json) as runtime:
        made = (
            installation.demo_school(runtime)
            if demo_school
            else installation.first_administrator(runtime, username=admin)
        )
        lines = [
            f"{each.username:<10} {each.password or '（密码不变）':<16} {each.department}  {'、'.join(each.roles)}"
            for each in made.people
        ]
        _answer(asdict(made), "\n".join(lines) or "数据库已是最新，人员未改动。", as_json=as_json)


@app.command(name="reset-code")
def reset_code(
    username: Annotated[str, typer.Argument(help="谁要重新设定密码。")],
    *,
    reason: Annotated[str, typer.Option(help="原因，记入操作日志。")],
    without_second_factor: Annotated[
        bool, typer.Option("--without-second-factor", help="同时停用其动态口令（手机和备用码都丢失时）。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """发一次性登录码，24 小时内用一次；唯一的系统管理员进不来时用它。"""
    with _running(as_json=as_json) as runtime:
        with runtime.as_system() as work:
            person_id = _person_id(work.session, username)
            if without_second_factor:
                second_factor.remove_for(work, person_id=person_id, reason=reason)
            issued = reset_codes.issue(work, runtime.secrets, person_id=person_id, reason=reason)
        _answer(asdict(issued), f"{issued.name} 的一次性登录码：{issued.code}", as_json=as_json)


@app.command(name="doctor")
def examine(*, as_json: AsJson = False) -> None:
    """体检：设置、数据库、操作日志、磁盘、时钟、发布任务、微信接口。"""
    with _running(as_json=as_json) as runtime:
        checks = doctor.examine(runtime)
        lines = [f"{'✓' if each.ok else '✗'} {each.name}: {each.message}" for each in checks]
        _answer({"checks": [asdict(each) for each in checks]}, "\n".join(lines), as_json=as_json)


app.command(name="sandbox", help="单独启动微信演练平台。")(serve_sandbox)


# --- Files -----------------------------------------------------------------------------------------------


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="Word（.docx）、HTML 或文本文件。")],
    *,
    out: Annotated[Path | None, typer.Option(help="输出目录；默认是文件旁的同名目录。")] = None,
    theme: Annotated[str, typer.Option(help="微信版式。")] = "plain",
    as_json: AsJson = False,
) -> None:
    """把稿件转换为微信可用的片段（article.html）、校园网页（page.html）和图片。"""
    with _answering(as_json=as_json):
        done = convert_file(_read_file(file), file.name, theme=theme)
        folder = out or file.with_suffix("")
        with _writing(f"不能写入目录 {folder}", "请用 --out 换一个目录"):
            done.write_to(folder)
        pictures = [
            {
                "file": f"images/{each.file_name}",
                "width": each.width,
                "height": each.height,
                "bytes": len(each.content),
            }
            for each in done.pictures
        ]
        document = {
            "title": done.title,
            "characters": done.characters,
            "images": pictures,
            "warnings": list(done.warnings),
        }
        sentence = f"已写入 {folder}：{done.characters} 字，{len(pictures)} 张图片。"
        _answer(document, "\n".join((sentence, *done.warnings)), as_json=as_json)


@app.command()
def screen(
    file: Annotated[Path, typer.Argument(help=".docx .html .txt .xlsx .pdf")],
    *,
    with_text: Annotated[bool, typer.Option("--with-text", help="附上提取出的全文。")] = False,
    edition: Annotated[
        int | None,
        typer.Option(
            "--lexicon", metavar="N", min=0, help="用第 N 版词库；0 是随产品提供的起始词表。", callback=_as_row
        ),
    ] = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="当作在这一天检查；默认今天。")] = None,
    as_json: AsJson = False,
) -> None:
    """机器初筛一个文件：个人信息、错敏词、表述、日期、长度。默认用现行的词库。"""
    with _running(as_json=as_json) as runtime:
        read = read_bounded(_read_file(file), file.name)
        screener = runtime.screener() if edition is None else _screener_of(runtime, edition)
        result = screener.screen_text(read.text, today=day.date() if day else office_day(runtime.now()))
        found = [
            {
                "rule": mark.rule,
                "level": mark.level.value,
                "quote": mark.quote,
                "start": mark.start,
                "end": mark.end,
                "clause": mark.clause,
                "suggestion": mark.suggestion,
                "place": read.place_of(mark.start),
            }
            for mark in result.marks
        ]
        document: dict[str, Any] = {"findings": found, "versions": result.versions}
        if with_text:
            document["text"] = read.text
        lines = [
            f"[{each['level']}] {each['rule']} {each['place']} “{each['quote']}” {each['suggestion']}" for each in found
        ]
        _answer(document, "\n".join(lines) or "没有发现问题。", as_json=as_json)


def _screener_of(runtime: Runtime, edition: int) -> Screener:
    with runtime.reading() as session:
        version = lexicon.numbered(session, edition) if edition else None
    return lexicon.screener_of(version, runtime.screening)


@app.command()
def replay(
    submission_id: Annotated[int, typer.Argument(metavar="ID", help="稿件编号。", callback=_as_row)],
    *,
    user: AsUser,
    as_json: AsJson = False,
) -> None:
    """重放稿件最近一次机器初筛：同样的文字、词库版本和日期，核对提示是否一致。"""
    with _running(as_json=as_json) as runtime, runtime.reading() as session:
        actor = people_reads.actor(session, _person_id(session, user), office_day(runtime.now()))
        if actor is None:
            raise NotFound(f"“{user}”已停用。")
        done = replays.replay(session, actor, runtime.screening, submission_id=submission_id)
        document = {**asdict(done), "same": done.is_same}
        _answer(document, _said(done), as_json=as_json)


def _said(done: replays.Replay) -> str:
    lines = [
        f"{sign} {each.rule} {each.field} {each.start}-{each.end} “{each.quote}”"
        for sign, places in (("-", done.missing), ("+", done.added))
        for each in places
    ]
    if done.differs_in:
        lines.append(f"与当时不同的版本：{'、'.join(done.differs_in)}。")
    head = "提示与当时一致" if done.is_same else "提示与当时不一致"
    return "\n".join([f"{head}：共核对 {done.compared} 处。", *lines])


# --- The main job ----------------------------------------------------------------------------------------


@app.command()
def submit(
    file: Annotated[Path, typer.Argument(help="Word（.docx）、HTML 或文本文件。")],
    *,
    user: AsUser,
    account: Annotated[str, typer.Option(help="公众号名称。")],
    title: Annotated[str, typer.Option(help="标题。")],
    digest: Annotated[str, typer.Option(help="摘要。")] = "",
    author: Annotated[str | None, typer.Option(help="作者；默认是提交人。")] = None,
    event_date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="活动日期。")] = None,
    reprint_of: Annotated[str, typer.Option(help="转载稿件的原文网址。")] = "",
    attach: Annotated[list[Path] | None, typer.Option(help="附件（.docx .xlsx .pdf .txt），可重复。")] = None,
    as_json: AsJson = False,
) -> None:
    """建立草稿并提交，规则与投稿页面相同；提交即作出保密自查和版权声明。"""
    with _running(as_json=as_json) as runtime:
        document = read_manuscript(_read_file(file), file.name)
        attached = [
            attachments.read(runtime.screener(), name=each.name, content=_read_file(each), now=runtime.now())
            for each in attach or ()
        ]
        with runtime.reading() as session:
            person_id = _person_id(session, user)
            chosen = account_reads.named(session, account)
        if chosen is None:
            raise NotFound(f"台账里没有名为“{account}”的公众号。")
        fields = DraftFields(
            title=title,
            digest=digest,
            source_kind=SourceKind.REPRINT if reprint_of else SourceKind.ORIGINAL,
            source_url=reprint_of,
            body_html=document.body_under(title),
            account_id=chosen.id,
            event_date=event_date.date() if event_date else None,
            declared_no_secrets=True,
            declared_rights=True,
        )
        submission, marks = _hand_in(runtime, person_id, fields, document, attached=attached, author=author)
        answer = {"id": submission.id, "state": submission.state.value, "findings": marks}
        sentence = f"稿件 {submission.id} 已提交，现在是“{submission.state.label}”，机器提示 {marks} 处。"
        _answer(answer, sentence, as_json=as_json)


def _hand_in(
    runtime: Runtime,
    person_id: int,
    fields: DraftFields,
    document: ReadDocument,
    *,
    attached: Sequence[ReadAttachment],
    author: str | None,
) -> tuple[Submission, int]:
    """As the form does it: the draft is kept first, then checked, then handed in; a refusal leaves the draft."""
    with runtime.acting_as(person_id) as work:
        credited = replace(fields, author=author or work.actor.name)
        submission_id = submissions.start(work, draft=credited).id or 0
        for picture in document.pictures:
            assets.add(work, runtime.assets, submission_id=submission_id, picture=picture)
        for edition, each in enumerate(attached, 1):
            attachments.attach(work, runtime.assets, submission_id=submission_id, seen_edition=edition, attachment=each)
    with runtime.acting_as(person_id) as work:
        submissions.prepare(work, runtime.assets, submission_id=submission_id)
    picture_checks.read_pictures(runtime, submission_id=submission_id)
    attachment_checks.read_attachments(runtime, submission_id=submission_id)
    with runtime.acting_as(person_id) as work:
        marks = findings.check(work, runtime.screener(), submission_id=submission_id)
    with runtime.acting_as(person_id) as work:
        return submissions.submit(work, submission_id=submission_id, seen_version=1), len(marks)


_ACTIONS = (Action.SIGN_OFF, Action.PASS, Action.APPROVE, Action.RETURN, Action.REJECT, Action.WITHDRAW)


@app.command()
def advance(
    submission_id: Annotated[int, typer.Argument(metavar="ID", help="稿件编号。", callback=_as_row)],
    *,
    user: AsUser,
    action: Annotated[str, typer.Option(help="、".join(each.value for each in _ACTIONS))],
    comment: Annotated[str, typer.Option(help="意见；退回和不予采用须写明理由。")] = "",
    talk: Annotated[str, typer.Option(help="第三次起退回：今天谁和作者谈过，例如“张处长与王晓敏”。")] = "",
    without_talk: Annotated[bool, typer.Option("--without-talk", help="第三次起退回：先退回，稍后再谈。")] = False,
    as_json: AsJson = False,
) -> None:
    """办理一个环节；在这里通过，即以本人名义确认机器初筛的警告无误。"""
    chosen = next((each for each in _ACTIONS if each.value == action), None)
    if chosen is None:
        raise typer.BadParameter(f"{action!r} is none of {', '.join(_ACTIONS)}", param_hint="--action")
    with _running(as_json=as_json) as runtime:
        with runtime.reading() as session:
            person_id = _person_id(session, user)
            present = session.get(Submission, submission_id)
        if present is None:
            raise NotFound(f"没有编号为 {submission_id} 的稿件。")
        with runtime.acting_as(person_id) as work:
            if chosen in (Action.PASS, Action.APPROVE):
                # Whoever may not answer them may not take the step either, and hears that from the step itself.
                with suppress(NotAllowed):
                    _confirm_open_marks(work, submission_id, comment)
            moved = submissions.perform(
                work,
                chosen,
                submission_id=submission_id,
                seen_version=present.version,
                comment=comment,
                talk=PUT_OFF if without_talk else _talked(talk, office_day(work.now)),
            )
        answer = {"id": moved.id, "state": moved.state.value, "seal": moved.seal}
        _answer(answer, f"稿件 {moved.id} 现在是“{moved.state.label}”。", as_json=as_json)


def _talked(who: str, today: date) -> Talk | None:
    return Talk(who=who, held_on=today) if who else None


def _confirm_open_marks(work: UnitOfWork, submission_id: int, comment: str) -> None:
    """Signing on the command line confirms the open warnings, in the person's own name and words: there is no
    screen here to answer each on. A block never comes this far.
    """
    for mark in submission_reads.latest_findings(work.session, submission_id):
        if mark.level is FindingLevel.WARN and mark.answer is None and mark.id is not None:
            findings.answer(
                work,
                finding_id=mark.id,
                answer=FindingAnswer.CONFIRMED,
                reason=comment or "在命令行办理时确认无误。",
            )


# --- Publishing ------------------------------------------------------------------------------------------


EDITION = "名称=文字，只能从终审通过的文字里删字，可重复。"


@app.command()
def publish(
    submission_id: Annotated[int, typer.Argument(metavar="ID", help="稿件编号。", callback=_as_row)],
    *,
    user: AsUser,
    way: Annotated[PublicationWay | None, typer.Option(help="微信的发布方式；默认按公众号的设置。")] = None,
    target: Annotated[list[str] | None, typer.Option(help="wechat、site 或发布去处的名称，可重复；默认全部。")] = None,
    at: Annotated[str, typer.Option(help="定时，ISO 8601；不带时区按北京时间。")] = "",
    order: Annotated[PublishOrder | None, typer.Option(help="先后；默认按公众号的设置。")] = None,
    title: Annotated[list[str] | None, typer.Option(help=f"某个去处另用的标题：{EDITION}")] = None,
    digest: Annotated[list[str] | None, typer.Option(help=f"某个去处另用的摘要：{EDITION}")] = None,
    pictures: Annotated[list[str] | None, typer.Option(help="某个去处带的图片：名称=all、cover 或 none。")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只逐项检查会不会被拒绝，什么都不发。")] = False,
    as_json: AsJson = False,
) -> None:
    """把终审通过的稿件排入发布；--dry-run 只做试发检查。"""
    with _running(as_json=as_json) as runtime:
        with runtime.reading() as session:
            person_id = _person_id(session, user)
            targets, destinations = _places(session, target)
            variants = _variants(session, destinations, title, digest, pictures)
        plan = Plan(submission_id, way, targets, _moment(at), order, destinations, variants)
        if dry_run:
            _try_out(runtime, person_id, plan, as_json=as_json)
            return
        with runtime.acting_as(person_id) as work:
            rows = publishing.queue(
                work,
                runtime.secrets,
                submission_id=submission_id,
                way=plan.way,
                targets=plan.targets,
                at=plan.at,
                order=plan.order,
                destinations=plan.destinations,
                variants=plan.variants,
            )
        answer = {"publications": [each.id for each in rows]}
        lines = [f"发布任务 {each.id}：{each.target.label}，{each.state.label}。" for each in rows]
        _answer(answer, "\n".join(lines), as_json=as_json)


def _places(session: Session, names: list[str] | None) -> tuple[tuple[Target, ...] | None, tuple[int, ...] | None]:
    """The places behind the words of `--target`: the two built in by their code, further ones by their name."""
    if not names:
        return None, None
    built_in = {each.value: each for each in (Target.WECHAT, Target.SITE)}
    further = {each.name: each.id or 0 for each in destination_reads.every(session)}
    unknown = [name for name in names if name not in built_in and name not in further]
    if unknown:
        offered = "、".join((*built_in, *further))
        raise typer.BadParameter(f"{unknown[0]!r} is none of {offered}", param_hint="--target")
    return (
        tuple(built_in[name] for name in names if name in built_in),
        tuple(further[name] for name in names if name in further),
    )


def _variants(
    session: Session,
    chosen: tuple[int, ...] | None,
    titles: list[str] | None,
    digests: list[str] | None,
    pictures: list[str] | None,
) -> dict[int, Variant]:
    """The shorter editions by destination, from words such as `校报网站=短标题`; only for places that are `chosen`."""
    places = destination_reads.every(session)
    further = {each.name: each.id or 0 for each in places if chosen is None or each.id in chosen}
    given: dict[int, dict[str, str]] = {}
    for option, words in (("title", titles), ("digest", digests), ("pictures", pictures)):
        for word in words or ():
            name, is_given, text = word.partition("=")
            if not is_given or name not in further:
                wanted = f"is not NAME=TEXT with a name of {'、'.join(further) or '（没有可选的发布去处）'}"
                raise typer.BadParameter(f"{word!r} {wanted}", param_hint=f"--{option}")
            given.setdefault(further[name], {})[option] = text.strip()
    for each in given.values():
        if each.get("pictures", Pictures.ALL) not in list(Pictures):
            offered = "、".join(Pictures)
            raise typer.BadParameter(f"{each['pictures']!r} is none of {offered}", param_hint="--pictures")
    return {destination_id: variant_from(each) for destination_id, each in given.items()}


def _try_out(runtime: Runtime, person_id: int, plan: Plan, *, as_json: bool) -> None:
    found = dry_run_of(runtime, lambda: runtime.acting_as(person_id), plan)
    signs = {Grade.FINE: "✓", Grade.NOTE: "!", Grade.REFUSED: "✗"}
    lines = [f"{signs[each.grade]} {each.place}　{each.check}：{each.sentence}" for each in found]
    _answer({"ok": is_clear(found), "lines": [asdict(each) for each in found]}, "\n".join(lines), as_json=as_json)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)
        # The first and the last day of the calendar have no time in another zone.
        return moment.astimezone(UTC).astimezone(OFFICE_ZONE)
    except (ValueError, OverflowError) as fault:
        raise InvalidInput(f"看不懂时间“{text}”：请写成 2026-11-23T09:30。", field="at") from fault


LONGEST_WAIT = 86_400.0
LEAST_PATIENCE, MOST_PATIENCE = 0.001, 100.0
"""Of a worker. With none at all it would look at the same draft without end."""


def _between(least: float, most: float) -> Callable[[float], float]:
    def check(value: float) -> float:
        # Not a number lies nowhere: typer's own min and max let it through.
        if not least <= value <= most:
            raise typer.BadParameter(f"{value} is not in the range {least} to {most}")
        return value

    return check


@app.command()
def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help="做完到期的任务就停。")] = False,
    wait: Annotated[
        float, typer.Option(help="与 --once 同用：最多等多少秒。", callback=_between(0, LONGEST_WAIT))
    ] = 60.0,
    patience: Annotated[
        float,
        typer.Option(
            help="所有等待时间乘以这个数（演练和测试用 0.02）。", callback=_between(LEAST_PATIENCE, MOST_PATIENCE)
        ),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """单独运行发布任务。"""
    with _running(as_json=as_json) as runtime:
        if once:
            tally = delivery.run_once(runtime, wait=timedelta(seconds=wait), patience=patience)
        else:
            tally = _work_until_stopped(runtime, patience)
        _answer(asdict(tally), f"处理 {tally.handled} 个任务，{tally.live} 个已上线。", as_json=as_json)


def _work_until_stopped(runtime: Runtime, patience: float) -> delivery.Tally:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    return delivery.work_until(runtime, stopping, patience=patience)


publications = typer.Typer(help="发布任务。", invoke_without_command=True)
app.add_typer(publications, name="publications")


@publications.callback()
def show_publications(
    context: typer.Context,
    *,
    publication_id: Annotated[int | None, typer.Option("--id", help="只看这一个任务。", callback=_as_row)] = None,
    submission_id: Annotated[
        int | None, typer.Option("--submission", help="只看这篇稿件的任务。", callback=_as_row)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """列出发布任务，连同每次调用的结果和远端编号。"""
    if context.invoked_subcommand is not None:
        return
    with _running(as_json=as_json) as runtime:
        with runtime.reading() as session:
            rows = publication_reads.records(
                session, runtime.now(), publication_id=publication_id, submission_id=submission_id
            )
        lines = [
            f"{each['id']}  {each['target']}  {each['way']}  {each['state']}  {each['held_back'] or ''}".rstrip()
            for each in rows
        ]
        _answer(rows, "\n".join(lines) or "没有发布任务。", as_json=as_json)


@app.command(name="review-forms")
def take_review_forms(
    *,
    user: AsUser,
    out: Annotated[Path, typer.Option(help="输出目录。")],
    submission_id: Annotated[int | None, typer.Option("--submission", help="只要这一篇。", callback=_as_row)] = None,
    month: Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="这个月终审通过的全部，YYYY-MM。")] = None,
    as_json: AsJson = False,
) -> None:
    """导出《信息发布审批表》：一篇一份 Word，或一个月一个压缩包。"""
    with _running(as_json=as_json) as runtime:
        if (submission_id is None) is (month is None):
            raise InvalidInput("请在 --submission 和 --month 里选一个。", field="month")
        with runtime.reading() as session:
            actor = people_reads.actor(session, _person_id(session, user), office_day(runtime.now()))
        if actor is None:
            raise NotFound(f"“{user}”的账号已停用。")
        file = (
            review_forms.of_item(runtime, actor, submission_id)
            if submission_id is not None
            else review_forms.of_month(runtime, actor, _period(month))
        )
        with _writing(f"不能写入目录 {out}", "请用 --out 换一个目录"):
            out.mkdir(parents=True, exist_ok=True)
            (out / file.name).write_bytes(file.content)
        _answer({"files": [str(out / file.name)]}, f"已写入 {out / file.name}。", as_json=as_json)


def _period(month: datetime | None) -> int:
    return month.year * 100 + month.month if month else 0


class Verdict(StrEnum):
    """What a person found out about a publication whose outcome was unknown."""

    LIVE = "live"
    NOT_LIVE = "not-live"


@publications.command()
def settle(
    publication_id: Annotated[int, typer.Argument(metavar="N", help="发布任务编号。", callback=_as_row)],
    *,
    user: AsUser,
    verdict: Annotated[Verdict, typer.Option(help="live：已在微信上看到；not-live：确认没有发出。")],
    url: Annotated[str, typer.Option(help="已上线文章的地址。")] = "",
    as_json: AsJson = False,
) -> None:
    """由人核实一个结果不明的发布任务。"""
    with _running(as_json=as_json) as runtime:
        with _acting_as(runtime, user) as work:
            publication_answers.settle(
                work, publication_id=publication_id, live=verdict is Verdict.LIVE, url=url or None
            )
        with runtime.reading() as session:
            (record,) = publication_reads.records(session, runtime.now(), publication_id=publication_id)
        _answer(record, f"发布任务 {publication_id} 现在是 {record['state']}。", as_json=as_json)


@publications.command()
def stops(*, as_json: AsJson = False) -> None:
    """列出现在停着的发布：停了什么、谁停的、为什么、什么时候自动恢复。"""
    with _running(as_json=as_json) as runtime:
        with runtime.reading() as session:
            lines = stop_reads.standing(session, runtime.now())
        told = [
            f"{each.id}  {each.account or '全部'}  {each.way.value if each.way else '所有方式'}  {each.reason}"
            for each in lines
        ]
        _answer([_stop(each) for each in lines], "\n".join(told) or "没有停着的发布。", as_json=as_json)


def _stop(line: stop_reads.StopLine) -> dict[str, Any]:
    said = asdict(line)
    return said | {
        "way": line.way.value if line.way else None,
        "stopped_at": line.stopped_at.isoformat(),
        "ends_at": line.ends_at.isoformat() if line.ends_at else None,
    }


@publications.command()
def stop(
    *,
    user: AsUser,
    reason: Annotated[str, typer.Option(help="为什么停，恢复的人要看得懂。")],
    as_json: AsJson = False,
) -> None:
    """急停：任何平台都不再发出，正在处理的一篇会做完，任务不会丢失。"""
    with _running(as_json=as_json) as runtime:
        with _acting_as(runtime, user) as work:
            stop_id = publishing_stops.stop_everything(work, reason=reason).id
        _answer({"id": stop_id}, f"全部发布已停止，编号 {stop_id}。", as_json=as_json)


@publications.command()
def resume(
    stop_id: Annotated[int, typer.Argument(metavar="N", help="停止的编号，见 publications stops。", callback=_as_row)],
    *,
    user: AsUser,
    as_json: AsJson = False,
) -> None:
    """恢复一次停止，人按的和系统自动停的都可以；等着的任务马上继续。"""
    with _running(as_json=as_json) as runtime:
        with _acting_as(runtime, user) as work:
            publishing_stops.resume(work, stop_id=stop_id)
        _answer({"id": stop_id}, "发布已恢复。", as_json=as_json)


@app.command(name="rebuild-site")
def rebuild_site(*, as_json: AsJson = False) -> None:
    """重建校园网站的全部网页和列表（目录丢失或换了版式）；先停止全部发布。"""
    with _running(as_json=as_json) as runtime:
        changed = site_rebuild.rebuild(runtime)
        _answer({"files": changed}, f"已重建，改写了 {changed} 个文件。", as_json=as_json)


# --- Backups ---------------------------------------------------------------------------------------------


class _FolderFirst(TyperGroup):
    """`backup OUT` makes one: whatever is no command of the group is the folder."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        return super().resolve_command(ctx, args if args[0] in self.commands else ["make", *args])


backup = typer.Typer(
    help="备份：backup 新文件夹；核对：backup verify 文件夹。",
    cls=_FolderFirst,
    no_args_is_help=True,
    context_settings={"ignore_unknown_options": True},  # those of `make`
)
app.add_typer(backup, name="backup")


@backup.command(hidden=True)
def make(out: Annotated[Path, typer.Argument(help="新的文件夹。")], *, as_json: AsJson = False) -> None:
    """备份数据库和全部文件到一个新的文件夹，不必停下程序；做好后通读核对一遍。"""
    with _running(as_json=as_json) as runtime:
        with _writing(f"不能写入文件夹 {out}", "请换一个位置"):
            verdict = backups.make(runtime, out)
        _answer_verdict(verdict, f"已备份到 {out}。密钥不在备份里，请另行保管。", as_json=as_json)


@backup.command(name="verify")
def verify_backup(
    folder: Annotated[Path, typer.Argument(help="备份所在的文件夹。")], *, as_json: AsJson = False
) -> None:
    """通读一份备份，逐个文件与清单核对；什么也不改动。"""
    with _answering(as_json=as_json):
        verdict = backups.verify(folder)
    _answer_verdict(verdict, "备份完整。", as_json=as_json)


def _answer_verdict(verdict: backups.Verdict, whole: str, *, as_json: bool) -> None:
    counted = f"数据库 {sum(verdict.rows.values())} 行，文件 {verdict.files} 个。"
    lines = [whole if verdict.ok else "备份不完整：", *verdict.faults, counted]
    _answer(asdict(verdict), "\n".join(lines), as_json=as_json)
    if not verdict.ok:
        raise typer.Exit(1)


@app.command()
def restore(folder: Annotated[Path, typer.Argument(help="备份所在的文件夹。")], *, as_json: AsJson = False) -> None:
    """从备份恢复（先停止程序）；原来的数据库改名保留，全部发布停止，待人核对后恢复。"""
    with _answering(as_json=as_json):
        faults.configure()
        runtime = bootstrap(load_settings())
        try:
            with _writing("没有恢复，现有数据没有改动", "请处理后再试"):
                done = restoring.restore(runtime, folder)
        finally:
            runtime.close()
    document = {"ok": True, **asdict(done), "kept": done.kept and str(done.kept)}
    _answer(document, "\n".join(_told_of(done)), as_json=as_json)


def _told_of(done: restoring.Restored) -> Iterator[str]:
    yield f"已恢复：数据库 {sum(done.rows.values())} 行，文件 {done.files} 个。"
    if done.kept is not None:
        yield f"原来的数据库保留在 {done.kept}。"
    if not done.same_key:
        yield "备份时的密钥不是现在的 WEISHENTAI_SECRET_KEY：请换回原来的，否则 AppSecret 等须重新登记。"
    yield "启动后所有人须重新登录；人员、密码和权限回到了备份时的样子，那以后停用的人员请再停用一次。"
    yield f"全部发布已停止，{done.doubtful} 篇待核实：请先到公众平台“发表记录”核对，再在“发布”页恢复发布。"
    yield "校园网站请在恢复发布前重建一次：python -m services rebuild-site"


# --- The trail -------------------------------------------------------------------------------------------

trail = typer.Typer(help="操作日志。", no_args_is_help=True)
app.add_typer(trail, name="audit")


@trail.command()
def verify(
    *,
    file: Annotated[Path | None, typer.Option(help="核对导出的文件，而不是数据库。")] = None,
    as_json: AsJson = False,
) -> None:
    """从头核对操作日志的哈希链；断开时指出在哪一条。"""
    if file is not None:
        with _answering(as_json=as_json):
            verdict = audit.verify_export(file)
    else:
        with _running(as_json=as_json) as runtime, runtime.reading() as session:
            verdict = audit.verify(session)
    sentence = (
        f"完整：共 {verdict.events} 条，末端 {verdict.head}。"
        if verdict.ok
        else f"在第 {verdict.broken_at} 条断开：有人改动过历史。"
    )
    _answer(asdict(verdict), sentence, as_json=as_json)
    if not verdict.ok:
        raise typer.Exit(1)


@trail.command()
def export(out: Annotated[Path, typer.Argument(help="导出到的文件。")], *, as_json: AsJson = False) -> None:
    """导出操作日志，每行一个 JSON 文档，供校外留存。"""
    with _running(as_json=as_json) as runtime, runtime.reading() as session:
        with _writing(f"不能写入文件 {out}", "请换一个文件名"):
            count = audit.export(session, out)
        _answer({"events": count, "file": str(out)}, f"已导出 {count} 条到 {out}。", as_json=as_json)
