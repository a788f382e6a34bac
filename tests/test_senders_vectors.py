"""Signatures that vendors and standards publish: theirs are let in, and ours are the same."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from senders.delivery import Cause, Delivery, Refused
from senders.jwt import read_claims
from senders.sources import Source, read_sources
from senders.verify import verify


@dataclass(frozen=True, slots=True)
class Vector:
    """A published delivery. `now` is unix seconds, where the sender gives a time."""

    preset: str
    secret: str
    headers: Mapping[str, str]
    body: bytes
    now: float = 1_776_247_200
    method: str = "POST"
    origin: str = "https://www.example.com"
    target: str = "/webhook_uri"

    def source(self) -> Source:
        text = f"a: {{preset: {self.preset}, secrets: [A]}}"
        return read_sources(text, {"A": self.secret})["a"]

    def delivery(self) -> Delivery:
        return Delivery(self.method, self.target, tuple(self.headers.items()), self.body)


STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
}
HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"

VECTORS = {
    # https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries
    "standard-webhooks": Vector(
        "standard-webhooks",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        STANDARD | {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        b'{"test": 2432232314}',
        1614265330,
    ),
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    "standard-webhooks-v1a": Vector(
        "standard-webhooks",
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        STANDARD
        | {
            "webhook-signature": "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5B"
            "dqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
        },
        b'{"test": 2432232314}',
        1614265330,
    ),
    # https://docs.svix.com/receiving/verifying-payloads/how-manual
    "svix": Vector(
        "svix",
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        {
            "svix-id": "msg_loFOjxBNrRLzqYUf",
            "svix-timestamp": "1731705121",
            "svix-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        },
        b'{"event_type":"ping","data":{"success":true}}',
        1731705121,
    ),
    # https://developers.hubspot.com/docs/api/webhooks/validating-requests
    "hubspot-v3": Vector(
        "hubspot",
        "cfc68c0b-4b4e-4ef8-b764-95350e4ea479",
        {
            "x-hubspot-signature-v3": "gbj1XPRvUt0noT7i7fXfTzOD4sLzQmf0VT28ZYq0EYg=",
            "x-hubspot-request-timestamp": "1752613922216",
        },
        b'[{"eventId":531833541,"subscriptionId":3923621,"portalId":48807704,"appId":16111050,'
        b'"occurredAt":1752613920733,"subscriptionType":"contact.creation","attemptNumber":0,'
        b'"objectId":138017612137,"changeFlag":"CREATED","changeSource":"CRM_UI",'
        b'"sourceId":"userId:76023669"}]',
        1752613922.216,
        origin="https://webhook.site",
        target="/335453f5-94b3-49d9-b684-a55354d4b8df",
    ),
    # the test data of HubSpot's own libraries (hubspot-api-client, Signature)
    "hubspot-v3-libraries": Vector(
        "hubspot",
        HUBSPOT_SECRET,
        {
            "x-hubspot-signature-v3": "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
            "x-hubspot-request-timestamp": "15000000",
        },
        b"{'example_field':'example_value'}",
        15000,
    ),
    # https://developers.hubspot.com/docs/api/webhooks/validating-requests
    "hubspot-v1": Vector(
        "hubspot-v1",
        HUBSPOT_SECRET,
        {
            "X-HubSpot-Signature-Version": "v1",
            "X-HubSpot-Signature": "232db2615f3d666fe21a8ec971ac7b54"
            "02d33b9a925784df3ca654d05f4817de",
        },
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
        b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,'
        b'"changeSource":"CRM","changeFlag":"NEW","appId":54321}]',
    ),
    "hubspot-v1-libraries": Vector(
        "hubspot-v1",
        HUBSPOT_SECRET,
        {
            "X-HubSpot-Signature-Version": "v1",
            "X-HubSpot-Signature": "69fc6631a867edd4f9e9e627fc5c1148"
            "e3fbdd8b21837b6d2b8901c1fa57f750",
        },
        b"{'example_field':'example_value'}",
    ),
    "hubspot-v2-get": Vector(
        "hubspot-v2",
        HUBSPOT_SECRET,
        {
            "X-HubSpot-Signature-Version": "v2",
            "X-HubSpot-Signature": "eee2dddcc73c94d699f5e395f4b9d454"
            "a069a6855fbfa152e91e88823087200e",
        },
        b"",
        method="GET",
    ),
    "hubspot-v2-post": Vector(
        "hubspot-v2",
        HUBSPOT_SECRET,
        {
            "X-HubSpot-Signature-Version": "v2",
            "X-HubSpot-Signature": "9569219f8ba981ffa6f6f16aa0f48637"
            "d35d728c7e4d93d0d52efaa512af7900",
        },
        b'{"example_field":"example_value"}',
    ),
    "hubspot-v2-libraries": Vector(
        "hubspot-v2",
        HUBSPOT_SECRET,
        {
            "X-HubSpot-Signature-Version": "v2",
            "X-HubSpot-Signature": "4fe4e3a7d3cf09db53be39d0a58130e2"
            "aaba074ec123a9e355b876a689a1c383",
        },
        b"{'example_field':'example_value'}",
    ),
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    "github": Vector(
        "github",
        "It's a Secret to Everybody",
        {
            "X-Hub-Signature-256": "sha256="
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        },
        b"Hello, World!",
    ),
    # the test data of GitHub's own libraries (octokit, webhooks-methods)
    "github-libraries": Vector(
        "github",
        "mysecret",
        {
            "X-Hub-Signature-256": "sha256="
            "4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"
        },
        b'{"foo":"bar"}',
    ),
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    "slack": Vector(
        "slack",
        "8f742231b10e8888abcd99yyyzzz85a5",
        {
            "X-Slack-Signature": "v0="
            "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            "X-Slack-Request-Timestamp": "1531420618",
        },
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        1531420618,
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_delivery_is_let_in_as_it_stands_and_not_otherwise(name: str) -> None:
    vector = VECTORS[name]
    source, delivery = vector.source(), vector.delivery()
    changed = Delivery(vector.method, vector.target, delivery.headers, vector.body + b" ")

    verify(source, delivery, now=vector.now, public_url=vector.origin)
    with pytest.raises(Refused) as caught:
        verify(source, changed, now=vector.now, public_url=vector.origin)

    assert caught.value.cause is Cause.BAD_SIGNATURE


# RFC 7515, A.1
RFC_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
RFC_TOKEN = (
    b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    b".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    b".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def test_the_token_of_the_standard_is_read() -> None:
    claims = read_claims(RFC_TOKEN, [base64.urlsafe_b64decode(RFC_KEY)])

    assert claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
