"""Likenesses between items, terms found by their sound, what is the school's own

Revision: 0005
After: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shingle",
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_shingle_submission_id_submission")),
        sa.PrimaryKeyConstraint("hash", "submission_id", name=op.f("pk_shingle")),
    )
    with op.batch_alter_table("shingle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shingle_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "schoolfact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_schoolfact_added_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schoolfact")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_schoolfact_kind_value")),
    )
    # What old rows say is still true: found by the words in the quote, in no likeness, by letters only.
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entry", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("related_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_finding_related_id_submission"), "submission", ["related_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_finding_related_id"), ["related_id"], unique=False)

    with op.batch_alter_table("lexiconentry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pinyin", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("ix_lexiconentry_changed", ["active", "changed_at", "id"], unique=False)

    with op.batch_alter_table("lexiconversion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("school", sa.JSON(), nullable=False, server_default="{}"))
