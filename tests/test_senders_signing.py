"""Signing as the senders do: what comes out is let in, and the body stays as it is."""

import base64
import hmac
import json
from dataclasses import replace
from pathlib import Path

import pytest

from senders.delivery import Delivery
from senders.forms import parse_form
from senders.jwt import read_claims
from senders.preset import BodyKind
from senders.presets import PRESETS
from senders.reading import read_events
from senders.shaping import FORM
from senders.signing import TOKEN_LIFE, CannotSign, sign
from senders.sources import Source, read_sources
from senders.verify import verify
from tests.proving_sources import ALL, KEY_PAIR, posted

NOW = 1_776_247_200
SOURCES = read_sources(
    Path("sources.yaml").read_text(encoding="utf-8"),
    {
        "HUBSPOT_CLIENT_SECRET": "sample-hubspot",
        "PIPEDRIVE_BASIC": "usher:sample-pipedrive",
        "TYPEFORM_SECRET": "sample-typeform",
        "PARTNER_SECRET": "whsec_c2FtcGxlLXBhcnRuZXI=",
        "SHOP_SECRET": "sample-shop",
    },
)


@pytest.mark.parametrize("name", ALL)
def test_a_delivery_is_signed_anew_at_any_time(name: str) -> None:
    for now in (1_700_000_000.4, 1_800_000_000.9):
        delivery = posted(name, now=now)

        verify(ALL[name], delivery, now=now, public_url="https://usher.training.example")


def test_a_shipped_source_is_posted_to_with_its_body_as_it_is() -> None:
    body = Path("tests/samples/shop-order.json").read_bytes()

    delivery = _signed(SOURCES["shop"], body)

    assert delivery.body == body
    assert read_events(SOURCES["shop"], delivery)


def test_the_event_id_goes_into_the_header_that_holds_it() -> None:
    (event,) = read_events(SOURCES["partner"], _signed(SOURCES["partner"], event_id="msg_77"))

    assert event.identity == "msg_77"


def test_a_header_that_a_generic_source_takes_its_id_from_is_sent_along() -> None:
    text = "a: {preset: token, secrets: [A], id: 'header:X-Event'}"
    source = read_sources(text, {"A": "sample"})["a"]

    (event,) = read_events(source, _signed(source, event_id="e-5"))

    assert event.identity == "e-5"


def test_the_content_type_can_be_chosen() -> None:
    delivery = _signed(SOURCES["shop"], content_type="text/plain")

    assert delivery.values("content-type") == ("text/plain",)


def test_a_source_without_authentication_is_sent_as_it_is() -> None:
    source = read_sources("a: {preset: typeform, auth: none}", {})["a"]

    assert [name for name, _ in _signed(source).headers] == ["Content-Type"]


def test_a_source_that_is_not_started_cannot_be_signed_for() -> None:
    source = read_sources("a: {preset: typeform, secrets: [A]}", {})["a"]

    with pytest.raises(CannotSign, match="environment variable A is not set"):
        _signed(source)


def test_hubspot_cannot_be_signed_for_without_the_public_url() -> None:
    with pytest.raises(CannotSign, match="PUBLIC_URL"):
        _signed(SOURCES["hubspot"])


@pytest.mark.parametrize("event_id", ["ü", "a\r\nX-Other: 1", "\ud800"], ids=ascii)
def test_an_event_id_that_no_header_can_hold_is_refused(event_id: str) -> None:
    with pytest.raises(CannotSign, match="plain characters"):
        _signed(SOURCES["partner"], event_id=event_id)


def test_the_first_of_several_secrets_signs() -> None:
    source = replace(SOURCES["shop"], secrets=(b"sample-new", b"sample-old"))

    delivery = _signed(source)

    verify(replace(source, secrets=(b"sample-new",)), delivery, now=NOW, public_url=None)


# --- headers that are given -----------------------------------------------------------------------


def test_given_headers_count_more_than_made_ones_but_not_than_the_proof() -> None:
    given = (
        ("Webhook-Id", "msg_given"),
        ("webhook-signature", "v1,forged"),
        ("Webhook-Timestamp", "1"),
        ("X-Topic", "orders"),
        ("content-type", "application/webhook+json"),
    )

    delivery = _signed(SOURCES["partner"], headers=given)

    verify(SOURCES["partner"], delivery, now=NOW, public_url=None)
    assert delivery.values("webhook-id") == ("msg_given",)
    assert delivery.values("x-topic") == ("orders",)
    assert delivery.values("content-type") == ("application/webhook+json",)
    assert len(delivery.headers) == 5


def test_a_content_type_that_is_asked_for_counts_more_than_a_given_header() -> None:
    given = (("Content-Type", "text/plain"),)

    delivery = _signed(SOURCES["shop"], headers=given, content_type="application/json")

    assert delivery.values("content-type") == ("application/json",)


def test_a_given_header_that_cannot_be_signed_is_told() -> None:
    with pytest.raises(CannotSign, match="webhook-id holds what no header can hold"):
        _signed(SOURCES["partner"], headers=(("webhook-id", "\u0660"),))


def test_headers_that_the_sender_always_sends_are_made() -> None:
    source = Source("a", PRESETS["hubspot-v1"], (b"sample",))

    assert _signed(source).values("X-HubSpot-Signature-Version") == ("v1",)


# --- key pairs, tokens, secrets in bodies and addresses -------------------------------------------


def test_a_public_key_alone_checks_but_does_not_sign() -> None:
    public = "whpk_" + base64.b64encode(base64.b64decode(KEY_PAIR[5:])[32:]).decode()
    source = read_sources("a: {preset: svix, secrets: [A]}", {"A": public})["a"]

    with pytest.raises(CannotSign, match="a key pair is needed"):
        _signed(source)


