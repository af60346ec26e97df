"""Whoever types an address sees what they may see, and of the rest not a word, on whatever page."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from models import AccountKind, Action, Discovery, Draft, RegisterEntry, Severity, ViolationKind
from services import account_requests, violations
from services.rules.office_time import office_day
from services.submissions import draft_fields, save_draft
from tests.desk import AppAs, Desk
from tests.office import STORY, Office
from ui import navigation

WORDS = {
    "draft": "未交稿件的暗号",
    "revised": "退回后改写的标题暗号",
    "rewritten": "退回后改写的正文暗号",
    "marked": "138****5678",
    "item": "已交稿件的暗号",
    "text": "正文里的暗号",
    "case": "违规事实的暗号",
    "account": "台账用途的暗号",
}
"""Words that occur in one thing of 教务处 each."""

MAY_READ: dict[str, set[str]] = {
    "小王": {"draft", "revised", "rewritten", "marked", "item", "text", "case"},
    "张处长": {"item", "text", "case", "account"},
    "老李": {"item", "text", "case", "account"},
    "小赵": {"item", "text", "account"},
    "孙老师": {"item", "text", "case", "account"},
    "徐校长": {"item", "text", "case", "account"},
    "小林": {"account"},
    "小吴": set(),
    "黄处长": set(),
}


def school(office: Office) -> dict[str, list[int]]:
    """Something of 教务处 of each kind; by page, the ids to type."""
    draft = office.draft(title=WORDS["draft"])
    item = office.submitted(title=WORDS["item"], body_html=f"{STORY}<p>{WORDS['text']}</p>")
    returned = office.submitted(title="已退回的稿件")
    office.perform("张处长", Action.RETURN, returned, "请补充时间")
    with office.acting_as("小王") as work:
        draft_row = work.session.get_one(Draft, returned)
        before = draft_fields(draft_row)
        body_html = f"{STORY}<p>{WORDS['rewritten']}13812345678</p>"
        rewritten = replace(before, title=WORDS["revised"], body_html=body_html)
        save_draft(work, submission_id=returned, seen_edition=draft_row.edition, draft=rewritten)
    office.check(returned)
    with office.acting_as("老李") as work:
        case = violations.record(
            work,
            kind=ViolationKind.WORDING,
            severity=Severity.MINOR,
            department_id=office.departments["教务处"],
            clause="3.3",
            facts=WORDS["case"],
            happened_on=office_day(office.now),
            discovery=Discovery.INSPECTION,
            submission_id=item,
        ).id
    entry = RegisterEntry(
        kind=AccountKind.SUBSCRIPTION,
        purpose=WORDS["account"],
        first_responsible="张处长",
        admin_a="王老师",
        admin_b="赵老师",
        contact="010-12345678",
    )
    with office.acting_as("张处长") as work:
        account = account_requests.apply_for_account(
            work, name="教务之窗", owner_department_id=office.departments["教务处"], entry=entry
        ).account_id
    return {
        "submission": [draft, item, returned],
        "submit": [draft, item, returned],
        "violation": [case or 0],
        "account": [account],
        "people": [office.people["小王"]],
    }


def words_on(app: AppTest) -> set[str]:
    """What the page tells, wherever it stands: in texts, tables, choices, or what a component was given."""
    protos = [getattr(element, "proto", None) for element in app]
    drawn = b"".join(each.SerializeToString() for each in protos if each is not None)
    as_json = {name: json.dumps(word).strip('"') for name, word in WORDS.items()}  # what components are given
    return {name for name, word in WORDS.items() if word.encode() in drawn or as_json[name].encode() in drawn}


@pytest.mark.parametrize("who", MAY_READ)
def test_every_address_tells_a_person_what_they_may_read_and_no_more(desk: Desk, app_as: AppAs, who: str) -> None:
    ids = school(desk.office)
    addresses: list[tuple[str, int | None]] = [(page, id_) for page, typed in ids.items() for id_ in typed]
    addresses += [(entry.name, None) for entry in navigation.TABLE]
    app = app_as(who).run()
    told, faults = words_on(app), [each.value for each in app.exception]

    for page, id_ in addresses:
        app.query_params.clear()
        if id_ is not None:
            app.query_params["id"] = str(id_)
        app.switch_page(str(navigation.PAGES / f"{page}.py")).run()
        told |= words_on(app)
        faults += [each.value for each in app.exception]

    assert (told, faults) == (MAY_READ[who], [])
