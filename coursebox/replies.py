"""What Coursebox answers, read tolerantly: bare, wrapped in a key, or empty. Pure.

Nobody outside the vendor knows which form which call has, so each is accepted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from coursebox.identity import is_sure, same_form
from coursebox.tokens import Token

LIST_KEYS: Final = ("data", "result", "learners", "users", "items", "courses")
TOTALS: Final = ("count", "total", "totalCount")
MORE: Final = ("hasMore", "hasNext", "hasNextPage")
ACCOUNT_KEYS: Final = ("data", "result", "account", "token")
NOT_VERIFIED: Final = "LOGIN_FAILED_EMAIL_NOT_VERIFIED"
REFUSAL: Final = 400
DEEPEST: Final = 3  # wrappings round a reply


@dataclass(frozen=True, slots=True)
class Learner:
    """Someone in a course, as listed by it; either part may be missing there."""

    user_id: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer. Header names are lower case; an empty body is readable and None."""

    status: int
    headers: Mapping[str, str]
    text: str
    readable: bool
    body: object

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], text: str) -> "Reply":
        lower = {name.lower(): value for name, value in headers.items()}
        if not text.strip():
            return cls(status, lower, text, readable=True, body=None)
        try:
            return cls(status, lower, text, readable=True, body=json.loads(text))
        except (ValueError, RecursionError):
            return cls(status, lower, text, readable=False, body=None)

    @property
    def claims_json(self) -> bool:
        return "json" in self.headers.get("content-type", "").lower()

    @property
    def error(self) -> Mapping[str, object]:
        """LoopBack's `{"error": {...}}`, empty where the body is none."""
        inner = self.body.get("error", self.body) if isinstance(self.body, dict) else self.body
        if isinstance(inner, str):
            return {"message": inner}
        return inner if isinstance(inner, dict) else {}

    @property
    def refused_as(self) -> int:
        """The status, or that of the refusal that lies in a good answer: an `error`, or `success`
        that is false."""
        body = self.body if isinstance(self.body, dict) else {}
        if not 200 <= self.status < 300 or not (body.get("error") or body.get("success") is False):
            return self.status
        stated = self.error.get("statusCode")
        return stated if isinstance(stated, int) and 400 <= stated < 600 else REFUSAL

    @property
    def code(self) -> str:
        return str(self.error.get("code") or "")

    @property
    def said(self) -> str:
        """The vendor's own words, as they came: they may echo what was sent."""
        return str(self.error.get("message") or "")

    @property
    def complaint(self) -> str:
        """All that an error says, for finding words in."""
        details = self.error.get("details")
        return f"{self.said} {self.code} {json.dumps(details) if details else ''}"


def read_list(body: object, depth: int = 0) -> list[object] | None:
    """The list in a reply; None if there is none to be found, or only a part of it."""
    if body is None:
        return []
    if isinstance(body, list):
        return body
    if not isinstance(body, dict) or depth == DEEPEST:
        return None
    for key in LIST_KEYS:
        if isinstance(body.get(key), list | dict):
            found = read_list(body[key], depth + 1)
            return None if found is not None and _goes_on(body, len(found)) else found
    return None


def _goes_on(body: Mapping[str, object], listed: int) -> bool:
    """Whether a reply says that its list is a page of a longer one: who is not on it may be there
    all the same."""
    totals = (body.get(key) for key in TOTALS)
    longer = any(type(total) is int and total > listed for total in totals)
    return longer or any(body.get(key) is True for key in MORE)


def read_learners(body: object) -> tuple[Learner, ...] | None:
    """The learners in a reply; None if it cannot be told who is in it."""
    entries = read_list(body)
    if entries is None:
        return None
    people = [person(entry) for entry in entries if isinstance(entry, dict)]
    known = tuple(each for each in people if each.user_id or each.email)
    return known if known or not entries else None


def person(entry: Mapping[str, object]) -> Learner:
    """Whom an entry speaks of. `id` counts last, and not at all beside a `userId`, be that empty:
    then it is that of the enrolment."""
    inner = entry.get("user")
    user: Mapping[str, object] = inner if isinstance(inner, dict) else {}
    named = [entry[key] for key in ("userId", "userid") if key in entry]
    candidates = (user.get("id"), *(named or [entry.get("id")]))
    user_id = next(filter(None, map(_owner_id, candidates)), None)
    email = entry.get("email") or user.get("email")
    return Learner(user_id, same_form(email) or None if isinstance(email, str) else None)


def read_account(body: object, email: str) -> str | None:
    """The id in createAccount's reply, None where it has none or speaks of somebody else."""
    entry = account_entry(body, email)
    return person(entry).user_id if entry else None


def account_entry(body: object, email: str, depth: int = 0) -> Mapping[str, object] | None:
    """The part of createAccount's reply that has the user's id, None as in read_account."""
    if not isinstance(body, dict) or depth == DEEPEST:
        return None
    # an access token has an `id` of its own, and says how long it lives
    entry = {key: body[key] for key in body if key != "id" or "ttl" not in body}
    account = person(entry)
    if account.user_id:
        return entry if account.email in (None, email) else None
    inner = (account_entry(body.get(key), email, depth + 1) for key in ACCOUNT_KEYS)
    return next(filter(None, inner), None)


def read_owner(reply: Reply) -> str | None:
    """Whose log-in a reply answers: also where the log-in is right and the address not verified.

    The framework tells the id then: https://loopback.io/doc/en/lb3/Registering-users.html
    """
    if 200 <= reply.status < 300:
        token = read_token(reply.body, 0.0)
        return token.user_id if token else None
    details = reply.error.get("details")
    if reply.code == NOT_VERIFIED and isinstance(details, dict):
        return _owner_id(details.get("userId"))
    return None


def read_record(body: object) -> dict[str, object] | None:
    """The one record in a reply, out of its wrapping."""
    found = body
    for _ in range(DEEPEST):
        if isinstance(found, dict) and len(found) == 1:
            (inner,) = found.values()
            found = inner if isinstance(inner, dict) else found
    return found if isinstance(found, dict) else None


def read_token(body: object, now: float) -> Token | None:
    """The token in a log-in's reply: `{"token": {...}}`, `{"token": "..."}` or `{"id": ...}`.

    `now` is unix seconds, from which its ttl counts: the clock of Coursebox is not ours.
    """
    if not isinstance(body, dict):
        return None
    for holder in (body, *(value for value in body.values() if isinstance(value, dict))):
        token = holder.get("token", holder)
        parts = {"id": token} if isinstance(token, str) else token
        if isinstance(parts, dict) and _is_token(parts.get("id")):
            ttl = parts.get("ttl", holder.get("ttl"))
            owner = parts.get("userId", holder.get("userId"))
            return Token(str(parts["id"]), now, _seconds(ttl), _owner_id(owner))
    return None


def id_text(value: object) -> str | None:
    """An id of a reply as text; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _owner_id(value: object) -> str | None:
    """The id of a person; None also for 0 and the like, with which nothing can be done."""
    text = id_text(value)
    return text if text and is_sure(text) else None


def _is_token(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    return float(value)
