"""A secret's text, as an administrator set it, made into the keys that a preset needs."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from senders.ed25519 import KEY_LENGTH, is_weak, public_key_of
from senders.preset import Auth, Key, KeyForm, Preset

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")

# what WordPress decodes: https://developer.wordpress.org/reference/functions/wp_specialchars_decode
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|#0*(?:38|39|60|62|34)|#x0*(?:26|27|3c|3e|22));", re.I)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}


class KeyProblem(ValueError):
    """The secret cannot be used; the argument says why, without the secret."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What one secret gives: shared keys, any of which may sign, or half or all of a key pair."""

    shared: tuple[bytes, ...] = field(default=(), repr=False)
    public: bytes | None = None
    # the seed of an ed25519 key pair
    private: bytes | None = field(default=None, repr=False)


def read_keys(preset: Preset, secret: str) -> Keys:
    """The keys of a secret of `secrets`; KeyProblem for one that is empty or not decodable.

    A text that begins like the preset's public keys or key pairs is one, and never a shared key.
    """
    _check_text(secret)
    key = preset.key
    if key.public and secret.startswith(key.public):
        return _public_key(_sized(secret.removeprefix(key.public), KEY_LENGTH, "public key"))
    if key.private and secret.startswith(key.private):
        return _key_pair(_sized(secret.removeprefix(key.private), 2 * KEY_LENGTH, "key pair"))
    shared = [read_key(preset.auth, key, secret)]
    if key.html and (decoded := _html_decoded(secret)) != secret:
        shared.insert(0, read_key(preset.auth, key, decoded))
    return Keys(shared=tuple(shared))


def read_key(auth: Auth, key: Key, secret: str) -> bytes:
    """The shared key in bytes, never empty; KeyProblem for a secret that gives none."""
    _check_text(secret)
    stripped = secret.removeprefix(key.strip) if key.strip else secret
    if not stripped:
        raise KeyProblem(f'is nothing but "{key.strip}"')
    if auth is Auth.BASIC:
        _check_user_and_password(stripped)
    return _DECODE[key.decode](stripped)


def read_path_secret(secret: str) -> bytes:
    """The bytes of a secret that is the last part of an address; KeyProblem if it cannot be."""
    _check_text(secret)
    if "/" in secret or not secret.isprintable():
        raise KeyProblem('has a "/" or a control character, which no part of an address can hold')
    if secret in (".", ".."):
        raise KeyProblem("is a dot, which clients drop from an address")
    return _utf8(secret)


def _check_text(secret: str) -> None:
    if not secret.strip():
        raise KeyProblem("is empty")
    if secret != secret.strip():
        raise KeyProblem("begins or ends with a space or a line break")


def _check_user_and_password(secret: str) -> None:
    _, colon, password = secret.partition(":")
    if not colon or not password:
        raise KeyProblem("is not of the form user:password")


def _sized(text: str, length: int, what: str) -> bytes:
    found = _base64(text)
    if len(found) != length:
        raise KeyProblem(f"is an ed25519 {what} of {len(found)} bytes, it has to have {length}")
    return found


def _public_key(public: bytes) -> Keys:
    if is_weak(public):
        raise KeyProblem("is an ed25519 public key that anybody can sign for")
    return Keys(public=public)


def _key_pair(pair: bytes) -> Keys:
    seed, public = pair[:KEY_LENGTH], pair[KEY_LENGTH:]
    if public_key_of(seed) != public:
        raise KeyProblem("is an ed25519 key pair whose halves do not belong together")
    return Keys(public=public, private=seed)


def _html_decoded(secret: str) -> str:
    return _ENTITY.sub(lambda match: _character(match[0][1:-1].lower()), secret)


def _character(entity: str) -> str:
    if not entity.startswith("#"):
        return _NAMED[entity]
    return chr(int(entity[2:], 16) if entity[1] == "x" else int(entity[1:]))


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
