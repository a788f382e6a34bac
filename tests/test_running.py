"""Runs carried out against a real Redis and the Coursebox simulator: what is done, what follows."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from coursebox.policy import FirstUse, Policy
from coursebox.simulator import RunningSimulator, running_simulator
from tests.engine_room import ADA, BEN, LONG_AGO, Room, engine_room, eventually
from workers.redis_server import EmbeddedRedis
from workers.retry import COURSEBOX
from workers.running import DEADLY
from workers.store import Counts, RunState, Step, Store
from workers.store.gate import Limits
from workers.store.keys import KEYS

# Each call has to wait for a turn of its own.
ONE_BY_ONE: Final = Limits(1.9, 1)
# Whose search for an id goes on in try after try.
SEARCHES_SLOWLY: Final = Policy(first_use=FirstUse.CONFIRMED, sweep_courses=1)
# longer than a token of the simulator is good for (seconds)
TOKEN_LIFE: Final = 2_000_000
INVITING: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: ask
    name: Asked to come
    when: {source: shop, event: order.paid}
    then:
      - action: invite
        with: {email: "${ body.email }", course_id: "${ body.course }"}
"""
BY_ID: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: seat
    name: Order paid
    when: {source: shop, event: order.paid}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
  - id: unseat
    name: Order refunded
    when: {source: shop, event: order.refunded}
    then:
      - action: unenrol
        with: {user_id: "${ body.user }", course_id: "${ body.course }"}
"""
IMPATIENT: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: seat
    name: Order paid
    when: {source: shop, event: order.paid}
    retry: {give_up_after: 1 minute}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
"""


def _each(counted: dict[str, dict[str, int]]) -> list[tuple[str, str, int]]:
    return [(course, who, n) for course, people in counted.items() for who, n in people.items()]


def _an_hour_passes(room: Room, event_id: str) -> None:
    """Whatever the run remembers of time lies an hour further back."""
    redis, key = room.store.connection.redis, KEYS["run"] + room.run(event_id).id
    steps = json.loads(redis.hget(key, "steps"))
    for step in steps:
        if step["failing_since"] is not None:
            step["failing_since"] -= 3600
    created = int(redis.hget(key, "created_at")) - 3_600_000
    redis.hset(key, mapping={"steps": json.dumps(steps), "created_at": created})


def _on_hold_for_an_hour(room: Room, event_id: str) -> None:
    room.store.hold(COURSEBOX, "maintenance", "ops")
    room.go_on_until(lambda: "on hold" in room.run(event_id).reason)
    _an_hour_passes(room, event_id)
    room.store.release(COURSEBOX)


def _refused_for_an_hour(room: Room, event_id: str) -> None:
    room.sim.advance(TOKEN_LIFE)
    room.sim.add_fault("login", "status", status=401, times=None)
    room.go_on_until(lambda: "on hold" in room.run(event_id).reason)
    room.sim.clear_faults()
    _an_hour_passes(room, event_id)
    room.store.release(COURSEBOX)


def _dead_for_an_hour(room: Room, event_id: str) -> None:
    room.sim.add_fault("allLearners", "status", status=400)
    assert room.settle(event_id).state == "dead"
    _an_hour_passes(room, event_id)
    run = room.run(event_id)
    assert room.store.replay(run.id, run.steps, "ops")


def _its_worker_dies(room: Room, event_id: str) -> None:
    """What it held runs out at once: another worker may take the run over."""
    redis = room.store.connection.redis
    redis.delete(KEYS["learner"] + ADA)
    redis.zadd(KEYS["due"], {room.run(event_id).id: 1})


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def room(redis_url: str, sim: RunningSimulator) -> Iterator[Room]:
    with engine_room(redis_url, sim) as made:
        yield made


def test_an_event_becomes_a_seat_in_one_ring(room: Room) -> None:
    event = room.answer(room.post())

    assert event.state == "finished"
    assert room.sim.learners(101) == [ADA]
    assert room.outcomes(event.id) == ["created_and_enrolled"]
    assert room.archive.counts() == {"shop": Counts(accepted=1, finished=1)}
    assert room.archive.unfinished()[0] == 0


def test_a_list_becomes_a_run_for_each_entry(room: Room) -> None:
    event = room.settle(room.post("bundle.paid", email=ADA, courses=[101, 102, 103]))

    assert event.state == "finished"
    assert [run.item for run in room.runs(event.id)] == [101, 102, 103]
    assert room.effects() == {"101": {ADA: 1}, "102": {ADA: 1}, "103": {ADA: 1}}
    assert room.effects("accounts") == {ADA: 1}


