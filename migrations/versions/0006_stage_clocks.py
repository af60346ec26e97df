"""The clock of a review stage: near, due, and how urgent an item is; old items get theirs from the worker

Revision: 0006
After: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        for name in ("near_at", "due_at", "urgent_at"):
            batch_op.add_column(sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index("ix_submission_urgent", ["state", "urgent_at", "id"], unique=False)
