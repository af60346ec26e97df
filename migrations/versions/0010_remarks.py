"""Remarks on an item's words, and the answers to them

Revision: 0010
After: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_for_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["for_id"], ["person.id"], name=op.f("fk_remark_for_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_remark_made_by_id_person")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_remark_revision_id_revision")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_remark_settled_by_id_person")),
        sa.ForeignKeyConstraint(["settled_for_id"], ["person.id"], name=op.f("fk_remark_settled_for_id_person")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_remark_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index(op.f("ix_remark_submission_id"), "remark", ["submission_id"])
    op.create_table(
        "remarkreply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("remark_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["remark_id"], ["remark.id"], name=op.f("fk_remarkreply_remark_id_remark")),
        sa.ForeignKeyConstraint(["for_id"], ["person.id"], name=op.f("fk_remarkreply_for_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_remarkreply_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarkreply")),
    )
    op.create_index(op.f("ix_remarkreply_remark_id"), "remarkreply", ["remark_id"])


def downgrade() -> None:
    op.drop_table("remarkreply")
    op.drop_table("remark")
