"""What Prometheus is told: the same numbers that people see, and never half of them."""

import time
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from ulid import ULID

from coursebox.calls import COURSES
from coursebox.errors import Kind, fail
from senders.sources import read_sources
from tests.deliveries import ROOT, all_sources
from webhooks.app import create_app
from workers.jobs import Doorbell
from workers.settings import Settings
from workers.store import (
    Admission,
    Archive,
    Attempt,
    Connection,
    Move,
    NewEvent,
    NewRun,
    Publication,
    Report,
    Store,
)
from workers.store.gate import Limits, SharedGate
from workers.store.keys import KEYS


@pytest.fixture
def client(store: Store) -> FlaskClient:
    return _client(store)


def _client(store: Store) -> FlaskClient:
    told = Settings.model_validate({"SECRET_KEY": "sample key of the receiver"})
    return create_app(told, all_sources(), store, Doorbell(store.connection)).test_client()


def _samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    families = text_string_to_metric_families(answer.text)
    found = [sample for family in families for sample in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in found}


def test_before_anything_came_there_are_the_sources_and_no_work(client: FlaskClient) -> None:
    found = _samples(client)

    assert found[("usher_source_started", "hubspot")] == 1
    assert found[("usher_work",)] == 0
    assert found[("usher_workers",)] == 0
    assert not [key for key in found if key[0] == "usher_accepted_total"]


def test_an_accepted_event_is_counted_with_its_source_and_state(
    client: FlaskClient, store: Store
) -> None:
    event = NewEvent("order 7", "received", None, "{}")
    store.accept("shop", [event])
    store.accept("shop", [event])

    found = _samples(client)

    assert found[("usher_accepted_total", "shop")] == 1
    assert found[("usher_duplicates_total", "shop")] == 1
    assert found[("usher_events", "shop", "pending")] == 1
    assert found[("usher_events", "shop", "finished")] == 0
    assert found[("usher_work",)] == 1


@pytest.mark.parametrize("kind", ["evt", "run"], ids=["an event", "a run"])
def test_what_is_put_off_again_and_again_is_seen_by_its_age(
    client: FlaskClient, store: Store, kind: str
) -> None:
    assert _samples(client)[("usher_oldest_pending_seconds",)] == 0
    store.accept("shop", [NewEvent("order 7", "received", None, "{}")])
    now = time.time()
    for age in (60, 7200, 3600):
        put_off = f"{kind}_{ULID.from_timestamp(now - age)}"
        store.connection.redis.zadd(KEYS["due"], {put_off: (now + 9) * 1000})

    found = _samples(client)

    assert 7200 <= found[("usher_oldest_pending_seconds",)] < 7260
    assert found[("usher_work_overdue_seconds",)] < 60


@pytest.mark.parametrize(("most", "age"), [(2, 60), (5_500, 3600), (5_501, 7200), (9_999, 7200)])
def test_of_very_much_work_that_which_is_due_first_is_looked_at(
    store: Store, most: int, age: int
) -> None:
    now = time.time()
    ages = [60] * 5_499 + [3600, 7200]
    due = {f"run_{ULID.from_timestamp(now - each)}": n for n, each in enumerate(ages)}
    store.connection.redis.zadd(KEYS["due"], due)

    assert age <= Archive(store.connection).oldest_pending(most) < age + 60


def test_a_refused_delivery_is_counted_with_its_cause(client: FlaskClient) -> None:
    client.post("/hooks/shop", data=b"{}")

    # labels come in the order of their names
    assert _samples(client)[("usher_refused_total", "missing_header", "shop")] == 1


def test_holds_workers_and_refused_rules_are_told(client: FlaskClient, store: Store) -> None:
    store.beat("one", [])
    store.hold("coursebox", "a new password", "ops")
    refused = {"deals.yaml": "deals.yaml:3:5: unknown field"}
    Publication(store.connection).tell(Report("one", "/rules", refused))

    found = _samples(client)

    assert found[("usher_held", "coursebox")] == 1
    assert found[("usher_workers",)] == 1
    assert found[("usher_rule_problems",)] == 1
    assert found[("usher_rule_file_refused", "deals.yaml")] == 1


def test_a_source_without_its_secret_is_told_as_not_started(store: Store) -> None:
    sources = read_sources((ROOT / "sources.yaml").read_text(encoding="utf-8"), {})
    told = Settings.model_validate({"SECRET_KEY": "sample key of the receiver"})
    client = create_app(told, sources, store, Doorbell(store.connection)).test_client()

    assert _samples(client)[("usher_source_started", "hubspot")] == 0


def test_without_redis_there_is_a_503_and_no_half_of_the_numbers() -> None:
    nowhere = Store(Connection("redis://127.0.0.1:1/0", timeout=0.2))

    answer = _client(nowhere).get("/metrics")

    assert (answer.status_code, answer.mimetype) == (503, "application/json")


def test_parked_runs_and_steps_that_were_gone_past_are_counted(
    client: FlaskClient, store: Store
) -> None:
    asked = Admission(runs=1, per=3600, told="1 run in 1 hour")
    made = [
        NewRun("seat", "", "5be0", "shop.yaml", 3, str(n), None, (), admission=asked)
        for n in range(3)
    ]
    event_id = store.accept("shop", [NewEvent("order 7", "received", None, "{}")]).ids[0]
    claim = store.claim(event_id)
    assert claim is not None
    _, (first,) = store.dispatch(claim, [], made, {})
    run = store.claim(first)
    assert run is not None
    at = datetime.now(UTC)
    attempt = Attempt("1", 1, at, at, failure="no such course", decision="give_up")
    counted = "default enrol failed"
    store.record(run, (), Move.FINISHED, attempt=attempt, failed_steps=1, outcome=counted)

    found = _samples(client)
    store.beat("a-worker", [])
    ready = client.get("/readyz")

    assert found[("usher_parked", "seat")] == 2
    assert found[("usher_failed_steps_total", "shop")] == 1
    assert found[("usher_outcomes_total", "default", "enrol", "failed")] == 1
    assert any(
        reason.startswith("rule seat has reached its limit: 2 parked")
        for reason in ready.json["reasons"]
    )


def test_calls_to_coursebox_and_what_holds_them_up_are_told(
    client: FlaskClient, store: Store
) -> None:
    gate = SharedGate(store.connection, "coursebox", Limits(1000, 100))
    for kind in [Kind.TIMED_OUT] * 10 + [Kind.RATE_LIMITED]:
        with gate.passing(COURSES) as passage:
            passage.answered(fail(COURSES, kind, retry_after=60.0))

    found = _samples(client)
    ready = client.get("/readyz").json["reasons"]

    calls = "usher_coursebox_calls_total"
    assert found[(calls, "courses", "coursebox", "timed_out")] == 10
    assert found[(calls, "courses", "coursebox", "rate_limited")] == 1
    assert found[("usher_coursebox_waiting", "coursebox")] == 0
    assert 50 < found[("usher_coursebox_paused_seconds", "coursebox")] <= 60
    assert found[("usher_coursebox_circuit_open", "coursebox")] == 1
    assert any("10 of the last 10 calls" in each for each in ready)
    assert any("Usher tries by itself whether it works again" in each for each in ready)
