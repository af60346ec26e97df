"""The command line: what scripts may depend on. Each command runs in a process' worth of isolation: its own home."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from models import Destination, Publication, Role, Submission, Target
from sandbox.platform import Platform, Settings
from sandbox.server import RunningSandbox, start
from services import lexicon
from services.bootstrap import bootstrap
from services.cli import app
from services.lexicon import EntryFields
from services.settings import load_settings
from tests.documents import campus_story_docx

Run = Callable[..., Any]
WECHAT_TAGS = frozenset(
    re.findall(
        r"\w+",
        "section p span strong em b i u s br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote table thead tbody tr th td img a"
        " sup sub pre code",
    )
)


@pytest.fixture
def platform() -> Iterator[RunningSandbox]:
    """Another implementation of the platform, as far as the product can tell: an address on this machine."""
    with start(0, Platform(settings=Settings(open_registration=True, publish_delay=0.05))) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, platform: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "WEISHENTAI_MODE", "WEISHENTAI_SECRET_KEY", "WEISHENTAI_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEISHENTAI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WEISHENTAI_WECHAT_API", platform.base_url)
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:  # noqa: ARG001  # the commands speak to it
    def command(*arguments: str, exit_code: int = 0) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--json"])
        assert result.exit_code == exit_code, (result.stdout, result.stderr, result.exception)
        return json.loads(result.stdout)

    return command


@pytest.fixture
def story(home: Path) -> Path:
    path = home / "读书节.docx"
    path.write_bytes(campus_story_docx())
    return path


@pytest.fixture
def school(run: Run) -> dict[str, str]:
    """The demo school; the first username for each role."""
    cast: dict[str, str] = {}
    for person in run("init", "--demo")["people"]:
        for role in person["roles"]:
            cast.setdefault(role, person["username"])
    return cast


def approve(run: Run, school: dict[str, str], story: Path) -> int:
    made = run("submit", str(story), "--as", school["contributor"], "--account", "演练大学", "--title", "读书节开幕")
    for role, action in (("department_head", "sign_off"), ("reviewer", "pass"), ("approver", "approve")):
        run("advance", str(made["id"]), "--as", school[role], "--action", action)
    return int(made["id"])


def committed(platform: RunningSandbox, endpoint: str) -> int:
    return sum(call.committed for call in platform.platform.calls(endpoint))


def test_the_demo_school_has_all_eight_roles_and_an_account_for_every_way(run: Run) -> None:
    made = run("init", "--demo")

    assert {role for person in made["people"] for role in person["roles"]} == {role.value for role in Role}
    assert len({person["department"] for person in made["people"]}) > 1
    assert made["accounts"][0] == {"name": "演练大学", "state": "active"}
    assert run("init", "--demo") == made


def test_the_first_administrator_gets_a_one_time_password_once(run: Run) -> None:
    (person,) = run("init", "--admin", "office")["people"]

    assert (person["username"], person["roles"], len(person["password"]) >= 12) == ("office", ["admin"], True)
    assert run("init")["people"] == []


def test_one_item_goes_from_a_word_file_to_exactly_one_draft_and_one_publication(
    run: Run, school: dict[str, str], story: Path, platform: RunningSandbox
) -> None:
    submission = approve(run, school, story)

    queued = run("publish", str(submission), "--as", school["publisher"], "--way", "publish")
    tally = run("worker", "--once", "--patience", "0.02")
    again = run("worker", "--once", "--patience", "0.02")

    rows = run("publications", "--submission", str(submission))
    assert [row["id"] for row in rows] == queued["publications"]
    assert [(row["target"], row["way"], row["state"]) for row in rows] == [
        ("wechat", "publish", "live"),
        ("site", "publish", "live"),
    ]
    assert (tally["live"], again["handled"]) == (2, 0)
    assert (committed(platform, "draft/add"), committed(platform, "freepublish/submit")) == (1, 1)
    assert rows[0]["remote"]["url"].startswith(platform.base_url)
    assert run("audit", "verify")["ok"] is True


def test_review_forms_are_written_for_an_item_and_refused_for_a_month_to_its_author(
    run: Run, school: dict[str, str], story: Path, tmp_path: Path
) -> None:
    submission = approve(run, school, story)
    out, author = str(tmp_path / "forms"), school["contributor"]

    written = run("review-forms", "--submission", str(submission), "--as", author, "--out", out)
    refused = run("review-forms", "--month", "2026-11", "--as", author, "--out", out, exit_code=1)
    unclear = run("review-forms", "--as", author, "--out", out, exit_code=1)

    assert [Path(each).read_bytes()[:2] for each in written["files"]] == [b"PK"]
    assert (refused["code"], unclear["code"]) == ("not_allowed", "invalid_input")


def test_the_default_way_leaves_the_draft_to_a_person(
    run: Run, school: dict[str, str], story: Path, platform: RunningSandbox
) -> None:
    submission = approve(run, school, story)
    run("publish", str(submission), "--as", school["publisher"])

    run("worker", "--once", "--patience", "0.02")

    states = {row["target"]: row["state"] for row in run("publications", "--submission", str(submission))}
    assert states == {"wechat": "needs_person", "site": "live"}
    assert (committed(platform, "draft/add"), committed(platform, "freepublish/submit")) == (1, 0)


def test_a_refusal_is_a_sentence_a_code_and_exit_one(run: Run, school: dict[str, str], story: Path) -> None:
    title = "长" * 65

    refused = run(
        "submit", str(story), "--as", school["contributor"], "--account", "演练大学", "--title", title, exit_code=1
    )

    assert refused["code"] == "invalid_input"
    assert "64" in refused["refused"]


@pytest.mark.parametrize(
    ("role", "action", "code"),
    [
        ("contributor", "sign_off", "not_allowed"),
        ("reviewer", "sign_off", "not_allowed"),
        ("department_head", "return", "reason_required"),
        ("department_head", "approve", "wrong_state"),
        ("approver", "approve", "wrong_state"),
    ],
)
def test_the_command_line_has_the_rights_of_the_person_and_no_others(
    run: Run, school: dict[str, str], story: Path, role: str, action: str, code: str
) -> None:
    made = run("submit", str(story), "--as", school["contributor"], "--account", "演练大学", "--title", "读书节")

    assert run("advance", str(made["id"]), "--as", school[role], "--action", action, exit_code=1)["code"] == code


def test_passing_on_the_command_line_confirms_warnings_in_the_persons_name(
    run: Run, school: dict[str, str], home: Path
) -> None:
    notice = home / "通知.txt"
    notice.write_text("请于本周五前报名。联系人王老师，手机13812345678。", encoding="utf-8")
    made = run("submit", str(notice), "--as", school["contributor"], "--account", "演练大学", "--title", "报名通知")
    run("advance", str(made["id"]), "--as", school["department_head"], "--action", "sign_off")

    passed = run("advance", str(made["id"]), "--as", school["reviewer"], "--action", "pass", "--comment", "值班电话")

    assert (made["findings"], passed["state"]) == (1, "final_review")


@pytest.mark.parametrize("said", [("--talk", "张处长与王晓敏"), ("--without-talk",)])
def test_the_third_return_on_the_command_line_asks_for_a_talk_too(
    run: Run, school: dict[str, str], home: Path, story: Path, said: tuple[str, ...]
) -> None:
    made = run("submit", str(story), "--as", school["contributor"], "--account", "演练大学", "--title", "读书节")
    _returned_before(home, made["id"], times=2)
    arguments = (
        "advance",
        str(made["id"]),
        "--as",
        school["department_head"],
        "--action",
        "return",
        "--comment",
        "再改",
    )

    assert run(*arguments, exit_code=1)["code"] == "talk_required"
    assert run(*arguments, *said)["state"] == "returned"


def _returned_before(home: Path, submission_id: int, *, times: int) -> None:
    """As if the item had come back so often: what handing in wrote, once more as a return."""
    columns = "submission_id, review_round, from_state, to_state, comment, clause, entered_at, at"
    copy = f"INSERT INTO reviewdecision (action, {columns}) SELECT 'return', {columns} FROM reviewdecision"  # noqa: S608  # no input
    with closing(sqlite3.connect(next(home.rglob("weishentai.db")))) as connection, connection:
        for _ in range(times):
            connection.execute(f"{copy} WHERE submission_id = ? AND action = 'submit'", (submission_id,))


def test_an_attachment_goes_with_the_item_and_is_checked_like_its_text(
    run: Run, school: dict[str, str], story: Path, home: Path
) -> None:
    leaking, clean = home / "名单.txt", home / "须知.txt"
    leaking.write_text("张某 11010519491231002X", encoding="utf-8")
    clean.write_text("请提前十分钟入场。", encoding="utf-8")
    of = ("submit", str(story), "--as", school["contributor"], "--account", "演练大学", "--title", "读书节")

    refused = run(*of, "--attach", str(leaking), exit_code=1)
    made = run(*of, "--attach", str(clean))

    assert (refused["code"], made["state"]) == ("findings_open", "department_review")


def test_an_item_is_tried_out_line_by_line_for_the_places_named(run: Run, school: dict[str, str], story: Path) -> None:
    submission = str(approve(run, school, story))
    tried = run("publish", submission, "--as", school["publisher"], "--target", "site", "--dry-run")

    assert tried["ok"] is True
    assert {line["place"] for line in tried["lines"]} == {"稿件", "校园网站"}
    assert run("publications", "--submission", submission) == []
    early = run("publish", submission, "--as", school["publisher"], "--at", "2020-01-01T08:00", "--dry-run")
    assert early["ok"] is False
    assert [line["check"] for line in early["lines"] if line["grade"] == "refused"] == ["时间"]


def test_a_place_gets_the_shorter_edition_named_for_it(
    run: Run, school: dict[str, str], story: Path, home: Path
) -> None:
    submission = str(approve(run, school, story))
    with bootstrap(load_settings(home=home / "home")).as_system() as work:
        for name, kind in (("校报网站", Target.WORDPRESS), ("镜像", Target.SFTP)):
            work.session.add(
                Destination(
                    name=name, kind=kind, active=True, secret_sealed="", secret_changed_at=work.now,
                    created_at=work.now, tested_at=work.now, findings=[{"step": "登录", "ok": True, "sentence": ""}],
                )
            )  # fmt: skip
        title = work.session.get_one(Submission, int(submission)).title
    short = title[:-1]
    of = ("publish", submission, "--as", school["publisher"], "--target", "校报网站")

    def refused(*words: str) -> list[str]:
        tried = run(*of, *words, "--dry-run")
        return [line["sentence"] for line in tried["lines"] if line["grade"] == "refused"]

    added = refused("--title", f"校报网站={title}！")
    mirrored = refused("--target", "镜像", "--title", f"镜像={short}")
    fine = refused("--title", f"校报网站={short}", "--pictures", "校报网站=none")
    told = run(*of, "--title", f"校报网站={title}！", exit_code=1)
    for wrong in (
        ("--title", f"别处={short}"),
        ("--title", short),
        ("--pictures", "校报网站=some"),
        ("--title", f"镜像={short}"),
    ):
        assert CliRunner().invoke(app, [*of, *wrong]).exit_code == 2
    (publication_id,) = run(*of, "--title", f"校报网站={short}", "--pictures", "校报网站=none")["publications"]

    assert added == [f"这里的标题只能从终审通过的标题里删字，不能添字或改字：“{title}”。"]
    assert mirrored == ["这里是和校园网站同样的网页，不能另用标题、摘要或图片。"]
    assert fine == []
    assert told["refused"] == added[0]
    with bootstrap(load_settings(home=home / "home")).reading() as session:
        assert session.get_one(Publication, publication_id).variant == {"title": short, "pictures": "none"}


def test_publishing_is_stopped_and_resumed_from_the_server_room(
    run: Run, school: dict[str, str], story: Path, platform: RunningSandbox
) -> None:
    submission = approve(run, school, story)
    (publication_id,) = run("publish", str(submission), "--as", school["publisher"], "--target", "wechat")[
        "publications"
    ]

    refused = run("publications", "stop", "--as", school["reviewer"], "--reason", "先核对", exit_code=1)
    stopped = run("publications", "stop", "--as", school["publisher"], "--reason", "先核对")
    twice = run("publications", "stop", "--as", school["approver"], "--reason", "又停", exit_code=1)
    (line,) = run("publications", "stops")
    run("worker", "--once", "--patience", "0.02")
    (held,) = run("publications", "--id", str(publication_id))
    found = {each["name"]: (each["ok"], each["message"]) for each in run("doctor")["checks"]}
    resumed = run("publications", "resume", str(line["id"]), "--as", school["approver"])

    assert (refused["code"], twice["refused"]) == ("not_allowed", "全部发布已经停止，不必再停。")
    told = {name: line[name] for name in ("id", "account", "way", "reason", "ends_at")}
    assert told == stopped | {"account": None, "way": None, "reason": "先核对", "ends_at": None}
    assert (held["state"], held["held_back"], committed(platform, "draft/add")) == ("queued", "先核对", 0)
    said = f"全部的发布停着：先核对（编号 {line['id']}）。处理好后恢复：weishentai publications resume 编号。"
    assert found["stops"] == (False, said)
    assert "本系统今天调用发布接口 0 次，" in found["wechat:演练大学"][1]
    assert resumed == {"id": line["id"]}
    assert run("publications", "stops") == []
    assert run("publications", "resume", str(line["id"]), "--as", school["approver"], exit_code=1)["code"]


def test_nobody_but_a_publisher_publishes(run: Run, school: dict[str, str], story: Path) -> None:
    submission = approve(run, school, story)

    refused = run("publish", str(submission), "--as", school["approver"], exit_code=1)

    assert refused["code"] == "not_allowed"


def test_what_does_not_exist_and_cannot_be_written_is_a_refusal_and_no_traceback(
    run: Run, school: dict[str, str], story: Path, home: Path
) -> None:
    publisher, large = ("--as", school["publisher"]), str(10**30)

    for arguments in (
        ("advance", large, *publisher, "--action", "pass"),
        ("publish", large, *publisher),
        ("publications", "settle", large, *publisher, "--verdict", "live"),
        ("publications", "resume", large, *publisher),
        ("replay", large, *publisher),
        ("review-forms", "--submission", large, *publisher, "--out", str(home)),
        ("screen", str(story), "--lexicon", large),
    ):
        assert run(*arguments, exit_code=1)["code"] == "not_found", arguments
    assert run("publications", "--id", large) == run("publications", "--submission", "-1") == []
    for moment in ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30"):
        refused = run("publish", "1", *publisher, "--at", moment, exit_code=1)
        assert refused == {"refused": f"看不懂时间“{moment}”：请写成 2026-11-23T09:30。", "code": "invalid_input"}
    refused = run("audit", "export", str(home / "没有" / "日志"), exit_code=1)
    assert refused["refused"] == f"不能写入文件 {home}/没有/日志：没有这个文件或文件夹，请换一个文件名。"


@pytest.mark.parametrize(
    "arguments",
    [
        ("advance", "1", "--as", "x", "--action", "dance"),
        ("publish", "1"),
        ("worker", "--patience", "soon"),
        # It would look at a waiting draft without end.
        ("worker", "--once", "--patience", "0"),
        ("worker", "--once", "--patience", "nan"),
        ("worker", "--once", "--wait", "-1"),
        ("no-such-command",),
    ],
)
@pytest.mark.usefixtures("home")
def test_wrong_use_is_exit_two(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, list(arguments)).exit_code == 2


def test_convert_writes_a_wechat_safe_fragment_a_page_and_every_picture(run: Run, story: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    answer = run("convert", str(story), "--out", str(out))

    fragment = (out / "article.html").read_text(encoding="utf-8")
    assert {tag.lower() for tag in re.findall(r"<([a-zA-Z][\w-]*)", fragment)} <= WECHAT_TAGS
    assert not re.search(r"\s(class|id|on\w+)=|<style|javascript:", fragment)
    sources = re.findall(r'<img[^>]* src="([^"]+)"', fragment)
    assert sorted(set(sources)) == sorted(picture["file"] for picture in answer["images"])
    assert all((out / source).stat().st_size == size["bytes"] for source, size in _with(answer["images"], sources))
    assert (answer["title"], answer["title"] in fragment) == ("书香浸润校园 阅读点亮青春", True)
    assert "<h1>" in (out / "page.html").read_text(encoding="utf-8")


def _with(pictures: list[dict[str, Any]], sources: list[str]) -> list[tuple[str, dict[str, Any]]]:
    by_file = {picture["file"]: picture for picture in pictures}
    return [(source, by_file[source]) for source in dict.fromkeys(sources)]


def test_convert_refuses_what_is_no_word_file_and_writes_nothing(run: Run, home: Path) -> None:
    fake = home / "简报.docx"
    fake.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    refused = run("convert", str(fake), "--out", str(home / "out"), exit_code=1)

    assert refused["code"] == "unreadable_file"
    assert not (home / "out").exists()


@pytest.mark.parametrize(
    ("file", "out", "sentence"),
    [
        ("没有.docx", "out", "打不开文件 {home}/没有.docx：没有这个文件或文件夹。"),
        (".", "out", "打不开文件 {home}：这是一个文件夹。"),
        (
            "稿件.txt",
            "稿件.txt",
            "不能写入目录 {home}/稿件.txt：那里有同名的文件，请用 --out 换一个目录。",
        ),
    ],
)
def test_convert_says_why_a_file_cannot_be_read_or_written(
    run: Run, home: Path, file: str, out: str, sentence: str
) -> None:
    (home / "稿件.txt").write_text("正文", encoding="utf-8")
    refused = run("convert", str(home / file), "--out", str(home / out), exit_code=1)
    assert refused["refused"] == sentence.format(home=home)


def test_screen_marks_places_by_their_offsets_in_the_text_and_masks_them(run: Run, home: Path) -> None:
    text = "联系人张某，身份证号11010519491231002X，请核对。"
    (home / "名单.txt").write_text(text, encoding="utf-8")

    answer = run("screen", str(home / "名单.txt"), "--with-text")

    (found,) = [each for each in answer["findings"] if each["rule"] == "pi.id_card"]
    assert answer["text"][found["start"] : found["end"]] == "11010519491231002X"
    assert (found["level"], found["quote"], found["clause"]) == ("block", "110105********002X", "4.2")
    assert {"rules", "lexicon"} <= set(answer["versions"])


def test_screen_uses_the_lists_in_force_and_any_version_that_is_named(run: Run, home: Path) -> None:
    run("init", "--demo")
    (home / "稿.txt").write_text("报名保录取，来到演练大学堂。", encoding="utf-8")
    settings = load_settings()
    runtime = bootstrap(settings)
    with runtime.as_system() as work:
        lexicon.start(work)
    with runtime.as_system() as work:
        lexicon.save_entry(work, EntryFields(term="演练大学堂", group="school", reason="校名"))
        lexicon.activate(work, note="校名")
    runtime.close()

    def rules(*options: str) -> tuple[list[str], str | None]:
        answer = run("screen", str(home / "稿.txt"), *options)
        return [each["rule"] for each in answer["findings"]], answer["versions"].get("edition")

    assert rules() == (["term.admissions", "term.school"], "2")
    assert rules("--lexicon", "1") == (["term.admissions"], "1")
    assert rules("--lexicon", "0") == (["term.admissions"], None)
    assert run("screen", str(home / "稿.txt"), "--lexicon", "9", exit_code=1)["refused"] == "没有第 9 版词库。"


def test_the_check_of_an_item_is_replayed(run: Run, school: dict[str, str], story: Path) -> None:
    submission = approve(run, school, story)

    answer = run("replay", str(submission), "--as", school["reviewer"])

    assert (answer["same"], answer["missing"], answer["added"], answer["differs_in"]) == (True, [], [], [])
    assert run("replay", "99", "--as", school["reviewer"], exit_code=1)["code"] == "not_found"


def test_a_person_settles_what_nobody_can_know(
    run: Run, school: dict[str, str], story: Path, platform: RunningSandbox
) -> None:
    submission = approve(run, school, story)
    run("publish", str(submission), "--as", school["publisher"], "--target", "wechat")
    run("worker", "--once", "--patience", "0.02")
    (row,) = run("publications", "--submission", str(submission))
    url = f"{platform.base_url}/s/by-hand"

    refused = run(
        "publications", "settle", str(row["id"]), "--as", school["reviewer"], "--verdict", "live", "--url", url,
        exit_code=1,
    )  # fmt: skip
    settled = run(
        "publications", "settle", str(row["id"]), "--as", school["publisher"], "--verdict", "live", "--url", url
    )

    assert refused["code"] == "not_allowed"
    assert (settled["state"], settled["remote"]["url"]) == ("live", url)


def test_doctor_says_what_is_in_order(run: Run, school: dict[str, str]) -> None:  # noqa: ARG001  # a school to examine
    checks = {each["name"]: each["ok"] for each in run("doctor")["checks"]}

    assert {"settings", "database", "audit", "disk", "clock", "wechat:演练大学"} <= set(checks)
    assert checks["wechat:演练大学"] is True
    assert checks["worker"] is False


def test_two_homes_share_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init", "--demo")
    monkeypatch.setenv("WEISHENTAI_HOME", str(tmp_path / "second"))

    assert run("init")["people"][0]["username"] == "admin"


# --- Backups ---------------------------------------------------------------------------------------------


def test_what_went_out_after_a_backup_is_found_and_never_goes_out_again(
    run: Run, school: dict[str, str], story: Path, platform: RunningSandbox, home: Path
) -> None:
    folder = str(home / "备份")
    submission = approve(run, school, story)
    run("publish", str(submission), "--as", school["publisher"], "--way", "publish", "--target", "wechat")
    made = run("backup", folder)
    assert run("backup", "verify", folder) == made
    assert run("backup", "--json", folder, exit_code=1)["code"] == "invalid_input"
    run("worker", "--once", "--patience", "0.02")
    (out,) = run("publications", "--submission", str(submission))

    assert run("restore", folder, exit_code=1)["code"] == "wrong_state"  # the worker was at work a moment ago
    let_the_worker_be_long_gone(home)
    restored = run("restore", folder)
    run("worker", "--once", "--patience", "0.02")
    (held,) = run("publications", "--submission", str(submission))
    (stop,) = run("publications", "stops")
    run("publications", "resume", str(stop["id"]), "--as", school["publisher"])
    run("worker", "--once", "--patience", "0.02")
    (found,) = run("publications", "--submission", str(submission))

    assert (restored["ok"], restored["files"], restored["doubtful"]) == (True, made["files"], 1)
    assert [row["state"] for row in (out, held, found)] == ["live", "unknown", "live"]
    assert found["remote"]["url"] == out["remote"]["url"]
    assert (committed(platform, "draft/add"), committed(platform, "freepublish/submit")) == (1, 1)
    assert run("audit", "verify")["ok"] is True


def let_the_worker_be_long_gone(home: Path) -> None:
    with closing(sqlite3.connect(home / "home" / "weishentai.db")) as database, database:
        database.execute("UPDATE heartbeat SET at = datetime(at, '-1 hour')")


# --- The way back in -------------------------------------------------------------------------------------


def test_only_administrator_gets_a_code_on_the_server(run: Run) -> None:
    run("init", "--admin", "root1")

    issued = run("reset-code", "root1", "--reason", "忘记密码")
    refused = run("reset-code", "nobody", "--reason", "忘记密码", exit_code=1)
    without = run("reset-code", "root1", "--reason", "手机丢失", "--without-second-factor", exit_code=1)

    assert set(issued) == {"username", "name", "code", "expires_at"}
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", issued["code"])
    assert (refused["code"], without["code"]) == ("not_found", "wrong_state")
