"""The simulator without its sockets: a request goes in, a reply comes out, or a dropped connection.

One lock guards the whole world; waiting, for a fault, is done outside of it.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict

from coursebox.simulator import errors, page, report
from coursebox.simulator.arguments import Call
from coursebox.simulator.errors import ERROR_BODIES, ApiError
from coursebox.simulator.exchange import (
    CallLog,
    LoggedCall,
    Reply,
    Request,
    UnreadableBody,
    json_reply,
)
from coursebox.simulator.faults import (
    GATEWAY_STATUSES,
    Ending,
    Fault,
    FaultLine,
    Kind,
    Waiting,
    listed,
    read_fault,
)
from coursebox.simulator.ids import Id, WrongId
from coursebox.simulator.routes import CALL_NAMES, UNKNOWN_CALL, Route, find_route, subjects
from coursebox.simulator.state import SAMPLE_COURSES, Standing, World
from coursebox.simulator.switches import Replies, SwitchError, Switches, read_switches

SAMPLE_EMAIL = "api@coursebox.example"
SAMPLE_PASSWORD = "sample-password"  # noqa: S105 (a sample, for a server that holds nothing)


Courses = Mapping[str, str] | Mapping[int, str]


class Simulator:
    """A Coursebox of its own; safe to use from many threads. `clock` gives unix seconds."""

    def __init__(
        self,
        *,
        email: str = SAMPLE_EMAIL,
        password: str = SAMPLE_PASSWORD,
        courses: Courses = SAMPLE_COURSES,
        switches: Switches | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.email = email
        self.password = password
        self._start = (_by_text(courses), switches or Switches())
        self._clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._delays_end = threading.Event()
        self._faults = FaultLine()
        self._log = CallLog()
        self._world = self._new_world(*self._start)

    # what tests and the control calls ask for

    @property
    def state(self) -> World:
        """The world itself, for a look while no call runs; `snapshot` is safe at any time."""
        return self._world

    def snapshot(self) -> dict[str, object]:
        """What `GET /__sim/state` answers."""
        with self._changed:
            return report.snapshot(self._world, self._log.count)

    def calls(self, since: int = 0) -> list[dict[str, object]]:
        """The logged calls after number `since`, oldest first."""
        with self._changed:
            return [asdict(each) for each in self._log.since(since)]

    def learners(self, course: object) -> list[str]:
        """The e-mails of all who have a seat in the course, listed or not."""
        with self._changed:
            return report.emails(self._world, str(course))

    def add_fault(self, call: str, fault: str, **details: object) -> None:
        """Put a fault in line; `details` as in the table of faults. Raises FaultError."""
        self.add_faults([{"call": call, "fault": fault, **details}])

    def add_faults(self, given: list[object] | list[dict[str, object]]) -> None:
        """Put all these faults in line, or none of them; raises FaultError."""
        read = [read_fault(each, CALL_NAMES) for each in given]
        with self._changed:
            for fault in read:
                self._faults.add(fault, self._world.seats_taken)

    def faults(self) -> list[dict[str, object]]:
        with self._changed:
            return [listed(each) for each in self._faults.waiting()]

    def clear_faults(self) -> None:
        with self._changed:
            self._faults.clear()

    def reset(self, courses: Courses | None = None, **switches: object) -> None:
        """Begin anew, with the settings of the start and these over them; raises SwitchError.

        Faults are cleared, and delays that run now end with a dropped connection.
        """
        settled = read_switches(switches, self._start[1])
        with self._changed:
            self._world = self._new_world(
                self._start[0] if courses is None else _by_text(courses), settled
            )
            self._faults.clear()
            self.end_delays()
            self._log = CallLog()
            self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        """Let time pass for tokens and late learners, without waiting for it."""
        with self._changed:
            self._world.advance(seconds)

    def add_person(
        self, email: str, first_name: str = "", last_name: str = "", courses: Iterable[object] = ()
    ) -> Id:
        """The id of someone who has an account, made where there was none, and these seats."""
        with self._changed:
            world = self._world
            seats = [world.ids.from_text(str(course)) for course in courses]
            if any(world.course(course) is None for course in seats):
                raise WrongId("there is no such course")
            user = world.user_by_email(email) or world.add_user(email, first_name, last_name)
            for course in seats:
                world.seat(user, course)
            return user.id

    def accept_invitation(self, course: object, email: str) -> bool:
        """Seat who was invited to the course; False where nobody was."""
        with self._changed:
            world = self._world
            return world.accept(world.ids.from_text(str(course)), email) is not None

    def wait_until(self, condition: Callable[[], bool], timeout: float = 10.0) -> bool:
        """Whether the condition came true; looked at again as each call comes and ends."""
        with self._changed:
            return self._changed.wait_for(condition, timeout)

    def overview(self) -> Reply:
        """The page that a person watches while learners arrive."""
        with self._changed:
            return page.overview(self._world)

    def end_delays(self, *, for_good: bool = False) -> None:
        """End the delays that run now, dropping their connections; `for_good`: later ones too."""
        with self._changed:
            self._delays_end.set()
            if not for_good:
                self._delays_end = threading.Event()

    # a request

    def answer(self, request: Request) -> Reply | None:
        """The API's reply; None means: close the connection without one."""
        found = find_route(request.method, request.segments)
        name = found[0].call if found else UNKNOWN_CALL
        with self._changed:
            log = self._log
            logged = log.open(name, request, self._secrets(request), self._clock())
            waiting = self._faults.take(name, lambda: self._subjects(request, found))
            logged.fault = waiting.fault.fault.value if waiting else None
            self._changed.notify_all()
        reply = self._carry_out(request, found, waiting, logged)
        with self._changed:
            log.close(logged, reply.status if reply else None, self._clock())
            self._changed.notify_all()
        return reply

    def _carry_out(
        self,
        request: Request,
        found: tuple[Route, dict[str, str]] | None,
        waiting: Waiting | None,
        logged: LoggedCall,
    ) -> Reply | None:
        if waiting is None:
            return self._perform(request, found, None)
        fault, plan = waiting.fault, waiting.fault.plan
        if plan.waits_before and self._delays_end.wait(fault.seconds):
            return None
        reply = self._perform(request, found, waiting) if plan.commits else None
        if plan.waits_after and self._delays_end.wait(fault.seconds):
            return None
        return self._end(fault, reply)

    def _end(self, fault: Fault, reply: Reply | None) -> Reply | None:
        match fault.plan.ending:
            case Ending.DROPPED:
                return None
            case Ending.STATUS:
                return self._made_up(fault)
            case Ending.CUT_SHORT if reply is not None:
                return Reply(reply.status, reply.body[: len(reply.body) // 2] or b"{")
            case _:
                return reply

    def _made_up(self, fault: Fault) -> Reply:
        headers = dict(fault.headers)
        if fault.retry_after is not None:
            headers["Retry-After"] = f"{fault.retry_after:g}"
        if fault.body is not None:
            return Reply(fault.status, fault.body.encode(), headers=headers)
        if fault.status in GATEWAY_STATUSES:
            return page.gateway_error(fault.status, headers)
        message = "Internal Server Error" if fault.status >= 500 else f"Simulated {fault.status}"
        body = self._refusal(ApiError(fault.status, message))
        return Reply(fault.status, body.body, headers=headers)

    def _perform(
        self,
        request: Request,
        found: tuple[Route, dict[str, str]] | None,
        waiting: Waiting | None,
    ) -> Reply:
        with self._changed:
            try:
                if found is None:
                    raise errors.no_such_route(request.method, request.target)
                route, path = found
                if route.needs_token:
                    self._authorise(request)
                result = route.perform(self._call(request, path, waiting))
            except ApiError as error:
                return self._refusal(error)
            except UnreadableBody as error:
                return self._refusal(ApiError(400, str(error), name="SyntaxError"))
            return self._shaped(result, route)

    def _call(self, request: Request, path: dict[str, str], waiting: Waiting | None) -> Call:
        late = waiting if waiting and waiting.fault.fault is Kind.LEARNERS_LATE else None
        return Call(
            world=self._world,
            credentials=(self.email, self.password),
            path=path,
            query=request.query,
            body=request.json,
            late=late.fault.seconds if late else 0.0,
            unlisted_after=late.seats_before if late else None,
        )

    def _authorise(self, request: Request) -> None:
        # Only this header counts: an `Authorization: Bearer` is as good as no token at all.
        match self._world.look_at_token(request.headers.get("x-access-token")):
            case Standing.EXPIRED:
                raise errors.invalid_token()
            case Standing.UNKNOWN:
                raise errors.authorization_required()

    def _shaped(self, result: object, route: Route) -> Reply:
        match self._world.switches.replies:
            case Replies.WRAPPED if route.needs_token:
                return json_reply({"data": result})
            case Replies.EMPTY if route.writes:
                return Reply(204)
            case _:
                return json_reply(result)

    def _refusal(self, error: ApiError) -> Reply:
        return json_reply(ERROR_BODIES[self._world.switches.profile](error), error.status)

    def _secrets(self, request: Request) -> tuple[str, ...]:
        return (self.password, request.headers.get("x-access-token", ""))

    def _subjects(
        self, request: Request, found: tuple[Route, dict[str, str]] | None
    ) -> tuple[str, ...]:
        try:
            body: object = request.json
        except UnreadableBody:
            body = {}
        return subjects(self._world, found[1] if found else {}, request.query, body)

    def _new_world(self, courses: Mapping[str, str], switches: Switches) -> World:
        try:
            return World(email=self.email, switches=switches, courses=courses, clock=self._clock)
        except WrongId as error:
            raise SwitchError(f"courses: an id cannot be used: {error}") from None


def _by_text(courses: Courses) -> dict[str, str]:
    return {str(course): title for course, title in courses.items()}
