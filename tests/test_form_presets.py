"""Form tools, bookings and mailing lists: how each proves itself, and what all have in common.

The proofs are made here, by the words of the vendors' documentation and with nothing of Usher's.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from senders.delivery import Cause, Delivery, Refused
from senders.presets import PRESETS
from senders.sources import Source, read_sources
from senders.verify import verify
from tests.normal_forms import told
from tests.samples import SAMPLES

NOW = 1_776_247_200
SECRET = "sample-secret-of-an-administrator"
PATH_SECRET = "sample-part-of-the-address"
BODY = '{"name": "Jörg", "email": "jörg@bücher.example"}'.encode()
FORM = b"Field1=J%C3%B6rg&EntryId=83&HandshakeKey="
FAMILIES = ("forms", "bookings", "mailings")

Headers = Mapping[str, str]


def hexed(message: bytes, key: str = SECRET) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def by_formstack(at: int) -> Headers:
    return {"X-FS-Signature": "sha256=" + hexed(BODY)}


def by_webflow(at: int) -> Headers:
    stamp = str(at * 1000)
    return {
        "x-webflow-timestamp": stamp,
        "x-webflow-signature": hexed(stamp.encode() + b":" + BODY),
    }


def by_surveymonkey(at: int) -> Headers:
    # the variable holds the client id and the client secret, joined by &
    digest = hmac.new(b"client-id&" + SECRET.encode(), BODY, hashlib.sha1).digest()
    return {"Sm-Apikey": "client-id", "Sm-Signature": base64.b64encode(digest).decode()}


def by_calendly(at: int) -> Headers:
    return {"Calendly-Webhook-Signature": f"t={at},v1={hexed(b'%d.' % at + BODY)}"}


def by_cal_com(at: int) -> Headers:
    return {"X-Cal-Signature-256": hexed(BODY)}


def by_mailerlite(at: int) -> Headers:
    return {"Signature": hexed(BODY)}


def by_fillout(at: int) -> Headers:
    return {"Authorization": f"Bearer {SECRET}"}


SIGNERS: Mapping[str, Callable[[int], Headers]] = {
    "formstack": by_formstack,
    "webflow": by_webflow,
    "surveymonkey": by_surveymonkey,
    "calendly": by_calendly,
    "cal-com": by_cal_com,
    "mailerlite": by_mailerlite,
    "fillout": by_fillout,
}
SIGNED = [name for name in SIGNERS if name != "fillout"]
BY_ADDRESS = ["paperform", "cognito-forms", "mailchimp"]


def source(preset: str, settings: str = "secrets: [A]") -> Source:
    secret = f"client-id&{SECRET}" if preset == "surveymonkey" else SECRET
    environ = {"A": secret, "P": PATH_SECRET}
    return read_sources(f"x: {{preset: {preset}, {settings}}}", environ)["x"]


def posted(preset: str, *, ago: int = 0, body: bytes = BODY) -> Delivery:
    headers = {"Content-Type": "application/json", **SIGNERS[preset](NOW - ago)}
    return Delivery("POST", "/hooks/x", tuple(headers.items()), body)


def refusal(to: Source, delivery: Delivery) -> Cause | None:
    try:
        verify(to, delivery, now=NOW, public_url=None)
    except Refused as refused:
        return refused.cause
    return None


@pytest.mark.parametrize("preset", SIGNERS)
def test_what_the_vendor_documents_is_let_in(preset: str) -> None:
    assert refusal(source(preset), posted(preset)) is None


@pytest.mark.parametrize("preset", SIGNED)
def test_a_body_that_was_changed_on_its_way_is_turned_away(preset: str) -> None:
    assert refusal(source(preset), posted(preset, body=BODY + b" ")) is Cause.BAD_SIGNATURE


@pytest.mark.parametrize("preset", SIGNERS)
def test_without_its_header_a_delivery_is_turned_away(preset: str) -> None:
    bare = replace(posted(preset), headers=(("Content-Type", "application/json"),))

    assert refusal(source(preset), bare) is Cause.MISSING_HEADER


@pytest.mark.parametrize(
    ("preset", "tolerance"),
    [pytest.param("webflow", 300, id="webflow"), pytest.param("calendly", 180, id="calendly")],
)
def test_an_old_signature_and_one_of_the_future_are_turned_away(
    preset: str, tolerance: int
) -> None:
    found = {
        ago: refusal(source(preset), posted(preset, ago=ago))
        for ago in (tolerance, tolerance + 1, -tolerance, -tolerance - 1)
    }

    assert found == {
        tolerance: None,
        tolerance + 1: Cause.STALE_TIMESTAMP,
        -tolerance: None,
        -tolerance - 1: Cause.STALE_TIMESTAMP,
    }


def test_the_client_secret_alone_does_not_prove_surveymonkey() -> None:
    only = read_sources("x: {preset: surveymonkey, secrets: [A]}", {"A": SECRET})["x"]

    assert refusal(only, posted("surveymonkey")) is Cause.BAD_SIGNATURE


def test_fillout_may_be_told_of_another_header() -> None:
    told_so = source("fillout", "header: X-Usher, prefix: '', secrets: [A]")
    delivery = Delivery("POST", "/hooks/x", (("X-Usher", SECRET),), BODY)

    assert refusal(told_so, delivery) is None
    assert refusal(told_so, posted("fillout")) is Cause.MISSING_HEADER


def test_wufoo_is_known_by_the_handshake_key_in_its_form() -> None:
    def with_key(key: str) -> Delivery:
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        return Delivery("POST", "/hooks/x", (kind,), FORM + key.encode())

    assert refusal(source("wufoo"), with_key(SECRET)) is None
    assert refusal(source("wufoo"), with_key("guessed")) is not None
    assert refusal(source("wufoo"), with_key("")) is not None


@pytest.mark.parametrize("preset", [*BY_ADDRESS, "fillout", "webflow", "formstack"])
def test_the_address_alone_can_be_the_proof(preset: str) -> None:
    by_address = source(preset, "path_secrets: [P]")
    delivery = Delivery("POST", "/hooks/x/...", (("Content-Type", "application/json"),), BODY)

    assert refusal(by_address, replace(delivery, token=PATH_SECRET)) is None
    assert refusal(by_address, replace(delivery, token="guessed")) is Cause.BAD_PATH_SECRET
    assert refusal(by_address, delivery) is Cause.MISSING_PATH_SECRET


@pytest.mark.parametrize("preset", ["webflow", "formstack"])
def test_an_address_beside_a_secret_has_to_hold_as_well(preset: str) -> None:
    both = source(preset, "secrets: [A], path_secrets: [P]")

    assert refusal(both, replace(posted(preset), token=PATH_SECRET)) is None
    assert refusal(both, posted(preset)) is Cause.MISSING_PATH_SECRET
    assert refusal(both, replace(posted(preset, body=b"{}"), token=PATH_SECRET)) is not None


ASKED = {
    *("fillout", "paperform", "cognito-forms", "formstack", "webflow", "surveymonkey", "wufoo"),
    *("calendly", "cal-com"),
}
# SurveyMonkey's own webhook holds no answers, and an order is no form
NO_ANSWERS = {"surveymonkey-completed.http", "webflow-order.json"}
ANSWERED = [
    sample.name
    for sample in SAMPLES
    if sample.preset.name in ASKED and sample.name not in NO_ANSWERS
]


@pytest.mark.parametrize("name", ANSWERED)
def test_one_rule_finds_the_address_in_every_form_and_booking(name: str) -> None:
    answers = told(name)["answers"]

    assert isinstance(answers, dict)
    assert answers["email"] in (
        "mira.sol@harbour.example",
        "jon.aas@harbour.example",
        "jörg.weiß@bücher.example",
    )


@pytest.mark.parametrize("preset", [*SIGNERS, *BY_ADDRESS, "wufoo"], ids=lambda preset: str(preset))
def test_what_is_not_documented_is_said(preset: str) -> None:
    guide = PRESETS[preset].guide

    assert guide.group in FAMILIES
    assert guide.undocumented
    assert all(sentence.endswith(".") for sentence in guide.undocumented)
    assert guide.link.startswith("https://")
    assert guide.title
    assert guide.steps
