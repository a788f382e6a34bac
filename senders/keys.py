"""A secret's text, as an administrator set it, made into the key that a preset needs."""

import base64
import binascii
import re

from senders.preset import Auth, Key, KeyForm

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


class KeyProblem(ValueError):
    """The secret cannot be used; the argument says why, without the secret."""


def read_key(auth: Auth, key: Key, secret: str) -> bytes:
    """The key in bytes, never empty; KeyProblem for a secret that is empty or not decodable."""
    if not secret.strip():
        raise KeyProblem("is empty")
    if secret != secret.strip():
        raise KeyProblem("begins or ends with a space or a line break")
    stripped = secret.removeprefix(key.strip) if key.strip else secret
    if not stripped:
        raise KeyProblem(f'is nothing but "{key.strip}"')
    if auth is Auth.BASIC:
        _check_user_and_password(stripped)
    return _DECODE[key.decode](stripped)


def _check_user_and_password(secret: str) -> None:
    _, colon, password = secret.partition(":")
    if not colon or not password:
        raise KeyProblem("is not of the form user:password")


def _utf8(secret: str) -> bytes:
    try:
        return secret.encode("utf-8")
    except UnicodeEncodeError:
        raise KeyProblem("is not UTF-8 text") from None


def _base64(secret: str) -> bytes:
    # the Standard Webhooks libraries accept secrets without their padding
    unpadded = secret.rstrip("=")
    try:
        decoded = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise KeyProblem("is not base64") from None
    if not decoded:
        raise KeyProblem("is empty")
    return decoded


def _hex(secret: str) -> bytes:
    if not _HEX.fullmatch(secret):
        raise KeyProblem("is not hexadecimal")
    return bytes.fromhex(secret)


_DECODE = {KeyForm.UTF8: _utf8, KeyForm.BASE64: _base64, KeyForm.HEX: _hex}
