"""The client of the Coursebox API: the twelve calls of the vendor's guide, and the log-in in them.

A failure says by itself whether the call may be made again (errors.py).
"""

import copy
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx

from coursebox import calls
from coursebox.address import check_address, is_loopback
from coursebox.calls import Call
from coursebox.errors import Kind, fail, refused
from coursebox.exchange import Exchange
from coursebox.failures import FAILURES
from coursebox.gate import Gate, OneTry, OpenGate
from coursebox.ids import IdType, clean_course_id, clean_id, json_id, quoted, same_id, sure_id
from coursebox.made import Made, read_made
from coursebox.people import tidy_email
from coursebox.replies import (
    Learner,
    Reply,
    read_learners,
    read_list,
    read_owner,
    read_record,
)
from coursebox.tokens import TokenStore
from coursebox.wire import Json, Request, Wire, nothing

__all__ = ["Coursebox", "Exchange", "Learner"]

CONNECT_TIMEOUT: Final = 5.0  # seconds
READ_TIMEOUT: Final = 30.0
LONGEST_PASSWORD: Final = 72  # bytes; the vendor's framework refuses longer ones and echoes them

Known = TypeVar("Known")


class Coursebox:
    """Makes the calls as the API user `email`; safe to share between threads, not over a fork.

    `record` gets every exchange, without secrets. Every single request passes the `gate`, which
    keeps a rate. Each writing call takes `before`, which is called right before the request leaves;
    what it raises stops the request. `timeout` is how many seconds an answer may take.
    """

    def __init__(
        self,
        url: str,
        email: str,
        password: str,
        *,
        tokens: TokenStore,
        http: httpx.Client | None = None,
        id_type: str = IdType.AUTO,
        record: Callable[[Exchange], None] = nothing,
        gate: Gate | None = None,
        timeout: float = READ_TIMEOUT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        base = check_address(url)
        self._id_type = IdType(id_type)
        self._wire = Wire(
            base=base,
            email=email,
            password=password,
            tokens=tokens,
            http=http or _http(base),
            timeout=httpx.Timeout(timeout, connect=CONNECT_TIMEOUT),
            record=record,
            gate=gate or OpenGate(),
            clock=clock,
        )

    @property
    def address(self) -> str:
        """The portal's origin."""
        return self._wire.base

    def recording(self, record: Callable[[Exchange], None]) -> Self:
        """The same client for one try, on the same connections, with its exchanges given to
        `record`."""
        twin = copy.copy(self)
        twin._wire = replace(self._wire, record=record, gate=OneTry(self._wire.gate))
        return twin

    def close(self) -> None:
        self._wire.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # users

    def create_account(
        self,
        email: str,
        first_name: str,
        last_name: str,
        password: str,
        *,
        offer_code: str = "",
        marketing_emails: bool = False,
        is_18_plus: bool = True,
        before: Callable[[], None] = nothing,
    ) -> Made:
        """The new user's id as far as the reply tells it, and what it shows of an account that was
        there before. `password`: 1 to 72 bytes."""
        call = calls.CREATE_ACCOUNT
        if not 0 < len(password.encode(errors="replace")) <= LONGEST_PASSWORD:
            raise refused(call.name, f"a password must have 1 to {LONGEST_PASSWORD} bytes")
        address = tidy_email(email, call.name)
        user = {
            "firstName": first_name,
            "lastName": last_name,
            "email": address,
            "password": password,
        }
        data = {
            "user": user,
            "offerCode": offer_code,
            "marketingEmails": marketing_emails,
            "is18Plus": is_18_plus,
        }
        reply = self._ask(call, call.path, {"data": data}, before, secret=password)
        return read_made(reply, user)

    def id_of_new(self, email: str, password: str) -> str | None:
        """The id of the account with that password, learned by one log-in as its owner; None where
        it is not let in, or the id is not told. The token is thrown away.

        Made once more where the answer was lost; raises only what the gate does.
        """
        address = tidy_email(email, calls.SIGN_IN.name)
        for _ in range(2):
            answer = self._wire.sign_in(address, password)
            if isinstance(answer, Reply):
                return read_owner(answer)
            if not FAILURES[answer.kind].maybe_done:
                break
        return None

    def user(self, user_id: str) -> dict[str, object]:
        """The user's record."""
        call = calls.USER
        user = clean_id(user_id, "the user id", call.name)
        return _known(call, read_record(self._ask(call, call.at(user=quoted(user))).body))

    def update_user(
        self, user_id: str, attributes: Json, *, before: Callable[[], None] = nothing
    ) -> None:
        """Changes the attributes given, and no others."""
        call = calls.UPDATE_USER
        user = sure_id(user_id, "the user id", call.name)
        body = {"id": self._json_id(user, call), "attributes": dict(attributes)}
        self._ask(call, _with_query(call.path, {"id": user}), body, before)

    # courses

    def invite(
        self,
        email: str,
        course_id: str | int,
        first_name: str,
        last_name: str,
        *,
        title: str = "",
        body: str = "",
        before: Callable[[], None] = nothing,
    ) -> None:
        """Sends an invitation, probably a mail each time. Empty title and body: Coursebox's own."""
        call = calls.INVITE
        course = self._json_id(clean_course_id(course_id, call.name), call)
        data = {
            "firstName": first_name,
            "lastName": last_name,
            "courseid": course,
            "email": tidy_email(email, call.name),
        }
        letter = {"data": data, "courseId": course, "title": title, "body": body}
        self._ask(call, call.path, letter, before)

    def enrol_user(
        self,
        course_id: str | int,
        user_id: str,
        *,
        before: Callable[[], None] = nothing,
    ) -> None:
        call = calls.ENROL_USER
        course = clean_course_id(course_id, call.name)
        user = sure_id(user_id, "the user id", call.name)
        body = {"id": self._json_id(course, call), "userId": self._json_id(user, call)}
        self._ask(call, call.at(course=quoted(course)), body, before)

    def remove_user(
        self,
        course_id: str | int,
        user_id: str,
        *,
        before: Callable[[], None] = nothing,
    ) -> None:
        """Takes one learner out of a course. An empty id never leaves: it could mean all."""
        call = calls.REMOVE_USER
        course = clean_course_id(course_id, call.name)
        user = sure_id(user_id, "the user id", call.name)
        target = _with_query(call.at(course=quoted(course)), {"userid": user})
        self._ask(call, target, None, before)

    def courses(self) -> list[dict[str, object]]:
        """The courses that the API user administers."""
        call = calls.COURSES
        target = _with_query(call.path, {"pageOptions": _compact({"my": True})})
        return _records(call, self._ask(call, target))

    def course(self, course_id: str | int) -> dict[str, object]:
        """The course's record."""
        call = calls.COURSE
        course = clean_course_id(course_id, call.name)
        reply = self._ask(call, _with_query(call.path, {"id": course}))
        return _known(call, read_record(reply.body))

    def activity(self, activity_id: str) -> dict[str, object]:
        """The content of one page of a course."""
        call = calls.ACTIVITY
        activity = clean_id(activity_id, "the activity id", call.name)
        reply = self._ask(call, call.at(activity=quoted(activity)))
        return _known(call, read_record(reply.body))

    def learners(self, course_id: str | int) -> tuple[Learner, ...]:
        """Everybody in the course."""
        call = calls.LEARNERS
        course = clean_course_id(course_id, call.name)
        reply = self._ask(call, call.at(course=quoted(course)))
        return _known(call, read_learners(reply.body))

    def admins(self, course_id: str | int) -> list[dict[str, object]]:
        """The administrators of the course."""
        call = calls.ADMINS
        course = clean_course_id(course_id, call.name)
        params = _compact({"all": True, "ids": course})
        return _records(call, self._ask(call, _with_query(call.path, {"params": params})))

    # who we are

    def is_own(self, user_id: str | None, email: str | None) -> bool:
        """Whether that is the account Usher itself logs in with; logs in to find out its id, and
        reads the user where neither that nor an address tells. Raises CourseboxError, also where
        nothing tells."""
        if email and email.strip().lower() == self._wire.email.strip().lower():
            return True
        if not user_id:
            return False
        own = self.own_id()
        if own is not None or email:
            return same_id(own, user_id)
        told = self.user(user_id).get("email")
        if not isinstance(told, str):
            raise fail(calls.USER, Kind.UNEXPECTED, said="no e-mail address in it").error()
        return self.is_own(None, told)

    def own_id(self) -> str | None:
        """The id of the account Usher logs in with, where the log-in tells it."""
        return self._wire.token().user_id

    def _ask(
        self,
        call: Call,
        target: str,
        body: Json | None = None,
        before: Callable[[], None] = nothing,
        secret: str = "",
    ) -> Reply:
        return self._wire.ask(Request(call, target, body, before, secret))

    def _json_id(self, text: str, call: Call) -> int | str:
        return json_id(text, self._id_type, call.name)


def _http(base: str) -> httpx.Client:
    """A client that keeps no cookies: a stale one could speak against the token. On loopback no
    proxy of the environment may come between."""
    cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(
        cookies=cookies, headers={"User-Agent": "usher"}, trust_env=not is_loopback(base)
    )


def _with_query(path: str, arguments: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(arguments, quote_via=quote, safe='')}"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _known(call: Call, value: Known | None) -> Known:
    if value is None:
        raise fail(call, Kind.UNEXPECTED).error()
    return value


def _records(call: Call, reply: Reply) -> list[dict[str, object]]:
    entries = _known(call, read_list(reply.body))
    return [entry for entry in entries if isinstance(entry, dict)]
