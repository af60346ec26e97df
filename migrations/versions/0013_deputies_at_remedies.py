"""For whom a deputy proposed or decided what is done after publication

Revision: 0013
After: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("remedy") as batch:
        for name in ("proposed_for_id", "decided_for_id"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_remedy_{name}_person"), "person", [name], ["id"])