def test_a_value_that_is_not_there_makes_a_dead_letter_that_names_it(room: Room) -> None:
    event = room.answer(room.post(email=ADA))

    assert event.state == "dead"
    assert "body.course" in room.run(event.id).reason
    assert room.archive.dead() == [room.run(event.id).id]
    assert room.sim.calls() == []


def test_an_outage_is_waited_out_and_every_try_is_kept(room: Room) -> None:
    room.sim.add_fault("allLearners", "status", status=503, times=2)

    event = room.settle(room.post())

    assert event.state == "finished"
    attempts = room.attempts(event.id)
    assert [(a.number, a.decision) for a in attempts] == [(1, "retry"), (2, "retry"), (3, "")]
    asked = [(exchange["call"], exchange["status"]) for a in attempts for exchange in a.exchanges]
    assert [status for call, status in asked if call == "learners"] == [503, 503, 200]
    first, second, third = attempts
    assert second.started_at - first.ended_at >= timedelta(seconds=0.045)
    assert third.started_at - second.ended_at >= timedelta(seconds=0.045)
    assert room.effects() == {"101": {ADA: 1}}


def test_no_try_comes_before_the_time_that_coursebox_asked_for(room: Room) -> None:
    room.sim.add_fault("allLearners", "status", status=429, retry_after=1)

    event = room.settle(room.post())

    first, second = room.attempts(event.id)
    assert event.state == "finished"
    assert second.started_at - first.ended_at >= timedelta(seconds=0.99)


def test_when_the_schedule_is_used_up_the_run_is_a_dead_letter(room: Room) -> None:
    room.sim.add_fault("allLearners", "status", status=503, times=None)

    event = room.settle(room.post())

    assert event.state == "dead"
    assert room.run(event.id).reason.startswith("tried 4 times without success; the last time: ")
    assert len(room.attempts(event.id)) == 4


@pytest.mark.parametrize("status", [404, 403])
def test_what_would_be_refused_again_is_a_dead_letter_at_once(room: Room, status: int) -> None:
    room.sim.add_fault("enrolUser", "status", status=status, times=None)

    event = room.answer(room.post())

    assert event.state == "dead"
    assert len(room.attempts(event.id)) == 1
    assert room.run(event.id).reason


def test_a_replay_does_only_what_is_left(room: Room) -> None:
    event = room.answer(room.post("both.paid", email=ADA, course=999))
    run = room.run(event.id)
    assert (event.state, [step.done for step in run.steps]) == ("dead", [True, False])
    again = {"email": ADA, "course_id": 102}
    corrected = (run.steps[0], Step(run.steps[1].id, "enrol", again))

    assert room.store.replay(run.id, corrected, "ops")
    room.go_on_until(lambda: room.event(event.id).state == "finished")

    assert room.effects() == {"101": {ADA: 1}, "102": {ADA: 1}}
    assert [step.tries for step in room.run(event.id).steps] == [1, 1]
    assert room.archive.counts() == {"shop": Counts(accepted=1, finished=1)}


