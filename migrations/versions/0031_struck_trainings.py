"""Trainings entered by mistake: struck out with who, when and why

Revision: 0031
After: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("training") as batch:
        batch.add_column(sa.Column("struck_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("struck_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("struck_reason", sa.String(length=200), nullable=False, server_default=""))
        batch.create_foreign_key(op.f("fk_training_struck_by_id_person"), "person", ["struck_by_id"], ["id"])
