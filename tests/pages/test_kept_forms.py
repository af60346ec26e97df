"""Two people have the same form open: who saves second keeps what they typed, is told, and sees the other's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models import ChangeKind, DepartmentKind, Destination, Role, Target
from services import accounts, annual_reviews, credentials, departments, destinations, duty, layouts
from services.manuscript.wechat_markup import THEMES
from services.queries import account_requests as request_reads
from services.rules.annual_review import ITEMS, Answer
from services.unit_of_work import UnitOfWork
from tests.desk import AppAs, Desk
from tests.pages.test_accounts import open_account, open_register, running, said, stored
from tests.pages.test_operators import open_page as open_operators
from tests.pages.test_people import open_page as open_people
from ui import kept_form

APP_ID = "wx" + "0" * 15 + "b"


@dataclass(frozen=True)
class Form:
    """A form open before its reader: one field of it with what they type, and what somebody else saves meanwhile."""

    app: AppTest
    field: str
    typed: str
    save: str
    others: Callable[[UnitOfWork], object]
    other: str
    told: str
    """How the other's value is told, or refused."""


def destination(desk: Desk, app_as: AppAs) -> Form:
    settings = {"address": "http://127.0.0.1:9/api"}
    with desk.office.as_system() as work:
        work.session.add(
            Destination(
                kind=Target.WEBHOOK, name="内容平台", settings=settings, secret_sealed=desk.office.box.seal("x" * 32),
                secret_changed_at=work.now, created_at=work.now,
            )
        )  # fmt: skip
    app = open_register(app_as, "小林", "发布去处")

    def others(work: UnitOfWork) -> None:
        given = {"address": "http://127.0.0.1:8/api"}
        destinations.change(
            work, desk.office.box, destination_id=1, seen_version=1, settings=given, rehearsal=True
        )  # fmt: skip

    return Form(
        app, "destination-1-1-address", "http://127.0.0.1:7/api", "destination-1-1-save", others, "小林", "接收地址"
    )


def entry(desk: Desk, app_as: AppAs) -> Form:
    number = running(desk)

    def others(work: UnitOfWork) -> None:
        accounts.amend(work, account_id=number, seen_version=1, original_id="gh_theirs")

    app = open_account(app_as, "张处长", number)
    return Form(app, f"amend-{number}-1-original_id", "gh_mine", f"amend-send-{number}", others, "小林", "原始 ID")


def secret(desk: Desk, app_as: AppAs) -> Form:
    number = desk.office.account_id

    def others(work: UnitOfWork) -> None:
        credentials.change(
            work, desk.office.box, account_id=number, seen_version=1, app_id=APP_ID, app_secret="a" * 32
        )  # fmt: skip

    app = open_account(app_as, "小林", number)
    field, save = f"credentials-{number}-1-token", f"credentials-send-{number}"
    return Form(app, field, "mytoken", save, others, "小林", APP_ID)


def self_check(desk: Desk, app_as: AppAs) -> Form:
    number = running(desk)
    with desk.office.acting_as("老李") as work:
        annual_reviews.open_campaign(work, year=2026, opens_on=date(2026, 11, 23), closes_on=date(2026, 12, 20))
    app = open_account(app_as, "张处长", number)
    save = next(str(each.key) for each in app.button if str(each.key).startswith("check-send-"))
    review_id, first = int(save.rpartition("-")[2]), next(iter(ITEMS))
    for item in ITEMS:
        app.radio(key=f"check-{review_id}-1-{item}").set_value("是")

    def others(work: UnitOfWork) -> None:
        answers = {item: Answer(yes=item != first, evidence="九月起整改") for item in ITEMS}
        annual_reviews.answer(work, review_id=review_id, seen_version=1, answers=answers)

    return Form(app, f"check-{review_id}-1-{first}-evidence", "见附件", save, others, "张处长", ITEMS[first])


def role_duties(_desk: Desk, app_as: AppAs) -> Form:
    app = open_operators(app_as, "陈部长")
    app.segmented_control(key="operators_view").set_value("职责").run()

    def others(work: UnitOfWork) -> None:
        duty.write_duties(work, role=Role.REVIEWER, text="对方写的职责。", seen_version=1)

    return Form(app, "duties-reviewer-1-text", "我写的职责。", "write-reviewer", others, "小林", "对方写的职责。")


def department(desk: Desk, app_as: AppAs) -> Form:
    number = desk.office.departments["学生处"]

    def others(work: UnitOfWork) -> None:
        kind = DepartmentKind.ADMIN_DEPARTMENT
        departments.change(work, department_id=number, seen_version=1, name="学生工作处", kind=kind)

    app = open_people(app_as, view="部门")
    field, save = f"department_form-{number}-1-name", f"department_save-{number}"
    return Form(app, field, "学工部", save, others, "小林", "学生工作处")


