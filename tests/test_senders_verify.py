"""What is particular to one kind of proof; what holds for all is in test_senders_attacks.py."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from senders.delivery import Cause, Delivery, Refused
from senders.headers import one_family
from senders.jwt import make_token
from senders.presets import PRESETS
from senders.shaping import FORM
from senders.signature import flaws, hubspot_decoded
from senders.signing import sign
from senders.sources import Source, read_sources
from senders.verify import CLOCK_AHEAD, LARGEST_UNPROVED, path_fits, verify
from tests.proving_sources import ALL, KEY_PAIR, NOW, PUBLIC_URL, posted, with_header


def refusal(source: Source, delivery: Delivery, *, now: float = NOW) -> Refused:
    with pytest.raises(Refused) as caught:
        verify(source, delivery, now=now, public_url=PUBLIC_URL)
    return caught.value


def check(source: Source, delivery: Delivery) -> None:
    verify(source, delivery, now=NOW, public_url=PUBLIC_URL)


def source_of(entry: str, **secrets: str) -> Source:
    source = read_sources(f"a: {{{entry}}}", secrets)["a"]
    assert source.problem is None
    return source


def signed(source: Source, body: bytes = b"{}", **given: object) -> Delivery:
    settings = {"target": "/hooks/a", "now": NOW, "public_url": PUBLIC_URL, "event_id": "msg_1"}
    return sign(source, body, **(settings | given))  # type: ignore[arg-type]


def test_auth_none_lets_anybody_in_once_it_is_written_out() -> None:
    source = read_sources("open: {preset: typeform, auth: none}", {})["open"]

    verify(source, Delivery("POST", "/hooks/open", (), b""), now=NOW, public_url=None)


def test_digits_of_other_scripts_are_no_timestamp() -> None:
    arabic = "".join(chr(0x0660 + int(digit)) for digit in "1776247200")

    delivery = with_header(posted("standard-webhooks"), "webhook-timestamp", arabic)

    assert refusal(ALL["standard-webhooks"], delivery).cause is Cause.MALFORMED_HEADER


def test_the_unit_of_a_timestamp_is_not_guessed() -> None:
    seconds = with_header(posted("hubspot"), "X-HubSpot-Request-Timestamp", str(int(NOW)))
    milliseconds = with_header(
        posted("standard-webhooks"), "webhook-timestamp", str(int(NOW) * 1000)
    )

    assert refusal(ALL["hubspot"], seconds).cause is Cause.STALE_TIMESTAMP
    assert refusal(ALL["standard-webhooks"], milliseconds).cause is Cause.STALE_TIMESTAMP


# --- lists of signatures --------------------------------------------------------------------------


def test_any_right_signature_of_a_list_will_do_and_unknown_versions_are_skipped() -> None:
    source, delivery = ALL["standard-webhooks"], posted("standard-webhooks")
    right = delivery.values("webhook-signature")[0]
    wrong = "v1," + base64.b64encode(bytes(32)).decode()

    for value in [f"{wrong} {right}", f"{right} {wrong}", f"v1a,abc nonsense {right} v2,{right}"]:
        check(source, with_header(delivery, "webhook-signature", value))
    for value in [f"v2,{right[3:]}", right[3:], right.replace(",", "="), f"{wrong} {wrong}"]:
        refusal(source, with_header(delivery, "webhook-signature", value))


def test_at_most_ten_signatures_are_looked_at() -> None:
    source, delivery = ALL["standard-webhooks"], posted("standard-webhooks")
    right = delivery.values("webhook-signature")[0]

    ten = with_header(delivery, "webhook-signature", " ".join(["v1,no"] * 9 + [right]))
    eleven = with_header(delivery, "webhook-signature", " ".join(["v1,no"] * 10 + [right]))

    check(source, ten)
    assert refusal(source, eleven).cause is Cause.TOO_MANY_SIGNATURES


def test_an_id_that_could_be_read_in_two_ways_is_refused() -> None:
    delivery = signed(ALL["standard-webhooks"], event_id="msg.1776247200")

    assert refusal(ALL["standard-webhooks"], delivery).cause is Cause.MALFORMED_HEADER


def stripe(*elements: str) -> Delivery:
    return Delivery("POST", "/hooks/s", (("Stripe-Signature", ",".join(elements)),), b"{}")


STRIPE = Source("stripe", PRESETS["stripe"], (b"whsec_sample",))
STRIPE_RIGHT = hmac.new(b"whsec_sample", b"1776247200.{}", hashlib.sha256).hexdigest()


def test_a_key_value_list_takes_its_time_and_its_signatures_from_one_header() -> None:
    for elements in [
        ("t=1776247200", f"v1={STRIPE_RIGHT}"),
        (f"v1={STRIPE_RIGHT}", "t=1776247200"),
        ("t=1776247200", "v1=00", f"v1={STRIPE_RIGHT}", "v0=11"),
    ]:
        check(STRIPE, stripe(*elements))


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
        pytest.param(
            ("t=1776247200", f"v1={STRIPE_RIGHT.upper()}"), Cause.BAD_SIGNATURE, id="upper case"
        ),
    ],
)
def test_a_key_value_list_that_is_not_right_is_refused(
    elements: tuple[str, ...], cause: Cause
) -> None:
    assert refusal(STRIPE, stripe(*elements)).cause is cause


def test_headers_of_another_family_are_dropped_and_all_others_kept() -> None:
    headers = (
        ("Webhook-Id", "b"),
        ("Svix-Id", "a"),
        ("X-Topic", "t"),
        ("WEBHOOK-SIGNATURE", "v1,b"),
        ("svix-signature", "v1,a"),
    )
    delivery = Delivery("POST", "/hooks/a", headers, b"{}", "token")

    taken = one_family(PRESETS["svix"], delivery)

    assert taken.headers == (("svix-Id", "a"), ("X-Topic", "t"), ("svix-signature", "v1,a"))
    assert (taken.method, taken.target, taken.body, taken.token) == (
        ("POST", "/hooks/a", b"{}", "token")
    )
    assert one_family(PRESETS["standard-webhooks"], delivery) is delivery


# --- key pairs ------------------------------------------------------------------------------------


PAIR = ALL["standard-webhooks-with-key-pair"]
BOTH = replace(ALL["standard-webhooks"], public_keys=PAIR.public_keys, signing_key=PAIR.signing_key)


def test_a_source_may_have_shared_secrets_and_public_keys_and_either_signature_will_do() -> None:
    both = signed(BOTH)
    shared, with_pair = both.values("webhook-signature")[0].split(" ")

    assert (shared[:3], with_pair[:4]) == ("v1,", "v1a,")
    for value in (
        shared,
        with_pair,
        f"{with_pair} {shared}",
        f"v1,no {with_pair}",
        f"v1a,no {shared}",
    ):
        check(BOTH, with_header(both, "webhook-signature", value))
    for value in ("v1,no v1a,no", f"v1a,{shared[3:]}", f"v1,{with_pair[4:]}"):
        wrong = with_header(both, "webhook-signature", value)
        assert refusal(BOTH, wrong).cause is Cause.BAD_SIGNATURE


def test_a_public_key_is_never_taken_for_a_shared_secret() -> None:
    (public,) = PAIR.public_keys
    forger = replace(ALL["standard-webhooks"], secrets=(public,))

    assert refusal(PAIR, signed(forger)).cause is Cause.MALFORMED_HEADER
    assert refusal(BOTH, signed(forger)).cause is Cause.BAD_SIGNATURE


def test_a_signature_by_key_pair_means_nothing_to_a_source_without_public_key() -> None:
    assert refusal(ALL["standard-webhooks"], signed(PAIR)).cause is Cause.MALFORMED_HEADER


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(lambda text: text.rstrip("="), id="without padding"),
        pytest.param(lambda text: text + "=", id="more padding"),
        pytest.param(lambda text: text[:-3] + chr(ord(text[-3]) + 1) + "==", id="unused bits"),
        pytest.param(
            lambda text: text.replace("+", "-").replace("/", "_") + "!", id="url alphabet"
        ),
        pytest.param(lambda text: text[:8] + "\n" + text[8:], id="line break"),
        pytest.param(lambda text: base64.b64encode(base64.b64decode(text)[:63]).decode(), id="63"),
        pytest.param(
            lambda text: base64.b64encode(base64.b64decode(text) + b"\0").decode(), id="65"
        ),
    ],
)
def test_a_signature_by_key_pair_has_one_spelling(spelled: object) -> None:
    assert callable(spelled)
    delivery = signed(PAIR)
    right = delivery.values("webhook-signature")[0].removeprefix("v1a,")

    wrong = with_header(delivery, "webhook-signature", f"v1a,{spelled(right)}")

    assert refusal(PAIR, wrong).cause is Cause.BAD_SIGNATURE


def test_the_two_halves_of_a_pair_give_the_same_source_a_key_to_check_with() -> None:
    public = "whpk_" + base64.b64encode(PAIR.public_keys[0]).decode()
    half = source_of("preset: standard-webhooks, secrets: [A]", A=public)
    whole = source_of("preset: standard-webhooks, secrets: [A]", A=KEY_PAIR)

    check(half, signed(whole))

    assert half.signing_key is None
    assert half.secrets == whole.secrets == ()


# --- addresses that are signed --------------------------------------------------------------------


def test_a_source_that_signs_its_url_needs_to_be_told_the_url() -> None:
    for unusable in [None, "", "usher.training.example", "ftp://usher.example", "http://["]:
        with pytest.raises(Refused) as caught:
            verify(ALL["hubspot"], posted("hubspot"), now=NOW, public_url=unusable)
        assert caught.value.cause is Cause.NO_PUBLIC_URL


def test_a_slash_at_the_end_does_not_count_and_proxies_may_send_the_absolute_form() -> None:
    delivery = posted("hubspot")

    verify(ALL["hubspot"], delivery, now=NOW, public_url=f"{PUBLIC_URL}/")
    check(ALL["hubspot"], replace(delivery, target=f"http://10.0.0.7:8000{delivery.target}"))


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


# --- user and password, fixed headers -------------------------------------------------------------


def test_a_password_may_hold_colons_and_umlauts() -> None:
    source = source_of("preset: basic, secrets: [A]", A="usher:päss:wörd")
    given = "Basic " + base64.b64encode("usher:päss:wörd".encode()).decode()

    check(source, Delivery("POST", "/hooks/a", (("AUTHORIZATION", given),), b""))


def test_a_secret_that_was_html_encoded_on_its_way_is_known_in_both_spellings() -> None:
    typed = source_of(
        "preset: woocommerce, secrets: [A]", A="a&amp;b &quot;c&quot; &#039;d&#x27; &copy;"
    )

    for key in ("a&amp;b &quot;c&quot; &#039;d&#x27; &copy;", "a&b \"c\" 'd' &copy;"):
        sender = Source("a", PRESETS["woocommerce"], (key.encode(),))
        check(typed, signed(sender))


# --- tokens ---------------------------------------------------------------------------------------


MONDAY = Source("a", PRESETS["monday"], (b"sample-signing-secret",))
CALLED = f"{PUBLIC_URL}/hooks/a"


def called(claims: dict[str, object], *, before: str = "", target: str = "/hooks/a") -> Delivery:
    token = make_token(claims, MONDAY.secrets[0])
    return Delivery("POST", target, (("Authorization", before + token),), b"{}")


@pytest.mark.parametrize("before", ["", "Bearer "])
def test_a_token_may_stand_alone_or_behind_bearer(before: str) -> None:
    check(MONDAY, called({"exp": NOW + 1, "aud": CALLED}, before=before))


@pytest.mark.parametrize("before", ["bearer ", "Bearer  ", "Token ", " ", "Bearer Bearer "])
def test_a_token_stands_behind_nothing_else(before: str) -> None:
    delivery = called({"exp": NOW + 1}, before=before)

    assert refusal(MONDAY, delivery).cause is Cause.BAD_TOKEN


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": NOW + 0.5}, id="no audience"),
        pytest.param({"exp": int(NOW) + 60, "aud": CALLED}, id="the address"),
        pytest.param({"exp": NOW + 1, "aud": ["https://x.example", CALLED]}, id="of several"),
        pytest.param({"exp": NOW + 1, "aud": f"{CALLED}?a=1"}, id="with its query"),
        pytest.param({"exp": NOW + 1, "nbf": NOW + CLOCK_AHEAD}, id="a clock that is ahead"),
    ],
)
def test_a_token_for_now_and_here_is_let_in(claims: dict[str, object]) -> None:
    check(MONDAY, called(claims, target="/hooks/a?a=1"))


@pytest.mark.parametrize(
    ("claims", "cause"),
    [
        pytest.param({"exp": NOW}, Cause.STALE_TIMESTAMP, id="just over"),
        pytest.param({"exp": -5}, Cause.STALE_TIMESTAMP, id="before 1970"),
        pytest.param({"exp": NOW + 9, "nbf": NOW + 61}, Cause.STALE_TIMESTAMP, id="not yet"),
        pytest.param({"exp": NOW + 9, "nbf": "now"}, Cause.BAD_TOKEN, id="from some time on"),
        pytest.param({"aud": CALLED}, Cause.BAD_TOKEN, id="for ever"),
        pytest.param({"exp": str(NOW + 9)}, Cause.BAD_TOKEN, id="time as text"),
        pytest.param({"exp": True}, Cause.BAD_TOKEN, id="true for time"),
        pytest.param({"exp": [NOW + 9]}, Cause.BAD_TOKEN, id="list for time"),
        pytest.param({"exp": 10**400}, Cause.BAD_TOKEN, id="no time at all"),
        pytest.param({"exp": -(10**400)}, Cause.BAD_TOKEN, id="no time ever"),
        pytest.param({"exp": NOW + 9, "aud": f"{CALLED}/"}, Cause.WRONG_AUDIENCE, id="slash"),
        pytest.param({"exp": NOW + 9, "aud": PUBLIC_URL}, Cause.WRONG_AUDIENCE, id="host only"),
        pytest.param({"exp": NOW + 9, "aud": CALLED[:-1]}, Cause.WRONG_AUDIENCE, id="beginning"),
        pytest.param({"exp": NOW + 9, "aud": None}, Cause.WRONG_AUDIENCE, id="nobody"),
        pytest.param({"exp": NOW + 9, "aud": []}, Cause.WRONG_AUDIENCE, id="none"),
        pytest.param({"exp": NOW + 9, "aud": {"a": CALLED}}, Cause.WRONG_AUDIENCE, id="block"),
        pytest.param({"exp": NOW + 9, "aud": [[CALLED]]}, Cause.WRONG_AUDIENCE, id="nested"),
    ],
)
def test_a_token_for_another_time_or_place_is_refused(
    claims: dict[str, object], cause: Cause
) -> None:
    assert refusal(MONDAY, called(claims)).cause is cause


def test_without_a_public_url_the_audience_of_a_token_cannot_be_told() -> None:
    verify(MONDAY, called({"exp": NOW + 1, "aud": "https://x.example"}), now=NOW, public_url=None)


# --- secrets in the body and in the address -------------------------------------------------------


IN_BODY = source_of("preset: body, secret_field: form.secret, secrets: [A]", A="sample")


def with_body(body: bytes, content_type: str = "application/json") -> Delivery:
    return Delivery("POST", "/hooks/a", (("Content-Type", content_type),), body)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"form": {"secret": "sample", "id": 1}}', "application/json"),
        (b"form[secret]=sample&form[id]=1", FORM),
        (b"form%5Bsecret%5D=sample", FORM),
        (
            b'--x\r\nContent-Disposition: form-data; name="form[secret]"\r\n\r\n'
            b"sample\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
    ],
    ids=["json", "form", "encoded form", "multipart"],
)
def test_a_secret_is_found_in_a_body_of_every_kind(body: bytes, content_type: str) -> None:
    check(IN_BODY, with_body(body, content_type))


@pytest.mark.parametrize(
    ("body", "content_type", "cause"),
    [
        pytest.param(b"{}", "application/json", Cause.MISSING_BODY_SECRET, id="none"),
        pytest.param(
            b'{"form": {"secret": ""}}', "application/json", Cause.MISSING_BODY_SECRET, id="empty"
        ),
        pytest.param(
            b'{"form": {"secret": ["sample"]}}',
            "application/json",
            Cause.MISSING_BODY_SECRET,
            id="list",
        ),
        pytest.param(
            b"form[secret]=sample&form[secret]=sample", FORM, Cause.MISSING_BODY_SECRET, id="twice"
        ),
        pytest.param(
            b'{"form": {"secret": "Sample"}}', "application/json", Cause.BAD_CREDENTIALS, id="wrong"
        ),
        pytest.param(
            b'{"form": {"secret": "\xc3\xa4"}}',
            "application/json",
            Cause.BAD_CREDENTIALS,
            id="umlaut",
        ),
        pytest.param(b"{", "application/json", Cause.UNREADABLE_BODY, id="broken"),
        pytest.param(b"<a/>", "text/xml", Cause.UNREADABLE_BODY, id="another type"),
        pytest.param(
            b'{"form": {"secret": "sample"}, "secret": "sample", "secret": 1}',
            "application/json",
            Cause.UNREADABLE_BODY,
            id="a key twice",
        ),
    ],
)
def test_a_body_without_the_secret_is_refused(body: bytes, content_type: str, cause: Cause) -> None:
    assert refusal(IN_BODY, with_body(body, content_type)).cause is cause


def test_a_body_is_not_read_for_its_secret_beyond_a_limit() -> None:
    right = b'{"form": {"secret": "sample"}}'

    check(IN_BODY, with_body(right.ljust(LARGEST_UNPROVED)))
    longer = refusal(IN_BODY, with_body(right.ljust(LARGEST_UNPROVED + 1)))

    assert longer.cause is Cause.UNREADABLE_BODY


def test_a_preset_that_names_no_field_for_its_secret_lets_nobody_in() -> None:
    nameless = Source("a", PRESETS["body"], (b"sample",))

    assert refusal(nameless, with_body(b'{"": "sample"}')).cause is Cause.MISSING_BODY_SECRET
    assert flaws(PRESETS["body"])


def test_a_secret_of_the_address_is_the_same_in_both_ways_servers_decode() -> None:
    source = source_of("preset: path, path_secrets: [A]", A="schlüssel ab%2Fc")
    delivery = Delivery("POST", "/hooks/a/x", (), b"{}")

    for token in ("schlüssel ab%2Fc", "schlüssel ab%2Fc".encode().decode("latin-1")):
        check(source, replace(delivery, token=token))
    for token in ("schl\xfcssel ab%2F", "schlüssel ab/c", "\udcff", "\ud800", "%", "\x00"):
        assert refusal(source, replace(delivery, token=token)).cause is Cause.BAD_PATH_SECRET


def test_only_a_started_source_with_such_a_secret_has_an_address_that_fits() -> None:
    source = source_of("preset: path, path_secrets: [A]", A="sample")
    delivery = Delivery("GET", "/hooks/a/sample", (), b"", "sample")

    assert path_fits(source, delivery)
    assert not path_fits(replace(source, problem="not started"), delivery)
    assert not path_fits(replace(source, path_secrets=()), delivery)
    assert not path_fits(source, replace(delivery, token=None))


def test_headers_of_a_signature_are_asked_for_only_where_there_is_a_secret_to_check_it() -> None:
    source = source_of("preset: hubspot-v1, path_secrets: [A]", A="sample")

    check(source, Delivery("POST", "/hooks/a/sample", (), b"{}", "sample"))


# --- accounts -------------------------------------------------------------------------------------


def dataverse(organization: object) -> Delivery:
    source = Source("a", PRESETS["dataverse"], (b"sample",))
    body = b"{}" if organization is None else f'{{"OrganizationId": "{organization}"}}'.encode()
    return signed(source, body)


ACCOUNTS = source_of(
    "preset: dataverse, secrets: [A], organizations: [org-1, 00D000000000062EAA]", A="sample"
)


@pytest.mark.parametrize("organization", ["org-1", "00D000000000062EAA", "00D000000000062"])
def test_an_account_that_is_named_is_let_in(organization: str) -> None:
    check(ACCOUNTS, dataverse(organization))


@pytest.mark.parametrize(
    "organization", [None, "", "org-2", "ORG-1", "00d000000000062", "00D000000000062EAB", "00D"]
)
def test_another_account_is_refused_whatever_it_proves(organization: object) -> None:
    assert refusal(ACCOUNTS, dataverse(organization)).cause is Cause.WRONG_ORGANIZATION


def test_a_proved_body_that_cannot_be_read_is_of_no_account() -> None:
    source = Source("a", PRESETS["dataverse"], (b"sample",))

    assert refusal(ACCOUNTS, signed(source, b"{")).cause is Cause.UNREADABLE_BODY


def test_any_account_will_do_where_none_is_named() -> None:
    check(Source("a", PRESETS["dataverse"], (b"sample",)), dataverse("org-2"))


def test_a_large_body_that_is_proved_is_read_for_its_account() -> None:
    body = b'{"OrganizationId": "org-1"}'.ljust(LARGEST_UNPROVED + 1)

    check(ACCOUNTS, signed(Source("a", PRESETS["dataverse"], (b"sample",)), body))
