"""Sales tools, shops and platforms prove themselves as their documentation says.

Each proof is made here by the vendor's recipe, not by the code that signs for samples.
"""

import base64
import hmac
import json
from collections.abc import Mapping

import pytest

from senders.delivery import Cause, Delivery, Refused
from senders.preset import Handshake, Reply, ReplyBody
from senders.presets import PRESETS, preset_named
from senders.reading import read_events
from senders.sources import Source, read_sources
from senders.verify import verify

NOW = 1_776_247_200
PUBLIC_URL = "https://usher.example"
SECRET = "a-made-up-secret-of-32-letters-x"
HEX_SECRET = "058bfb6a" * 8
BODY = b'{"id": "evt_1", "name": "J\xc3\xb6rg"}'

Headers = Mapping[str, str]


def source(preset: str, settings: str = "secrets: [S]", secret: str = SECRET) -> Source:
    environ = {"S": secret, "P": "made-up-part-of-the-address"}
    found = read_sources(f"x: {{preset: {preset}, {settings}}}", environ)["x"]
    assert found.problem is None
    return found


def let_in(source: Source, headers: Headers, body: bytes = BODY, token: str | None = None) -> None:
    target = "/hooks/x" + (f"/{token}" if token else "")
    posted = Delivery("POST", target, tuple(headers.items()), body, token)
    verify(source, posted, now=NOW, public_url=PUBLIC_URL)


def cause(source: Source, headers: Headers, body: bytes = BODY, token: str | None = None) -> Cause:
    with pytest.raises(Refused) as caught:
        let_in(source, headers, body, token)
    return caught.value.cause


def digest(key: bytes, message: bytes, name: str = "sha256") -> bytes:
    return hmac.new(key, message, name).digest()


def coded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


KEY = SECRET.encode()
OF_BODY = digest(KEY, BODY)
RIGHT: Mapping[str, Headers] = {
    "close": {
        "close-sig-timestamp": str(NOW),
        "close-sig-hash": digest(bytes.fromhex(HEX_SECRET), str(NOW).encode() + BODY).hex(),
    },
    "attio": {"Attio-Signature": OF_BODY.hex(), "X-Attio-Signature": OF_BODY.hex()},
    "intercom": {"X-Hub-Signature": "sha1=" + digest(KEY, BODY, "sha1").hex()},
    "stripe": {
        "Stripe-Signature": f"t={NOW},v1={'0' * 64},"
        f"v1={digest(KEY, f'{NOW}.'.encode() + BODY).hex()},v0={'1' * 64}"
    },
    "shopify": {"X-Shopify-Hmac-SHA256": coded(OF_BODY)},
    "woocommerce": {"X-WC-Webhook-Signature": coded(OF_BODY)},
    "github": {"X-Hub-Signature-256": "sha256=" + OF_BODY.hex()},
    "slack": {
        "X-Slack-Request-Timestamp": str(NOW),
        "X-Slack-Signature": "v0=" + digest(KEY, f"v0:{NOW}:".encode() + BODY).hex(),
    },
    "pipedrive": {"Authorization": "Basic " + coded(b"usher:" + KEY)},
    "zapier": {"Authorization": f"Bearer {SECRET}"},
    "make": {"Authorization": f"Bearer {SECRET}"},
}
SECRETS = {"close": HEX_SECRET, "pipedrive": f"usher:{SECRET}"}
OVER_THE_BODY = [name for name in RIGHT if name not in ("pipedrive", "zapier", "make")]
TIMED = ["close", "stripe", "slack"]


def of(preset: str) -> Source:
    return source(preset, secret=SECRETS.get(preset, SECRET))


@pytest.mark.parametrize("preset", RIGHT)
def test_what_the_vendor_would_post_is_let_in(preset: str) -> None:
    let_in(of(preset), RIGHT[preset])


@pytest.mark.parametrize("preset", OVER_THE_BODY)
def test_another_body_under_the_same_signature_is_refused(preset: str) -> None:
    assert cause(of(preset), RIGHT[preset], BODY + b" ") is Cause.BAD_SIGNATURE


