"""Deputies act at the register of accounts: whom each act was done for

Revision: 0007
After: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COLUMNS = {
    "accountrequest": ("applied_for_id",),
    "accountstep": ("for_id",),
    "accountduty": ("done_for_id",),
    "annualreview": ("answered_for_id", "confirmed_for_id", "decided_for_id"),
}


def upgrade() -> None:
    for table, names in COLUMNS.items():
        with op.batch_alter_table(table) as batch_op:
            for name in names:
                batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
                batch_op.create_foreign_key(op.f(f"fk_{table}_{name}_person"), "person", [name], ["id"])
