"""审批表 for taking away: one item as a Word file, or a month as one archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from services.bootstrap import Runtime
from services.office_forms import review_form
from services.queries import review_forms as reads
from services.rules.months import Months
from services.rules.permissions import Actor


@dataclass(frozen=True)
class FormFile:
    """A file to take away."""

    name: str
    content: bytes


def of_item(runtime: Runtime, actor: Actor, submission_id: int) -> FormFile:
    """The form of one item. Raises `NotFound` for whoever may not see it."""
    with runtime.reading() as session:
        facts = reads.of_item(session, actor, submission_id)
    return FormFile(review_form.file_name_of(facts), review_form.fill(facts, runtime.now()))


def of_month(runtime: Runtime, actor: Actor, month: int) -> FormFile:
    """The forms of a month in one go. Raises `NotAllowed`."""
    archive = MonthArchive(runtime, actor, month)
    for _ in archive.make():
        pass
    return archive.file


@dataclass
class MonthArchive:
    """The forms of everything sealed in a month, made one after the other so that a page can say how far it is."""

    runtime: Runtime
    actor: Actor
    month: int

    def __post_init__(self) -> None:
        """Raises `NotAllowed` for whoever may not take a month away."""
        with self.runtime.reading() as session:
            self.items = reads.approved_in(session, self.actor, Months(self.month, self.month))
        self._file = io.BytesIO()

    def make(self) -> Iterator[int]:
        """Yield how many forms are done, after each."""
        with zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED) as archive:
            for done, submission_id in enumerate(self.items, start=1):
                form = of_item(self.runtime, self.actor, submission_id)
                archive.writestr(form.name, form.content)
                yield done

    @property
    def file(self) -> FormFile:
        """The finished archive."""
        return FormFile(f"审批表 {self.month // 100}-{self.month % 100:02d}.zip", self._file.getvalue())
