"""Pushes of WeChat that had their effect, so that a repeated one has none

Revision: 0011
After: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "heardpush",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("heard_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["officialaccount.id"], name=op.f("fk_heardpush_account_id_officialaccount")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heardpush")),
        sa.UniqueConstraint("account_id", "digest", name=op.f("uq_heardpush_account_id_digest")),
    )
    with op.batch_alter_table("heardpush", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_heardpush_heard_at"), ["heard_at"], unique=False)
