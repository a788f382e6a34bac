"""From an event to the CRM that hears of it: real Redis, a real server, the simulated portal."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from coursebox.simulator import RunningSimulator, running_simulator
from tests.crm_server import HERE, Crm, Reply, crm
from tests.engine_room import ADA, Room, engine_room, eventually
from tests.running_usher import running_usher
from usher import words
from workers.store import RunState
from workers.store.keys import KEYS

TOKEN: Final = "b7d1c0de-token"
HOLD: Final = f"callback:{HERE}"
DEAL: Final = "/deals/90210001"
CALLBACKS: Final = """
callbacks:
  crm.deal_enrolled:
    method: PATCH
    url: CRM/deals/{deal_id}
    headers: {Authorization: "Bearer ${CRM_TOKEN}"}
    parameters: {deal_id: number}
    body: {properties: {training: "{outcome}", learner: "{email}"}}
    private_addresses: [127.0.0.1]
  crm.elsewhere:
    method: POST
    url: https://crm.inside.example/deals
"""
RULES: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: seat-and-tell
    name: Order paid
    when: {source: shop, event: order.paid}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
      - action: callback
        with: {use: crm.deal_enrolled, deal_id: "${ body.deal }"}
  - id: tell-dryly
    name: Order tried
    when: {source: shop, event: order.tried}
    dry_run: true
    then:
      - action: callback
        with: {use: crm.deal_enrolled, deal_id: "${ body.deal }"}
  - id: tell-and-go-on
    name: Order may fail
    when: {source: shop, event: order.noted}
    then:
      - action: callback
        on_error: continue
        with: {use: crm.deal_enrolled, deal_id: "${ body.deal }"}
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
  - id: tell-nobody
    name: Order misdirected
    when: {source: shop, event: order.lost}
    then:
      - action: callback
        with: {use: crm.deal_enroled, deal_id: "${ body.deal }"}
  - id: tell-each
    name: A bundle
    when: {source: shop, event: bundle.paid}
    then:
      - action: callback
        with: {use: crm.deal_enrolled, deal_id: 90210001}
      - action: callback
        with: {use: crm.deal_enrolled, deal_id: 90210001}
"""


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def server() -> Iterator[Crm]:
    with crm() as known:
        known.replies[DEAL] = {"id": "90210001"}
        yield known


@contextmanager
def a_room(redis_url: str, sim: RunningSimulator, server: Crm, **more: Any) -> Iterator[Room]:
    told = server.callbacks(CALLBACKS, CRM_TOKEN=TOKEN)
    with engine_room(redis_url, sim, rules=RULES, tell=told, **more) as made:
        yield made


@pytest.fixture
def room(redis_url: str, sim: RunningSimulator, server: Crm) -> Iterator[Room]:
    with a_room(redis_url, sim, server) as made:
        yield made


def order(room: Room, kind: str = "order.paid") -> str:
    return room.post(kind, email=ADA, course=101, deal=90210001)


def ids(server: Crm) -> set[str]:
    return {sent.headers["idempotency-key"] for sent in server.sent}


def test_the_crm_hears_that_the_learner_is_enrolled(room: Room, server: Crm) -> None:
    event = room.answer(order(room))

    assert event.state == "finished"
    assert room.sim.learners(101) == [ADA]
    (sent,) = server.sent
    assert (sent.method, sent.target) == ("PATCH", DEAL)
    assert sent.body == {"properties": {"training": "created_and_enrolled", "learner": ADA}}
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert room.outcomes(event.id) == ["created_and_enrolled", "told"]
    assert room.run(event.id).steps[1].detail == "crm.deal_enrolled: HTTP 200"


def test_what_was_said_is_kept_without_the_key(room: Room, server: Crm) -> None:
    server.replies[DEAL] = {"echo": f"Bearer {TOKEN}"}

    event = room.answer(order(room))

    told = room.attempts(event.id)[-1]
    (exchange,) = told.exchanges
    assert (exchange["method"], exchange["status"]) == ("PATCH", 200)
    assert ADA in exchange["request"]
    assert exchange["response"] == '{"echo": "Bearer (redacted)"}'
    assert TOKEN not in repr((room.attempts(event.id), room.run(event.id)))


