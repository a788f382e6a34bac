"""Several portals: what waits for one does not wait for the backlog of another."""

from collections.abc import Iterator
from time import monotonic_ns

import pytest

from tests.test_store import claimed, event_claim, steps_of
from workers.store import Claim, Connection, Move, NewRun, Step, Store
from workers.store.keys import KEYS


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def store(connection: Connection) -> Store:
    return Store(connection)


def due(store: Store, account: str, count: int, since: int, priority: str = "normal") -> list[str]:
    """Ids of runs in that account, due in their order from that moment (ms) on."""
    step = Step("1", "enrol")
    made = [
        NewRun(
            *("r", "R", "5be0", "r.yaml", 4, str(n), None, (step,)),
            priority=priority,
            account=account,
        )
        for n in range(count + 1)
    ]
    claim = event_claim(store, f"deal {monotonic_ns()}")
    store.connection.redis.rpush(KEYS["queue"], *range(20))  # nobody is rung for
    store.dispatch(claim, [], made, {})
    store.connection.redis.delete(KEYS["queue"])
    event = store.event(claim.id)
    assert event is not None
    first, *ids = event.runs
    done = claimed(store, first)
    store.record(done, steps_of(done), Move.FINISHED)
    redis = store.connection.redis
    name = f"{KEYS['due_of']}{account}:{priority}"
    for n, id_ in enumerate(ids):
        for key in (KEYS["due"], KEYS[f"due_{priority}"] if account == "default" else name):
            redis.zadd(key, {id_: since + n})
    return ids


def claims(store: Store, count: int) -> list[Claim]:
    found = [store.claim() for _ in range(count)]
    return [claim for claim in found if claim is not None]


def test_one_run_of_another_account_overtakes_a_backlog(store: Store) -> None:
    due(store, "default", 500, since=1)
    [other] = due(store, "emea", 1, since=10_000)

    assert other in [claim.id for claim in claims(store, 3)]


def test_backlogs_of_two_accounts_are_done_in_turn(store: Store) -> None:
    default = due(store, "default", 20, since=1)
    emea = due(store, "emea", 20, since=10_000)

    order = [claim.id for claim in claims(store, 20)]

    assert sorted(order) == sorted(default[:10] + emea[:10])
    assert [id_ for id_ in order if id_ in emea] == emea[:10]


def test_events_have_their_turn_beside_the_accounts(store: Store, connection: Connection) -> None:
    due(store, "default", 50, since=1)
    due(store, "emea", 50, since=1)
    waiting = event_claim(store, "the one that waits")
    store.postpone_event(waiting, 0.0, "once more")

    assert waiting.id in [claim.id for claim in claims(store, 4)]


def test_within_an_account_the_urgent_goes_first(store: Store) -> None:
    due(store, "default", 5, since=1)
    usual = due(store, "emea", 5, since=1)
    [urgent] = due(store, "emea", 1, since=10_000, priority="high")

    order = [claim.id for claim in claims(store, 6)]

    of_emea = [id_ for id_ in order if id_ in (*usual, urgent)]
    assert of_emea[0] == urgent


def test_low_work_of_each_account_has_its_tenth_choice(store: Store) -> None:
    low = [due(store, account, 1, since=1, priority="low") for account in ("default", "emea")]
    for account in ("default", "emea"):
        due(store, account, 30, since=100, priority="high")

    order = [claim.id for claim in claims(store, 25)]

    assert [runs[0] in order for runs in low] == [True, True]


def test_turns_end_with_the_last_run_of_the_other_account(
    store: Store, connection: Connection
) -> None:
    default = due(store, "default", 8, since=1)
    [other] = due(store, "emea", 1, since=1)
    for claim in claims(store, 2):
        store.record(claim, steps_of(claim), Move.FINISHED)

    rest = [claim.id for claim in claims(store, 9)]

    assert other not in rest
    assert rest == default[1:]
    assert connection.redis.exists(KEYS["due_accounts"], KEYS["account_turns"]) == 0
    assert connection.redis.keys(f"{KEYS['due_of']}*") == []


def test_what_is_done_leaves_the_turns_of_its_account(store: Store, connection: Connection) -> None:
    for move in (Move.FINISHED, Move.DEAD, Move.WAITING):
        [id_] = due(store, "emea", 1, since=1)
        claim = claimed(store, id_)
        store.record(claim, steps_of(claim), move, delay=60)

    listed = connection.redis.zrange(f"{KEYS['due_of']}emea:normal", 0, -1)
    assert listed == connection.redis.zrange(KEYS["due"], 0, -1)
    assert len(listed) == 1


def test_a_run_that_no_index_knows_is_found(store: Store, connection: Connection) -> None:
    [other] = due(store, "emea", 1, since=1)
    connection.redis.delete(f"{KEYS['due_of']}emea:normal")

    assert [claim.id for claim in claims(store, 1)] == [other]
