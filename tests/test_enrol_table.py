"""`enrol` in every portal that the simulator can be: the right outcome, and each effect once.

The switches are those of the simulator's own table, so that a new value is tried by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import httpx
import pytest

from coursebox.actions import PERFORM, Desk, Done
from coursebox.client import Coursebox
from coursebox.directory import MemoryDirectory
from coursebox.errors import TryAgain
from coursebox.journal import MemoryJournal
from coursebox.outcomes import Outcome
from coursebox.remembered import MemoryRemembered
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.simulator.switches import SWITCHES
from coursebox.tokens import MemoryTokens

ADA: Final = "ada.lovelace@customer.example"
COURSES: Final = {101: "Safety Basics", 102: "First Aid"}
LEARNERS: Final = ("new", "known", "listed", "unknown")
TRIES: Final = 4

Case = Mapping[str, str]


@dataclass(slots=True)
class Portal:
    """A portal of one case with its own ids of the courses, and what Usher knows over all runs."""

    client: Coursebox
    ids: Mapping[int, str]
    directory: MemoryDirectory = field(default_factory=MemoryDirectory)
    remembered: MemoryRemembered = field(default_factory=MemoryRemembered)

    def enrol(self) -> Done:
        """What a run comes to, tried as often as a worker would."""
        desk = Desk(
            self.client,
            self.directory,
            MemoryJournal(),
            lambda: None,
            remembered=self.remembered,
        )
        for _ in range(TRIES):
            try:
                return PERFORM["enrol"](desk, {"email": ADA, "course_id": self.ids[101]})
            except TryAgain:
                continue
        raise AssertionError("it is still being tried again")


@pytest.fixture(scope="module")
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def cases(*names: str) -> list[dict[str, str]]:
    values = product(*(SWITCHES[name].values for name in names))
    return [dict(zip(names, each, strict=True)) for each in values]


def shown(case: Case) -> str:
    return "-".join(case.values())


def due(learner: str, case: Case) -> Outcome:
    """What must come of it: nobody who has an account is invited where its id can be learned."""
    if learner == "new":
        return Outcome.CREATED_AND_ENROLLED
    if learner in ("known", "listed"):
        return Outcome.ENROLLED
    told = case["duplicate_account"] == "existing" and "empty" not in case["replies"]
    return Outcome.ENROLLED if told else Outcome.INVITED


def prepared(sim: RunningSimulator, http: httpx.Client, learner: str, case: Case) -> Portal:
    sim.reset(courses=COURSES, **case)
    client = Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens(), http=http)
    portal = Portal(client, course_ids(sim))
    if learner != "new":
        user_id = sim.add_person(
            ADA, "Augusta Ada", "King", courses=[102] if learner == "listed" else []
        )
        if learner == "known":
            portal.directory.learn(ADA, str(user_id))
    return portal


def of_ada(counted: Any) -> dict[str, int]:
    """Course -> how often it came about for her."""
    return {course: people[ADA] for course, people in counted.items()}


def wanted(learner: str, outcome: Outcome, case: Case, ids: Mapping[int, str]) -> dict[str, Any]:
    invited = outcome is Outcome.INVITED
    seats = {ids[102]: 1} if learner == "listed" else {}
    if not invited or case["invited"] == "listed":
        seats[ids[101]] = 1
    return {
        "accounts": {ADA: 1},
        "enrolments": seats,
        "invitation_mails": {ids[101]: 1} if invited else {},
        "unenrolments": {},
    }


def effects(sim: RunningSimulator) -> dict[str, Any]:
    counted: Any = sim.snapshot()["effects"]
    by_course = ("enrolments", "invitation_mails", "unenrolments")
    return {"accounts": counted["accounts"]} | {each: of_ada(counted[each]) for each in by_course}


def course_ids(sim: RunningSimulator) -> dict[int, str]:
    """The portal's own ids of the two courses."""
    listed: Any = sim.snapshot()["courses"]
    titles = {each["title"]: str(each["id"]) for each in listed}
    return {number: titles[title] for number, title in COURSES.items()}


MODES: Final = SWITCHES["duplicate_enrolment"].values
OUTER: Final = cases("duplicate_account", "replies", "id_type")
INNER: Final = cases("profile", "invited", "learner_rows")


@pytest.mark.parametrize(("number", "outer"), list(enumerate(OUTER)), ids=map(shown, OUTER))
def test_each_learner_comes_to_one_account_and_one_seat_or_one_mail(
    sim: RunningSimulator, http: httpx.Client, number: int, outer: Case
) -> None:
    for at, (inner, learner) in enumerate(product(INNER, LEARNERS)):
        # what happens to a second seat matters where one is asked for: below; here they take turns
        case = {**outer, **inner, "duplicate_enrolment": MODES[(number + at // 4) % len(MODES)]}
        portal = prepared(sim, http, learner, case)
        outcome = due(learner, case)

        first = portal.enrol()
        again = portal.enrol()

        told = f"{learner} in {case}: {first}, {again}"
        listed = outcome is not Outcome.INVITED or case["invited"] == "listed"
        assert first.outcome is outcome, told
        assert again.outcome is (Outcome.ALREADY_ENROLLED if listed else Outcome.INVITED), told
        assert effects(sim) == wanted(learner, outcome, case, portal.ids), told


LOST: Final[Mapping[str, Mapping[str, Any]]] = {
    "dropped": {"fault": "commit_then_drop"},
    "hidden in a 500": {"fault": "commit_then_status", "status": 500},
    "behind a gateway": {"fault": "commit_then_status", "status": 502},
    "not sent": {"fault": "drop_before"},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", cases("replies", "id_type", "profile"), ids=shown)
def test_a_seat_whose_answer_was_lost_is_one_seat(
    sim: RunningSimulator, http: httpx.Client, case: Case, mode: str
) -> None:
    for learner, (name, loss) in product(LEARNERS[:3], LOST.items()):
        portal = prepared(sim, http, learner, {**case, "duplicate_enrolment": mode})
        sim.add_fault("enrolUser", **loss)

        done = portal.enrol()

        outcome = due(learner, case)
        told = f"{learner} in {case}, {mode}, {name}: {done}"
        assert done.outcome is outcome, told
        expected = wanted(learner, outcome, {**case, "invited": "pending"}, portal.ids)
        assert effects(sim) == expected, told