def look(desk: Desk, app_as: AppAs) -> Form:
    number = desk.office.account_id

    def others(work: UnitOfWork) -> None:
        layouts.set_theme(work, account_id=number, seen_version=1, theme="campus")

    app = open_account(app_as, "老李", number)
    return Form(app, f"layout-{number}-1-look", "band", f"layout-{number}-save", others, "小林", THEMES["campus"].label)


FORMS: dict[str, Callable[[Desk, AppAs], Form]] = {
    "a place to publish to": destination,
    "the entry of an account": entry,
    "credentials": secret,
    "the yearly self-check": self_check,
    "the duties of a role": role_duties,
    "a department": department,
    "the look of an account": look,
}


def value_of(app: AppTest, key: str) -> Any:
    return _field(app, key).value


def _field(app: AppTest, key: str) -> Any:
    drawn = (*app.text_input, *app.text_area, *app.button_group)
    return next(each for each in drawn if each.key == key)


@pytest.mark.parametrize("what", FORMS)
def test_who_saves_second_keeps_what_they_typed_and_decides(desk: Desk, app_as: AppAs, what: str) -> None:
    form = FORMS[what](desk, app_as)
    app = form.app
    _field(app, form.field).set_value(form.typed)
    with desk.office.acting_as(form.other) as work:
        form.others(work)

    app.button(key=form.save).click().run()

    refused = said(app)
    told = [each.value for each in app.main.warning if each.value.startswith(kept_form.TELLING)]
    assert (len(refused), "您" in refused[0], value_of(app, form.field)) == (1, True, form.typed)
    assert (len(told), form.told in told[0]) == (1, True)

    next(each for each in app.main.button if str(each.key).endswith("-mine")).click().run()
    app.button(key=form.save).click().run()
    assert ([each.value for each in app.main.error], len(app.main.success)) == ([], 1)
    assert not [each for each in app.main.warning if each.value.startswith(kept_form.TELLING)]


def test_a_form_given_up_shows_what_the_other_saved(desk: Desk, app_as: AppAs) -> None:
    form = entry(desk, app_as)
    _field(form.app, form.field).set_value(form.typed)
    with desk.office.acting_as("小林") as work:
        form.others(work)

    number = form.save.rpartition("-")[2]
    form.app.button(key=form.save).click().run()
    form.app.button(key=f"amend-{number}-theirs").click().run()

    assert value_of(form.app, f"amend-{number}-2-original_id") == "gh_theirs"
    assert not [each for each in form.app.main.warning if each.value.startswith(kept_form.TELLING)]


def test_what_was_only_shown_is_not_written_back_over_the_others(desk: Desk, app_as: AppAs) -> None:
    form = entry(desk, app_as)
    number = int(form.save.rpartition("-")[2])
    form.app.text_input(key=f"amend-{number}-1-external_filing_no").set_value("2026-1")
    with desk.office.acting_as("小林") as work:
        form.others(work)

    form.app.button(key=form.save).click().run()
    form.app.button(key=f"amend-{number}-mine").click().run()
    form.app.button(key=form.save).click().run()

    kept = stored(desk, number)
    assert (kept.original_id, kept.external_filing_no) == ("gh_theirs", "2026-1")


def test_a_save_elsewhere_that_changes_nothing_of_the_form_is_nobodys_business(desk: Desk, app_as: AppAs) -> None:
    form = entry(desk, app_as)
    number = int(form.save.rpartition("-")[2])
    _field(form.app, form.field).set_value(form.typed)
    with desk.office.acting_as("老李") as work:
        layouts.set_theme(work, account_id=number, seen_version=1, theme="campus")

    form.app.button(key=form.save).click().run()

    assert (said(form.app), stored(desk, number).original_id) == (["登记已更新。"], "gh_mine")


def test_a_change_asked_for_keeps_its_words_while_the_entry_is_completed(desk: Desk, app_as: AppAs) -> None:
    number = running(desk)
    app = open_account(app_as, "张处长", number)
    app.selectbox(key=f"change-kind-{number}").set_value(ChangeKind.CONTACT).run()
    key = f"change-{number}-1-contact"
    app.text_input(key=f"{key}-contact").set_value("010-99999999")
    app.text_area(key=f"{key}-reason").set_value("办公室搬迁")
    with desk.office.acting_as("老李") as work:
        accounts.amend(work, account_id=number, seen_version=1, emergency_contact="赵老师")

    app.button(key=f"change-send-{number}").click().run()

    assert said(app) == ["变更申请已提交，批准后生效。"]
    with desk.runtime.reading() as session:
        request = request_reads.under_way(session, number)
    assert request is not None
    assert request.changes == {"contact": "010-99999999"}
