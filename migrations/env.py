"""Alembic's door: `services/database.py` hands in an open connection and owns its transaction."""

from __future__ import annotations

from alembic import context

from models import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
