"""One HTTP request of a sender, and the three ways in which it can be turned away."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request as it came in. Its repr shows nothing that could hold a secret."""

    method: str
    # exactly as on the request line, still percent-encoded, with the query: HubSpot signs it
    target: str = field(repr=False)
    # as received, latin-1 decoded; WSGI joins repeated headers with ","
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    # the secret that stood in the URL path, for senders that can do no better
    token: str | None = field(default=None, repr=False)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a header, whatever the case of its name."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


class Cause(StrEnum):
    """Why a delivery was refused: for logs and counters, never for the sender."""

    NO_SECRET = "no_secret"  # noqa: S105 - the name of a cause, not a secret
    NO_PUBLIC_URL = "no_public_url"
    MISSING_HEADER = "missing_header"
    REPEATED_HEADER = "repeated_header"
    MALFORMED_HEADER = "malformed_header"
    BAD_TIMESTAMP = "bad_timestamp"
    STALE_TIMESTAMP = "stale_timestamp"
    TOO_MANY_SIGNATURES = "too_many_signatures"
    BAD_SIGNATURE = "bad_signature"
    BAD_CREDENTIALS = "bad_credentials"
    BAD_TOKEN = "bad_token"  # noqa: S105
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_VERSION = "wrong_version"
    BAD_PATH_SECRET = "bad_path_secret"  # noqa: S105
    MISSING_PATH_SECRET = "missing_path_secret"  # noqa: S105
    UNREADABLE_BODY = "unreadable_body"
    MISSING_BODY_SECRET = "missing_body_secret"  # noqa: S105
    WRONG_ORGANIZATION = "wrong_organization"


class Refused(Exception):
    """The delivery is not proved to come from the sender; the answer is 401 for every cause.

    `detail` is safe to log: it never holds a secret, a signature or a value that would have passed.
    """

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = detail


class Malformed(Exception):
    """Proved, but not readable; the message is in plain words and goes to the sender with a 400."""


class UnsupportedType(Exception):
    """Proved, but of a content type that this source does not read; the answer is 415."""
