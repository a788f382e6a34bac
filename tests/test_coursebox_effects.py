"""Every action, each of its calls answered in every way, through the engine: what has happened in
Coursebox once the run has ended is what was wanted, once, or nothing.

Who reads the tables: a run *is done* with its outcome and its effect; or it is *dead*, and then
with nothing or what is named there. An answer that holds the portal is followed by a release.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import pytest

from coursebox.simulator import running_simulator
from tests.engine_room import Room, a_book, engine_room
from tests.every_answer import ANSWERS, IMPATIENT, PATIENT, Answer
from workers.portals import DEFAULT, known_as
from workers.redis_server import EmbeddedRedis
from workers.store import Directory

QUICK: Final = (0.01, 0.01, 0.01)
COURSE: Final = 101

RULES: Final = "version: 1\nowner: ops@usher.example\nrules:\n" + "".join(
    f"  - id: does-{action.replace('_', '-')}\n"
    f"    name: Does {action}\n"
    f"    when: {{source: shop, event: {action}}}\n"
    f"    then: [{{action: {action}, with: {{{given}}}}}]\n"
    for action, given in {
        "enrol": 'email: "${ body.email }", course_id: "${ body.course }"',
        "unenrol": 'email: "${ body.email }", course_id: "${ body.course }"',
        "invite": 'email: "${ body.email }", course_id: "${ body.course }"',
        "create_account": 'email: "${ body.email }", first_name: Ada, last_name: Lovelace',
        "enrol_user": 'user_id: "${ body.user }", course_id: "${ body.course }"',
    }.items()
)
RULES_OF_CHANGES: Final = "".join(
    f"  - id: changes-by-{who}\n"
    f"    name: Changes somebody by {who}\n"
    f"    when: {{source: shop, event: update_by_{who}}}\n"
    f"    then: [{{action: update_user, with: {{{given}, attributes: {{city: Turin}}}}}}]\n"
    for who, given in {
        "id": 'user_id: "${ body.user }"',
        "email": 'email: "${ body.email }"',
    }.items()
)

# -- what becomes of a run -------------------------------------------------------------------------

WRITES: Final = (
    "createAccount", "enrolUser", "removeUser", "inviteUserForCourse", "updateMainAttributes"
)  # fmt: skip
ACCOUNT, SEAT, MAIL = "accounts", "enrolments", "invitation_mails"
REMOVAL, CHANGE = "unenrolments", "updates"


@dataclass(frozen=True, slots=True)
class End:
    """How a run may end: with an outcome, "" for a dead one, and each of these effects once."""

    outcome: str
    effects: frozenset[str]


def done(outcome: str, *effects: str) -> End:
    return End(outcome, frozenset(effects))


def dead(*effects: str) -> End:
    return End("", frozenset(effects))


HELD = ("302",)
REFUSED = ("400", "401 refused", "403", "404 with a code", "404 without", "422")
NOT_DONE = (
    "429 with Retry-After", "503", "500 before commit", "502 HTML before commit",
    "dropped before commit", "timeout before commit",
)  # fmt: skip
DONE = (
    "500 after commit", "502 HTML after commit", "504 after commit", "dropped after commit",
    "timeout after commit", "malformed JSON", "200 HTML",
)  # fmt: skip
AGAIN: Final = NOT_DONE + DONE
HELD_AT_LOGIN: Final = ("200 empty", "204", *HELD, *REFUSED, "409", "200 HTML")


@dataclass(frozen=True, slots=True)
class Scene:
    """An action in a certain case. `good` is how it ends when all is well, also after trouble
    that passes; `refused` by call when that call is refused for good; `other` by call and answer
    what is different there."""

    kind: str
    good: End
    refused: Mapping[str, End]
    has_account: bool = False
    has_seat: bool = False
    id_is_known: bool = False
    other: Mapping[tuple[str, str], tuple[End, ...]] = field(default_factory=dict)

    def calls(self, name: str) -> tuple[str, ...]:
        """What can be answered badly in it; no log-in knows what it is for."""
        return (*(["login"] if name in LOGGED_IN else []), *self.refused)

    def ends(self, call: str, answer: str) -> tuple[End, ...]:
        """How the run may end when that call is answered so."""
        if (call, answer) in self.other:
            return self.other[call, answer]
        if call != "login" and answer in REFUSED:
            return (self.refused[call],)
        return (self.good,)


NEW: Final = done("created_and_enrolled", ACCOUNT, SEAT)
INVITED: Final = done("invited", ACCOUNT, MAIL)
# the account is made and its answer lost: its id can be learned or not; never both, never two
FOUND_OR_INVITED: Final = (NEW, done("enrolled", ACCOUNT, SEAT), INVITED)
UNSURE: Final = ("500", "502 HTML", "dropped", "timeout")

LOGGED_IN: Final = ("enrol a new learner", "unenrol", "invite")

SCENES: Final[Mapping[str, Scene]] = {
    "enrol a new learner": Scene(
        "enrol",
        NEW,
        {"allLearners": dead(), "createAccount": dead(), "enrolUser": dead(ACCOUNT)},
        other={
            ("createAccount", answer): FOUND_OR_INVITED for answer in (*DONE, "200 empty", "204")
        }
        | {("createAccount", "409"): (done("invited", MAIL),)},
    ),
    "enrol a known learner": Scene(
        "enrol",
        done("enrolled", SEAT),
        {"allLearners": dead(), "enrolUser": dead()},
        has_account=True,
        id_is_known=True,
    ),
    "unenrol": Scene(
        "unenrol",
        done("unenrolled", REMOVAL),
        {"allLearners": dead(), "removeUser": dead()},
        has_account=True,
        has_seat=True,
        other={("allLearners", "204"): (done("already_absent"),)},
    ),
    "invite": Scene(
        "invite",
        done("invited", MAIL),
        {"allLearners": dead(), "inviteUserForCourse": dead()},
        # nobody can see whether it went out, so nobody gets two
        other={("inviteUserForCourse", f"{each} before commit"): (dead(),) for each in UNSURE}
        | {("inviteUserForCourse", answer): (dead(MAIL),) for answer in DONE}
        | {("inviteUserForCourse", "409"): (dead(),)},
    ),
    "create an account": Scene(
        "create_account",
        done("created", ACCOUNT),
        {"createAccount": dead()},
        other={
            ("createAccount", answer): (done("created", ACCOUNT), done("already_exists", ACCOUNT))
            for answer in DONE
        }
        | {("createAccount", "409"): (done("already_exists"),)},
    ),
    "change somebody by id": Scene(
        "update_by_id",
        done("updated", CHANGE),
        {"updateMainAttributes": dead()},
        has_account=True,
    ),
    "change somebody by e-mail address": Scene(
        "update_by_email",
        done("updated", CHANGE),
        # a course that may not be read says nothing about the learner, who is in no other
        {"findCourses": dead(), "allLearners": dead(), "updateMainAttributes": dead()},
        has_account=True,
        has_seat=True,
        other={("allLearners", "204"): (dead(),), ("findCourses", "204"): (dead(),)},
    ),
    "enrol by id": Scene(
        "enrol_user",
        done("enrolled", SEAT),
        {"allLearners": dead(), "enrolUser": dead()},
        has_account=True,
    ),
}

ONCE: Final = [
    pytest.param(scene, call, answer, id=f"{scene}-{call}-{answer}")
    for scene, each in SCENES.items()
    for call in each.calls(scene)
    for answer in ANSWERS
    if answer != "409" or (call, answer) in each.other or call == "login"
]
TWICE: Final = [
    pytest.param(scene, call, answer, id=f"{scene}-{call}-{answer}")
    for scene, each in SCENES.items()
    for call in each.calls(scene)
    for answer in (*HELD, *AGAIN)
]

# -- the engine ------------------------------------------------------------------------------------


Rooms = Mapping[float, Room]


@pytest.fixture(scope="module")
def rooms(redis_server: EmbeddedRedis) -> Iterator[Rooms]:
    """The workers of all cases, by how long they wait for an answer; they share what they know."""
    with ExitStack() as stack:
        sim = stack.enter_context(running_simulator())
        book = a_book(RULES + RULES_OF_CHANGES)
        yield {
            patience: stack.enter_context(
                engine_room(redis_server.url, sim, book=book, schedule=QUICK, timeout=patience)
            )
            for patience in (PATIENT, IMPATIENT)
        }


@dataclass(slots=True)
class Case:
    """One learner nobody has heard of yet, in a portal and a Redis that begin anew."""

    room: Room
    learner: str
    user: str
    before: Counter[str]

    def end(self, kind: str) -> tuple[End, list[str]]:
        """How the run ends, and what was held meanwhile."""
        outcome, held = self.carry_out(kind)
        happened = self.counted() - self.before
        assert max(happened.values(), default=0) <= 1, f"done twice: {happened}"
        return End(outcome, frozenset(happened)), held

    def carry_out(self, kind: str) -> tuple[str, list[str]]:
        """The run's outcome and what was held meanwhile; each hold is released at once."""
        store, held = self.room.store, list[str]()
        event_id = self.room.post(kind, email=self.learner, course=COURSE, user=self.user)

        def ended() -> bool:
            for destination in store.holds():
                held.append(destination)
                store.release(destination)
            return self.room.event(event_id).state != "pending"

        self.room.answer(event_id)
        self.room.go_on_until(ended)
        (outcome,) = self.room.outcomes(event_id)
        return outcome, held

    def counted(self) -> Counter[str]:
        """How often each thing has come about in the portal."""
        effects: Mapping[str, Any] = self.room.sim.snapshot()["effects"]  # type: ignore[assignment]
        flat = {what: effects[what] for what in (ACCOUNT, CHANGE)}
        by_course = {what: effects[what] for what in (SEAT, MAIL, REMOVAL)}
        count = Counter({what: sum(each.values()) for what, each in flat.items()})
        for what, courses in by_course.items():
            count[what] = sum(sum(each.values()) for each in courses.values())
        return +count