def test_a_fault_of_the_crm_costs_time_alone(room: Room, server: Crm) -> None:
    server.in_turn = [Reply({"message": "oops"}, 500), Reply(status=429), Reply(drop=True)]
    server.replies[DEAL] = {"id": "90210001"}

    event = room.settle(order(room))

    assert event.state == "finished"
    assert len(server.sent) == 4
    assert len(ids(server)) == 1
    assert len({sent.content for sent in server.sent}) == 1
    assert room.effects() == {"101": {ADA: 1}}


def test_an_answer_that_breaks_off_after_its_status_is_an_answer(room: Room, server: Crm) -> None:
    server.in_turn = [Reply({"id": 1}, cut=True)]

    event = room.answer(order(room))

    assert event.state == "finished"
    assert len(server.sent) == 1


def test_the_crm_says_when_it_wants_to_be_asked_again(room: Room, server: Crm) -> None:
    server.in_turn = [Reply(status=503, headers={"Retry-After": "3600"})]

    event = room.answer(order(room))

    due = room.store.connection.redis.zscore(KEYS["due"], room.run(event.id).id)
    assert due / 1000 - room.attempts(event.id)[-1].ended_at.timestamp() > 3599


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_holds_that_host_and_its_release_goes_on(
    room: Room, server: Crm, status: int
) -> None:
    server.replies[DEAL] = Reply({"message": "no"}, status)
    first, second = order(room), order(room)
    for event_id in (first, second):
        room.answer(event_id)
    held = {event_id: room.run(event_id) for event_id in (first, second)}
    assert list(room.store.holds()) == [HOLD]
    assert "start the workers anew, then release the hold" in room.store.holds()[HOLD]["reason"]
    assert [run.steps[1].failures for run in held.values()] == [0, 0]
    assert len(server.sent) == 1  # the second asks nobody
    server.replies[DEAL] = {"id": "90210001"}

    assert room.store.release(HOLD) == (True, 2)
    room.go_on_until(lambda: {room.event(each).state for each in held} == {"finished"})

    assert room.effects() == {"101": {ADA: 1}}
    told = sorted(sent.headers["idempotency-key"] for sent in server.sent[1:])
    assert told == sorted(f"{run.id}-callback" for run in held.values())


def test_a_hold_of_the_portal_does_not_hold_what_only_tells(room: Room, server: Crm) -> None:
    room.store.hold("coursebox", "maintenance", "ops")

    event = room.answer(room.post("bundle.paid"))

    assert event.state == "finished"
    assert len(server.sent) == 2
    assert len(ids(server)) == 2


def test_what_the_crm_refuses_is_a_dead_letter_and_its_replay_tells_and_enrols_nobody_again(
    room: Room, server: Crm
) -> None:
    server.replies[DEAL] = Reply({"message": "no such deal"}, 404)
    event = room.settle(order(room))
    run = room.run(event.id)
    assert (run.state, run.steps[0].outcome) == (RunState.DEAD, "created_and_enrolled")
    assert "there is no such record or address (HTTP 404)" in run.reason
    server.replies[DEAL] = {"id": "90210001"}

    assert room.store.replay(run.id, run.steps, "ops")
    room.go_on_until(lambda: room.event(event.id).state == "finished")

    assert room.effects() == {"101": {ADA: 1}}
    assert len(room.calls("enrolUser")) == 1
    assert ids(server) == {f"{run.id}-callback"}


def test_a_redirect_is_given_up_with_its_cure(room: Room, server: Crm) -> None:
    server.replies[DEAL] = Reply(status=308, headers={"Location": "https://new.example/deals"})

    event = room.settle(order(room))

    reason = room.run(event.id).reason
    assert "HTTP 308 to https://new.example/deals" in reason
    assert "Write the final address as url in lookups.yaml" in reason
    assert len(server.sent) == 1


def test_a_step_that_may_fail_holds_nobody_up(room: Room, server: Crm) -> None:
    server.replies[DEAL] = Reply({"message": "bad"}, 400)

    event = room.settle(order(room, "order.noted"))

    assert event.state == "finished"
    assert room.outcomes(event.id) == ["failed", "created_and_enrolled"]


def test_a_dry_run_tells_nobody(room: Room, server: Crm) -> None:
    event = room.answer(order(room, "order.tried"))

    assert room.outcomes(event.id) == ["would_callback"]
    assert server.sent == []


