"""What makes an event the same event when its sender posts it again."""

import hashlib
from collections.abc import Sequence

from senders.delivery import Delivery
from senders.preset import HASH, Preset
from senders.shapes import dig, text, without
from senders.strict_json import dump

LONGEST = 200

_HEADER = "header:"


def look(path: str, part: object, delivery: Delivery) -> object:
    """What stands at that path of the event, or in that header (if it is there exactly once)."""
    if not path.startswith(_HEADER):
        return dig(part, path)
    values = delivery.values(path.removeprefix(_HEADER))
    return values[0] if len(values) == 1 else None


def identity(preset: Preset, delivery: Delivery, part: object, position: int | None) -> str:
    """The sender's own identity of the event, at most 200 printable characters.

    The hash of the event where the sender gives none, and of the identity where it is longer.
    `position` is the event's place in a batch: it tells events apart whose identity is a header.
    """
    for paths in preset.id:
        values = [_value(preset, path, part, delivery) for path in paths]
        found = [value for value in values if value is not None]
        if len(found) < len(values):
            continue
        if position is not None and all(path.startswith(_HEADER) for path in paths):
            found.append(str(position))
        return _short(_joined(found))
    # what happened to a thing may be said in a header alone
    kind = text(look(preset.type, part, delivery)) if preset.type.startswith(_HEADER) else None
    content = _hash(preset, part)
    return content if kind is None else _short(_joined((kind, content)))


def is_same(preset: Preset, one: object, other: object) -> bool:
    """Whether two parts of a batch hold the same, but for what changes when they are sent again."""
    return _hash(preset, one) == _hash(preset, other)


def told_apart(preset: Preset, name: str, part: object) -> str:
    """An identity for a part whose own one, `name`, is that of another part of the batch."""
    return _short(_joined((name, _hash(preset, part))))


def _value(preset: Preset, path: str, part: object, delivery: Delivery) -> str | None:
    return _hash(preset, part) if path == HASH else text(look(path, part, delivery))


def _joined(values: Sequence[str]) -> str:
    if len(values) == 1:
        return values[0]
    # ("a/b", "c") and ("a", "b/c") are two identities
    return "/".join(value.replace("%", "%25").replace("/", "%2F") for value in values)


def _short(value: str) -> str:
    return value if len(value) <= LONGEST and value.isprintable() else _sha256(value)


def _hash(preset: Preset, part: object) -> str:
    for path in preset.volatile:
        part = without(part, path)
    return _sha256(dump(part, sort_keys=True))


def _sha256(value: str) -> str:
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
