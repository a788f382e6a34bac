"""What the receiver keeps of what it turns away, and how little a flood may cost."""

import threading
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from senders.sources import Source, Sources
from tests.deliveries import all_sources, sample, signed
from webhooks.app import create_app
from webhooks.rejections import MOST_A_SECOND, Gate
from workers.jobs import Doorbell
from workers.settings import Settings
from workers.store import Archive, Rejected, Rejection, Store

KEY = "sample key of the receiver"
LONGEST = 100_000


@pytest.fixture
def kept(store: Store) -> Rejected:
    return Rejected(store.connection, KEY)


def client_of(store: Store, sources: Sources | None = None) -> FlaskClient:
    told = Settings.model_validate({"SECRET_KEY": KEY, "MAX_BODY_BYTES": str(LONGEST)})
    sources = sources or all_sources()
    return create_app(told, sources, store, Doorbell(store.connection)).test_client()


def only(kept: Rejected) -> Rejection:
    (found,) = kept.list()
    return found


def forged(body: bytes = b"{}", **headers: str) -> dict[str, object]:
    return {"data": body, "headers": {"X-Signature-256": "sha256=" + "0" * 64, **headers}}


def test_a_delivery_that_is_not_proved_is_kept_as_it_came(store: Store, kept: Rejected) -> None:
    delivery = signed("shop")
    body = delivery.body + b" "

    client_of(store).post("/hooks/shop?a=%20b", data=body, headers=list(delivery.headers))

    found = only(kept)
    came = kept.request(found)
    assert came is not None
    assert (found.source, found.cause, found.whole) == ("shop", "bad_signature", True)
    assert found.detail == "no signature in X-Signature-256 is right"
    assert (came.delivery.method, came.delivery.target) == ("POST", "/hooks/shop?a=%20b")
    assert (came.delivery.body, came.peer) == (body, "127.0.0.1")
    assert set(delivery.headers) <= set(came.delivery.headers)
    assert abs(came.received_at - found.first_at.timestamp()) < 0.01


@pytest.mark.parametrize(
    ("body", "content_type", "cause", "whole"),
    [
        pytest.param(b"{", None, "malformed", True, id="malformed"),
        pytest.param(b"{}", "text/plain", "unsupported_media_type", True, id="another type"),
        pytest.param(b"1" * (LONGEST + 1), None, "too_large", False, id="too long"),
        pytest.param(b"1" * 70_000 + b"!", None, "malformed", False, id="longer than is kept"),
    ],
)
def test_a_proved_delivery_that_is_turned_away_is_kept(
    store: Store, kept: Rejected, body: bytes, content_type: str | None, cause: str, whole: bool
) -> None:
    delivery = signed("shop", body, content_type=content_type)

    client_of(store).post("/hooks/shop", data=body, headers=list(delivery.headers))

    assert (only(kept).cause, only(kept).whole) == (cause, whole)


def test_a_delivery_to_a_source_that_is_not_started_is_kept(store: Store, kept: Rejected) -> None:
    shop = Source("shop", all_sources()["shop"].preset, problem="it has no secret")

    client_of(store, Sources((shop,))).post("/hooks/shop", data=b"{}")

    assert (only(kept).cause, only(kept).detail) == ("not_started", "not started: it has no secret")


def test_what_is_sent_to_nobody_is_not_kept(store: Store) -> None:
    client_of(store).post("/hooks/nobody", data=b"{}")

    assert store.connection.redis.keys("*") == []


def test_passwords_and_secrets_of_the_path_are_nowhere_in_clear(
    store: Store, kept: Rejected
) -> None:
    client = client_of(store)
    client.post("/hooks/pipedrive/path-secret-1", data=b"{}", auth=("somebody", "wrong-password-1"))

    redis = store.connection.redis
    texts = [*redis.keys("*"), *(redis.hgetall("usher:rejected:entry:" + only(kept).id).values())]
    texts += redis.zrange("usher:rejected:ring:bad_credentials:pipedrive", 0, -1)
    texts += redis.smembers("usher:rejected:rings")
    came = kept.request(only(kept))

    assert came is not None
    assert came.delivery.token == "path-secret-1"
    # "somebody:wrong-password-1" in base64
    for secret in ("path-secret-1", "wrong-password-1", "c29tZWJvZHk6d3Jvbm"):
        assert secret not in "\n".join(texts)


