"""What items are found by: their title, digest, names and text, as the office last received them.

The index beside the text is the database's own: FTS5 without content on SQLite, an array of pairs under a GIN index
on PostgreSQL, which needs no extension. Both answer the same question (`services/queries/search.py`).
"""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session, col, select

from models import Content, Draft, Revision, SearchText, Submission
from services.manuscript import blocks
from services.rules.search_terms import folded, grams

INSERT = {
    "sqlite": "INSERT INTO search_grams (rowid, grams) VALUES (:id, :grams)",
    "postgresql": "INSERT INTO search_grams (submission_id, grams) VALUES (:id, string_to_array(:grams, ' '))",
}
DELETE = {
    # An index without content forgets a row by being told what it held.
    "sqlite": "INSERT INTO search_grams (search_grams, rowid, grams) VALUES ('delete', :id, :grams)",
    "postgresql": "DELETE FROM search_grams WHERE submission_id = :id",
}
DELETE_ALL = {
    "sqlite": "INSERT INTO search_grams (search_grams) VALUES ('delete-all')",
    "postgresql": "DELETE FROM search_grams",
}
FINDS = {
    "sqlite": "SELECT 1 FROM search_grams WHERE search_grams MATCH '\"' || :gram || '\"' AND rowid = :id",
    "postgresql": "SELECT 1 FROM search_grams WHERE grams @> ARRAY[CAST(:gram AS text)] AND submission_id = :id",
}
AT_ONCE = 200
"""Items from before the index was kept, read at each turn of the worker."""


def text_of(content: Content) -> str:
    """What one version is found by."""
    names = (content.title, content.digest, content.author, content.photographer, content.source_name)
    return folded("\n".join((*names, blocks.plain_text(content.body_html))))


def keep(session: Session, submission_id: int, content: Content) -> None:
    """Let an item be found by this version, and no longer by the one before."""
    fresh = text_of(content)
    kept = session.get(SearchText, submission_id)
    if kept is not None and kept.text == fresh:
        return
    dialect = session.get_bind().dialect.name
    session.flush()
    if kept is None:
        session.add(SearchText(submission_id=submission_id, text=fresh))
    else:
        session.execute(text(DELETE[dialect]), _row(submission_id, kept.text, dialect, deleting=True))
        kept.text = fresh
    session.flush()
    session.execute(text(INSERT[dialect]), _row(submission_id, fresh, dialect))


def _row(submission_id: int, folded_text: str, dialect: str, *, deleting: bool = False) -> dict[str, object]:
    by_id_alone = deleting and dialect == "postgresql"
    return {"id": submission_id} if by_id_alone else {"id": submission_id, "grams": " ".join(grams(folded_text))}


def is_whole(session: Session) -> bool:
    """Whether the newest text is found by its own first pair; not so in a database carried over row by row."""
    newest = session.exec(select(SearchText).order_by(col(SearchText.submission_id).desc())).first()
    pairs = grams(newest.text) if newest else ()
    if newest is None or not pairs:
        return True
    found = session.execute(
        text(FINDS[session.get_bind().dialect.name]), {"id": newest.submission_id, "gram": pairs[0]}
    )
    return found.first() is not None


def fill(session: Session, *, limit: int = AT_ONCE) -> int:
    """Take in items from before there was an index, the newest first; how many.

    An index that does not hold what the texts say is made anew. A release that changes `grams` must call `rebuild`.
    """
    if not is_whole(session):
        return rebuild(session)
    statement = (
        select(Submission)
        .join(SearchText, col(SearchText.submission_id) == col(Submission.id), isouter=True)
        .where(col(SearchText.submission_id).is_(None))
        .order_by(col(Submission.id).desc())
        .limit(limit)
    )
    items = session.exec(statement).all()
    for item in items:
        content = session.get(Revision, item.revision_id) if item.revision_id else session.get(Draft, item.id)
        if content is not None:
            keep(session, item.id or 0, content)
    return len(items)


def rebuild(session: Session) -> int:
    """Make the index anew from the texts, for a database that was carried over row by row; how many items."""
    dialect = session.get_bind().dialect.name
    session.execute(text(DELETE_ALL[dialect]))
    texts = session.exec(select(SearchText.submission_id, SearchText.text)).all()
    for submission_id, kept in texts:
        session.execute(text(INSERT[dialect]), _row(submission_id, kept, dialect))
    return len(texts)
