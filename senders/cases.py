"""A delivery written down as JSON with all that is needed to say whether it is proved.

preset         the name of a preset, or another name of it
secrets        the secrets themselves, a list or one text
path_secrets   secrets that are the last part of the URL
settings       settings of sources.yaml for a preset that has some
method         POST, if it is not said
url            as it was called: its path and query as they stand, its origin as PUBLIC_URL
headers        [[name, value], ...], or an object of them
body           text, or base64 where body_encoding says so
now            unix seconds or ISO 8601: the time at which to judge
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from urllib.parse import unquote

from senders.delivery import Delivery
from senders.moments import read_moment
from senders.preset import Auth, Preset
from senders.presets import PRESETS, preset_named
from senders.sources import Source, SourcesError, read_sources

_KEYS = (
    *("preset", "secrets", "path_secrets", "settings", "method", "url", "headers"),
    *("body", "body_encoding", "now"),
)
_OF_THE_CASE = ("preset", "secrets", "path_secrets")
_URL = re.compile(r"(https?://[^/?#]*)?([^#]*)", re.IGNORECASE)
# an address of Usher's without a secret at its end
_BARE = re.compile(r"/hooks/[^/]+/?")
_NUMBER = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,9})?")
_LINE = re.compile(r"line \d+: ")
_VARIABLE = re.compile(r"environment variable (PATH_)?SECRET_(\d+)")
_NAME = "delivery"


class Unusable(ValueError):
    """The case cannot be judged as it is written; the argument says why, and what to write."""


@dataclass(frozen=True, slots=True)
class Case:
    """A delivery and who it claims to be from. `now` is unix seconds, None for the present."""

    source: Source
    delivery: Delivery
    public_url: str | None
    now: float | None


def read_case(value: object) -> Case:
    """The case that a JSON value describes; Unusable for one that cannot be judged.

    A secret that cannot be used is no reason: the source then has a `problem`, as in sources.yaml.
    """
    given = _object(value)
    preset = _preset(given.get("preset"))
    secrets, path_secrets = _secrets(given, preset)
    source = _source(preset, _settings(given.get("settings")), secrets, path_secrets)
    origin, target = _url(given.get("url", ""))
    in_path = bool(path_secrets) or preset.auth is Auth.PATH
    delivery = Delivery(
        method=_text(given.get("method", "POST"), "method"),
        target=target,
        headers=tuple(_headers(given.get("headers", []))),
        body=_body(given.get("body"), given.get("body_encoding", "utf-8")),
        token=_token(target) if in_path else None,
    )
    return Case(source, delivery, origin, _now(given.get("now")))


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Unusable('a delivery is an object such as {"preset": "typeform", ...}')
    unknown = [key for key in value if key not in _KEYS]
    if unknown:
        near = get_close_matches(unknown[0], _KEYS, n=1)
        cure = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(_KEYS)}"
        raise Unusable(f"{_listed(unknown)} means nothing here; {cure}")
    return value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(json.dumps(name) for name in names)


def _preset(name: object) -> Preset:
    if name is None:
        raise Unusable('preset is missing; add one, such as "preset": "typeform"')
    found = preset_named(name) if isinstance(name, str) else None
    if found is None:
        near = get_close_matches(str(name), PRESETS, n=1)
        cure = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(PRESETS)}"
        raise Unusable(f"{json.dumps(name)} is not a preset; {cure}")
    return found


def _secrets(given: Mapping[str, object], preset: Preset) -> tuple[list[str], list[str]]:
    secrets = _texts(given.get("secrets", []), "secrets")
    path_secrets = _texts(given.get("path_secrets", []), "path_secrets")
    return ([], [*path_secrets, *secrets]) if preset.auth is Auth.PATH else (secrets, path_secrets)


def _texts(value: object, what: str) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise Unusable(f"{what} has to be a list of texts, or one text")
    return texts


def _settings(value: object) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unusable('settings has to be an object, such as {"signature_header": "X-Signature"}')
    misplaced = [key for key in value if key in _OF_THE_CASE]
    if misplaced:
        raise Unusable(f"{_listed(misplaced)} stands beside settings, not in it")
    return value


def _source(
    preset: Preset,
    settings: Mapping[str, object],
    secrets: list[str],
    path_secrets: list[str],
) -> Source:
    """The source, read as an entry of sources.yaml with these settings would be."""
    variables = {f"SECRET_{number}": text for number, text in enumerate(secrets, start=1)}
    in_path = {f"PATH_SECRET_{number}": text for number, text in enumerate(path_secrets, start=1)}
    entry = {"preset": preset.name, **settings}
    if variables:
        entry["secrets"] = list(variables)
    if in_path:
        entry["path_secrets"] = list(in_path)
    try:
        # JSON is YAML as well
        text = json.dumps({_NAME: entry}, ensure_ascii=False)
        source = read_sources(text, {**variables, **in_path})[_NAME]
    except SourcesError as error:
        told = (_LINE.sub("", problem) for problem in error.problems)
        raise Unusable("; ".join(each.removeprefix(f"{_NAME}: ") for each in told)) from None
    if source.problem is None:
        return source
    if not variables and not in_path:
        return replace(source, problem="no secret is given")
    return replace(source, problem=_VARIABLE.sub(_which, source.problem))


def _which(variable: re.Match[str]) -> str:
    return f"path secret {variable[2]}" if variable[1] else f"secret {variable[2]}"


def _url(value: object) -> tuple[str | None, str]:
    found = _URL.match(_text(value, "url"))
    origin, target = (found[1], found[2]) if found else (None, "")
    return origin, target if target.startswith("/") else f"/{target}"


def _token(target: str) -> str | None:
    path = target.partition("?")[0]
    last = path.rpartition("/")[2]
    return unquote(last) or None if not _BARE.fullmatch(path) else None


def _headers(value: object) -> Iterable[tuple[str, str]]:
    pairs: list[object] = list(value.items()) if isinstance(value, dict) else []
    for pair in value if isinstance(value, list) else pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Unusable(_HEADERS)
        name, held = pair
        for one in held if isinstance(held, list) else [held]:
            told = str(one) if isinstance(one, int) and not isinstance(one, bool) else one
            if not isinstance(name, str) or not isinstance(told, str):
                raise Unusable(_HEADERS)
            yield name, told.strip(" \t")
    if not isinstance(value, list | dict):
        raise Unusable(_HEADERS)


_HEADERS = 'headers has to be [["Name", "value"], ...] or {"Name": "value", ...}'


def _body(value: object, encoding: object) -> bytes:
    if encoding not in ("utf-8", "base64"):
        raise Unusable("body_encoding has to be utf-8 or base64")
    text = _text("" if value is None else value, "body")
    try:
        if encoding == "base64":
            return base64.b64decode(text, validate=True)
        return text.encode("utf-8")
    except (binascii.Error, ValueError):
        raise Unusable(f"body is not {encoding}; give the bytes as base64") from None


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise Unusable(f"{what} has to be text, exactly as it was sent")
    return value


def _now(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        moment = read_moment(value)
        number = moment.timestamp() if moment else math.nan
    else:
        number = _float(value)
    if not math.isfinite(number):
        raise Unusable("now has to be unix seconds, or a time such as 2026-04-15T10:00:00Z")
    return number


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
