"""The category and event date a run of the machine check went by; runs before this release name none

Revision: 0030
After: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("screening", sa.Column("category", sa.String(length=32), nullable=True))
    op.add_column("screening", sa.Column("event_date", sa.Date(), nullable=True))
