"""A version for each department: of two who rename one, the second is told

Revision: 0029
After: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("department", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
