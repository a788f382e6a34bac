"""The settings of sources.yaml that shape a preset which is open to them: one row each.

A row takes the preset and the text as written, and gives the preset with that knob turned.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from senders.preset import (
    Algorithm,
    Batch,
    BodyKind,
    Encoding,
    Handshake,
    KeyForm,
    Preset,
    Timestamp,
    Unit,
)
from senders.shapes import steps
from senders.signature import is_header_name

LONGEST_TOLERANCE = 3600


class BadValue(ValueError):
    """The setting's value cannot be used; the argument says what it has to be."""


@dataclass(frozen=True, slots=True)
class Knob:
    """How one setting is written, and what it does to the preset."""

    turn: Callable[[Preset, tuple[str, ...]], Preset]
    kind: str = "text"  # text, number, or list (one text is a list of one)
    may_be_empty: bool = False


_ALGORITHMS = {
    "sha1": Algorithm.HMAC_SHA1,
    "sha256": Algorithm.HMAC_SHA256,
    "sha512": Algorithm.HMAC_SHA512,
}
_ENCODINGS = {"hex": Encoding.HEX, "base64": Encoding.BASE64}
_UNITS = {"s": Unit.SECONDS, "ms": Unit.MILLISECONDS}
_BODIES = {kind.value: kind for kind in BodyKind}
_HANDSHAKES = {kind.value: kind for kind in (Handshake.VISIT, Handshake.CHALLENGE)}
_STATUSES = {"200": 200, "202": 202}
_KEY_FORMS = {"utf8": KeyForm.UTF8, "base64": KeyForm.BASE64, "hex": KeyForm.HEX}


_T = TypeVar("_T")


def _choice(table: Mapping[str, _T], value: str) -> _T:
    if value not in table:
        raise BadValue("it has to be " + " or ".join(table))
    return table[value]


def _header_name(value: str) -> str:
    if not is_header_name(value):
        raise BadValue("it has to be the name of an HTTP header, such as X-Signature-256")
    return value


