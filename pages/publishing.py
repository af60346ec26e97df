"""发布: what may go out, what is on its way, what waits for a person, what is done."""

from services.queries import publications as reads
from services.rules.permissions import Capability
from ui import (
    archive_packet,
    page,
    publication_answers,
    publication_plan,
    publication_stops,
    publication_view,
    published_alarms,
    runtime,
)

user = page.begin("发布", requires=Capability.PUBLISH)

with runtime.reading() as db:
    ready = reads.ready_to_publish(db, user)
    moving = reads.in_progress(db, user)
    waiting = reads.waiting_for_person(db, user)

publication_stops.notices(user)
published_alarms.strip(user)
publication_view.worker(needed_by=len(waiting))
publication_plan.ready(user, ready)
publication_view.moving(user, moving, waiting)
publication_answers.waiting(user, waiting)
published_alarms.unsynchronised(user)
published_alarms.unproved(user)
publication_view.done(user)
archive_packet.for_month(user)
