"""Signing as the senders do: what comes out is let in, and the body stays as it is."""

from pathlib import Path

import pytest

from senders.delivery import Delivery
from senders.reading import read_events
from senders.signing import CannotSign, sign
from senders.sources import Source, read_sources
from senders.verify import verify

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
SAMPLES = {
    "hubspot-batch": "hubspot",
    "hubspot-workflow-deal": "hubspot",
    "pipedrive-deal-won": "pipedrive",
    "typeform-response": "sign-up-form",
    "standard-webhooks": "partner",
    "shop-order": "shop",
    "shop-refund": "shop",
}


def test_every_sample_is_under_test_here() -> None:
    assert {path.stem for path in Path("tests/samples").glob("*.json")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_recorded_sample_is_signed_anew_at_any_time_and_read(name: str) -> None:
    source = SOURCES[SAMPLES[name]]
    body = Path(f"tests/samples/{name}.json").read_bytes()

    for now in (1_700_000_000.4, 1_800_000_000.9):
        delivery = sign(
            source,
            body,
            target=f"/hooks/{source.name}",
            now=now,
            public_url="https://usher.example",
            event_id="msg_1",
        )
        verify(source, delivery, now=now, public_url="https://usher.example")

        assert delivery.body == body
        assert read_events(source, delivery)


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


def _signed(source: Source, *, event_id: str = "e", content_type: str | None = None) -> Delivery:
    return sign(
        source,
        b"{}",
        target="/hooks/x",
        now=1_776_247_200,
        public_url=None,
        event_id=event_id,
        content_type=content_type,
    )
