"""How one kind of sender proves itself and shapes its deliveries, as data.

A preset is a row of knobs; the rules that no row may loosen live in `verify.py` and `reading.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

# In an identity: the hash of the event itself, for senders that give none of their own.
HASH = "#hash"


class Auth(StrEnum):
    """The kind of proof a sender gives."""

    HMAC = "hmac"
    BASIC = "basic"
    TOKEN = "token"  # noqa: S105 - the name of a kind of proof, not a secret
    NONE = "none"


class Algorithm(StrEnum):
    """How the signed bytes become a signature; `sha256-concat` has the secret among the bytes."""

    HMAC_SHA1 = "hmac-sha1"
    HMAC_SHA256 = "hmac-sha256"
    HMAC_SHA512 = "hmac-sha512"
    SHA256_CONCAT = "sha256-concat"


class Encoding(StrEnum):
    """How a signature is written in its header; hex is lower case."""

    HEX = "hex"
    BASE64 = "base64"


class KeyForm(StrEnum):
    """How the secret's text becomes the key."""

    UTF8 = "utf8"
    BASE64 = "base64"
    HEX = "hex"


class Unit(StrEnum):
    """What a timestamp counts. Never guessed from its size."""

    SECONDS = "s"
    MILLISECONDS = "ms"


class BodyKind(StrEnum):
    """How the body is read once it is proved."""

    JSON = "json"


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """Where signatures stand: one value, or a list of values, or a list of key-value elements."""

    name: str
    prefix: str = ""  # exact text before the value
    separator: str = ""  # between elements; "" = the whole header is one element
    kv: str = ""  # between key and value of an element; "" = elements are bare values
    take: tuple[str, ...] = ()  # keys whose value is a signature; the others are skipped


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Where the time of signing stands: in a header of its own, or in the signature header."""

    header: str = ""
    field: str = ""  # a key of the signature header's list
    unit: Unit = Unit.SECONDS
    tolerance: float = 300  # seconds, both ways


@dataclass(frozen=True, slots=True)
class Key:
    """How a secret's text becomes a key."""

    strip: str = ""  # optional text in front of the secret, as in "whsec_"
    decode: KeyForm = KeyForm.UTF8


@dataclass(frozen=True, slots=True)
class Batch:
    """Where a delivery keeps its list of events; a body without that list is one event."""

    path: str  # "$" = the body itself
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of sender.

    Paths are names joined by dots with `[0]` for list items, or `header:NAME`.
    """

    name: str
    auth: Auth
    adapter: str = "generic"
    algorithm: Algorithm = Algorithm.HMAC_SHA256
    signature: SignatureHeader = SignatureHeader("")
    timestamp: Timestamp | None = None
    # {body} {ts} {method} {url} {url|hubspot} {secret} {header:NAME}; all else is literal
    signed: str = "{body}"
    encoding: Encoding = Encoding.HEX
    key: Key = Key()
    # for Auth.TOKEN: the header that holds the token, and the exact text in front of it
    token: SignatureHeader = SignatureHeader("Authorization", prefix="Bearer ")
    # alternatives, the first whose paths all hold a value; each one's values are joined
    id: tuple[tuple[str, ...], ...] = ()
    type: str = ""
    # the first path that holds a readable time
    occurred_at: tuple[str, ...] = ()
    batch: Batch | None = None
    body: BodyKind = BodyKind.JSON
    # what changes when the same event is sent again, so no part of its hash
    volatile: tuple[str, ...] = ()
    # settings of sources.yaml that this preset understands beside preset, secrets and auth
    settings: tuple[str, ...] = ()
