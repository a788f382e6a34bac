"""A refused request as it may be shown: without the passwords, tokens and secrets in it. Pure."""

import re
from typing import Any, Final

from coursebox.redaction import GONE
from senders.bodies import read_body
from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.preset import Auth, Preset
from senders.shapes import dig, replaced
from usher.shapes import without_secrets

WITHHELD: Final = "(withheld: it cannot be read, and may hold the secret of the source)"
NOBODY: Final = "(withheld: the source is no longer in sources.yaml)"
# parts of the names of headers and query parameters, without what is no letter or digit
_SECRET: Final = (
    *("auth", "cookie", "token", "secret", "password", "passwd", "credential", "session"),
    *("apikey", "accesskey"),
)
_SCHEMES: Final = frozenset({"basic", "bearer", "digest", "token"})
_PARAMETER: Final = re.compile(r"([^&=]+)=([^&]+)")


def target_shown(delivery: Delivery) -> str:
    """The address without the secret at its end and those in its query."""
    path, mark, query = delivery.target.partition("?")
    if delivery.token is not None:
        path = f"{path.rpartition('/')[0]}/{GONE}"
    return path + mark + _PARAMETER.sub(_parameter, query)


def _parameter(found: re.Match[str]) -> str:
    return f"{found[1]}={GONE}" if _is_secret(found[1]) else found[0]


def headers_shown(preset: Preset | None, delivery: Delivery) -> list[tuple[str, str]]:
    """The headers; of those that hold a password or a token only the scheme, such as "Basic"."""
    token = _token_header(preset)
    return [
        (name, _masked(value) if _is_secret(name) or name.lower() == token else value)
        for name, value in delivery.headers
    ]


def _token_header(preset: Preset | None) -> str:
    if preset is None or preset.auth not in (Auth.TOKEN, Auth.JWT):
        return ""
    return preset.token.name.lower()


def _masked(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {GONE}" if space and scheme.lower() in _SCHEMES else GONE


def _is_secret(name: str) -> bool:
    plain = "".join(filter(str.isalnum, name)).lower()
    return any(part in plain for part in _SECRET)


def body_shown(preset: Preset | None, delivery: Delivery) -> Any:
    """The body as JSON without its secrets, or as text where it cannot be read."""
    if preset is None:
        return NOBODY
    secret = tuple(filter(None, (preset.secret_field, *preset.forget)))
    try:
        value = read_body(preset, delivery)
    except (Malformed, UnsupportedType):
        return WITHHELD if secret else delivery.body.decode("utf-8", "replace")
    for path in secret:
        if dig(value, path) is not None:
            value = replaced(value, path, GONE)
    return without_secrets(value)