def test_the_same_delivery_again_is_one_and_counts_twice(store: Store, kept: Rejected) -> None:
    client = client_of(store)

    for _ in range(2):
        client.post("/hooks/shop", **forged(sample("shop")))

    assert only(kept).times == 2


@pytest.mark.parametrize("family", ["webhook", "svix"])
def test_the_same_body_with_another_id_of_the_sender_is_another_event(
    store: Store, kept: Rejected, family: str
) -> None:
    source = all_sources()["partner"]
    preset = replace(source.preset, families=("webhook-", "svix-"))
    client = client_of(store, Sources((replace(source, preset=preset),)))

    for event_id in ("msg_1", "msg_2", "msg_2"):
        client.post("/hooks/partner", data=b"{}", headers={f"{family}-id": event_id})

    assert sorted(each.times for each in kept.list()) == [1, 2]


def test_bodies_that_were_not_read_are_told_apart_by_their_length(
    store: Store, kept: Rejected
) -> None:
    client = client_of(store)

    for more in (1, 2, 2):
        client.post("/hooks/shop", data=b"1" * (LONGEST + more))

    assert sorted(each.times for each in kept.list()) == [1, 2]


def test_a_flood_is_counted_whole_and_kept_in_part(store: Store, kept: Rejected) -> None:
    client = client_of(store)

    for number in range(200):
        client.post("/hooks/shop", **forged(b"%d" % number))
    client.post("/hooks/crm", data=b"{}")
    client.post("/hooks/shop", data=b"{}")

    assert Archive(store.connection).counts()["shop"].refused == 201
    causes = [each.cause for each in kept.list()]
    assert causes.count("bad_signature") <= 100
    assert causes.count("missing_header") == 1


def test_whatever_fails_in_keeping_it_the_answer_is_the_same(store: Store) -> None:
    store.connection.redis.set("usher:counts", "no hash any more")

    answer = client_of(store).post("/hooks/shop", **forged())

    assert answer.status_code == 401


def test_of_one_name_a_second_lets_only_so_many_pass() -> None:
    now = [7.0]
    gate = Gate(most=3, clock=lambda: now[0])

    first = [gate.lets(("shop", "bad_signature")) for _ in range(5)]
    other = gate.lets(("shop", "bad_timestamp"))
    now[0] = 7.999
    late = gate.lets(("shop", "bad_signature"))
    now[0] = 8.0
    later = [gate.lets(("shop", "bad_signature")) for _ in range(4)]

    assert first == [True, True, True, False, False]
    assert (other, late) == (True, False)
    assert later == [True, True, True, False]


def test_the_gate_counts_right_for_many_threads() -> None:
    gate = Gate(clock=lambda: 7.0)
    passed: list[bool] = []

    def knock() -> None:
        passed.extend(gate.lets(("shop", "x")) for _ in range(50))

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(passed), sum(passed)) == (400, MOST_A_SECOND)


def test_a_refused_delivery_costs_one_call_of_redis(store: Store) -> None:
    client = client_of(store)
    client.post("/hooks/shop", **forged(b"0"))
    commands: list[str] = []

    with store.connection.redis.monitor() as monitor:
        store.ping()
        client.post("/hooks/shop", **forged(b"1"))
        store.connection.redis.echo("that is all")
        while commands[-1:] != ["ECHO"]:
            told = monitor.next_command()
            if told["client_type"] != "lua":
                commands.append(told["command"].split()[0])

    assert commands[commands.index("PING") :] == ["PING", "EVALSHA", "ECHO"]
