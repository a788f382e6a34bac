"""A recorded body in the shape in which its sender posts it: JSON fields become a form's."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from senders.preset import BodyKind, Preset
from senders.recorded import Recorded
from senders.shapes import steps

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
XML = "text/xml; charset=utf-8"

_BOUNDARY_LINE = re.compile(rb"\A--([0-9A-Za-z'()+_,./:=? -]{1,70}?)\r?\n")
_FILE = {"filename", "content_type", "size"}

_Fields = list[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Shaped:
    """What is posted. `headers` are the recorded ones, without Content-Type."""

    body: bytes = field(repr=False)
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


def shape(preset: Preset, recorded: Recorded) -> Shaped:
    """The recorded delivery as this sender posts it, before it is signed.

    A content type that was recorded is kept; else the preset's main kind of body decides. An
    object in JSON becomes a form where a form is due; every other body goes as it is.
    """
    kind = _kind(recorded.content_type) or _fitting(preset.body, recorded.body)
    body, content_type = _SHAPERS[kind](preset, recorded)
    return Shaped(body, content_type, recorded.headers)


def _kind(content_type: str | None) -> BodyKind | None:
    if content_type is None:
        return None
    name = content_type.partition(";")[0].strip().lower()
    return {FORM: BodyKind.FORM, MULTIPART: BodyKind.MULTIPART}.get(name, BodyKind.JSON)


def _fitting(kinds: tuple[BodyKind, ...], body: bytes) -> BodyKind:
    """The preset's kind of that body: the first, unless the bytes are those of another."""
    if BodyKind.MULTIPART in kinds and _BOUNDARY_LINE.match(body):
        return BodyKind.MULTIPART
    return kinds[0]


def _as_json(preset: Preset, recorded: Recorded) -> tuple[bytes, str]:
    return recorded.body, recorded.content_type or JSON


def _as_soap(preset: Preset, recorded: Recorded) -> tuple[bytes, str]:
    return recorded.body, recorded.content_type or XML


def _as_form(preset: Preset, recorded: Recorded) -> tuple[bytes, str]:
    content_type = recorded.content_type or FORM
    fields = _object(recorded.body)
    if fields is None:
        # in a form every line break is encoded: one at the end is the editor's
        return recorded.body.rstrip(b"\r\n"), content_type
    pairs = _pairs(preset, fields)
    coded = (f"{_coded(name)}={_coded(_text(value))}" for name, value in pairs)
    return "&".join(coded).encode("ascii"), content_type


def _coded(text: str) -> str:
    return quote_plus(text, errors="replace")


def _as_multipart(preset: Preset, recorded: Recorded) -> tuple[bytes, str]:
    fields = _object(recorded.body)
    if fields is None:
        return _raw_multipart(recorded)
    boundary = "usher-" + hashlib.sha256(recorded.body).hexdigest()[:32]
    parts = b"".join(_part(boundary, name, value) for name, value in _pairs(preset, fields))
    return parts + f"--{boundary}--\r\n".encode(), f"{MULTIPART}; boundary={boundary}"


def _raw_multipart(recorded: Recorded) -> tuple[bytes, str]:
    body = recorded.body if b"\r\n" in recorded.body else recorded.body.replace(b"\n", b"\r\n")
    if recorded.content_type and "boundary=" in recorded.content_type:
        return body, recorded.content_type
    found = _BOUNDARY_LINE.match(body)
    boundary = found[1].decode("ascii") if found else "none"
    return body, f'{MULTIPART}; boundary="{boundary}"'


_SHAPERS: Mapping[BodyKind, Callable[[Preset, Recorded], tuple[bytes, str]]] = {
    BodyKind.JSON: _as_json,
    BodyKind.FORM: _as_form,
    BodyKind.MULTIPART: _as_multipart,
    BodyKind.SOAP: _as_soap,
}


def _object(body: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _pairs(preset: Preset, fields: Mapping[str, object]) -> _Fields:
    packed = dict(fields)
    for path in preset.json_fields:
        packed = _packed(packed, steps(path))
    return [pair for name, value in packed.items() for pair in _flat(name, value)]


def _packed(fields: dict[str, object], path: tuple[str | int, ...]) -> dict[str, object]:
    """The fields with the one at the path written as JSON text, where it is not text already."""
    key, *rest = path
    value = fields.get(key) if isinstance(key, str) else None
    if value is None:
        return fields
    if rest:
        inner = _packed(value, tuple(rest)) if isinstance(value, dict) else value
        return {**fields, str(key): inner}
    return fields if isinstance(value, str) else {**fields, str(key): json.dumps(value)}


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    """A field as a form writes it: `deal[id]`, `tags[]`, and `items[0][sku]` below a list."""
    if isinstance(value, dict) and set(value) != _FILE:
        for key, inner in value.items():
            yield from _flat(f"{name}[{key}]", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            place = number if isinstance(inner, dict | list) else ""
            yield from _flat(f"{name}[{place}]", inner)
    else:
        yield name, value


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):  # a file, whose name is all that a form can say
        return str(value["filename"])
    return "" if value is None else json.dumps(value)


def _part(boundary: str, name: str, value: object) -> bytes:
    said = f'form-data; name="{_quoted(name)}"'
    head, content = f"Content-Disposition: {said}", _text(value).encode("utf-8", "replace")
    if isinstance(value, dict):
        head += f'; filename="{_quoted(str(value["filename"]))}"'
        head += f"\r\nContent-Type: {_quoted(str(value['content_type']))}"
        content = b"." * (value["size"] if isinstance(value["size"], int) else 0)
    return f"--{boundary}\r\n{head}\r\n\r\n".encode("utf-8", "replace") + content + b"\r\n"


def _quoted(text: str) -> str:
    """As browsers write names of fields and files (HTML, multipart/form-data encoding)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
