"""``python -m services``: the command line."""

from services.cli import app

app()
