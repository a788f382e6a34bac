"""Whether a delivery is proved to come from its sender.

What holds for every preset, and none can loosen:
- every kind of proof that the source has is asked for: the sender's own, and the secret in the
  address; a source with neither takes nothing, unless its file says `auth: none`;
- the raw bytes are what is checked, before anything is read out of them; only a secret that stands
  in the body itself makes it necessary to read it first, and then no more than 1 MB;
- bytes are compared with bytes, in constant time, as text that is exactly right: a signature in
  another spelling of the same digest is refused;
- every secret and every signature is tried, so the time taken does not say which one came close;
- a timestamp is 1 to 16 ASCII digits, there is exactly one, and it is near enough to `now` on
  either side; a header that is needed stands there exactly once;
- headers with the same meaning in two spellings are never mixed;
- at most ten signatures; no secret, no entry.
"""

import base64
from collections.abc import Callable, Mapping
from typing import TypeGuard

from senders.bodies import read_body
from senders.delivery import Cause, Delivery, Malformed, Refused, UnsupportedType
from senders.headers import one_family, one_header
from senders.jwt import BadToken, read_claims
from senders.organizations import wanted_organization
from senders.preset import Auth, Preset
from senders.shapes import dig
from senders.signature import called, origin_of
from senders.signature_check import any_equal, check_signature, path_of_target
from senders.sources import Source, has_own_proof

# what is read of a body to find the secret in it, in bytes
LARGEST_UNPROVED = 1_000_000
# how far a sender's clock may be ahead when its token says from when on it holds, in seconds
CLOCK_AHEAD = 60
# unix seconds that are still a time: the year 33658
LATEST = 1e12

_Check = Callable[[Source, Delivery, float, str | None], None]


def verify(source: Source, delivery: Delivery, *, now: float, public_url: str | None) -> None:
    """Returns if the delivery is proved, raises Refused if not, and does nothing else.

    `now` is unix seconds. `public_url` is where the sender believes to post to; its origin and path
    count, and only for senders that sign the URL or name it in their token.
    """
    preset = source.preset
    own = has_own_proof(source)
    if source.problem is not None or not (own or source.path_secrets or preset.auth is Auth.NONE):
        raise Refused(Cause.NO_SECRET, source.problem or "the source has no secret")
    if source.path_secrets:
        _check_path(source, delivery)
    delivery = one_family(preset, delivery)
    if own:
        _check_required(preset, delivery)
        _CHECKS[preset.auth](source, delivery, now, public_url)
    if preset.organizations:
        _check_organization(preset, delivery)


def path_fits(source: Source, delivery: Delivery) -> bool:
    """Whether the source has secrets for its address, and the address of the delivery holds one.

    For requests that come before any signature, such as a sender's visit or challenge.
    """
    if source.problem is not None or not source.path_secrets:
        return False
    return any_equal(source.path_secrets, _spellings(delivery.token or ""))


def _check_path(source: Source, delivery: Delivery) -> None:
    if not delivery.token:
        raise Refused(Cause.MISSING_PATH_SECRET, "the address ends without its secret")
    if not path_fits(source, delivery):
        raise Refused(Cause.BAD_PATH_SECRET, "the secret at the end of the address is wrong")


def _spellings(token: str) -> tuple[bytes, ...]:
    # servers decode the bytes of a path as UTF-8 or as latin-1; the secret is the same bytes
    found = [token.encode("utf-8", "surrogatepass")]
    if not token.isascii() and max(token) <= "\xff":
        found.append(token.encode("latin-1"))
    return tuple(found)


def _check_required(preset: Preset, delivery: Delivery) -> None:
    for name, value in preset.require:
        if one_header(delivery, name) != value.encode("utf-8"):
            raise Refused(Cause.WRONG_VERSION, f"{name} is not {value}")


def _check_basic(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    given = one_header(delivery, "Authorization")
    expected = [b"Basic " + base64.b64encode(secret) for secret in source.secrets]
    if not any_equal(expected, [given]):
        raise Refused(Cause.BAD_CREDENTIALS, "user or password in Authorization is wrong")


def _check_token(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    header = source.preset.token
    given = one_header(delivery, header.name)
    prefix = header.prefix.encode("utf-8")
    if not any_equal([prefix + secret for secret in source.secrets], [given]):
        before = f' or has no "{header.prefix}" before it' if header.prefix else ""
        raise Refused(Cause.BAD_CREDENTIALS, f"the token in {header.name} is wrong{before}")


def _check_jwt(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    name = source.preset.token.name
    given = one_header(delivery, name).removeprefix(b"Bearer ")
    try:
        claims = read_claims(given, source.secrets)
    except BadToken as bad:
        raise Refused(Cause.BAD_TOKEN, f"the token in {name} cannot be used: {bad}") from None
    _check_period(claims, now)
    origin = origin_of(public_url)
    if "aud" in claims and origin is not None:
        _check_audience(claims["aud"], origin + called(public_url, path_of_target(delivery.target)))


def _check_period(claims: Mapping[str, object], now: float) -> None:
    until, since = claims.get("exp"), claims.get("nbf", 0)
    if not (_is_time(until) and _is_time(since)):
        raise Refused(Cause.BAD_TOKEN, "the token does not say in numbers how long it holds")
    if not now < until:
        raise Refused(Cause.STALE_TIMESTAMP, f"the token expired {now - until:.0f} s ago")
    if since > now + CLOCK_AHEAD:
        raise Refused(Cause.STALE_TIMESTAMP, f"the token holds only in {since - now:.0f} s")


def _is_time(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < LATEST


def _check_audience(named: object, address: str) -> None:
    audiences = named if isinstance(named, list) else [named]
    # a query is no part of the address that was given to the sender
    if address not in audiences and address.partition("?")[0] not in audiences:
        raise Refused(
            Cause.WRONG_AUDIENCE, "the token is for another address; is PUBLIC_URL right?"
        )


def _check_body(source: Source, delivery: Delivery, now: float, public_url: str | None) -> None:
    path = source.preset.secret_field
    if len(delivery.body) > LARGEST_UNPROVED:
        raise Refused(Cause.UNREADABLE_BODY, f"the body is longer than {LARGEST_UNPROVED} bytes")
    given = dig(_readable(source.preset, delivery), path) if path else None
    if not isinstance(given, str) or not given:
        raise Refused(Cause.MISSING_BODY_SECRET, f'the body has no text at "{path}"')
    if not any_equal(source.secrets, [given.encode("utf-8", "surrogatepass")]):
        raise Refused(Cause.BAD_CREDENTIALS, f'the secret at "{path}" of the body is wrong')


def _readable(preset: Preset, delivery: Delivery) -> object:
    try:
        return read_body(preset, delivery)
    except (Malformed, UnsupportedType) as error:
        raise Refused(Cause.UNREADABLE_BODY, str(error)) from None


def _check_organization(preset: Preset, delivery: Delivery) -> None:
    if not wanted_organization(preset, delivery, _readable(preset, delivery)):
        raise Refused(
            Cause.WRONG_ORGANIZATION, "it comes from an account that organizations does not name"
        )


_CHECKS: Mapping[Auth, _Check] = {
    Auth.HMAC: check_signature,
    Auth.BASIC: _check_basic,
    Auth.TOKEN: _check_token,
    Auth.JWT: _check_jwt,
    Auth.BODY: _check_body,
}
