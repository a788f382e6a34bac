"""A delivery as its sender would post it: for trying a source out, for the demo and for tests."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from senders.delivery import Delivery
from senders.ed25519 import sign as ed25519
from senders.jwt import make_token
from senders.preset import Auth, BodyKind, Preset, Unit
from senders.shapes import steps
from senders.signature import (
    Material,
    called,
    origin_of,
    signature,
    signed_bytes,
    signed_headers,
    signs_url,
)
from senders.sources import Source, has_own_proof

# how long a token that is made here holds, in seconds
TOKEN_LIFE = 300

_ID_HEADER = "header:"
_LAST_PART = re.compile(r".*/hooks/[^/]+/([^/]+)")
_CONTENT_TYPES: Mapping[BodyKind, str] = {
    BodyKind.JSON: "application/json",
    BodyKind.FORM: "application/x-www-form-urlencoded",
    BodyKind.MULTIPART: "multipart/form-data",
    BodyKind.SOAP: "text/xml; charset=utf-8",
}


class CannotSign(Exception):
    """The source cannot be signed for; the message says what is missing, without any secret."""


@dataclass(slots=True)
class _Posted:
    """A delivery in the making. Headers by lower-case name: name and value."""

    source: Source
    body: bytes = field(repr=False)
    target: str = field(repr=False)
    now: float
    public_url: str | None
    token: str | None = field(default=None, repr=False)
    headers: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    @property
    def origin(self) -> str | None:
        return origin_of(self.public_url)

    @property
    def called(self) -> str:
        """The target as the sender calls it."""
        return called(self.public_url, self.target)

    def put(self, name: str, value: str) -> None:
        self.headers[name.lower()] = (name, value)


def sign(
    source: Source,
    body: bytes,
    *,
    target: str,
    now: float,
    public_url: str | None,
    event_id: str,
    content_type: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Delivery:
    """The POST that this sender would make of the body, valid at `now` (unix seconds).

    The first secret signs, or the key pair, or both. `event_id` goes into the headers that hold an
    id, where the sender has such and `headers` does not give them; what proves the delivery is
    always made anew. The body stays as it is, but for senders whose secret stands in it. The secret
    of the address is put behind a target that is the source's own, `/hooks/<name>`; any other has
    to hold it. `public_url` is needed for senders that sign the URL.
    CannotSign if the source is not started, or something that its proof needs is missing.
    """
    preset = source.preset
    own = has_own_proof(source)
    if source.problem is not None or not (own or source.path_secrets or preset.auth is Auth.NONE):
        raise CannotSign(f"{source.name}: {source.problem or 'the source has no secret'}")
    if not event_id.isascii() or not event_id.isprintable():
        raise CannotSign(f"{source.name}: the event id has to be plain characters")
    posted = _Posted(source, body, target, now, public_url)
    _put_path_secret(posted)
    _put_headers(posted, event_id, content_type, headers)
    if own:
        for name, value in preset.require:
            posted.put(name, value)
        _PROOFS[preset.auth](posted)
    return Delivery(
        "POST", posted.target, tuple(posted.headers.values()), posted.body, posted.token
    )


def _put_headers(
    posted: _Posted, event_id: str, content_type: str | None, given: tuple[tuple[str, str], ...]
) -> None:
    preset = posted.source.preset
    posted.put("Content-Type", _CONTENT_TYPES[preset.body[0]])
    for name in _id_headers(preset):
        posted.put(name, event_id)
    for name, value in given:
        posted.put(name, value)
    if content_type is not None:
        posted.put("Content-Type", content_type)


def _id_headers(preset: Preset) -> tuple[str, ...]:
    paths = (path for alternative in preset.id for path in alternative)
    names = (path.removeprefix(_ID_HEADER) for path in paths if path.startswith(_ID_HEADER))
    return (*names, *signed_headers(preset))


def _put_path_secret(posted: _Posted) -> None:
    source = posted.source
    path, mark, query = posted.target.partition("?")
    if not source.path_secrets:
        return
    if path == f"/hooks/{source.name}":
        path += "/" + quote(source.path_secrets[0], safe="")
        posted.target = path + mark + query
    found = _LAST_PART.fullmatch(path)
    posted.token = unquote(found[1]) if found else None


def _put_basic(posted: _Posted) -> None:
    coded = base64.b64encode(posted.source.secrets[0]).decode("ascii")
    posted.put("Authorization", f"Basic {coded}")


def _put_token(posted: _Posted) -> None:
    header = posted.source.preset.token
    posted.put(header.name, header.prefix + posted.source.secrets[0].decode("latin-1"))


def _put_jwt(posted: _Posted) -> None:
    at = int(posted.now)
    claims: dict[str, object] = {"iat": at, "exp": at + TOKEN_LIFE}
    if posted.origin is not None:
        claims["aud"] = posted.origin + posted.called.partition("?")[0]
    header = posted.source.preset.token
    posted.put(header.name, header.prefix + make_token(claims, posted.source.secrets[0]))


def _put_in_body(posted: _Posted) -> None:
    source = posted.source
    path, secret = source.preset.secret_field, source.secrets[0].decode("utf-8")
    content_type = posted.headers["content-type"][1].partition(";")[0].strip().lower()
    if content_type == _CONTENT_TYPES[BodyKind.FORM]:
        posted.body = _form_with(posted.body, path, secret)
    elif content_type.endswith("json"):
        posted.body = _json_with(source.name, posted.body, path, secret)
    else:
        raise CannotSign(f"{source.name}: its secret can be put into JSON and forms only")


def _json_with(name: str, body: bytes, path: str, secret: str) -> bytes:
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        raise CannotSign(f"{name}: the body is not JSON, which its secret is a field of") from None
    if not isinstance(whole, dict):
        raise CannotSign(f"{name}: the body is no object, which its secret is a field of")
    return json.dumps(_with_field(whole, [str(step) for step in steps(path)], secret)).encode()


def _with_field(block: object, names: list[str], secret: str) -> dict[str, object]:
    inner = block if isinstance(block, dict) else {}
    first, *rest = names
    return {**inner, first: _with_field(inner.get(first), rest, secret) if rest else secret}


def _form_with(body: bytes, path: str, secret: str) -> bytes:
    first, *rest = (str(step) for step in steps(path))
    name = first + "".join(f"[{step}]" for step in rest)
    kept = [pair for pair in body.split(b"&") if pair and not _names(pair, name)]
    return b"&".join([*kept, f"{quote_plus(name)}={quote_plus(secret)}".encode("ascii")])


def _names(pair: bytes, name: str) -> bool:
    found = parse_qsl(pair.decode("latin-1"), keep_blank_values=True)
    return bool(found) and found[0][0] == name


def _put_signature(posted: _Posted) -> None:
    source, preset = posted.source, posted.source.preset
    if posted.origin is None and signs_url(preset):
        raise CannotSign(f"{source.name}: this sender signs the URL it calls; set PUBLIC_URL")
    stamp = _stamp(preset, posted.now)
    material = Material(
        method=b"POST",
        origin=posted.origin or "",
        target=posted.called,
        timestamp=stamp.encode("ascii"),
        headers={name: _bytes(posted, name) for name in signed_headers(preset)},
        body=posted.body,
    )
    posted.put(preset.signature.name, _header_value(source, stamp, material))
    if preset.timestamp is not None and preset.timestamp.header:
        posted.put(preset.timestamp.header, stamp)


def _bytes(posted: _Posted, name: str) -> bytes:
    try:
        return posted.headers[name][1].encode("latin-1")
    except UnicodeEncodeError:
        problem = f"the header {name} holds what no header can hold"
        raise CannotSign(f"{posted.source.name}: {problem}") from None


def _stamp(preset: Preset, now: float) -> str:
    if preset.timestamp is None:
        return ""
    return str(int(now * 1000 if preset.timestamp.unit is Unit.MILLISECONDS else now))


def _header_value(source: Source, stamp: str, material: Material) -> str:
    preset, header = source.preset, source.preset.signature
    elements = [
        (header.take[0] if header.take else "", signature(preset, secret, material).decode("ascii"))
        for secret in source.secrets[:1]
    ]
    if source.signing_key is not None and header.ed25519:
        signed = ed25519(source.signing_key, signed_bytes(preset, b"", material))
        elements.append((header.ed25519[0], base64.b64encode(signed).decode("ascii")))
    if not elements:
        missing = "it has only a public key, which checks but does not sign; a key pair is needed"
        raise CannotSign(f"{source.name}: {missing}")
    if not header.kv:
        return header.prefix + elements[0][1]
    values = [f"{key}{header.kv}{header.prefix}{signed}" for key, signed in elements]
    if preset.timestamp is not None and preset.timestamp.field:
        values.insert(0, f"{preset.timestamp.field}{header.kv}{stamp}")
    return header.separator.join(values)


_PROOFS: Mapping[Auth, Callable[[_Posted], None]] = {
    Auth.HMAC: _put_signature,
    Auth.BASIC: _put_basic,
    Auth.TOKEN: _put_token,
    Auth.JWT: _put_jwt,
    Auth.BODY: _put_in_body,
}
