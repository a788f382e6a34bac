"""Whether a delivery is proved to come from its sender.

What holds for every preset, and none can loosen:
- the raw bytes are what is checked, before anything is read out of them;
- bytes are compared with bytes, in constant time, as text that is exactly right: a signature in
  another spelling of the same digest is refused;
- every secret and every signature is tried, so the time taken does not say which one came close;
- a timestamp is 1 to 16 ASCII digits, there is exactly one, and it is near enough to `now` on
  either side; a header that is needed stands there exactly once;
- at most ten signatures; no secret, no entry.
"""

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from senders.delivery import Cause, Delivery, Refused
from senders.preset import Auth, Preset, Timestamp, Unit
from senders.signature import (
    Material,
    Part,
    origin_of,
    pieces,
    signature,
    signed_headers,
    signs_url,
)
from senders.sources import Source

MOST_SIGNATURES = 10

_DIGITS = re.compile(rb"[0-9]{1,16}")
# a proxy may hand on the absolute form of the request target (RFC 9112, 3.2.2)
_ABSOLUTE = re.compile(r"\Ahttps?://[^/?#]*", re.IGNORECASE)

_Elements = tuple[tuple[bytes, bytes], ...]
_Check = Callable[[Source, Delivery, float, str | None], None]


def verify(source: Source, delivery: Delivery, *, now: float, public_url: str | None) -> None:
    """Returns if the delivery is proved, raises Refused if not, and does nothing else.

    `now` is unix seconds. `public_url` is where the sender believes to post to; only its origin
    counts, and only for senders that sign the URL.
    """
    if source.preset.auth is not Auth.NONE and (source.problem is not None or not source.secrets):
        raise Refused(Cause.NO_SECRET, source.problem or "the source has no secret")
    _CHECKS[source.preset.auth](source, delivery, now, public_url)


def _check_signature(
    source: Source, delivery: Delivery, now: float, public_url: str | None
) -> None:
    preset = source.preset
    elements = _elements(preset, _header(delivery, preset.signature.name))
    timestamp = _timestamp(preset, delivery, elements, now)
    given = _signatures(preset, elements)
    material = _material(preset, delivery, timestamp, public_url)
    expected = [signature(preset, secret, material) for secret in source.secrets]
    if not _any_equal(expected, given):
        raise Refused(Cause.BAD_SIGNATURE, f"no signature in {preset.signature.name} is right")


def _check_basic(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    given = _header(delivery, "Authorization")
    expected = [b"Basic " + base64.b64encode(secret) for secret in source.secrets]
    if not _any_equal(expected, [given]):
        raise Refused(Cause.BAD_CREDENTIALS, "user or password in Authorization is wrong")


def _check_token(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    header = source.preset.token
    given = _header(delivery, header.name)
    prefix = header.prefix.encode("utf-8")
    if not _any_equal([prefix + secret for secret in source.secrets], [given]):
        raise Refused(Cause.BAD_CREDENTIALS, f"the token in {header.name} is wrong")


def _check_nothing(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    """The administrator wrote `auth: none`."""


_CHECKS: Mapping[Auth, _Check] = {
    Auth.HMAC: _check_signature,
    Auth.BASIC: _check_basic,
    Auth.TOKEN: _check_token,
    Auth.NONE: _check_nothing,
}


def _any_equal(expected: Iterable[bytes], given: Iterable[bytes]) -> bool:
    candidates = tuple(given)
    found = False
    for right in expected:
        for candidate in candidates:
            found |= hmac.compare_digest(right, candidate)
    return found


def _header(delivery: Delivery, name: str) -> bytes:
    values = delivery.values(name)
    if len(values) > 1:
        raise Refused(Cause.REPEATED_HEADER, f"{name} is there {len(values)} times")
    if not values or not values[0]:
        raise Refused(Cause.MISSING_HEADER, f"{name} is missing or empty")
    return _latin1(values[0], name)


def _latin1(text: str, what: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise Refused(Cause.MALFORMED_HEADER, f"{what} holds what no header can hold") from None


def _elements(preset: Preset, value: bytes) -> _Elements:
    """The signature header as (key, value) pairs; the key is empty where elements have none."""
    header = preset.signature
    parts = value.split(header.separator.encode()) if header.separator else [value]
    if not header.kv:
        return tuple((b"", part) for part in parts)
    pairs = (part.partition(header.kv.encode()) for part in parts)
    return tuple((key, text) for key, found, text in pairs if found)


def _signatures(preset: Preset, elements: _Elements) -> tuple[bytes, ...]:
    header = preset.signature
    stamp = preset.timestamp.field.encode() if preset.timestamp and preset.timestamp.field else None
    signatures = [(key, text) for key, text in elements if key != stamp]
    if len(signatures) > MOST_SIGNATURES:
        raise Refused(
            Cause.TOO_MANY_SIGNATURES,
            f"{header.name} holds {len(signatures)} signatures, at most {MOST_SIGNATURES} are read",
        )
    taken = {key.encode() for key in header.take} if header.kv else {b""}
    prefix = header.prefix.encode()
    found = tuple(
        text[len(prefix) :]
        for key, text in signatures
        if key in taken and text.startswith(prefix) and len(text) > len(prefix)
    )
    if not found:
        raise Refused(Cause.MALFORMED_HEADER, f"{header.name} holds no signature of the right form")
    return found


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
        return _header(delivery, stamp.header)
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
    if signs_url(preset):
        origin = origin_of(public_url) or ""
        if not origin:
            raise Refused(
                Cause.NO_PUBLIC_URL, "this sender signs the URL it calls; set PUBLIC_URL to it"
            )
    target = _ABSOLUTE.sub("", delivery.target, count=1) if origin else delivery.target
    _latin1(target, "the request target")
    headers = {name: _header(delivery, name) for name in signed_headers(preset)}
    _refuse_ambiguous(preset, headers)
    return Material(
        method=_latin1(delivery.method, "the method"),
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
