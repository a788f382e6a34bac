"""The one way to Redis: how it is opened, and what is said when it cannot be used."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, ParamSpec, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.store.keys import lua_table

P = ParamSpec("P")
T = TypeVar("T")

SCRIPTS: Final = (
    "accept",
    "beat",
    "claim",
    "dispatch",
    "elect",
    "note",
    "postpone_event",
    "record",
    "release_hold",
    "replay",
    "ring",
    "take_learner",
)


@dataclass(slots=True)
class StoreUnavailable(Exception):
    """Redis cannot take or give anything now. `reason` says why; try again in `retry_after` s."""

    reason: str
    retry_after: float = 5.0

    def __str__(self) -> str:
        return self.reason


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """Turns every way in which Redis can fail into StoreUnavailable, with the reason in words."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except redis.exceptions.RedisError as error:
            raise StoreUnavailable(_in_words(error)) from error

    return call


def _in_words(error: redis.exceptions.RedisError) -> str:
    text = str(error)
    for kind, words in (
        (redis.exceptions.OutOfMemoryError, "Redis is full (maxmemory reached)"),
        (redis.exceptions.BusyLoadingError, "Redis is still loading its data"),
        (redis.exceptions.ReadOnlyError, "this Redis is a read-only replica"),
        (redis.exceptions.AuthenticationError, "Redis refused the user or password in REDIS_URL"),
        (redis.exceptions.TimeoutError, "Redis did not answer in time"),
        (redis.exceptions.ConnectionError, "Redis cannot be reached"),
    ):
        if isinstance(error, kind):
            return words
    if "OOM" in text:
        return "Redis is full (maxmemory reached)"
    if "MISCONF" in text:
        return "Redis cannot write to its disk and takes no writes"
    return f"Redis refused a command: {text[:200]}"


class Connection:
    """Two warm pools to one Redis (text for the store, bytes for RQ) and the prepared scripts.

    `timeout` is the longest wait, in seconds, for one answer of Redis.
    """

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self.url = url
        # untyped: redis-py's types allow bytes everywhere, and this client's answers are all text
        self.redis: Any = self._open(url, timeout, decode=True)
        self._timeout = timeout
        prelude = lua_table() + _source("prelude")
        self._scripts = {
            name: self.redis.register_script(prelude + _source(name)) for name in SCRIPTS
        }

    @staticmethod
    def _open(url: str, timeout: float, *, decode: bool) -> redis.Redis:
        # one more try at once: a connection that a restart of Redis has cut shows only when used
        return redis.Redis.from_url(
            url,
            decode_responses=decode,
            socket_timeout=timeout,
            socket_connect_timeout=min(timeout, 2.0),
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.exceptions.ConnectionError],
        )

    def for_rq(self) -> redis.Redis:
        """A client as RQ wants it: bytes in answers."""
        return self._open(self.url, self._timeout, decode=False)

    @guarded
    def run(self, script: str, *args: str | int | float) -> Any:
        """What the Lua script of that name answers."""
        return self._scripts[script](args=list(args))

    def close(self) -> None:
        self.redis.close()


def _source(name: str) -> str:
    return files("workers.store").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
