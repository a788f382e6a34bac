"""The engine: whatever fails, work is tried again or becomes a dead letter, and is never lost."""

import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from coursebox.simulator import RunningSimulator, running_simulator
from rulebook import Book
from tests.engine_room import (
    ADA,
    BEN,
    LONG_AGO,
    SECRET_KEY,
    SHORT,
    Room,
    engine_room,
    eventually,
)
from workers.acting import Acting
from workers.assembly import UNKNOWN_PRESET
from workers.dispatching import Dispatcher
from workers.engine import Engine
from workers.lookups import Door, LookUps
from workers.pulse import Pulse
from workers.running import DEADLY, Runner
from workers.store import Counts, SharedTokens, Store, StoreUnavailable
from workers.store.keys import KEYS


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def room(redis_url: str, sim: RunningSimulator) -> Iterator[Room]:
    with engine_room(redis_url, sim) as made:
        yield made


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url, decode_responses=True) as opened:
        yield opened


def test_a_ring_for_nothing_does_nothing(room: Room) -> None:
    room.engine.answer("evt_unknown")
    room.engine.answer("run_unknown")
    room.engine.answer("")

    assert room.sim.calls() == []


def test_one_ring_goes_on_with_whatever_else_is_due(room: Room, client: Redis) -> None:
    ids = [room.post(email=f"learner{n}@customer.example", course=101) for n in range(5)]
    for event_id in ids:
        client.zadd(KEYS["due"], {event_id: 1})

    room.engine.answer(ids[0])

    assert room.archive.counts() == {"shop": Counts(accepted=5, finished=5)}


def test_a_ring_that_comes_twice_does_nothing_twice(room: Room) -> None:
    event_id = room.post()

    room.answer(event_id)
    room.answer(event_id)

    assert room.effects() == {"101": {ADA: 1}}
    assert len(room.attempts(event_id)) == 1


def test_a_failure_that_nobody_foresaw_is_tried_again_then_a_dead_letter(
    room: Room, client: Redis
) -> None:
    room.sim.add_fault("allLearners", "status", status=503)
    event = room.answer(room.post())
    client.delete(KEYS["rule"] + room.run(event.id).rule_hash)
    with engine_room(client_url(client), room.sim) as fresh:
        event = fresh.settle(event.id)

    run = room.run(event.id)
    assert event.state == "dead"
    assert "tried 4 times without success" in run.reason
    assert "Usher itself failed: LookupError: the body of rule version" in run.reason
    assert room.archive.dead() == [run.id]
    assert room.archive.unfinished()[0] == 0


def test_a_failure_that_nobody_foresaw_leaves_the_person_free(room: Room, client: Redis) -> None:
    event = room.answer(room.post("bundle.paid", email=ADA, courses=[]))
    broken = room.post("bundle.paid", email=ADA, courses=[101, 102])
    room.engine.answer(broken)
    for run in room.runs(broken):
        client.hset(KEYS["run"] + run.id, "steps", '[{"id": "1", "action": "fly", "params": {}}]')

    room.settle(broken)
    other = room.answer(room.post())

    assert event.state == "ignored"
    assert room.event(broken).state == "dead"
    assert {"fly" in run.reason for run in room.runs(broken)} == {True}
    assert other.state == "finished"


def test_what_failed_in_usher_can_be_replayed_once_the_cause_is_gone(
    room: Room, client: Redis
) -> None:
    room.sim.add_fault("allLearners", "status", status=503)
    event = room.answer(room.post())
    key = KEYS["rule"] + room.run(event.id).rule_hash
    kept = str(client.get(key))
    client.delete(key)
    with engine_room(client_url(client), room.sim) as fresh:
        fresh.settle(event.id)
        client.set(key, kept)
        run = fresh.run(event.id)
        assert fresh.store.replay(run.id, run.steps, "ops")
        fresh.go_on_until(lambda: fresh.event(event.id).state == "finished")

    assert room.effects() == {"101": {ADA: 1}}


def test_an_event_on_which_worker_after_worker_dies_is_a_dead_letter(room: Room) -> None:
    event_id = room.post()
    hurried = Store(room.store.connection, lease=0.01)
    for _ in range(DEADLY):
        eventually(lambda: hurried.claim(event_id) is not None)

    room.go_on_until(lambda: room.event(event_id).state == "dead")

    assert f"died {DEADLY} times in a row" in room.event(event_id).reason
    assert room.archive.dead() == [event_id]
    assert room.store.replay(event_id, (), "ops")
    room.go_on_until(lambda: room.event(event_id).state == "finished")


