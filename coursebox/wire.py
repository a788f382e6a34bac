"""One authorised request after the other: the token, the log-in, the record of each exchange.

A request that meets a 401 drops the token, logs in once and is made once more; a second 401 is
final. Nothing is repeated beyond that.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx

from coursebox.calls import LOGIN, SIGN_IN, Call
from coursebox.errors import (
    CourseboxError,
    Decision,
    Failure,
    Kind,
    classify,
    classify_transport,
    fail,
    not_yet,
    refused,
)
from coursebox.exchange import Exchange, exchanged
from coursebox.gate import Gate, Passage
from coursebox.redaction import Secrets
from coursebox.replies import Reply, read_token
from coursebox.tokens import LOGIN_AGAIN, LoginBusy, Token, TokenStore

Json = Mapping[str, object]

# Far beyond the list of any course; what unfolds into more would take a worker's memory (bytes).
LARGEST_ANSWER: Final = 100_000_000


def nothing(*_: object) -> None:
    """The hook that does nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to be made. `before` is called right before it leaves; `secret` is what must
    never be seen of the body."""

    call: Call
    target: str
    body: Json | None = None
    before: Callable[[], None] = nothing
    secret: str = field(default="", repr=False)

    def content(self) -> bytes | None:
        """The body's bytes. Raises InvalidArgument for a value that JSON cannot hold."""
        if self.body is None:
            return None
        try:
            return json.dumps(self.body, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            text = f"a value cannot be written as JSON: {error}"
            raise refused(self.call.name, text) from None


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to one portal, as one API user. For the meaning of the parts see Coursebox."""

    base: str
    email: str
    password: str = field(repr=False)
    tokens: TokenStore
    http: httpx.Client
    timeout: httpx.Timeout
    record: Callable[[Exchange], None]
    gate: Gate
    clock: Callable[[], float]

    def ask(self, request: Request) -> Reply:
        """The good answer to a request. Raises CourseboxError."""
        token = self.token()
        answer = self._exchange(request, token)
        if isinstance(answer, Failure) and answer.kind is Kind.TOKEN_REFUSED:
            self.tokens.drop(token.id)
            answer = self._exchange(request, self.token(), again=True)
        if isinstance(answer, Failure):
            raise answer.error()
        return answer

    def sign_in(self, email: str, password: str) -> Reply | Failure:
        """The answer to one log-in as somebody else; a refusal is an answer. No token of it is
        kept, and ours stays as it is."""
        body = {"email": email, "password": password}
        return self._exchange(Request(SIGN_IN, SIGN_IN.path, body, secret=password), None)

    def token(self) -> Token:
        """The shared token, or a new one; only one of the sharers logs in at a time."""
        token = self.tokens.get()
        if token is not None and token.fresh(self.clock()):
            return token
        try:
            with self.tokens.login_lock():
                return self._new_token()
        except LoginBusy:
            why = "Logging in to Coursebox waits: another worker is at it, and has no answer yet"
            raise not_yet(LOGIN.name, LOGIN_AGAIN, why) from None

    def _new_token(self) -> Token:
        token = self.tokens.get()
        if token is None or not token.fresh(self.clock()):
            token = self._log_in_once()
            self.tokens.put(token)
        return token

    def _log_in_once(self) -> Token:
        """A log-in that was just refused is not made again: enough of them lock the account."""
        login = f"{self.base} {self.email} {self.password}"
        refusal = self.tokens.refusal(login)
        if refusal is not None:
            raise Failure(LOGIN.name, Kind.LOGIN_FAILED, Decision.HOLD, refusal).error()
        try:
            return self._log_in()
        except CourseboxError as error:
            if error.kind is Kind.LOGIN_FAILED:
                self.tokens.refused(login, error.message)
            raise

    def _log_in(self) -> Token:
        body = {"email": self.email, "password": self.password}
        answer = self._exchange(Request(LOGIN, LOGIN.path, body), None)
        if isinstance(answer, Failure):
            raise answer.error()
        token = read_token(answer.body, self.clock())
        if token is None:
            raise fail(LOGIN, Kind.LOGIN_UNREADABLE, said="it gives no token").error()
        return token

    def _exchange(
        self, request: Request, token: Token | None, *, again: bool = False
    ) -> Reply | Failure:
        secrets = Secrets((self.password, request.secret, token.id if token else ""))
        content = request.content()
        with self.gate.passing(request.call) as passage:
            request.before()
            started = time.monotonic()
            answer = self._send(request, content, token, passage)
            ms = round(1000 * (time.monotonic() - started))
            judged = self._judged(request.call, answer, secrets, again=again)
            passage.answered(judged if isinstance(judged, Failure) else None)
        self.record(
            exchanged(
                request.call, request.target, ms, sent=request.body, answer=answer, secrets=secrets
            )
        )
        return judged

    def _judged(
        self, call: Call, answer: Reply | Failure, secrets: Secrets, *, again: bool
    ) -> Reply | Failure:
        if isinstance(answer, Failure):
            return answer
        if call is SIGN_IN and _refuses(answer):
            return answer
        now = datetime.fromtimestamp(self.clock(), UTC)
        return classify(call, answer, now=now, again=again, secrets=secrets) or answer

    def _send(
        self, request: Request, content: bytes | None, token: Token | None, passage: Passage
    ) -> Reply | Failure:
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if token is not None:
            headers["X-Access-Token"] = token.id
        until = time.monotonic() + (self.timeout.connect or 0.0) + (self.timeout.read or 0.0)
        try:
            with self.http.stream(
                request.call.method,
                self.base + request.target,
                content=content,
                headers=headers,
                timeout=self.timeout,
                follow_redirects=False,
                extensions={"trace": _telling(passage)},
            ) as response:
                text = _whole(response, until).decode(errors="replace")
        except httpx.HTTPError as error:
            return classify_transport(request.call, error)
        return Reply.of(response.status_code, response.headers, text)


def _whole(response: httpx.Response, until: float) -> bytes:
    """The body, as far as it has come `until` then (by time.monotonic): each wait for a part of it
    has its time, so an answer that comes in drops would never end. Raises httpx.HTTPError."""
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise httpx.DecodingError(f"larger than {LARGEST_ANSWER:,} bytes")
        if time.monotonic() > until:
            raise httpx.ReadTimeout("it was still coming")
    return bytes(body)


def _refuses(answer: Reply) -> bool:
    """Whether a log-in was looked at and turned down, however that is said."""
    plainly = 400 <= answer.status < 500 and answer.status not in (408, 429)
    return plainly or answer.code.startswith("LOGIN_FAILED")


def _telling(passage: Passage) -> Callable[[str, object], None]:
    """Tells a passage when its request has left; for events and names see httpcore's `trace`."""

    def trace(event: str, _: object) -> None:
        if event.endswith("send_request_body.complete"):
            passage.sent()

    return trace
