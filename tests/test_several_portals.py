"""Two portals at once: what belongs to one is never taken for the other's, and neither waits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from coursebox.calls import COURSES
from coursebox.errors import Kind, fail
from coursebox.policy import FirstUse, Policy
from coursebox.simulator import RunningSimulator, running_simulator
from tests.engine_room import ADA, KNOWN, SECRET_KEY, Room, engine_room
from tests.running_usher import running_usher
from workers.portals import known_as
from workers.store import Connection, Directory, SharedTokens
from workers.store.gate import PROBE_AT, Circuit, Limits, SharedGate
from workers.store.keys import KEYS

EMEA: Final = "coursebox:emea"
RULES: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: seat
    when: {source: shop, event: order.paid}
    if: {body.region: {is_present: false}}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
  - id: unseat
    when: {source: shop, event: order.refunded}
    if: {body.region: {is_present: false}}
    then:
      - action: unenrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
"""
IN_EMEA: Final = (
    RULES.replace("rules:\n", "account: emea\nrules:\n")
    .replace("is_present: false", "is_present: true")
    .replace("id: seat", "id: seat-in-emea")
    .replace("id: unseat", "id: unseat-in-emea")
)
BOTH: Final = RULES + IN_EMEA[IN_EMEA.index("  - id:") :].replace(
    "    when:", "    account: emea\n    when:"
)
LISTED: Final = """  - id: ask
    account: emea
    when: {source: shop, event: course.asked}
    lookup:
      there: {use: coursebox.learners, with: {course_id: "${ body.course }"}}
    require: {there: {count: {more_than: 0}}}
    then:
      - action: invite
        with: {email: "${ body.email }", course_id: "${ body.course }"}
"""


@pytest.fixture
def default() -> Iterator[RunningSimulator]:
    with running_simulator() as sim:
        yield sim


@pytest.fixture
def emea() -> Iterator[RunningSimulator]:
    # an account of its own there: what is shared by mistake is refused
    with running_simulator(email="usher@emea.example", password="another") as sim:
        yield sim


@pytest.fixture
def room(redis_url: str, default: RunningSimulator, emea: RunningSimulator) -> Iterator[Room]:
    with engine_room(redis_url, default, rules=BOTH + LISTED, beside={"emea": emea}) as room:
        yield room


def seated(sim: RunningSimulator) -> Any:
    portal: Any = sim.snapshot()
    return portal["effects"]["enrolments"]


def test_each_rule_acts_in_its_own_portal(room: Room, emea: RunningSimulator) -> None:
    here = room.settle(room.post(email=ADA, course=101))

    assert here.state == "finished"
    assert (seated(room.sim), seated(emea)) == ({"101": {ADA: 1}}, {})


def test_one_person_in_the_same_course_of_both_is_seated_in_both(
    room: Room, emea: RunningSimulator
) -> None:
    events = [
        room.settle(room.post(email=ADA, course=101)),
        room.settle(room.post(email=ADA, course=101, region="emea")),
    ]

    assert [event.state for event in events] == ["finished", "finished"]
    assert seated(room.sim) == seated(emea) == {"101": {ADA: 1}}
    assert [room.run(event.id).account for event in events] == ["default", "emea"]


def test_a_later_event_in_one_portal_supersedes_nothing_in_the_other(
    room: Room, emea: RunningSimulator
) -> None:
    first = room.post(email=ADA, course=101, region="emea")
    room.settle(room.post(email=ADA, course=101))
    room.settle(room.post("order.refunded", email=ADA, course=101))

    room.settle(first)

    assert room.outcomes(first) == ["created_and_enrolled"]
    assert seated(emea) == {"101": {ADA: 1}}


def test_a_run_for_somebody_in_one_portal_keeps_none_in_the_other_waiting(
    room: Room, emea: RunningSimulator
) -> None:
    room.store.connection.redis.set(KEYS["learner"] + ADA, "a run of default")
    here, there = (room.post(email=ADA, course=101, **more) for more in ({}, {"region": "emea"}))

    for event in (here, there):
        room.answer(event)

    assert [room.event(each).state for each in (here, there)] == ["pending", "finished"]
    assert (seated(room.sim), seated(emea)) == ({}, {"101": {ADA: 1}})


def test_tokens_and_people_are_kept_apart(room: Room, emea: RunningSimulator) -> None:
    # somebody who is there already, so that her ids differ
    emea.add_person("first@emea.example", courses=[101])
    room.settle(room.post(email=ADA, course=101))
    room.settle(room.post(email=ADA, course=101, region="emea"))

    connection = room.store.connection
    tokens = [SharedTokens(connection, SECRET_KEY, name).get() for name in ("default", "emea")]
    places = (("default", room.sim.url), ("emea", emea.url))
    known = [Directory(connection, known_as(*place)).user_id(ADA) for place in places]
    assert None not in (*tokens, *known)
    assert len(set(tokens)) == len(set(known)) == 2


def test_a_look_up_is_made_in_the_portal_of_its_rule(room: Room, emea: RunningSimulator) -> None:
    emea.add_person("first@emea.example", courses=[101])

    event = room.settle(room.post("course.asked", email=ADA, course=101))

    assert room.outcomes(event.id) == ["invited"]
    assert room.calls("learners") == []


def test_a_portal_on_hold_holds_up_no_other(room: Room, emea: RunningSimulator) -> None:
    room.store.hold("coursebox:emea", "maintenance", "ann")
    waiting = room.post(email=ADA, course=101, region="emea")
    room.answer(waiting)

    here = room.settle(room.post(email=ADA, course=101))

    assert here.state == "finished"
    assert room.run(waiting).reason == "coursebox:emea is on hold: maintenance"
    assert emea.calls() == []
    room.store.release("coursebox:emea")
    assert room.settle(waiting).state == "finished"
    assert seated(emea) == {"101": {ADA: 1}}


