"""Notices that leave the house, over real sockets: to whom, with which words, and what becomes of failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select

from models import Action, Notice, Sending, SendingState
from services import notice_delivery, notices
from services.adapters.group_robot import GroupRobot
from services.adapters.mail import SmtpMail
from services.bootstrap import Runtime, bootstrap
from services.errors import IncompleteSettings
from services.settings import load_settings
from tests.desk import Desk
from tests.office import Office
from tests.post_office import Group, PostOffice, chat_group, post_office
from tests.waiting import until

REASON = "王同学的电话写错了"


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def group() -> Iterator[Group]:
    with chat_group() as found:
        yield found


@pytest.fixture
def runtime(desk: Desk, post: PostOffice, group: Group) -> Runtime:
    """The school with a mail server and a robot; 小王 and 张处长 want mail."""
    for who, mail in (("小王", "wang@school.edu.cn"), ("张处长", "zhang@school.edu.cn")):
        with desk.office.acting_as(who) as work:
            notices.receive_mail_at(work, mail=mail)
    settings = desk.runtime.settings.model_copy(update={"public_url": "https://desk.school.edu.cn/"})
    return replace(
        desk.runtime,
        settings=settings,
        mail=SmtpMail(host="127.0.0.1", port=post.port, security="none", sender="微审台 <office@school.edu.cn>"),
        robot=GroupRobot(group.address),
    )


def returned(desk: Desk) -> int:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.RETURN, submission_id, REASON)
    return submission_id


def sendings(desk: Desk) -> list[tuple[str, SendingState, int, str]]:
    with desk.office.reading() as session:
        rows = session.exec(select(Sending).order_by(col(Sending.id))).all()
    return [(each.channel.value, each.state, each.tries, each.failure) for each in rows]


def test_author_gets_a_mail_with_the_reason_and_the_way_to_the_item(
    desk: Desk, runtime: Runtime, post: PostOffice
) -> None:
    submission_id = returned(desk)

    notice_delivery.send_due(runtime)

    to_author = next(mail for mail in post.mails if mail["To"] == "wang@school.edu.cn")
    words = to_author.get_content()
    assert to_author["Subject"] == "【微审台】《教务处举办教学经验交流会》退回修改"
    assert f"张处长 退回修改：{REASON}" in words
    assert f"打开：https://desk.school.edu.cn/submission?id={submission_id}" in words.splitlines()
    assert {mail["To"] for mail in post.mails} == {"wang@school.edu.cn", "zhang@school.edu.cn"}
    assert to_author["Auto-Submitted"] == "auto-generated"


def test_robot_names_nobody_and_nothing(desk: Desk, runtime: Runtime, group: Group) -> None:
    submission_id = returned(desk)

    notice_delivery.send_due(runtime)

    words = [said["text"]["content"] for said in group.said]
    link = f"https://desk.school.edu.cn/submission?id={submission_id}"
    assert words == [
        f"有稿件等待审核。请登录微审台查看。\n{link}",
        f"有稿件退回修改。请登录微审台查看。\n{link}",
    ]


def test_of_an_event_for_three_people_the_group_hears_once(desk: Desk, runtime: Runtime, group: Group) -> None:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)

    notice_delivery.send_due(runtime)

    assert len(group.said) == 2


def test_nothing_is_sent_twice(desk: Desk, runtime: Runtime, post: PostOffice, group: Group) -> None:
    returned(desk)

    sent = [notice_delivery.send_due(runtime) for _ in range(3)]

    assert (sent, len(post.mails), len(group.said)) == ([4, 0, 0], 2, 2)


def test_without_channels_notices_stay_in_the_house(desk: Desk) -> None:
    returned(desk)

    notice_delivery.send_due(desk.runtime)

    with desk.office.reading() as session:
        waiting = session.exec(select(Notice.id).where(col(Notice.dispatched_at).is_(None))).all()
    assert (sendings(desk), list(waiting)) == ([], [])


@pytest.mark.parametrize(("code", "tries"), [(550, 1), (451, 4)])
def test_a_final_refusal_fails_at_once_and_a_passing_one_after_four_tries(
    desk: Desk, runtime: Runtime, post: PostOffice, code: int, tries: int
) -> None:
    post.rcpt_answers = code
    returned(desk)
    for _ in range(6):
        notice_delivery.send_due(runtime)
        desk.office.later(hours=1)

    mails = [each for each in sendings(desk) if each[0] == "mail"]
    assert [(state, tried) for _, state, tried, _ in mails] == [(SendingState.FAILED, tries)] * 2
    assert post.mails == []


def test_a_server_that_hangs_up_is_tried_again_and_then_gets_the_mail(
    desk: Desk, runtime: Runtime, post: PostOffice
) -> None:
    post.hangs_up = True
    returned(desk)
    notice_delivery.send_due(runtime)
    post.hangs_up = False
    first = len(post.mails)
    desk.office.later(minutes=2)

    notice_delivery.send_due(runtime)

    assert (first, len(post.mails)) == (0, 2)


def test_what_failed_is_sent_again_by_the_administrator(desk: Desk, runtime: Runtime, group: Group) -> None:
    group.errcode = 93000  # the robot was taken out of the group
    desk.office.submitted()
    notice_delivery.send_due(runtime)
    failed = [each for each in sendings(desk) if each[0] == "robot"]
    group.errcode = 0
    with desk.office.acting_as("小林") as work:
        row = work.session.exec(select(Sending).where(Sending.state == SendingState.FAILED)).one()
        notices.resend(work, sending_id=row.id or 0)

    notice_delivery.send_due(runtime)

    assert [(state, words[:5]) for _, state, _, words in failed] == [(SendingState.FAILED, "群机器人拒")]
    assert [each[1] for each in sendings(desk) if each[0] == "robot"] == [SendingState.SENT]


def test_the_robots_key_is_neither_recorded_nor_shown(desk: Desk, runtime: Runtime, group: Group) -> None:
    group.status, group.errcode = 503, 45009
    desk.office.submitted()

    notice_delivery.send_due(runtime)

    with desk.office.reading() as session:
        row = session.exec(select(Sending).where(Sending.channel == "robot")).one()
    assert "a-secret-key" not in row.model_dump_json() + repr(runtime.robot)


def test_the_worker_sends_beside_the_publications(desk: Desk, runtime: Runtime, post: PostOffice) -> None:
    returned(desk)
    stopping = threading.Event()
    thread = threading.Thread(target=notice_delivery.work_until, args=(runtime, stopping))
    thread.start()
    try:
        until(lambda: len(post.mails) == 2)
    finally:
        stopping.set()
        thread.join()

    assert len(post.mails) == 2


def test_both_databases_hand_a_message_out_once(
    office: Office, database_url: str, tmp_path: Path, group: Group
) -> None:
    joined = bootstrap(load_settings(home=tmp_path, database_url=database_url))
    runtime = replace(joined, clock=lambda: office.now, robot=GroupRobot(group.address))
    office.submitted()

    sent = [notice_delivery.send_due(runtime) for _ in range(2)]
    runtime.close()

    assert (sent, len(group.said)) == ([1, 0], 1)


MAIL = {"smtp_host": "127.0.0.1", "smtp_sender": "office@school.edu.cn"}
LIVE = {"mode": "live", "secret_key": "x" * 40, "public_url": "https://desk.school.edu.cn"}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"smtp_host": "127.0.0.1"}, "WEISHENTAI_SMTP_SENDER"),
        ({"smtp_sender": "office@school.edu.cn"}, "WEISHENTAI_SMTP_HOST"),
        ({**MAIL, "smtp_user": "office"}, "WEISHENTAI_SMTP_PASSWORD"),
        ({**MAIL, "smtp_password": "secret"}, "WEISHENTAI_SMTP_USER"),
        ({**MAIL, "smtp_host": "mail.school.edu.cn"}, "演练模式不向外发通知"),
        ({"robot_url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"}, "演练模式不向外发通知"),
        ({**LIVE, "robot_url": "http://qyapi.weixin.qq.com/send?key=1"}, "WEISHENTAI_ROBOT_URL"),
    ],
)
def test_half_a_channel_is_refused_at_the_start(tmp_path: Path, given: dict[str, str], named: str) -> None:
    with pytest.raises(IncompleteSettings, match=named):
        load_settings(home=tmp_path, **given)


def test_a_whole_channel_is_taken(tmp_path: Path) -> None:
    robot = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"

    settings = load_settings(
        home=tmp_path, **LIVE, smtp_host="mail.school.edu.cn", smtp_sender="office@school.edu.cn", robot_url=robot
    )

    assert (settings.smtp_host, settings.robot_url.get_secret_value()) == ("mail.school.edu.cn", robot)
