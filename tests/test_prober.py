"""The circuit and its probe: an outage costs time and nothing else."""

import threading
from collections.abc import Iterator

import pytest

from coursebox.calls import COURSES
from coursebox.errors import Kind, fail
from coursebox.simulator import RunningSimulator, running_simulator
from tests.engine_room import Room, engine_room, eventually
from workers.prober import Prober
from workers.retry import COURSEBOX
from workers.store.gate import PROBE_AT, Circuit, Limits, Probing, SharedGate

# Probes follow each other as fast as a test looks.
QUICK = Circuit(waits=(0.0,))
LIMITS = Limits(1000, 100, circuit=QUICK)
FAIL_ALWAYS = {"status": 503, "times": None}


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as sim:
        yield sim


@pytest.fixture
def room(redis_url: str, sim: RunningSimulator) -> Iterator[Room]:
    # a schedule so long that a try which was used up would show
    with engine_room(redis_url, sim, schedule=(60.0,) * 3, limits=LIMITS) as room:
        yield room


def a_prober(room: Room, look: float = 0.05) -> Prober:
    probing = Probing(room.store.connection, QUICK)
    return Prober(room.store, probing, {room.portal.name: room.portal}, look)


def open_circuit(room: Room) -> None:
    gate = SharedGate(room.store.connection, COURSEBOX, LIMITS)
    for _ in range(10):
        with gate.passing(COURSES) as passage:
            passage.answered(fail(COURSES, Kind.TIMED_OUT))
    assert PROBE_AT in room.store.holds()[COURSEBOX]


def test_a_probe_that_succeeds_ends_the_hold(room: Room) -> None:
    open_circuit(room)

    a_prober(room).turn()

    assert room.store.holds() == {}
    assert [call["call"] for call in room.sim.calls()] == ["login", "findCourses"]


def test_a_probe_that_fails_leaves_the_hold(room: Room) -> None:
    open_circuit(room)
    room.sim.add_fault("findCourses", "status", **FAIL_ALWAYS)
    prober = a_prober(room)

    prober.turn()
    prober.turn()

    assert len(room.calls("findCourses")) == 2
    assert PROBE_AT in room.store.holds()[COURSEBOX]


@pytest.mark.parametrize("status", [404, 422], ids=["not found", "not valid"])
def test_a_portal_that_refuses_the_probe_works(room: Room, status: int) -> None:
    open_circuit(room)
    room.sim.add_fault("findCourses", "status", status=status)

    a_prober(room).turn()

    assert room.store.holds() == {}


def test_a_log_in_that_is_refused_waits_for_a_person(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, password="wrong", limits=LIMITS) as room:
        open_circuit(room)
        prober = a_prober(room)

        for _ in range(3):
            prober.turn()

        assert [call["call"] for call in sim.calls()] == ["login"]
        hold = room.store.holds()[COURSEBOX]
        assert PROBE_AT not in hold
        assert "does not accept the e-mail address and password" in hold["reason"]


@pytest.mark.parametrize("destination", [COURSEBOX, "coursebox:emea", "lookup:crm.example"])
def test_what_a_person_holds_or_nobody_here_knows_is_not_probed(
    room: Room, destination: str
) -> None:
    room.store.hold(destination, "maintenance", "kim")

    a_prober(room).turn()

    assert room.sim.calls() == []
    assert destination in room.store.holds()


def test_a_prober_looks_by_itself_until_it_is_stopped(room: Room) -> None:
    prober = a_prober(room)
    prober.start()
    open_circuit(room)

    eventually(lambda: room.store.holds() == {})

    prober.stop()

    assert prober.name not in [thread.name for thread in threading.enumerate()]


def test_an_outage_uses_up_no_tries_and_the_runs_go_on_by_themselves(room: Room) -> None:
    room.sim.add_fault("*", "status", **FAIL_ALWAYS)
    early = [room.post(email=f"early{n}@customer.example", course=101) for n in range(10)]
    for event in early:
        room.answer(event)
    late = [room.post(email=f"late{n}@customer.example", course=101) for n in range(5)]
    for event in late:
        room.answer(event)
    prober = a_prober(room)
    prober.turn()

    # the one by which the circuit opened is held as well
    failures = [room.run(event).steps[0].failures for event in (*early, *late)]
    assert failures == [1] * 9 + [0] * 6
    assert all(room.run(event).state == "waiting" for event in late)
    assert "of the last 10 calls" in room.run(early[-1]).reason

    room.sim.clear_faults()
    prober.turn()
    waiting = [early[-1], *late]
    room.go_on_until(lambda: all(room.event(each).state == "finished" for each in waiting))

    assert all(number == 1 for seats in room.effects().values() for number in seats.values())
    assert len(room.sim.learners(101)) == 6


def test_runs_that_are_asked_to_wait_use_up_no_tries(redis_url: str, sim: RunningSimulator) -> None:
    sim.add_fault("allLearners", "status", status=429, retry_after=60)
    with engine_room(redis_url, sim, schedule=(60.0,), limits=LIMITS) as room:
        refused, other = room.post(), room.post(email="ben@customer.example", course=102)
        room.answer(refused)
        room.answer(other)

        assert len(room.calls("allLearners")) == 1
        assert (room.run(refused).steps[0].failures, room.run(other).steps[0].tries) == (1, 0)
        assert "asked for a pause" in room.run(other).reason
        assert room.attempts(other) == ()
