"""Tokens: HS256 and nothing else, one spelling, and nothing read before the signature is right."""

import base64
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.jwt import LONGEST, BadToken, make_token, read_claims

SECRET = b"sample-signing-secret"


def coded(plain: bytes) -> bytes:
    return base64.urlsafe_b64encode(plain).rstrip(b"=")


def token(header: object, claims: object = None, *, secret: bytes = SECRET) -> bytes:
    parts = [
        part if isinstance(part, bytes) else json.dumps(part).encode()
        for part in (header, {"exp": 1} if claims is None else claims)
    ]
    message = b".".join(map(coded, parts))
    return message + b"." + coded(hmac.digest(secret, message, "sha256"))


def why(given_token: bytes) -> str:
    with pytest.raises(BadToken) as caught:
        read_claims(given_token, [SECRET])
    return str(caught.value)


def test_what_is_made_is_read() -> None:
    made = make_token({"exp": 1, "aud": "https://usher.example/ü"}, SECRET).encode()

    assert read_claims(made, [b"other", SECRET]) == {"exp": 1, "aud": "https://usher.example/ü"}


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"alg": "none"}, id="none"),
        pytest.param({"alg": "None", "typ": "JWT"}, id="None"),
        pytest.param({"alg": "hs256"}, id="small letters"),
        pytest.param({"alg": "HS512"}, id="HS512"),
        pytest.param({"alg": "RS256"}, id="RS256"),
        pytest.param({"alg": ["HS256"]}, id="list"),
        pytest.param({"typ": "JWT"}, id="no algorithm"),
        pytest.param({"alg": "HS256", "crit": ["b64"]}, id="extension"),
    ],
)
def test_no_other_algorithm_is_read_even_if_the_signature_is_right(header: object) -> None:
    assert "HS256" in why(token(header))


@pytest.mark.parametrize(
    "header",
    [b"{", b"null", b"[]", b'"HS256"', b"\xff", b"", b'{"alg": "HS256", "alg": "HS256"}', b"5"],
)
def test_a_header_that_is_no_object_is_refused(header: bytes) -> None:
    assert why(token(header))


@pytest.mark.parametrize("claims", [b"{", b"null", b"[]", b"NaN", b'{"exp": 1, "exp": 2}', b"5"])
def test_claims_that_are_no_object_are_refused(claims: bytes) -> None:
    assert "JSON" in why(token({"alg": "HS256"}, claims))


def test_an_unsigned_token_is_refused() -> None:
    header, claims, signature = token({"alg": "none"}).split(b".")

    for unsigned in (b".".join([header, claims, b""]), b".".join([header, claims])):
        assert "three parts" in why(unsigned)
    assert "signature" in why(b".".join([header, claims, signature[:-1]]))


def test_another_spelling_of_a_right_signature_is_refused() -> None:
    right = token({"alg": "HS256"})
    # the last of 43 characters has two bits that say nothing
    last = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = last.index(right[-1:])
    others = [right[:-1] + last[each : each + 1] for each in range(place & ~3, (place & ~3) + 4)]

    assert read_claims(right, [SECRET]) == {"exp": 1}
    for other in {*others} - {right}:
        assert "signature" in why(other)
    for other in (right + b"=", right + b"\n", b" " + right, right.replace(b".", b"..")):
        assert "three parts" in why(other)


def test_a_token_beyond_all_measure_is_not_looked_at() -> None:
    assert "8 KB" in why(token({"alg": "HS256"}, {"a": "x" * LONGEST}))


def test_a_complaint_holds_nothing_of_the_token() -> None:
    wrong = token({"alg": "HS256"}, secret=b"other")

    assert not any(part.decode() in why(wrong) for part in wrong.split(b"."))


@given(header=st.binary(max_size=40), claims=st.binary(max_size=40))
def test_any_signed_bytes_are_claims_or_a_bad_token(header: bytes, claims: bytes) -> None:
    try:
        read_claims(token(header or b"{}", claims or b"{}"), [SECRET])
    except BadToken:
        return
    assert json.loads(header)["alg"] == "HS256"


@given(st.binary(max_size=200))
def test_no_bytes_are_a_token_without_the_secret(given_token: bytes) -> None:
    assert why(given_token)
