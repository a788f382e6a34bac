"""The front of the simulator: the page, `/__sim/*` to look and cause trouble, else the API."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from coursebox.simulator.exchange import Reply, Request, UnreadableBody, json_reply
from coursebox.simulator.fault_parts import FaultError
from coursebox.simulator.ids import WrongId
from coursebox.simulator.simulator import Simulator
from coursebox.simulator.switches import SwitchError


def answer(simulator: Simulator, request: Request) -> Reply | None:
    """The reply to any request; None means: close the connection without one."""
    if request.method == "GET" and request.path == "/":
        return simulator.overview(paused="paused" in request.query)
    if request.segments[1:2] == ("__sim",):
        return _control(simulator, request)
    return simulator.answer(request)


class _Wrong(ValueError):
    """A control call says something that cannot be; the message says what would do."""


def _control(simulator: Simulator, request: Request) -> Reply:
    perform = CONTROLS.get((request.method, request.path))
    if perform is None:
        known = ", ".join(f"{method} {path}" for method, path in CONTROLS)
        return json_reply({"error": f"no such control call; there are: {known}"}, 404)
    try:
        return json_reply(perform(simulator, request))
    except (FaultError, SwitchError, UnreadableBody, WrongId, _Wrong) as error:
        return json_reply({"error": str(error)}, 400)


def _state(simulator: Simulator, _: Request) -> object:
    return simulator.snapshot()


def _calls(simulator: Simulator, request: Request) -> object:
    since = request.query.get("since", "0")
    if not (since.isascii() and since.isdigit()):
        raise _Wrong("since must be the number of a call")
    return simulator.calls(int(since[:18]))


def _faults(simulator: Simulator, _: Request) -> object:
    return simulator.faults()


def _add_faults(simulator: Simulator, request: Request) -> object:
    given = request.json_value
    simulator.add_faults(given if isinstance(given, list) else [given])
    return simulator.faults()


def _clear_faults(simulator: Simulator, _: Request) -> object:
    simulator.clear_faults()
    return simulator.faults()


def _reset(simulator: Simulator, request: Request) -> object:
    switches = dict(request.json)
    courses = switches.pop("courses", None)
    if courses is not None and not isinstance(courses, dict):
        raise _Wrong('courses must be an object, like {"101": "Safety Basics"}')
    simulator.reset(
        None if courses is None else {key: str(title) for key, title in courses.items()},
        **switches,
    )
    return simulator.snapshot()


def _switches(simulator: Simulator, _: Request) -> object:
    return simulator.switches()


def _switch(simulator: Simulator, request: Request) -> object:
    simulator.switch(**dict(request.json))
    return simulator.switches()


def _advance(simulator: Simulator, request: Request) -> object:
    seconds = request.json.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise _Wrong("seconds must be a number from 0")
    simulator.advance(seconds)
    return simulator.snapshot()["now"]


def _add_person(simulator: Simulator, request: Request) -> object:
    given = request.json
    email, courses = given.get("email"), given.get("courses", [])
    if not isinstance(email, str) or not isinstance(courses, list):
        raise _Wrong("say an email, and a list of course ids as courses")
    first_name, last_name = (str(given.get(key, "")) for key in ("first_name", "last_name"))
    return {"id": simulator.add_person(email, first_name, last_name, courses)}


def _accept(simulator: Simulator, request: Request) -> object:
    course, email = request.json.get("course"), request.json.get("email")
    if not simulator.accept_invitation(course, str(email)):
        raise _Wrong(f"nobody invited {email} to course {course}")
    return {"accepted": True}


Control = Callable[[Simulator, Request], object]

CONTROLS: Mapping[tuple[str, str], Control] = MappingProxyType(
    {
        ("GET", "/__sim/state"): _state,
        ("GET", "/__sim/calls"): _calls,
        ("GET", "/__sim/faults"): _faults,
        ("POST", "/__sim/faults"): _add_faults,
        ("DELETE", "/__sim/faults"): _clear_faults,
        ("GET", "/__sim/switches"): _switches,
        ("POST", "/__sim/switches"): _switch,
        ("POST", "/__sim/reset"): _reset,
        ("POST", "/__sim/advance"): _advance,
        ("POST", "/__sim/people"): _add_person,
        ("POST", "/__sim/accept"): _accept,
    }
)