def test_a_refused_log_in_holds_its_own_portal_alone(room: Room, emea: RunningSimulator) -> None:
    emea.add_fault("login", "status", status=401)
    refused = room.post(email=ADA, course=101, region="emea")
    room.answer(refused)

    here = room.settle(room.post(email=ADA, course=101))

    assert list(room.store.holds()) == ["coursebox:emea"]
    assert here.state == "finished"


def test_the_first_use_of_each_portal_is_guarded_by_itself(
    redis_url: str, default: RunningSimulator, emea: RunningSimulator
) -> None:
    guarded = Policy(first_use=FirstUse.GUARDED)
    emea.add_person(ADA, courses=[101])
    with engine_room(redis_url, default, rules=BOTH, policy=guarded, beside={"emea": emea}) as room:
        room.answer(room.post("order.refunded", email=ADA, course=101, region="emea"))

        assert list(room.store.holds()) == ["coursebox:emea/first-use"]
        [held] = room.store.holds().values()
        assert "--account emea" in held["reason"]


def test_the_hold_of_a_first_use_ends_once_the_portal_is_known(
    redis_url: str, default: RunningSimulator, emea: RunningSimulator
) -> None:
    emea.add_person(ADA, courses=[101])
    with engine_room(redis_url, default, rules=BOTH, beside={"emea": emea}) as room:
        room.store.hold("coursebox:emea/first-use", "nobody has seen it", "usher")

        event = room.settle(room.post("order.refunded", email=ADA, course=101, region="emea"))

        assert room.outcomes(event.id) == ["unenrolled"]
        assert room.store.holds() == {}


def test_a_rule_for_a_portal_that_this_worker_does_not_have_is_a_dead_letter(
    redis_url: str, default: RunningSimulator
) -> None:
    with engine_room(redis_url, default, rules=BOTH, policy=KNOWN) as room:
        event = room.settle(room.post(email=ADA, course=101, region="emea"))

        assert event.state == "dead"
        assert "COURSEBOX_ACCOUNTS" in room.run(event.id).reason


def _circuit_opens(redis_url: str) -> None:
    connection = Connection(redis_url)
    gate = SharedGate(connection, EMEA, Limits(1000, 1, circuit=Circuit(calls=1)))
    with gate.passing(COURSES) as passage:
        passage.answered(fail(COURSES, Kind.UNREACHABLE))
    connection.close()


def test_what_waits_for_a_portal_that_is_taken_out_of_the_settings_ends(
    redis_url: str, default: RunningSimulator, emea: RunningSimulator
) -> None:
    with engine_room(redis_url, default, rules=BOTH, policy=KNOWN, beside={"emea": emea}) as room:
        _circuit_opens(redis_url)
        event_id = room.post(email=ADA, course=101, region="emea")
        room.answer(event_id)
        assert room.run(event_id).reason.startswith("coursebox:emea is on hold: ")
        assert PROBE_AT in room.store.holds()[EMEA]

    with engine_room(redis_url, default, rules=BOTH, policy=KNOWN) as without:
        without.later(event_id, 120)

        assert without.settle(event_id).state == "dead"
        assert "COURSEBOX_ACCOUNTS" in without.run(event_id).reason


def test_what_a_person_holds_waits_also_where_its_portal_is_not_in_the_settings(
    redis_url: str, default: RunningSimulator
) -> None:
    with engine_room(redis_url, default, rules=BOTH, policy=KNOWN) as room:
        room.store.hold(EMEA, "it moves to another machine", "ann")

        event = room.answer(room.post(email=ADA, course=101, region="emea"))

        assert event.state == "pending"
        assert "it moves to another machine" in room.run(event.id).reason


def test_a_worker_with_a_named_portal_alone_seats_people_in_it(
    tmp_path: Path, emea: RunningSimulator
) -> None:
    with running_usher(tmp_path) as usher:
        usher.more = {
            **dict.fromkeys(("COURSEBOX_URL", "COURSEBOX_EMAIL", "COURSEBOX_PASSWORD"), ""),
            "COURSEBOX_ACCOUNTS": "emea",
            "COURSEBOX_EMEA_URL": emea.url,
            "COURSEBOX_EMEA_EMAIL": emea.email,
            "COURSEBOX_EMEA_PASSWORD": emea.password,
        }
        (usher.rules / "rules.yaml").write_text(IN_EMEA)
        usher.worker()

        event = usher.post("an order", email=ADA, course=101, region="emea")

        assert usher.settled(event).state == "finished"
    assert seated(emea) == {"101": {ADA: 1}}
    assert usher.sim.calls() == []


def test_a_worker_goes_on_in_one_portal_while_the_other_is_down(
    tmp_path: Path, emea: RunningSimulator
) -> None:
    with running_usher(tmp_path) as usher:
        usher.more = {
            "COURSEBOX_ACCOUNTS": "emea",
            "COURSEBOX_EMEA_URL": emea.url,
            "COURSEBOX_EMEA_EMAIL": emea.email,
            "COURSEBOX_EMEA_PASSWORD": emea.password,
        }
        (usher.rules / "rules.yaml").write_text(BOTH)
        emea.add_fault("*", "status", status=503, for_seconds=3600)
        usher.worker()
        down = [
            usher.post(f"order {n}", email=f"p{n}@x.example", course=101, region="emea")
            for n in range(20)
        ]

        here = usher.post("the one", email=ADA, course=101)

        assert usher.settled(here).state == "finished"
        assert {usher.event(event).state for event in down} == {"pending"}
    assert seated(usher.sim) == {"101": {ADA: 1}}
