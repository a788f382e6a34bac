"""What each answer of Coursebox means: the tables of coursebox/errors.py, with no network."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebox.calls import CALLS, CREATE_ACCOUNT, ENROL_USER, INVITE, LEARNERS, LOGIN, Call
from coursebox.errors import (
    CourseboxError,
    Decision,
    GaveUp,
    InvalidArgument,
    Kind,
    OnHold,
    TryAgain,
    classify,
    classify_transport,
    fail,
    refused,
    retry_after,
)
from coursebox.failures import FAILURES
from coursebox.redaction import Secrets
from coursebox.replies import Reply

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HTML = "<html><body>502 Bad Gateway</body></html>"
JSON = {"Content-Type": "application/json; charset=utf-8"}
GIVE_UP, RETRY, HOLD = Decision.GIVE_UP, Decision.RETRY, Decision.HOLD


def loopback(status: int, message: str = "no", **more: object) -> Reply:
    error = {"statusCode": status, "name": "Error", "message": message, **more}
    return Reply.of(status, JSON, json.dumps({"error": error}))


def page(status: int, **headers: str) -> Reply:
    return Reply.of(status, {"Content-Type": "text/html", **headers}, HTML)


UNIQUENESS = {"codes": {"email": ["uniqueness"]}}

# answer, kind, decision, whether a write may have happened
ANSWERS = {
    "400": (loopback(400), Kind.INVALID_REQUEST, GIVE_UP, False),
    "400 that says it exists": (
        loopback(400, "An account with this email already exists"),
        Kind.ALREADY_EXISTS,
        GIVE_UP,
        False,
    ),
    "400 about something that does not exist": (
        loopback(400, "Offer code does not exist"),
        Kind.INVALID_REQUEST,
        GIVE_UP,
        False,
    ),
    "400 about a full course": (
        loopback(400, "The seat limit has already been reached"),
        Kind.INVALID_REQUEST,
        GIVE_UP,
        False,
    ),
    "401 of an expired token": (
        loopback(401, code="INVALID_TOKEN"),
        Kind.TOKEN_REFUSED,
        RETRY,
        False,
    ),
    "401 of a refused one": (
        loopback(401, code="AUTHORIZATION_REQUIRED"),
        Kind.TOKEN_REFUSED,
        RETRY,
        False,
    ),
    "401 in HTML": (page(401), Kind.TOKEN_REFUSED, RETRY, False),
    "401 LOGIN_FAILED": (loopback(401, code="LOGIN_FAILED"), Kind.LOGIN_FAILED, HOLD, False),
    "403": (loopback(403, code="ACCESS_DENIED"), Kind.PERMISSION_DENIED, GIVE_UP, False),
    "404 with a code": (loopback(404, code="MODEL_NOT_FOUND"), Kind.NO_SUCH_RECORD, GIVE_UP, False),
    "404 without": (loopback(404), Kind.WRONG_ROUTE, GIVE_UP, False),
    "404 in HTML": (page(404), Kind.WRONG_ROUTE, GIVE_UP, False),
    "405": (loopback(405), Kind.WRONG_ROUTE, GIVE_UP, False),
    "408": (page(408), Kind.REQUEST_TIMEOUT, RETRY, False),
    "409": (loopback(409), Kind.ALREADY_EXISTS, GIVE_UP, False),
    "413": (page(413), Kind.INVALID_REQUEST, GIVE_UP, False),
    "422": (
        loopback(422, details={"codes": {"email": ["custom"]}}),
        Kind.NOT_VALID,
        GIVE_UP,
        False,
    ),
    "422 of uniqueness": (loopback(422, details=UNIQUENESS), Kind.ALREADY_EXISTS, GIVE_UP, False),
    "429": (page(429), Kind.RATE_LIMITED, RETRY, False),
    "500 that hides why": (loopback(500, "Internal Server Error"), Kind.SERVER_ERROR, RETRY, True),
    "500 in HTML": (page(500), Kind.SERVER_ERROR, RETRY, True),
    "500 that says it exists": (
        loopback(500, "User already enrolled"),
        Kind.ALREADY_EXISTS,
        GIVE_UP,
        False,
    ),
    "502": (page(502), Kind.BAD_GATEWAY, RETRY, True),
    "503": (page(503), Kind.UNAVAILABLE, RETRY, False),
    "504": (page(504), Kind.BAD_GATEWAY, RETRY, True),
    "520": (page(520), Kind.SERVER_ERROR, RETRY, True),
    "302": (page(302, Location="https://elsewhere.example/"), Kind.REDIRECTED, HOLD, False),
    "308": (page(308, Location="https://elsewhere.example/"), Kind.REDIRECTED, HOLD, False),
    "200 in HTML": (page(200), Kind.UNREADABLE, RETRY, True),
    "200 cut short": (Reply.of(200, JSON, '{"id": 1'), Kind.UNREADABLE, RETRY, True),
    "422 cut short": (
        Reply.of(422, JSON, '{"error": {"statusCode": 422, "na'),
        Kind.UNREADABLE,
        RETRY,
        True,
    ),
    "200 nested too deep": (Reply.of(200, JSON, "[" * 100_000), Kind.UNREADABLE, RETRY, True),
}


@pytest.mark.parametrize("call", [c for c in CALLS if c is not LOGIN], ids=lambda call: call.name)
@pytest.mark.parametrize("answer", ANSWERS)
def test_each_answer_to_each_call_carries_its_decision(answer: str, call: Call) -> None:
    reply, kind, decision, maybe_done = ANSWERS[answer]
    if kind is Kind.ALREADY_EXISTS and not call.writes and reply.status != 409:
        kind, decision, maybe_done = {
            400: (Kind.INVALID_REQUEST, GIVE_UP, False),
            422: (Kind.NOT_VALID, GIVE_UP, False),
            500: (Kind.SERVER_ERROR, RETRY, True),
        }[reply.status]

    failure = classify(call, reply, now=NOW)

    assert failure is not None
    assert (failure.kind, failure.decision) == (kind, decision)
    assert failure.ambiguous is (maybe_done and call.writes)
    assert (failure.call, failure.status) == (call.name, reply.status)


AT_LOGIN = {
    "LOGIN_FAILED": (loopback(401, code="LOGIN_FAILED"), Kind.LOGIN_FAILED, HOLD),
    "any 401": (loopback(401), Kind.LOGIN_FAILED, HOLD),
    "400": (loopback(400, code="USERNAME_EMAIL_REQUIRED"), Kind.LOGIN_FAILED, HOLD),
    "not verified": (
        loopback(401, code="LOGIN_FAILED_EMAIL_NOT_VERIFIED"),
        Kind.LOGIN_FAILED,
        HOLD,
    ),
    "403": (page(403), Kind.LOGIN_FAILED, HOLD),
    "404": (page(404), Kind.LOGIN_UNREADABLE, HOLD),
    "redirect": (page(302), Kind.LOGIN_UNREADABLE, HOLD),
    "HTML": (page(200), Kind.LOGIN_UNREADABLE, HOLD),
    "JSON cut short": (Reply.of(200, JSON, '{"token'), Kind.UNREADABLE, RETRY),
    "429": (page(429), Kind.RATE_LIMITED, RETRY),
    "500": (loopback(500), Kind.SERVER_ERROR, RETRY),
    "503": (page(503), Kind.UNAVAILABLE, RETRY),
}


@pytest.mark.parametrize("answer", AT_LOGIN)
def test_what_is_final_at_log_in_holds_everything(answer: str) -> None:
    reply, kind, decision = AT_LOGIN[answer]

    failure = classify(LOGIN, reply, now=NOW)

    assert failure is not None
    assert (failure.kind, failure.decision, failure.ambiguous) == (kind, decision, False)


@pytest.mark.parametrize("code", ["INVALID_TOKEN", "AUTHORIZATION_REQUIRED"])
def test_a_401_with_a_fresh_token_is_a_permission_denied_with_a_hint(code: str) -> None:
    failure = classify(ENROL_USER, loopback(401, code=code), now=NOW, again=True)

    assert failure is not None
    assert (failure.kind, failure.decision) == (Kind.PERMISSION_DENIED, GIVE_UP)
    assert "must be an administrator of that course" in failure.message


@pytest.mark.parametrize(
    "reply",
    [
        Reply.of(200, JSON, '{"id": 1}'),
        Reply.of(200, {}, "[]"),
        Reply.of(204, {}, ""),
        Reply.of(200, JSON, "null"),
    ],
    ids=["object", "list without a type", "204", "null"],
)
def test_a_good_answer_is_no_failure(reply: Reply) -> None:
    assert classify(LEARNERS, reply, now=NOW) is None


@pytest.mark.parametrize("call", [c for c in CALLS if c is not LOGIN], ids=lambda call: call.name)
def test_an_answer_without_a_body_is_good_for_a_write_alone(call: Call) -> None:
    failure = classify(call, Reply.of(200, JSON, " \n"), now=NOW)

    kind = failure.kind if failure else None
    assert kind is (None if call.writes else Kind.UNREADABLE)


TRANSPORT = {
    "connection refused": (httpx.ConnectError("refused"), Kind.UNREACHABLE, False),
    "no connection in time": (httpx.ConnectTimeout("slow"), Kind.UNREACHABLE, False),
    "no free connection": (httpx.PoolTimeout("full"), Kind.UNREACHABLE, False),
    "proxy": (httpx.ProxyError("no"), Kind.UNREACHABLE, False),
    "no answer in time": (httpx.ReadTimeout("slow"), Kind.TIMED_OUT, True),
    "request not taken in time": (httpx.WriteTimeout("slow"), Kind.TIMED_OUT, True),
    "connection lost": (httpx.ReadError("reset"), Kind.CONNECTION_LOST, True),
    "closed without an answer": (httpx.RemoteProtocolError("gone"), Kind.CONNECTION_LOST, True),
    "not what it was packed as": (httpx.DecodingError("gzip"), Kind.UNREADABLE, True),
}


@pytest.mark.parametrize("call", [ENROL_USER, LEARNERS, LOGIN], ids=lambda call: call.name)
@pytest.mark.parametrize("name", TRANSPORT)
def test_no_answer_is_tried_again_and_ambiguous_only_once_sent(name: str, call: Call) -> None:
    error, kind, maybe_done = TRANSPORT[name]

    failure = classify_transport(call, error)

    assert (failure.kind, failure.decision) == (kind, RETRY)
    assert failure.ambiguous is (maybe_done and call.writes)
    assert failure.status is None


def test_where_no_connection_is_made_it_is_said_what_to_look_at() -> None:
    error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")

    message = classify_transport(LEARNERS, error).message

    assert "nothing was sent (ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED]" in message
    assert "the Coursebox address in the settings" in message
    assert "name server, and at the portal's certificate." in message


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("999999999", 86_400.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:01:30", 90.0),
        ("Fri, 01 Mar 2999 12:01:30 GMT", 86_400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    value: str | None, seconds: float | None
) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text() | st.datetimes().map(lambda when: f"{when:%a, %d %b %Y %H:%M:%S} GMT"))
def test_no_retry_after_can_break_or_exceed_a_day(value: str) -> None:
    seconds = retry_after(value, NOW)

    assert seconds is None or 0 <= seconds <= timedelta(days=1).total_seconds()


def test_retry_after_goes_with_what_is_retried_only() -> None:
    busy = classify(ENROL_USER, page(429, **{"Retry-After": "30"}), now=NOW)
    down = classify(ENROL_USER, page(503, **{"Retry-After": "60"}), now=NOW)
    denied = classify(ENROL_USER, page(403, **{"Retry-After": "30"}), now=NOW)

    assert [each and each.retry_after for each in (busy, down, denied)] == [30.0, 60.0, None]


@pytest.mark.parametrize("kind", FAILURES, ids=str)
def test_every_kind_becomes_the_exception_of_its_decision(kind: Kind) -> None:
    failure = fail(INVITE, kind)
    error = failure.error()

    assert type(error) is {RETRY: TryAgain, HOLD: OnHold, GIVE_UP: GaveUp}[failure.decision]
    assert error.decision is failure.decision
    assert str(error) == error.message == failure.message


@pytest.mark.parametrize("kind", FAILURES, ids=str)
def test_every_message_says_what_was_done_and_what_to_do(kind: Kind) -> None:
    message = fail(INVITE, kind, status=400).message

    assert message.startswith("Inviting a learner failed: ")
    assert FAILURES[kind].cure in message
    assert "HTTP 400" in message


def test_what_is_refused_on_this_side_is_a_value_error_and_final() -> None:
    error = refused("enrol", "the user id is empty")

    assert isinstance(error, ValueError | CourseboxError)
    assert isinstance(error, InvalidArgument)
    assert (error.decision, error.ambiguous, error.status) == (GIVE_UP, False, None)


def test_an_error_survives_pickling() -> None:
    error = fail(INVITE, Kind.RATE_LIMITED, status=429, retry_after=3.0).error()

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert type(again) is TryAgain
    assert again.failure == error.failure


PASSWORD = 'Sample"secret/with\\odd+signs'

ECHOES = {
    "PASSWORD_TOO_LONG": loopback(
        422, f"Password {PASSWORD} is too long", code="PASSWORD_TOO_LONG"
    ),
    "the raw body": loopback(400, f"bad JSON: {json.dumps({'password': PASSWORD})}"),
    "a part of the body": loopback(400, f"Unexpected token in ...{PASSWORD[3:20]}... at 17"),
    "a query": loopback(400, "p=Sample%22secret%2Fwith%5Codd%2Bsigns"),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_a_message_never_repeats_a_secret_that_coursebox_echoes(echo: str) -> None:
    failure = classify(CREATE_ACCOUNT, ECHOES[echo], now=NOW, secrets=Secrets([PASSWORD]))

    assert failure is not None
    assert "odd" not in failure.message


def test_a_long_or_broken_answer_is_quoted_in_one_short_line() -> None:
    failure = classify(CREATE_ACCOUNT, loopback(400, "first\nsecond " + "x" * 5_000), now=NOW)

    assert failure is not None
    assert "first second" in failure.message
    assert "\n" not in failure.message
    assert len(failure.message) < 500


def test_an_html_body_is_not_quoted() -> None:
    failure = classify(ENROL_USER, page(502), now=NOW)

    assert failure is not None
    assert "<" not in failure.message
    assert "not JSON" in failure.message


@given(st.integers(100, 599), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["error", "message", "code", "details", "statusCode"]) | st.text(), inner
    ),
))  # fmt: skip
def test_no_shape_of_an_answer_can_break_the_classification(status: int, body: object) -> None:
    reply = Reply.of(status, JSON, json.dumps(body))

    for call in (LOGIN, CREATE_ACCOUNT, LEARNERS):
        failure = classify(call, reply, now=NOW)
        judged = reply.refused_as if call.writes else status
        assert (failure is None) is (200 <= judged < 300)
