"""What steps came to is counted, once each, and told to people in a sentence."""

from datetime import UTC, datetime

import pytest

from coursebox.outcomes import SENTENCES, Outcome
from coursebox.simulator import RunningSimulator
from tests.engine_room import ADA, engine_room
from usher import words
from workers.store import Archive, Attempt, Move, NewEvent, NewRun, Store

NOW = datetime.now(UTC)
A_RUN = NewRun("seat", "Seat", "hash", "shop.yaml", 1, "", None, ())
TRY = Attempt("seat", 1, NOW, NOW, outcome="enrolled")


def test_each_step_that_is_done_counts_once(redis_url: str, running: RunningSimulator) -> None:
    running.reset()
    running.add_fault("enrolUser", "status", status=503)
    with engine_room(redis_url, running) as room:
        room.settle(room.post("both.paid", email=ADA, course=102))
        room.settle(room.post("order.refunded", email=ADA, course=101))

        assert room.archive.outcomes() == {
            ("default", "enrol", "created_and_enrolled"): 1,
            ("default", "enrol", "enrolled"): 1,
            ("default", "unenrol", "unenrolled"): 1,
        }


def test_a_record_that_is_written_again_counts_nothing_again(store: Store) -> None:
    event = store.claim(store.accept("shop", [NewEvent("deal 7", "paid", None, "{}")]).ids[0])
    assert event is not None
    claim, _ = store.dispatch(event, [], [A_RUN], {"hash": {}})
    assert claim is not None

    for _ in range(2):
        store.record(claim, (), Move.WORKING, attempt=TRY, outcome="default enrol enrolled")

    assert Archive(store.connection).outcomes() == {("default", "enrol", "enrolled"): 1}


@pytest.mark.parametrize("outcome", Outcome)
def test_people_read_a_sentence(outcome: Outcome) -> None:
    told = words.told(outcome)

    assert told == f"{outcome.replace('_', ' ')}: {SENTENCES[outcome]}"


def test_other_outcomes_are_told_as_they_are() -> None:
    assert words.told("would_enrol") == "would enrol"
