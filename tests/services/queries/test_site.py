"""What the campus mirror is given to write around an article."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session

from models import Asset, Person, Publication, PublicationState, Target
from services.database import Engines
from services.ports import SiteEntry, SiteMapLine
from services.queries import site
from services.unit_of_work import SYSTEM, UnitOfWork
from tests import factories
from tests.factories import NOW, id_of

HASH = "ab" * 32


@pytest.fixture
def session(engines: Engines) -> Iterator[Session]:
    with Session(engines.write) as session:
        yield session


@pytest.fixture
def author(session: Session) -> Person:
    return factories.person(session, "xiaowang", "小王")


def on_site(session: Session, author: Person, position: int, **values: object) -> Publication:
    """An article live on the site since `position` hours after now, unless the values say otherwise."""
    submission = factories.submission(session, author, title=f"第{position}篇")
    revision = factories.revision(session, submission, digest="摘要")
    live = {
        "state": PublicationState.LIVE,
        "site_position": position,
        "settled_at": NOW + timedelta(hours=position),
        "marker": f"s{position}",
    }
    return factories.publication(session, revision, **(live | values))


def expected(position: int) -> SiteEntry:
    return SiteEntry(
        position=position,
        slug=f"s{position}",
        title=f"第{position}篇",
        digest="摘要",
        department="教务处",
        published_at=NOW + timedelta(hours=position),
    )


def test_only_what_is_live_on_the_site_stands_around_an_article(session: Session, author: Person) -> None:
    on_site(session, author, 1)
    on_site(session, author, 2, state=PublicationState.REMOVED)
    on_site(session, author, 3, state=PublicationState.SENDING, settled_at=None)
    on_site(session, author, 4, target=Target.WECHAT)
    on_site(session, author, 5)

    around = site.surroundings(session, 3)

    assert list(around.latest) == [expected(5), expected(1)]
    assert sorted(around.shelf, key=lambda each: each.position) == [expected(1), expected(5)]
    assert list(around.before) == []
    assert list(around.shard) == [
        SiteMapLine(1, "s1", NOW + timedelta(hours=1)),
        SiteMapLine(5, "s5", NOW + timedelta(hours=5)),
    ]
    assert around.last_position == 5


def test_the_archive_page_before_comes_along(session: Session, author: Person) -> None:
    for position in range(18, 24):
        on_site(session, author, position)

    around = site.surroundings(session, 24)

    assert sorted(each.position for each in around.before) == [18, 19, 20]
    assert sorted(each.position for each in around.shelf) == [21, 22, 23]
    assert around.last_position == 24


def test_the_next_position_follows_the_highest_ever_given(session: Session, author: Person) -> None:
    work = UnitOfWork(session=session, actor=SYSTEM, now=NOW)
    assert site.next_position(work) == 1

    on_site(session, author, 7, state=PublicationState.REMOVED)

    assert site.next_position(work) == 8


def test_an_article_on_its_way_is_dated_now_and_one_that_is_live_keeps_its_date(
    session: Session, author: Person
) -> None:
    under_way = on_site(session, author, 1, state=PublicationState.SENDING, settled_at=None)
    live = on_site(session, author, 2)

    assert [site.entry(session, id_of(each), now=NOW).published_at for each in (under_way, live)] == [
        NOW,
        NOW + timedelta(hours=2),
    ]


def test_the_cover_is_named_as_its_copy_on_the_site(session: Session, author: Person) -> None:
    submission = factories.submission(session, author)
    revision = factories.revision(session, submission, cover_sha256=HASH)
    session.add(
        Asset(
            submission_id=id_of(submission),
            sha256=HASH,
            media_type="image/png",
            width=1,
            height=1,
            size=1,
            original_name="图.png",
            added_by_id=id_of(author),
            added_at=NOW,
        )
    )
    publication = factories.publication(session, revision, site_position=1)

    assert site.entry(session, id_of(publication), now=NOW).cover_file == "abababababababab.png"