@pytest.mark.parametrize("preset", RIGHT)
def test_another_secret_is_refused(preset: str) -> None:
    other = {"close": "00" * 32, "pipedrive": "usher:another"}.get(preset, "another")

    refused = cause(source(preset, secret=other), RIGHT[preset])

    assert refused in (Cause.BAD_SIGNATURE, Cause.BAD_CREDENTIALS)


@pytest.mark.parametrize("preset", RIGHT)
def test_a_delivery_without_its_proof_is_refused(preset: str) -> None:
    assert cause(of(preset), {}) is Cause.MISSING_HEADER


@pytest.mark.parametrize("preset", TIMED)
@pytest.mark.parametrize("away", [-301, 301])
def test_an_old_delivery_and_one_from_the_future_are_refused(preset: str, away: int) -> None:
    posted = Delivery("POST", "/hooks/x", tuple(RIGHT[preset].items()), BODY)

    with pytest.raises(Refused) as caught:
        verify(of(preset), posted, now=NOW + away, public_url=PUBLIC_URL)

    assert caught.value.cause is Cause.STALE_TIMESTAMP


def test_closes_key_is_not_the_text_of_its_hexadecimal_digits() -> None:
    wrong = digest(HEX_SECRET.encode(), str(NOW).encode() + BODY).hex()

    assert cause(of("close"), {**RIGHT["close"], "close-sig-hash": wrong}) is Cause.BAD_SIGNATURE


def test_stripes_secret_counts_with_its_first_letters() -> None:
    stripe = source("stripe", secret="whsec_" + SECRET)
    signed = f"{NOW}.".encode() + BODY

    let_in(stripe, {"Stripe-Signature": f"t={NOW},v1={digest(b'whsec_' + KEY, signed).hex()}"})

    stripped = {"Stripe-Signature": f"t={NOW},v1={digest(KEY, signed).hex()}"}
    assert cause(stripe, stripped) is Cause.BAD_SIGNATURE


@pytest.mark.parametrize("name", ["Attio-Signature", "X-Attio-Signature"])
def test_one_spelling_of_attios_header_is_enough(name: str) -> None:
    let_in(of("attio"), {name: OF_BODY.hex()})


def test_woocommerce_signs_with_the_secret_that_html_stands_for() -> None:
    shop = source("woocommerce", secret="made-up&amp;secret&quot;x")

    let_in(shop, {"X-WC-Webhook-Signature": coded(digest(b'made-up&secret"x', BODY))})


# --- Copper and monday ----------------------------------------------------------------------------


def copper(secret: object, field: str = "secret") -> bytes:
    return json.dumps({"type": "person", "event": "new", "ids": [1], field: secret}).encode()


def test_coppers_secret_stands_in_the_body_under_the_name_that_was_chosen() -> None:
    let_in(source("copper"), {}, copper(SECRET))
    let_in(source("copper", "secrets: [S], secret_field: key"), {}, copper(SECRET, "key"))


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("another", Cause.BAD_CREDENTIALS),
        ("", Cause.MISSING_BODY_SECRET),
        (None, Cause.MISSING_BODY_SECRET),
        ([SECRET], Cause.MISSING_BODY_SECRET),
    ],
    ids=str,
)
def test_coppers_body_without_the_secret_is_refused(secret: object, expected: Cause) -> None:
    assert cause(source("copper"), {}, copper(secret)) is expected


@pytest.mark.parametrize("field", ["secret", "key"])
def test_coppers_secret_is_kept_nowhere(field: str) -> None:
    posted = Delivery("POST", "/hooks/x", (), copper(SECRET, field))

    (event,) = read_events(source("copper", f"secrets: [S], secret_field: {field}"), posted)

    assert SECRET not in event.body


