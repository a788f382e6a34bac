"""What one step of a run has sent already, so that a second try goes on where the first stopped."""

from typing import Protocol


class Journal(Protocol):
    """Notes of one step. `remember` must be kept safe before it returns."""

    def recall(self, key: str) -> str | None: ...

    def remember(self, key: str, value: str) -> None: ...


class MemoryJournal:
    """A Journal for one process."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self._notes.get(key)

    def remember(self, key: str, value: str) -> None:
        self._notes[key] = value
