"""What all workers remember of one portal: which courses were looked through, who was invited, and
who is taken out of which course just now.

Times are unix seconds by the one clock of whoever remembers. E-mail addresses are given in lower
case, `owner` names the step of a run that asks: it may go on with what it has begun.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

# How long a course that is being read is left to who reads it: longer than an answer may take (s).
READING_LEASE: Final = 60.0
# How long others are kept from a course in which one learner is being removed, and from each time
# on that its owner asks for it again: before the DELETE and each list that follows (s).
REMOVAL_LEASE: Final = 180.0
# How long it is known whom Usher took out of a course (s).
REMOVALS_KEPT: Final = 7_200.0


@dataclass(frozen=True, slots=True)
class Turn:
    """Which course to look through next, None for none. `left` counts the courses of those asked
    about that nobody has looked through since, `busy` those that others are reading, `refused`
    those that may not be read."""

    course: str | None
    left: int = 0
    busy: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Invited:
    """An earlier invitation. Not `sure`: its answer is not known (yet)."""

    at: float
    sure: bool


class Remembered(Protocol):
    def now(self) -> float: ...

    def courses(self, within: float) -> tuple[str, ...] | None:
        """The ids of our courses, where they were listed within so many seconds."""

    def keep_courses(self, ids: Sequence[str]) -> None: ...

    def next_to_read(self, ids: Sequence[str], since: float) -> Turn:
        """The course that was never looked through, or longest ago, and not since then; it is left
        to the asker for READING_LEASE."""

    def was_read(self, course_id: str, *, refused: bool = False) -> None:
        """Its learners have been learned, or may not be read."""

    def not_read(self, course_id: str) -> None:
        """Who asked for it has not read it; another may."""

    def inviting(
        self, email: str, course_id: str, owner: str, *, within: float, again: bool
    ) -> Invited | None:
        """Notes that an invitation is about to leave, unless one left within so many seconds: that
        one then, and nothing is noted. With `again` it is noted in any case."""

    def invited(self, email: str, course_id: str, owner: str, *, sent: bool) -> None:
        """Settles what was noted: it went out, or certainly not and the note is forgotten."""

    def removing(self, course_id: str, owner: str) -> bool:
        """Whether the owner alone may take somebody out of the course now, for REMOVAL_LEASE from
        this question on."""

    def removal_over(self, course_id: str, owner: str) -> None:
        """Lets others take people out of the course."""

    def removed(self, course_id: str, user_ids: Sequence[str]) -> None:
        """They have been taken out of the course."""

    def removed_since(self, course_id: str, since: float) -> frozenset[str]:
        """Whom Usher took out of the course, as far as REMOVALS_KEPT goes back."""


@dataclass(slots=True)
class _Note:
    invited: Invited
    owner: str
    before: Invited | None


class MemoryRemembered:
    """A Remembered for the threads of one process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.now = clock
        self._changing = threading.Lock()
        self._courses: tuple[float, tuple[str, ...]] | None = None
        self._read: dict[str, tuple[float, bool]] = {}
        self._reading: dict[str, float] = {}
        self._invited: dict[tuple[str, str], _Note] = {}
        self._removing: dict[str, tuple[float, str]] = {}
        self._removed: dict[str, dict[str, float]] = {}

    def courses(self, within: float) -> tuple[str, ...] | None:
        kept = self._courses
        return kept[1] if kept and self.now() - kept[0] < within else None

    def keep_courses(self, ids: Sequence[str]) -> None:
        self._courses = (self.now(), tuple(ids))

    def next_to_read(self, ids: Sequence[str], since: float) -> Turn:
        with self._changing:
            unread = [each for each in ids if self._read.get(each, (-1.0, False))[0] < since]
            free = [each for each in unread if self._reading.get(each, 0.0) <= self.now()]
            refused = sum(self._read[each][1] for each in ids if each not in unread)
            busy = len(unread) - len(free)
            if not free:
                return Turn(None, len(unread), busy, refused)
            first = min(free, key=lambda each: self._read.get(each, (-1.0, False))[0])
            self._reading[first] = self.now() + READING_LEASE
            return Turn(first, len(unread), busy, refused)

    def was_read(self, course_id: str, *, refused: bool = False) -> None:
        with self._changing:
            self._read[course_id] = (self.now(), refused)
            self._reading.pop(course_id, None)

    def not_read(self, course_id: str) -> None:
        with self._changing:
            self._reading.pop(course_id, None)

    def inviting(
        self, email: str, course_id: str, owner: str, *, within: float, again: bool
    ) -> Invited | None:
        with self._changing:
            note = self._invited.get((email, course_id))
            mine = note is not None and not note.invited.sure and note.owner == owner
            if note and not (mine or again) and self.now() - note.invited.at < within:
                return note.invited
            before = note.invited if note else None
            self._invited[email, course_id] = _Note(Invited(self.now(), False), owner, before)
            return None

    def invited(self, email: str, course_id: str, owner: str, *, sent: bool) -> None:
        with self._changing:
            note = self._invited.get((email, course_id))
            if note is None or note.owner != owner:
                return
            if sent:
                note.invited = Invited(note.invited.at, True)
            elif note.before:
                note.invited, note.before = note.before, None
            else:
                del self._invited[email, course_id]

    def removing(self, course_id: str, owner: str) -> bool:
        with self._changing:
            until, holder = self._removing.get(course_id, (0.0, ""))
            if holder != owner and until > self.now():
                return False
            self._removing[course_id] = (self.now() + REMOVAL_LEASE, owner)
            return True

    def removed(self, course_id: str, user_ids: Sequence[str]) -> None:
        with self._changing:
            self._removed.setdefault(course_id, {}).update(dict.fromkeys(user_ids, self.now()))

    def removal_over(self, course_id: str, owner: str) -> None:
        with self._changing:
            if self._removing.get(course_id, (0.0, ""))[1] == owner:
                del self._removing[course_id]

    def removed_since(self, course_id: str, since: float) -> frozenset[str]:
        with self._changing:
            found = self._removed.get(course_id, {})
            return frozenset(user_id for user_id, at in found.items() if at >= since)
