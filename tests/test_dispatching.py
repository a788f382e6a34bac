"""From events to runs: every rule's word is kept, and what is to be done is created with it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from coursebox.simulator import running_simulator
from rulebook import Book
from tests.engine_room import ADA, Room, a_book, engine_room
from workers.dispatching import Dispatcher, NoRules, normal_form
from workers.store import Counts, Event, EventState, NewEvent, SaidOf


@pytest.fixture
def room(redis_url: str) -> Iterator[Room]:
    with running_simulator() as sim, engine_room(redis_url, sim) as made:
        yield made


def an_event(source: str, kind: str, body: str) -> Event:
    at = datetime(2026, 4, 15, 10, tzinfo=UTC)
    state = EventState.PENDING
    return Event("evt_1", source, "1", kind, at, at, body, 1, state, 0, 0, 0, "", (), ())


def test_the_normal_form_has_the_names_that_rules_use() -> None:
    event = an_event("shop", "order.paid", '{"email": "ada@customer.example"}')

    normal = normal_form(event, "hmac")

    assert normal["event"]["source"] == "shop"
    assert normal["event"]["type"] == "order.paid"
    assert normal["body"] == {"email": "ada@customer.example"}


@pytest.mark.parametrize("body", ["null", "[]", '"text"', "3", "{}"], ids=str)
@pytest.mark.parametrize("preset", ["hubspot", "pipedrive", "typeform", "hmac"])
def test_a_body_of_any_shape_has_a_normal_form(preset: str, body: str) -> None:
    assert "event" in normal_form(an_event("crm", "deal.updated", body), preset)


def test_an_event_that_no_rule_speaks_of_is_ignored_and_says_so(room: Room) -> None:
    event = room.answer(room.post("order.packed", email=ADA))

    assert event.state is EventState.IGNORED
    assert event.verdicts == (SaidOf("", False, "no rule speaks of shop order.packed"),)
    assert room.archive.counts() == {"shop": Counts(accepted=1, ignored=1)}


def test_of_an_event_nothing_is_said_while_no_rule_is_live_at_all(room: Room) -> None:
    claim = room.store.claim(room.post())
    assert claim is not None

    with pytest.raises(NoRules, match="no rule is loaded yet; see RULES_DIR"):
        Dispatcher(room.store, lambda: Book(()), lambda _: "hmac").dispatch(
            claim, room.event(claim.id)
        )

    assert room.event(claim.id).verdicts == ()
    assert room.event(claim.id).state is EventState.PENDING


def test_an_event_whose_conditions_do_not_hold_is_ignored_and_says_which(room: Room) -> None:
    event = room.answer(room.post("order.paid", course=101))

    assert event.state is EventState.IGNORED
    (said,) = event.verdicts
    assert (said.rule, said.matched) == ("seat", False)
    assert "body.email" in said.reason


def test_what_a_rule_requires_without_looking_it_up_is_asked_at_once(room: Room) -> None:
    rules = """
version: 1
owner: ops@usher.example
rules:
  - id: seat
    when: {source: shop, event: order.paid}
    require: {body.course: 102}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
"""
    with engine_room(room.store.connection.url, room.sim, rules=rules) as strict:
        event = strict.answer(strict.post())
        wanted = strict.answer(strict.post(email="ben@customer.example", course=102))

    assert (event.state, event.runs) == (EventState.IGNORED, ())
    assert [said.reason for said in event.verdicts] == [
        "no: require: body.course equals 102 (event has 101)"
    ]
    assert wanted.state is EventState.FINISHED


def test_an_empty_list_makes_no_run(room: Room) -> None:
    event = room.answer(room.post("bundle.paid", email=ADA, courses=[]))

    assert event.state is EventState.IGNORED
    assert event.runs == ()


@pytest.mark.parametrize(
    "courses", ["no list", list(range(101)), None], ids=["a text", "101 entries", "nothing"]
)
def test_a_list_that_cannot_be_split_is_a_dead_letter_that_says_why(
    room: Room, courses: object
) -> None:
    event = room.answer(room.post("bundle.paid", email=ADA, courses=courses))

    assert event.state is EventState.DEAD
    assert "body.courses" in room.run(event.id).reason
    assert room.sim.calls() == []


def test_several_runs_are_rung_for_and_a_single_one_is_handed_over(room: Room) -> None:
    dispatcher = Dispatcher(room.store, a_book, lambda _: "hmac")
    one, many = room.post(), room.post("bundle.paid", email=ADA, courses=[101, 102])
    claims = [room.store.claim(event_id) for event_id in (one, many)]
    first, second = claims
    assert first is not None
    assert second is not None

    follow, nobody = dispatcher.dispatch(first, room.event(one))
    none, rings = dispatcher.dispatch(second, room.event(many))

    assert follow is not None
    assert (follow.id, nobody) == (room.run(one).id, ())
    assert none is None
    assert rings == room.event(many).runs


def test_a_run_carries_out_the_rule_as_it_was_when_it_was_created(
    room: Room, redis_url: str
) -> None:
    room.sim.add_fault("allLearners", "status", status=503)
    event = room.answer(room.post())
    assert event.state is EventState.PENDING
    changed = """
version: 1
owner: ops@usher.example
rules:
  - id: seat
    name: Order paid
    when: {source: shop, event: order.paid}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: 105}
"""
    with engine_room(redis_url, room.sim, rules=changed) as later:
        later.settle(event.id)
        fresh = later.settle(later.post())

    assert room.sim.learners(101) == [ADA]
    assert room.sim.learners(105) == [ADA]
    assert room.run(event.id).rule_hash != room.run(fresh.id).rule_hash


def test_a_body_that_is_no_json_fails_in_usher_and_is_a_dead_letter_in_the_end(room: Room) -> None:
    event_id = room.store.accept("shop", [NewEvent("1", "order.paid", None, "{")]).ids[0]

    event = room.settle(event_id)

    assert event.state is EventState.DEAD
    assert "Usher itself failed: JSONDecodeError" in event.reason
    assert room.archive.dead() == [event_id]
