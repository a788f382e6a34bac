"""Steps that wait, are skipped, or fail and are gone past."""

import re
import threading
from collections.abc import Iterator
from typing import Final

import pytest

from coursebox.simulator import RunningSimulator, running_simulator
from rulebook import Book
from tests.engine_room import ADA, BEN, Room, a_book, engine_room
from workers.retry import COURSEBOX
from workers.running import SWITCHED_OFF
from workers.store import Counts, RunState, Store
from workers.store.keys import KEYS

HEAD: Final = "version: 1\nowner: ops@usher.example\nrules:\n"
DAY: Final = 86_400.0


def _rule(steps: str, more: str = "") -> str:
    return f"""{HEAD}
  - id: seat
    name: Order paid
    when: {{source: shop, event: order.paid}}
    {more}
    then:
{steps}
"""


ENROL: Final = """
      - action: enrol
        with: {email: "${ body.email }", course_id: 101}
"""
LATER: Final = """
      - action: enrol
        delay: 3 days
        with: {email: "${ body.email }", course_id: 102}
"""
DRIP: Final = _rule(ENROL + LATER)
AT_FIRST: Final = _rule(LATER)
WHERE_ASKED: Final = _rule("""
      - action: enrol
        only_if: {body.course: 101}
        with: {email: "${ body.email }", course_id: 101}
      - action: enrol
        only_if: {body.course: 102}
        with: {email: "${ body.email }", course_id: 102}
""")
GO_PAST: Final = _rule("""
      - action: enrol
        on_error: continue
        retry: {attempts: 2, first_wait: 1 second, max_wait: 1 second}
        with: {email: "${ body.email }", course_id: "${ body.course }"}
      - action: enrol
        with: {email: "${ body.email }", course_id: 102}
""")
UNLESS_THERE: Final = _rule("""
      - action: enrol
        lookup:
          people: {use: coursebox.learners, with: {course_id: 101}}
        only_if: {people: {count: 0}}
        with: {email: "${ body.email }", course_id: 101}
""")


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


def _balanced(room: Room) -> Counts:
    counts = room.archive.counts()["shop"]
    assert counts.balanced
    return counts


def test_a_step_waits_from_the_end_of_the_one_before_and_uses_up_no_try(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=DRIP) as room:
        event = room.answer(room.post())

        run, due = room.run(event.id), room.archive.due_at(room.run(event.id).id)
        assert (event.state, run.state, room.effects()) == (
            "pending", RunState.WAITING, {"101": {ADA: 1}},
        )  # fmt: skip
        assert run.reason.startswith("waits until ")
        assert run.reason.endswith(' UTC for step "enrol-2" (delay 3 days)')
        assert (run.steps[1].tries, run.steps[1].failures, run.steps[1].params) == (0, 0, None)
        assert due == pytest.approx((run.steps[0].ended_at or 0) + 3 * DAY, abs=0.1)
        assert room.store.connection.redis.get(KEYS["learner"] + ADA) is None

        room.later(event.id, 3 * DAY)
        room.go_on_until(lambda: room.event(event.id).state == "finished")
        assert room.effects() == {"101": {ADA: 1}, "102": {ADA: 1}}
        assert _balanced(room) == Counts(accepted=1, finished=1)


@pytest.mark.parametrize(
    ("delay", "clock"),
    [("20 minutes", r"\d\d:\d\d:\d\d"), ("1 hour", r"\d\d:\d\d")],
    ids=["below an hour with seconds", "longer without"],
)
def test_until_when_a_step_waits_is_told_as_exactly_as_its_delay(
    redis_url: str, sim: RunningSimulator, delay: str, clock: str
) -> None:
    with engine_room(redis_url, sim, rules=DRIP.replace("3 days", delay)) as room:
        event = room.answer(room.post())

        reason = room.run(event.id).reason
        assert re.match(rf"waits until \d{{4}}-\d\d-\d\d {clock} UTC for step", reason)


def test_a_run_that_comes_up_too_early_waits_for_the_rest(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=AT_FIRST) as room:
        event = room.answer(room.post())
        run = room.run(event.id)
        room.store.connection.redis.zadd(KEYS["due"], {run.id: 1})

        room.engine.answer("")

        assert room.run(event.id).state is RunState.WAITING
        assert room.archive.due_at(run.id) == pytest.approx(
            run.created_at.timestamp() + 3 * DAY, abs=0.1
        )
        assert room.sim.calls() == []


def test_a_dry_run_does_not_wait(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, rules=_rule(ENROL + LATER, "dry_run: true")) as room:
        event = room.answer(room.post())

        assert event.state == "finished"
        assert room.outcomes(event.id) == ["would_enrol", "would_enrol"]


