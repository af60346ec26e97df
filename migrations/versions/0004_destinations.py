"""Further destinations, the order between places, embargoes, and stops that end by themselves

Revision: 0004
After: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WITHOUT_DESTINATION = sa.text("destination_id IS NULL")


def upgrade() -> None:
    moment, words = sqlmodel.sql.sqltypes.UTCDateTime(), sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "destination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", words(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("secret_sealed", words(), nullable=False),
        sa.Column("secret_changed_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("tested_at", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destination")),
        sa.UniqueConstraint("name", name=op.f("uq_destination_name")),
    )
    with op.batch_alter_table("publication") as batch:
        batch.drop_constraint("uq_publication_revision_id_target", type_="unique")
        batch.drop_constraint("uq_publication_site_position", type_="unique")
        batch.add_column(sa.Column("destination_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("waits_for_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("variant", sa.JSON(), nullable=False, server_default="{}"))
        batch.create_foreign_key(
            op.f("fk_publication_destination_id_destination"), "destination", ["destination_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_publication_waits_for_id_publication"), "publication", ["waits_for_id"], ["id"]
        )
        batch.create_unique_constraint(
            op.f("uq_publication_revision_id_destination_id"), ["revision_id", "destination_id"]
        )
        batch.create_unique_constraint(
            op.f("uq_publication_destination_id_site_position"), ["destination_id", "site_position"]
        )
        batch.create_index(op.f("ix_publication_destination_id"), ["destination_id"])
    for name, columns in (
        ("uq_publication_revision_id_target", ["revision_id", "target"]),
        ("uq_publication_site_position", ["site_position"]),
    ):
        op.create_index(
            name,
            "publication",
            columns,
            unique=True,
            sqlite_where=WITHOUT_DESTINATION,
            postgresql_where=WITHOUT_DESTINATION,
        )
    op.add_column(
        "officialaccount",
        sa.Column("publish_order", sa.String(length=32), nullable=False, server_default="together"),
    )
    op.add_column("submission", sa.Column("embargo_until", moment, nullable=True))
    op.add_column("publishingstop", sa.Column("way", sa.String(length=32), nullable=True))
    op.add_column("publishingstop", sa.Column("ends_at", moment, nullable=True))
