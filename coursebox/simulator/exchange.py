"""A request and a reply, free of sockets, and the log of calls that may be shown to anyone."""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from urllib.parse import parse_qsl, unquote, urlencode

KEPT_CALLS = 50_000
REDACTED = "[redacted]"
SECRET_WORDS = ("password", "token", "secret", "credential", "challenge")


class UnreadableBody(ValueError):
    """The body says it is JSON and is not; the message is what the API answers."""


@dataclass(frozen=True)
class Request:
    """`target` as on the request line, header names in lower case, `arrived` in unix seconds."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int = 0
    arrived: float | None = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @cached_property
    def segments(self) -> tuple[str, ...]:
        return tuple(unquote(each) for each in self.path.split("/"))

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def json_value(self) -> object:
        """The JSON of the body; an empty object for a body of another content type."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not self.body or content_type != "application/json":
            return {}
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise UnreadableBody("Unexpected token in JSON") from error

    @property
    def json(self) -> dict[str, object]:
        """The JSON object of the body."""
        if not isinstance(self.json_value, dict):
            raise UnreadableBody("Unexpected token in JSON: the body must be an object")
        return self.json_value


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


@dataclass(slots=True)
class LoggedCall:
    """One call. `time` is when it arrived and `finished` when it was answered, in unix seconds;
    `status` is None while it runs and where the connection was dropped."""

    sequence: int
    time: float
    call: str
    method: str
    path: str
    request: object
    connection: int
    at_once: int
    fault: str | None = None
    status: int | None = None
    finished: float | None = None


class CallLog:
    """The last calls, without passwords and tokens. Nothing here locks: `Simulator` does."""

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=KEPT_CALLS)
        self._running = 0
        self.count = 0
        self.most_at_once = 0

    def open(self, call: str, request: Request, secrets: Iterable[str], now: float) -> LoggedCall:
        self.count += 1
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        logged = LoggedCall(
            sequence=self.count,
            time=now,
            call=call,
            method=request.method,
            path=_clean_target(request, secrets),
            request=_clean_body(request, secrets),
            connection=request.connection,
            at_once=self._running,
        )
        self._calls.append(logged)
        return logged

    def close(self, logged: LoggedCall, status: int | None, now: float) -> None:
        self._running -= 1
        logged.status, logged.finished = status, now

    def since(self, sequence: int) -> tuple[LoggedCall, ...]:
        return tuple(each for each in self._calls if each.sequence > sequence)

    def last(self, count: int) -> tuple[LoggedCall, ...]:
        """The newest calls, newest first."""
        return tuple(islice(reversed(self._calls), count))


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, REDACTED) if secret else text
    return text


def _clean_target(request: Request, secrets: Iterable[str]) -> str:
    pairs = [(name, REDACTED if _is_secret(name) else text) for name, text in request.query.items()]
    query = f"?{urlencode(pairs, safe='[]{}:,')}" if pairs else ""
    return _without(unquote(request.path), secrets) + _without(query, secrets)


def _clean_body(request: Request, secrets: Iterable[str]) -> object:
    try:
        return cleaned(request.json_value, tuple(secrets))
    except UnreadableBody:
        return f"[{len(request.body)} bytes that are not JSON]"


def cleaned(value: object, secrets: tuple[str, ...] = ()) -> object:
    """The JSON value without what stands under a secret's name, and without these secrets."""
    if isinstance(value, dict):
        return {
            name: REDACTED if _is_secret(name) else cleaned(each, secrets)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [cleaned(each, secrets) for each in value]
    return _without(value, secrets) if isinstance(value, str) else value
