"""The pulse: what a worker holds stays its own as long as it lives, and what is due is rung for."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.engine_room import PATIENCE, eventually
from workers.pulse import SAFE_SHARE, Lease, Pulse
from workers.redis_server import EmbeddedRedis
from workers.store import Archive, Claim, ClaimLost, Connection, NewEvent, Store

LEASE = 0.4


@dataclass
class Rings:
    """What was rung for."""

    ids: list[str] = field(default_factory=list)

    def __call__(self, ids: object) -> None:
        assert isinstance(ids, tuple)
        self.ids += ids


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def store(connection: Connection) -> Store:
    return Store(connection, lease=LEASE, grace=0.1)


def a_claim(store: Store, identity: str = "1") -> Claim:
    (event_id,) = store.accept("shop", [NewEvent(identity, "order.paid", None, "{}")]).ids
    claim = store.claim(event_id)
    assert claim is not None
    return claim


def test_a_beating_worker_keeps_its_work_beyond_the_lease(store: Store) -> None:
    pulse = Pulse(store, "w1", Rings())
    pulse.start()
    with pulse.keeping(a_claim(store)) as lease:
        begin = lease.renewed
        eventually(lambda: lease.renewed - begin > 2 * LEASE)

        assert store.claim() is None
        lease.guard()
    pulse.stop()


def test_work_of_a_silent_worker_comes_up_and_the_worker_is_told(store: Store) -> None:
    pulse = Pulse(store, "w1", Rings())
    with pulse.keeping(a_claim(store)) as lease:
        eventually(lambda: store.claim() is not None)
        pulse.beat()

        assert lease.lost
        with pytest.raises(ClaimLost):
            lease.guard()


def test_one_lost_lease_does_not_cost_the_others(store: Store) -> None:
    pulse = Pulse(store, "w1", Rings())
    lost = a_claim(store, "1")
    eventually(lambda: store.claim() is not None)
    with pulse.keeping(lost) as first, pulse.keeping(a_claim(store, "2")) as second:
        pulse.beat()

        assert (first.lost, second.lost) == (True, False)


def test_no_effect_is_begun_at_the_end_of_a_lease_that_was_not_renewed(store: Store) -> None:
    claim = a_claim(store)
    fresh = Lease(claim, 100.0, claim.asked)
    old = Lease(claim, 100.0, claim.asked - 100.0 * SAFE_SHARE)

    fresh.guard()
    with pytest.raises(ClaimLost):
        old.guard()


def test_what_is_due_is_rung_for_by_one_worker_only(store: Store) -> None:
    first, second = Rings(), Rings()
    (event_id,) = store.accept("shop", [NewEvent("1", "order.paid", None, "{}")]).ids
    ticker, other = Pulse(store, "w1", first), Pulse(store, "w2", second)
    ticker.tick()

    eventually(lambda: other.tick() or ticker.tick() or bool(first.ids))

    assert set(first.ids) == {event_id}
    assert second.ids == []


def test_a_pulse_outlives_an_outage_of_redis(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("own")
    with EmbeddedRedis(folder) as server:
        connection = Connection(server.url, timeout=1.0)
        store = Store(connection, lease=LEASE)
        archive = Archive(connection)
        pulse = Pulse(store, "w1", Rings())
        pulse.start()
        eventually(lambda: archive.workers_alive() == 1)
    with EmbeddedRedis(folder, patience=PATIENCE):
        store.goodbye("w1")

        eventually(lambda: archive.workers_alive() == 1)
        pulse.stop()
        connection.close()
