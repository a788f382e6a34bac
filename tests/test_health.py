"""What whoever watches Usher is told: alive or not, and whether accepted work is being done."""

import re
from collections.abc import Mapping, Sequence

import pytest
from flask.testing import FlaskClient

from senders.sources import Sources, read_sources
from tests.deliveries import ROOT, SECRETS, all_sources
from webhooks.app import create_app
from workers.jobs import Doorbell
from workers.settings import Settings
from workers.store import Connection, Follower, NewEvent, Publication, Report, Store
from workers.store.keys import KEYS

REFUSED = "hubspot-closed-won.yaml:3:5: unknown field `whem`, did you mean `when`?"


def _client(store: Store, sources: Sources) -> FlaskClient:
    told = Settings.model_validate({"SECRET_KEY": "sample key of the receiver"})
    return create_app(told, sources, store, Doorbell(store.connection)).test_client()


def _ready(store: Store, secrets: Mapping[str, str] = SECRETS) -> tuple[int, str, list[str]]:
    text = (ROOT / "sources.yaml").read_text(encoding="utf-8")
    answer = _client(store, read_sources(text, secrets)).get("/readyz")
    told = answer.json or {}
    return answer.status_code, told["status"], told.get("reasons", [])


def _refuse(store: Store, *problems: str) -> None:
    refused = {problem.partition(":")[0]: problem for problem in problems}
    Publication(store.connection).tell(Report("one", "/rules", refused))


def test_a_process_that_answers_is_alive(store: Store) -> None:
    answer = _client(store, all_sources()).get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_with_a_worker_and_no_problems_it_is_ready(store: Store) -> None:
    store.beat("one", [])

    assert _ready(store) == (200, "ready", [])


def test_without_a_worker_it_is_not_ready(store: Store) -> None:
    status, told, reasons = _ready(store)

    assert (status, told) == (503, "unavailable")
    assert reasons == ["no worker is alive: start one with `usher worker`"]


def test_a_worker_that_has_said_goodbye_does_not_count(store: Store) -> None:
    store.beat("one", [])
    store.goodbye("one")

    assert _ready(store)[0] == 503


def test_a_refused_rule_file_is_told_with_its_place_and_why(store: Store) -> None:
    store.beat("one", [])
    _refuse(store, REFUSED)

    assert _ready(store) == (200, "degraded", [f"rule file refused: {REFUSED}"])


def test_a_worker_that_cannot_take_the_live_rules_is_told(store: Store) -> None:
    store.beat("one", [])
    stuck = Follower("one", problem="worker one does not take version 7f3a: it is too new")
    Publication(store.connection).follow(stuck)

    assert _ready(store) == (200, "degraded", [f"rule file refused: {stuck.problem}"])


def test_a_rule_file_that_is_mended_is_told_no_more(store: Store) -> None:
    store.beat("one", [])
    _refuse(store, REFUSED)
    _refuse(store)

    assert _ready(store) == (200, "ready", [])


def test_a_source_without_its_secret_is_told_with_the_variable(store: Store) -> None:
    store.beat("one", [])
    secrets = {name: text for name, text in SECRETS.items() if name != "TYPEFORM_SECRET"}

    status, told, (reason,) = _ready(store, secrets)

    assert (status, told) == (200, "degraded")
    assert reason.startswith("source sign-up-form is not started: ")
    assert "TYPEFORM_SECRET is not set" in reason


def test_a_hold_is_told_with_its_reason_and_how_to_end_it(store: Store) -> None:
    store.beat("one", [])
    store.hold("coursebox", "the portal moves", "kim")

    status, told, (reason,) = _ready(store)

    assert (status, told) == (200, "degraded")
    assert re.fullmatch(
        r"coursebox is on hold since \d{4}-\d\d-\d\d \d\d:\d\d UTC: the portal moves; "
        r"release it with `usher release coursebox`",
        reason,
    )


def test_a_first_use_is_not_said_to_be_released_by_hand(store: Store) -> None:
    store.beat("one", [])
    store.hold("coursebox:emea/first-use", "nobody has seen it: usher coursebox confirm", "usher")

    _, _, (reason,) = _ready(store)

    assert reason.endswith("UTC: nobody has seen it: usher coursebox confirm")


def test_a_reason_that_says_how_the_hold_ends_is_told_as_it_is(store: Store) -> None:
    store.beat("one", [])
    why = "others went as well. Then: usher release coursebox/unenrol"
    store.hold("coursebox/unenrol", why, "usher")

    _, _, (reason,) = _ready(store)

    assert reason.endswith(f"UTC: {why}")


def test_a_hold_that_has_ended_is_told_no_more(store: Store) -> None:
    store.beat("one", [])
    store.hold("coursebox", "the portal moves", "kim")
    store.release("coursebox")

    assert _ready(store) == (200, "ready", [])


def _overdue(store: Store, seconds: int, identities: Sequence[str] = ("one",)) -> None:
    news = [NewEvent(identity, "order.paid", None, "{}") for identity in identities]
    store.accept("shop", news)
    redis = store.connection.redis
    now, _ = redis.time()
    redis.zadd(KEYS["due"], dict.fromkeys(redis.zrange(KEYS["due"], 0, -1), (now - seconds) * 1000))


@pytest.mark.parametrize(
    ("identities", "waiting"),
    [
        pytest.param(["one"], "1 piece waits", id="one"),
        pytest.param(["one", "two"], "2 pieces wait", id="several"),
    ],
)
def test_work_that_nobody_takes_up_is_told(
    identities: list[str], waiting: str, store: Store
) -> None:
    store.beat("one", [])
    _overdue(store, 300, identities)

    status, told, (reason,) = _ready(store)

    assert (status, told) == (200, "degraded")
    assert re.fullmatch(
        rf"work is overdue by 30\d s: {waiting}; are there enough workers\?", reason
    )


def test_work_that_is_a_little_late_is_not_told(store: Store) -> None:
    store.beat("one", [])
    _overdue(store, 20)

    assert _ready(store) == (200, "ready", [])


def test_all_that_is_wrong_is_told_at_once(store: Store) -> None:
    _refuse(store, REFUSED)

    status, told, reasons = _ready(store, {})

    assert (status, told) == (503, "unavailable")
    assert len(reasons) == 1 + 1 + 5


def test_no_secret_is_told(store: Store) -> None:
    wrong = SECRETS | {"PARTNER_SECRET": "whsec_%%%", "PIPEDRIVE_BASIC": "without-a-colon"}

    told = str(_ready(store, wrong))

    assert "PARTNER_SECRET" in told
    assert "PIPEDRIVE_BASIC" in told
    assert "%%%" not in told
    assert "without-a-colon" not in told


def test_a_redis_that_may_throw_work_away_is_not_ready(store: Store) -> None:
    store.beat("one", [])
    store.connection.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        status, _, reasons = _ready(store)
    finally:
        store.connection.redis.config_set("maxmemory-policy", "noeviction")

    assert status == 503
    assert reasons == ["Redis may throw data away: set maxmemory-policy noeviction"]


def test_without_redis_it_is_alive_but_not_ready() -> None:
    store = Store(Connection("unix:///nowhere/redis.sock", timeout=1.0))

    alive = _client(store, all_sources()).get("/healthz")

    assert alive.status_code == 200
    assert _ready(store) == (503, "unavailable", ["Redis cannot be reached"])


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_get_is_answered(store: Store, path: str) -> None:
    answer = _client(store, all_sources()).post(path)

    assert answer.status_code == 405
    assert (answer.json or {})["error"]["code"] == "method_not_allowed"
