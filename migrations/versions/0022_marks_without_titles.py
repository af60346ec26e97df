"""Marks of reused pictures no longer hold the title of the earlier item, which their reader may not know

Revision: 0022
After: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    finding = sa.table("finding", sa.column("rule"), sa.column("quote"), sa.column("suggestion"))
    told = "这张图片与以往一篇稿件里的相同或相近：请登记图片来源和授权，或换一张。"
    op.execute(finding.update().where(finding.c.rule == "image.reused").values(quote="以往稿件用过", suggestion=told))
