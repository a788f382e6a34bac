"""The vendors' own libraries as proof: what they sign is let in, and they let in what we sign.

Deliveries go over real HTTP to a running receiver; nothing of the libraries' network parts is used.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import standardwebhooks
import stripe
import svix.webhooks
from hubspot.utils.signature import Signature
from slack_sdk.signature import SignatureVerifier
from werkzeug.serving import make_server

from senders.delivery import Delivery
from senders.keys import read_keys
from senders.presets import PRESETS
from senders.signing import sign
from senders.sources import Source, Sources
from tests.front_door import application
from workers.store import Archive, Store

PATIENCE = 20.0
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "created": 1_776_247_200,
    "data": {"object": {"id": "cs_1", "note": "Sch\u00f6n & gut, 12 \u20ac"}},
    "event_id": "Ev1",
    "portalId": 1,
    "objectId": 7,
}
# as no library would write it: what is signed is the bytes
BODY = json.dumps(EVENT, indent=1, ensure_ascii=False) + "\n"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# a key that is text, and no base64 although it begins like one
STRIPE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TEXT_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SECRETS = {
    "standard-webhooks": WHSEC,
    "svix": WHSEC,
    "stripe": STRIPE_SECRET,
    "slack": TEXT_SECRET,
    "hubspot": TEXT_SECRET,
    "hubspot-v1": TEXT_SECRET,
    "hubspot-v2": TEXT_SECRET,
}

Headers = Mapping[str, str]


def source_of(preset: str) -> Source:
    keys = read_keys(PRESETS[preset], SECRETS[preset])
    return Source(preset, PRESETS[preset], keys.shared)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver that listens; `store` has what it keeps."""

    url: str
    store: Store

    def post(self, source: str, headers: Headers, body: str = BODY) -> int:
        """The status that the delivery is answered with."""
        address = self.url.removeprefix("http://")
        with closing(http.client.HTTPConnection(address, timeout=PATIENCE)) as connection:
            given = {"Content-Type": "application/json", **headers}
            connection.request("POST", f"/hooks/{source}", body.encode(), given)
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def kept(self, source: str) -> int:
        return len(
            [one for one in Archive(self.store.connection).events(9) if one.source == source]
        )


@pytest.fixture
def receiver(store: Store) -> Iterator[Receiver]:
    sources = Sources(tuple(source_of(name) for name in SECRETS))
    with make_server("127.0.0.1", 0, lambda environ, start: app(environ, start)) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        app = application(store, sources, PUBLIC_URL=url)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Receiver(url, store)
        server.shutdown()
        thread.join()


# -- What the libraries sign -----------------------------------------------------------------------


def by_standardwebhooks(url: str, body: str, at: datetime) -> Headers:
    signed = standardwebhooks.Webhook(WHSEC).sign("msg_1", at, body)
    stamp = str(int(at.timestamp()))
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signed}


def by_svix(url: str, body: str, at: datetime) -> Headers:
    signed = svix.webhooks.Webhook(WHSEC).sign("msg_1", at, body)
    stamp = str(int(at.timestamp()))
    return {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": signed}


def by_svix_as_standard(url: str, body: str, at: datetime) -> Headers:
    return {
        name.replace("svix-", "webhook-"): value for name, value in by_svix(url, body, at).items()
    }


def by_stripe(url: str, body: str, at: datetime) -> Headers:
    stamp = str(int(at.timestamp()))
    # the one function that the library has for it, with which it verifies
    signed = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", STRIPE_SECRET)
    return {"Stripe-Signature": f"t={stamp},v1={signed}"}


def by_slack(url: str, body: str, at: datetime) -> Headers:
    stamp = str(int(at.timestamp()))
    signed = SignatureVerifier(TEXT_SECRET).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed or ""}


def by_hubspot_v1(url: str, body: str, at: datetime) -> Headers:
    signed = Signature.get_signature(TEXT_SECRET, body, "v1")
    return {"X-HubSpot-Signature": signed, "X-HubSpot-Signature-Version": "v1"}


def by_hubspot_v2(url: str, body: str, at: datetime) -> Headers:
    signed = Signature.get_signature(TEXT_SECRET, body, "v2", f"{url}/hooks/hubspot-v2", "POST")
    return {"X-HubSpot-Signature": signed, "X-HubSpot-Signature-Version": "v2"}


def by_hubspot_v3(url: str, body: str, at: datetime) -> Headers:
    stamp = str(int(at.timestamp() * 1000))
    address = f"{url}/hooks/hubspot"
    signed = Signature.get_signature(TEXT_SECRET, body, "v3", address, "POST", stamp)
    return {"X-HubSpot-Signature-v3": signed, "X-HubSpot-Request-Timestamp": stamp}


