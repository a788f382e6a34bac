"""JSON Web Tokens with HS256 (RFC 7519, RFC 7515), and with no other algorithm.

The signature is looked at first: of a token that is not the sender's, nothing is read.
"""

import base64
import hmac
import json
import re
from collections.abc import Iterable, Mapping

from senders.delivery import Malformed
from senders.strict_json import dump, parse

LONGEST = 8192

_TOKEN = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_HEADER = {"alg": "HS256", "typ": "JWT"}


class BadToken(ValueError):
    """No token of this sender; the argument says why, without any part of the token."""


def read_claims(token: bytes, secrets: Iterable[bytes]) -> dict[str, object]:
    """What the token says, once one of the secrets is proved to have signed it; else BadToken.

    Neither its time nor its audience is looked at.
    """
    match = _TOKEN.fullmatch(token) if len(token) <= LONGEST else None
    if match is None:
        raise BadToken("it is not three parts in base64url, at most 8 KB")
    header, claims, given = match.groups()
    found = False
    for secret in secrets:
        # as text: another spelling of the same digest is no signature
        found |= hmac.compare_digest(_signature(header + b"." + claims, secret), given)
    if not found:
        raise BadToken("its signature is wrong")
    said = _object(header)
    # "crit" names extensions that have to be understood, and none is (RFC 7515, 4.1.11)
    if said.get("alg") != "HS256" or "crit" in said:
        raise BadToken("it is not signed with plain HS256")
    return _object(claims)


def make_token(claims: Mapping[str, object], secret: bytes) -> str:
    """The token that says so, signed."""
    message = _coded(json.dumps(_HEADER).encode()) + b"." + _coded(dump(claims).encode())
    return (message + b"." + _signature(message, secret)).decode("ascii")


def _signature(message: bytes, secret: bytes) -> bytes:
    return _coded(hmac.digest(secret, message, "sha256"))


def _coded(plain: bytes) -> bytes:
    return base64.urlsafe_b64encode(plain).rstrip(b"=")


def _object(part: bytes) -> dict[str, object]:
    try:
        found = parse(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, Malformed):
        raise BadToken("it holds what is not JSON") from None
    if not isinstance(found, dict):
        raise BadToken("it holds no JSON object")
    return found
