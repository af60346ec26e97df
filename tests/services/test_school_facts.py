"""What the check knows of the school: entered by the keepers of the lists, in force with the next version."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models import FindingLevel, SchoolFact, SchoolFactKind
from services import lexicon, school_facts
from services.errors import InvalidInput, NotAllowed, NotFound
from services.lexicon import CurrentScreener
from services.queries import lexicon as reads
from services.screening.engine import Screener, ScreeningSettings
from tests.office import Office

TEXT = "报名 https://form.partner.example.com/1 ，邮箱 jwc@own.example.com，编号20231234。"


def entered(office: Office, kind: SchoolFactKind, value: str, who: str = "小林") -> int:
    with office.acting_as(who) as work:
        return school_facts.add(work, kind=kind, value=value).id or 0


def activated(office: Office) -> Screener:
    with office.acting_as("小林") as work:
        lexicon.activate(work, note="学校信息")
    return CurrentScreener(lambda: Session(office.engines.read, expire_on_commit=False), ScreeningSettings())()


def marked(screener: Screener) -> list[tuple[str, FindingLevel]]:
    return [(mark.rule, mark.level) for mark in screener.screen_text(TEXT).marks]


def test_domains_and_number_formats_change_the_check_with_the_next_version(office: Office) -> None:
    before = marked(activated(office))
    entered(office, SchoolFactKind.TRUSTED_DOMAIN, "https://partner.example.com/")
    entered(office, SchoolFactKind.OWN_DOMAIN, "own.example.com")
    entered(office, SchoolFactKind.STAFF_NUMBER, "2023####")

    assert before == [("link.outside", FindingLevel.WARN), ("pi.email", FindingLevel.WARN)]
    assert marked(activated(office)) == [("pi.email", FindingLevel.INFO), ("pi.student_no", FindingLevel.WARN)]


def test_a_version_keeps_the_facts_it_was_made_with(office: Office) -> None:
    fact_id = entered(office, SchoolFactKind.TRUSTED_DOMAIN, "partner.example.com")
    activated(office)
    with office.acting_as("小林") as work:
        school_facts.remove(work, fact_id=fact_id)
    activated(office)

    with office.reading() as session:
        kept = [lexicon.lists_of(lexicon.numbered(session, number)).school for number in (1, 2)]
    assert [each.trusted_domains for each in kept] == [("partner.example.com",), ()]
    assert "教务处" in kept[0].names


@pytest.mark.parametrize("who", ["小王", "老李", "小赵", "徐校长"])
def test_only_keepers_of_the_lists_enter_and_read_facts(office: Office, who: str) -> None:
    fact_id = entered(office, SchoolFactKind.NAME, "测试大学", "陈部长")
    with pytest.raises(NotAllowed):
        entered(office, SchoolFactKind.NAME, "测试学院", who)
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        school_facts.remove(work, fact_id=fact_id)
    with office.reading() as session, pytest.raises(NotAllowed):
        reads.facts(session, office.actor(who))


def test_the_same_fact_twice_or_a_useless_one_is_refused(office: Office) -> None:
    entered(office, SchoolFactKind.OWN_DOMAIN, "own.example.com")
    for value, why in (("OWN.example.com", "已经登记"), ("com.cn", "人人可用"), ("", "完整的域名")):
        with pytest.raises(InvalidInput, match=why):
            entered(office, SchoolFactKind.OWN_DOMAIN, value)
    with office.acting_as("小林") as work, pytest.raises(NotFound):
        school_facts.remove(work, fact_id=999)
    with office.reading() as session:
        assert [each.value for each in session.exec(select(SchoolFact))] == ["own.example.com"]
