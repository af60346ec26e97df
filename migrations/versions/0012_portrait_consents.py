"""Portrait consents: who may be shown, in which pictures, and what a withdrawal leaves to be done

Revision: 0012
After: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portraitconsent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shown_name", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("name_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("school_class", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("details_sealed", sa.Text(), nullable=False),
        sa.Column("age", sa.String(length=32), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("occasion", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("may_be_named", sa.Boolean(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("scan_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_portraitconsent_recorded_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["person.id"], name=op.f("fk_portraitconsent_withdrawn_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portraitconsent")),
    )
    with op.batch_alter_table("portraitconsent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portraitconsent_name_digest"), ["name_digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_portraitconsent_valid_until"), ["valid_until"], unique=False)
    op.create_table(
        "pictureconsent",
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_pictureconsent_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["portraitconsent.id"], name=op.f("fk_pictureconsent_consent_id_portraitconsent")
        ),
        sa.ForeignKeyConstraint(["linked_by_id"], ["person.id"], name=op.f("fk_pictureconsent_linked_by_id_person")),
        sa.PrimaryKeyConstraint("asset_id", "consent_id", name=op.f("pk_pictureconsent")),
    )
    with op.batch_alter_table("pictureconsent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pictureconsent_consent_id"), ["consent_id"], unique=False)
    op.create_table(
        "withdrawaltask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["portraitconsent.id"], name=op.f("fk_withdrawaltask_consent_id_portraitconsent")
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_withdrawaltask_done_by_id_person")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_withdrawaltask_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawaltask")),
        sa.UniqueConstraint("consent_id", "submission_id", name=op.f("uq_withdrawaltask_consent_id_submission_id")),
    )
    with op.batch_alter_table("withdrawaltask", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_withdrawaltask_submission_id"), ["submission_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_withdrawaltask_done_at"), ["done_at"], unique=False)
