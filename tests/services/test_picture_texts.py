"""图中文字: read in the background where a reader is installed, screened like a file, never kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlmodel import select

from models import Action, FindingLevel, PictureReading, SubmissionState
from services import doctor, picture_texts
from services.errors import FindingsOpen
from services.ports import PictureNotRead
from services.queries import submissions as reads
from services.screening.engine import Screener
from tests.desk import Desk
from tests.office import Office
from tests.services.test_consents import pictured

ID_NUMBER = "11010519491231002X"  # a well-known specimen with a valid check digit


@dataclass
class FakeReader:
    """A `PictureReader` that says what it is told to, and remembers how often it was asked."""

    text: str = ""
    asked: int = 0
    failures: int = 0

    def read(self, content: bytes) -> str:
        assert content
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise PictureNotRead("no such model")
        return self.text


@dataclass
class Shared:
    """The part of a process's runtime that reading writing needs."""

    office: Office
    picture_reader: FakeReader | None
    lists: Screener | None = field(default=None)

    def __post_init__(self) -> None:
        self.assets, self.reading, self.as_system = self.office.assets, self.office.reading, self.office.as_system

    def screener(self) -> Screener:
        return self.lists or self.office.screener

    def now(self) -> datetime:
        return self.office.now


def read(shared: Shared) -> int:
    return picture_texts.read_due(shared)  # type: ignore[arg-type]  # the part it needs


def marks(office: Office, submission_id: int) -> list[tuple[str, FindingLevel, str, str]]:
    with office.reading() as session:
        found = reads.latest_findings(session, submission_id)
    return [(each.rule, each.level, each.place, each.quote) for each in found if each.place == "图中文字"]


def test_an_id_number_in_a_picture_blocks_the_author(office: Office) -> None:
    submission_id = pictured(office)
    shared = Shared(office, FakeReader(f"助学金公示名单\n张三{ID_NUMBER}"))

    counts = [read(shared), read(shared)]

    assert counts == [1, 0]
    with pytest.raises(FindingsOpen, match="拦截了 1 处"):
        office.hand_in(submission_id)
    assert marks(office, submission_id) == [("pi.id_card", FindingLevel.BLOCK, "图中文字", "110105********002X")]
    with office.reading() as session:
        kept = session.exec(select(PictureReading)).one()
    assert [word for word in (ID_NUMBER, "助学金公示名单") if word in repr(kept.marks)] == []


def test_where_nothing_waits_to_be_read_nobody_who_saves_is_in_the_way(office: Office) -> None:
    with office.acting_as("小王"):
        assert read(Shared(office, FakeReader())) == 0


def test_what_is_read_after_handing_in_stops_the_office(office: Office) -> None:
    submission_id = pictured(office)
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    before = marks(office, submission_id)

    read(Shared(office, FakeReader("报名电话 13812345678")))

    assert before == []
    assert marks(office, submission_id) == [("pi.mobile", FindingLevel.WARN, "图中文字", "138****5678")]
    with pytest.raises(FindingsOpen, match="还有 2 处没有答复"):
        office.perform("老李", Action.PASS, submission_id)


def test_a_picture_without_writing_says_nothing(office: Office) -> None:
    submission_id = pictured(office)

    read(Shared(office, FakeReader("")))
    office.hand_in(submission_id)

    assert marks(office, submission_id) == []
    assert office.stored(submission_id).state is SubmissionState.DEPARTMENT_REVIEW


def test_a_picture_that_cannot_be_read_is_left_to_people_after_two_tries(office: Office) -> None:
    submission_id = pictured(office)
    reader = FakeReader(failures=9)

    read(Shared(office, reader))
    read(Shared(office, reader))
    office.check(submission_id)

    assert reader.asked == picture_texts.MOST_TRIES
    assert marks(office, submission_id) == [("image.unread", FindingLevel.INFO, "图中文字", "图片")]


def test_a_picture_that_ended_its_reader_is_begun_once_more_and_no_oftener(office: Office) -> None:
    pictured(office)
    shared = Shared(office, FakeReader())
    taken = []
    for _ in range(4):
        taken.append(picture_texts._taken(shared) is not None)  # type: ignore[arg-type]  # a worker that died here
        office.later(minutes=6)

    assert taken == [True, True, False, False]


def test_a_picture_is_read_again_when_the_lists_change(office: Office) -> None:
    pictured(office)
    shared = Shared(office, FakeReader("公示"))
    counts = [read(shared), read(shared)]
    shared.lists = Screener(())

    assert [*counts, read(shared), read(shared)] == [1, 0, 1, 0]


def test_without_a_reader_nothing_is_done(office: Office) -> None:
    pictured(office)

    assert read(Shared(office, None)) == 0


def test_the_doctor_says_whether_pictures_are_read(desk: Desk) -> None:
    (check,) = [each for each in doctor.examine(desk.runtime) if each.name == "picture_text"]

    assert (check.ok, check.message[:11]) == (True, "图中文字识别没有安装（")
