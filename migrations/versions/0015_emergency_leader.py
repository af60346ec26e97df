"""Whether an emergency item still owes the school leader's look

Revision: 0015
After: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "emergency", sa.Column("owed_to_leader", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