def test_an_event_waits_while_no_rule_is_live_at_all(room: Room, client: Redis) -> None:
    event_id = room.post()
    _answer_without_rules(room, event_id)
    event = room.event(event_id)
    due = room.archive.due_at(event.id)

    assert (event.state, event.verdicts, event.runs) == ("pending", (), ())
    assert "no rule is loaded yet" in event.reason
    assert due is not None
    assert due > time.time()
    assert room.archive.counts() == {"shop": Counts(accepted=1, pending=1)}

    client.zadd(KEYS["due"], {event.id: 1})
    room.go_on_until(lambda: room.event(event.id).state == "finished")

    assert room.effects() == {"101": {ADA: 1}}


def test_a_redis_that_is_away_is_said_to_whoever_rang(sim: RunningSimulator) -> None:
    with engine_room("unix:///there/is/no.sock", sim) as room, pytest.raises(StoreUnavailable):
        room.engine.answer("evt_1")


def test_a_worker_that_has_lost_its_run_writes_nothing_more(
    redis_url: str, room: Room, sim: RunningSimulator
) -> None:
    sim.add_fault("allLearners", "delay_reply", seconds=0.6)
    event_id = room.post()
    with engine_room(redis_url, sim, lease=0.2) as silent:  # nothing beats for it
        worker = threading.Thread(target=silent.engine.answer, args=(event_id,))
        worker.start()
        assert sim.wait_until(lambda: bool(room.calls("allLearners")))
        room.go_on_until(lambda: room.event(event_id).state == "finished")
        worker.join()

    assert [step.tries for step in room.run(event_id).steps] == [1]
    assert [len(room.calls(name)) for name in ("createAccount", "enrolUser")] == [1, 1]
    assert room.effects() == {"101": {ADA: 1}}


def test_nothing_secret_lies_in_redis(room: Room, client: Redis, sim: RunningSimulator) -> None:
    sim.add_fault("createAccount", "status", status=500)
    sim.add_fault("enrolUser", "status", status=404, match=BEN)
    sim.add_fault("inviteUserForCourse", "malformed_json")
    room.settle(room.post())
    room.settle(room.post(email=BEN, course=102))
    room.settle(room.post("order.refunded", LONG_AGO, email=ADA, course=101))
    with engine_room(client_url(client), sim, password="a wrong password") as wrong:
        wrong.answer(wrong.post("order.refunded", email=BEN, course=102))
    token = SharedTokens(room.store.connection, SECRET_KEY).get()
    assert token is not None

    everything = "\n".join(_all_of(client))

    assert ADA in everything
    for secret in (token.id, sim.password, "a wrong password", SECRET_KEY, "Aa1!"):
        assert secret not in everything
    assert client.get(KEYS["token"] + "default")


def _answer_without_rules(room: Room, event_id: str) -> None:
    """A ring that is answered by a worker of which no rule is live."""

    def nobody(action: str) -> Acting:
        raise AssertionError("there is nothing to be done")

    store, stopping = room.store, room.stopping
    runner = Runner(
        store,
        nobody,
        lambda _: UNKNOWN_PRESET,
        SHORT,
        stopping.is_set,
        lambda: 0.0,
        look_ups=LookUps({}, {}, {}, Door()),
    )
    dispatcher = Dispatcher(store, lambda: Book(()), lambda _: UNKNOWN_PRESET)
    pulse = Pulse(store, "w1", room.rung.extend)
    Engine(store, dispatcher, runner, pulse, room.rung.extend, SHORT, lambda: 0.0, stopping).answer(
        event_id
    )


def client_url(client: Redis) -> str:
    """The address that the client was opened with."""
    return f"unix://{client.connection_pool.connection_kwargs['path']}"


def _all_of(client: Redis) -> Iterator[str]:
    """Every key with its whole value, as text."""
    readers = {
        "string": client.get,
        "hash": client.hgetall,
        "list": lambda key: client.lrange(key, 0, -1),
        "set": client.smembers,
        "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        "stream": client.xrange,
    }
    for key in client.scan_iter(count=1000):
        yield f"{key} {readers[str(client.type(key))](key)}"
