"""One request and its answer, as kept for people to read: without secrets, cut to size."""

import json
from dataclasses import dataclass

from coursebox.calls import LOGIN, SIGN_IN, Call
from coursebox.errors import Failure
from coursebox.redaction import Secrets, blank, recorded
from coursebox.replies import Reply


@dataclass(frozen=True, slots=True)
class Exchange:
    """`path` is the request target; `ms` how long it took; `error` says why there is no answer.

    Bodies are JSON text where they were JSON. Headers are not kept: they carry the token.
    """

    call: str
    method: str
    path: str
    status: int | None
    ms: int
    request: str
    response: str
    error: str


def exchanged(
    call: Call,
    target: str,
    ms: int,
    *,
    sent: object,
    answer: Reply | Failure,
    secrets: Secrets,
) -> Exchange:
    """The record of a request; `answer` is a Failure where none came."""
    request = recorded(sent, "", secrets)
    if isinstance(answer, Failure):
        return Exchange(call.name, call.method, target, None, ms, request, "", answer.message)
    if call in (LOGIN, SIGN_IN) and answer.status < 300:
        # a secret in whatever form it comes, also where it cannot be read
        response = json.dumps(blank(answer.body)) if answer.text.strip() else ""
    else:
        response = recorded(answer.body, answer.text, secrets)
    return Exchange(call.name, call.method, target, answer.status, ms, request, response, "")