def test_a_replay_sends_one_more_invitation_although_its_worker_dies(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("inviteUserForCourse", "commit_then_drop")
    with (
        engine_room(redis_url, sim, rules=INVITING) as room,
        engine_room(redis_url, sim, rules=INVITING, timeout=30, lease=30) as dying,
    ):
        event_id = room.settle(room.post()).id
        assert "may have gone out" in room.run(event_id).reason

        sim.add_fault("inviteUserForCourse", "delay_reply", seconds=30)
        assert room.store.replay(room.run(event_id).id, room.run(event_id).steps, "ops")
        worker = threading.Thread(target=dying.engine.answer, args=(room.run(event_id).id,))
        worker.start()
        assert sim.wait_until(lambda: len(room.calls("inviteUserForCourse")) == 2)
        eventually(lambda: room.effects("invitation_mails") == {"101": {ADA: 2}})
        _its_worker_dies(room, event_id)
        room.go_on_until(lambda: room.run(event_id).state is RunState.DEAD)
        sim.end_delays(for_good=True)
        worker.join()

        assert "may have gone out" in room.run(event_id).reason
        assert room.effects("invitation_mails") == {"101": {ADA: 2}}
        assert room.store.replay(room.run(event_id).id, room.run(event_id).steps, "ops")
        assert room.settle(event_id).state == "finished"
        assert room.effects("invitation_mails") == {"101": {ADA: 3}}


def test_a_rule_gives_up_after_its_time(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, rules=IMPATIENT) as room:
        sim.add_fault("allLearners", "status", status=503, times=2)
        event = room.answer(room.post())
        _an_hour_passes(room, event.id)

        assert room.settle(event.id).state == "dead"
        assert "gives it no longer than 60 s" in room.run(event.id).reason


def test_a_wait_between_two_failures_does_not_begin_a_rules_time_anew(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_person(ADA)
    with engine_room(redis_url, sim, rules=IMPATIENT, policy=SEARCHES_SLOWLY) as room:
        sim.add_fault("allLearners", "status", status=503)
        event = room.answer(room.post())
        _an_hour_passes(room, event.id)
        room.go_on_until(lambda: len(room.attempts(event.id)) == 2)
        sim.add_fault("allLearners", "status", status=503)

        assert room.settle(event.id).state == "dead"
        assert "gives it no longer than 60 s" in room.run(event.id).reason
        assert [a.decision for a in room.attempts(event.id)] == ["retry", "wait", "retry"]


@pytest.mark.parametrize(
    "away",
    [_on_hold_for_an_hour, _refused_for_an_hour, _dead_for_an_hour],
    ids=["put on hold by a person", "put on hold by a refusal", "before a replay"],
)
def test_time_in_which_nothing_could_be_tried_does_not_use_up_a_rules_time(
    redis_url: str, sim: RunningSimulator, away: Callable[[Room, str], None]
) -> None:
    with engine_room(redis_url, sim, rules=IMPATIENT) as room:
        sim.add_fault("allLearners", "status", status=503)
        event = room.answer(room.post())
        away(room, event.id)
        sim.add_fault("allLearners", "status", status=503)

        assert room.settle(event.id).state == "finished"
        assert [a.decision for a in room.attempts(event.id)][-2:] == ["retry", ""]


def test_a_step_that_a_newer_version_wrote_more_of_is_carried_out(room: Room) -> None:
    room.sim.add_fault("allLearners", "status", status=503)
    event = room.answer(room.post())
    redis, key = room.store.connection.redis, KEYS["run"] + room.run(event.id).id
    steps = json.loads(redis.hget(key, "steps"))
    redis.hset(key, "steps", json.dumps([{**step, "mood": "sunny"} for step in steps]))

    assert room.settle(event.id).state == "finished"
    assert room.effects() == {"101": {ADA: 1}}


def test_a_refused_login_holds_everything_and_uses_up_no_tries(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, password="not this one") as room:
        first, second = room.answer(room.post()), room.answer(room.post(email=BEN, course=102))

        assert (first.state, second.state) == ("pending", "pending")
        assert "does not accept" in room.store.holds()["coursebox"]["reason"]
        assert len(room.calls("login")) == 1
        assert [step.tries for step in room.run(second.id).steps] == [0]
        assert [step.failures for step in room.run(first.id).steps] == [0]
        assert "on hold" in room.run(second.id).reason

    with engine_room(redis_url, sim) as mended:
        assert mended.store.release("coursebox") == (True, 2)
        mended.go_on_until(lambda: mended.archive.counts()["shop"].finished == 2)
        assert mended.effects() == {"101": {ADA: 1}, "102": {BEN: 1}}


def test_an_enrolment_that_comes_after_a_later_refund_is_skipped(room: Room) -> None:
    refund = room.answer(room.post("order.refunded", email=ADA, course=101))
    order = room.answer(room.post("order.paid", LONG_AGO, email=ADA, course=101))

    assert (refund.state, order.state) == ("finished", "finished")
    assert room.outcomes(order.id) == ["superseded"]
    assert room.sim.learners(101) == []


def test_of_what_happened_at_one_moment_the_one_that_came_in_first_gives_way(room: Room) -> None:
    room.sim.add_fault("allLearners", "status", status=503)
    order = room.answer(room.post("order.paid", LONG_AGO, email=ADA, course=101))
    assert order.state == "pending"
    refund = room.answer(room.post("order.refunded", LONG_AGO, email=ADA, course=101))

    room.settle(order.id)

    assert room.outcomes(refund.id) == ["already_absent"]
    assert room.outcomes(order.id) == ["superseded"]
    assert room.sim.learners(101) == []


def test_of_what_happened_at_one_moment_the_one_that_came_in_last_is_carried_out(
    room: Room,
) -> None:
    room.answer(room.post("order.paid", LONG_AGO, email=ADA, course=101))
    refund = room.answer(room.post("order.refunded", LONG_AGO, email=ADA, course=101))

    assert room.outcomes(refund.id) == ["unenrolled"]


def test_a_refund_of_an_id_supersedes_an_older_order_of_the_address_it_turns_out_to_be(
    redis_url: str, sim: RunningSimulator
) -> None:
    user = sim.add_person(ADA, "Ada", "Lovelace", [101])
    with engine_room(redis_url, sim, rules=BY_ID) as room:
        refund = room.answer(room.post("order.refunded", user=user, course=101))
        order = room.answer(room.post("order.paid", LONG_AGO, email=ADA, course=101))

        assert room.outcomes(refund.id) == ["unenrolled"]
        assert room.outcomes(order.id) == ["superseded"]
    assert sim.learners(101) == []


def test_a_refund_that_comes_after_a_later_enrolment_is_skipped(room: Room) -> None:
    room.answer(room.post())
    refund = room.answer(room.post("order.refunded", LONG_AGO, email=ADA, course=101))

    assert room.outcomes(refund.id) == ["superseded"]
    assert room.sim.learners(101) == [ADA]


def test_a_later_event_is_never_skipped(room: Room) -> None:
    room.answer(room.post("order.paid", LONG_AGO, email=ADA, course=101))
    refund = room.answer(room.post("order.refunded", email=ADA, course=101))

    assert room.outcomes(refund.id) == ["unenrolled"]
    assert room.sim.learners(101) == []


def test_an_older_event_for_another_course_is_carried_out(room: Room) -> None:
    room.answer(room.post())
    other = room.answer(room.post("order.paid", LONG_AGO, email=ADA, course=102))

    assert room.outcomes(other.id) == ["enrolled"]


def test_two_workers_act_for_one_person_one_after_the_other(
    room: Room, redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("*", "delay", seconds=0.05, times=None)
    ids = [room.post(email=ADA, course=course) for course in (101, 102)]
    with engine_room(redis_url, sim) as other:
        second = threading.Thread(target=other.settle, args=(ids[1],))
        second.start()
        room.settle(ids[0])
        second.join()

    assert [room.event(event_id).state for event_id in ids] == ["finished", "finished"]
    assert {call["at_once"] for call in sim.calls()} == {1}
    assert room.effects("accounts") == {ADA: 1}
    assert room.effects() == {"101": {ADA: 1}, "102": {ADA: 1}}


def test_two_workers_act_for_two_people_at_once(
    room: Room, redis_url: str, sim: RunningSimulator
) -> None:
    room.answer(room.post(email="first@customer.example", course=101))  # logs in
    sim.add_fault("enrolUser", "delay", seconds=30, match="")
    sim.add_fault("enrolUser", "delay", seconds=30, match="")
    ids = [room.post(email=who, course=102) for who in (ADA, BEN)]
    with engine_room(redis_url, sim, timeout=30) as other, engine_room(redis_url, sim) as third:
        workers = [
            threading.Thread(target=worker.engine.answer, args=(event_id,))
            for worker, event_id in zip((other, third), ids, strict=True)
        ]
        for worker in workers:
            worker.start()
        both = sim.wait_until(lambda: any(call["at_once"] == 2 for call in sim.calls()))
        sim.end_delays(for_good=True)
        for worker in workers:
            worker.join()

    assert both


def test_a_seat_whose_answer_was_lost_is_looked_up_and_not_taken_again(room: Room) -> None:
    room.sim.add_fault("enrolUser", "commit_then_drop")

    event = room.settle(room.post())

    assert event.state == "finished"
    assert len(room.calls("enrolUser")) == 1
    assert room.effects() == {"101": {ADA: 1}}


@pytest.mark.parametrize("call", ["createAccount", "enrolUser"])
@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "commit_then_drop"},
        {"fault": "commit_then_status", "status": 500},
        {"fault": "commit_then_status", "status": 502},
        {"fault": "malformed_json"},
        {"fault": "drop_before"},
    ],
    ids=lambda fault: f"{fault['fault']} {fault.get('status', '')}".strip(),
)
def test_no_lost_answer_makes_anything_happen_twice(
    room: Room, call: str, fault: dict[str, object]
) -> None:
    room.sim.add_faults([{"call": call, **fault}])

    event = room.settle(room.post())

    assert event.state == "finished"
    assert room.effects("accounts") == {ADA: 1}
    # an account whose id was lost with the answer can only be invited
    assert [*_each(room.effects()), *_each(room.effects("invitation_mails"))] == [("101", ADA, 1)]


