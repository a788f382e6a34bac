"""Taking secrets out of what is stored and shown. Pure.

Both ways at once: by the name of a JSON key, and by value wherever it stands, because the vendor's
framework echoes bodies it cannot read and passwords that are too long.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

GONE: Final = "(redacted)"
WITHHELD: Final = "(withheld: it repeats part of a secret)"
LONGEST_BODY: Final = 2_000
MOST_ITEMS: Final = 20  # of a list; more would be cut off anyhow, and a course may have thousands
SHORTEST_SECRET: Final = 3
FRAGMENT: Final = 8

SECRET_KEYS: Final = frozenset({
    "password", "newpassword", "oldpassword", "confirm", "confirmpassword", "token", "accesstoken",
    "xaccesstoken", "refreshtoken", "verificationtoken", "authorization", "secret", "apikey",
    "credentials", "challenges",
})  # fmt: skip


class Secrets:
    """Values that must not be seen, in every form in which they may be written down."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {
            form for value in values if len(value) >= SHORTEST_SECRET for form in _forms(value)
        }
        self._forms = sorted(forms, key=len, reverse=True)
        self._pieces = frozenset(piece for form in forms for piece in _pieces(form))

    def scrub(self, text: str) -> str:
        """The text without the secrets; nothing of it if a longer part of one is left."""
        for form in self._forms:
            text = text.replace(form, GONE)
        return text if self._pieces.isdisjoint(_pieces(text)) else WITHHELD


def redact(value: object, secrets: Secrets, *, most: int | None = MOST_ITEMS) -> object:
    """A JSON value without secrets, with lists cut after `most` items; None leaves them whole."""
    if isinstance(value, str):
        return secrets.scrub(value)
    if isinstance(value, list):
        kept = [redact(item, secrets, most=most) for item in value[:most]]
        more = len(value) - len(kept)
        return [*kept, f"... and {more} more"] if more > 0 else kept
    if isinstance(value, Mapping):
        named = SECRET_KEYS | {"id"} if "ttl" in value else SECRET_KEYS
        return dict(_redacted(key, each, named, secrets, most) for key, each in value.items())
    return value


def _redacted(
    key: object, value: object, named: frozenset[str], secrets: Secrets, most: int | None
) -> tuple[str, object]:
    """An entry without secrets; a name that is known to be one says nothing by itself."""
    if _plain(key) in named:
        return str(key), GONE if value else redact(value, secrets, most=most)
    return secrets.scrub(str(key)), redact(value, secrets, most=most)


def blank(value: object) -> object:
    """The shape of a JSON value alone, for an answer that is a secret whatever its form."""
    if isinstance(value, list):
        return [blank(item) for item in value]
    if isinstance(value, Mapping):
        return {key: blank(each) for key, each in value.items()}
    return GONE


def recorded(body: object, text: str, secrets: Secrets) -> str:
    """A body as it may be stored: JSON where it is JSON (`body`), else its text; cut to size."""
    if body is None:
        safe = secrets.scrub(text[: 10 * LONGEST_BODY])
    else:
        safe = json.dumps(redact(body, secrets), ensure_ascii=False)
    return safe if len(safe) <= LONGEST_BODY else safe[: LONGEST_BODY - 1] + "…"


def _plain(key: object) -> str:
    return "".join(filter(str.isalnum, str(key))).lower()


def _forms(value: str) -> Iterator[str]:
    yield from (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield from (json.dumps(json.dumps(value)[1:-1])[1:-1], quote(value, safe=""), quote_plus(value))
    if len(value) >= FRAGMENT:
        yield from _encoded(value.encode(errors="replace"))


def _encoded(value: bytes) -> Iterator[str]:
    """Base64 in both alphabets, wherever in what was encoded the value begins: without the groups
    at either end, in which there may be more than it."""
    yield value.hex()
    for before in range(3):
        text = base64.b64encode(b"\0" * before + value).decode()
        inner = text[4 if before else 0 : -4 if text.endswith("=") else None]
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + FRAGMENT] for at in range(len(text) - FRAGMENT + 1))
