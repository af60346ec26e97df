"""A notice leads to its item through the sign-in page, and the bell counts what is new."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlmodel import select

from models import Action, Notice, NoticeKind
from services.bootstrap import bootstrap
from services.demo import DEMO_PASSWORD
from services.rules.notice_texts import path_of
from services.screening.engine import Screener
from services.settings import load_settings
from tests.app_process import RunningApp
from tests.browser.demo_school import demo_office
from tests.browser.steps import by_key, press, sign_in, wait_idle

REASON = "请补充活动时间和地点"
PHONE = {"width": 390, "height": 844}


def test_notice_of_a_return_opens_the_item_after_signing_in(
    running_app: RunningApp, page: Page, screener: Screener
) -> None:
    runtime = bootstrap(load_settings(home=running_app.home))
    office = demo_office(runtime, screener)
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, REASON)
    with runtime.reading() as session:
        notice = session.exec(
            select(Notice).where(Notice.kind == NoticeKind.RETURNED, Notice.subject_id == submission_id)
        ).one()
    runtime.close()

    page.goto(f"{running_app.address}/{path_of(notice.subject_type, notice.subject_id)}")
    sign_in(page, "wangxm", DEMO_PASSWORD)
    expect(page).to_have_url(f"{running_app.address}/submission?id={submission_id}")
    expect(page.get_by_test_id("stMain")).to_contain_text(REASON)

    page.get_by_test_id("stSidebar").get_by_role("link", name="通知").click()
    wait_idle(page)
    expect(by_key(page, f"notice-{notice.id}")).to_contain_text(f"退回修改：{REASON}")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the width and height it asks for
    page.wait_for_function("width => document.documentElement.scrollWidth == width", arg=PHONE["width"])
    press(page, f"open-{notice.id}")
    expect(page).to_have_url(f"{running_app.address}/submission?id={submission_id}")
