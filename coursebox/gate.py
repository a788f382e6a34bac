"""The gate of a portal: every single request passes it, so that rate and number are kept."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from coursebox.calls import Call
from coursebox.errors import Failure


class Passage(Protocol):
    """One request that has been let through."""

    def sent(self) -> None:
        """The request has left this machine."""

    def answered(self, failure: Failure | None) -> None:
        """What came of it; None for a good answer."""


class Gate(Protocol):
    """Lets requests through, as many as a portal may be sent."""

    def passing(self, call: Call) -> AbstractContextManager[Passage]:
        """Entered round a request; entering waits for its turn. Raises NotYet where the turn is
        too far off to be waited for."""


class _Free:
    def sent(self) -> None:
        pass

    def answered(self, failure: Failure | None) -> None:
        pass


class OpenGate:
    """A gate that lets everything through at once."""

    @contextmanager
    def passing(self, call: Call) -> Iterator[Passage]:
        yield _Free()
