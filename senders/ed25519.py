"""Ed25519 (RFC 8032): signatures that are checked with a key which everybody may know."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_LENGTH = 32
SIGNATURE_LENGTH = 64

# Points of small order, without their sign bit: under such a "key" anybody can make signatures.
# https://eprint.iacr.org/2020/1244
_LAST_BYTE = 0x7F
_WEAK = frozenset(
    bytes.fromhex(key)
    for key in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


def is_weak(public_key: bytes) -> bool:
    """Whether signatures can be made for that key without its other half."""
    return public_key[:-1] + bytes([public_key[-1] & _LAST_BYTE]) in _WEAK


def signed_by(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of that key's other half signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64-byte signature; the same seed and bytes give the same one."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def public_key_of(seed: bytes) -> bytes:
    """The 32-byte public key that belongs to a 32-byte seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
