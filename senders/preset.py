"""How one kind of sender proves itself and shapes its deliveries, as data.

A preset is a row of knobs; the rules that no row may loosen live in `verify.py` and `reading.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

# In an identity: the hash of the event itself, for senders that give none of their own.
HASH = "#hash"


class Auth(StrEnum):
    """The kind of proof a sender gives."""

    HMAC = "hmac"  # or ed25519, where the source has a public key
    BASIC = "basic"
    TOKEN = "token"  # noqa: S105 - the name of a kind of proof, not a secret
    JWT = "jwt"  # HS256 in a header; says who calls, does not cover the body
    BODY = "body"  # a secret in a field of the body
    PATH = "path"  # the last part of the URL, and nothing else
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
    """How the body is read once it is proved; the content type decides among a preset's kinds."""

    JSON = "json"
    FORM = "form"  # application/x-www-form-urlencoded, with brackets for what is nested
    MULTIPART = "multipart"  # multipart/form-data, read like a form
    SOAP = "soap"  # text/xml; the content of the SOAP body's first element


class Handshake(StrEnum):
    """A request that is no event, answered before or beside events."""

    VISIT = "visit"  # GET or HEAD of the address: 200
    CHALLENGE = "challenge"  # JSON {"challenge": text}: 200 and the same challenge
    PING = "ping"  # an unsigned form `webhook_id=<digits>`: 200


class ReplyBody(StrEnum):
    """What the sender reads after its events were kept."""

    COUNTS = "counts"  # {"accepted": n, "duplicates": n, "events": [ids]}
    EMPTY = "empty"
    SOAP_ACK = "soap-ack"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a delivery whose events were kept: 202, or 200 where the sender insists."""

    status: int = 202
    body: ReplyBody = ReplyBody.COUNTS


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """Where signatures stand: one value, or a list of values, or a list of key-value elements."""

    name: str
    prefix: str = ""  # exact text before the value
    separator: str = ""  # between elements; "" = the whole header is one element
    kv: str = ""  # between key and value of an element; "" = elements are bare values
    take: tuple[str, ...] = ()  # keys whose value is a signature; the others are skipped
    ed25519: tuple[str, ...] = ()  # keys whose value is an ed25519 signature


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
    public: str = ""  # text in front of a base64 ed25519 public key, as in "whpk_"
    private: str = ""  # text in front of a base64 ed25519 key pair, as in "whsk_": signs as well
    # the sender HTML-decodes its secret before it signs (WooCommerce)
    html: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Where a delivery keeps its list of events; a body without that list is one event."""

    path: str  # "$" = the body itself
    most: int = 1000
    # "" = each item is an event's body; else the body is the whole without the list, and the item
    # stands under this name
    each: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """What an administrator reads about a sender: in `usher sources check` and docs/senders.md."""

    title: str  # the vendor's name of the product, as in "Typeform"
    group: str  # CRM, forms, shops and payments, bookings, mailings, platforms, generic
    steps: str  # where to paste address and secret at the vendor, one paragraph
    link: str = ""  # the vendor's page on it
    # what the vendor does not document, and what is assumed instead, a sentence each
    undocumented: tuple[str, ...] = ()


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
    # for Auth.BODY: the path of the field that holds the secret
    secret_field: str = ""
    # headers that have to be there with exactly this value, as the version of a signature
    require: tuple[tuple[str, str], ...] = ()
    # spellings of the first part of header names: all headers named with the first spelling are
    # read in the one that the delivery uses; a delivery's headers are never mixed
    families: tuple[str, ...] = ()
    # alternatives, the first whose paths all hold a value; each one's values are joined
    id: tuple[tuple[str, ...], ...] = ()
    type: str = ""
    # the first path that holds a readable time
    occurred_at: tuple[str, ...] = ()
    batch: Batch | None = None
    body: tuple[BodyKind, ...] = (BodyKind.JSON,)
    # text fields that hold JSON, read in place
    json_fields: tuple[str, ...] = ()
    # paths that are dropped before anything is kept: secrets and session ids
    forget: tuple[str, ...] = ()
    # where the sender says whose account it posts for; sources.yaml may name the ones to accept
    organization: str = ""
    organizations: tuple[str, ...] = ()
    handshakes: tuple[Handshake, ...] = ()
    reply: Reply = Reply()
    # the sender says how a record is, not what changed: Usher remembers and compares
    remembers: bool = False
    # what changes when the same event is sent again, so no part of its hash
    volatile: tuple[str, ...] = ()
    # settings of sources.yaml that this preset understands beside preset, secrets and auth
    settings: tuple[str, ...] = ()
    # other names under which sources.yaml may ask for this preset
    also: tuple[str, ...] = ()
    guide: Guide = Guide("", "", "")
