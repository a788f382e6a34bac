"""Every preset under the same attacks: who comes in, and who does not."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senders.delivery import Cause, Delivery, Refused
from senders.headers import one_family
from senders.jwt import make_token
from senders.preset import Auth
from senders.presets import PRESETS
from senders.signature import flaws, signed_headers, signs_url
from senders.signing import TOKEN_LIFE, sign
from senders.sources import Source
from senders.verify import path_fits, verify
from tests.proving_sources import (
    ALL,
    NOW,
    PUBLIC_URL,
    SMALL,
    flips,
    posted,
    proof_header,
    with_header,
)

# What these senders give does not cover the body: whoever has seen it once can post anything. What
# keeps it from being seen is the connection (TLS). All others sign each of their bodies.
UNCOVERED = {
    # user and password
    Auth.BASIC: {"pipedrive", "basic"},
    # a fixed header
    Auth.TOKEN: {
        *("dataverse", "fillout", "freshsales", "gravity-forms", "make", "salesforce-flow"),
        *("token", "zapier", "zoho-workflow"),
    },
    # a token for one address and a short time
    Auth.JWT: {"monday"},
    # a field of the body
    Auth.BODY: {"body", "copper", "wufoo", "zoho"},
    # the address
    Auth.PATH: {
        *("activecampaign", "cognito-forms", "elementor", "jotform", "mailchimp", "paperform"),
        *("path", "salesforce-outbound"),
    },
}
SIGNED = [name for name in ALL if ALL[name].preset.auth not in UNCOVERED]
TIMED = [name for name in SIGNED if ALL[name].preset.timestamp is not None]
IN_HEADER = [name for name in ALL if proof_header(name)]
OWN = [name for name in ALL if ALL[name].preset.auth is not Auth.PATH]
IN_BODY = [name for name in ALL if ALL[name].preset.auth is Auth.BODY]
BY_TOKEN = [name for name in ALL if ALL[name].preset.auth is Auth.JWT]
ALIKE = [name for name in ALL if ALL[name].preset.families]
VERSIONED = [(name, *pair) for name in ALL for pair in ALL[name].preset.require]

OF_SIGNATURE = {
    Cause.BAD_SIGNATURE,
    Cause.MALFORMED_HEADER,
    Cause.MISSING_HEADER,
    # where time and signatures stand in one header
    Cause.BAD_TIMESTAMP,
    Cause.STALE_TIMESTAMP,
    Cause.TOO_MANY_SIGNATURES,
}
OF_TIME = {Cause.BAD_TIMESTAMP, Cause.STALE_TIMESTAMP, Cause.BAD_SIGNATURE}
OF_CREDENTIALS = {Cause.BAD_CREDENTIALS, Cause.MISSING_HEADER, Cause.BAD_TOKEN}
OF_BODY = {
    Cause.BAD_CREDENTIALS,
    Cause.MISSING_BODY_SECRET,
    Cause.UNREADABLE_BODY,
}
OF_PATH = {Cause.BAD_PATH_SECRET, Cause.MISSING_PATH_SECRET}
OF: dict[Auth, set[Cause]] = {
    Auth.HMAC: OF_SIGNATURE,
    Auth.BASIC: OF_CREDENTIALS,
    Auth.TOKEN: OF_CREDENTIALS,
    Auth.JWT: OF_CREDENTIALS,
    Auth.BODY: OF_BODY,
    Auth.PATH: OF_PATH,
}


def check(name: str, delivery: Delivery, *, now: float = NOW) -> None:
    verify(ALL[name], delivery, now=now, public_url=PUBLIC_URL)


def cause(source: Source, delivery: Delivery, *, now: float = NOW) -> Cause:
    with pytest.raises(Refused) as caught:
        verify(source, delivery, now=now, public_url=PUBLIC_URL)
    return caught.value.cause


def causes(name: str, deliveries: Iterable[Delivery]) -> set[Cause]:
    return {cause(ALL[name], delivery) for delivery in deliveries}


def value_of(delivery: Delivery, name: str) -> bytes:
    (value,) = delivery.values(name)
    return value.encode("latin-1")


def with_flips(delivery: Delivery, header: str) -> Iterable[Delivery]:
    for flipped in flips(value_of(delivery, header)):
        yield with_header(delivery, header, flipped.decode("latin-1"))


def test_every_preset_is_under_attack_here() -> None:
    assert {source.preset.name for source in ALL.values()} == set(PRESETS)
    assert all(
        source.secrets or source.public_keys or source.path_secrets for source in ALL.values()
    )


def test_the_table_says_of_every_preset_whether_its_proof_covers_the_body() -> None:
    found = {
        auth: {name for name, preset in PRESETS.items() if preset.auth is auth}
        for auth in UNCOVERED
    }

    assert found == UNCOVERED
    assert {preset.auth for preset in PRESETS.values()} == {Auth.HMAC, *UNCOVERED}


@pytest.mark.parametrize("name", ALL)
def test_no_preset_leaves_open_what_its_signature_could_cover(name: str) -> None:
    preset = ALL[name].preset

    assert flaws(preset) == ()
    if preset.families:
        assert preset.signature.name.startswith(preset.families[0])


@pytest.mark.parametrize("name", ALL)
def test_what_a_sender_posts_is_let_in(name: str) -> None:
    check(name, posted(name))


@pytest.mark.parametrize("name", SIGNED)
def test_one_flipped_bit_in_the_body_is_refused(name: str) -> None:
    recorded, small = posted(name), posted(name, body=SMALL)

    flipped = [replace(recorded, body=body) for body in flips(recorded.body, most=200)]
    flipped += [replace(small, body=body) for body in flips(small.body)]

    assert causes(name, flipped) == {Cause.BAD_SIGNATURE}


@pytest.mark.parametrize("name", SIGNED)
def test_a_body_that_is_longer_shorter_or_gone_is_refused(name: str) -> None:
    delivery = posted(name)
    bodies = [delivery.body + b" ", b" " + delivery.body, delivery.body[:-1], b""]

    assert causes(name, [replace(delivery, body=body) for body in bodies]) == {Cause.BAD_SIGNATURE}


@pytest.mark.parametrize("name", IN_HEADER)
def test_one_flipped_bit_in_the_proof_is_refused(name: str) -> None:
    delivery = posted(name)

    found = causes(name, with_flips(delivery, str(proof_header(name))))

    assert found <= OF[ALL[name].preset.auth]


@pytest.mark.parametrize("name", TIMED)
def test_one_flipped_bit_in_the_time_is_refused(name: str) -> None:
    stamp = ALL[name].preset.timestamp
    assert stamp is not None
    delivery = posted(name)
    header = stamp.header or str(proof_header(name))

    assert causes(name, with_flips(delivery, header)) <= OF_TIME | OF_SIGNATURE


@pytest.mark.parametrize(
    ("name", "header"),
    [(name, header) for name in SIGNED for header in signed_headers(ALL[name].preset)],
)
def test_one_flipped_bit_in_a_signed_header_is_refused(name: str, header: str) -> None:
    assert causes(name, with_flips(posted(name), header)) <= {
        Cause.BAD_SIGNATURE,
        Cause.MALFORMED_HEADER,
    }


@pytest.mark.parametrize("name", [name for name in SIGNED if signs_url(ALL[name].preset)])
def test_another_method_or_address_than_was_signed_is_refused(name: str) -> None:
    delivery = posted(name)
    changed = [replace(delivery, method="PUT"), replace(delivery, target=delivery.target + "?a=1")]

    assert causes(name, changed) == {Cause.BAD_SIGNATURE}


@pytest.mark.parametrize("name", IN_HEADER)
def test_a_truncated_or_extended_proof_is_refused(name: str) -> None:
    delivery = posted(name)
    header = str(proof_header(name))
    (value,) = delivery.values(header)

    shorter = [with_header(delivery, header, value[:length]) for length in range(1, len(value))]
    longer = [with_header(delivery, header, each) for each in (value + value[-1], "x" + value)]

    assert causes(name, shorter + longer) <= OF[ALL[name].preset.auth]


@pytest.mark.parametrize("name", IN_HEADER)
def test_a_missing_empty_or_doubled_proof_is_refused(name: str) -> None:
    delivery = posted(name)
    header = str(proof_header(name))
    (value,) = delivery.values(header)

    assert causes(name, [with_header(delivery, header), with_header(delivery, header, "")]) == {
        Cause.MISSING_HEADER
    }
    assert causes(
        name,
        [
            with_header(delivery, header, value, value),
            with_header(delivery, header, value, "x"),
            with_header(delivery, header, "", value),
        ],
    ) == {Cause.REPEATED_HEADER}
    # as servers join them
    if not ALL[name].preset.signature.separator:
        joined = with_header(delivery, header, f"{value},{value}")
        assert cause(ALL[name], joined) in OF[ALL[name].preset.auth]


@pytest.mark.parametrize("name", SIGNED)
def test_a_missing_empty_or_doubled_header_of_the_signed_ones_is_refused(name: str) -> None:
    preset = ALL[name].preset
    stamp = preset.timestamp.header if preset.timestamp else ""
    delivery = posted(name)

    for header in filter(None, (*signed_headers(preset), stamp)):
        (value,) = delivery.values(header)
        missing = [with_header(delivery, header), with_header(delivery, header, "")]
        doubled = [with_header(delivery, header, value, value)]

        assert causes(name, missing) == {Cause.MISSING_HEADER}
        assert causes(name, doubled) == {Cause.REPEATED_HEADER}


@pytest.mark.parametrize("name", ALL)
def test_another_secret_is_refused(name: str) -> None:
    source = ALL[name]
    other = replace(
        source,
        secrets=(b"another:secret",) if source.secrets else (),
        path_secrets=(b"another",) if source.path_secrets else (),
        public_keys=(bytes(range(32)),) if source.public_keys else (),
    )

    assert cause(other, posted(name)) in {
        *OF[source.preset.auth] - {Cause.MISSING_HEADER, Cause.MALFORMED_HEADER}
    }


@pytest.mark.parametrize("name", ALL)
def test_any_of_several_secrets_will_do(name: str) -> None:
    source = ALL[name]
    for before, after in [(b"new:one", ()), ((), b"new:one"), (b"a:1", b"b:2")]:
        several = replace(
            source,
            secrets=_around(before, source.secrets, after),
            path_secrets=_around(before, source.path_secrets, after),
        )

        verify(several, posted(name), now=NOW, public_url=PUBLIC_URL)


def _around(before: object, secrets: tuple[bytes, ...], after: object) -> tuple[bytes, ...]:
    more = [secret for secret in (before, *secrets, after) if isinstance(secret, bytes)]
    return tuple(more) if secrets else ()


@pytest.mark.parametrize("name", ALL)
def test_what_another_sender_posts_is_refused(name: str) -> None:
    for other in ALL:
        if other != name and not ALL[other].public_keys:
            delivery = replace(posted(other), target=f"/hooks/{name}")
            assert cause(ALL[name], delivery) not in (Cause.NO_SECRET, Cause.NO_PUBLIC_URL)


@pytest.mark.parametrize("name", TIMED)
def test_a_replay_is_let_in_within_the_window_and_refused_after_it(name: str) -> None:
    stamp = ALL[name].preset.timestamp
    assert stamp is not None
    delivery = posted(name)

    check(name, delivery, now=NOW + stamp.tolerance)
    check(name, delivery, now=NOW - stamp.tolerance)
    late = cause(ALL[name], delivery, now=NOW + stamp.tolerance + 1)
    early = cause(ALL[name], delivery, now=NOW - stamp.tolerance - 1)

    assert late is early is Cause.STALE_TIMESTAMP


@pytest.mark.parametrize("name", [name for name in TIMED if ALL[name].preset.timestamp.header])
@pytest.mark.parametrize(
    "value",
    [
        *("1_776_247_200", " 1776247200", "1776247200 ", "+1776247200", "-1776247200"),
        *("1776247200.0", "1.7e9", "nan", "inf", "0x69df61a0", "17762472001776247", "abc"),
        *("1776247200,1776247200", "\xb2", "1776247200\n"),
    ],
    ids=repr,
)
def test_a_timestamp_is_strictly_decimal(name: str, value: str) -> None:
    stamp = ALL[name].preset.timestamp
    assert stamp is not None

    assert cause(ALL[name], with_header(posted(name), stamp.header, value)) is Cause.BAD_TIMESTAMP


@pytest.mark.parametrize("name", [name for name in TIMED if ALL[name].preset.timestamp.field])
def test_two_times_in_a_list_or_none_are_refused(name: str) -> None:
    preset = ALL[name].preset
    assert preset.timestamp is not None
    header, kv, between = preset.signature.name, preset.signature.kv, preset.signature.separator
    delivery = posted(name)
    (value,) = delivery.values(header)
    stamp, *others = value.split(between)
    wrong = [
        between.join(others),
        between.join([stamp, stamp, *others]),
        between.join([preset.timestamp.field + kv, *others]),
        between.join([preset.timestamp.field + kv + "+1776247200", *others]),
    ]

    assert causes(name, [with_header(delivery, header, each) for each in wrong]) == {
        Cause.BAD_TIMESTAMP
    }


@pytest.mark.parametrize(("name", "header", "value"), VERSIONED)
def test_a_header_that_is_required_has_to_be_there_once_and_exact(
    name: str, header: str, value: str
) -> None:
    delivery = posted(name)

    assert cause(ALL[name], with_header(delivery, header)) is Cause.MISSING_HEADER
    assert cause(ALL[name], with_header(delivery, header, value, value)) is Cause.REPEATED_HEADER
    assert causes(name, with_flips(delivery, header)) == {Cause.WRONG_VERSION}


@pytest.mark.parametrize("name", ALIKE)
def test_each_family_of_headers_is_read_whole_and_none_is_mixed(name: str) -> None:
    preset = ALL[name].preset
    first, *others = preset.families
    delivery = posted(name)
    needed = {preset.signature.name.lower(), *signed_headers(preset)}
    if preset.timestamp and preset.timestamp.header:
        needed.add(preset.timestamp.header.lower())

    for other in others:
        spelled = _spelled(delivery, first, other, lambda _: True)
        check(name, spelled)
        assert one_family(preset, spelled).headers == one_family(preset, delivery).headers
        check(name, replace(delivery, headers=(*delivery.headers, (other + "id", "forged"))))
        taken = replace(spelled, headers=(*spelled.headers, (first + "id", "forged")))
        assert cause(ALL[name], taken) is Cause.MISSING_HEADER
        for header in needed if len(needed) > 1 else ():
            mixed = _spelled(delivery, first, other, lambda each, header=header: each == header)
            assert cause(ALL[name], mixed) in OF_SIGNATURE


def _spelled(delivery: Delivery, first: str, other: str, chosen: object) -> Delivery:
    assert callable(chosen)
    headers = tuple(
        (other + header[len(first) :], value)
        if header.lower().startswith(first.lower()) and chosen(header.lower())
        else (header, value)
        for header, value in delivery.headers
    )
    return replace(delivery, headers=headers)


# --- proofs that do not cover the body ------------------------------------------------------------


@pytest.mark.parametrize("name", IN_BODY)
def test_a_wrong_missing_or_empty_secret_in_the_body_is_refused(name: str) -> None:
    delivery = posted(name)
    (secret,) = ALL[name].secrets
    assert delivery.body.count(secret) == 1

    changed = [delivery.body.replace(secret, flipped) for flipped in flips(secret)]
    changed += [delivery.body.replace(secret, secret[:length]) for length in range(len(secret))]
    changed += [delivery.body.replace(secret, secret + b"x"), b"", b"{}", b"null", b"[]", b"\xff{"]

    assert causes(name, [replace(delivery, body=body) for body in changed]) <= OF_BODY


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_token_is_refused_after_its_time_or_for_another_address(name: str) -> None:
    delivery = posted(name)

    check(name, delivery, now=NOW + TOKEN_LIFE - 1)
    late = cause(ALL[name], delivery, now=NOW + TOKEN_LIFE)
    elsewhere = cause(ALL[name], replace(delivery, target="/hooks/other"))

    assert late is Cause.STALE_TIMESTAMP
    assert elsewhere is Cause.WRONG_AUDIENCE


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_token_that_says_less_than_it_has_to_is_refused(name: str) -> None:
    source = ALL[name]
    (secret,) = source.secrets
    header = str(proof_header(name))

    for claims in [{}, {"exp": None}, {"exp": "9999999999"}, {"exp": True}, {"exp": 10**400}]:
        token = make_token(claims, secret)
        assert cause(source, with_header(posted(name), header, token)) is Cause.BAD_TOKEN


@pytest.mark.parametrize("name", OWN)
def test_with_a_secret_in_the_address_both_proofs_have_to_hold(name: str) -> None:
    both = replace(ALL[name], path_secrets=(b"of the address", b"another"))
    delivery = posted(name, both)

    verify(both, delivery, now=NOW, public_url=PUBLIC_URL)
    missing = cause(both, replace(delivery, token=None))
    wrong = cause(both, replace(delivery, token="of the Address"))
    bare = replace(delivery, headers=(), body=b"{}")

    assert missing is Cause.MISSING_PATH_SECRET
    assert wrong is Cause.BAD_PATH_SECRET
    assert cause(both, bare) in OF[both.preset.auth]


@pytest.mark.parametrize("name", ALL)
def test_a_secret_in_the_address_may_be_all_that_a_source_has(name: str) -> None:
    source = replace(ALL[name], secrets=(), public_keys=(), path_secrets=(b"a b%2Fc/\xc3\xbc",))
    delivery = posted(name, source)

    verify(source, delivery, now=NOW, public_url=PUBLIC_URL)
    assert path_fits(source, delivery)
    for token in flips(source.path_secrets[0]):
        changed = replace(delivery, token=token.decode("latin-1"))
        assert cause(source, changed) is Cause.BAD_PATH_SECRET
        assert not path_fits(source, changed)
    for token in (None, ""):
        assert cause(source, replace(delivery, token=token)) is Cause.MISSING_PATH_SECRET


@pytest.mark.parametrize("name", ALL)
def test_a_source_without_a_secret_lets_nobody_in(name: str) -> None:
    source = ALL[name]
    bare = replace(source, secrets=(), public_keys=(), path_secrets=())
    stopped = replace(source, problem="its secret is not set")

    assert cause(bare, posted(name)) is cause(stopped, posted(name)) is Cause.NO_SECRET


@pytest.mark.parametrize("name", ALL)
def test_a_refusal_names_no_secret_and_nothing_that_would_pass(name: str) -> None:
    delivery = posted(name)
    header = proof_header(name)
    if header:
        (right,) = delivery.values(header)
        delivery = with_header(delivery, header, right[:-1])
    else:
        right = (delivery.token or "") + delivery.body.decode("latin-1")
        delivery = replace(delivery, token="wrong", body=delivery.body[::-1])

    with pytest.raises(Refused) as caught:
        verify(ALL[name], delivery, now=NOW, public_url=PUBLIC_URL)

    refused, source = caught.value, ALL[name]
    for told in (refused.detail, str(refused), repr(refused), repr(delivery), repr(source)):
        assert right[-20:] not in told
        for secret in (*source.secrets, *source.path_secrets):
            assert secret.decode("latin-1") not in told


# --- whatever comes -------------------------------------------------------------------------------

HEADER_NAMES = sorted({name for source in ALL for name, _ in posted(source).headers})
RAW = st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))
FORGED = st.sampled_from(
    sorted(
        {
            value
            for name in ALL
            for _, value in posted(
                name,
                replace(
                    ALL[name],
                    **{
                        "secrets": (b"user:forged",) if ALL[name].secrets else (),
                        "public_keys": (),
                        "signing_key": None,
                        "path_secrets": (b"forged",),
                    },
                ),
            ).headers
        }
    )
)
ANY_HEADER = st.tuples(
    st.sampled_from(HEADER_NAMES) | st.text(max_size=20),
    RAW
    | FORGED
    | st.text(max_size=60)
    | st.sampled_from(["v1,", "v1, v1,", "sha256=", "Basic ", "Bearer ", "Bearer a.b.c", "t=1,v1="])
    | st.sampled_from([str(int(NOW)), str(int(NOW * 1000)), "application/json", "text/xml"]),
)
ANY_BODY = st.binary(max_size=100) | st.sampled_from(
    [b"{}", b"null", b'{"token": 5}', b'{"token": ""}', b"token=", b"token[]=a&token=b", SMALL]
)
ANY_TOKEN = st.none() | RAW | st.text(st.characters(), max_size=20)


@settings(max_examples=600)
@given(
    name=st.sampled_from(list(ALL)),
    method=st.text(max_size=8),
    target=st.text(max_size=40),
    headers=st.lists(ANY_HEADER, max_size=8),
    body=ANY_BODY,
    token=ANY_TOKEN,
    public_url=st.none() | st.just(PUBLIC_URL) | st.text(max_size=40),
)
def test_whatever_comes_is_refused_and_never_an_error(
    name: str,
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    body: bytes,
    token: str | None,
    public_url: str | None,
) -> None:
    delivery = Delivery(method, target, tuple(headers), body, token)

    with pytest.raises(Refused):
        verify(ALL[name], delivery, now=NOW, public_url=public_url)


@settings(max_examples=400)
@given(
    name=st.sampled_from(list(ALL)),
    changes=st.lists(ANY_HEADER, max_size=3),
    body=st.none() | ANY_BODY,
    token=st.none() | ANY_TOKEN,
    target=st.none() | st.text(max_size=40),
)
def test_a_good_delivery_that_was_meddled_with_is_let_in_only_with_its_proof_whole(
    name: str,
    changes: list[tuple[str, str]],
    body: bytes | None,
    token: str | None,
    target: str | None,
) -> None:
    good = posted(name)
    source = ALL[name]
    meddled = replace(
        good,
        headers=(*good.headers, *changes),
        body=good.body if body is None else body,
        token=token or good.token,
        target=good.target if target is None else target,
    )

    try:
        verify(source, meddled, now=NOW, public_url=PUBLIC_URL)
    except Refused:
        return
    header = proof_header(name)
    if header:
        assert one_family(source.preset, meddled).values(header) == good.values(header)
    if source.preset.auth is Auth.PATH:
        assert meddled.token == good.token
    if source.preset.auth not in UNCOVERED or source.preset.auth is Auth.BODY:
        assert meddled.body == good.body


@given(name=st.sampled_from(SIGNED), body=st.binary(max_size=300))
def test_any_bytes_can_be_signed_and_are_then_let_in(name: str, body: bytes) -> None:
    source = ALL[name]

    delivery = sign(source, body, target="/hooks/x", now=NOW, public_url=PUBLIC_URL, event_id="e")

    check(name, delivery)
