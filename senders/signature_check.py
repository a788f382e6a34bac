"""Whether a signature is right: with a shared key or with ed25519, in whatever header it stands."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from senders.delivery import Cause, Delivery, Refused
from senders.ed25519 import SIGNATURE_LENGTH, signed_by
from senders.headers import latin1, one_header
from senders.preset import Preset, Timestamp, Unit
from senders.signature import (
    Material,
    Part,
    called,
    origin_of,
    pieces,
    signature,
    signed_bytes,
    signed_headers,
    signs_url,
)
from senders.sources import Source

MOST_SIGNATURES = 10

_DIGITS = re.compile(rb"[0-9]{1,16}")
# a proxy may hand on the absolute form of the request target (RFC 9112, 3.2.2)
_ABSOLUTE = re.compile(r"\Ahttps?://[^/?#]*", re.IGNORECASE)

_Elements = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Given:
    """The signatures of a delivery, by the kind of key that they can be checked with."""

    shared: tuple[bytes, ...]
    ed25519: tuple[bytes, ...]


def check_signature(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    """Returns if one signature of the delivery is right for one key of the source, else Refused.

    A signature made for a shared key is never held against a public key, nor the other way round.
    """
    preset = source.preset
    elements = _elements(preset, one_header(delivery, preset.signature.name))
    timestamp = _timestamp(preset, delivery, elements, now)
    given = _signatures(source, elements)
    material = _material(preset, delivery, timestamp, public_url)
    expected = [signature(preset, secret, material) for secret in source.secrets]
    right = any_equal(expected, given.shared)
    right |= _any_signed(source.public_keys, given.ed25519, preset, material)
    if not right:
        raise Refused(Cause.BAD_SIGNATURE, f"no signature in {preset.signature.name} is right")


def any_equal(expected: Iterable[bytes], given: Iterable[bytes]) -> bool:
    """Whether one of the one is one of the other; each pair is compared, in constant time."""
    candidates = tuple(given)
    found = False
    for right in expected:
        for candidate in candidates:
            found |= hmac.compare_digest(right, candidate)
    return found


def path_of_target(target: str) -> str:
    """The target without scheme and host, which a proxy may have put in front."""
    return _ABSOLUTE.sub("", target, count=1)


def _any_signed(
    public_keys: tuple[bytes, ...], given: tuple[bytes, ...], preset: Preset, material: Material
) -> bool:
    if not public_keys or not given:
        return False
    message = signed_bytes(preset, b"", material)
    decoded = [_decoded(text) for text in given]
    return any(
        signed_by(key, one, message) for key in public_keys for one in decoded if one is not None
    )


def _decoded(text: bytes) -> bytes | None:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # as it is with digests: another spelling of the same bytes is no signature
    exact = len(found) == SIGNATURE_LENGTH and base64.b64encode(found) == text
    return found if exact else None


def _elements(preset: Preset, value: bytes) -> _Elements:
    """The signature header as (key, value) pairs; the key is empty where elements have none."""
    header = preset.signature
    parts = value.split(header.separator.encode()) if header.separator else [value]
    if not header.kv:
        return tuple((b"", part) for part in parts)
    pairs = (part.partition(header.kv.encode()) for part in parts)
    return tuple((key, text) for key, found, text in pairs if found)


def _signatures(source: Source, elements: _Elements) -> _Given:
    header, timestamp = source.preset.signature, source.preset.timestamp
    stamp = timestamp.field.encode() if timestamp and timestamp.field else None
    signatures = tuple((key, text) for key, text in elements if key != stamp)
    if len(signatures) > MOST_SIGNATURES:
        raise Refused(
            Cause.TOO_MANY_SIGNATURES,
            f"{header.name} holds {len(signatures)} signatures, at most {MOST_SIGNATURES} are read",
        )
    taken = header.take if header.kv else ("",)
    given = _Given(
        shared=_taken(signatures, taken, header.prefix) if source.secrets else (),
        ed25519=_taken(signatures, header.ed25519, header.prefix) if source.public_keys else (),
    )
    if not given.shared and not given.ed25519:
        raise Refused(Cause.MALFORMED_HEADER, f"{header.name} holds no signature of the right form")
    return given


def _taken(signatures: _Elements, keys: tuple[str, ...], prefix: str) -> tuple[bytes, ...]:
    wanted = {key.encode() for key in keys}
    before = prefix.encode()
    return tuple(
        text[len(before) :]
        for key, text in signatures
        if key in wanted and text.startswith(before) and len(text) > len(before)
    )


def _timestamp(preset: Preset, delivery: Delivery, elements: _Elements, now: float) -> bytes:
    stamp = preset.timestamp
    if stamp is None:
        return b""
    value = _stamp_value(stamp, delivery, elements)
    if not _DIGITS.fullmatch(value):
        raise Refused(Cause.BAD_TIMESTAMP, "the timestamp is not a whole number in digits")
    scale = 1000 if stamp.unit is Unit.MILLISECONDS else 1
    away = abs(now * scale - int(value)) / scale
    if not away <= stamp.tolerance:
        raise Refused(
            Cause.STALE_TIMESTAMP,
            f"the timestamp is {away:.0f} s away from now, {stamp.tolerance:g} s are allowed",
        )
    return value


def _stamp_value(stamp: Timestamp, delivery: Delivery, elements: _Elements) -> bytes:
    if stamp.header:
        return one_header(delivery, stamp.header)
    values = [text for key, text in elements if key == stamp.field.encode()]
    if len(values) != 1:
        raise Refused(
            Cause.BAD_TIMESTAMP, f"{len(values)} timestamps in the signature header, not one"
        )
    return values[0]


def _material(
    preset: Preset, delivery: Delivery, timestamp: bytes, public_url: str | None
) -> Material:
    origin = ""
    target = delivery.target
    if signs_url(preset):
        origin = origin_of(public_url) or ""
        if not origin:
            raise Refused(Cause.NO_PUBLIC_URL, "this sender signs the URL it calls; set PUBLIC_URL")
        target = called(public_url, path_of_target(target))
    latin1(target, "the request target")
    headers = {name: one_header(delivery, name) for name in signed_headers(preset)}
    _refuse_ambiguous(preset, headers)
    return Material(
        method=latin1(delivery.method, "the method"),
        origin=origin,
        target=target,
        timestamp=timestamp,
        headers=headers,
        body=delivery.body,
    )


def _refuse_ambiguous(preset: Preset, headers: Mapping[str, bytes]) -> None:
    # "a.1" + "." + "2" and "a" + "." + "1.2" are the same signed bytes
    for piece, after in pairwise(pieces(preset.signed)):
        if piece.part is not Part.HEADER or after.part is not Part.LITERAL:
            continue
        if after.text.encode() in headers[piece.text]:
            raise Refused(Cause.MALFORMED_HEADER, f'{piece.text} must not hold "{after.text}"')
