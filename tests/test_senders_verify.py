"""Who comes in, and who does not: every preset under the same attacks."""

import base64
import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.delivery import Cause, Delivery, Refused
from senders.preset import (
    Algorithm,
    Auth,
    Encoding,
    Key,
    KeyForm,
    Preset,
    SignatureHeader,
    Timestamp,
    Unit,
)
from senders.presets import PRESETS
from senders.signature import flaws, hubspot_decoded
from senders.signing import sign
from senders.sources import Source, read_sources
from senders.verify import verify

NOW = 1_776_247_200.0
PUBLIC_URL = "https://usher.training.example"
TARGET = "/hooks/any?from=a%3Ab"
BODY = Path("tests/samples/standard-webhooks.json").read_bytes()

# one source for each preset, and a last one with everything that `hmac` can be told
SOURCES = """
hubspot: {preset: hubspot, secrets: [PLAIN]}
pipedrive: {preset: pipedrive, secrets: [USER]}
typeform: {preset: typeform, secrets: [PLAIN]}
standard-webhooks: {preset: standard-webhooks, secrets: [CODED]}
hmac: {preset: hmac, signature_header: X-Signature, secrets: [PLAIN]}
basic: {preset: basic, secrets: [OTHER_USER]}
token: {preset: token, secrets: [PLAIN]}
hmac-with-all:
  preset: hmac
  signature_header: X-Sig
  signature_prefix: "v0="
  algorithm: sha512
  encoding: base64
  signed: "v0:{header:x-delivery}:{ts}:{method}:{url}:{body}"
  timestamp_header: X-Time
  timestamp_unit: ms
  tolerance: 60
  secret_encoding: hex
  secrets: [HEXED]
"""
ENVIRON = {
    "PLAIN": "sample-secret-not-real",
    "CODED": "whsec_c2FtcGxlLXNlY3JldC1ub3QtcmVhbA==",
    "HEXED": "00ff10a0b0c0d0e0f0",
    "USER": "usher:pass:with:colons",
    "OTHER_USER": "intranet:sample-password",
}
ALL = read_sources(SOURCES, ENVIRON)
SIGNED = [name for name in ALL if ALL[name].preset.auth is Auth.HMAC]
TIMED = [name for name in SIGNED if ALL[name].preset.timestamp is not None]


def signed(name: str, *, now: float = NOW, body: bytes = BODY) -> Delivery:
    return sign(ALL[name], body, target=TARGET, now=now, public_url=PUBLIC_URL, event_id="msg_2vN5")


def check(name: str, delivery: Delivery, *, now: float = NOW) -> None:
    verify(ALL[name], delivery, now=now, public_url=PUBLIC_URL)


def refusal(source: Source, delivery: Delivery, *, now: float = NOW) -> Refused:
    with pytest.raises(Refused) as caught:
        verify(source, delivery, now=now, public_url=PUBLIC_URL)
    return caught.value


def proof_header(name: str) -> str:
    preset = ALL[name].preset
    if preset.auth is Auth.HMAC:
        return preset.signature.name
    return preset.token.name if preset.auth is Auth.TOKEN else "Authorization"


def with_header(delivery: Delivery, name: str, *values: str) -> Delivery:
    others = tuple(pair for pair in delivery.headers if pair[0].lower() != name.lower())
    return replace(delivery, headers=(*others, *((name, value) for value in values)))


def flips(data: bytes) -> list[bytes]:
    return [
        data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]
        for place in range(len(data))
        for bit in range(8)
    ]


def test_every_preset_is_under_test_here() -> None:
    assert {source.preset.name for source in ALL.values()} == set(PRESETS)


@pytest.mark.parametrize("name", ALL)
def test_a_delivery_as_its_sender_signs_it_is_let_in(name: str) -> None:
    check(name, signed(name))


@pytest.mark.parametrize("name", ALL)
def test_one_flipped_bit_in_the_proof_is_refused(name: str) -> None:
    delivery = signed(name)
    header = proof_header(name)
    value = delivery.values(header)[0].encode("latin-1")

    for flipped in flips(value):
        changed = with_header(delivery, header, flipped.decode("latin-1"))
        refusal(ALL[name], changed)


