"""Refused deliveries in the store: sealed, found again, and never more of them than allowed."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from senders.delivery import Delivery
from tests.engine_room import SECRET_KEY
from workers.store import Archive, Bounds, Rejected, Rejection, Request, Store

HOUR = 3600.0
DELIVERY = Delivery(
    "POST",
    "/hooks/shop/token-in-the-path?key=token-in-the-query",
    (("Authorization", "Basic dXNlcjpwYXNz"), ("X-Note", "caf\xe9")),
    b'{"email": "ada@customer.example", "secret": "\xff\x00"}\n\n',
    "token-in-the-path",
)


def request(body: bytes = DELIVERY.body, at: float = 1_800_000_000.125) -> Request:
    return Request(replace(DELIVERY, body=body), "192.0.2.7", at)


@pytest.fixture
def kept(store: Store) -> Rejected:
    return Rejected(store.connection, SECRET_KEY)


def keep(
    kept: Rejected, body: bytes = DELIVERY.body, source: str = "shop", cause: str = "x"
) -> str:
    return kept.keep(source, cause, "a detail", request(body), same_as=body)


def bodies(store: Store) -> list[bytes]:
    kept = Rejected(store.connection, SECRET_KEY)
    came = [kept.request(each) for each in kept.list()]
    return sorted(each.delivery.body for each in came if each)


def everything(store: Store) -> str:
    """All that stands in Redis, keys and values."""
    redis = store.connection.redis
    return "\n".join(f"{key} {values(store, key)}" for key in redis.keys("*"))


def values(store: Store, key: str) -> str:
    redis = store.connection.redis
    read = {
        "hash": redis.hgetall,
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        "string": redis.get,
        "list": lambda key: redis.lrange(key, 0, -1),
    }
    return str(read[redis.type(key)](key))


def test_what_came_is_found_again_as_it_came(kept: Rejected) -> None:
    rejection_id = keep(kept, cause="bad_signature")

    (found,) = kept.list()

    at = datetime(2027, 1, 15, 8, 0, 0, 125_000, tzinfo=UTC)
    size = len(DELIVERY.body)
    assert found == Rejection(
        rejection_id, "shop", "bad_signature", "a detail", size, True, at, at, 1
    )
    assert kept.get(rejection_id) == found
    assert kept.request(found) == request()


def test_nothing_of_what_came_stands_in_redis_in_clear(store: Store, kept: Rejected) -> None:
    keep(kept)

    written = everything(store)

    assert "a detail" in written
    for secret in ("dXNlcjpwYXNz", "token-in-the-", "ada@", "192.0.2.7", "caf", "Authorization"):
        assert secret not in written


def test_another_key_reads_nothing_of_it(store: Store, kept: Rejected) -> None:
    keep(kept)
    other = Rejected(store.connection, SECRET_KEY + ".")

    (found,) = other.list()

    assert other.request(found) is None


def test_one_sources_delivery_cannot_be_passed_off_as_anothers(
    store: Store, kept: Rejected
) -> None:
    rejection_id = keep(kept)

    store.connection.redis.hset("usher:rejected:entry:" + rejection_id, "source", "crm")

    (found,) = kept.list()
    assert (found.source, kept.request(found)) == ("crm", None)


def test_the_same_again_adds_to_the_first(store: Store, kept: Rejected) -> None:
    first = keep(kept)

    again = kept.keep("shop", "x", "a detail", request(at=1_800_000_060), same_as=DELIVERY.body)

    (found,) = kept.list()
    assert (first, again) == (found.id, found.id)
    assert found.times == 2
    assert (found.last_at - found.first_at).total_seconds() == 59.875
    assert Archive(store.connection).counts()["shop"].refused == 2


def test_the_same_of_another_source_or_cause_is_another(kept: Rejected) -> None:
    ids = {keep(kept), keep(kept, source="crm"), keep(kept, cause="y")}

    assert {each.id for each in kept.list()} == ids
    assert len(ids) == 3


def test_what_is_only_counted_is_not_kept(store: Store, kept: Rejected) -> None:
    kept.count("shop", "bad_signature")

    assert store.connection.redis.hgetall("usher:counts") == {"shop refused:bad_signature": "1"}
    assert store.connection.redis.keys("usher:rejected:*") == []


def test_no_more_entries_are_kept_than_allowed_and_the_oldest_go(store: Store) -> None:
    kept = Rejected(store.connection, SECRET_KEY, Bounds(entries=3))

    for number in range(5):
        keep(kept, b"%d" % number)

    assert bodies(store) == [b"2", b"3", b"4"]
    assert len(store.connection.redis.keys("usher:rejected:entry:*")) == 3
    assert Archive(store.connection).counts()["shop"].refused == 5


def test_no_more_bytes_are_kept_than_allowed(store: Store) -> None:
    kept = Rejected(store.connection, SECRET_KEY, Bounds(bytes=10_000))

    for number in range(10):
        keep(kept, b"%d" % number * 1000)
    used = sum(
        len(key) + sum(map(len, [*entry, *entry.values()]))
        for key in store.connection.redis.keys("usher:rejected:entry:*")
        for entry in [store.connection.redis.hgetall(key)]
    )

    assert len(bodies(store)) == 4
    assert bodies(store)[-1][:1] == b"9"
    assert used <= 10_000


def test_the_bounds_in_force_are_those_that_the_documents_name() -> None:
    assert Bounds() == Bounds(100, 512 * 1024, 72 * HOUR)


def test_every_key_of_it_goes_by_itself(store: Store, kept: Rejected) -> None:
    rejection_id = keep(kept)
    redis = store.connection.redis

    for key in ("usher:rejected:entry:" + rejection_id, "usher:rejected:ring:x:shop"):
        assert 71 * HOUR < redis.ttl(key) <= 72 * HOUR


def test_what_is_too_old_leaves_the_ring_with_the_next_one(store: Store, kept: Rejected) -> None:
    old = keep(kept, b"old")
    redis = store.connection.redis
    ring = "usher:rejected:ring:x:shop"
    long_ago = (time.time() - 73 * HOUR) * 1000
    redis.zadd(ring, {redis.zrange(ring, 0, -1)[0]: long_ago})
    redis.delete("usher:rejected:entry:" + old)

    new = keep(kept, b"new")

    assert [each.id for each in kept.list()] == [new]
    assert redis.zcard(ring) == 1


def test_an_entry_whose_time_has_come_hides_none_that_comes_again(
    store: Store, kept: Rejected
) -> None:
    gone = keep(kept)
    store.connection.redis.delete("usher:rejected:entry:" + gone)

    again = keep(kept)

    assert again != gone
    assert [each.id for each in kept.list()] == [again]


def test_a_flood_of_one_cause_pushes_out_nothing_of_another_or_of_another_source(
    store: Store,
) -> None:
    kept = Rejected(store.connection, SECRET_KEY, Bounds(entries=5))
    others = {keep(kept, cause="stale_timestamp"), keep(kept, source="crm")}

    for number in range(50):
        keep(kept, b"%d" % number)

    ids = {each.id for each in kept.list()}
    assert others < ids
    assert len(ids) == 7


def test_a_body_that_is_too_long_keeps_its_beginning_and_is_not_whole(kept: Rejected) -> None:
    keep(kept, b"1" * 64 * 1024)
    keep(kept, b"2" * (64 * 1024 + 1))

    long, whole = kept.list(), [each.whole for each in kept.list()]
    came = {each.size: kept.request(each) for each in long}
    cut = came[64 * 1024 + 1]

    assert sorted(whole) == [False, True]
    assert cut is not None
    assert cut.delivery.body == b"2" * 64 * 1024


def test_headers_without_end_are_cut_and_not_whole(kept: Rejected) -> None:
    headers = tuple((f"X-{number}", "y" * 8000) for number in range(90))
    came = Request(replace(DELIVERY, headers=headers), "192.0.2.7", 0.0)

    kept.keep("shop", "x", "", came, same_as=b"")

    (found,) = kept.list()
    opened = kept.request(found)
    assert opened is not None
    assert (found.whole, opened.delivery.headers) == (False, headers[:2])


def test_a_body_that_was_not_read_to_its_end_is_not_whole(kept: Rejected) -> None:
    kept.keep("shop", "too_large", "", request(b""), same_as=b"", complete=False)

    assert [each.whole for each in kept.list()] == [False]


def test_what_is_forgotten_is_gone_once_and_for_all(store: Store, kept: Rejected) -> None:
    rejection_id, other = keep(kept, b"1"), keep(kept, b"2")

    assert (kept.forget(rejection_id), kept.forget(rejection_id)) == (True, False)

    assert [each.id for each in kept.list()] == [other]
    assert store.connection.redis.zcard("usher:rejected:ring:x:shop") == 1
