"""The server's one `Runtime`, for pages and routes alike, and the two ways of using it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlmodel import Session

from services import sign_in
from services.bootstrap import Runtime
from services.queries.sessions import SignedInPerson
from services.unit_of_work import UnitOfWork

_installed: list[Runtime] = []


def install(runtime: Runtime) -> None:
    """Make this the process's runtime; done once by `ui/process.py`, and by tests."""
    _installed[:] = [runtime]


def uninstall() -> None:
    """Close the process's runtime, if there is one."""
    while _installed:
        _installed.pop().close()


def current() -> Runtime:
    """The process's runtime. Without one the process was not started through `app.py`, which is a fault."""
    if not _installed:
        raise RuntimeError("no runtime: start the application with `streamlit run app.py`")
    return _installed[0]


def reading() -> AbstractContextManager[Session]:
    """A session for reads; what it returns stays readable afterwards."""
    return current().reading()


@contextmanager
def acting_as(user: SignedInPerson, *, entering: bool = False) -> Iterator[UnitOfWork]:
    """One act of the person behind this browser: all of it or nothing. Raises `SignedOut` once they are out,
    and while their sign-in is unfinished, but for what finishes it (`entering`).
    """
    if user.id is None:
        raise RuntimeError("a signed-in person has no id")
    with current().acting_as(user.id, session_id=user.session_id, entering=entering) as work:
        # A form in a fragment acts for hours without the frame around it ever running.
        if sign_in.is_due(user, work.now):
            sign_in.keep_alive(work, user, idle=current().settings.idle)
        yield work


def is_live() -> bool:
    """Whether what is done here reaches real accounts."""
    return not current().settings.is_rehearsal
