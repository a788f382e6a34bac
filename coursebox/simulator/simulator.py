"""The simulator without its sockets: a request goes in, a reply comes out, or a dropped connection.

One lock guards the whole world; waiting, for a fault, is done outside of it.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict

from coursebox.simulator import errors, page, replies, report
from coursebox.simulator.access import Standing
from coursebox.simulator.arguments import Call
from coursebox.simulator.errors import ApiError
from coursebox.simulator.exchange import CallLog, Reply, Request, UnreadableBody
from coursebox.simulator.fault_parts import read_fault
from coursebox.simulator.faults import FaultLine, Kind, Waiting, listed
from coursebox.simulator.ids import Id, WrongId
from coursebox.simulator.pace import Pace
from coursebox.simulator.routes import CALL_NAMES, UNKNOWN_CALL, Route, find_route, subjects
from coursebox.simulator.state import SAMPLE_COURSES, Arrival, World
from coursebox.simulator.switches import SwitchError, Switches, read_switches

SAMPLE_EMAIL = "api@coursebox.example"
SAMPLE_PASSWORD = "sample-password"  # noqa: S105 (a sample, for a server that holds nothing)

Courses = Mapping[str, str] | Mapping[int, str]


class Simulator:
    """A Coursebox of its own; safe to use from many threads. `clock` gives unix seconds.

    Raises SwitchError where an id of a course cannot be one.
    """

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
        self.clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._delays_end = threading.Event()
        self._begin(*self._start)

    # what tests and the control calls ask for

    @property
    def state(self) -> World:
        """The world itself, for a look while no call runs; `snapshot` is safe at any time."""
        return self._world

    def snapshot(self) -> dict[str, object]:
        """What `GET /__sim/state` answers."""
        with self._changed:
            return report.snapshot(self._world, self._log, self._pace)

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

    def add_faults(self, given: Sequence[object]) -> None:
        """Put all these faults in line, or none of them; raises FaultError."""
        read = [read_fault(each, CALL_NAMES) for each in given]
        with self._changed:
            for fault in read:
                self._faults.add(fault, self._world.seats_taken, self._world.now())

    def faults(self) -> list[dict[str, object]]:
        """The faults still in line, as JSON."""
        with self._changed:
            return [listed(each) for each in self._faults.waiting(self._world.now())]

    def clear_faults(self) -> None:
        with self._changed:
            self._faults.clear()

    def reset(self, courses: Courses | None = None, **switches: object) -> None:
        """Begin anew, with the settings of the start and these over them; raises SwitchError.

        Faults are cleared, and delays that run now end with a dropped connection.
        """
        settled = read_switches(switches, self._start[1])
        with self._changed:
            self._begin(self._start[0] if courses is None else _by_text(courses), settled)
            self.end_delays()
            self._changed.notify_all()

    def switch(self, **switches: object) -> None:
        """Go on with these switches, nothing forgotten; raises SwitchError, and for `id_type`."""
        with self._changed:
            before = self._world.switches
            settled = read_switches(switches, before)
            if settled.id_type is not before.id_type:
                raise SwitchError(
                    "id_type can only be set by a reset: every id that was given out would change"
                )
            self._world.set_switches(settled)
            if "seed" in switches:
                self._faults.reseed(settled.seed)
            self._changed.notify_all()

    def switches(self) -> dict[str, object]:
        """The switches in use, as JSON."""
        with self._changed:
            return report.switches(self._world)

    def course_id(self, course: object) -> Id:
        """The id as the API knows it: with `id_type` uuid, the uuid of course 101, say."""
        with self._changed:
            return self._world.ids.chosen(str(course))

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
            seats = [world.ids.chosen(str(course)) for course in courses]
            if any(world.course(course) is None for course in seats):
                raise WrongId("there is no such course")
            user = world.user_by_email(email) or world.add_user(email, first_name, last_name)
            for course in seats:
                world.seat(user, course, how=Arrival.ADDED)
            return user.id

    def accept_invitation(self, course: object, email: str) -> bool:
        """Seat who was invited to the course; False where nobody was."""
        with self._changed:
            world = self._world
            return world.accept(world.ids.chosen(str(course)), email) is not None

    def wait_until(self, condition: Callable[[], bool], timeout: float = 10.0) -> bool:
        """Whether the condition came true; looked at again as each call comes and ends."""
        with self._changed:
            return self._changed.wait_for(condition, timeout)

    def overview(self, *, paused: bool = False) -> Reply:
        """The page that a person watches while learners arrive."""
        with self._changed:
            now = self._world.now()
            return page.overview(self._world, self._log, self._faults.waiting(now), paused=paused)

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
        arrived = self.clock() if request.arrived is None else request.arrived
        with self._changed:
            log, world = self._log, self._world
            logged = log.open(name, request, self._secrets(request), arrived)
            retry_after = self._pace.arrive(arrived, world.switches.rate_limit)
            waiting = None if retry_after else self._met(name, request, found)
            logged.fault = waiting.fault.fault.value if waiting else None
            self._changed.notify_all()
        if retry_after:
            reply: Reply | None = replies.too_many(retry_after)
        else:
            reply = self._carry_out(request, found, waiting)
        with self._changed:
            log.close(logged, reply.status if reply else None, self.clock())
            self._changed.notify_all()
        return reply

    def _met(
        self, name: str, request: Request, found: tuple[Route, dict[str, str]] | None
    ) -> Waiting | None:
        now = self._world.now()
        return self._faults.take(name, lambda: self._subjects(request, found), now)

    def _carry_out(
        self,
        request: Request,
        found: tuple[Route, dict[str, str]] | None,
        waiting: Waiting | None,
    ) -> Reply | None:
        if waiting is None:
            return self._perform(request, found, None)
        fault, plan = waiting.fault, waiting.fault.plan
        if plan.waits_before and self._delays_end.wait(fault.seconds):
            return None
        reply = self._perform(request, found, waiting) if plan.commits else None
        if plan.waits_after and self._delays_end.wait(fault.seconds):
            return None
        return replies.ended(fault, reply, self._world.switches.profile)

    def _perform(
        self,
        request: Request,
        found: tuple[Route, dict[str, str]] | None,
        waiting: Waiting | None,
    ) -> Reply:
        with self._changed:
            switches = self._world.switches
            try:
                if found is None:
                    raise errors.no_such_route(request.method, request.target)
                route, path = found
                if route.needs_token:
                    self._authorise(request)
                result = route.perform(self._call(request, path, waiting))
            except ApiError as error:
                return replies.refusal(error, switches.profile)
            except UnreadableBody as error:
                unreadable = errors.unreadable(str(error), request.body)
                return replies.refusal(unreadable, switches.profile)
            return replies.shaped(result, route, switches)

    def _call(self, request: Request, path: dict[str, str], waiting: Waiting | None) -> Call:
        late = waiting if waiting and waiting.fault.fault is Kind.LEARNERS_LATE else None
        return Call(
            world=self._world,
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
            case Standing.UNKNOWN | Standing.OF_LEARNER:
                raise errors.authorization_required()

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

    def _begin(self, courses: Mapping[str, str], switches: Switches) -> None:
        self._world = World(
            email=self.email,
            password=self.password,
            switches=switches,
            courses=courses,
            clock=self.clock,
        )
        self._faults = FaultLine(switches.seed)
        self._log = CallLog()
        self._pace = Pace()


def _by_text(courses: Courses) -> dict[str, str]:
    return {str(course): title for course, title in courses.items()}
