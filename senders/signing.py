"""A delivery as its sender would post it: for trying a source out, for the demo and for tests."""

import base64

from senders.delivery import Delivery
from senders.preset import Auth, Preset, Unit
from senders.signature import Material, origin_of, signature, signed_headers, signs_url
from senders.sources import Source

_ID_HEADER = "header:"


class CannotSign(Exception):
    """The source cannot be signed for; the message says what is missing, without any secret."""


def sign(
    source: Source,
    body: bytes,
    *,
    target: str,
    now: float,
    public_url: str | None,
    event_id: str,
    content_type: str | None = None,
) -> Delivery:
    """The POST that this sender would make of the body, valid at `now` (unix seconds).

    The first secret signs. `event_id` goes into the headers that hold an id, where the sender has
    such; the body stays as it is. `public_url` is needed for senders that sign the URL.
    CannotSign if the source is not started, or that URL is missing.
    """
    preset = source.preset
    if preset.auth is not Auth.NONE and (source.problem is not None or not source.secrets):
        raise CannotSign(f"{source.name}: {source.problem or 'the source has no secret'}")
    if not event_id.isascii() or not event_id.isprintable():
        raise CannotSign(f"{source.name}: the event id has to be plain characters")
    headers = {"Content-Type": content_type or "application/json"}
    headers.update(_id_headers(preset, event_id))
    if preset.auth is Auth.BASIC:
        headers["Authorization"] = "Basic " + base64.b64encode(source.secrets[0]).decode("ascii")
    elif preset.auth is Auth.TOKEN:
        headers[preset.token.name] = preset.token.prefix + source.secrets[0].decode("latin-1")
    elif preset.auth is Auth.HMAC:
        headers.update(_signature_headers(source, body, target, now, public_url, event_id))
    return Delivery("POST", target, tuple(headers.items()), body)


def _id_headers(preset: Preset, event_id: str) -> dict[str, str]:
    paths = (path for alternative in preset.id for path in alternative)
    names = (path.removeprefix(_ID_HEADER) for path in paths if path.startswith(_ID_HEADER))
    return {name.lower(): event_id for name in (*names, *signed_headers(preset))}


def _signature_headers(
    source: Source, body: bytes, target: str, now: float, public_url: str | None, event_id: str
) -> dict[str, str]:
    preset = source.preset
    origin = origin_of(public_url)
    if origin is None and signs_url(preset):
        raise CannotSign(f"{source.name}: this sender signs the URL it calls; set PUBLIC_URL to it")
    stamp = _stamp(preset, now)
    material = Material(
        method=b"POST",
        origin=origin or "",
        target=target,
        timestamp=stamp.encode("ascii"),
        headers=dict.fromkeys(signed_headers(preset), event_id.encode("ascii")),
        body=body,
    )
    signed = signature(preset, source.secrets[0], material).decode("ascii")
    headers = {preset.signature.name: _header_value(preset, stamp, signed)}
    if preset.timestamp is not None and preset.timestamp.header:
        headers[preset.timestamp.header] = stamp
    return headers


def _stamp(preset: Preset, now: float) -> str:
    if preset.timestamp is None:
        return ""
    return str(int(now * 1000 if preset.timestamp.unit is Unit.MILLISECONDS else now))


def _header_value(preset: Preset, stamp: str, signed: str) -> str:
    header = preset.signature
    value = header.prefix + signed
    if not header.kv:
        return value
    elements = [f"{header.take[0]}{header.kv}{value}"]
    if preset.timestamp is not None and preset.timestamp.field:
        elements.insert(0, f"{preset.timestamp.field}{header.kv}{stamp}")
    return header.separator.join(elements)
