"""Whatever a rule, a payload or a replay names: nobody but one learner ever leaves a course.

The simulator empties a course whose removal names nobody, and says so: its trap must never spring.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursebox.actions import PERFORM, Desk
from coursebox.client import Coursebox
from coursebox.directory import MemoryDirectory
from coursebox.errors import CourseboxError
from coursebox.journal import MemoryJournal
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.tokens import MemoryTokens
from tests.engine_room import Room, engine_room

ADA, BO, CY = (f"{name}@customer.example" for name in ("ada", "bo", "cy"))
# what a payload may really hold where a person or a course was meant
LIKELY: Final = [
    None, True, False, 0, -1, 101, 102, 1001, 1002, 999999, 10**30, 1.5, float(1001), "", " ", "0",
    "101", " 101 ", "1001", "1002", "001001", "1001 ", "1001,1002", "1001&userid=1002", "1001/..",
    "1e3", "0x3e9", "undefined", "null", "NaN", "true", "*", "%", "%2A", "[object Object]", "_",
    "-", "..", "{}", "[]", "userid", "?userid=", "#", "\x00", "\u0661\u0660\u0660\u0661", ADA,
    ADA.upper(), f" {ADA}", f"{ADA},{BO}", "*@customer.example", "@", "%@%", BO,
    "https://portal.example/courses/101", "https://portal.example/courses//users?userid=",
    "https://portal.example/courses/101/users?userid=", [], [1001], {}, {"id": 1001}, ["101"],
]  # fmt: skip
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
VALUES: Final = st.sampled_from(LIKELY) | JSON
MANY: Final = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FEW: Final = settings(MANY, max_examples=60)
HOW: Final = {"user_id": VALUES, "email": VALUES, "course_id": VALUES}
# what would be right, and what may stand in its place
RIGHT: Final[list[dict[str, object]]] = [
    {"email": ADA, "course_id": 101},
    {"user_id": 1001, "course_id": "101"},
    {"user_id": "1001", "email": ADA, "course_id": 101},
]
PARAMS: Final = st.builds(
    lambda right, odd: {**right, **odd},
    st.sampled_from(RIGHT),
    st.fixed_dictionaries({}, optional=HOW),
)
BODIES: Final = st.builds(
    lambda odd: {"user": 1001, "email": ADA, "course": 101, **odd},
    st.fixed_dictionaries({}, optional={"user": VALUES, "email": VALUES, "course": VALUES}),
)

RULES: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: by-both
    name: Whoever the event names
    when: {source: shop, event: order.refunded}
    then:
      - action: unenrol
        with:
          user_id: "${ body.user }"
          email: "${ body.email }"
          course_id: "${ body.course }"
  - id: by-id
    name: Whoever the event names by an id
    when: {source: shop, event: id.refunded}
    then:
      - action: unenrol
        with: {user_id: "${ body.user }", course_id: "${ body.course }"}
  - id: by-email
    name: Whoever the event names by an address
    when: {source: shop, event: email.refunded}
    then:
      - action: unenrol
        with: {email: "${ body.email }", course_id: 101}
"""


@pytest.fixture(scope="module")
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


def full(sim: RunningSimulator) -> None:
    sim.reset()
    for email in (ADA, BO, CY):
        sim.add_person(email, courses=[101, 102])


def trap(sim: RunningSimulator) -> bool:
    found: Any = sim.snapshot()["unenrol_trap"]
    return bool(found["sprung"])


def left(sim: RunningSimulator) -> int:
    return 6 - len(sim.learners(101)) - len(sim.learners(102))


@MANY
@given(params=PARAMS | st.fixed_dictionaries({}, optional=HOW), lost=st.booleans())
def test_no_payload_springs_the_trap(
    sim: RunningSimulator, params: dict[str, object], lost: bool
) -> None:
    full(sim)
    if lost:
        sim.add_fault("removeUser", "commit_then_drop")
    with Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens()) as client:
        desk = Desk(client, MemoryDirectory(), MemoryJournal(), lambda: None, pause=lambda _: None)
        for _ in range(2):
            with suppress(CourseboxError):
                PERFORM["unenrol"](desk, params)

    assert not trap(sim)
    assert left(sim) <= 1


@pytest.mark.parametrize("value", LIKELY, ids=lambda value: f"{value!r:.30}")
@pytest.mark.parametrize("name", HOW)
def test_no_likely_value_springs_the_trap(sim: RunningSimulator, name: str, value: object) -> None:
    full(sim)
    params = {"email": ADA, "course_id": 101} | {name: value}
    with Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens()) as client:
        desk = Desk(client, MemoryDirectory(), MemoryJournal(), lambda: None)
        with suppress(CourseboxError):
            PERFORM["unenrol"](desk, params)

    assert not trap(sim)
    assert left(sim) <= 1


@pytest.fixture(scope="module")
def room(redis_server: Any, sim: RunningSimulator) -> Iterator[Room]:
    with engine_room(redis_server.url, sim, rules=RULES, schedule=()) as made:
        yield made


@FEW
@given(
    kind=st.sampled_from(["order.refunded", "id.refunded", "email.refunded"]),
    body=BODIES,
    edited=PARAMS,
)
def test_no_event_and_no_replay_springs_the_trap(
    sim: RunningSimulator,
    room: Room,
    kind: str,
    body: dict[str, object],
    edited: dict[str, object],
) -> None:
    full(sim)
    event = room.post(kind, **body)
    room.settle(event)
    for run in room.runs(event):
        if run.state == "dead":
            steps = tuple(replace(step, params=edited) for step in run.steps)
            room.store.replay(run.id, steps, "ops")
            room.settle(event)

    assert not trap(sim)
    assert left(sim) <= 2
