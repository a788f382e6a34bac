"""The retry decision: a table of failures, and bounds that hold for any of them."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.retry import (
    JITTER,
    Failure,
    GiveUp,
    Hold,
    Patience,
    Retry,
    Verdict,
    decide,
    patience,
)

SCHEDULE = (5.0, 30.0, 120.0)


@dataclass(frozen=True)
class Policy:
    attempts: int | None = None
    first_wait: float | None = None
    max_wait: float | None = None
    give_up_after: float | None = None


def again(retry_after: float | None = None) -> Failure:
    return Failure("Coursebox answered 503", Verdict.RETRY, retry_after)


@pytest.mark.parametrize(
    ("failures", "wait"),
    [
        pytest.param(1, 5.0, id="first failure: first wait"),
        pytest.param(2, 30.0, id="second failure: second wait"),
        pytest.param(3, 120.0, id="third failure: third wait"),
    ],
)
def test_each_failure_waits_as_the_schedule_says(failures: int, wait: float) -> None:
    decision = decide(again(), failures, Patience(SCHEDULE), age=0, jitter=0)

    assert decision == Retry(wait)


def test_the_schedule_ends_in_a_dead_letter_that_counts_the_tries_and_names_the_last() -> None:
    decision = decide(again(), 4, Patience(SCHEDULE), age=0, jitter=0)

    assert decision == GiveUp(
        "tried 4 times without success; the last time: Coursebox answered 503"
    )


def test_retry_after_is_the_floor_of_the_wait() -> None:
    decision = decide(again(retry_after=60.0), 1, Patience(SCHEDULE), age=0, jitter=0)

    assert decision == Retry(60.0)


def test_a_failure_that_is_final_is_not_tried_again() -> None:
    refused = Failure("no such course", Verdict.GIVE_UP)

    assert decide(refused, 1, Patience(SCHEDULE), age=0, jitter=0) == GiveUp("no such course")


def test_a_failure_of_the_destination_holds_it() -> None:
    login = Failure("the log-in was refused", Verdict.HOLD)

    assert decide(login, 1, Patience(SCHEDULE), age=0, jitter=0) == Hold("the log-in was refused")


def test_a_rule_that_gives_up_after_a_time_does_not_wait_beyond_it() -> None:
    short = Patience(SCHEDULE, give_up_after=100.0)

    assert isinstance(decide(again(), 2, short, age=80.0, jitter=0), GiveUp)
    assert decide(again(), 1, short, age=80.0, jitter=0) == Retry(5.0)


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        pytest.param(None, SCHEDULE, id="no policy: the settings' list"),
        pytest.param(Policy(attempts=1), (), id="one attempt never waits"),
        pytest.param(Policy(attempts=6), (5, 30, 120, 120, 120), id="more: the last wait goes on"),
        pytest.param(Policy(attempts=4, first_wait=10.0), (10, 20, 40), id="a first wait doubles"),
        pytest.param(
            Policy(attempts=4, first_wait=10.0, max_wait=15.0), (10, 15, 15), id="up to the longest"
        ),
        pytest.param(Policy(max_wait=20.0), (5, 20, 20), id="a ceiling on the settings' list"),
    ],
)
def test_a_rule_shapes_the_waits(policy: Policy | None, waits: tuple[float, ...]) -> None:
    assert patience(SCHEDULE, policy).waits == waits


@given(
    verdict=st.sampled_from(Verdict),
    retry_after=st.none() | st.floats(0, 1e6),
    failures=st.integers(1, 50),
    waits=st.lists(st.floats(0, 1e6), max_size=12),
    jitter=st.floats(0, 1),
)
def test_a_wait_is_never_shorter_than_asked_nor_much_longer(
    verdict: Verdict, retry_after: float | None, failures: int, waits: list[float], jitter: float
) -> None:
    failure = Failure("x", verdict, retry_after)

    decision = decide(failure, failures, Patience(tuple(waits)), age=0, jitter=jitter)

    if isinstance(decision, Retry):
        floor = max(waits[failures - 1], retry_after or 0)
        assert floor <= decision.wait <= floor * (1 + JITTER) + 1e-6
    else:
        assert verdict is not Verdict.RETRY or failures > len(waits)
