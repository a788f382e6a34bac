"""What a client is told: every error is JSON `{"error": {"code", "message"}}`, and says no more."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import structlog
from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException

from workers.store import StoreUnavailable

log = structlog.get_logger(__name__)

# What Werkzeug itself can answer; other statuses keep their name, as in "not_acceptable".
_CODES: Mapping[int, str] = MappingProxyType(
    {
        400: "malformed",
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
        415: "unsupported_media_type",
        500: "internal",
        503: "unavailable",
    }
)
# Where the framework's words are for people at a browser.
_WORDS: Mapping[int, str] = MappingProxyType(
    {
        404: "There is nothing here. Deliveries go to /hooks/<name of a source>, "
        "without a slash at the end.",
    }
)
_KEPT_HEADERS = ("Allow", "Retry-After")
_BROKEN = "Something broke on our side; it has been logged. Try again later."


class Refusal(Exception):
    """An answer other than 2xx: `code` and `message` go to the client, `cause` to the counters and
    the log, `detail` to the log.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after: float | None = None,
        cause: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.cause = cause or code
        self.detail = detail or message


def answer_error(error: Exception) -> Response:
    """The answer to any error; what nobody foresaw is logged and told as 500 without details."""
    if isinstance(error, Refusal):
        return _answer(error)
    if isinstance(error, StoreUnavailable):
        log.warning("Work cannot be kept now", reason=error.reason)
        return _answer(unavailable(error.retry_after))
    if isinstance(error, HTTPException):
        return _answer_http(error)
    # neither the path nor all that was read out of it is logged: it may hold a token
    source = (request.view_args or {}).get("source")
    log.error("A request broke", endpoint=request.endpoint, source=source, exc_info=error)
    return _answer(Refusal(500, "internal", _BROKEN))


def unavailable(retry_after: float, cause: str = "", detail: str = "") -> Refusal:
    """503 with Retry-After: whatever the reason, the sender is to come back."""
    message = "Events cannot be accepted now. Try again later."
    return Refusal(503, "unavailable", message, retry_after=retry_after, cause=cause, detail=detail)


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    code = _CODES.get(status, error.name.lower().replace(" ", "_"))
    answer = _answer(Refusal(status, code, _WORDS.get(status, error.description or error.name)))
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            answer.headers[name] = value
    return answer


def _answer(refusal: Refusal) -> Response:
    answer = jsonify(error={"code": refusal.code, "message": refusal.message})
    answer.status_code = refusal.status
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_after)))
    return answer