NUMBERS: Final = count(1)


def begin(rooms: Rooms, scene: Scene, answer: Answer) -> Case:
    room, learner = rooms[answer.patience], f"ada-{next(NUMBERS)}@customer.example"
    room.store.connection.redis.flushdb()
    room.sim.reset(**(answer.switches or {}))
    user = ""
    if scene.has_account:
        user = str(room.sim.add_person(learner, "Ada", "L", [COURSE] if scene.has_seat else []))
    if scene.id_is_known:
        known = known_as(DEFAULT, room.sim.url)
        Directory(room.store.connection, known).learn(learner, user)
    case = Case(room, learner, user, Counter())
    case.before = case.counted()
    return case


def check(case: Case, scene: Scene, ends: Sequence[End], *, held: bool) -> None:
    end, holds = case.end(scene.kind)

    assert end in ends
    assert bool(holds) is held
    snapshot = case.room.sim.snapshot()
    assert snapshot["unenrol_trap"]["sprung"] is False  # type: ignore[index]


def is_held(call: str, answer: str) -> bool:
    return answer in (HELD_AT_LOGIN if call == "login" else HELD)


@pytest.mark.parametrize(("name", "call", "answer"), ONCE)
def test_an_answer_once_leaves_the_effect_once_or_a_dead_letter(
    rooms: Rooms, name: str, call: str, answer: str
) -> None:
    scene, given = SCENES[name], ANSWERS[answer]
    case = begin(rooms, scene, given)
    given.prepare(case.room.sim, call)

    check(case, scene, scene.ends(call, answer), held=is_held(call, answer))

    assert case.room.sim.faults() == []


