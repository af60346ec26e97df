"""Pictures that arrive through a page: made safe, kept by their hash, entered for their submission."""

from __future__ import annotations

from services import assets
from services.manuscript.documents import ReadDocument
from services.manuscript.pictures import process_picture
from services.queries.sessions import SignedInPerson
from services.unit_of_work import UnitOfWork
from ui import runtime


def keep_picture(user: SignedInPerson, submission_id: int, content: bytes, name: str = "粘贴的图片") -> str:
    """Keep one uploaded or pasted picture; its fingerprint. Raises `UnreadableFile` and what `assets.add` does."""
    picture = process_picture(content, name)
    with runtime.acting_as(user) as work:
        return assets.add(work, runtime.current().assets, submission_id=submission_id, picture=picture).sha256


def keep_pictures(work: UnitOfWork, submission_id: int, document: ReadDocument) -> None:
    """Keep the pictures of a file that was read."""
    for picture in document.pictures:
        assets.add(work, runtime.current().assets, submission_id=submission_id, picture=picture)