@pytest.mark.parametrize("name", SIGNED)
def test_one_flipped_bit_in_the_body_is_refused(name: str) -> None:
    delivery = signed(name, body=b'{"order": 7}')

    for flipped in flips(delivery.body):
        refusal(ALL[name], replace(delivery, body=flipped))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("hubspot", "X-HubSpot-Request-Timestamp"),
        ("standard-webhooks", "webhook-timestamp"),
        ("standard-webhooks", "webhook-id"),
        ("hmac-with-all", "X-Time"),
        ("hmac-with-all", "x-delivery"),
    ],
)
def test_one_flipped_bit_in_the_time_or_the_id_is_refused(name: str, header: str) -> None:
    delivery = signed(name)
    value = delivery.values(header)[0].encode("latin-1")

    for flipped in flips(value):
        refusal(ALL[name], with_header(delivery, header, flipped.decode("latin-1")))


@pytest.mark.parametrize("name", ["hubspot", "hmac-with-all"])
def test_another_method_or_target_than_was_signed_is_refused(name: str) -> None:
    delivery = signed(name)

    refusal(ALL[name], replace(delivery, method="GET"))
    refusal(ALL[name], replace(delivery, target="/hooks/any?from=a%3Ac"))


@pytest.mark.parametrize("name", ALL)
def test_a_truncated_or_extended_proof_is_refused(name: str) -> None:
    delivery = signed(name)
    header = proof_header(name)
    value = delivery.values(header)[0]

    for length in range(len(value)):
        refusal(ALL[name], with_header(delivery, header, value[:length]))
    refusal(ALL[name], with_header(delivery, header, value + value[-1]))
    refusal(ALL[name], with_header(delivery, header, "x" + value))


@pytest.mark.parametrize("name", ALL)
def test_a_missing_or_repeated_proof_is_refused(name: str) -> None:
    delivery = signed(name)
    header = proof_header(name)
    value = delivery.values(header)[0]

    missing = refusal(ALL[name], with_header(delivery, header))
    repeated = refusal(ALL[name], with_header(delivery, header, value, value))
    joined = refusal(ALL[name], with_header(delivery, header, f"{value},{value}"))

    assert missing.cause is Cause.MISSING_HEADER
    assert repeated.cause is Cause.REPEATED_HEADER
    assert joined.cause in (Cause.BAD_SIGNATURE, Cause.BAD_CREDENTIALS)


@pytest.mark.parametrize("name", ALL)
def test_another_secret_is_refused(name: str) -> None:
    other = replace(ALL[name], secrets=(b"another:secret",))

    refusal(other, signed(name))


@pytest.mark.parametrize("name", ALL)
def test_what_another_preset_signs_is_refused(name: str) -> None:
    for other in ALL:
        if other != name:
            refusal(ALL[name], signed(other))


@pytest.mark.parametrize("name", ALL)
def test_any_of_several_secrets_will_do(name: str) -> None:
    secret = ALL[name].secrets[0]

    for secrets in [(secret, b"new:one"), (b"new:one", secret), (b"a:1", secret, b"b:2")]:
        verify(replace(ALL[name], secrets=secrets), signed(name), now=NOW, public_url=PUBLIC_URL)


@pytest.mark.parametrize("name", ALL)
def test_a_source_without_a_secret_lets_nobody_in(name: str) -> None:
    bare = refusal(replace(ALL[name], secrets=()), signed(name))
    stopped = refusal(replace(ALL[name], problem="its secret is not set"), signed(name))

    assert bare.cause is stopped.cause is Cause.NO_SECRET


def test_auth_none_lets_anybody_in_once_it_is_written_out() -> None:
    source = read_sources("open: {preset: typeform, auth: none}", {})["open"]

    verify(source, Delivery("POST", "/hooks/open", (), b""), now=NOW, public_url=None)


@pytest.mark.parametrize("name", TIMED)
def test_a_replay_is_let_in_within_the_window_and_refused_after_it(name: str) -> None:
    stamp = ALL[name].preset.timestamp
    assert stamp is not None
    delivery = signed(name)

    check(name, delivery, now=NOW + stamp.tolerance)
    check(name, delivery, now=NOW - stamp.tolerance)
    late = refusal(ALL[name], delivery, now=NOW + stamp.tolerance + 1)
    early = refusal(ALL[name], delivery, now=NOW - stamp.tolerance - 1)

    assert late.cause is early.cause is Cause.STALE_TIMESTAMP