@pytest.mark.parametrize(("name", "call", "answer"), TWICE)
def test_an_answer_twice_in_a_row_leaves_the_effect_once(
    rooms: Rooms, name: str, call: str, answer: str
) -> None:
    scene, given = SCENES[name], ANSWERS[answer]
    case = begin(rooms, scene, given)
    given.prepare(case.room.sim, call, times=2)

    check(case, scene, scene.ends(call, answer), held=is_held(call, answer))


# which call looks whether a write has happened whose answer was lost
LOOKS: Final[Mapping[str, tuple[str, str, int]]] = {
    "enrol a new learner": ("enrolUser", "allLearners", 1),
    "enrol a known learner": ("enrolUser", "allLearners", 1),
    "enrol by id": ("enrolUser", "allLearners", 1),
    "unenrol": ("removeUser", "allLearners", 1),
    "invite": ("inviteUserForCourse", "allLearners", 1),
    "change somebody by id": ("updateMainAttributes", "getUser", 0),
}


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("answer", [*HELD, *REFUSED, *AGAIN])
def test_trouble_while_looking_after_a_lost_write_does_not_repeat_it(
    rooms: Rooms, name: str, answer: str
) -> None:
    scene, given = SCENES[name], ANSWERS[answer]
    write, look, earlier = LOOKS[name]
    case = begin(rooms, scene, given)
    case.room.sim.add_fault(write, "commit_then_drop")
    given.prepare(case.room.sim, look, after=earlier)

    # who may not look cannot say that it is done; what has happened has happened once
    lost = scene.ends(write, "dropped after commit")
    ends = tuple(End("", each.effects) for each in lost) if answer in REFUSED else lost
    check(case, scene, ends, held=is_held(look, answer))

    assert case.room.sim.faults() == []


@pytest.mark.parametrize(
    ("name", "call"),
    [(name, call) for name, scene in SCENES.items() for call in scene.refused if call in WRITES],
)
def test_a_write_that_is_carried_out_long_after_nobody_waits_any_more_happens_once(
    rooms: Rooms, name: str, call: str
) -> None:
    scene, sim = SCENES[name], rooms[IMPATIENT].sim
    case = begin(rooms, scene, ANSWERS["timeout before commit"])
    sim.add_fault(call, "delay", seconds=3 * IMPATIENT)

    case.carry_out(scene.kind)
    sim.wait_until(lambda: all(each["finished"] for each in sim.calls()))

    happened = case.counted() - case.before
    # the same attributes twice are the same attributes
    happened[CHANGE] = min(happened[CHANGE], 1)
    lost = scene.ends(call, "timeout after commit")
    assert max(happened.values()) == 1
    assert frozenset(+happened) in [each.effects for each in lost]
