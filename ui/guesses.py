"""Wrong passwords and codes typed at an open page count like those at the sign-in page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services import sign_in
from services.errors import InvalidInput
from services.queries.sessions import SignedInPerson
from ui import runtime

GUESSED = ("code", "present")
"""Fields of a refusal that mean: what was typed is not the secret it should be."""


@contextmanager
def counted(user: SignedInPerson, *, entering: bool = False) -> Iterator[None]:
    """Around an act that asks for a secret of the person: whoever guesses is locked out, page or not."""
    try:
        yield
    except InvalidInput as refusal:
        # Counted in a transaction of its own: the act itself left nothing.
        if refusal.field in GUESSED:
            with runtime.acting_as(user, entering=entering) as work:
                sign_in.count_wrong_guess(work)
        raise
