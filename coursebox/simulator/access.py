"""Who comes in: passwords, kept as salted hashes only, tokens, and the lock of the API user."""

import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto

from coursebox.simulator.ids import Id

# few, so that a crowd can be enrolled in a moment: these are throw-away passwords of a simulator
HASH_ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Token:
    id: str
    user_id: Id
    created: float
    ttl: float


class Standing(Enum):
    """How a token stands: an expired one is forgotten by the look that finds it so."""

    VALID = auto()
    OF_LEARNER = auto()
    EXPIRED = auto()
    UNKNOWN = auto()


class Access:
    """Nothing here locks: `Simulator` lets one caller in at a time. Times are unix seconds."""

    def __init__(self) -> None:
        self.log_ins: Counter[str] = Counter()
        self.failed_log_ins: Counter[str] = Counter()
        self.api_user: Id | None = None
        self.failed_in_a_row = 0
        self.locked = False
        self._hashes: dict[Id, tuple[bytes, bytes]] = {}
        self._tokens: dict[str, Token] = {}

    def keep_password(self, user_id: Id, password: str) -> None:
        salt = secrets.token_bytes(16)
        self._hashes[user_id] = (salt, _hashed(password, salt))

    def is_password(self, user_id: Id, password: str) -> bool:
        """Whether it is this user's; never where no password was ever set."""
        salt, kept = self._hashes.get(user_id, (b"", b""))
        return secrets.compare_digest(kept, _hashed(password, salt)) if kept else False

    def issue(self, user_id: Id, now: float, ttl: float) -> Token:
        token = Token(secrets.token_urlsafe(48), user_id, now, ttl)
        self._tokens[token.id] = token
        return token

    def look_at(self, token_id: str | None, now: float) -> Standing:
        token = self._tokens.get(token_id or "")
        if token is None:
            return Standing.UNKNOWN
        if now >= token.created + token.ttl:
            del self._tokens[token.id]
            return Standing.EXPIRED
        return Standing.VALID if token.user_id == self.api_user else Standing.OF_LEARNER

    def end_tokens_of(self, user_id: Id) -> None:
        self._tokens = {key: each for key, each in self._tokens.items() if each.user_id != user_id}

    def came_in(self, user_id: Id, email: str) -> None:
        self.log_ins[email.lower()] += 1
        if user_id == self.api_user:
            self.failed_in_a_row = 0

    def kept_out(self, user_id: Id, email: str, lock_after: int | None) -> None:
        self.failed_log_ins[email.lower()] += 1
        if user_id == self.api_user:
            self.failed_in_a_row += 1
            self.locked |= lock_after is not None and self.failed_in_a_row >= lock_after


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac(
        "sha256", password.encode("utf-8", "surrogatepass"), salt, HASH_ROUNDS
    )
