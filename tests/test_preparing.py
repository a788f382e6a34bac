"""Rules that look things up: what is asked, what is remembered, and the runs made of it."""

import json
import threading
from collections.abc import Iterator
from typing import Final

import pytest

from coursebox.simulator import RunningSimulator, running_simulator
from tests.engine_room import ADA, BEN, Room, engine_room, eventually
from workers.retry import COURSEBOX
from workers.running import DEADLY
from workers.store import Counts, RunState, Store
from workers.store.keys import KEYS

HEAD: Final = "version: 1\nowner: ops@usher.example\nrules:\n"


def _rule(more: str = "", course: str = "${ body.course }") -> str:
    return f"""{HEAD}
  - id: seat
    name: Order paid
    when: {{source: shop, event: order.paid}}
    lookup:
      people: {{use: coursebox.learners, with: {{course_id: "${{ body.course }}"}}}}
    {more}
    then:
      - action: enrol
        with: {{email: "${{ body.email }}", course_id: "{course}"}}
"""


PLAIN: Final = _rule()
ONLY_EMPTY: Final = _rule("require: {people: {count: 0}}")
DRY: Final = _rule("dry_run: true")
BEFORE: Final = _rule("limit: {runs: 1, per: 1 hour}")
ONCE: Final = _rule("once_per: ${ body.email }")
# everybody of one course into another
EACH: Final = _rule("for_each: people").replace("${ body.email }", "${ item.email }").replace(
    'course_id: "${ body.course }"}\n', "course_id: 102}\n"
)  # fmt: skip


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


def _seated(room: Room, *people: str) -> None:
    """These people are in course 101, by calls that are not counted below."""
    for person in people:
        with engine_room(room.store.connection.url, room.sim) as other:
            other.answer(other.post(email=person, course=101))


def _asked(room: Room) -> int:
    return len(room.calls("allLearners"))


def test_what_a_rule_looks_up_is_recorded_remembered_and_seen(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=PLAIN) as room:
        event = room.answer(room.post())

        first, second = room.attempts(event.id)
        assert event.state == "finished"
        assert (first.step, first.outcome, second.step) == ("lookup", "looked_up", "enrol")
        assert [exchange["call"] for exchange in first.exchanges][-1] == "learners"
        assert room.store.looked_up(room.run(event.id).id) == {"people": "[]"}
        assert room.effects() == {"101": {ADA: 1}}


def test_what_is_required_and_not_so_makes_a_run_skipped(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=ONLY_EMPTY) as room:
        first, second = room.answer(room.post()), room.answer(room.post(email=BEN, course=101))

        run = room.run(second.id)
        assert (first.state, second.state) == ("finished", "ignored")
        assert run.state is RunState.SKIPPED
        assert run.reason.startswith("require: people count")
        assert room.archive.counts()["shop"] == Counts(accepted=2, finished=1, ignored=1)
        assert room.archive.unfinished()[0] == 0
        assert room.effects() == {"101": {ADA: 1}}


