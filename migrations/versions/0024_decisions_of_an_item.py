"""The decisions of an item are found by the item and their kind together

Revision: 0024
After: 0023
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reviewdecision_of_submission", "reviewdecision", ["submission_id", "action"])
    op.drop_index(op.f("ix_reviewdecision_submission_id"), "reviewdecision")


def downgrade() -> None:
    op.create_index(op.f("ix_reviewdecision_submission_id"), "reviewdecision", ["submission_id"])
    op.drop_index("ix_reviewdecision_of_submission", "reviewdecision")
