"""Taking one learner out of a course, and noticing where more than one has gone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from coursebox.actions import PERFORM, Desk, Done
from coursebox.client import Coursebox
from coursebox.directory import MemoryDirectory
from coursebox.errors import (
    Decision,
    InvalidArgument,
    Kind,
    NotYet,
    OnHold,
    TryAgain,
)
from coursebox.exchange import Exchange
from coursebox.journal import MemoryJournal
from coursebox.outcomes import Outcome
from coursebox.policy import Policy
from coursebox.remembered import MemoryRemembered
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.tokens import MemoryTokens
from tests.engine_room import Room, engine_room

ADA, BO, CY, DI, EVE = (f"{name}@customer.example" for name in ("ada", "bo", "cy", "di", "eve"))
CLASS = (ADA, BO, CY, DI, EVE)


def nothing() -> None:
    pass


@dataclass(slots=True)
class Office:
    """Runs that take people out of the courses of one portal."""

    sim: RunningSimulator
    client: Coursebox
    exchanges: list[Exchange]
    directory: MemoryDirectory = field(default_factory=MemoryDirectory)
    remembered: MemoryRemembered = field(default_factory=MemoryRemembered)
    at_pause: Callable[[float], Any] = lambda _: None

    def run(self, policy: Policy | None = None, guard: Callable[[], None] = nothing) -> Desk:
        return Desk(
            self.client,
            self.directory,
            MemoryJournal(),
            guard,
            policy=policy or Policy(),
            remembered=self.remembered,
            pause=lambda seconds: self.at_pause(seconds),
        )

    def unenrol(self, desk: Desk, email: str = ADA, course: int = 101) -> Done:
        return PERFORM["unenrol"](desk, {"email": email, "course_id": course})

    def calls(self, *without: str) -> list[str]:
        return [each.call for each in self.exchanges if each.call not in ("login", *without)]


@dataclass(slots=True)
class SlowPortal:
    """Each call to it takes so many seconds; `after` is told the name of each that has ended."""

    seconds: float
    after: Callable[[str], object] = lambda _: None
    now: float = 1_000.0

    def ended(self, exchange: Exchange) -> None:
        self.now += self.seconds
        self.after(exchange.call)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSimulator]:
    with running_simulator() as sim:
        yield sim


@pytest.fixture
def office(running: RunningSimulator) -> Iterator[Office]:
    running.reset()
    for email in CLASS:
        running.add_person(email, courses=[101])
    made: list[Exchange] = []
    with Coursebox(
        running.url, running.email, running.password, tokens=MemoryTokens(), record=made.append
    ) as client:
        yield Office(running, client, made)


def everybody_goes(sim: RunningSimulator) -> None:
    sim.switch(unenrol="everybody")


def test_the_list_is_read_before_and_after(office: Office) -> None:
    done = office.unenrol(office.run())

    assert done == Done(Outcome.UNENROLLED)
    assert office.calls() == ["learners", "remove_user", "learners"]


def test_without_the_brake_the_list_is_not_read_again(office: Office) -> None:
    everybody_goes(office.sim)

    done = office.unenrol(office.run(Policy(unenrol_brake=False)))

    assert done == Done(Outcome.UNENROLLED)
    assert office.calls() == ["learners", "remove_user"]


def test_the_brake_tells_who_else_has_gone_and_holds_all_removals(office: Office) -> None:
    everybody_goes(office.sim)

    with pytest.raises(OnHold) as caught:
        office.unenrol(office.run())

    failure = caught.value.failure
    assert (failure.kind, failure.scope, failure.decision) == (
        Kind.UNENROL_BRAKE,
        "unenrol",
        Decision.HOLD,
    )
    assert "course 101" in failure.message
    assert "4 other learners" in failure.message
    assert f"{BO}, {CY}, {DI} and 1 more" in failure.message
    assert "support" in failure.message
    assert all(email in failure.detail for email in CLASS[1:])
    assert ADA not in failure.message


def test_a_braked_run_ends_as_what_it_was_and_sends_nothing_more(office: Office) -> None:
    everybody_goes(office.sim)
    desk = office.run()
    with pytest.raises(OnHold):
        office.unenrol(desk)
    for email in CLASS:
        office.sim.add_person(email, courses=[101])
    office.exchanges.clear()

    done = office.unenrol(desk)

    assert done.outcome is Outcome.UNENROLLED
    assert "4 other learners" in done.detail
    assert office.exchanges == []
    assert office.sim.learners(101) == list(CLASS)


def test_a_list_that_is_whole_again_at_the_second_look_is_believed(office: Office) -> None:
    pauses: list[float] = []
    office.at_pause = pauses.append
    short = json.dumps([{"id": 1, "email": "somebody@customer.example"}])

    def next_list_is_short() -> None:
        office.sim.add_fault("allLearners", "status", status=200, body=short)

    done = office.unenrol(office.run(guard=next_list_is_short))

    assert done == Done(Outcome.UNENROLLED)
    assert pauses == [2.0]
    assert office.sim.learners(101) == [BO, CY, DI, EVE]


LOSSES: dict[str, dict[str, Any]] = {
    "dropped": {"fault": "commit_then_drop"},
    "500": {"fault": "commit_then_status", "status": 500},
    "502": {"fault": "commit_then_status", "status": 502},
}


@pytest.mark.parametrize("loss", LOSSES)
def test_the_brake_works_where_the_answer_was_lost(office: Office, loss: str) -> None:
    everybody_goes(office.sim)
    office.sim.add_fault("removeUser", **LOSSES[loss])

    with pytest.raises(OnHold) as caught:
        office.unenrol(office.run())

    assert caught.value.kind is Kind.UNENROL_BRAKE


@pytest.mark.parametrize("loss", LOSSES)
def test_the_brake_works_in_the_next_try_where_nobody_could_look(office: Office, loss: str) -> None:
    everybody_goes(office.sim)
    office.sim.add_fault("removeUser", **LOSSES[loss])
    desk = office.run(guard=lambda: office.sim.add_fault("allLearners", "status", status=503))

    with pytest.raises(TryAgain):
        office.unenrol(desk)
    with pytest.raises(OnHold) as caught:
        office.unenrol(desk)

    assert caught.value.kind is Kind.UNENROL_BRAKE
    assert f"{BO}, {CY}" in caught.value.message
    assert office.calls("learners") == ["remove_user"]


def test_whom_usher_took_out_in_between_does_not_set_the_brake_off(office: Office) -> None:
    office.sim.add_fault("removeUser", "commit_then_drop")
    desk = office.run(guard=lambda: office.sim.add_fault("allLearners", "status", status=503))
    with pytest.raises(TryAgain):
        office.unenrol(desk)

    office.unenrol(office.run(), BO)
    done = office.unenrol(desk)

    assert done == Done(Outcome.UNENROLLED)
    assert office.sim.learners(101) == [CY, DI, EVE]


def test_who_went_in_one_brake_does_not_set_off_another(office: Office) -> None:
    office.sim.add_fault("removeUser", "commit_then_drop")
    waiting = office.run(guard=lambda: office.sim.add_fault("allLearners", "status", status=503))
    with pytest.raises(TryAgain):
        office.unenrol(waiting)
    everybody_goes(office.sim)
    with pytest.raises(OnHold):
        office.unenrol(office.run(), BO)

    done = office.unenrol(waiting)

    assert done == Done(Outcome.UNENROLLED)


class Died(Exception):
    """What a worker's end looks like to those that are left."""


