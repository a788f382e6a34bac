"""The front door for events: `POST /hooks/<source>` and `POST /hooks/<source>/<token>`.

1. Nothing is read of a body but its bytes before the sender is verified, unless the proof itself
   stands in the body.
2. 202 (or what the sender takes for it) is said after the store has kept every event of the
   delivery, never before.
3. Nothing is known here of rules: an event is accepted whatever is in it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from senders.delivery import Cause, Delivery, Malformed, Refused, UnsupportedType
from senders.preset import Handshake
from senders.reading import Incoming, read_events
from senders.sources import Source, Sources
from senders.verify import verify
from webhooks.answers import Refusal, unavailable
from webhooks.handshakes import answer_challenge, answer_unproved, fits_address
from webhooks.rejections import Rejections
from webhooks.replies import answer_kept
from workers.jobs import Doorbell
from workers.store import NewEvent, Request, Store

log = structlog.get_logger(__name__)

# A source that lacks its secret is not cured in seconds.
_NOT_STARTED_RETRY = 60.0
_UNVERIFIED = "The delivery could not be verified."
_BROKEN_OFF = "The body could not be read to its end."
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Receiver:
    """Turns deliveries into kept events. `max_body` is in bytes."""

    sources: Sources
    store: Store
    doorbell: Doorbell
    max_body: int
    public_url: str
    rejections: Rejections

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("receiver", __name__)
        _add(routes, "<source>", self.receive, "POST")
        visited = [f"'{name}'" for name, source in self.sources.items() if _is_visited(source)]
        if visited:
            # only theirs: at all other addresses GET is not allowed
            _add(routes, f"<any({','.join(visited)}):source>", self.visit, "GET")
        return routes

    def receive(self, source: str, token: str | None = None) -> Response:
        """2xx, once the delivery's events are kept; Refusal otherwise."""
        return self._noted(source, token, self._take)

    def visit(self, source: str, token: str | None = None) -> Response:
        """200 with nothing in it, for senders that look at an address before they post to it."""
        return self._noted(source, token, _greet)

    def _noted(
        self, name: str, token: str | None, answer: Callable[[Source, Delivery], Response]
    ) -> Response:
        body: bytes | None = None
        try:
            # before all else: a kept-alive connection whose body is left unread goes astray
            body = read_body(self.max_body)
            return answer(self._source(name), _delivery(body, token))
        except Refusal as refusal:
            self._note(name, refusal, body, token)
            raise

    def _take(self, source: Source, delivery: Delivery) -> Response:
        handshake = answer_unproved(source, delivery)
        if handshake is None:
            self._verify(source, delivery)
            handshake = answer_challenge(source, delivery)
        if handshake is not None:
            log.info("Handshake answered", source=source.name)
            return handshake
        accepted = self.store.accept(source.name, _new_events(_events(source, delivery)))
        self.doorbell.ring(accepted.to_ring)
        return answer_kept(source.preset.reply, accepted)

    def _source(self, name: str) -> Source:
        source = self.sources.get(name)
        if source is None:
            raise Refusal(404, "unknown_source", "There is no source of this name.")
        if source.problem is not None:
            why = f"not started: {source.problem}"
            raise unavailable(_NOT_STARTED_RETRY, cause="not_started", detail=why)
        return source

    def _verify(self, source: Source, delivery: Delivery) -> None:
        try:
            verify(source, delivery, now=time.time(), public_url=self.public_url)
        except Refused as refused:
            raise _unauthorized(refused) from None

    def _note(self, name: str, refusal: Refusal, body: bytes | None, token: str | None) -> None:
        source = self.sources.get(name)
        if source is None:
            return  # names that anybody may think of would fill the store, and the log
        cause, detail, peer = refusal.cause, refusal.detail, request.remote_addr or ""
        log.warning("Refused", source=name, cause=cause, detail=detail, peer=peer)
        came = Request(_delivery(body or b"", token), peer, time.time())
        self.rejections.keep(source, cause, detail, came, read=body is not None)


def _add(routes: Blueprint, source: str, view: Callable[..., Response], method: str) -> None:
    for rule in (f"/hooks/{source}", f"/hooks/{source}/<token>"):
        routes.add_url_rule(rule, view_func=view, methods=[method], provide_automatic_options=False)


def _is_visited(source: Source) -> bool:
    return Handshake.VISIT in source.preset.handshakes


def _greet(source: Source, delivery: Delivery) -> Response:
    if not fits_address(source, delivery):
        cause = Cause.BAD_PATH_SECRET if delivery.token else Cause.MISSING_PATH_SECRET
        raise _unauthorized(Refused(cause, "a visit at an address without the right secret"))
    log.info("Handshake answered", source=source.name)
    return Response(mimetype="text/plain")


def _events(source: Source, delivery: Delivery) -> tuple[Incoming, ...]:
    try:
        return read_events(source, delivery)
    except Malformed as error:
        raise Refusal(400, "malformed", str(error)) from None
    except UnsupportedType as error:
        raise Refusal(415, "unsupported_media_type", str(error)) from None


def _unauthorized(refused: Refused) -> Refusal:
    cause, detail = refused.cause.value, refused.detail
    return Refusal(401, "unauthorized", _UNVERIFIED, cause=cause, detail=detail)


def read_body(limit: int) -> bytes:
    """The request's body as it was sent; Refusal when longer than `limit` bytes, or broken off.

    Nothing is read of a body whose announced length is beyond `limit`: its sender may never send
    it, or ask first whether to. The server reads what comes away, once the answer is out.
    """
    length = request.content_length
    if length is None and "HTTP_TRANSFER_ENCODING" not in request.environ:
        return b""
    try:
        body = b"" if (length or 0) > limit else _read(limit + 1)
    except (OSError, ParseException):
        raise Refusal(400, "malformed", _BROKEN_OFF) from None
    if (length or 0) > limit or len(body) > limit:
        raise Refusal(413, "too_large", f"A delivery may have at most {limit} bytes.")
    if length is not None and len(body) < length:
        raise Refusal(400, "malformed", _BROKEN_OFF)
    return body


def _read(most: int) -> bytes:
    parts = []
    while most > 0 and (part := request.stream.read(min(most, _CHUNK))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _delivery(body: bytes, token: str | None) -> Delivery:
    environ = request.environ
    return Delivery(
        method=request.method,
        # Werkzeug's own url is decoded; what was signed is the request line as it came
        target=environ.get("RAW_URI") or environ["REQUEST_URI"],
        headers=tuple(request.headers.items()),
        body=body,
        token=token,
    )


def _new_events(events: Sequence[Incoming]) -> list[NewEvent]:
    return [NewEvent(e.identity, e.type, e.occurred_at, e.body) for e in events]
