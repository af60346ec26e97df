"""Find a department's last items without reading all of them

Revision: 0019
After: 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_submission_handed_in", "submission", ["department_id", "submitted_at"])


def downgrade() -> None:
    op.drop_index("ix_submission_handed_in", "submission")