def test_a_token_is_for_the_address_and_for_five_minutes() -> None:
    source = Source("a", PRESETS["monday"], (b"sample",))

    there = _signed(source, target="/hooks/a?b=1", public_url="https://usher.example/x")
    nowhere = _signed(source)

    (claims, bare) = (
        read_claims(each.values("authorization")[0].encode(), source.secrets)
        for each in (there, nowhere)
    )
    assert claims["aud"] == "https://usher.example/x/hooks/a"
    assert claims["exp"] == NOW + TOKEN_LIFE
    assert "aud" not in bare


def test_a_secret_is_put_into_its_field_of_a_json_body() -> None:
    source = _in_body("deep.er.secret")

    new = _signed(source, b'{"a": 1, "deep": {"b": "\xc3\xa4"}}')
    old = _signed(source, b'{"deep": {"er": {"secret": "old", "c": 2}}}')

    assert json.loads(new.body) == {"a": 1, "deep": {"b": "ä", "er": {"secret": "s &ö"}}}
    assert json.loads(old.body) == {"deep": {"er": {"secret": "s &ö", "c": 2}}}


def test_a_secret_is_put_into_its_field_of_a_form() -> None:
    source = _in_body("deep.secret")

    delivery = _signed(
        source, b"a=1&deep%5Bsecret%5D=old&deep[b]=%C3%A4&&deep[secret]=x", content_type=FORM
    )

    verify(source, delivery, now=NOW, public_url=None)
    assert parse_form(delivery.body, "") == {"a": "1", "deep": {"b": "ä", "secret": "s &ö"}}


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"[]", None, "no object"),
        (b"{", None, "not JSON"),
        (b"[" * 100_000, None, "not JSON"),
        (b"--x--", "multipart/form-data; boundary=x", "JSON and forms only"),
    ],
    ids=["list", "broken", "deep", "multipart"],
)
def test_a_body_that_has_no_field_for_the_secret_cannot_be_signed(
    body: bytes, content_type: str | None, why: str
) -> None:
    with pytest.raises(CannotSign, match=why):
        _signed(_in_body("secret"), body, content_type=content_type)


@pytest.mark.parametrize(
    ("target", "posted_to", "token"),
    [
        ("/hooks/a", "/hooks/a/k%C3%A4se%20%3F%252F", "käse ?%2F"),
        ("/hooks/a?b=/c", "/hooks/a/k%C3%A4se%20%3F%252F?b=/c", "käse ?%2F"),
        ("/hooks/a/own", "/hooks/a/own", "own"),
        ("/proxy/hooks/a/o%20wn?x=1", "/proxy/hooks/a/o%20wn?x=1", "o wn"),
        ("/hooks/b", "/hooks/b", None),
        ("/", "/", None),
    ],
)
def test_the_secret_of_the_address_is_put_behind_the_sources_own_address(
    target: str, posted_to: str, token: str | None
) -> None:
    source = Source("a", PRESETS["path"], path_secrets=("käse ?%2F".encode(), b"old"))

    delivery = _signed(source, target=target)

    assert delivery.target == posted_to
    assert delivery.token == token


def test_the_address_that_is_signed_is_the_one_with_the_secret() -> None:
    source = replace(SOURCES["hubspot"], path_secrets=(b"sample",))

    delivery = _signed(source, target="/hooks/hubspot", public_url="https://usher.example")

    assert delivery.target == "/hooks/hubspot/sample"
    verify(source, delivery, now=NOW, public_url="https://usher.example")


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        (BodyKind.JSON, "application/json"),
        (BodyKind.FORM, FORM),
        (BodyKind.SOAP, "text/xml; charset=utf-8"),
    ],
)
def test_a_body_goes_by_the_presets_main_kind(kind: BodyKind, content_type: str) -> None:
    source = Source("a", replace(PRESETS["token"], body=(kind,)), (b"sample",))

    assert _signed(source).values("content-type") == (content_type,)


def _in_body(path: str) -> Source:
    return Source("a", replace(PRESETS["body"], secret_field=path), ("s &ö".encode(),))


def _signed(source: Source, body: bytes = b"{}", **given: object) -> Delivery:
    settings = {"target": "/hooks/x", "now": NOW, "public_url": None, "event_id": "e"}
    return sign(source, body, **(settings | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("public_url", "target"),
    [
        pytest.param("https://usher.example/in", "/hooks/hubspot", id="cut off by a proxy"),
        pytest.param("https://usher.example/in/", "/hooks/hubspot", id="with a slash at its end"),
        pytest.param("https://usher.example/in", "/in/hooks/hubspot", id="handed on as it came"),
    ],
)
def test_an_address_below_a_path_is_signed_as_it_is_called(public_url: str, target: str) -> None:
    source = ALL["hubspot"]
    called = "https://usher.example/in/hooks/hubspot"
    stamp = str(int(NOW * 1000))
    text = f"POST{called}[]{stamp}".encode()
    right = base64.b64encode(hmac.digest(source.secrets[0], text, "sha256")).decode()
    headers = (("X-HubSpot-Signature-v3", right), ("X-HubSpot-Request-Timestamp", stamp))

    verify(source, Delivery("POST", target, headers, b"[]"), now=NOW, public_url=public_url)
    made = sign(source, b"[]", target=target, now=NOW, public_url=public_url, event_id="e")

    assert dict(made.headers)["X-HubSpot-Signature-v3"] == right
