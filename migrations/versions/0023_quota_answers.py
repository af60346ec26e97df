"""What WeChat said of an account's calls left today, when a person asked

Revision: 0023
After: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quotaanswer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("calls_left", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["officialaccount.id"], name=op.f("fk_quotaanswer_account_id_officialaccount")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_quotaanswer_asked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotaanswer")),
    )
    with op.batch_alter_table("quotaanswer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotaanswer_account_id"), ["account_id"], unique=False)