def test_a_worker_that_dies_before_a_delayed_step_takes_nothing_with_it(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=DRIP) as room:
        event = room.answer(room.post())
        room.later(event.id, 3 * DAY)
        hurried = Store(room.store.connection, lease=0.01)
        assert hurried.claim(room.run(event.id).id) is not None  # and is never heard of again

        room.go_on_until(lambda: room.event(event.id).state == "finished")

        assert room.effects() == {"101": {ADA: 1}, "102": {ADA: 1}}


def test_a_step_whose_condition_does_not_hold_is_skipped_and_the_run_goes_on(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=WHERE_ASKED) as room:
        event = room.answer(room.post(email=ADA, course=102))

        assert event.state == "finished"
        assert room.outcomes(event.id) == ["skipped", "created_and_enrolled"]
        assert (
            room.run(event.id).steps[0].detail == "only_if: body.course equals 101 (event has 102)"
        )
        assert room.effects() == {"102": {ADA: 1}}


def test_a_run_of_which_no_step_was_to_be_done_is_skipped_and_its_event_ignored(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=WHERE_ASKED) as room:
        event = room.answer(room.post(email=ADA, course=103))

        run = room.run(event.id)
        assert (event.state, run.state) == ("ignored", RunState.SKIPPED)
        assert run.reason.startswith("no step was to be done: only_if: body.course equals 101")
        assert _balanced(room) == Counts(accepted=1, ignored=1)
        assert room.archive.unfinished()[0] == 0


def test_a_step_that_gives_up_is_gone_past_where_the_rule_says_so(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=GO_PAST) as room:
        event = room.answer(room.post(email=ADA, course=999))

        run = room.run(event.id)
        assert event.state == "finished"
        assert room.outcomes(event.id) == ["failed", "created_and_enrolled"]
        assert run.reason == f'step "enrol" failed: {run.steps[0].detail}'
        assert [(a.step, bool(a.failure)) for a in room.attempts(event.id)] == [
            ("enrol", True), ("enrol-2", False),
        ]  # fmt: skip
        assert _balanced(room) == Counts(accepted=1, finished=1, failed_steps=1)
        assert room.archive.dead() == []


