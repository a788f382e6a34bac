"""A burst of people whose id is not known: the courses are looked through once, for all."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

import pytest

from coursebox.actions import PERFORM, Desk, Done
from coursebox.client import Coursebox
from coursebox.directory import OnlyNews
from coursebox.errors import NotYet, TryAgain
from coursebox.journal import MemoryJournal
from coursebox.outcomes import Outcome
from coursebox.policy import Policy
from coursebox.simulator import RunningSimulator, running_simulator
from workers.store import Connection, Directory, SharedTokens
from workers.store.portal_memory import PortalMemory

COURSES: Final = {number: f"Course {number}" for number in range(101, 131)}
WORKERS: Final = 4
SEATED: Final = [f"seated{number}@customer.example" for number in range(20)]
SEATLESS: Final = [f"seatless{number}@customer.example" for number in range(20)]
POLICY: Final = Policy(sweep_courses=7)


@pytest.fixture(scope="module")
def sim() -> Iterator[RunningSimulator]:
    with running_simulator(courses=COURSES) as running:
        yield running


def worker(redis_url: str, sim: RunningSimulator, stack: ExitStack) -> Callable[[], Desk]:
    """Makes the desks of one worker: its connections are its own, what is remembered is shared."""
    connection = Connection(redis_url)
    stack.callback(connection.close)
    tokens = SharedTokens(connection, "sample key")
    client = stack.enter_context(Coursebox(sim.url, sim.email, sim.password, tokens=tokens))
    directory, memory = OnlyNews(Directory(connection)), PortalMemory(connection)
    return lambda: Desk(
        client, directory, MemoryJournal(), lambda: None, policy=POLICY, remembered=memory
    )


def works(desk_of: Callable[[], Desk], waiting: list[str], ended: dict[str, Done]) -> None:
    """Takes the next, and puts off who has to wait, as a worker does."""
    desks: dict[str, Desk] = {}
    mine: list[str] = []
    while waiting or mine:
        try:
            email = waiting.pop(0)
        except IndexError:
            email = mine.pop(0)
        desk = desks.setdefault(email, desk_of())
        try:
            ended[email] = PERFORM["enrol"](desk, {"email": email, "course_id": 101})
        except (NotYet, TryAgain):
            mine.append(email)


def test_a_burst_reads_each_course_once(redis_url: str, sim: RunningSimulator) -> None:
    sim.reset()
    for number, email in enumerate(SEATED):
        sim.add_person(email, courses=[102 + number])
    for email in SEATLESS:
        sim.add_person(email)
    waiting, ended = [*SEATLESS, *SEATED], dict[str, Done]()

    with ExitStack() as stack:
        desks = [worker(redis_url, sim, stack) for _ in range(WORKERS)]
        threads = [threading.Thread(target=works, args=(each, waiting, ended)) for each in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    outcomes = Counter(done.outcome for done in ended.values())
    read = Counter(
        str(call["path"]).split("/")[3] for call in sim.calls() if call["call"] == "allLearners"
    )
    assert outcomes == {Outcome.ENROLLED: len(SEATED), Outcome.INVITED: len(SEATLESS)}
    assert all("(29 of 29)" in ended[email].detail for email in SEATLESS)
    del read["101"]
    assert set(read) == {str(number) for number in COURSES if number != 101}
    assert max(read.values()) == 1
    assert sum(call["call"] == "findCourses" for call in sim.calls()) <= WORKERS


def test_courses_that_may_not_be_read_are_told_and_not_asked_again(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.reset(courses=dict.fromkeys(range(101, 105), "A course"))
    sim.add_person(SEATLESS[0])
    sim.add_person(SEATLESS[1])
    sim.add_fault("allLearners", "status", status=403, match="103", times=2)

    with ExitStack() as stack:
        desk_of = worker(redis_url, sim, stack)
        told = [
            PERFORM["enrol"](desk_of(), {"email": email, "course_id": 101})
            for email in SEATLESS[:2]
        ]

    assert ["(2 of 3, 1 of which may not be read)" in done.detail for done in told] == [True, True]
    assert len(sim.faults()) == 1


def test_a_read_that_failed_is_made_by_the_next_try(redis_url: str, sim: RunningSimulator) -> None:
    sim.reset(courses=dict.fromkeys(range(101, 105), "A course"))
    sim.add_person(SEATED[0], courses=[103])
    sim.add_fault("allLearners", "status", status=503, match="103")

    with ExitStack() as stack:
        desk = worker(redis_url, sim, stack)()
        with pytest.raises(TryAgain):
            PERFORM["enrol"](desk, {"email": SEATED[0], "course_id": 101})
        done = PERFORM["enrol"](desk, {"email": SEATED[0], "course_id": 101})

    assert done.outcome is Outcome.ENROLLED


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        pytest.param(600.0, Outcome.INVITED, id="not long ago"),
        pytest.param(0.0, Outcome.ENROLLED, id="too long ago"),
    ],
)
def test_what_was_seen_counts_for_a_time(
    redis_url: str, sim: RunningSimulator, age: float, outcome: Outcome
) -> None:
    sim.reset(courses=dict.fromkeys(range(101, 104), "A course"))
    for email in (SEATLESS[0], SEATED[0]):
        sim.add_person(email)

    with ExitStack() as stack:
        desk_of = worker(redis_url, sim, stack)
        PERFORM["enrol"](desk_of(), {"email": SEATLESS[0], "course_id": 101})
        sim.add_person(SEATED[0], courses=[103])
        desk = replace(desk_of(), policy=Policy(sweep_age=age))
        done = PERFORM["enrol"](desk, {"email": SEATED[0], "course_id": 101})

    assert done.outcome is outcome
