"""The latest decisions of one kind, found without reading all

Revision: 0016
After: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reviewdecision_kind", "reviewdecision", ["action", "at"])
