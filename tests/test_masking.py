"""A refused request as it is shown: what it says, and none of its secrets."""

from dataclasses import replace

import pytest

from senders.delivery import Delivery
from senders.preset import Auth, BodyKind, Preset, SignatureHeader
from usher.masking import NOBODY, WITHHELD, body_shown, headers_shown, target_shown

PRESET = Preset("any", Auth.HMAC, signature=SignatureHeader("X-Signature"))
SECRETIVE = Preset("any", Auth.BODY, secret_field="form.key", forget=("session.id",))


def delivery(
    target: str = "/hooks/any",
    token: str | None = None,
    body: bytes = b"{}",
    **headers: str,
) -> Delivery:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Delivery("POST", target, named, body, token)


@pytest.mark.parametrize(
    ("target", "token", "shown"),
    [
        pytest.param("/hooks/a?b=c&d", None, "/hooks/a?b=c&d", id="nothing secret"),
        pytest.param("/hooks/a/t%20t?b=c", "t t", "/hooks/a/(redacted)?b=c", id="path"),
        pytest.param(
            "/hooks/a?API-Key=x&b=c&access_token=y",
            None,
            "/hooks/a?API-Key=(redacted)&b=c&access_token=(redacted)",
            id="query",
        ),
    ],
)
def test_an_address_is_shown_without_its_secrets(
    target: str, token: str | None, shown: str
) -> None:
    assert target_shown(delivery(target, token)) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Basic dXNlcjpwYXNz", "Basic (redacted)"),
        ("authorization", "bearer abc", "bearer (redacted)"),
        ("Authorization", "abc", "(redacted)"),
        ("Authorization", "mypassword abc", "(redacted)"),
        ("Cookie", "a=b; c=d", "(redacted)"),
        ("X_Shop_Token", "abc", "(redacted)"),
        ("X_Api_Key", "abc", "(redacted)"),
        ("Content_Type", "application/json", "application/json"),
        ("X_Signature", "sha256=abc", "sha256=abc"),
        ("webhook_id", "msg_1", "msg_1"),
    ],
    ids=lambda value: str(value),
)
def test_of_a_header_with_a_password_only_the_scheme_is_shown(
    name: str, value: str, shown: str
) -> None:
    ((_, found),) = headers_shown(PRESET, delivery(**{name: value}))

    assert found == shown


@pytest.mark.parametrize("auth", [Auth.TOKEN, Auth.JWT])
def test_the_header_that_holds_this_sources_token_is_not_shown(auth: Auth) -> None:
    preset = replace(PRESET, auth=auth, token=SignatureHeader("X-Hook"))

    assert headers_shown(preset, delivery(X_Hook="abc")) == [("X-Hook", "(redacted)")]
    assert headers_shown(PRESET, delivery(X_Hook="abc")) == [("X-Hook", "abc")]


def test_secrets_in_the_body_are_not_shown() -> None:
    body = b'{"form": {"key": "abc", "name": "Ada"}, "session": {"id": "def"}, "password": "ghi"}'

    assert body_shown(SECRETIVE, delivery(body=body)) == {
        "form": {"key": "(redacted)", "name": "Ada"},
        "session": {"id": "(redacted)"},
        "password": "(redacted)",
    }


def test_a_form_is_shown_as_what_it_says() -> None:
    preset = replace(SECRETIVE, body=(BodyKind.FORM,))
    form = "application/x-www-form-urlencoded"

    shown = body_shown(preset, delivery(body=b"form[key]=abc&name=Ada", Content_Type=form))

    assert shown == {"form": {"key": "(redacted)"}, "name": "Ada"}


@pytest.mark.parametrize(
    ("preset", "shown"),
    [
        pytest.param(PRESET, '{"a": \ufffd', id="no secret in bodies"),
        pytest.param(SECRETIVE, WITHHELD, id="a secret in bodies"),
        pytest.param(None, NOBODY, id="no source"),
    ],
)
def test_a_body_that_cannot_be_read_is_text_unless_it_may_hold_the_secret(
    preset: Preset | None, shown: str
) -> None:
    assert body_shown(preset, delivery(body=b'{"a": \xff')) == shown
