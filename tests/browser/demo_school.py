"""The demo school of a running application, for what a browser test needs others to have done."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import select

from models import OfficialAccount, Person
from services.bootstrap import Runtime
from services.screening.engine import Screener
from tests.office import Office


def demo_office(runtime: Runtime, screener: Screener) -> Office:
    """The demo school of a running application, played by the names of the small school."""
    office = Office(
        engines=runtime.engines,
        screener=screener,
        now=datetime.now(UTC),
        assets=runtime.assets,  # type: ignore[arg-type]  # the application must find the pictures
        box=runtime.secrets,
    )
    with runtime.reading() as session:
        known = {each.username: each.id or 0 for each in session.exec(select(Person))}
        account = session.exec(select(OfficialAccount).where(OfficialAccount.name == "演练大学")).one()
    office.people = {
        "小王": known["wangxm"],
        "张处长": known["zhangjg"],
        "老李": known["liyun"],
        "陈部长": known["chenbz"],
    }
    office.account_id = account.id or 0
    return office
