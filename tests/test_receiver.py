"""The receiver, over a real store: what each delivery is answered, and what is kept of it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import pytest
import structlog
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from senders.delivery import Delivery
from senders.preset import Auth, Batch, BodyKind, Preset
from senders.sources import Source, Sources, read_sources
from tests.deliveries import SAMPLES, SECRETS, all_sources, sample, signed
from tests.front_door import LONGEST, client_of, keys, post
from workers.store import Archive, Connection, Store

OPEN: Final = "open: {preset: hmac, signature_header: X-Signature, auth: none, id: id, batch: all}"


@pytest.fixture
def client(store: Store) -> FlaskClient:
    """A client of a receiver that has the five senders of sources.yaml."""
    return client_of(store, all_sources())


def _code(answer: TestResponse) -> str:
    assert answer.mimetype == "application/json"
    assert list(answer.json or {}) == ["error"]
    return str((answer.json or {})["error"]["code"])


def _work(store: Store) -> set[str]:
    """Keys of all but what was refused."""
    return {key for key in keys(store) if not key.startswith("usher:rejected:")}


def _counted(store: Store) -> dict[str, str]:
    return dict(store.connection.redis.hgetall("usher:counts"))


# -- What is let in --------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SAMPLES)
def test_a_signed_delivery_is_kept_before_it_is_answered(
    client: FlaskClient, store: Store, source: str
) -> None:
    answer = post(client, signed(source))

    assert answer.status_code == 202
    ids = (answer.json or {})["events"]
    assert answer.json == {"accepted": len(ids), "duplicates": 0, "events": ids}
    events = [store.event(event_id) for event_id in ids]
    assert [event.source for event in events if event is not None] == [source] * len(ids)
    assert set(store.connection.redis.zrange("usher:due", 0, -1)) == set(ids)


@pytest.mark.parametrize("source", SAMPLES)
def test_a_delivery_that_comes_again_is_answered_with_the_same_ids(
    client: FlaskClient, store: Store, source: str
) -> None:
    first = post(client, signed(source)).json or {}

    again = post(client, signed(source))

    assert again.status_code == 202
    assert again.json == {
        "accepted": 0,
        "duplicates": first["accepted"],
        "events": first["events"],
    }
    assert len(Archive(store.connection).events(100)) == first["accepted"]


def test_each_event_kept_is_rung_for(client: FlaskClient, store: Store) -> None:
    ids = (post(client, signed("hubspot")).json or {})["events"]

    assert store.connection.redis.llen("rq:queue:usher") == len(ids)


def test_the_body_is_kept_as_it_came(client: FlaskClient, store: Store) -> None:
    (event_id,) = (post(client, signed("shop")).json or {})["events"]

    event = store.event(event_id)

    assert event is not None
    assert json.loads(event.body) == json.loads(sample("shop"))


def test_an_empty_batch_is_taken_and_brings_nothing(client: FlaskClient, store: Store) -> None:
    answer = post(client, signed("hubspot", b"[]"))

    assert (answer.status_code, answer.json) == (
        202,
        {"accepted": 0, "duplicates": 0, "events": []},
    )
    assert keys(store) == set()


@pytest.mark.parametrize(
    "target",
    ["/hooks/hubspot?a=%20b&c=d%2Fe", "/hooks/h%75bspot"],
    ids=["query", "percent-encoded"],
)
def test_hubspot_signs_the_address_as_it_wrote_it(client: FlaskClient, target: str) -> None:
    assert post(client, signed("hubspot", target=target)).status_code == 202


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        pytest.param({}, "http://127.0.0.1:8000", id="as the defaults are"),
        pytest.param({"PORT": "9001"}, "http://127.0.0.1:9001", id="port"),
        pytest.param({"HOST": "0.0.0.0"}, "http://127.0.0.1:8000", id="everywhere"),  # noqa: S104
        pytest.param({"HOST": "::1"}, "http://[::1]:8000", id="IPv6"),
        pytest.param({"PUBLIC_URL": "https://usher.example"}, "https://usher.example", id="public"),
        pytest.param({"PUBLIC_URL": "https://usher.example/"}, "https://usher.example", id="slash"),
    ],
)
def test_hubspot_signs_the_public_address(
    store: Store, variables: dict[str, str], address: str
) -> None:
    client = client_of(store, all_sources(), **variables)

    there = post(client, signed("hubspot", public_url=address))
    elsewhere = post(client, signed("hubspot", public_url="https://elsewhere.example"))

    assert (there.status_code, elsewhere.status_code) == (202, 401)


def test_a_json_type_of_another_name_is_read(client: FlaskClient) -> None:
    answer = post(client, signed("shop", content_type="application/vnd.shop+json; charset=utf-8"))

    assert answer.status_code == 202


# -- Who is turned away ----------------------------------------------------------------------------


def _without(delivery: Delivery, *names: str) -> Delivery:
    kept = tuple((n, v) for n, v in delivery.headers if n.lower() not in names)
    return replace(delivery, headers=kept)


def _with(delivery: Delivery, name: str, value: str) -> Delivery:
    changed = _without(delivery, name.lower())
    return replace(changed, headers=(*changed.headers, (name, value)))


def _basic(text: str) -> Delivery:
    value = "Basic " + base64.b64encode(text.encode()).decode()
    return _with(signed("pipedrive"), "Authorization", value)


SIGNATURE: Final = "X-Signature-256"
UNPROVED: Final[Mapping[str, Callable[[], Delivery]]] = {
    "HubSpot, another body": lambda: replace(signed("hubspot"), body=b"[]"),
    "HubSpot, another address": lambda: replace(signed("hubspot"), target="/hooks/hubspot?a=1"),
    "HubSpot, stale": lambda: signed("hubspot", ago=400),
    "HubSpot, of tomorrow": lambda: signed("hubspot", ago=-86_400),
    "HubSpot, no signature": lambda: _without(signed("hubspot"), "x-hubspot-signature-v3"),
    "HubSpot, no time": lambda: _without(signed("hubspot"), "x-hubspot-request-timestamp"),
    "HubSpot, time in words": lambda: _with(
        signed("hubspot"), "X-HubSpot-Request-Timestamp", "noon"
    ),
    "HubSpot, time without end": lambda: _with(
        signed("hubspot"), "X-HubSpot-Request-Timestamp", "9" * 4400
    ),
    "Pipedrive, no password": lambda: _without(signed("pipedrive"), "authorization"),
    "Pipedrive, wrong password": lambda: _basic("usher:wrong"),
    "Pipedrive, wrong user": lambda: _basic("user:sample-pipedrive-password"),
    "Pipedrive, not base64": lambda: _with(signed("pipedrive"), "Authorization", "Basic \xe4\xff"),
    "Pipedrive, Bearer": lambda: _with(signed("pipedrive"), "Authorization", "Bearer sample"),
    "Typeform, another body": lambda: replace(signed("sign-up-form"), body=b"{}"),
    "Typeform, no signature": lambda: _without(signed("sign-up-form"), "typeform-signature"),
    "Standard Webhooks, another body": lambda: replace(signed("partner"), body=b"{}"),
    "Standard Webhooks, another id": lambda: _with(signed("partner"), "webhook-id", "msg_2"),
    "Standard Webhooks, stale": lambda: signed("partner", ago=3600),
    "Standard Webhooks, no id": lambda: _without(signed("partner"), "webhook-id"),
    "shop, another body": lambda: replace(signed("shop"), body=sample("shop") + b" "),
    "shop, no signature": lambda: _without(signed("shop"), SIGNATURE.lower()),
    "shop, empty signature": lambda: _with(signed("shop"), SIGNATURE, ""),
    "shop, no prefix": lambda: _with(signed("shop"), SIGNATURE, "0" * 64),
    "shop, not hex": lambda: _with(signed("shop"), SIGNATURE, "sha256=" + "z" * 64),
    "shop, high bytes": lambda: _with(signed("shop"), SIGNATURE, "sha256=\xff\xfe\xe4"),
    "shop, two signatures": lambda: replace(
        signed("shop"), headers=(*signed("shop").headers, (SIGNATURE, "sha256=" + "0" * 64))
    ),
    "shop, another sender's": lambda: replace(signed("sign-up-form"), target="/hooks/shop"),
}


@pytest.mark.parametrize("case", UNPROVED)
def test_an_unproved_delivery_is_refused_in_the_same_words_whatever_the_cause(
    client: FlaskClient, store: Store, case: str
) -> None:
    answer = post(client, UNPROVED[case]())

    assert answer.status_code == 401
    assert answer.json == {
        "error": {"code": "unauthorized", "message": "The delivery could not be verified."}
    }
    assert _work(store) == {"usher:counts"}
    assert [name.split(":")[0].split()[1] for name in _counted(store)] == ["refused"]


def test_the_body_of_an_unproved_delivery_is_not_read(client: FlaskClient, store: Store) -> None:
    answer = post(client, replace(signed("shop"), body=b"{not json"))

    assert answer.status_code == 401
    assert _counted(store) == {"shop refused:bad_signature": "1"}


@pytest.mark.parametrize("name", ["nobody", "Shop", "shop%20", "%00", "%F0%9F%8E%93", "a" * 5000])
def test_an_unknown_source_leaves_no_trace(client: FlaskClient, store: Store, name: str) -> None:
    answer = client.post(f"/hooks/{name}", data=b"{}")
    long = client.post(f"/hooks/{name}", data=b"1" * (LONGEST + 1))

    assert (answer.status_code, _code(answer)) == (404, "unknown_source")
    assert (long.status_code, _code(long)) == (413, "too_large")
    assert keys(store) == set()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", ["/hooks/shop", "/hooks/nobody", "/hooks/shop/token"])
def test_only_post_is_taken(client: FlaskClient, store: Store, method: str, path: str) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert method == "HEAD" or _code(answer) == "method_not_allowed"
    assert keys(store) == set()


@pytest.mark.parametrize("path", ["/", "/hooks", "/hooks/", "/hooks/shop/", "/hooks/shop/a/b"])
def test_other_addresses_are_not_found_and_nobody_is_redirected(
    client: FlaskClient, path: str
) -> None:
    answer = client.post(path)

    assert (answer.status_code, _code(answer)) == (404, "not_found")
    assert (answer.json or {})["error"]["message"] == (
        "There is nothing here. Deliveries go to /hooks/<name of a source>, "
        "without a slash at the end."
    )


def test_a_source_without_its_secret_asks_to_come_back(store: Store) -> None:
    sources = Sources((Source("shop", all_sources()["shop"].preset, problem="it has no secret"),))

    answer = post(client_of(store, sources), signed("shop"))

    assert (answer.status_code, _code(answer)) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "60"
    assert "secret" not in answer.text
    assert _counted(store) == {"shop refused:not_started": "1"}


# -- What cannot be read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="broken off"),
        pytest.param(b"{}{}", id="two values"),
        pytest.param(b"{'a': 1}", id="wrong quotes"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="Infinity"),
        pytest.param(b'{"a": 1e999}', id="too large"),
        pytest.param(b'{"a": ' + b"1" * 5000 + b"}", id="too many digits"),
        pytest.param(b'{"a": 1, "a": 2}', id="same key twice"),
        pytest.param(b"[" * 10_000 + b"]" * 10_000, id="10,000 arrays"),
        pytest.param(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, id="10,000 objects"),
        pytest.param(b'{"a": "\xff\xfe"}', id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"a": "\x00"}', id="NUL"),
    ],
)
@pytest.mark.parametrize("source", SAMPLES)
def test_a_proved_body_that_is_no_json_is_malformed(
    client: FlaskClient, store: Store, source: str, body: bytes
) -> None:
    answer = post(client, signed(source, body))

    assert (answer.status_code, _code(answer)) == (400, "malformed")
    assert _work(store) == {"usher:counts"}
    assert _counted(store) == {f"{source} refused:malformed": "1"}


@pytest.mark.parametrize("content_type", ["text/xml", "text/plain", "multipart/form-data", "\xff"])
def test_another_type_of_body_is_not_supported(
    client: FlaskClient, store: Store, content_type: str
) -> None:
    answer = post(client, signed("shop", content_type=content_type))

    assert (answer.status_code, _code(answer)) == (415, "unsupported_media_type")
    assert _work(store) == {"usher:counts"}


@pytest.mark.parametrize("more", [1, 1000])
def test_a_body_that_is_too_long_is_refused(client: FlaskClient, store: Store, more: int) -> None:
    answer = post(client, signed("shop", b"1" * (LONGEST + more)))

    assert (answer.status_code, _code(answer)) == (413, "too_large")
    assert _counted(store) == {"shop refused:too_large": "1"}


def test_more_events_than_a_batch_may_have_are_malformed(client: FlaskClient, store: Store) -> None:
    answer = post(client, signed("hubspot", b"[" + b"1," * 20_000 + b"1]"))

    assert (answer.status_code, _code(answer)) == (400, "malformed")
    assert _work(store) == {"usher:counts"}


@pytest.mark.parametrize("body", [b"null", b"0", b'""', b"[]", b"{}", b'[[],{},null,"a",1.5]'])
@pytest.mark.parametrize("source", SAMPLES)
def test_json_of_any_shape_is_accepted(client: FlaskClient, source: str, body: bytes) -> None:
    answer = post(client, signed(source, body))

    assert answer.status_code == 202


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=200), signature=st.binary(max_size=100))
def test_no_bytes_whatever_make_it_fail(client: FlaskClient, body: bytes, signature: bytes) -> None:
    text = signature.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")
    digest = hmac.new(SECRETS["SHOP_SECRET"].encode(), body, hashlib.sha256).hexdigest()

    proved = client.post("/hooks/shop", data=body, headers={SIGNATURE: f"sha256={digest}"})
    unproved = client.post("/hooks/shop", data=body, headers={SIGNATURE: text})

    assert proved.status_code in (202, 400)
    assert unproved.status_code == 401


# -- What is logged of it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivery", "cause", "detail"),
    [
        pytest.param(
            lambda: _without(signed("shop"), SIGNATURE.lower()),
            "missing_header",
            SIGNATURE.lower(),
            id="unproved",
        ),
        pytest.param(lambda: signed("shop", b"{"), "malformed", "JSON", id="malformed"),
        pytest.param(
            lambda: signed("shop", content_type="text/xml"),
            "unsupported_media_type",
            "application/json",
            id="another type",
        ),
        pytest.param(
            lambda: signed("shop", b"1" * (LONGEST + 1)), "too_large", str(LONGEST), id="too long"
        ),
    ],
)
def test_the_log_says_which_delivery_was_refused_and_why(
    client: FlaskClient, delivery: Callable[[], Delivery], cause: str, detail: str
) -> None:
    with structlog.testing.capture_logs() as lines:
        post(client, delivery())

    (line,) = lines
    assert (line["event"], line["log_level"]) == ("Refused", "warning")
    assert (line["source"], line["cause"], line["peer"]) == ("shop", cause, "127.0.0.1")
    assert detail.lower() in line["detail"].lower()


def test_the_log_says_nothing_of_what_is_sent_to_nobody(client: FlaskClient) -> None:
    with structlog.testing.capture_logs() as lines:
        client.post("/hooks/nobody", data=b"{}")
        client.post("/hooks/nobody", data=b"1" * (LONGEST + 1))

    assert lines == []


# -- While Redis is away ---------------------------------------------------------------------------


@pytest.fixture
def stranded() -> Iterator[FlaskClient]:
    """A client of a receiver whose Redis cannot be reached."""
    connection = Connection("unix:///nowhere/redis.sock", timeout=1.0)
    yield client_of(Store(connection), all_sources())
    connection.close()


@pytest.mark.parametrize(
    ("delivery", "status"),
    [
        pytest.param(lambda: signed("shop"), 503, id="signed"),
        pytest.param(lambda: replace(signed("shop"), body=b"{}"), 401, id="unproved"),
        pytest.param(lambda: signed("shop", b"{"), 400, id="malformed"),
    ],
)
def test_without_redis_a_good_delivery_is_to_come_again_and_others_hear_the_same_as_ever(
    stranded: FlaskClient, delivery: Callable[[], Delivery], status: int
) -> None:
    answer = post(stranded, delivery())

    assert answer.status_code == status
    assert _code(answer) in ("unavailable", "unauthorized", "malformed")
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "redis" not in answer.text.lower()


# -- Senders that can do no better -----------------------------------------------------------------


def test_a_source_that_anybody_may_post_to_splits_its_batches(store: Store) -> None:
    client = client_of(store, read_sources(OPEN, {}))

    answer = client.post("/hooks/open", json={"all": [{"id": 1}, {"id": 2}, {"id": 1}]})

    assert answer.status_code == 202
    assert ((answer.json or {})["accepted"], (answer.json or {})["duplicates"]) == (2, 1)


# -- Senders whose proof stands in the body --------------------------------------------------------

IN_BODY: Final = Preset(
    "in-body",
    Auth.BODY,
    secret_field="token",
    body=(BodyKind.JSON, BodyKind.FORM),
    batch=Batch("ids", most=3, each="id"),
    id=(("id",),),
)


@pytest.fixture
def told_in_body(store: Store) -> FlaskClient:
    """A client of a receiver whose one source has its secret in the body."""
    return client_of(store, Sources((Source("in-body", IN_BODY, (b"made-up",)),)))


FORM: Final = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b'{"token": "made-up", "ids": ["1", "2"]}', "application/json", id="JSON"),
        pytest.param(b"token=made-up&ids[]=1&ids[]=2", FORM, id="form"),
    ],
)
def test_a_secret_in_the_body_lets_in_and_is_not_kept(
    told_in_body: FlaskClient, store: Store, body: bytes, content_type: str
) -> None:
    answer = told_in_body.post("/hooks/in-body", data=body, content_type=content_type)

    assert (answer.status_code, (answer.json or {})["accepted"]) == (202, 2)
    events = Archive(store.connection).events(10)
    assert {event.body for event in events} == {'{"id":"1"}', '{"id":"2"}'}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(b"{", "application/json", 401, id="unreadable"),
        pytest.param(b"", None, 401, id="empty"),
        pytest.param(b"token=made-up", "text/xml", 401, id="of another type"),
        pytest.param(b"token=made-up", FORM + "; charset=koi8-r", 401, id="in another charset"),
        pytest.param(b"a=1", FORM, 401, id="without the secret"),
        pytest.param(b"token=wrong", FORM, 401, id="wrong secret"),
        pytest.param(b"token[]=made-up", FORM, 401, id="secret in a list"),
        pytest.param(b"[" * 5000, "application/json", 401, id="nested"),
        pytest.param(b"token=made-up" + b"&ids[]=1" * 4, FORM, 400, id="proved, but too many"),
    ],
)
def test_who_is_not_proved_learns_nothing_of_how_its_body_was_read(
    told_in_body: FlaskClient, body: bytes, content_type: str | None, status: int
) -> None:
    answer = told_in_body.post("/hooks/in-body", data=body, content_type=content_type)

    assert answer.status_code == status
    assert (_code(answer) == "unauthorized") == (status == 401)
    assert status == 400 or answer.text.count("could not be verified") == 1
