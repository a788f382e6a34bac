"""A worker may die at any moment of an action: the next one ends it, and nothing happens twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from coursebox.actions import PERFORM, Desk, Done
from coursebox.client import Coursebox
from coursebox.directory import MemoryDirectory
from coursebox.errors import GaveUp, Kind, NotYet, TryAgain
from coursebox.journal import MemoryJournal
from coursebox.policy import Policy
from coursebox.remembered import MemoryRemembered
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.tokens import MemoryTokens

ADA, BO, CY = (f"{name}@customer.example" for name in ("ada", "bo", "cy"))
# further than any action goes
MOMENTS: Final = range(1, 11)


class Died(Exception):
    """The worker's end."""


@dataclass(slots=True)
class Fate:
    """Dies at a moment: the so-and-so-manieth of all that are counted."""

    at: int
    seen: int = 0
    met: bool = False

    def count(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.met = True
            raise Died


@dataclass(slots=True)
class Dying(MemoryJournal):
    """A journal that is left behind right before, or right after, one of its notes."""

    fate: Fate
    after: bool
    _notes: dict[str, str] = field(default_factory=dict)

    def remember(self, key: str, value: str) -> None:
        if not self.after:
            self.fate.count()
        self._notes[key] = value
        if self.after:
            self.fate.count()


@pytest.fixture(scope="module")
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


WHO: Final[dict[str, dict[str, object]]] = {
    "enrol": {"email": ADA, "course_id": 101},
    "invite": {"email": ADA, "course_id": 101},
    "create_account": {"email": ADA},
    "unenrol": {"email": BO, "course_id": 101},
    "update_user": {"email": BO, "attributes": {"city": "Bonn"}},
    "enrol_user": {"user_id": "1001", "course_id": 102},
}
SWITCHES: Final = {
    "as a rule": {},
    "tells little": {"replies": "empty", "duplicate_account": "hidden"},
    "takes a second seat": {"duplicate_enrolment": "second_row", "duplicate_account": "text"},
}


@dataclass(slots=True)
class Clock:
    """Goes on when somebody waits: what the dead have kept for themselves runs out."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def until_done(desk: Desk, action: str, clock: Clock) -> Done | None:
    """None where a person has to say whether an invitation went out."""
    for _ in range(80):
        try:
            return PERFORM[action](desk, WHO[action])
        except TryAgain:
            continue
        except NotYet as error:
            clock.now += error.retry_after or 1.0
        except GaveUp as error:
            if error.kind is not Kind.INVITATION_UNSURE:
                raise
            return None
    raise AssertionError("it is still being tried again")


def counted(sim: RunningSimulator) -> dict[str, Any]:
    effects: Any = sim.snapshot()["effects"]
    return dict(effects)


def world(sim: RunningSimulator, switches: dict[str, str]) -> None:
    sim.reset(**switches)
    for email in (BO, CY):
        sim.add_person(email, courses=[101])


def of(counts: dict[str, Any], what: str, course: str, email: str) -> int:
    return int(counts[what].get(course, {}).get(email, 0))


def harmless(sim: RunningSimulator) -> None:
    """Nothing came about more than once, and nobody lost a seat but the one who should."""
    counts, snapshot = counted(sim), sim.snapshot()
    assert set(counts["accounts"].values()) <= {1}
    for what in ("enrolments", "unenrolments", "invitation_mails"):
        assert {n for people in counts[what].values() for n in people.values()} <= {1}
    assert CY in sim.learners(101)
    assert snapshot["unenrol_trap"]["sprung"] is False  # type: ignore[index]


@pytest.mark.parametrize("where", ["before a note", "after a note", "after an answer"])
@pytest.mark.parametrize("portal", SWITCHES)
@pytest.mark.parametrize("action", WHO)
def test_a_worker_that_dies_at_any_moment_leaves_what_another_ends(
    sim: RunningSimulator, action: str, portal: str, where: str
) -> None:
    deaths = 0
    for moment in MOMENTS:
        world(sim, SWITCHES[portal])
        fate = Fate(moment)
        elsewhere, clock = Fate(0), Clock()
        in_journal = where != "after an answer"
        journal = Dying(fate if in_journal else elsewhere, where == "after a note")
        with Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens()) as client:
            desk = Desk(
                client if in_journal else client.recording(fate.count),
                MemoryDirectory(),
                journal,
                lambda: None,
                policy=Policy(hidden_duplicates=portal == "tells little"),
                remembered=MemoryRemembered(clock),
                pause=lambda _: None,
            )
            try:
                done = until_done(desk, action, clock)
            except Died:
                deaths += 1
                done = until_done(replace(desk, client=client), action, clock)

        harmless(sim)
        counts = counted(sim)
        if done is not None and done.outcome in ("enrolled", "created_and_enrolled"):
            course = str(WHO[action]["course_id"])
            assert of(counts, "enrolments", course, BO if action == "enrol_user" else ADA) == 1
        if action == "unenrol":
            assert of(counts, "unenrolments", "101", BO) == 1
        if action == "update_user":
            assert counts["updates"] == {BO: 1}

    assert deaths > 0


def test_the_moments_reach_to_the_end_of_every_action(sim: RunningSimulator) -> None:
    for action in WHO:
        world(sim, {})
        fate = Fate(0)
        with Coursebox(
            sim.url, sim.email, sim.password, tokens=MemoryTokens(), record=fate.count
        ) as client:
            desk = Desk(client, MemoryDirectory(), Dying(fate, True), lambda: None)
            assert until_done(desk, action, Clock()) is not None

        assert fate.seen < 2 * len(MOMENTS)


def test_every_action_is_died_in() -> None:
    assert set(WHO) == set(PERFORM)