@pytest.mark.parametrize(
    "value",
    [
        *("1_776_247_200", " 1776247200", "1776247200 ", "+1776247200", "-1776247200"),
        *("1776247200.0", "1.7e9", "nan", "inf", "0x69df61a0", "17762472001776247", "abc"),
        *("1776247200,1776247200", "\xb2", "1776247200\n"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", TIMED)
def test_a_timestamp_is_strictly_decimal(name: str, value: str) -> None:
    stamp = ALL[name].preset.timestamp
    assert stamp is not None

    assert (
        refusal(ALL[name], with_header(signed(name), stamp.header, value)).cause
        is Cause.BAD_TIMESTAMP
    )


def test_digits_of_other_scripts_are_no_timestamp() -> None:
    arabic = "".join(chr(0x0660 + int(digit)) for digit in "1776247200")

    delivery = with_header(signed("standard-webhooks"), "webhook-timestamp", arabic)

    assert refusal(ALL["standard-webhooks"], delivery).cause is Cause.MALFORMED_HEADER


def test_the_unit_of_a_timestamp_is_not_guessed() -> None:
    seconds = with_header(signed("hubspot"), "X-HubSpot-Request-Timestamp", str(int(NOW)))
    milliseconds = with_header(
        signed("standard-webhooks"), "webhook-timestamp", str(int(NOW) * 1000)
    )

    assert refusal(ALL["hubspot"], seconds).cause is Cause.STALE_TIMESTAMP
    assert refusal(ALL["standard-webhooks"], milliseconds).cause is Cause.STALE_TIMESTAMP


def test_any_right_signature_of_a_list_will_do_and_unknown_versions_are_skipped() -> None:
    delivery = signed("standard-webhooks")
    right = delivery.values("webhook-signature")[0]
    wrong = "v1," + base64.b64encode(bytes(32)).decode()

    for value in [f"{wrong} {right}", f"{right} {wrong}", f"v1a,abc nonsense {right} v2,{right}"]:
        check("standard-webhooks", with_header(delivery, "webhook-signature", value))
    for value in [f"v2,{right[3:]}", right[3:], right.replace(",", "="), f"{wrong} {wrong}"]:
        refusal(ALL["standard-webhooks"], with_header(delivery, "webhook-signature", value))


def test_at_most_ten_signatures_are_looked_at() -> None:
    delivery = signed("standard-webhooks")
    right = delivery.values("webhook-signature")[0]

    ten = with_header(delivery, "webhook-signature", " ".join(["v1,no"] * 9 + [right]))
    eleven = with_header(delivery, "webhook-signature", " ".join(["v1,no"] * 10 + [right]))

    check("standard-webhooks", ten)
    assert refusal(ALL["standard-webhooks"], eleven).cause is Cause.TOO_MANY_SIGNATURES


def test_an_id_that_could_be_read_in_two_ways_is_refused() -> None:
    source = ALL["standard-webhooks"]
    delivery = sign(
        source, b"{}", target=TARGET, now=NOW, public_url=None, event_id="msg.1776247200"
    )

    assert refusal(source, delivery).cause is Cause.MALFORMED_HEADER


def test_a_password_may_hold_colons_and_umlauts() -> None:
    sources = read_sources("a: {preset: basic, secrets: [A]}", {"A": "usher:päss:wörd"})
    given_value = "Basic " + base64.b64encode("usher:päss:wörd".encode()).decode()
    delivery = Delivery("POST", "/hooks/a", (("AUTHORIZATION", given_value),), b"")

    verify(sources["a"], delivery, now=NOW, public_url=None)


def test_a_source_that_signs_its_url_needs_to_be_told_the_url() -> None:
    for unusable in [None, "", "usher.training.example", "ftp://usher.example", "http://["]:
        with pytest.raises(Refused) as caught:
            verify(ALL["hubspot"], signed("hubspot"), now=NOW, public_url=unusable)
        assert caught.value.cause is Cause.NO_PUBLIC_URL


def test_only_the_origin_of_the_public_url_counts_and_proxies_may_send_the_absolute_form() -> None:
    delivery = signed("hubspot")

    for url in [f"{PUBLIC_URL}/", f"{PUBLIC_URL}/console?x=1"]:
        verify(ALL["hubspot"], delivery, now=NOW, public_url=url)
    absolute = replace(delivery, target=f"http://10.0.0.7:8000{TARGET}")
    check("hubspot", absolute)


def test_a_refusal_names_no_secret_and_nothing_that_would_pass() -> None:
    for name in ALL:
        delivery = signed(name)
        header = proof_header(name)
        right = delivery.values(header)[0]
        refused = refusal(ALL[name], with_header(delivery, header, right[:-1]))

        for told in (refused.detail, str(refused), repr(refused), repr(delivery), repr(ALL[name])):
            assert right[-20:] not in told
            assert not any(secret.decode("latin-1") in told for secret in ALL[name].secrets)


# --- vectors that the vendors publish -------------------------------------------------------------


def test_the_standard_webhooks_vector_is_let_in() -> None:
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests
    sources = read_sources(
        "a: {preset: standard-webhooks, secrets: [A]}",
        {"A": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    )
    headers = (
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    )
    delivery = Delivery("POST", "/", headers, b'{"test": 2432232314}')

    verify(sources["a"], delivery, now=1614265330, public_url=None)


# https://developers.hubspot.com/docs/api/webhooks/validating-requests, the worked v3 example
HUBSPOT_DOCS = (
    "cfc68c0b-4b4e-4ef8-b764-95350e4ea479",
    "https://webhook.site",
    "/335453f5-94b3-49d9-b684-a55354d4b8df",
    b'[{"eventId":531833541,"subscriptionId":3923621,"portalId":48807704,"appId":16111050,'
    b'"occurredAt":1752613920733,"subscriptionType":"contact.creation","attemptNumber":0,'
    b'"objectId":138017612137,"changeFlag":"CREATED","changeSource":"CRM_UI",'
    b'"sourceId":"userId:76023669"}]',
    1752613922216,
    "gbj1XPRvUt0noT7i7fXfTzOD4sLzQmf0VT28ZYq0EYg=",
)
# the test data of HubSpot's own libraries (hubspot-api-client, Signature)
HUBSPOT_LIBRARIES = (
    "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
    "https://www.example.com",
    "/webhook_uri",
    b"{'example_field':'example_value'}",
    15000000,
    "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
)


@pytest.mark.parametrize("vector", [HUBSPOT_DOCS, HUBSPOT_LIBRARIES], ids=["docs", "libraries"])
def test_the_hubspot_v3_vectors_are_let_in(vector: tuple[str, str, str, bytes, int, str]) -> None:
    secret, origin, target, body, timestamp, signature = vector
    source = read_sources("a: {preset: hubspot, secrets: [A]}", {"A": secret})["a"]
    headers = (
        ("x-hubspot-signature-v3", signature),
        ("x-hubspot-request-timestamp", str(timestamp)),
    )

    verify(
        source,
        Delivery("POST", target, headers, body),
        now=timestamp / 1000,
        public_url=origin,
    )


def test_hubspot_urls_are_decoded_in_twelve_places_and_once() -> None:
    encoded = "/p%3Aa%2Fb%3Fc%40d%21e%24f%27g%28h%29i%2Aj%2Ck%3Bl"
    untouched = "/%20%26%3D%2B%25%23%3a%2f%253A%7E?a=%22"

    assert hubspot_decoded(encoded) == "/p:a/b?c@d!e$f'g(h)i*j,k;l"
    assert hubspot_decoded(untouched) == untouched


def test_a_hubspot_signature_over_the_decoded_url_is_let_in() -> None:
    message = b"POST" + b"https://usher.example/hooks/h?next=https://a.example/%20%253A" + b"{}"
    digest = hmac.digest(b"sample", message + b"1776247200000", "sha256")
    headers = (
        ("X-HubSpot-Signature-v3", base64.b64encode(digest).decode()),
        ("X-HubSpot-Request-Timestamp", "1776247200000"),
    )
    target = "/hooks/h?next=https%3A%2F%2Fa.example%2F%20%253A"
    source = Source("h", PRESETS["hubspot"], (b"sample",))

    verify(
        source,
        Delivery("POST", target, headers, b"{}"),
        now=NOW,
        public_url="https://usher.example",
    )


# --- senders to come: their rows need no other code -----------------------------------------------


def row(**knobs: object) -> Preset:
    return replace(Preset(name="row", auth=Auth.HMAC), **knobs)  # type: ignore[arg-type]


GITHUB = row(signature=SignatureHeader("X-Hub-Signature-256", prefix="sha256="))
SLACK = row(
    signature=SignatureHeader("X-Slack-Signature", prefix="v0="),
    timestamp=Timestamp(header="X-Slack-Request-Timestamp"),
    signed="v0:{ts}:{body}",
)
STRIPE = row(
    signature=SignatureHeader("Stripe-Signature", separator=",", kv="=", take=("v1",)),
    timestamp=Timestamp(field="t"),
    signed="{ts}.{body}",
)
WEBFLOW = row(
    signature=SignatureHeader("x-webflow-signature"),
    timestamp=Timestamp(header="x-webflow-timestamp", unit=Unit.MILLISECONDS),
    signed="{ts}:{body}",
)
CLOSE = row(
    signature=SignatureHeader("close-sig-hash"),
    timestamp=Timestamp(header="close-sig-timestamp"),
    signed="{ts}{body}",
    key=Key(decode=KeyForm.HEX),
)
INTERCOM = row(
    signature=SignatureHeader("X-Hub-Signature", prefix="sha1="), algorithm=Algorithm.HMAC_SHA1
)
SHOPIFY = row(signature=SignatureHeader("X-Shopify-Hmac-SHA256"), encoding=Encoding.BASE64)
SPACED = row(signature=SignatureHeader("X-Signatures", separator=" "))
HUBSPOT_V1 = row(
    signature=SignatureHeader("X-HubSpot-Signature"),
    algorithm=Algorithm.SHA256_CONCAT,
    signed="{secret}{body}",
)
HUBSPOT_V2 = replace(HUBSPOT_V1, signed="{secret}{method}{url}{body}")
ROWS = {
    "github": GITHUB,
    "slack": SLACK,
    "stripe": STRIPE,
    "webflow": WEBFLOW,
    "close": CLOSE,
    "intercom": INTERCOM,
    "shopify": SHOPIFY,
    "spaced": SPACED,
    "hubspot-v1": HUBSPOT_V1,
    "hubspot-v2": HUBSPOT_V2,
}
LIBRARY_SECRET = b"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"


def test_no_row_leaves_anything_unprotected() -> None:
    assert {name: flaws(preset) for name, preset in (PRESETS | ROWS).items() if name != "hmac"} == {
        name: () for name in (PRESETS | ROWS) if name != "hmac"
    }


@pytest.mark.parametrize(
    ("preset", "secret", "headers", "body", "now"),
    [
        # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
        pytest.param(
            GITHUB,
            b"It's a Secret to Everybody",
            {
                "X-Hub-Signature-256": "sha256="
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            },
            b"Hello, World!",
            NOW,
            id="github",
        ),
        # https://api.slack.com/authentication/verifying-requests-from-slack
        pytest.param(
            SLACK,
            b"8f742231b10e8888abcd99yyyzzz85a5",
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
            id="slack",
        ),
        pytest.param(
            HUBSPOT_V1,
            LIBRARY_SECRET,
            {
                "X-HubSpot-Signature": "69fc6631a867edd4f9e9e627fc5c1148"
                "e3fbdd8b21837b6d2b8901c1fa57f750"
            },
            b"{'example_field':'example_value'}",
            NOW,
            id="hubspot-v1",
        ),
        pytest.param(
            HUBSPOT_V2,
            LIBRARY_SECRET,
            {
                "X-HubSpot-Signature": "4fe4e3a7d3cf09db53be39d0a58130e2"
                "aaba074ec123a9e355b876a689a1c383"
            },
            b"{'example_field':'example_value'}",
            NOW,
            id="hubspot-v2-libraries",
        ),
        pytest.param(
            HUBSPOT_V2,
            LIBRARY_SECRET,
            {
                "X-HubSpot-Signature": "9569219f8ba981ffa6f6f16aa0f48637"
                "d35d728c7e4d93d0d52efaa512af7900"
            },
            b'{"example_field":"example_value"}',
            NOW,
            id="hubspot-v2-docs",
        ),
    ],
)
def test_the_vectors_of_senders_to_come_are_let_in(
    preset: Preset, secret: bytes, headers: dict[str, str], body: bytes, now: float
) -> None:
    delivery = Delivery("POST", "/webhook_uri", tuple(headers.items()), body)

    verify(
        Source("row", preset, (secret,)),
        delivery,
        now=now,
        public_url="https://www.example.com",
    )


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_senders_to_come_sign_and_verify(name: str) -> None:
    source = Source(name, ROWS[name], (b"\x00\x01sample",))

    delivery = sign(source, BODY, target=TARGET, now=NOW, public_url=PUBLIC_URL, event_id="e")

    verify(source, delivery, now=NOW, public_url=PUBLIC_URL)
    refusal(source, replace(delivery, body=BODY + b" "))
    refusal(replace(source, secrets=(b"other",)), delivery)


def stripe(*elements: str) -> Delivery:
    return Delivery("POST", TARGET, (("Stripe-Signature", ",".join(elements)),), b"{}")


STRIPE_SOURCE = Source("stripe", STRIPE, (b"whsec_sample",))
STRIPE_RIGHT = hmac.new(b"whsec_sample", b"1776247200.{}", hashlib.sha256).hexdigest()


def test_a_key_value_list_takes_its_time_and_its_signatures_from_one_header() -> None:
    for elements in [
        ("t=1776247200", f"v1={STRIPE_RIGHT}"),
        (f"v1={STRIPE_RIGHT}", "t=1776247200"),
        ("t=1776247200", "v1=00", f"v1={STRIPE_RIGHT}", "v0=11"),
    ]:
        verify(STRIPE_SOURCE, stripe(*elements), now=NOW, public_url=None)


@pytest.mark.parametrize(
    ("elements", "cause"),
    [
        pytest.param((f"v1={STRIPE_RIGHT}",), Cause.BAD_TIMESTAMP, id="no time"),
        pytest.param(
            ("t=1776247200", "t=1776247200", f"v1={STRIPE_RIGHT}"),
            Cause.BAD_TIMESTAMP,
            id="two times",
        ),
        pytest.param(("t=", f"v1={STRIPE_RIGHT}"), Cause.BAD_TIMESTAMP, id="empty time"),
        pytest.param(
            ("t=1776247200", f"v0={STRIPE_RIGHT}"), Cause.MALFORMED_HEADER, id="other version"
        ),
        pytest.param(("t=1776247200", f"V1={STRIPE_RIGHT}"), Cause.MALFORMED_HEADER, id="capital"),
        pytest.param(("t=1776247200", "v1="), Cause.MALFORMED_HEADER, id="empty signature"),
        pytest.param(("t=1776247200", "v1"), Cause.MALFORMED_HEADER, id="no equals sign"),
        pytest.param(
            ("t=1776247200", *["v1=00"] * 10, f"v1={STRIPE_RIGHT}"),
            Cause.TOO_MANY_SIGNATURES,
            id="eleven",
        ),
        pytest.param(
            ("t=1776247200000", f"v1={STRIPE_RIGHT}"), Cause.STALE_TIMESTAMP, id="milliseconds"
        ),
    ],
)
def test_a_key_value_list_that_is_not_right_is_refused(
    elements: tuple[str, ...], cause: Cause
) -> None:
    assert refusal(STRIPE_SOURCE, stripe(*elements)).cause is cause


def test_upper_case_hex_is_another_spelling_and_refused() -> None:
    upper = stripe("t=1776247200", f"v1={STRIPE_RIGHT.upper()}")

    assert refusal(STRIPE_SOURCE, upper).cause is Cause.BAD_SIGNATURE


# --- whatever comes -------------------------------------------------------------------------------

HEADER_NAMES = sorted({name for source in ALL for name, _ in signed(source).headers})
ANY_HEADER = st.tuples(
    st.sampled_from(HEADER_NAMES) | st.text(max_size=20),
    st.text(max_size=60)
    | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))
    | st.sampled_from(["v1,", "v1, v1,", "sha256=", "Basic ", "Bearer ", "1776247200"]),
)


@given(
    name=st.sampled_from(list(ALL)),
    method=st.text(max_size=8),
    target=st.text(max_size=40),
    headers=st.lists(ANY_HEADER, max_size=8),
    body=st.binary(max_size=100),
    public_url=st.none() | st.just(PUBLIC_URL) | st.text(max_size=40),
)
def test_whatever_comes_is_refused_and_never_an_error(
    name: str,
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    body: bytes,
    public_url: str | None,
) -> None:
    delivery = Delivery(method, target, tuple(headers), body)

    with pytest.raises(Refused):
        verify(ALL[name], delivery, now=NOW, public_url=public_url)


@given(name=st.sampled_from(list(ALL)), changes=st.lists(ANY_HEADER, min_size=1, max_size=3))
def test_headers_added_to_a_good_delivery_never_make_an_error(
    name: str, changes: list[tuple[str, str]]
) -> None:
    delivery = signed(name)
    needed = {header.lower() for header, _ in delivery.headers if header != "Content-Type"}
    delivery = replace(delivery, headers=(*delivery.headers, *changes))
    doubled = any(header.lower() in needed for header, _ in changes)

    if doubled:
        refusal(ALL[name], delivery)
    else:
        check(name, delivery)


@given(name=st.sampled_from(SIGNED), body=st.binary(max_size=300))
def test_any_bytes_can_be_signed_and_are_then_let_in(name: str, body: bytes) -> None:
    check(name, signed(name, body=body))
