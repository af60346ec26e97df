"""Versions for the rows of the term list, the roster and the templates: of two who edit one, the second is told

Revision: 0028
After: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("occasion", "lexiconentry", "leaderterm"):
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
