"""The inbox: who looks at an item, what items are found by, and the filters people keep

Revision: 0014
After: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

GRAMS = {
    "sqlite": (
        """CREATE VIRTUAL TABLE search_grams USING fts5 (
            grams, content='', columnsize=0, detail=none, tokenize='ascii'
        )""",
    ),
    "postgresql": (
        """CREATE TABLE search_grams (
            submission_id INTEGER PRIMARY KEY REFERENCES submission (id) ON DELETE CASCADE,
            grams TEXT[] NOT NULL
        )""",
        "CREATE INDEX ix_search_grams ON search_grams USING gin (grams)",
    ),
}


def upgrade() -> None:
    op.create_table(
        "reviewclaim",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reviewclaim_person_id_person")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_reviewclaim_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_reviewclaim")),
    )
    op.create_table(
        "searchtext",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_searchtext_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_searchtext")),
    )
    op.create_table(
        "savedfilter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("view", sa.String(length=32), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_savedfilter_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_savedfilter")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_savedfilter_person_id_name")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index("ix_submission_touched", ["updated_at", "id"], unique=False)
    for statement in GRAMS[op.get_bind().dialect.name]:
        op.execute(statement)
