"""Several items returned with one reason and an answer for each; an approved item dropped on a day and planned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from models import Action, Publication, SubmissionState
from services.bootstrap import Runtime, bootstrap
from services.demo import DEMO_PASSWORD
from services.rules.office_time import office_day
from services.screening.engine import Screener
from services.settings import load_settings
from tests.app_process import RunningApp
from tests.browser.demo_school import demo_office
from tests.browser.steps import assert_no_fault, by_key, fill, press, sign_in, wait_idle


def test_bulk_return_answers_for_each_item(running_app: RunningApp, page: Page, screener: Screener) -> None:
    runtime = bootstrap(load_settings(home=running_app.home))
    office = demo_office(runtime, screener)
    kept, gone = office.submitted(title="成批退回的一篇"), office.submitted(title="中途撤回的一篇")
    page.goto(f"{running_app.address}/inbox")
    sign_in(page, "zhangjg", DEMO_PASSWORD)
    by_key(page, "bulk").locator("label").first.click()
    wait_idle(page)
    for submission_id in (kept, gone):
        by_key(page, f"pick-{submission_id}").locator("label").first.click()
        wait_idle(page)
    by_key(page, "bulk-return-open").get_by_role("button").first.click()
    fill(page, "bulk-words", "请补充活动时间和摄影者")
    office.perform("小王", Action.WITHDRAW, gone)
    press(page, "bulk-return")

    results = by_key(page, "bulk-results")
    expect(results).to_contain_text("1 篇已退回，1 篇没有办理")
    expect(results).to_contain_text("《成批退回的一篇》已退回")
    expect(results).to_contain_text("《中途撤回的一篇》没有办理：稿件现在是“已撤回”")
    assert office.stored(kept).state is SubmissionState.RETURNED
    runtime.close()


def test_item_dropped_on_a_day_is_planned_for_it(running_app: RunningApp, page: Page, screener: Screener) -> None:
    runtime = bootstrap(load_settings(home=running_app.home))
    office = demo_office(runtime, screener)
    submission_id = office.approved(title="等着排期的一篇")
    day = office_day(datetime.now(UTC)) + timedelta(days=2)  # still to come when midnight passes meanwhile
    page.goto(f"{running_app.address}/schedule?view=周&day={day.isoformat()}")
    sign_in(page, "zhaoqi", DEMO_PASSWORD)
    chip = page.locator(f'.drawer .chip[data-item="{submission_id}"]')
    expect(chip).to_be_visible()

    drop(page, chip, day)
    expect(by_key(page, "slot-plan")).to_contain_text("等着排期的一篇")
    press(page, f"queue-slot-{submission_id}-{day:%m%d}")

    expect(page.locator(f'.day[data-day="{day.isoformat()}"] .chip.planned')).to_contain_text("等着排期的一篇")
    assert {office_day(at) for at in planned_for(runtime, submission_id)} == {day}
    assert_no_fault(page)
    runtime.close()


def drop(page: Page, chip: Locator, day: date) -> None:
    """Drag an item to a day; a run that ends meanwhile draws the grid anew under the mouse, once."""
    for _ in range(3):
        chip.drag_to(page.locator(f'.day[data-day="{day.isoformat()}"]'))
        wait_idle(page)
        if by_key(page, "slot-plan").count():
            return


def planned_for(runtime: Runtime, submission_id: int) -> list[datetime]:
    with runtime.reading() as session:
        rows = session.exec(select(Publication).where(Publication.submission_id == submission_id))
        return [row.scheduled_for for row in rows if row.scheduled_for is not None]
