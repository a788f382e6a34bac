"""What a preset's row says, in words: for the command line and the page of all senders."""

from collections.abc import Mapping
from typing import Final

from senders.preset import (
    HASH,
    Algorithm,
    Auth,
    BodyKind,
    Encoding,
    Handshake,
    Preset,
    Timestamp,
    Unit,
)

_BRIEF: Final[Mapping[Auth, str]] = {
    Auth.HMAC: "signature",
    Auth.BASIC: "user and password",
    Auth.TOKEN: "fixed header",
    Auth.JWT: "signed token",
    Auth.BODY: "secret in the body",
    Auth.PATH: "secret in the URL",
    Auth.NONE: "none: anybody",
}
_ALGORITHMS: Final[Mapping[Algorithm, str]] = {
    Algorithm.HMAC_SHA1: "HMAC-SHA1",
    Algorithm.HMAC_SHA256: "HMAC-SHA256",
    Algorithm.HMAC_SHA512: "HMAC-SHA512",
    Algorithm.SHA256_CONCAT: "SHA-256",
}
_ENCODINGS: Final[Mapping[Encoding, str]] = {Encoding.HEX: "hex", Encoding.BASE64: "base64"}
_UNITS: Final[Mapping[Unit, str]] = {Unit.SECONDS: "seconds", Unit.MILLISECONDS: "milliseconds"}
_BODIES: Final[Mapping[BodyKind, str]] = {
    BodyKind.JSON: "JSON",
    BodyKind.FORM: "a form",
    BodyKind.MULTIPART: "a multipart form",
    BodyKind.SOAP: "SOAP",
}
_HANDSHAKES: Final[Mapping[Handshake, str]] = {
    Handshake.VISIT: "a visit (GET or HEAD) is answered with 200",
    Handshake.CHALLENGE: "a challenge is answered with the same challenge",
    Handshake.PING: "an unsigned ping is answered with 200",
}


def proof_briefly(preset: Preset, *, own: bool = True, in_path: bool = False) -> str:
    """The proof in two or three words: "signature", "user and password + URL".

    `own`: the preset's own kind is configured; `in_path`: a secret in the URL is.
    """
    if preset.auth in (Auth.PATH, Auth.NONE) or not in_path:
        return _BRIEF[preset.auth]
    return f"{_BRIEF[preset.auth]} + URL" if own else _BRIEF[Auth.PATH]


def proof_in_full(preset: Preset) -> str:
    """The proof as a sentence, with `code` for what stands in a delivery."""
    match preset.auth:
        case Auth.HMAC:
            return f"{_signature_told(preset)}{_timestamp_told(preset.timestamp)}"
        case Auth.BASIC:
            return "User and password (HTTP Basic) in `Authorization`."
        case Auth.TOKEN:
            header = f"`{preset.token.name}: {preset.token.prefix}<secret>`"
            return f"A fixed header, {header}. It does not cover the body."
        case Auth.JWT:
            return f"A JSON Web Token (HS256) in `{preset.token.name}`. It does not cover the body."
        case Auth.BODY:
            field = f"the field `{preset.secret_field}` of" if preset.secret_field else "a field of"
            return f"A secret in {field} the body, which is dropped before anything is kept."
        case Auth.PATH:
            return "None of its own: the last part of the URL is the secret."
        case Auth.NONE:
            return "None: anybody can post."


def identity_told(preset: Preset) -> str:
    """What makes an event the same when it is posted again."""
    told = (" + ".join(map(_path_told, paths)) for paths in (*preset.id, (HASH,)))
    return ", else ".join(dict.fromkeys(told))


def body_told(preset: Preset) -> str:
    """The kinds of body that are read: "JSON or a form"."""
    *first, last = (_BODIES[kind] for kind in preset.body)
    return f"{', '.join(first)} or {last}" if first else last


def handshakes_told(preset: Preset) -> str:
    """What is answered beside events, "" for nothing."""
    return "; ".join(_HANDSHAKES[kind] for kind in preset.handshakes)


def configured_by(preset: Preset) -> str:
    """The word of sources.yaml under which this sender's secret is named."""
    return "path_secrets" if preset.auth is Auth.PATH else "secrets"


def _signature_told(preset: Preset) -> str:
    header = preset.signature
    if not header.name:
        return "A signature, in the header that `signature_header` names."
    keys = f", as {' or '.join(f'`{key}`' for key in header.take)}" if header.take else ""
    prefix = f", after `{header.prefix}`" if header.prefix else ""
    also = f", or ed25519 as `{header.ed25519[0]}`" if header.ed25519 else ""
    signed = f"{_ALGORITHMS[preset.algorithm]} of `{preset.signed}`"
    return f"`{header.name}`: {signed} in {_ENCODINGS[preset.encoding]}{prefix}{keys}{also}."


def _timestamp_told(stamp: Timestamp | None) -> str:
    if stamp is None:
        return ""
    where = f"`{stamp.header}`" if stamp.header else f"`{stamp.field}` of the same header"
    return f" The time, in {_UNITS[stamp.unit]}, is {where}: at most {stamp.tolerance:g} s away."


def _path_told(path: str) -> str:
    if path == HASH:
        return "the hash of the event"
    kind, colon, name = path.partition(":")
    return f"the header `{name}`" if colon and kind == "header" else f"`{path}`"
