"""A client for checking a portal: it shows the answers as they came, and waits where it must."""

import copy
import time
from collections.abc import Callable
from typing import Final, Self, TypeVar

from coursebox import calls
from coursebox.calls import Call
from coursebox.client import Coursebox
from coursebox.errors import CourseboxError, Failure, Kind, NotYet
from coursebox.ids import IdType
from coursebox.replies import Reply, read_account
from coursebox.tokens import Token
from coursebox.wire import Json, nothing

MOST_WAITS: Final = 8
PAUSE: Final = 2.0  # seconds, where the answer names none
LONGEST_PAUSE: Final = 60.0
# nothing was done, and a little later it may be
LATER: Final = frozenset({Kind.RATE_LIMITED, Kind.UNAVAILABLE})

T = TypeVar("T")


class Probe(Coursebox):
    """`body` is the last good answer to a call, as parsed."""

    body: object = None
    _pause: Callable[[float], None] = staticmethod(time.sleep)

    def pausing(self, pause: Callable[[float], None]) -> Self:
        """The same client, which waits so many seconds by calling `pause`."""
        twin = copy.copy(self)
        twin._pause = pause
        return twin

    def sending_ids_as(self, id_type: str) -> Self:
        """The same client, with ids in JSON of that IdType."""
        twin = copy.copy(self)
        twin._id_type = IdType(id_type)
        return twin

    def log_in(self) -> Token:
        """The token that all calls go on with."""
        return self._patiently(self._wire.token)

    def sign_in(self, email: str, password: str) -> Reply:
        """The answer to one log-in as somebody else; a refusal is an answer."""
        return self._patiently(lambda: _answer(self._wire.sign_in(email, password)))

    @property
    def login(self) -> str:
        """The e-mail address of the API user."""
        return self._wire.email

    def create(self, email: str, password: str) -> str | None:
        """As create_account, with the address as it is given, capitals and all."""
        call = calls.CREATE_ACCOUNT
        user = {"firstName": "Usher", "lastName": "Check", "email": email, "password": password}
        data = {"user": user, "offerCode": "", "marketingEmails": False, "is18Plus": True}
        reply = self._ask(call, call.path, {"data": data}, secret=password)
        return read_account(reply.body, email.lower())

    def _ask(
        self,
        call: Call,
        target: str,
        body: Json | None = None,
        before: Callable[[], None] = nothing,
        secret: str = "",
    ) -> Reply:
        ask = super()._ask
        reply = self._patiently(lambda: ask(call, target, body, before, secret))
        self.body = reply.body
        return reply

    def _patiently(self, ask: Callable[[], T]) -> T:
        for _ in range(MOST_WAITS):
            try:
                return ask()
            except CourseboxError as error:
                if not isinstance(error, NotYet) and error.kind not in LATER:
                    raise
                seconds = PAUSE if error.retry_after is None else error.retry_after
                if seconds > LONGEST_PAUSE:
                    raise
                self._pause(seconds)
        return ask()


def _answer(got: Reply | Failure) -> Reply:
    if isinstance(got, Failure):
        raise got.error()
    return got