def test_a_worker_that_dies_after_the_removal_leaves_the_brake_to_the_next(office: Office) -> None:
    def dies(_: float) -> None:
        raise Died

    everybody_goes(office.sim)
    desk = office.run()
    office.at_pause = dies
    with pytest.raises(Died):
        office.unenrol(desk)
    office.at_pause = lambda _: None

    with pytest.raises(OnHold) as caught:
        office.unenrol(desk)

    assert "4 other learners" in caught.value.message
    assert office.calls("learners") == ["remove_user"]


def test_two_runs_do_not_remove_from_one_course_at_once(office: Office) -> None:
    office.remembered.removing("101", "another run")

    with pytest.raises(NotYet, match="course 101") as caught:
        office.unenrol(office.run())

    assert caught.value.retry_after == 3.0
    assert office.exchanges == []


def test_a_removal_that_failed_lets_the_next_one_begin(office: Office) -> None:
    office.sim.add_fault("removeUser", "status", status=503)
    with pytest.raises(TryAgain):
        office.unenrol(office.run())

    assert office.unenrol(office.run()).outcome is Outcome.UNENROLLED


def test_a_list_that_may_not_be_read_afterwards_is_told(office: Office) -> None:
    desk = office.run(guard=lambda: office.sim.add_fault("allLearners", "status", status=403))

    done = office.unenrol(desk)

    assert done.outcome is Outcome.UNENROLLED
    assert "could not be read afterwards" in done.detail


@pytest.mark.parametrize("by", ["email", "user_id"])
def test_usher_itself_is_never_taken_out(office: Office, by: str) -> None:
    own_id = str(office.client.admins(101)[0]["id"])
    office.sim.add_person(office.sim.email, courses=[101])
    whom = {"email": office.sim.email.upper()} if by == "email" else {"user_id": own_id}

    with pytest.raises(InvalidArgument, match="Usher logs in with"):
        PERFORM["unenrol"](office.run(), {**whom, "course_id": 101})

    assert "remove_user" not in office.calls()


