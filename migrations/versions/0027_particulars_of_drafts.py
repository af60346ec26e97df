"""What an author says of an item while it is with them: a working copy beside what the office received

Revision: 0027
After: 0026
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=False, server_default="news"),
        sa.Column("event_date", sa.Date(), nullable=True),
        sa.Column("wanted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("declared_no_secrets", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("declared_rights", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("ai_use", sa.String(length=32), nullable=False, server_default="none"),
        sa.Column("theme", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("risks", sa.JSON(), nullable=False, server_default="[]"),
    )
    with op.batch_alter_table("draft") as batch:
        for column in columns:
            batch.add_column(column)
        batch.create_foreign_key(op.f("fk_draft_account_id_officialaccount"), "officialaccount", ["account_id"], ["id"])
    _fill([column.name for column in columns])


def _fill(names: list[str]) -> None:
    """Until now the item held what its author was writing."""
    draft = sa.table("draft", sa.column("submission_id"), *(sa.column(name) for name in names))
    item = sa.table("submission", sa.column("id"), *(sa.column(name) for name in names))
    of_item = item.c.id == draft.c.submission_id
    op.execute(
        draft.update()
        .where(sa.exists().where(of_item))
        .values({name: sa.select(item.c[name]).where(of_item).scalar_subquery() for name in names})
    )
