"""What is done first: high before normal before low, and nothing never."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import pytest

from coursebox.simulator import running_simulator
from tests.engine_room import ADA, Room, engine_room
from tests.test_store import claimed, event_claim, steps_of
from workers.store import Archive, Connection, Move, NewRun, Step, Store
from workers.store.keys import KEYS

CLASSES: Final = ("due_high", "due_event", "due_normal", "due_low")
PEOPLE: Final = [f"learner{n}@x.example" for n in range(100)]
RULES: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: usual
    when: {source: shop, event: order.paid}
    dry_run: true
    then: [{action: enrol, with: {email: "${ body.email }", course_id: 101}}]
  - id: many
    when: {source: shop, event: bundle.paid}
    for_each: body.people
    dry_run: true
    then: [{action: enrol, with: {email: "${ item }", course_id: 101}}]
  - id: urgent
    when: {source: shop, event: order.refunded}
    priority: high
    then: [{action: unenrol, with: {email: "${ body.email }", course_id: 101}}]
"""


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def store(connection: Connection) -> Store:
    return Store(connection)


def runs(store: Store, *priorities: str) -> list[str]:
    """Ids of runs of these priorities, due in this order."""
    made = [
        NewRun(
            "r", "R", "5be0", "r.yaml", 4, str(n), None, (Step("1", "enrol"),), priority=priority
        )
        for n, priority in enumerate(priorities)
    ]
    claim = event_claim(store)
    store.connection.redis.rpush(KEYS["queue"], *range(20))  # nobody is rung for
    store.dispatch(claim, [], made, {})
    store.connection.redis.delete(KEYS["queue"])
    event = store.event(claim.id)
    assert event is not None
    for n, id_ in enumerate(event.runs, 1):
        for name in ("due", f"due_{priorities[n - 1]}"):
            store.connection.redis.zadd(KEYS[name], {id_: n})
    return list(event.runs)


def claims(store: Store, count: int) -> list[str]:
    found = [store.claim() for _ in range(count)]
    return [claim.id for claim in found if claim is not None]


def test_the_urgent_is_claimed_first_and_the_low_last(store: Store) -> None:
    low, usual, high, late = runs(store, "low", "normal", "high", "normal")

    assert claims(store, 9) == [high, usual, late, low]


def test_the_urgent_is_rung_for_first(store: Store) -> None:
    low, usual, high = runs(store, "low", "normal", "high")

    assert store.to_ring() == (high, usual, low)


def test_without_priorities_what_is_due_for_longest_is_next(store: Store) -> None:
    ids = runs(store, *["normal"] * 12)

    assert claims(store, 12) == ids


def test_each_tenth_choice_is_what_is_due_for_longest(store: Store) -> None:
    low, *high = runs(store, "low", *["high"] * 30)

    order = claims(store, 31)

    assert sorted(order) == sorted([low, *high])
    assert order.index(low) == 9


@pytest.mark.parametrize("move", list(Move), ids=str)
def test_the_index_holds_what_is_due_and_nothing_else(
    store: Store, connection: Connection, move: Move
) -> None:
    for id_ in runs(store, "high", "normal", "low"):
        claim = claimed(store, id_)
        store.record(claim, steps_of(claim), move, delay=60)

    assert _of(connection, CLASSES) == _of(connection, ("due",))


def _of(connection: Connection, names: Sequence[str]) -> Counter[tuple[str, float]]:
    entries = (connection.redis.zrange(KEYS[name], 0, -1, withscores=True) for name in names)
    return Counter(entry for found in entries for entry in found)


def test_what_the_index_says_counts_only_as_far_as_due_agrees(
    store: Store, connection: Connection
) -> None:
    low, high = runs(store, "low", "high")
    connection.redis.zadd(KEYS["due_high"], {"run_never_was": 1})
    connection.redis.zadd(KEYS["due"], {high: 9e15})

    assert claims(store, 1) == [low]
    assert connection.redis.zrange(KEYS["due_high"], 0, -1, withscores=True) == [(high, 9e15)]


def test_work_that_no_index_knows_is_found(store: Store, connection: Connection) -> None:
    ids = runs(store, "low", "normal", "high")
    for name in CLASSES:
        connection.redis.delete(KEYS[name])

    assert claims(store, 3) == ids


def _backlog_of_runs(room: Room) -> int:
    """2,000 of them, made by 20 events."""
    for _ in range(20):
        event_id = room.post("bundle.paid", people=PEOPLE)
        claim = room.store.claim(event_id)
        assert claim is not None
        room.engine._dispatcher.dispatch(claim, room.event(event_id))
        _since_long(room, *room.event(event_id).runs)
    return 2_000


def _backlog_of_events(room: Room) -> int:
    """300 of them: each has to be given to the rules before it is known what is urgent."""
    for person in PEOPLE * 3:
        _since_long(room, room.post(email=person))
    return 300


def _since_long(room: Room, *ids: str, at: int = 1) -> None:
    redis = room.store.connection.redis
    for name in ("due", "due_event" if ids[0].startswith("evt_") else "due_normal"):
        redis.zadd(KEYS[name], dict.fromkeys(ids, at))


@pytest.mark.parametrize(
    ("backlog", "most"), [(_backlog_of_runs, 1), (_backlog_of_events, 30)], ids=["runs", "events"]
)
def test_an_urgent_run_overtakes_a_backlog(
    redis_url: str, connection: Connection, backlog: Callable[[Room], int], most: int
) -> None:
    archive = Archive(connection)
    with running_simulator() as sim, engine_room(redis_url, sim, rules=RULES) as room:
        room.answer(room.post(email=ADA))  # by now it is known that some rule is urgent
        waiting = backlog(room)
        urgent = room.post("order.refunded", email=ADA, course=101)
        _since_long(room, urgent, at=9)
        assert archive.unfinished()[0] == waiting + 1

        while room.event(urgent).state == "pending":
            _one_more(room)
        done = sum(run.state == "finished" for run in archive.runs(3_000)) - 2

    # each tenth choice goes by time alone
    assert done <= most


def _one_more(room: Room) -> None:
    """What a worker does with the next piece of work."""
    claim = room.store.claim()
    while claim is not None:
        claim = room.engine._carry_out(claim)
