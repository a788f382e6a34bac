"""The bytes that a sender signs, and the signature over them: for checking and for signing alike.

A template such as `{header:webhook-id}.{ts}.{body}` says what is signed, in which order.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

from senders.preset import Algorithm, Auth, Encoding, Preset, Timestamp


class Part(Enum):
    """What a piece of a template stands for."""

    LITERAL = "literal"
    BODY = "body"
    TIMESTAMP = "ts"
    METHOD = "method"
    URL = "url"
    HUBSPOT_URL = "url|hubspot"
    SECRET = "secret"  # noqa: S105 - the name of a placeholder, not a secret
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a template; `text` is the literal, or the header's name in lower case."""

    part: Part
    text: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What a delivery offers to be signed. Headers are by lower-case name."""

    method: bytes
    origin: str
    target: str
    timestamp: bytes
    headers: Mapping[str, bytes] = field(repr=False)
    body: bytes = field(repr=False)


class UnknownPlaceholder(ValueError):
    """The template holds a `{word}` that means nothing; the word is the argument."""


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WORDS = {part.value: part for part in Part if part not in (Part.LITERAL, Part.HEADER)}

# HubSpot signs the URL with exactly these decoded, in one pass and in no other spelling:
# https://developers.hubspot.com/docs/api/webhooks/validating-requests
_HUBSPOT_DECODED = {
    f"%{ord(character):02X}": character
    for character in (":", "/", "?", "@", "!", "$", "'", "(", ")", "*", ",", ";")
}
_HUBSPOT_ENCODED = re.compile("|".join(_HUBSPOT_DECODED))

_DIGESTS = {
    Algorithm.HMAC_SHA1: "sha1",
    Algorithm.HMAC_SHA256: "sha256",
    Algorithm.HMAC_SHA512: "sha512",
}


@cache
def pieces(template: str) -> tuple[Piece, ...]:
    """The template taken apart, in order; UnknownPlaceholder for a `{word}` that means nothing."""
    found = []
    for index, text in enumerate(_PLACEHOLDER.split(template)):
        if index % 2:
            found.append(_placeholder(text))
        elif text:
            found.append(Piece(Part.LITERAL, text))
    return tuple(found)


def _placeholder(word: str) -> Piece:
    if word in _WORDS:
        return Piece(_WORDS[word])
    kind, _, name = word.partition(":")
    if kind == "header" and is_header_name(name):
        return Piece(Part.HEADER, name.lower())
    raise UnknownPlaceholder(word)


def is_header_name(text: str) -> bool:
    """Whether HTTP allows a header of this name."""
    return _HEADER_NAME.fullmatch(text) is not None


def signed_headers(preset: Preset) -> tuple[str, ...]:
    """Names of the headers that the signature covers, in lower case."""
    return tuple(piece.text for piece in pieces(preset.signed) if piece.part is Part.HEADER)


def signs_url(preset: Preset) -> bool:
    """Whether the signature covers the public URL, which this program has to be told."""
    return any(piece.part in (Part.URL, Part.HUBSPOT_URL) for piece in pieces(preset.signed))


def origin_of(public_url: str | None) -> str | None:
    """`https://host[:port]` of a public URL as it was written; None if it has none."""
    try:
        parts = urlsplit(public_url or "")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return f"{parts.scheme}://{parts.netloc}"


def signed_bytes(preset: Preset, secret: bytes, material: Material) -> bytes:
    """The bytes that are signed; the secret is among them only for `sha256-concat`."""
    return b"".join(_bytes(piece, secret, material) for piece in pieces(preset.signed))


def called(public_url: str | None, target: str) -> str:
    """The target as it was called: a proxy may have cut off the path of the public URL."""
    prefix = urlsplit(public_url or "").path.partition("/hooks/")[0].rstrip("/")
    return target if target.startswith(f"{prefix}/") else prefix + target


def signature(preset: Preset, secret: bytes, material: Material) -> bytes:
    """The signature as it stands in the header, without its prefix."""
    message = signed_bytes(preset, secret, material)
    if preset.algorithm is Algorithm.SHA256_CONCAT:
        digest = hashlib.sha256(message).digest()
    else:
        digest = hmac.digest(secret, message, _DIGESTS[preset.algorithm])
    if preset.encoding is Encoding.BASE64:
        return base64.b64encode(digest)
    return digest.hex().encode("ascii")


def _bytes(piece: Piece, secret: bytes, material: Material) -> bytes:
    match piece.part:
        case Part.LITERAL:
            return piece.text.encode("utf-8")
        case Part.BODY:
            return material.body
        case Part.TIMESTAMP:
            return material.timestamp
        case Part.METHOD:
            return material.method
        case Part.URL:
            return _url(material.origin, material.target)
        case Part.HUBSPOT_URL:
            return _url(material.origin, hubspot_decoded(material.target))
        case Part.SECRET:
            return secret
        case Part.HEADER:
            return material.headers[piece.text]


def _url(origin: str, target: str) -> bytes:
    return origin.encode("utf-8", "replace") + target.encode("latin-1")


def hubspot_decoded(target: str) -> str:
    """The target with HubSpot's twelve characters decoded once: `%253A` stays as it is."""
    return _HUBSPOT_ENCODED.sub(lambda match: _HUBSPOT_DECODED[match.group()], target)


