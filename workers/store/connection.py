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
    "begin",
    "claim",
    "claim_probe",
    "dispatch",
    "elect",
    "elect_loader",
    "follow_rules",
    "forget_rejected",
    "hold",
    "inviting",
    "keep_lookup",
    "leave_gate",
    "next_course",
    "note",
    "oldest",
    "pass_gate",
    "postpone_event",
    "publish_rules",
    "record",
    "reject",
    "release_hold",
    "removal_over",
    "removing",
    "replay",
    "ring",
    "sent_gate",
    "settle_invitation",
    "take_learner",
    "unfold",
)
# what is placed before them: those that let runs begin, those at the gate of a destination
BEFORE: Final = {
    **dict.fromkeys(("begin", "dispatch", "unfold"), "admission"),
    **dict.fromkeys(("pass_gate", "sent_gate", "leave_gate"), "gate"),
}


@dataclass(slots=True)
class StoreUnavailable(Exception):
    """Redis cannot take or give anything now. `reason` says why; try again in `retry_after` s."""

    reason: str
    retry_after: float = 5.0

    def __str__(self) -> str:
        return self.reason


_STATES: Final = {
    "BUSY": "Redis is busy with a script",
    "MASTERDOWN": "this Redis has lost its master",
    "NOAUTH": "Redis wants a password: set it in REDIS_URL",
    "NOPERM": "the Redis user in REDIS_URL may not do this",
    "NOREPLICAS": "Redis takes no writes without its replicas",
    "WRONGPASS": "Redis refused the user or password in REDIS_URL",
}


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """Turns every way in which Redis can be unable into StoreUnavailable, with the reason in words.

    A command that Redis finds wrong is a fault of ours and raises ResponseError as it is.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except redis.exceptions.RedisError as error:
            words = _in_words(error)
            if words is None:
                raise
            raise StoreUnavailable(words) from error

    return call


def _in_words(error: redis.exceptions.RedisError) -> str | None:
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
    for code, words in _STATES.items():
        if text.startswith(code):
            return words
    return None if isinstance(error, redis.exceptions.ResponseError) else f"Redis: {text[:200]}"


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
            name: self.redis.register_script(prelude + _whole(name)) for name in SCRIPTS
        }

    @staticmethod
    def _open(url: str, timeout: float, *, decode: bool) -> redis.Redis:
        # One more try at once, since a connection that a restart of Redis has cut shows only when
        # used. Not after a time-out: the command may still be carried out.
        return redis.Redis.from_url(
            url,
            decode_responses=decode,
            socket_timeout=timeout,
            socket_connect_timeout=min(timeout, 2.0),
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.exceptions.ConnectionError,)),
        )

    def for_rq(self) -> redis.Redis:
        """A client as RQ wants it: bytes in answers."""
        return self._open(self.url, self._timeout, decode=False)

    @guarded
    def run(self, script: str, *args: str | int | float) -> Any:
        """What the Lua script of that name answers."""
        prepared = self._scripts[script]
        try:
            return prepared(args=list(args))
        except redis.exceptions.NoScriptError:
            # a Redis that is emptied or begun anew forgets it between being given it and asked
            return self.redis.eval(prepared.script, 0, *args)

    def close(self) -> None:
        self.redis.close()


def _source(name: str) -> str:
    return files("workers.store").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


def _whole(name: str) -> str:
    return (_source(BEFORE[name]) if name in BEFORE else "") + _source(name)
