"""Keep the pairs of the search beside its rows on PostgreSQL: what is found is read from few pages

Revision: 0020
After: 0019
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # A common word is found in thousands of rows, of which only the ids are wanted.
        op.execute("ALTER TABLE search_grams SET (toast_tuple_target = 128)")