def test_a_look_up_that_fails_is_tried_again_and_its_answer_is_kept(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("allLearners", "status", status=503, times=2)
    with engine_room(redis_url, sim, rules=PLAIN) as room:
        event = room.settle(room.post())

        attempts = room.attempts(event.id)
        assert event.state == "finished"
        assert [(a.step, a.number, a.decision) for a in attempts] == [
            ("lookup", 1, "retry"), ("lookup", 2, "retry"), ("lookup", 3, ""), ("enrol", 1, ""),
        ]  # fmt: skip
        assert room.run(event.id).steps[0].failures == 0


def test_a_look_up_that_goes_on_failing_makes_a_dead_letter_whose_replay_begins_with_it(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("allLearners", "status", status=503, times=None)
    with engine_room(redis_url, sim, rules=PLAIN) as room:
        event = room.settle(room.post())
        run = room.run(event.id)
        assert (event.state, len(room.attempts(event.id))) == ("dead", 4)
        assert run.reason.startswith("tried 4 times without success")

        sim.clear_faults()
        assert room.store.replay(run.id, run.steps, "ops")

        assert room.settle(event.id).state == "finished"
        assert room.effects() == {"101": {ADA: 1}}


def test_a_refused_log_in_holds_what_is_looked_up_there(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=PLAIN, password="not this one") as room:
        first, second = room.answer(room.post()), room.answer(room.post(email=BEN, course=101))

        assert COURSEBOX in room.store.holds()
        assert "on hold" in room.run(first.id).reason
        assert "on hold" in room.run(second.id).reason
        assert len(room.calls("login")) == 1
        assert room.run(first.id).steps[0].failures == 0
    with engine_room(redis_url, sim, rules=PLAIN) as mended:
        assert mended.store.release(COURSEBOX) == (True, 2)
        mended.go_on_until(lambda: mended.archive.counts()["shop"].finished == 2)


def test_a_replay_goes_by_what_was_looked_up_at_first(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=_rule("require: {people: {count: 0}}")) as room:
        sim.add_fault("enrolUser", "status", status=403)
        event = room.settle(room.post())
        run = room.run(event.id)
        assert event.state == "dead"
        _seated(room, BEN)  # what is required would not hold any more

        assert room.store.replay(run.id, run.steps, "ops")

        assert room.settle(event.id).state == "finished"
        steps = [attempt.step for attempt in room.attempts(event.id)]
        assert steps == ["lookup", "enrol", "enrol"]
        assert room.store.looked_up(run.id) == {"people": "[]"}


def test_a_value_that_a_look_up_needs_and_the_event_lacks_is_a_dead_letter_at_once(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=PLAIN) as room:
        event = room.answer(room.post(email=ADA))

        assert event.state == "dead"
        assert "body.course" in room.run(event.id).reason
        assert room.sim.calls() == []


def test_a_dry_run_looks_up_and_sends_nothing(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, rules=DRY) as room:
        event = room.answer(room.post())

        assert room.outcomes(event.id) == ["would_enrol"]
        assert {call["call"] for call in room.sim.calls()} == {"login", "allLearners"}


def test_an_answer_that_is_too_large_to_remember_is_a_dead_letter_that_says_so(
    redis_url: str, sim: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.looking.MOST_REMEMBERED", 10)
    with engine_room(redis_url, sim, rules=PLAIN) as room:
        _seated(room, ADA)

        event = room.answer(room.post())

        assert event.state == "dead"
        assert 'look-up "people": coursebox.learners gave' in room.run(event.id).reason
        assert "a run remembers at most 10" in room.run(event.id).reason


# -- a run for each entry of what was looked up ------------------------------------------------


def test_a_list_that_was_looked_up_becomes_a_run_for_each_entry(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=EACH) as room:
        _seated(room, ADA, BEN)
        event = room.settle(room.post())

        looked, *made = room.runs(event.id)
        assert event.state == "finished"
        assert (looked.state, looked.reason, looked.steps) == (
            RunState.FINISHED, "split into 2 runs", (),
        )  # fmt: skip
        assert [run.parent for run in made] == [looked.id, looked.id]
        assert sorted(run.item["email"] for run in made) == [ADA, BEN]
        assert room.effects()["102"] == {ADA: 1, BEN: 1}
        assert room.archive.counts()["shop"] == Counts(accepted=3, finished=3)
        assert room.archive.unfinished()[0] == 0


def test_an_empty_list_makes_the_run_skipped(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, rules=EACH) as room:
        event = room.answer(room.post())

        assert (event.state, room.run(event.id).state) == ("ignored", RunState.SKIPPED)
        assert room.run(event.id).reason == "for_each: the list is empty"


def test_what_is_no_list_is_a_dead_letter(redis_url: str, sim: RunningSimulator) -> None:
    rules = EACH.replace("for_each: people", "for_each: body.email")
    with engine_room(redis_url, sim, rules=rules) as room:
        event = room.answer(room.post())

        assert event.state == "dead"
        assert "for_each" in room.run(event.id).reason


def test_workers_that_die_while_a_list_is_split_lose_and_double_nothing(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=EACH) as room:
        _seated(room, ADA, BEN)
        event_id = room.post()
        hurried = Store(room.store.connection, lease=0.01)
        for _ in range(DEADLY - 1):  # claimed again and again by workers that die at once
            eventually(lambda: hurried.claim(event_id) is not None)
        room.engine.answer(event_id)
        room.go_on_until(lambda: room.event(event_id).runs != ())
        parent = room.event(event_id).runs[0]

        room.settle(event_id)

        assert len(room.runs(event_id)) == 3
        assert room.effects()["102"] == {ADA: 1, BEN: 1}
        assert room.archive.due_at(parent) is None


def test_a_worker_that_was_given_up_while_it_looked_splits_nothing_again(
    redis_url: str, sim: RunningSimulator
) -> None:
    with (
        engine_room(redis_url, sim, rules=EACH) as room,
        engine_room(redis_url, sim, rules=EACH, timeout=30, lease=30) as dying,
    ):
        _seated(room, ADA, BEN)
        event_id = room.post()
        sim.add_fault("allLearners", "delay_reply", seconds=30)
        asked = _asked(room)
        worker = threading.Thread(target=dying.engine.answer, args=(event_id,))
        worker.start()
        assert sim.wait_until(lambda: _asked(room) > asked)
        room.store.connection.redis.zadd(KEYS["due"], {room.run(event_id).id: 1})

        room.go_on_until(lambda: room.event(event_id).state == "finished")
        sim.end_delays(for_good=True)
        worker.join()

        assert len(room.runs(event_id)) == 3
        assert room.effects()["102"] == {ADA: 1, BEN: 1}
        assert room.archive.counts()["shop"].balanced
        assert room.archive.unfinished()[0] == 0


def test_splitting_again_after_a_lost_answer_does_nothing(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=PLAIN) as room:
        claim = room.store.claim(room.post())
        assert claim is not None
        run, _ = room.engine._dispatcher.dispatch(claim, room.event(claim.id))
        assert run is not None
        fields = {"rule": "seat", "source": "shop", "rule_hash": "x", "priority": "normal"}
        parts = ("run_child", json.dumps(fields), "{}")
        ask = (run.id, run.token, 1000, 8, "split into 1 run", *parts)

        first = room.store.connection.run("unfold", *ask)
        again = room.store.connection.run("unfold", *ask)

        assert (first, again) == ([0, ["run_child"], []], [-1])
        redis = room.store.connection.redis
        assert redis.hmget(KEYS["event"] + claim.id, "open", "total", "skipped") == ["1", "2", "1"]


def test_once_per_counts_after_the_look_ups(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, rules=ONCE) as room:
        first, second = room.answer(room.post()), room.answer(room.post())

        assert (first.state, second.state) == ("finished", "ignored")
        run = room.run(second.id)
        assert run.reason == f"once_per: {room.run(first.id).id} came first with the same key"
        assert run.state is RunState.SKIPPED
        assert room.archive.counts()["shop"] == Counts(accepted=2, finished=1, ignored=1)


def test_a_limit_counts_after_the_look_ups(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, rules=BEFORE) as room:
        first = room.answer(room.post())
        second = room.answer(room.post(email=BEN, course=101))

        run = room.run(second.id)
        assert (first.state, second.state) == ("finished", "pending")
        assert run.state is RunState.WAITING
        assert run.reason == "parked: the rule is limited to 1 run in 1 hour"
        assert room.archive.parked() == {"seat": 1}

        room.later(second.id, 3600)
        asked = _asked(room)
        assert room.settle(second.id).state == "finished"
        assert room.archive.parked() == {}
        assert len([a for a in room.attempts(second.id) if a.step == "lookup"]) == 1
        assert _asked(room) >= asked
