"""Dead letters: what gave up, what of it is done, and what is left."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from usher import words
from usher.failing import FOUND_WRONG, Failed
from usher.finding import fits, only_id
from usher.opening import Usher
from usher.shapes import iso, step_shape
from workers.store import Archive, Event, Run, Step


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A run that gave up, or an event that could not be given to the rules (`run` is None)."""

    id: str
    event: Event | None
    run: Run | None

    @property
    def reason(self) -> str:
        noun = self.run or self.event
        return noun.reason if noun else ""

    @property
    def rule(self) -> str:
        return self.run.rule if self.run else ""

    @property
    def source(self) -> str:
        noun = self.run or self.event
        return noun.source if noun else ""

    @property
    def learner(self) -> str:
        return words.learner(self.run) if self.run else ""

    @property
    def done(self) -> tuple[Step, ...]:
        return tuple(step for step in self.run.steps if step.done) if self.run else ()

    @property
    def left(self) -> tuple[Step, ...]:
        return tuple(step for step in self.run.steps if not step.done) if self.run else ()

    @property
    def gave_up_at(self) -> datetime | None:
        """When the run gave up; for an event that is not kept, so when it was received."""
        if self.run:
            return self.run.finished_at
        return self.event.received_at if self.event else None

    @property
    def would(self) -> str:
        """What a replay does, in words."""
        if not self.run:
            return "give the event to the rules again"
        return "; ".join(words.does_briefly(step) for step in self.left) or "nothing is left to do"


def letters(archive: Archive, wanted: Callable[[DeadLetter], bool]) -> Iterator[DeadLetter]:
    """The dead letters for which `wanted` holds, newest first, read as they are asked for."""
    for id_ in archive.dead():
        letter = _letter(archive, id_)
        if letter and wanted(letter):
            yield letter


def find_letter(usher: Usher, wanted: str) -> DeadLetter:
    """The one dead letter of that id (of a run, or of an event); Failed when there is none."""
    ids = usher.archive.dead()
    found = [wanted] if wanted in ids else [id_ for id_ in ids if fits(wanted, id_)]
    if not found:
        hint = _instead(usher.archive, wanted, ids)
        raise Failed(f"There is no dead letter {wanted!r}.", hint, FOUND_WRONG)
    id_ = only_id(wanted, found, "dead letter", "usher dead list")
    return _letter(usher.archive, id_) or DeadLetter(id_, None, None)


def _instead(archive: Archive, wanted: str, dead: Sequence[str]) -> str:
    """What else that id may stand for."""
    if run := archive.run(wanted):
        return f"That run is {run.state}."
    if event := archive.event(wanted):
        runs = [run_id for run_id in event.runs if run_id in dead]
        return f"That event is {event.state}." + "".join(
            f"\nIts run {id_} gave up." for id_ in runs
        )
    return "`usher dead list` shows them."


def _letter(archive: Archive, id_: str) -> DeadLetter | None:
    if id_.startswith("evt_"):
        event = archive.event(id_)
        return DeadLetter(id_, event, None) if event else None
    run = archive.run(id_)
    return DeadLetter(id_, archive.event(run.event), run) if run else None


def letter_shape(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter as JSON; `kind` is "run" or "event"."""
    return {
        "id": letter.id,
        "kind": "run" if letter.run else "event",
        "event_id": letter.event.id if letter.event else letter.run and letter.run.event,
        "source": letter.source,
        "rule": letter.rule,
        "learner": letter.learner,
        "reason": letter.reason,
        "gave_up_at": iso(letter.run.finished_at) if letter.run else None,
        "replays": letter.run.replays if letter.run else 0,
        "done": [step_shape(step) for step in letter.done],
        "left": [step_shape(step) for step in letter.left],
    }