SIGNERS = [
    pytest.param("standard-webhooks", by_standardwebhooks, id="standardwebhooks"),
    pytest.param("svix", by_svix, id="svix"),
    pytest.param("svix", by_svix_as_standard, id="svix with the names of the standard"),
    pytest.param("stripe", by_stripe, id="stripe"),
    pytest.param("slack", by_slack, id="slack"),
    pytest.param("hubspot-v1", by_hubspot_v1, id="hubspot v1"),
    pytest.param("hubspot-v2", by_hubspot_v2, id="hubspot v2"),
    pytest.param("hubspot", by_hubspot_v3, id="hubspot v3"),
]
Signer = Callable[[str, str, datetime], Headers]


@pytest.mark.parametrize(("source", "signer"), SIGNERS)
def test_what_a_vendors_library_signs_is_kept(
    receiver: Receiver, source: str, signer: Signer
) -> None:
    headers = signer(receiver.url, BODY, datetime.now(UTC))

    status = receiver.post(source, headers)

    assert status in (200, 202)
    assert receiver.kept(source) == 1


@pytest.mark.parametrize(("source", "signer"), SIGNERS)
def test_one_byte_more_than_the_library_signed_is_turned_away(
    receiver: Receiver, source: str, signer: Signer
) -> None:
    headers = signer(receiver.url, BODY, datetime.now(UTC))

    assert receiver.post(source, headers, BODY + " ") == 401
    assert receiver.kept(source) == 0


# -- What we sign ----------------------------------------------------------------------------------

PUBLIC_URL = "https://usher.example"


def ours(preset: str, now: float | None = None) -> Delivery:
    return sign(
        source_of(preset),
        BODY.encode(),
        target=f"/hooks/{preset}",
        now=time.time() if now is None else now,
        public_url=PUBLIC_URL,
        event_id="msg_1",
    )


def check_standardwebhooks(delivery: Delivery) -> None:
    standardwebhooks.Webhook(WHSEC).verify(delivery.body, dict(delivery.headers))


def check_svix(delivery: Delivery) -> None:
    svix.webhooks.Webhook(WHSEC).verify(delivery.body, dict(delivery.headers))


def check_stripe(delivery: Delivery) -> None:
    [header] = delivery.values("Stripe-Signature")
    stripe.WebhookSignature.verify_header(delivery.body, header, STRIPE_SECRET, tolerance=300)


def check_slack(delivery: Delivery) -> None:
    verifier = SignatureVerifier(TEXT_SECRET)
    assert verifier.is_valid_request(delivery.body, dict(delivery.headers))


def check_hubspot(version: str, header: str) -> Callable[[Delivery], None]:
    def check(delivery: Delivery) -> None:
        [signed] = delivery.values(header)
        stamp = next(iter(delivery.values("X-HubSpot-Request-Timestamp")), None)
        address = PUBLIC_URL + delivery.target
        body = delivery.body.decode()
        assert Signature.is_valid(signed, TEXT_SECRET, body, address, "POST", version, stamp)

    return check


CHECKS: list[Any] = [
    pytest.param("standard-webhooks", check_standardwebhooks, id="standardwebhooks"),
    pytest.param("svix", check_svix, id="svix"),
    pytest.param("stripe", check_stripe, id="stripe"),
    pytest.param("slack", check_slack, id="slack"),
    pytest.param("hubspot-v1", check_hubspot("v1", "X-HubSpot-Signature"), id="hubspot v1"),
    pytest.param("hubspot-v2", check_hubspot("v2", "X-HubSpot-Signature"), id="hubspot v2"),
    pytest.param("hubspot", check_hubspot("v3", "X-HubSpot-Signature-v3"), id="hubspot v3"),
]
# what the libraries raise for a delivery that is not proved
REFUSALS = (
    standardwebhooks.WebhookVerificationError,
    stripe.SignatureVerificationError,
    AssertionError,
)


@pytest.mark.parametrize(("preset", "check"), CHECKS)
def test_what_we_sign_is_accepted_by_the_vendors_library(
    preset: str, check: Callable[[Delivery], None]
) -> None:
    check(ours(preset))


@pytest.mark.parametrize(("preset", "check"), CHECKS)
def test_the_libraries_refuse_what_we_did_not_sign(
    preset: str, check: Callable[[Delivery], None]
) -> None:
    with pytest.raises(REFUSALS):
        check(replace(ours(preset), body=BODY.encode() + b" "))