def test_a_callback_that_is_not_there_is_a_dead_letter(room: Room, server: Crm) -> None:
    event = room.settle(order(room, "order.lost"))

    assert event.state == "dead"
    assert "there is no such callback" in room.run(event.id).reason
    assert server.sent == []


def test_a_value_that_cannot_be_used_sends_nothing(room: Room, server: Crm) -> None:
    event = room.settle(room.post(email=ADA, course=101, deal="../../admin"))

    assert event.state == "dead"
    assert "deal_id must be a number" in room.run(event.id).reason
    assert server.sent == []


def test_a_missing_key_holds_the_callback_by_its_name(
    redis_url: str, sim: RunningSimulator, server: Crm
) -> None:
    with engine_room(redis_url, sim, rules=RULES, tell=server.callbacks(CALLBACKS)) as room:
        event = room.answer(order(room))

        assert event.state == "pending"
        assert list(room.store.holds()) == ["callback:crm.deal_enrolled"]
        assert "CRM_TOKEN is not set" in room.run(event.id).reason
    with a_room(redis_url, sim, server) as mended:
        mended.store.release("callback:crm.deal_enrolled")
        mended.go_on_until(lambda: mended.event(event.id).state == "finished")
        assert mended.effects() == {"101": {ADA: 1}}
    assert len(server.sent) == 1


def test_a_worker_that_dies_while_it_tells_costs_one_repetition_under_the_same_id(
    redis_url: str, sim: RunningSimulator, server: Crm
) -> None:
    end = threading.Event()
    server.in_turn = [Reply({"id": 1}, pause=end)]
    with (
        a_room(redis_url, sim, server) as room,
        a_room(redis_url, sim, server, lease=30) as dying,
    ):
        event_id = order(room)
        worker = threading.Thread(target=dying.engine.answer, args=(event_id,))
        worker.start()
        eventually(lambda: len(server.sent) == 1, "the CRM is not told")

        room.store.connection.redis.zadd(KEYS["due"], {room.run(event_id).id: 1})
        room.go_on_until(lambda: room.event(event_id).state == "finished")
        end.set()
        worker.join()

        assert room.effects() == {"101": {ADA: 1}}
        assert len(room.calls("enrolUser")) == 1
        assert [sent.headers["idempotency-key"] for sent in server.sent] == [
            f"{room.run(event_id).id}-callback"
        ] * 2
        assert len({sent.content for sent in server.sent}) == 1
        assert room.outcomes(event_id) == ["created_and_enrolled", "told"]


def test_a_signed_delivery_is_told_back_though_its_worker_is_killed(
    tmp_path: Path, server: Crm
) -> None:
    never = threading.Event()
    server.in_turn = [Reply({"id": 1}, pause=never)]
    (tmp_path / "lookups.yaml").write_text(CALLBACKS.replace("CRM/", f"{server.url}/"))
    with running_usher(tmp_path) as usher:
        # a callback that is not there would not have gone live
        (usher.rules / "rules.yaml").write_text(RULES.replace("deal_enroled", "deal_enrolled"))
        usher.more["CRM_TOKEN"] = TOKEN
        usher.web()
        first = usher.worker()
        _, said = usher.deliver("order 1", email=ADA, course=101, deal=90210001)
        event_id = said["events"][0]
        eventually(lambda: len(server.sent) == 1, "the CRM is not told")

        first.kill()
        usher.worker()
        event = usher.settled(event_id)
        never.set()

        assert event.state == "finished"
        assert usher.effects() == {"101": {ADA: 1}}
        assert len(usher.calls("enrolUser")) == 1
        assert [sent.headers["idempotency-key"] for sent in server.sent] == [
            f"{event.runs[0]}-callback"
        ] * 2


def test_who_waits_for_a_crm_is_not_said_to_wait_for_the_portal(room: Room, server: Crm) -> None:
    server.replies[DEAL] = Reply({"message": "later"}, 503, {"Retry-After": "3600"})
    event = room.answer(order(room))
    room.store.hold("coursebox", "maintenance", "ops")
    run, now = room.run(event.id), datetime.now(UTC)

    told = words.waits(run, now + timedelta(hours=1), "maintenance", now)

    assert "maintenance" not in told
    assert "it reports a fault of its own (HTTP 503)" in told