def test_a_steps_own_retry_counts_before_the_settings(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("enrolUser", "status", status=503, times=2, match="")
    with engine_room(redis_url, sim, rules=GO_PAST) as room:
        event = room.settle(room.post(email=ADA, course=101))

        assert [a.decision for a in room.attempts(event.id)] == ["retry", "retry", ""]
        assert room.outcomes(event.id) == ["failed", "enrolled"]
        assert "tried 2 times without success" in room.run(event.id).reason


def test_a_step_is_judged_by_what_is_looked_up_at_that_moment(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=UNLESS_THERE) as room:
        first = room.answer(room.post())
        second = room.answer(room.post(email=BEN))

        assert room.outcomes(first.id) == ["created_and_enrolled"]
        assert (second.state, room.outcomes(second.id)) == ("ignored", ["skipped"])
        assert room.effects() == {"101": {ADA: 1}}


def test_what_a_step_has_brought_about_itself_is_not_what_it_is_judged_by(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("enrolUser", "commit_then_drop")
    sim.add_fault("allLearners", "status", status=503, match="", times=None)
    with engine_room(redis_url, sim, rules=UNLESS_THERE, schedule=(0.05,) * 9) as room:
        event = room.answer(room.post())
        assert [a.decision for a in room.attempts(event.id)] == ["retry"]
        sim.clear_faults()
        sim.add_fault("enrolUser", "commit_then_drop")

        room.settle(event.id)

        assert room.outcomes(event.id) == ["created_and_enrolled"]
        assert room.effects() == {"101": {ADA: 1}}


def test_while_coursebox_is_on_hold_a_step_looks_nothing_up(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim, rules=UNLESS_THERE) as room:
        room.store.hold(COURSEBOX, "maintenance", "ops")

        event = room.answer(room.post())

        assert room.run(event.id).reason == "coursebox is on hold: maintenance"
        assert room.sim.calls() == []
        assert room.store.release(COURSEBOX) == (True, 1)
        assert room.settle(event.id).state == "finished"


# -- a rule that is switched off ---------------------------------------------------------------

GONE: Final = a_book(_rule(ENROL).replace("id: seat", "id: another"))
OFF: Final = a_book(_rule(ENROL + LATER, "enabled: false"))
LIVE: Final = a_book(DRIP)


@pytest.mark.parametrize(
    "since",
    [[GONE], [OFF], [OFF, LIVE], [GONE, LIVE]],
    ids=["removed", "switched off", "off, then on again", "removed, then there again"],
)
def test_a_delayed_step_of_a_rule_that_was_switched_off_is_cancelled(
    redis_url: str, sim: RunningSimulator, since: list[Book]
) -> None:
    with engine_room(redis_url, sim, book=LIVE) as room:
        room.make_live(LIVE)
        event = room.answer(room.post())
        for book in since:
            room.make_live(book)
        room.later(event.id, 3 * DAY)

        room.go_on_until(lambda: room.event(event.id).state == "finished")

        run = room.run(event.id)
        assert (run.state, run.reason) == (RunState.CANCELLED, SWITCHED_OFF)
        assert room.effects() == {"101": {ADA: 1}}
        assert _balanced(room) == Counts(accepted=1, finished=1)
        assert room.archive.unfinished()[0] == 0


@pytest.mark.parametrize(
    ("before", "since"),
    [([], []), ([LIVE], []), ([LIVE], [a_book(AT_FIRST)]), ([LIVE, OFF, LIVE], [])],
    ids=["no rules were published", "on", "on in another version", "off before the event came"],
)
def test_a_delayed_step_of_a_rule_that_was_on_all_the_time_goes_on(
    redis_url: str, sim: RunningSimulator, before: list[Book], since: list[Book]
) -> None:
    with engine_room(redis_url, sim, book=LIVE) as room:
        for book in before:
            room.make_live(book)
        event = room.answer(room.post())
        for book in since:
            room.make_live(book)
        _time_passes(room, event.id, 3 * DAY)

        room.go_on_until(lambda: room.event(event.id).state == "finished")

        assert room.run(event.id).state is RunState.FINISHED
        assert room.effects() == {"101": {ADA: 1}, "102": {ADA: 1}}


def _time_passes(room: Room, event_id: str, seconds: float) -> None:
    """The same, also for when rules were switched off."""
    room.later(event_id, seconds)
    redis = room.store.connection.redis
    for rule, switch in redis.hgetall(KEYS["switches"]).items():
        state, _, off = switch.partition(" ")
        if off:
            since = round(float(off) - seconds * 1000)
            redis.hset(KEYS["switches"], rule, f"{state} {max(since, 0)}")


def test_parked_runs_are_cancelled_at_once_and_give_their_turns_back(
    redis_url: str, sim: RunningSimulator
) -> None:
    limited = a_book(_rule(ENROL, "limit: {runs: 1, per: 1 hour}"))
    with engine_room(redis_url, sim, book=limited) as room:
        room.make_live(limited)
        ids = [room.answer(room.post(email=f"learner{n}@x.example")).id for n in range(4)]
        assert room.archive.parked() == {"seat": 3}
        room.make_live(GONE)

        room.go_on_until(lambda: _balanced(room).finished == 4)

        states = [room.run(event_id).state for event_id in ids]
        assert states == [RunState.FINISHED] + [RunState.CANCELLED] * 3
        assert room.archive.parked() == {}
        turns = room.store.connection.redis.zrange(KEYS["limit"] + "seat", 0, -1)
        assert turns == [room.run(ids[0]).id]


def test_a_run_that_nobody_has_begun_is_cancelled_with_its_rule(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim) as room:
        room.make_live(a_book())
        event_id = room.post("bundle.paid", email=ADA, courses=[101, 102])
        claim = room.store.claim(event_id)
        assert claim is not None
        room.engine._dispatcher.dispatch(claim, room.event(event_id))
        room.make_live(GONE)

        room.settle(event_id)

        assert {run.state for run in room.runs(event_id)} == {RunState.CANCELLED}
        assert room.sim.calls() == []


def test_what_a_worker_that_lags_behind_makes_of_a_rule_that_is_off_is_cancelled(
    redis_url: str, sim: RunningSimulator
) -> None:
    with engine_room(redis_url, sim) as behind:
        behind.make_live(a_book())
        behind.make_live(GONE)

        event = behind.answer(behind.post())

        assert behind.run(event.id).state is RunState.CANCELLED


def test_a_step_that_was_begun_finishes_its_tries_though_its_rule_is_off(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("allLearners", "status", status=503, times=2)
    with engine_room(redis_url, sim) as room:
        room.make_live(a_book())
        event_id = room.post()
        room.engine.answer(event_id)
        room.make_live(GONE)

        assert room.settle(event_id).state == "finished"
        assert room.effects() == {"101": {ADA: 1}}


def test_what_a_person_replays_is_done_though_its_rule_is_off(
    redis_url: str, sim: RunningSimulator
) -> None:
    sim.add_fault("allLearners", "status", status=400)
    with engine_room(redis_url, sim) as room:
        room.make_live(a_book())
        event = room.answer(room.post())
        run = room.run(event.id)
        assert run.state is RunState.DEAD
        room.make_live(GONE)

        assert room.store.replay(run.id, run.steps, "ops")

        assert room.settle(event.id).state == "finished"


def test_a_delayed_run_keeps_nobody_else_waiting(redis_url: str, sim: RunningSimulator) -> None:
    with engine_room(redis_url, sim, rules=DRIP) as room, engine_room(redis_url, sim) as other:
        delayed = room.answer(room.post())
        worker = threading.Thread(target=other.answer, args=(other.post(email=ADA, course=103),))
        worker.start()
        worker.join()

        assert room.run(delayed.id).state is RunState.WAITING
        assert room.effects() == {"101": {ADA: 1}, "103": {ADA: 1}}