def test_what_coursebox_told_is_noted_although_redis_was_away(
    tmp_path: Path, sim: RunningSimulator
) -> None:
    sim.add_fault("createAccount", "delay_reply", seconds=0.5)
    with EmbeddedRedis(tmp_path) as server, engine_room(server.url, sim) as room:
        event_id = room.post()
        worker = threading.Thread(target=room.engine.answer, args=(event_id,))
        worker.start()
        assert sim.wait_until(lambda: bool(room.calls("createAccount")))
        assert server.process_id is not None
        os.kill(server.process_id, signal.SIGKILL)
        assert sim.wait_until(lambda: room.calls("createAccount")[0]["status"] == 200)
        with EmbeddedRedis(tmp_path):
            worker.join()

            assert room.outcomes(event_id) == ["created_and_enrolled"]
            assert room.effects("invitation_mails") == {}


def test_a_dry_run_sends_nothing_and_says_what_it_would_do(room: Room) -> None:
    event = room.answer(room.post("order.tried", email=ADA, course=101))

    assert event.state == "finished"
    assert room.outcomes(event.id) == ["would_enrol"]
    assert room.sim.calls() == []
    params = room.run(event.id).steps[0].params or {}
    assert (params["email"], params["course_id"]) == (ADA, 101)


def test_a_run_on_which_worker_after_worker_dies_is_a_dead_letter(room: Room) -> None:
    event = room.event(room.post("bundle.paid", email=ADA, courses=[101, 102]))
    room.engine.answer(event.id)
    run = next(run for run in room.runs(event.id) if run.state is RunState.READY)
    hurried = Store(room.store.connection, lease=0.01)
    for _ in range(DEADLY):
        eventually(lambda: hurried.claim(run.id) is not None)

    room.go_on_until(lambda: room.archive.dead() == [run.id])

    found = room.archive.run(run.id)
    assert found is not None
    assert f"died {DEADLY} times in a row" in found.reason
    assert room.store.replay(run.id, found.steps, "ops")
    room.go_on_until(lambda: room.archive.counts()["shop"].finished == 1)


