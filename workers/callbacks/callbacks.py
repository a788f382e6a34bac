"""All that can be told to other systems, by name."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rulebook.vocabulary import CallbackShape
from workers.callbacks.calling import Call, Record, Usable, make_usable
from workers.callbacks.definition import CALLBACK, Callback
from workers.callbacks.failures import failure
from workers.callbacks.telling import Telling
from workers.lookups.door import Door
from workers.lookups.failures import Kind


def callback_problems(
    callbacks: Mapping[str, Callback], variables: Mapping[str, str]
) -> Mapping[str, str]:
    """Why some of the callbacks cannot be used, by name."""
    made = {name: make_usable(one, variables) for name, one in callbacks.items()}
    return {name: one for name, one in made.items() if isinstance(one, str)}


def callback_shapes(
    callbacks: Mapping[str, Callback], problems: Mapping[str, str]
) -> Mapping[str, CallbackShape]:
    """What the rule checker has to know of every callback there is."""
    return {name: one.shape(problems.get(name, "")) for name, one in callbacks.items()}


class Callbacks:
    """Tells other systems, by the names of callbacks; safe to share between threads."""

    def __init__(
        self, callbacks: Mapping[str, Callback], variables: Mapping[str, str], door: Door
    ) -> None:
        made = {name: make_usable(one, variables) for name, one in callbacks.items()}
        self._usable = {name: one for name, one in made.items() if isinstance(one, Usable)}
        self._problems = {name: one for name, one in made.items() if isinstance(one, str)}
        self._door = door

    def close(self) -> None:
        self._door.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def tell(
        self, name: str, params: Mapping[str, object], telling: Telling, record: Record
    ) -> int:
        """The status with which it was taken; `record` gets the exchange, without secrets.

        Raises CallbackFailed.
        """
        usable = self._usable.get(name)
        if usable is None:
            problem = self._problems.get(name)
            kind = Kind.UNUSABLE if problem else Kind.UNKNOWN
            raise failure(name, kind, self.destination(name), problem or "")
        return Call(usable, self._door, record).status(params, telling)

    def destination(self, name: str) -> str:
        """What is held where this callback is not taken: `callback:<host>`, or `callback:<name>`
        for one that cannot be used at all."""
        usable = self._usable.get(name)
        return usable.ready.destination if usable else CALLBACK + name

    def destinations(self) -> frozenset[str]:
        """All that can be put on hold."""
        return frozenset(map(self.destination, (*self._usable, *self._problems)))

    def problems(self) -> Mapping[str, str]:
        """Why some of the callbacks cannot be used, by name."""
        return self._problems
