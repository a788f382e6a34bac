"""One source of every preset, each with a secret of its own, and what they post, signed."""

import base64
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from senders.delivery import Delivery
from senders.keys import read_keys, read_path_secret
from senders.preset import Auth, BodyKind, KeyForm, Preset, SignatureHeader
from senders.presets import PRESETS
from senders.recorded import Recorded
from senders.shaping import shape
from senders.signing import sign
from senders.sources import Source, read_sources
from tests.samples import samples_of

NOW: Final = 1_776_247_200.0
PUBLIC_URL: Final = "https://usher.training.example"
SMALL: Final = b'{"order": 7}'
# made with `Ed25519PrivateKey.from_private_bytes(b"sample-seed-of-32-bytes-in-length"[:32])`
KEY_PAIR: Final = (
    "whsk_c2FtcGxlLXNlZWQtb2YtMzItYnl0ZXMtaW4tbGVuZ3Tly2d2Pik1Z2+vKF7Gia1ZdKbZza77KGMAJE4ZpLoNUA=="
)
_ALL_KNOBS = """
hmac-with-all:
  preset: hmac
  signature_header: X-Sig
  signature_prefix: "v0="
  algorithm: sha512
  encoding: base64
  signed: "v0:{header:x-delivery}:{ts}:{method}:{url}:{body}"
  timestamp_header: X-Time
  timestamp_unit: ms
  tolerance: 60
  secret_encoding: hex
  secrets: [HEXED]
hmac-with-list:
  preset: hmac
  signature_header: X-Signatures
  signature_separator: ";"
  signature_assign: ":"
  signature_key: [s1, s2]
  timestamp_field: at
  signed: "{ts}.{body}"
  secret_prefix: "key_"
  secrets: [PREFIXED]
svix-with-key-pair: {preset: svix, secrets: [PAIR]}
standard-webhooks-with-key-pair: {preset: standard-webhooks, secrets: [PAIR]}
"""
_ENVIRON = {"HEXED": "00ff10a0b0c0d0e0f0", "PREFIXED": "key_sample", "PAIR": KEY_PAIR}
_GENERIC = {
    "hmac": lambda row: replace(row, signature=SignatureHeader("X-Signature")),
    "body": lambda row: replace(row, secret_field="proof.secret", forget=("proof.secret",)),
}


def _complete(row: Preset) -> Preset:
    return _GENERIC[row.name](row) if row.name in _GENERIC else row


def _secret(row: Preset) -> str:
    """A secret in the form that this sender's have, and no other preset's."""
    text = f"sampleSecretOf{row.name.title()}".replace("-", "").ljust(40, "x")
    if row.auth is Auth.BASIC:
        return f"usher:{text}"
    if row.key.decode is KeyForm.BASE64:
        return row.key.strip + base64.b64encode(text.encode()).decode()
    return text.encode().hex() if row.key.decode is KeyForm.HEX else row.key.strip + text


def _source(row: Preset) -> Source:
    row = _complete(row)
    if row.auth is Auth.PATH:
        return Source(row.name, row, path_secrets=(read_path_secret(_secret(row)),))
    return Source(row.name, row, secrets=read_keys(row, _secret(row)).shared)


# by name: that of the preset, or of a way of using a generic one
ALL: Final = MappingProxyType(
    {
        **{name: _source(row) for name, row in PRESETS.items()},
        **read_sources(_ALL_KNOBS, _ENVIRON),
    }
)


def recorded(name: str) -> Recorded:
    """A sample of that preset; a small body of its kind where there is none."""
    preset = ALL[name].preset
    found = samples_of(preset.name)
    if found:
        return found[0].recorded()
    if preset.body[0] is BodyKind.SOAP:
        return Recorded(b"<Envelope><Body><a><b>1</b></a></Body></Envelope>")
    return Recorded(b'{"order": {"id": 7}, "name": "Robin Doe"}')


def posted(
    name: str, source: Source | None = None, *, now: float = NOW, body: bytes | None = None
) -> Delivery:
    """What the sender posts, signed for that source (its own, if none)."""
    source = source or ALL[name]
    shaped = shape(source.preset, recorded(name))
    return sign(
        source,
        shaped.body if body is None else body,
        target=f"/hooks/{source.name}",
        now=now,
        public_url=PUBLIC_URL,
        event_id="msg_2vN5",
        content_type=shaped.content_type,
        headers=shaped.headers,
    )


def proof_header(name: str) -> str | None:
    """The header that the proof stands in; None where it is in the body or the address."""
    preset = ALL[name].preset
    if preset.auth is Auth.HMAC:
        return preset.signature.name
    if preset.auth is Auth.BASIC:
        return "Authorization"
    return preset.token.name if preset.auth in (Auth.TOKEN, Auth.JWT) else None


def with_header(delivery: Delivery, name: str, *values: str) -> Delivery:
    """The delivery with exactly these values of the header."""
    others = tuple(pair for pair in delivery.headers if pair[0].lower() != name.lower())
    return replace(delivery, headers=(*others, *((name, value) for value in values)))


def flips(data: bytes, most: int = 4000) -> list[bytes]:
    """The data with one bit turned, each time another: all of them, or `most` spread evenly."""
    places = range(len(data) * 8)
    step = max(1, len(places) // most)
    return [_flipped(data, place) for place in (*places[::step], *places[-8:])]


def _flipped(data: bytes, place: int) -> bytes:
    at, bit = divmod(place, 8)
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