def test_deaths_that_are_not_in_a_row_do_not_make_a_dead_letter(room: Room) -> None:
    room.sim.add_fault("allLearners", "status", status=503, times=2)
    hurried = Store(room.store.connection, lease=0.01)
    event_id = room.post()
    room.answer(event_id)
    for tries in (2, 3):
        for _ in range(DEADLY - 1):
            eventually(lambda: hurried.claim() is not None)
        room.go_on_until(lambda tries=tries: len(room.attempts(event_id)) == tries)

    assert room.event(event_id).state == "finished"


def test_a_worker_that_stops_between_two_calls_of_an_enrolment_leaves_it_to_the_next(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, limits=ONE_BY_ONE) as room:
        event_id = room.post()
        worker = threading.Thread(target=room.engine.answer, args=(event_id,))
        worker.start()
        assert sim.wait_until(lambda: bool(room.calls("createAccount")))
        room.stopping.set()
        worker.join()

        stopped = room.run(event_id)
        assert stopped.reason.endswith("is left to the next worker: this one was asked to stop")
        assert [step.failures for step in stopped.steps] == [0]
        assert (room.effects("accounts"), room.effects()) == ({ADA: 1}, {})

    with engine_room(redis_url, sim) as other:
        other.go_on_until(lambda: other.event(event_id).state == "finished")
        assert other.outcomes(event_id) == ["created_and_enrolled"]
        assert (other.effects("accounts"), other.effects()) == ({ADA: 1}, {"101": {ADA: 1}})


def test_a_worker_that_stops_ends_no_long_search(redis_url: str, sim: RunningSimulator) -> None:
    sim.add_person(ADA, courses=[103])
    with engine_room(redis_url, sim) as room:
        sim.add_fault("findCourses", "delay_reply", seconds=0.3)
        event_id = room.post()
        worker = threading.Thread(target=room.engine.answer, args=(event_id,))
        worker.start()
        assert sim.wait_until(lambda: bool(room.calls("findCourses")))
        room.stopping.set()
        worker.join()

        assert "looked for by the next worker" in room.run(event_id).reason
        assert len(room.calls("allLearners")) == 1
        room.stopping.clear()
        room.go_on_until(lambda: room.event(event_id).state == "finished")
        assert room.outcomes(event_id) == ["enrolled"]
        assert room.effects()["101"] == {ADA: 1}


def test_a_worker_that_stops_between_steps_puts_the_run_back(room: Room) -> None:
    room.sim.add_fault("enrolUser", "delay_reply", seconds=0.3)
    event_id = room.post("both.paid", email=ADA, course=102)
    worker = threading.Thread(target=room.engine.answer, args=(event_id,))
    worker.start()
    assert room.sim.wait_until(lambda: bool(room.calls("enrolUser")))
    room.stopping.set()
    worker.join()

    run = room.run(event_id)
    assert run.state is RunState.READY
    assert run.reason == "the worker stopped"
    room.stopping.clear()
    room.go_on_until(lambda: room.event(event_id).state == "finished")
    assert room.effects() == {"101": {ADA: 1}, "102": {ADA: 1}}
