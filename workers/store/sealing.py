"""What must not be read in Redis: sealed under SECRET_KEY."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Seal:
    """Encrypts and opens under `secret`. What is sealed under one `label` opens under no other."""

    def __init__(self, secret: str, label: str) -> None:
        digest = hashlib.sha256(f"{label}:{secret}".encode()).digest()
        self._cipher = Fernet(base64.urlsafe_b64encode(digest))
        self._mark_key = hashlib.sha256(f"{label}, marks:{secret}".encode()).digest()

    def close(self, data: bytes) -> str:
        """The data as text that says nothing; another text each time."""
        return self._cipher.encrypt(data).decode("ascii")

    def open(self, sealed: str) -> bytes | None:
        """The data; None for what was not sealed under this secret and label."""
        try:
            return self._cipher.decrypt(sealed.encode("utf-8"))
        except InvalidToken:
            return None

    def mark(self, data: bytes) -> str:
        """The same text for the same data, from which nobody without the secret can guess it."""
        return hmac.digest(self._mark_key, data, "sha256").hex()[:32]
