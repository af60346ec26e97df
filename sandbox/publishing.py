"""Publishing without notice to followers (发布): a job that ends later, one way or another.

WeChat doc: api_freepublish_submit, api_freepublish_get, getarticle, batchget, delete. A draft is consumed when its
publication succeeds. How the platform answers a second submit of a draft still on its way is not documented;
here it is 53501, "too frequent".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sandbox import drafts, events, quotas
from sandbox.errors import ApiError
from sandbox.faults import OUTCOMES
from sandbox.platform import Platform
from sandbox.records import Account, Draft, Fields, Publication, PublishedPage, PublishJob, PublishStatus

TAMPERED = "<p>限时福利，加微信 lucky-2026 领取，名额有限！</p>"

ENDS_WITH_PAGES = {PublishStatus.SUCCESS, PublishStatus.DELETED_BY_AUTHOR, PublishStatus.BANNED_BY_PLATFORM}
NAMES_ARTICLES = {PublishStatus.ORIGINAL_CLAIM_FAILED, PublishStatus.REVIEW_REJECTED}


@dataclass(frozen=True)
class Outcome:
    """How a job will end; `fail_idx` counts articles from 1."""

    status: PublishStatus = PublishStatus.SUCCESS
    fail_idx: tuple[int, ...] = ()

    @classmethod
    def parse(cls, value: str) -> Outcome:
        """Read ``4`` or ``4/1+2`` (articles 1 and 2 at fault)."""
        status, _, articles = value.partition("/")
        return cls(PublishStatus(int(status)), tuple(int(each) for each in articles.split("+") if each))


def submit(platform: Platform, account: Account, media_id: object) -> PublishJob:
    """Accept a draft for publication; that it is accepted says nothing about how it ends."""
    draft = drafts.get(platform, account, media_id)
    if is_on_its_way(platform, draft):
        raise ApiError(53501)
    outcome = _scripted_outcome(platform, draft)
    now = platform.clock()
    job = PublishJob(
        publish_id=str(platform.next_number()),
        msg_data_id=platform.next_number(),
        appid=account.appid,
        media_id=draft.media_id,
        submitted_at=now,
        finish_at=now + platform.settings.publish_delay,
        outcome=outcome.status,
        outcome_fail_idx=list(outcome.fail_idx),
    )
    platform.under_way.add(job.publish_id)
    return platform.jobs.put(job)


def is_on_its_way(platform: Platform, draft: Draft) -> bool:
    found = (platform.jobs.get(number) or platform.mass_sends.get(number) for number in platform.under_way)
    return any(each is not None and each.media_id == draft.media_id for each in found)


def finish_due(platform: Platform) -> None:
    """End every job whose time has come."""
    now = platform.clock()
    for number in sorted(platform.under_way):
        job = platform.jobs.get(number)
        if job and job.finish_at <= now:
            _finish(platform, job)


def find(platform: Platform, account: Account, publish_id: object) -> PublishJob:
    job = platform.jobs.get(str(publish_id))
    if job is None or job.appid != account.appid:
        raise ApiError(53502)
    return job


def status_answer(platform: Platform, job: PublishJob) -> Fields:
    """Answer freepublish/get: where the pages are, or which articles were at fault."""
    answer: Fields = {"publish_id": int(job.publish_id), "publish_status": int(job.status)}
    publication = platform.publications.get(job.article_id)
    if job.status == PublishStatus.SUCCESS and publication is not None:
        answer["article_id"] = publication.article_id
        answer["article_detail"] = article_detail(platform, publication)
    answer["fail_idx"] = job.fail_idx
    return answer


def article_detail(platform: Platform, publication: Publication) -> Fields:
    items = [
        {"idx": index, "article_url": platform.page_url(page.slug)}
        for index, page in enumerate(publication.pages, start=1)
    ]
    return {"count": len(items), "item": items}


def publish_pages(platform: Platform, draft: Draft, *, msg_data_id: int, notified: bool) -> Publication:
    """Turn a draft into public pages and take it out of the draft box."""
    publication = Publication(
        article_id=secrets.token_urlsafe(32),
        appid=draft.appid,
        number=platform.next_number(),
        msg_data_id=msg_data_id,
        notified=notified,
        published_at=platform.clock(),
        pages=[PublishedPage(secrets.token_urlsafe(16), article) for article in draft.articles],
    )
    platform.drafts.drop(draft.media_id)
    return platform.publications.put(publication)


def publish_by_hand(platform: Platform, draft: Draft, *, notified: bool) -> Publication:
    """What a person does on the platform's own site; raises 45028 where no notice to followers is left."""
    account = platform.accounts.get(draft.appid)
    if notified and account is not None:
        quotas.reserve_mass_send(platform, account)
    return publish_pages(platform, draft, msg_data_id=platform.next_number(), notified=notified)


