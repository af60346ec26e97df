"""Consents whose personal data were erased after the time the law and the school give

Revision: 0026
After: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portraitconsent", sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
