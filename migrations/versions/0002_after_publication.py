"""After publication: copies read back and held against the seal, screenshots, what two people do about an item

Revision: 0002
After: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remedy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("wrong", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("right", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("violation_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_remedy_decided_by_id_person")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_remedy_proposed_by_id_person")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_remedy_revision_id_revision")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_remedy_submission_id_submission")),
        sa.ForeignKeyConstraint(["violation_id"], ["violation.id"], name=op.f("fk_remedy_violation_id_violation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedy")),
    )
    with op.batch_alter_table("remedy", schema=None) as batch_op:
        batch_op.create_index("ix_remedy_open", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_remedy_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "proofread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("run_after", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("likeness", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("capture_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("is_alarm", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("acknowledgement", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["person.id"], name=op.f("fk_proofread_acknowledged_by_id_person")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_proofread_asked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_proofread_publication_id_publication")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofread")),
        sa.UniqueConstraint(
            "publication_id", "occasion", "number", name=op.f("uq_proofread_publication_id_occasion_number")
        ),
    )
    with op.batch_alter_table("proofread", schema=None) as batch_op:
        batch_op.create_index("ix_proofread_alarm", ["is_alarm", "acknowledged_at"], unique=False)
        batch_op.create_index("ix_proofread_due", ["read_at", "run_after"], unique=False)
        batch_op.create_index(batch_op.f("ix_proofread_publication_id"), ["publication_id"], unique=False)

    op.create_table(
        "screenshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_screenshot_added_by_id_person")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_screenshot_publication_id_publication")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenshot")),
    )
    with op.batch_alter_table("screenshot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screenshot_publication_id"), ["publication_id"], unique=False)

    op.create_table(
        "remedydeed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("remedy_id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("calling", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("run_after", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("failure_raw", sa.Text(), nullable=False),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_remedydeed_done_by_id_person")),
        sa.ForeignKeyConstraint(["evidence_id"], ["proofread.id"], name=op.f("fk_remedydeed_evidence_id_proofread")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_remedydeed_publication_id_publication")
        ),
        sa.ForeignKeyConstraint(["remedy_id"], ["remedy.id"], name=op.f("fk_remedydeed_remedy_id_remedy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedydeed")),
        sa.UniqueConstraint("remedy_id", "publication_id", name=op.f("uq_remedydeed_remedy_id_publication_id")),
    )
    with op.batch_alter_table("remedydeed", schema=None) as batch_op:
        batch_op.create_index("ix_remedydeed_due", ["state", "run_after"], unique=False)
        batch_op.create_index(batch_op.f("ix_remedydeed_publication_id"), ["publication_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_remedydeed_remedy_id"), ["remedy_id"], unique=False)

    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index("ix_publication_settled", ["state", "settled_at"], unique=False)