def token(key: bytes = KEY, **claims: object) -> str:
    said = {"accountId": 1, "userId": 2, "aud": f"{PUBLIC_URL}/hooks/x", "exp": NOW + 60, **claims}
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, said)]
    message = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signed = base64.urlsafe_b64encode(digest(key, message)).rstrip(b"=")
    return (message + b"." + signed).decode()


@pytest.mark.parametrize("before", ["", "Bearer "])
def test_mondays_token_is_let_in_with_and_without_the_word_bearer(before: str) -> None:
    let_in(source("monday"), {"Authorization": before + token()})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (token(b"another"), Cause.BAD_TOKEN),
        (token(exp=NOW), Cause.STALE_TIMESTAMP),
        (token(aud=f"{PUBLIC_URL}/hooks/y"), Cause.WRONG_AUDIENCE),
        ("x", Cause.BAD_TOKEN),
    ],
    ids=["another key", "expired", "for another address", "no token"],
)
def test_another_token_is_refused(given: str, expected: Cause) -> None:
    assert cause(source("monday"), {"Authorization": given}) is expected


def test_a_board_that_sends_no_token_proves_itself_by_the_address() -> None:
    board = source("monday", "path_secrets: [P]")

    let_in(board, {}, token="made-up-part-of-the-address")

    assert cause(board, {}, token="another") is Cause.BAD_PATH_SECRET
    assert cause(board, {}) is Cause.MISSING_PATH_SECRET


# --- what the rows say beside the proof -----------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "handshakes"),
    [
        ("monday", (Handshake.CHALLENGE,)),
        ("slack", (Handshake.CHALLENGE,)),
        ("intercom", (Handshake.VISIT,)),
        ("woocommerce", (Handshake.PING,)),
        ("stripe", ()),
    ],
)
def test_who_asks_before_it_sends_is_answered(
    preset: str, handshakes: tuple[Handshake, ...]
) -> None:
    assert PRESETS[preset].handshakes == handshakes


def test_slack_shows_nothing_to_who_gives_a_command() -> None:
    assert PRESETS["slack"].reply == Reply(200, ReplyBody.EMPTY)


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("pipedrive-v1", "pipedrive"),
        ("pipedrive-v2", "pipedrive"),
        ("closeio", "close"),
        ("monday-com", "monday"),
        ("integromat", "make"),
        ("Cal.com", "cal-com"),
        ("Google Forms", "google-forms"),
        ("standard_webhooks", "standard-webhooks"),
        ("HubSpot_v1", "hubspot-v1"),
    ],
)
def test_presets_are_known_by_their_other_names(name: str, preset: str) -> None:
    assert preset_named(name) is PRESETS[preset]


@pytest.mark.parametrize("preset", ["zapier", "make"])
def test_the_author_says_where_token_and_fields_stand(preset: str) -> None:
    settings = (
        'secrets: [S], header: X-Token, prefix: "", id: order.no, type: kind, '
        "occurred_at: at, batch: rows"
    )
    authored = source(preset, settings)
    rows = [{"order": {"no": 7}, "kind": "a", "at": NOW}, {"order": {"no": 8}}]
    body = json.dumps({"rows": rows}).encode()

    let_in(authored, {"X-Token": SECRET}, body)

    events = read_events(authored, Delivery("POST", "/hooks/x", (), body))
    assert [(event.identity, event.type) for event in events] == [("7", "a"), ("8", "received")]


@pytest.mark.parametrize(
    "preset",
    [
        *("pipedrive", "close", "copper", "monday", "attio", "intercom", "stripe"),
        *("shopify", "woocommerce", "github", "slack", "zapier", "make"),
    ],
)
def test_the_guide_says_how_to_connect_and_what_is_assumed(preset: str) -> None:
    guide = PRESETS[preset].guide

    assert guide.title
    assert guide.group in ("CRM", "shops and payments", "platforms")
    assert "secret" in guide.steps
    assert guide.link.startswith("https://")
    assert guide.undocumented
    assert all(sentence.endswith(".") for sentence in guide.undocumented)
