"""The access token, and who keeps it."""

import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

REFRESH_AT: Final = 0.9  # of its ttl: a token that runs out in mid-call costs a refused call

# For how long (s) a refused log-in is the answer to all who would make the same one: those who
# waited for it would else each make theirs, before the hold that follows from it is set.
REFUSED_FOR: Final = 5.0

# For how long (s) one waits for another's log-in, and when to come again: a portal that takes
# log-ins and never answers must not keep every worker from all others.
LOGIN_WAITS: Final = 2.0
LOGIN_AGAIN: Final = 3.0


class LoginBusy(Exception):
    """Another of the sharers logs in, and is not done within LOGIN_WAITS."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. `fetched_at` is unix seconds, `ttl` seconds or None where not told."""

    id: str = field(repr=False)
    fetched_at: float
    ttl: float | None = None
    user_id: str | None = None

    def fresh(self, now: float) -> bool:
        return self.ttl is None or now < self.fetched_at + REFRESH_AT * self.ttl


class TokenStore(Protocol):
    """Keeps the one token that all workers share."""

    def get(self) -> Token | None: ...

    def put(self, token: Token) -> None: ...

    def drop(self, token_id: str) -> None:
        """Forgets that token; a newer one stays."""

    def refusal(self, login: str) -> str | None:
        """What there was to say of that log-in where it was refused within REFUSED_FOR."""

    def refused(self, login: str, message: str) -> None:
        """That log-in was refused. `login` is all that makes it the same, and secret."""

    def login_lock(self) -> AbstractContextManager[None]:
        """Held while one of the sharers logs in; entering waits for the others, and raises
        LoginBusy where that takes too long."""


class MemoryTokens:
    """A TokenStore for the threads of one process."""

    def __init__(self) -> None:
        self._token: Token | None = None
        self._refusal: tuple[str, str, float] | None = None
        self._changing = threading.Lock()
        self._login = _LoginLock()

    def get(self) -> Token | None:
        return self._token

    def put(self, token: Token) -> None:
        with self._changing:
            self._token = token

    def drop(self, token_id: str) -> None:
        with self._changing:
            if self._token is not None and self._token.id == token_id:
                self._token = None

    def refusal(self, login: str) -> str | None:
        if self._refusal is None:
            return None
        refused, message, at = self._refusal
        return message if refused == login and time.monotonic() - at < REFUSED_FOR else None

    def refused(self, login: str, message: str) -> None:
        self._refusal = login, message, time.monotonic()

    def login_lock(self) -> AbstractContextManager[None]:
        return self._login


class _LoginLock:
    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=LOGIN_WAITS):
            raise LoginBusy

    def __exit__(self, *_: object) -> None:
        self._lock.release()
