"""What the workers share about Coursebox: the access token (encrypted at rest) and who is who."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Final

from redis.exceptions import LockError, RedisError

from coursebox.tokens import LOGIN_WAITS, REFUSED_FOR, LoginBusy, Token
from workers.store.connection import Connection, guarded
from workers.store.keys import KEYS
from workers.store.sealing import Seal
from workers.store.texts import whole

# longer than a log-in may take; a worker that dies in one blocks the others no longer than this (s)
LOGIN_LEASE: Final = 40.0
# people told to Redis in one command: a course may have thousands of learners
AT_A_TIME: Final = 1_000


class SharedTokens:
    """The one access token of all workers for a Coursebox account. It lies in Redis only encrypted
    under `secret`."""

    def __init__(self, connection: Connection, secret: str, account: str = "default") -> None:
        self._redis = connection.redis
        self._token = KEYS["token"] + account
        self._login = KEYS["login"] + account
        self._refusal = KEYS["login_refused"] + account
        self._seal = Seal(secret, "usher token vault")

    @guarded
    def get(self) -> Token | None:
        """The token, or None where there is none or it was written under another secret."""
        sealed = self._redis.get(self._token)
        opened = self._seal.open(sealed) if sealed else None
        return Token(**json.loads(opened)) if opened else None

    @guarded
    def put(self, token: Token) -> None:
        self._redis.set(self._token, self._seal.close(json.dumps(asdict(token)).encode()))

    def drop(self, token_id: str) -> None:
        """Forgets that token; a newer one that another worker has put meanwhile stays."""
        kept = self.get()
        if kept is not None and kept.id == token_id:
            self._forget()

    @guarded
    def _forget(self) -> None:
        self._redis.delete(self._token)

    @guarded
    def refusal(self, login: str) -> str | None:
        """What there was to say of that log-in where it was refused within REFUSED_FOR, and no
        hold was released since."""
        mark, _, message = (self._redis.get(self._refusal) or "").partition(" ")
        return message if mark == self._seal.mark(login.encode()) else None

    @guarded
    def refused(self, login: str, message: str) -> None:
        """That log-in was refused. It is kept as a mark that tells nobody what it is."""
        kept = f"{self._seal.mark(login.encode())} {whole(message)}"
        self._redis.set(self._refusal, kept, px=round(REFUSED_FOR * 1000))

    @contextmanager
    def login_lock(self) -> Iterator[None]:
        """One log-in at a time over all workers. Raises LoginBusy, and StoreUnavailable."""
        lock = self._redis.lock(self._login, timeout=LOGIN_LEASE, blocking_timeout=LOGIN_WAITS)
        if not guarded(lock.acquire)():
            raise LoginBusy
        try:
            yield
        finally:
            # a lock that ran out, or a Redis that went away, frees itself
            with suppress(LockError, RedisError):
                lock.release()


class Directory:
    """E-mail <-> user id of a Coursebox account, as learned from its replies."""

    def __init__(self, connection: Connection, account: str = "default") -> None:
        self._redis = connection.redis
        self._user_ids = KEYS["user_ids"] + account
        self._emails = KEYS["emails"] + account

    @guarded
    def user_id(self, email: str) -> str | None:
        found: str | None = self._redis.hget(self._user_ids, email)
        return found

    @guarded
    def email(self, user_id: str) -> str | None:
        found: str | None = self._redis.hget(self._emails, user_id)
        return found

    def learn(self, email: str, user_id: str) -> None:
        self.learn_all({email: user_id})

    @guarded
    def learn_all(self, people: Mapping[str, str]) -> None:
        pairs = list(people.items())
        for start in range(0, len(pairs), AT_A_TIME):
            some = dict(pairs[start : start + AT_A_TIME])
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.hset(self._user_ids, mapping=some)
                pipe.hset(self._emails, mapping={id_: email for email, id_ in some.items()})
                pipe.execute()

    @guarded
    def forget(self, email: str, user_id: str) -> None:
        if self._redis.hget(self._user_ids, email) == user_id:
            self._redis.hdel(self._user_ids, email)
        if self._redis.hget(self._emails, user_id) == email:
            self._redis.hdel(self._emails, user_id)
