"""A whole site sent to a web root again, one at a time for each place

Revision: 0025
After: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STILL_OPEN = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "siteresend",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("run_after", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failure", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["destination.id"], name=op.f("fk_siteresend_destination_id_destination")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_siteresend_asked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_siteresend")),
    )
    with op.batch_alter_table("siteresend", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_siteresend_destination_id"), ["destination_id"], unique=False)
        batch_op.create_index(
            "ix_siteresend_one_open",
            ["destination_id"],
            unique=True,
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        )
