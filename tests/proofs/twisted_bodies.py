"""Bodies that are almost those of a sender: of another shape in JSON, or with noise among bytes."""

import json
from random import Random
from typing import Final

_ODD: Final = (
    None, True, 0, -1, 1e308, 10**30, "", " ", "x" * 300, "\u202e1", "2026-99-99T99:99:99Z", "\x00",
    "1776247200000", [], {}, [[]], [{}], {"": {}}, [None, "a", 1], {"id": []}, {"value": {"a": 1}},
)  # fmt: skip
_NOISE: Final = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"\\ud800", b"[", b"]", b"{", b"}", b"&", b"=",
    b"%", b"<", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"--", b"\r\n", b"1e999", b"NaN", b"a" * 300,
)  # fmt: skip


def twisted(body: bytes, chance: Random) -> bytes:
    """JSON with other values at a few places; noise among the bytes of what is no JSON."""
    try:
        value = json.loads(body)
    except ValueError:
        return with_noise(body, chance)
    for _ in range(chance.randrange(1, 4)):
        value = _twisted(value, chance)
    return json.dumps(value).encode()


def with_noise(body: bytes, chance: Random) -> bytes:
    """The bytes with something put in or left out, and perhaps broken off."""
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(body) + 1)
        body = body[:place] + chance.choice(_NOISE) + body[place + chance.choice((0, 1, 20)) :]
    return body[: chance.randrange(len(body) + 1)] if chance.random() < 0.3 else body


def _twisted(value: object, chance: Random) -> object:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        return {**value, key: _twisted(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        return [*value[:place], _twisted(value[place], chance), *value[place + 1 :]]
    return chance.choice(_ODD)