def test_the_learner_is_found_in_capitals_of_a_uuid(running: RunningSimulator) -> None:
    running.reset(id_type="uuid")
    user_id = str(running.add_person(ADA, courses=[101]))
    course = next(iter(running.snapshot()["courses"]))["id"]  # type: ignore[call-overload]
    params = {"user_id": user_id.upper(), "course_id": course}

    with Coursebox(running.url, running.email, running.password, tokens=MemoryTokens()) as client:
        done = PERFORM["unenrol"](Office(running, client, []).run(), params)

    assert done.outcome is Outcome.UNENROLLED


# in a worker: held, looked at by a person, released


def refund(room: Room, email: str) -> str:
    return room.post("order.refunded", email=email, course=101)


def test_the_brake_holds_the_removals_of_the_portal_and_nothing_else(
    redis_url: str, running: RunningSimulator
) -> None:
    running.reset(unenrol="everybody")
    for email in CLASS:
        running.add_person(email, courses=[101])
    with engine_room(redis_url, running) as room:
        first = refund(room, ADA)
        room.answer(first)
        second = refund(room, BO)
        room.answer(second)
        other = room.post(email="new@customer.example", course=102)

        assert room.settle(other).state == "finished"
        assert room.run(second).state == room.run(first).state == "waiting"
        hold = room.store.holds()["coursebox/unenrol"]
        assert "usher release coursebox/unenrol" in hold["reason"]
        assert f"usher runs show {room.run(first).id}" in hold["reason"]
        assert EVE in room.run(first).steps[0].detail
        assert len(room.calls("removeUser")) == 1

        running.switch(unenrol="one")
        running.add_person(BO, courses=[101])
        room.store.release("coursebox/unenrol")

        assert room.settle(first).state == room.settle(second).state == "finished"
        assert room.outcomes(first) == room.outcomes(second) == ["unenrolled"]
        assert "4 other learners" in room.run(first).steps[0].detail
        assert len(room.calls("removeUser")) == 2


def slow(office: Office, seconds: float) -> SlowPortal:
    """Makes the office's portal so slow."""
    portal = SlowPortal(seconds)
    office.client.courses()

    def record(exchange: Exchange) -> None:
        office.exchanges.append(exchange)
        portal.ended(exchange)

    office.client = office.client.recording(record)
    office.exchanges.clear()
    office.remembered = MemoryRemembered(lambda: portal.now)
    return portal


def test_a_removal_that_takes_long_keeps_others_from_the_course(office: Office) -> None:
    portal, others = slow(office, 170.0), list[bool]()
    portal.after = lambda _: others.append(office.remembered.removing("101", "another"))

    done = office.unenrol(office.run())

    assert done == Done(Outcome.UNENROLLED)
    assert others == [False, False, False]
    assert office.remembered.removing("101", "another")


def test_nothing_is_deleted_once_another_has_the_course(office: Office) -> None:
    portal = slow(office, 200.0)
    portal.after = lambda _: office.remembered.removing("101", "another")

    with pytest.raises(NotYet, match="another learner is being taken out of course 101"):
        office.unenrol(office.run())

    assert office.calls() == ["learners"]
    assert office.sim.learners(101) == list(CLASS)


def test_a_run_that_lost_the_course_after_its_delete_looks_when_it_is_its_turn(
    office: Office,
) -> None:
    portal, desk = slow(office, 200.0), office.run()

    def lose(call: str) -> None:
        if call == "remove_user":
            assert office.remembered.removing("101", "another")

    portal.after = lose
    with pytest.raises(NotYet):
        office.unenrol(desk)
    office.remembered.removal_over("101", "another")

    done = office.unenrol(desk)

    assert done == Done(Outcome.UNENROLLED)
    assert office.calls() == ["learners", "remove_user", "learners"]
    assert office.sim.learners(101) == list(CLASS[1:])


def test_whom_another_run_has_removed_meanwhile_is_nobodys_harm(office: Office) -> None:
    portal = slow(office, 200.0)

    def another_removes_bo(call: str) -> None:
        if call != "remove_user":
            return
        portal.after = lambda _: None
        office.unenrol(office.run(), email=BO)

    portal.after = another_removes_bo

    done = office.unenrol(office.run())

    assert done == Done(Outcome.UNENROLLED)
    assert office.sim.learners(101) == list(CLASS[2:])


def test_two_removals_of_which_nobody_heard_set_no_brake_off(office: Office) -> None:
    ada, bo = office.run(), office.run()
    for desk, who in ((ada, ADA), (bo, BO)):
        office.sim.add_fault("removeUser", "commit_then_drop")
        office.sim.add_fault("allLearners", "drop_before", after=1)
        with pytest.raises(TryAgain):
            office.unenrol(desk, who)

    done = office.unenrol(ada, ADA), office.unenrol(bo, BO)

    assert [each.outcome for each in done] == [Outcome.UNENROLLED] * 2
    assert office.sim.learners(101) == [CY, DI, EVE]
