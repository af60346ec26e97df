"""What to know of the moment chosen for a publication, drawn beside the button that plans it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from models import OfficialAccount, PublicationWay
from services import working_calendar
from services.queries import slot_notes
from services.rules.office_time import office_day
from ui import runtime, wording


def draw(
    *, at: datetime | None, account: OfficialAccount | None, way: PublicationWay | None, submission_id: int
) -> None:
    """Each warning in a line of its own; nothing where nothing speaks against it. `at` is None for at once."""
    now = runtime.current().now()
    with runtime.reading() as db:
        found = slot_notes.notes(
            db,
            at=at or now,
            account=account,
            way=way,
            submission_id=submission_id,
            calendar=working_calendar.calendar_of(db, office_day(now)),
        )
    for note in found:
        colour, icon = ("red", "warning") if note.grave else ("gray", "info")
        st.markdown(f":{colour}[:material/{icon}: {wording.literal(note.sentence)}]")