def _prefix(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise BadValue("it has to be plain characters, such as sha256=")
    return value


def _mark(value: str) -> str:
    if not value.isascii() or not value.isprintable() or any(map(str.isalnum, value)):
        raise BadValue('it has to be punctuation, such as "," or "="')
    return value


def _list_key(value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise BadValue("it has to be a key of the signature header, such as v1")
    return value


def _body_path(value: str) -> str:
    try:
        steps(value)
    except ValueError:
        raise BadValue("it has to be names joined by dots, such as order.number") from None
    return value


def _field_path(value: str) -> str:
    if value == "$":
        raise BadValue("it has to name a field, such as order.number")
    return _body_path(value)


def _path(value: str) -> str:
    kind, colon, name = value.partition(":")
    if colon and kind == "header":
        return f"header:{_header_name(name)}"
    return _field_path(value)


def _tolerance(value: str) -> float:
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value[:9]) <= LONGEST_TOLERANCE:
        raise BadValue(f"it has to be a number of seconds from 1 to {LONGEST_TOLERANCE}")
    return float(value[:9])


def _signature_header(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, signature=replace(preset.signature, name=_header_name(value[0])))


def _signature_prefix(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, signature=replace(preset.signature, prefix=_prefix(value[0])))


def _signature_key(preset: Preset, value: tuple[str, ...]) -> Preset:
    header = preset.signature
    # as almost every sender writes it: t=1776247200,v1=5257a8
    kv, separator = header.kv or "=", header.separator or ","
    keys = tuple(map(_list_key, value))
    return replace(preset, signature=replace(header, take=keys, kv=kv, separator=separator))


def _signature_separator(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, signature=replace(preset.signature, separator=_mark(value[0])))


def _signature_assign(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, signature=replace(preset.signature, kv=_mark(value[0])))


def _timestamp_field(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, timestamp=replace(_stamp(preset), field=_list_key(value[0])))


def _timestamp_header(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, timestamp=replace(_stamp(preset), header=_header_name(value[0])))


def _timestamp_unit(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, timestamp=replace(_stamp(preset), unit=_choice(_UNITS, value[0])))


def _timestamp_tolerance(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, timestamp=replace(_stamp(preset), tolerance=_tolerance(value[0])))


def _stamp(preset: Preset) -> Timestamp:
    return preset.timestamp or Timestamp()


def _token_header(preset: Preset, value: tuple[str, ...]) -> Preset:
    name = _header_name(value[0])
    # a header of one's own holds the bare secret; "prefix" is turned after this
    prefix = preset.token.prefix if name.lower() == preset.token.name.lower() else ""
    return replace(preset, token=replace(preset.token, name=name, prefix=prefix))


def _token_prefix(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, token=replace(preset.token, prefix=_prefix(value[0])))


def _secret_prefix(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, key=replace(preset.key, strip=_prefix(value[0])))


def _secret_encoding(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, key=replace(preset.key, decode=_choice(_KEY_FORMS, value[0])))


def _secret_field(preset: Preset, value: tuple[str, ...]) -> Preset:
    kept = tuple(path for path in preset.forget if path != preset.secret_field)
    field = _field_path(value[0])
    if not isinstance(steps(field)[-1], str):
        raise BadValue("it has to name a field, such as proof.secret, not a place in a list")
    # a secret is kept nowhere, not even in the events that it came with
    return replace(preset, secret_field=field, forget=(*kept, field))


def _body(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, body=tuple(_choice(_BODIES, kind) for kind in dict.fromkeys(value)))


def _handshake(preset: Preset, value: tuple[str, ...]) -> Preset:
    kinds = tuple(_choice(_HANDSHAKES, kind) for kind in dict.fromkeys(value))
    return replace(preset, handshakes=kinds)


def _respond(preset: Preset, value: tuple[str, ...]) -> Preset:
    return replace(preset, reply=replace(preset.reply, status=_choice(_STATUSES, value[0])))


KNOBS: Mapping[str, Knob] = {
    "signature_header": Knob(_signature_header),
    "signature_prefix": Knob(_signature_prefix, may_be_empty=True),
    "signature_separator": Knob(_signature_separator),
    "signature_key": Knob(_signature_key, kind="list"),
    "signature_assign": Knob(_signature_assign),
    "algorithm": Knob(lambda p, v: replace(p, algorithm=_choice(_ALGORITHMS, v[0]))),
    "encoding": Knob(lambda p, v: replace(p, encoding=_choice(_ENCODINGS, v[0]))),
    "signed": Knob(lambda p, v: replace(p, signed=v[0])),
    "timestamp_header": Knob(_timestamp_header),
    "timestamp_field": Knob(_timestamp_field),
    "timestamp_unit": Knob(_timestamp_unit),
    "tolerance": Knob(_timestamp_tolerance, kind="number"),
    "secret_prefix": Knob(_secret_prefix),
    "secret_encoding": Knob(_secret_encoding),
    "secret_field": Knob(_secret_field),
    "header": Knob(_token_header),
    "prefix": Knob(_token_prefix, may_be_empty=True),
    "id": Knob(lambda p, v: replace(p, id=(tuple(map(_path, v)),)), kind="list"),
    "type": Knob(lambda p, v: replace(p, type=_path(v[0]))),
    "occurred_at": Knob(lambda p, v: replace(p, occurred_at=tuple(map(_path, v))), kind="list"),
    "batch": Knob(lambda p, v: replace(p, batch=Batch(_body_path(v[0])))),
    "body": Knob(_body, kind="list"),
    "json_fields": Knob(
        lambda p, v: replace(p, json_fields=tuple(map(_field_path, v))), kind="list"
    ),
    "handshake": Knob(_handshake, kind="list"),
    "respond": Knob(_respond, kind="number"),
    "organizations": Knob(lambda p, v: replace(p, organizations=v), kind="list"),
}
