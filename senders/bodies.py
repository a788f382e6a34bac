"""The body of a delivery as one JSON value, whatever the sender writes it in.

The content type decides among the kinds that the preset reads. What comes out can be stored, sent
on and written as JSON: nested at most 100 levels deep, with valid Unicode and finite numbers.
"""

import re
from collections.abc import Callable, Mapping

from werkzeug.http import parse_options_header

from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.forms import parse_form
from senders.multipart import parse_multipart
from senders.preset import BodyKind, Preset
from senders.shapes import dig, replaced, steps
from senders.soap import parse_soap
from senders.strict_json import DEEPEST, deeper_than, parse

_KINDS: tuple[tuple[BodyKind, re.Pattern[str]], ...] = (
    (BodyKind.JSON, re.compile(r"application/(?:json|[!#$&^_.+0-9a-z-]+\+json)")),
    (BodyKind.FORM, re.compile(r"application/x-www-form-urlencoded")),
    (BodyKind.MULTIPART, re.compile(r"multipart/form-data")),
    (BodyKind.SOAP, re.compile(r"text/xml|application/(?:soap\+)?xml")),
)
_NAMES: Mapping[BodyKind, str] = {
    BodyKind.JSON: "application/json",
    BodyKind.FORM: "application/x-www-form-urlencoded",
    BodyKind.MULTIPART: "multipart/form-data",
    BodyKind.SOAP: "text/xml",
}


def read_body(preset: Preset, delivery: Delivery) -> object:
    """The body's value, with the texts at `preset.json_fields` read in place.

    Malformed, in plain words for the sender, for a body that is not what its type says or is
    beyond a limit; UnsupportedType for a type or charset that this preset does not read. Nothing
    is dropped yet of what the preset forgets.
    """
    value = _READERS[_kind(preset, delivery)](preset, delivery)
    for path in preset.json_fields:
        value = _read_in_place(value, path)
    return value


def _kind(preset: Preset, delivery: Delivery) -> BodyKind:
    said = _content_type(delivery).partition(";")[0].strip().lower()
    if not said:
        return preset.body[0]
    kind = next((kind for kind, pattern in _KINDS if pattern.fullmatch(said)), None)
    if kind is BodyKind.FORM and _is_json(preset, delivery.body):
        return BodyKind.JSON
    if kind is None or kind not in preset.body:
        raise UnsupportedType(f"this source reads {_read(preset)} only{_but(kind)}")
    return kind


def _is_json(preset: Preset, body: bytes) -> bool:
    # curl -d calls everything a form
    if BodyKind.JSON not in preset.body:
        return False
    if BodyKind.FORM in preset.body and not body.lstrip().startswith((b"{", b"[")):
        return False
    try:
        parse(body)
    except Malformed:
        return False
    return True


def _read(preset: Preset) -> str:
    return " or ".join(_NAMES[kind] for kind in preset.body)


def _but(kind: BodyKind | None) -> str:
    return ", not forms" if kind is BodyKind.FORM else ""


def _content_type(delivery: Delivery) -> str:
    return ",".join(delivery.values("Content-Type"))


def _json(preset: Preset, delivery: Delivery) -> object:
    return parse(delivery.body)


def _form(preset: Preset, delivery: Delivery) -> object:
    options = parse_options_header(_content_type(delivery))[1]
    return parse_form(delivery.body, options.get("charset", ""))


def _multipart(preset: Preset, delivery: Delivery) -> object:
    return parse_multipart(delivery.body, _content_type(delivery))


def _soap(preset: Preset, delivery: Delivery) -> object:
    return parse_soap(delivery.body, steps(preset.batch.path) if preset.batch else ())


_READERS: Mapping[BodyKind, Callable[[Preset, Delivery], object]] = {
    BodyKind.JSON: _json,
    BodyKind.FORM: _form,
    BodyKind.MULTIPART: _multipart,
    BodyKind.SOAP: _soap,
}


def _read_in_place(whole: object, path: str) -> object:
    text = dig(whole, path)
    if not isinstance(text, str):
        return whole
    try:
        value = parse(text.encode("utf-8"))
    except Malformed:
        return whole
    if not isinstance(value, dict | list) or deeper_than(value, DEEPEST - len(steps(path))):
        return whole
    return replaced(whole, path, value)