def flaws(preset: Preset) -> tuple[str, ...]:
    """Why this preset would not protect anything, one sentence each; empty if it does."""
    if preset.auth is Auth.BODY and not preset.secret_field:
        return ("secret_field is missing: the field of the body that holds the secret",)
    if preset.auth is not Auth.HMAC:
        return ()
    try:
        template = pieces(preset.signed)
    except UnknownPlaceholder as unknown:
        return (f'"{{{unknown}}}" in the signed text means nothing; use {_known_words()}',)
    checks = (*_template_checks(preset, template), *_header_checks(preset))
    return tuple(sentence for wrong, sentence in checks if wrong)


_Checks = tuple[tuple[bool, str], ...]


def _template_checks(preset: Preset, template: tuple[Piece, ...]) -> _Checks:
    parts = {piece.part for piece in template}
    literal = "".join(piece.text for piece in template if piece.part is Part.LITERAL)
    concatenated = preset.algorithm is Algorithm.SHA256_CONCAT
    names = {piece.text for piece in template if piece.part is Part.HEADER}
    return (
        ("{" in literal or "}" in literal, "the signed text has a { or } without its partner"),
        (Part.BODY not in parts, "the signed text leaves out {body}, so anybody could change it"),
        (
            preset.timestamp is not None and Part.TIMESTAMP not in parts,
            "the signed text leaves out {ts}, so an old delivery could be given a new time",
        ),
        (
            preset.timestamp is None and Part.TIMESTAMP in parts,
            "the signed text has {ts}, but nothing says which header holds the time",
        ),
        (
            _run_together(template),
            "the signed text has nothing between a {header:NAME} and what follows it, so that "
            "characters could be moved from one to the other; is a dot or a colon missing?",
        ),
        (concatenated and Part.SECRET not in parts, "the signed text leaves out {secret}"),
        (not concatenated and Part.SECRET in parts, "{secret} has no place in a text for HMAC"),
        (
            preset.signature.name.lower() in names,
            "the signed text holds the header of the signature itself",
        ),
    )


def _header_checks(preset: Preset) -> _Checks:
    header = preset.signature
    stamp = preset.timestamp or Timestamp()
    keys = (*header.take, *header.ed25519)
    return (
        (not header.name, "the header that holds the signature is not named"),
        (
            bool(header.kv) and not keys,
            "signature_assign stands between a key and a signature; name the key in signature_key",
        ),
        (
            bool(stamp.field) and not keys,
            "timestamp_field is a key beside those of signatures; name these in signature_key",
        ),
        (
            bool(stamp.field and stamp.header),
            "timestamp_field and timestamp_header contradict each other; delete one of them",
        ),
        (stamp.field in keys, "timestamp_field and signature_key are the same key"),
        (
            bool(header.kv) and header.kv == header.separator,
            "signature_assign and signature_separator are the same",
        ),
    )


def _run_together(template: tuple[Piece, ...]) -> bool:
    pairs = pairwise(template)
    return any(Part.HEADER is one.part and after.part is not Part.LITERAL for one, after in pairs)


def _known_words() -> str:
    return ", ".join(f"{{{word}}}" for word in (*_WORDS, "header:NAME") if word != "secret")