def find_publication(platform: Platform, account: Account, article_id: object) -> Publication:
    publication = platform.publications.get(str(article_id))
    if publication is None or publication.appid != account.appid:
        raise ApiError(53600)
    return publication


def find_page(platform: Platform, slug: str) -> tuple[Publication, PublishedPage] | None:
    """Return the page an address leads to, with its publication."""
    for publication in platform.publications:
        for page in publication.pages:
            if page.slug == slug:
                return publication, page
    return None


def listed(platform: Platform, account: Account) -> list[Publication]:
    """Return what freepublish/batchget lists, the newest first: never what was sent to followers."""
    mine = [each for each in platform.publications if each.appid == account.appid and not each.notified]
    return sorted(mine, key=lambda each: each.number, reverse=True)


def news_items(platform: Platform, publication: Publication, *, with_content: bool = True) -> list[Fields]:
    return [
        {
            **drafts.shown(platform, page.article, with_content=with_content),
            "url": platform.page_url(page.slug),
            "is_deleted": page.deleted,
        }
        for page in publication.pages
    ]


def delete(platform: Platform, account: Account, article_id: object, *, index: Any) -> None:
    """Delete one article (`index` counts from 1) or, with 0 or none, all of a publication. Irreversible."""
    publication = find_publication(platform, account, article_id)
    if not isinstance(index, int) or not 0 <= index <= len(publication.pages):
        raise ApiError(40114)
    delete_pages(platform, publication, index=index)


def delete_pages(platform: Platform, publication: Publication, *, index: int) -> None:
    for position, page in enumerate(publication.pages, start=1):
        page.deleted = page.deleted or index in {0, position}
    platform.publications.put(publication)
    if publication.deleted:
        _restate(platform, publication, PublishStatus.DELETED_BY_AUTHOR)


def ban(platform: Platform, publication: Publication) -> None:
    """Ban a publication as the platform's own review would, days later."""
    publication.banned = True
    platform.publications.put(publication)
    _restate(platform, publication, PublishStatus.BANNED_BY_PLATFORM)


def tamper(platform: Platform, publication: Publication) -> None:
    """Change an article as somebody would who got into the account: one sentence more."""
    for page in publication.pages:
        page.article["content"] += TAMPERED
    platform.publications.put(publication)


def _restate(platform: Platform, publication: Publication, status: PublishStatus) -> None:
    for job in platform.jobs:
        if job.article_id == publication.article_id:
            job.status = status
            platform.jobs.put(job)


def _scripted_outcome(platform: Platform, draft: Draft) -> Outcome:
    fault = platform.faults.take("freepublish/submit", OUTCOMES)
    outcome = Outcome.parse(fault.value) if fault else Outcome()
    if outcome.status in NAMES_ARTICLES and not outcome.fail_idx:
        return Outcome(outcome.status, tuple(range(1, len(draft.articles) + 1)))
    return outcome


def _finish(platform: Platform, job: PublishJob) -> None:
    draft = platform.drafts.get(job.media_id)
    outcome = PublishStatus(job.outcome) if draft else PublishStatus.FAILED
    if outcome == PublishStatus.IN_PROGRESS:
        return
    platform.under_way.discard(job.publish_id)
    if draft and outcome in ENDS_WITH_PAGES:
        _succeed(platform, job, draft, outcome)
    else:
        job.status, job.fail_idx = outcome, job.outcome_fail_idx
        if draft and not platform.settings.drafts_survive_failure:
            platform.drafts.drop(draft.media_id)
    platform.jobs.put(job)
    events.announce_publication(platform, job)


def _succeed(platform: Platform, job: PublishJob, draft: Draft, outcome: PublishStatus) -> None:
    publication = publish_pages(platform, draft, msg_data_id=job.msg_data_id, notified=False)
    job.article_id, job.status = publication.article_id, PublishStatus.SUCCESS
    if outcome == PublishStatus.DELETED_BY_AUTHOR:
        delete_pages(platform, publication, index=0)
    if outcome == PublishStatus.BANNED_BY_PLATFORM:
        ban(platform, publication)
