"""Every call of the vendor's guide answered in every way, over real HTTP: what is made of it.

The tables say what docs/coursebox.md promises under "What happens on every answer".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from coursebox.client import Coursebox, Exchange
from coursebox.errors import CourseboxError, Decision, Kind
from coursebox.simulator import RunningSimulator
from coursebox.tokens import MemoryTokens
from tests.every_answer import ANSWERS, INVALID, Answer

ADA: Final = "ada@customer.example"
PASSWORD: Final = "Aa1!learner-sample"

# -- the calls -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: its name in errors, what its reply holds, how it is made, and whether the portal
    has carried it out."""

    name: str
    gives: str
    make: Callable[[Coursebox, str], object]
    done: Callable[[Mapping[str, Any]], bool] = lambda effects: False


def _counted(what: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda effects: bool(effects[what])


CALLS: Final = {
    "login": Asked("login", "token", lambda client, user: client.courses()),
    "createAccount": Asked(
        "create_account",
        "effect",
        lambda client, user: client.create_account("ben@customer.example", "B", "B", PASSWORD),
        lambda effects: "ben@customer.example" in effects["accounts"],
    ),
    "getUser": Asked("user", "record", lambda client, user: client.user(user)),
    "updateMainAttributes": Asked(
        "update_user",
        "effect",
        lambda client, user: client.update_user(user, {"firstName": "Augusta"}),
        _counted("updates"),
    ),
    "inviteUserForCourse": Asked(
        "invite",
        "effect",
        lambda client, user: client.invite(ADA, 102, "Ada", "Lovelace"),
        _counted("invitation_mails"),
    ),
    "enrolUser": Asked(
        "enrol_user",
        "effect",
        lambda client, user: client.enrol_user(102, user),
        lambda effects: "102" in effects["enrolments"],
    ),
    "removeUser": Asked(
        "remove_user",
        "effect",
        lambda client, user: client.remove_user(101, user),
        _counted("unenrolments"),
    ),
    "findCourses": Asked("courses", "list", lambda client, user: client.courses()),
    "findCourse": Asked("course", "record", lambda client, user: client.course(101)),
    "getActivity": Asked("activity", "record", lambda client, user: client.activity("5001")),
    "allLearners": Asked("learners", "list", lambda client, user: client.learners(101)),
    "getUserForMentio": Asked("admins", "list", lambda client, user: client.admins(101)),
}

# -- what each answer means ------------------------------------------------------------------------

Meaning = tuple[Kind, Decision, bool] | None
RETRY, GIVE_UP, HOLD = Decision.RETRY, Decision.GIVE_UP, Decision.HOLD
GOOD: Final = None
NO_LOGIN: Final = (Kind.LOGIN_FAILED, HOLD, False)
NOT_THERE: Final = (Kind.LOGIN_UNREADABLE, HOLD, False)


def final(kind: Kind, at_login: Meaning) -> dict[str, Meaning]:
    """Gives up the call; without a log-in nothing else can work, so that one holds it all."""
    same = (kind, GIVE_UP, False)
    return {"effect": same, "list": same, "record": same, "token": at_login}


def again(kind: Kind, *, maybe_done: bool) -> dict[str, Meaning]:
    """Is tried again; of a write it may be unknown whether it happened."""
    read = (kind, RETRY, False)
    return {"effect": (kind, RETRY, maybe_done), "list": read, "record": read, "token": read}


FINE: Final[dict[str, Meaning]] = {"effect": GOOD, "list": GOOD, "record": GOOD, "token": GOOD}
MOVED: Final = (Kind.REDIRECTED, HOLD, False)
UNKNOWN_FORM: Final = (Kind.UNEXPECTED, GIVE_UP, False)

MEANS: Final[Mapping[str, Mapping[str, Meaning]]] = {
    "200 bare": FINE,
    "200 wrapped": FINE,
    "204": FINE | {"record": UNKNOWN_FORM, "token": NOT_THERE},
    "200 empty": again(Kind.UNREADABLE, maybe_done=False) | {"effect": GOOD, "token": NOT_THERE},
    "302": {"effect": MOVED, "list": MOVED, "record": MOVED, "token": NOT_THERE},
    "400": final(Kind.INVALID_REQUEST, NO_LOGIN),
    "401 expired": FINE,
    "401 refused": final(Kind.PERMISSION_DENIED, NO_LOGIN),
    "403": final(Kind.PERMISSION_DENIED, NO_LOGIN),
    "404 with a code": final(Kind.NO_SUCH_RECORD, NOT_THERE),
    "404 without": final(Kind.WRONG_ROUTE, NOT_THERE),
    "409": final(Kind.ALREADY_EXISTS, NO_LOGIN),
    "422": final(Kind.NOT_VALID, NO_LOGIN),
    "429 with Retry-After": again(Kind.RATE_LIMITED, maybe_done=False),
    "500 before commit": again(Kind.SERVER_ERROR, maybe_done=True),
    "500 after commit": again(Kind.SERVER_ERROR, maybe_done=True),
    "502 HTML before commit": again(Kind.BAD_GATEWAY, maybe_done=True),
    "502 HTML after commit": again(Kind.BAD_GATEWAY, maybe_done=True),
    "503": again(Kind.UNAVAILABLE, maybe_done=False),
    "504 after commit": again(Kind.BAD_GATEWAY, maybe_done=True),
    "dropped before commit": again(Kind.CONNECTION_LOST, maybe_done=True),
    "dropped after commit": again(Kind.CONNECTION_LOST, maybe_done=True),
    "timeout before commit": again(Kind.TIMED_OUT, maybe_done=True),
    "timeout after commit": again(Kind.TIMED_OUT, maybe_done=True),
    "malformed JSON": again(Kind.UNREADABLE, maybe_done=True),
    "200 HTML": again(Kind.UNREADABLE, maybe_done=True) | {"token": NOT_THERE},
}


# -- the proof -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """Warm connections for all cases: to make a client costs more than a call."""
    with httpx.Client(trust_env=False) as client:
        yield client


@dataclass(slots=True)
class Case:
    """A portal with Ada in course 101, and a client of it that is logged in."""

    sim: RunningSimulator
    client: Coursebox
    user: str
    exchanges: list[Exchange]

    def caught(self, asked: Asked) -> CourseboxError | None:
        """What the call ends with."""
        try:
            asked.make(self.client, self.user)
        except CourseboxError as error:
            return error
        return None

    def count(self, call: str) -> int:
        return sum(each["call"] == call for each in self.sim.calls())

    def effects(self) -> Mapping[str, Any]:
        effects = self.sim.snapshot()["effects"]
        assert isinstance(effects, dict)
        return effects


def begin(running: RunningSimulator, http: httpx.Client, answer: Answer, *, login: bool) -> Case:
    running.reset(**(answer.switches or {}))
    user = str(running.add_person(ADA, "Ada", "Lovelace", [101]))
    exchanges: list[Exchange] = []
    client = Coursebox(
        running.url,
        running.email,
        running.password,
        tokens=MemoryTokens(),
        http=http,
        timeout=answer.patience,
        record=exchanges.append,
    )
    if login:
        client.courses()
    return Case(running, client, user, exchanges)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_to_every_call_means_what_the_documentation_says(
    running: RunningSimulator, http: httpx.Client, name: str, call: str
) -> None:
    answer, asked = ANSWERS[name], CALLS[call]
    case = begin(running, http, answer, login=call != "login")
    earlier = case.count(call)
    answer.prepare(running, call)

    error = case.caught(asked)

    meaning = MEANS[name][asked.gives]
    assert ((error.kind, error.decision, error.ambiguous) if error else GOOD) == meaning
    asked_twice = call != "login" and (answer.expires or answer.calls == 2)
    assert case.count(call) - earlier == 1 + asked_twice
    if asked.gives == "effect":
        assert asked.done(case.effects()) is answer.commits
    if error:
        assert (error.call, error.retry_after) == (asked.name, _wait(answer, meaning))
    told_of_it = f"{error!r} {error} {case.exchanges!r}"
    assert running.password not in told_of_it
    assert PASSWORD not in told_of_it


def _wait(answer: Answer, meaning: Meaning) -> float | None:
    told = (answer.fault or {}).get("retry_after")
    return told if meaning and meaning[1] is RETRY else None


@pytest.mark.parametrize("call", [name for name, asked in CALLS.items() if asked.gives == "effect"])
@pytest.mark.parametrize("name", ANSWERS)
def test_what_may_be_sent_again_blindly_has_never_happened(name: str, call: str) -> None:
    meaning = MEANS[name][CALLS[call].gives]

    safe = meaning is not GOOD and not meaning[2]

    assert not (safe and ANSWERS[name].commits)


def test_a_log_in_is_made_once_more_where_the_token_has_run_out_and_never_a_third_time(
    running: RunningSimulator, http: httpx.Client
) -> None:
    case = begin(running, http, Answer(), login=True)
    running.add_fault("allLearners", "status", status=401, code=INVALID, times=None)

    error = case.caught(CALLS["allLearners"])

    assert error is not None
    assert error.kind is Kind.PERMISSION_DENIED
    assert (case.count("login"), case.count("allLearners")) == (2, 2)


@pytest.mark.parametrize("call", [name for name, asked in CALLS.items() if asked.gives == "effect"])
@pytest.mark.parametrize("name", [n for n in ANSWERS if MEANS[n]["token"] is not GOOD])
def test_a_call_that_finds_no_log_in_is_not_made_and_never_ambiguous(
    running: RunningSimulator, http: httpx.Client, name: str, call: str
) -> None:
    asked = CALLS[call]
    case = begin(running, http, ANSWERS[name], login=False)
    ANSWERS[name].prepare(running, "login")

    error = case.caught(asked)

    meaning = MEANS[name]["token"]
    assert error is not None
    assert (error.kind, error.decision, error.ambiguous) == meaning
    assert error.call == "login"
    assert case.count(call) == 0
    assert not asked.done(case.effects())
