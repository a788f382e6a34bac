"""Secrets as administrators paste them, made into keys; none is ever shown in a complaint."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.ed25519 import signed_by
from senders.keys import KeyProblem, Keys, read_keys, read_path_secret
from senders.preset import Auth, Key, KeyForm, Preset
from senders.presets import PRESETS
from tests.proving_sources import KEY_PAIR

STANDARD = PRESETS["standard-webhooks"]
SEED, PUBLIC = (base64.b64decode(KEY_PAIR[5:])[part] for part in (slice(32), slice(32, None)))


def coded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def problem(preset: Preset, secret: str) -> str:
    with pytest.raises(KeyProblem) as caught:
        read_keys(preset, secret)
    return str(caught.value)


def test_a_text_says_at_its_beginning_what_kind_of_key_it_is() -> None:
    assert read_keys(STANDARD, "whsec_c2FtcGxl") == Keys(shared=(b"sample",))
    assert read_keys(STANDARD, "c2FtcGxl") == Keys(shared=(b"sample",))
    assert read_keys(STANDARD, "whpk_" + coded(PUBLIC)) == Keys(public=PUBLIC)
    assert read_keys(STANDARD, KEY_PAIR) == Keys(public=PUBLIC, private=SEED)


def test_a_sender_without_key_pairs_takes_every_text_for_a_secret() -> None:
    assert read_keys(PRESETS["stripe"], "whpk_abc").shared == (b"whpk_abc",)
    assert read_keys(PRESETS["stripe"], "whsec_abc").shared == (b"whsec_abc",)


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        pytest.param("whpk_", "is empty", id="no public key"),
        pytest.param("whpk_ab*d", "is not base64", id="not base64"),
        pytest.param("whpk_" + coded(bytes(31)), "of 31 bytes, it has to have 32", id="short"),
        pytest.param("whpk_" + coded(SEED + PUBLIC), "of 64 bytes, it has to have 32", id="pair"),
        pytest.param("whsk_" + coded(SEED), "of 32 bytes, it has to have 64", id="seed alone"),
        pytest.param("whsk_" + coded(PUBLIC + SEED), "do not belong together", id="halves"),
        pytest.param("whsk_", "is empty", id="no key pair"),
    ],
)
def test_a_key_that_is_none_is_told_without_itself(secret: str, why: str) -> None:
    told = problem(STANDARD, secret)

    assert why in told
    assert secret[5:] == "" or secret[5:] not in told


WEAK = [
    *("00" * 32, "01" + "00" * 31, "00" * 31 + "80", "01" + "00" * 30 + "80"),
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    *(last + "ff" * 30 + sign for last in ("ec", "ed", "ee") for sign in ("7f", "ff")),
]


@pytest.mark.parametrize("key", WEAK)
def test_a_public_key_that_anybody_can_sign_for_is_no_key(key: str) -> None:
    told = problem(STANDARD, "whpk_" + coded(bytes.fromhex(key)))

    assert told == "is an ed25519 public key that anybody can sign for"


@pytest.mark.parametrize("key", [WEAK[0], WEAK[1], WEAK[4], WEAK[6], WEAK[8]])
def test_signatures_for_such_a_key_are_indeed_made_without_any_secret(key: str) -> None:
    signature = b"\x01" + bytes(63)

    assert any(signed_by(bytes.fromhex(key), signature, bytes([each])) for each in range(256))


@pytest.mark.parametrize(
    ("typed", "decoded"),
    [
        ("a&amp;b", "a&b"),
        ("&lt;&gt;", "<>"),
        ("&quot;&#034;&#x22;", '"""'),
        ("&#39;&#039;&#x27;", "'''"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_what_wordpress_decodes_gives_a_second_key(typed: str, decoded: str) -> None:
    keys = read_keys(PRESETS["woocommerce"], typed)

    assert keys.shared == (decoded.encode(), typed.encode())


@pytest.mark.parametrize("typed", ["plain", "a&b", "&copy;", "&amp", "&#65;", "&;", "&#x3;"])
def test_what_wordpress_leaves_gives_one_key(typed: str) -> None:
    assert read_keys(PRESETS["woocommerce"], typed).shared == (typed.encode(),)


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param(" \t", "is empty", id="spaces"),
        pytest.param("a ", "begins or ends with", id="space at the end"),
        pytest.param("a\n", "begins or ends with", id="line break"),
        pytest.param("a/b", 'has a "/"', id="slash"),
        pytest.param("a\x7fb", "control character", id="control character"),
        pytest.param("a\x00b", "control character", id="null"),
        pytest.param("..", "is a dot", id="dots"),
        pytest.param(".", "is a dot", id="dot"),
        pytest.param("a\udcffb", "control character", id="not UTF-8"),
    ],
)
def test_a_secret_that_cannot_end_an_address_is_not_used(secret: str, why: str) -> None:
    with pytest.raises(KeyProblem, match=why):
        read_path_secret(secret)


@pytest.mark.parametrize("secret", ["a", "...", "a b", "ü?&%2F#", "whsec_abc=="])
def test_a_secret_that_can_end_an_address_is_taken_as_it_is(secret: str) -> None:
    assert read_path_secret(secret) == secret.encode()


@given(
    secret=st.text(max_size=40) | st.text(st.characters(), max_size=10).map("whpk_".__add__),
    auth=st.sampled_from(Auth),
    form=st.sampled_from(KeyForm),
    html=st.booleans(),
)
def test_any_text_is_a_key_or_a_problem(secret: str, auth: Auth, form: KeyForm, html: bool) -> None:
    key = Key(strip="whsec_", decode=form, public="whpk_", private="whsk_", html=html)
    try:
        keys = read_keys(Preset("any", auth, key=key), secret)
    except KeyProblem:
        return
    assert all(keys.shared)
    assert keys.shared or keys.public
