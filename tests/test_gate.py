"""The gate: a rate and a number at a time that no worker on any machine can break."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import structlog

from coursebox import calls
from coursebox.calls import Call
from coursebox.client import Coursebox
from coursebox.errors import CourseboxError, Kind, NotYet, fail
from coursebox.failures import Decision
from coursebox.gate import Gate, Health, MemoryGate, Pace, closed_for, health
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.tokens import MemoryTokens
from tests.callers import DESTINATION, Calling, all_called, callers, over
from tests.engine_room import eventually
from workers.redis_server import EmbeddedRedis
from workers.store import Connection, Store, StoreUnavailable
from workers.store.gate import Circuit, Limits, Probing, SharedGate, probe_time, traffic
from workers.store.keys import KEYS

FAST = Limits(1000, 100)
# What a machine that does much else may need between two lines of a program.
BUSY_MACHINE = 0.3


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as sim:
        yield sim


@contextmanager
def a_client(sim: RunningSimulator, gate: Gate) -> Iterator[Coursebox]:
    """A client that is logged in."""
    tokens = MemoryTokens()
    with (
        Coursebox(sim.url, sim.email, sim.password, tokens=tokens) as free,
        Coursebox(sim.url, sim.email, sim.password, tokens=tokens, gate=gate) as client,
    ):
        free.courses()
        yield client


def end(gate: SharedGate, kind: Kind | None, call: Call = calls.COURSES, status: int = 0) -> None:
    """A call that ends in that way."""
    with gate.passing(call) as passage:
        passage.answered(fail(call, kind, status=status or None) if kind else None)


def line(connection: Connection) -> int:
    """How many stand in line."""
    found: int = connection.redis.zcard(KEYS["gate_line"] + DESTINATION)
    return found


# -- what is decided without Redis --------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "tokens", "window"),
    [(2, 2, 1.0), (50, 50, 1.0), (1, 1, 1.0), (0.5, 1, 2.0), (2.5, 2, 0.8)],
)
def test_a_whole_rate_never_has_one_call_too_many_in_any_second(
    rate: float, tokens: int, window: float
) -> None:
    pace = Pace.of(rate)

    assert (pace.tokens, pace.window) == (tokens, window)
    assert 0 < pace.slack <= 0.05 * window


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_a_rate_that_allows_nothing_or_everything_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate is more than 0"):
        Pace.of(rate)


@pytest.mark.parametrize(
    ("call", "kind", "status", "sign"),
    [
        (calls.COURSES, None, 200, Health.GOOD),
        (calls.COURSES, Kind.NO_SUCH_RECORD, 404, Health.GOOD),
        (calls.COURSES, Kind.TOKEN_REFUSED, 401, Health.GOOD),
        (calls.LOGIN, Kind.LOGIN_FAILED, 401, Health.GOOD),
        (calls.ENROL_USER, Kind.ALREADY_EXISTS, 409, Health.GOOD),
        (calls.ENROL_USER, Kind.SERVER_ERROR, 500, Health.GOOD),
        (calls.ENROL_USER, Kind.SERVER_ERROR, 520, Health.BAD),
        (calls.COURSES, Kind.SERVER_ERROR, 500, Health.BAD),
        (calls.LOGIN, Kind.SERVER_ERROR, 500, Health.BAD),
        (calls.ENROL_USER, Kind.BAD_GATEWAY, 502, Health.BAD),
        (calls.ENROL_USER, Kind.UNAVAILABLE, 503, Health.BAD),
        (calls.COURSES, Kind.UNREADABLE, 200, Health.BAD),
        (calls.COURSES, Kind.UNREACHABLE, 0, Health.BAD),
        (calls.COURSES, Kind.TIMED_OUT, 0, Health.BAD),
        (calls.COURSES, Kind.CONNECTION_LOST, 0, Health.BAD),
        (calls.COURSES, Kind.RATE_LIMITED, 429, Health.UNCLEAR),
        (calls.COURSES, Kind.REDIRECTED, 302, Health.UNCLEAR),
    ],
)
def test_what_an_answer_says_about_the_portal(
    call: Call, kind: Kind | None, status: int, sign: Health
) -> None:
    failure = fail(call, kind, status=status or None) if kind else None

    assert health(call, failure) is sign


@pytest.mark.parametrize(
    ("kind", "asked", "seconds"),
    [
        (Kind.RATE_LIMITED, 30.0, 30.0),
        (Kind.RATE_LIMITED, None, 5.0),
        (Kind.RATE_LIMITED, 0.0, 0.0),
        (Kind.UNAVAILABLE, 30.0, 30.0),
        (Kind.UNAVAILABLE, None, 0.0),
        (Kind.SERVER_ERROR, 30.0, 0.0),
    ],
)
def test_how_long_an_answer_closes_the_gate(
    kind: Kind, asked: float | None, seconds: float
) -> None:
    assert closed_for(fail(calls.COURSES, kind, retry_after=asked)) == seconds
    assert closed_for(None) == 0.0


# -- the rate -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "concurrency", "each"),
    [(2, 1, 2), (5, 4, 5), (20, 4, 20), (50, 1, 40)],
    ids=["2 a second", "5 a second", "20 a second", "50 a second"],
)
def test_no_second_sees_a_call_too_many_of_several_workers(
    redis_url: str, sim: RunningSimulator, rate: float, concurrency: int, each: int
) -> None:
    limits = Limits(rate, concurrency, patience=60.0)

    arrived = all_called(3, sim, Calling(redis_url, limits, calls=each))

    assert len([call for call in sim.calls() if call["call"] == "login"]) == 1
    assert len(arrived) == 3 * each + 1
    assert over(arrived, Pace.of(rate)) == 0
    assert max(int(str(call["at_once"])) for call in sim.calls()) <= concurrency


@pytest.mark.parametrize("concurrency", [1, 4])
def test_slow_answers_break_neither_rate_nor_number(
    redis_url: str, sim: RunningSimulator, concurrency: int
) -> None:
    sim.add_fault("findCourses", "delay", seconds=0.3, times=None)
    limits, pace = Limits(5, concurrency, patience=60.0), Pace(5, 1.0, BUSY_MACHINE)

    arrived = all_called(3, sim, Calling(redis_url, limits, pace, calls=5))

    assert over(arrived, pace) == 0
    assert max(int(str(call["at_once"])) for call in sim.calls()) <= concurrency


def test_what_a_killed_worker_has_taken_is_free_again_after_its_lease(
    redis_url: str, connection: Connection, sim: RunningSimulator
) -> None:
    sim.add_fault("findCourses", "delay", seconds=60.0)
    limits = Limits(50, 1, patience=60.0, lease=1.5)

    with callers(1, sim, Calling(redis_url, limits, calls=1)) as (worker,):
        sim.wait_until(lambda: any(call["fault"] for call in sim.calls()))
        worker.kill()
        with a_client(sim, SharedGate(connection, DESTINATION, limits)) as client:
            client.courses()

    stuck = next(call for call in sim.calls() if call["fault"])
    last = sim.calls()[-1]
    assert float(str(last["time"])) - float(str(stuck["time"])) > 1.4


def test_who_came_first_passes_first(connection: Connection) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(1000, 1, patience=60.0))
    passed: list[int] = []

    def wait(number: int) -> None:
        with gate.passing(calls.COURSES):
            passed.append(number)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(8)]
    with gate.passing(calls.COURSES):
        for number, thread in enumerate(threads, start=1):
            thread.start()
            eventually(lambda number=number: line(connection) == number)
    for thread in threads:
        thread.join()

    assert passed == list(range(8))


def test_a_waiter_that_died_does_not_block_the_line(connection: Connection) -> None:
    limits = Limits(1000, 1, patience=60.0, silence=0.5)
    gate = SharedGate(connection, DESTINATION, limits)
    with gate.passing(calls.COURSES):
        asked = connection.run(
            "pass_gate", DESTINATION, "a call", "who died", 1000, 1000, 1, 1000, 60_000, 500, 1000,
            3000, 0,
        )  # fmt: skip

    with gate.passing(calls.COURSES):
        pass

    assert asked == ["wait", 1000]
    assert line(connection) == 0


def test_a_clock_that_was_set_back_does_not_close_the_gate(connection: Connection) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(1000, 1, patience=60.0, lease=0.2))
    hour_ahead = (int(connection.redis.time()[0]) + 3600) * 1000
    for what in ("tokens", "flying", "line", "alive"):
        connection.redis.zadd(KEYS[f"gate_{what}"] + DESTINATION, {"before": hour_ahead})

    with gate.passing(calls.COURSES):
        pass

    assert line(connection) == 0


def test_a_call_that_was_stopped_before_it_left_costs_no_token(
    connection: Connection, sim: RunningSimulator
) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(0.01, 1))

    def stop() -> None:
        raise RuntimeError("not mine any more")

    with a_client(sim, gate) as client:
        with pytest.raises(RuntimeError, match="not mine"):
            client.enrol_user(101, "7", before=stop)
        client.courses()

        with pytest.raises(NotYet):
            client.courses()


def _passes(gate: SharedGate) -> bool:
    with gate.passing(calls.LEARNERS):
        return True


def test_nobody_waits_where_each_place_has_had_no_answer_for_long(
    connection: Connection,
) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(1000, 1, patience=60.0, slow=0.05))

    with (
        gate.passing(calls.COURSES),
        pytest.raises(NotYet, match="without an answer") as told,
    ):
        _passes(gate)

    assert told.value.retry_after == 0.05
    assert line(connection) == 0


def test_of_several_portals_none_takes_up_all_workers(connection: Connection) -> None:
    for worker in ("w1", "w2"):
        Store(connection).beat(worker, [])
    limits = Limits(1000, 4, patience=60.0, slow=0.05)
    shared, alone = (
        SharedGate(connection, name, replace(limits, spare=spare))
        for name, spare in (("one", True), ("another", False))
    )

    with shared.passing(calls.COURSES), pytest.raises(NotYet):
        _passes(shared)
    with alone.passing(calls.COURSES), alone.passing(calls.LEARNERS):
        assert connection.redis.zcard(KEYS["gate_flying"] + "another") == 2


def test_whose_turn_is_far_off_is_told_when_it_comes(
    connection: Connection, sim: RunningSimulator
) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(0.01, 3))

    with a_client(sim, gate) as client:
        client.courses()
        with pytest.raises(NotYet) as told:
            client.courses()

    assert told.value.decision is Decision.WAIT
    assert 40 < (told.value.retry_after or 0) <= 50
    assert "Listing the courses waits for its turn" in str(told.value)
    assert "0.01 calls a second and 3 at a time" in str(told.value)
    assert line(connection) == 0


def test_the_later_calls_of_a_try_are_waited_for_longer(
    connection: Connection, sim: RunningSimulator
) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(2, 2, patience=0.2))

    with a_client(sim, gate) as client:
        before = len(sim.calls())
        one_try = client.recording(lambda _: None)
        for _ in range(4):
            one_try.courses()
        with pytest.raises(NotYet):
            client.recording(lambda _: None).courses()

    assert len(sim.calls()) == before + 4


def test_a_worker_that_stops_waits_in_no_line(
    connection: Connection, sim: RunningSimulator
) -> None:
    stopping = threading.Event()
    limits = Limits(0.1, 1, patience=15.0)
    gate = SharedGate(connection, DESTINATION, limits, stopping=stopping.is_set)
    told: list[NotYet] = []

    def wait(client: Coursebox) -> None:
        with pytest.raises(NotYet) as caught:
            client.courses()
        told.append(caught.value)

    with a_client(sim, gate) as client:
        client.courses()
        waiter = threading.Thread(target=wait, args=(client,))
        waiter.start()
        eventually(lambda: line(connection) == 1)
        stopping.set()
        waiter.join()

    assert told[0].decision is Decision.WAIT
    assert told[0].retry_after == 0.5
    assert "this one was asked to stop" in str(told[0])
    assert line(connection) == 0


def test_a_worker_that_stops_still_makes_a_call_whose_turn_it_is(
    connection: Connection, sim: RunningSimulator
) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(0.01, 1), stopping=lambda: True)

    with a_client(sim, gate) as client:
        assert client.courses()


def test_a_worker_that_stops_in_a_pause_tells_its_end(
    connection: Connection, sim: RunningSimulator
) -> None:
    gate = SharedGate(connection, DESTINATION, FAST, stopping=lambda: True)

    with a_client(sim, gate) as client:
        sim.add_fault("findCourses", "status", status=429, retry_after=60)
        with pytest.raises(CourseboxError):
            client.courses()
        with pytest.raises(NotYet) as told:
            client.courses()

    assert (told.value.retry_after or 0) > 50
    assert "asked for a pause" in str(told.value)


def test_at_a_low_rate_a_worker_waits_for_its_second_call() -> None:
    assert Limits.of(0.1, 4).patience > Pace.of(0.1).window
    assert Limits.of(2, 4).patience == 5.0


def test_a_log_in_waits_for_its_turn_like_any_request(
    connection: Connection, sim: RunningSimulator
) -> None:
    gate = SharedGate(connection, DESTINATION, Limits(0.01, 1))

    with (
        Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens(), gate=gate) as client,
        pytest.raises(NotYet),
    ):
        client.courses()

    assert [call["call"] for call in sim.calls()] == ["login"]


# -- pauses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_one_worker_is_asked_for_counts_for_all(
    connection: Connection, sim: RunningSimulator, status: int
) -> None:
    sim.add_fault("findCourse", "status", status=status, retry_after=60)
    with (
        a_client(sim, SharedGate(connection, DESTINATION, FAST)) as one,
        a_client(sim, SharedGate(connection, DESTINATION, FAST)) as other,
    ):
        with pytest.raises(CourseboxError) as first:
            one.course(101)
        before = len(sim.calls())
        with pytest.raises(NotYet) as second:
            other.courses()

    assert first.value.decision is Decision.RETRY
    assert 50 < (second.value.retry_after or 0) <= 60
    assert "Coursebox asked for a pause: nothing is sent to it before" in str(second.value)
    assert len(sim.calls()) == before
    assert 50 < traffic(connection)[DESTINATION].paused <= 60


def test_a_short_pause_is_waited_for(connection: Connection, sim: RunningSimulator) -> None:
    sim.add_fault("findCourses", "status", status=429, retry_after=1)

    gate = SharedGate(connection, DESTINATION, FAST)
    with Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens(), gate=gate) as client:
        with pytest.raises(CourseboxError):
            client.courses()
        client.courses()

    refused, good = sim.calls()[-2:]
    assert (refused["status"], good["status"]) == (429, 200)
    assert float(str(good["time"])) - float(str(refused["time"])) >= 1.0


def test_a_release_by_hand_ends_a_pause(connection: Connection) -> None:
    gate = SharedGate(connection, DESTINATION, FAST)
    with gate.passing(calls.COURSES) as passage:
        passage.answered(fail(calls.COURSES, Kind.RATE_LIMITED, retry_after=86_400.0))
    with pytest.raises(NotYet) as told, gate.passing(calls.COURSES):
        pass

    Store(connection).release(DESTINATION)

    # a run that was put off looks again soon enough to see that
    assert told.value.retry_after == 600
    with gate.passing(calls.COURSES):
        pass


# -- the circuit --------------------------------------------------------------------------------


def test_the_log_says_once_that_a_circuit_has_opened(connection: Connection) -> None:
    gate = SharedGate(connection, DESTINATION, FAST)
    with structlog.testing.capture_logs() as lines:
        for _ in range(12):
            end(gate, Kind.TIMED_OUT)

    (line,) = lines
    assert (line["log_level"], line["destination"]) == ("warning", DESTINATION)
    assert line["event"] == "on hold: too many calls fail"


def test_half_of_ten_calls_that_fail_open_the_circuit(connection: Connection) -> None:
    store, gate = Store(connection), SharedGate(connection, DESTINATION, FAST)
    for _ in range(5):
        end(gate, None)
    for _ in range(4):
        end(gate, Kind.UNAVAILABLE)
    assert store.holds() == {}

    end(gate, Kind.TIMED_OUT)

    hold = store.holds()[DESTINATION]
    assert hold["by"] == "usher"
    assert hold["reason"].startswith("5 of the last 10 calls, made within 30 s, failed; the last")
    assert "no answer came in time" in hold["reason"]
    probe = probe_time(hold)
    assert probe is not None
    assert 10 < probe.timestamp() - time.time() <= 15


@pytest.mark.parametrize(
    "ends",
    [
        [Kind.UNAVAILABLE] * 9,
        [Kind.UNAVAILABLE] * 9 + [None] * 11 + [Kind.UNAVAILABLE],
        [Kind.UNAVAILABLE] * 5 + [None] * 5,
        [Kind.RATE_LIMITED] * 20,
    ],
    ids=["fewer than ten", "fewer than half", "a good one last", "asked to go slower"],
)
def test_what_does_not_open_the_circuit(connection: Connection, ends: list[Kind | None]) -> None:
    gate = SharedGate(connection, DESTINATION, FAST)

    for kind in ends:
        with gate.passing(calls.COURSES) as passage:
            failure = fail(calls.COURSES, kind, retry_after=0.0) if kind else None
            passage.answered(failure)

    assert Store(connection).holds() == {}


def test_calls_of_long_ago_do_not_count(connection: Connection) -> None:
    gate = SharedGate(connection, DESTINATION, FAST)
    seconds = int(connection.redis.time()[0]) - 30
    connection.redis.hset(KEYS["gate_health"] + DESTINATION, f"{seconds} bad", 50)

    end(gate, Kind.TIMED_OUT)

    assert Store(connection).holds() == {}
    kept = connection.redis.hkeys(KEYS["gate_health"] + DESTINATION)
    assert f"{seconds} bad" not in kept


def test_ten_failures_in_a_row_open_the_circuit_however_slowly_they_come(
    connection: Connection,
) -> None:
    # of a span of no seconds no call counts
    slow = Limits(1000, 100, circuit=Circuit(span=0))
    gate = SharedGate(connection, DESTINATION, slow)
    for _ in range(9):
        end(gate, Kind.TIMED_OUT)
    end(gate, None)
    for _ in range(9):
        end(gate, Kind.TIMED_OUT)
        end(gate, Kind.REQUEST_TIMEOUT)
    assert Store(connection).holds() == {}

    end(gate, Kind.TIMED_OUT)

    reason = Store(connection).holds()[DESTINATION]["reason"]
    assert reason.startswith("the last 10 calls all failed; the last one: ")


def test_what_was_counted_before_the_clock_was_set_back_counts_no_more(
    connection: Connection,
) -> None:
    ahead = f"{int(time.time()) + 3600} bad"
    connection.redis.hset(KEYS["gate_health"] + DESTINATION, ahead, 50)

    end(SharedGate(connection, DESTINATION, FAST), Kind.TIMED_OUT)

    assert Store(connection).holds() == {}


def open_circuit(connection: Connection, waits: tuple[float, ...] = (15.0,)) -> Circuit:
    circuit = Circuit(waits=waits)
    gate = SharedGate(connection, DESTINATION, Limits(1000, 100, circuit=circuit))
    for _ in range(10):
        end(gate, Kind.TIMED_OUT)
    return circuit


def test_a_hold_by_a_person_stays_as_it_is(connection: Connection) -> None:
    store = Store(connection)
    store.hold(DESTINATION, "maintenance", "kim")
    before = store.holds()

    circuit = open_circuit(connection, waits=(0.0,))

    assert store.holds() == before
    assert Probing(connection, circuit).claim(DESTINATION) == ""


def test_a_person_takes_the_hold_of_a_circuit_over(connection: Connection) -> None:
    store = Store(connection)
    open_circuit(connection)
    since = store.holds()[DESTINATION]["since"]

    assert store.hold(DESTINATION, "maintenance", "kim")

    assert store.release(DESTINATION, circuit=since) == (False, 0)
    assert store.holds()[DESTINATION]["by"] == "kim"


def test_probes_are_one_at_a_time_and_further_and_further_apart(connection: Connection) -> None:
    circuit = open_circuit(connection, waits=(0.0, 0.0, 1000.0))
    probing = Probing(connection, circuit)
    since = Store(connection).holds()[DESTINATION]["since"]

    claimed = [probing.claim(DESTINATION) for _ in range(4)]

    assert claimed == [since, since, "", ""]


def test_a_release_forgets_what_was_counted(connection: Connection) -> None:
    store = Store(connection)
    open_circuit(connection)

    store.release(DESTINATION)
    end(SharedGate(connection, DESTINATION, FAST), Kind.TIMED_OUT)

    assert store.holds() == {}


# -- what is told, and Redis away ---------------------------------------------------------------


def test_calls_are_counted_by_what_came_of_them(connection: Connection) -> None:
    gate = SharedGate(connection, DESTINATION, FAST)

    end(gate, None)
    end(gate, None)
    end(gate, Kind.NOT_VALID, calls.CREATE_ACCOUNT)

    found = traffic(connection)[DESTINATION]
    assert found.calls == {("courses", "ok"): 2, ("create_account", "not_valid"): 1}
    assert (found.waiting, found.paused) == (0, 0.0)


def test_that_redis_is_away_does_not_cost_an_answer(
    tmp_path_factory: pytest.TempPathFactory, sim: RunningSimulator
) -> None:
    with EmbeddedRedis(tmp_path_factory.mktemp("own")) as server:
        connection = Connection(server.url, timeout=1.0)
        gate = SharedGate(connection, DESTINATION, FAST)
        with a_client(sim, gate) as client:
            made = client.create_account(
                "ada@customer.example", "Ada", "Sol", "pw", before=server.stop
            )

    assert made.user_id is not None
    connection.close()


def test_who_waits_when_redis_goes_away_is_told_and_passes_when_it_is_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("own")
    limits = Limits(1000, 1, patience=60.0, lease=1.0)
    with EmbeddedRedis(folder) as server:
        connection = Connection(server.url, timeout=1.0)
        gate = SharedGate(connection, DESTINATION, limits)
        with gate.passing(calls.COURSES):
            stopper = threading.Thread(target=server.stop)

            def stop_once_it_waits() -> None:
                eventually(lambda: line(connection) == 1)
                stopper.start()

            waiting = threading.Thread(target=stop_once_it_waits)
            waiting.start()
            with pytest.raises(StoreUnavailable), gate.passing(calls.COURSES):
                pass
            waiting.join()
            stopper.join()
    with EmbeddedRedis(folder), gate.passing(calls.COURSES):
        pass
    connection.close()


# -- without Redis ------------------------------------------------------------------------------


def in_threads(number: int, act: Callable[[], object]) -> None:
    threads = [threading.Thread(target=act) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_threads_of_one_process_keep_the_rate_as_well(sim: RunningSimulator) -> None:
    with a_client(sim, MemoryGate(5, 2)) as client:
        before = len(sim.calls())
        in_threads(4, lambda: [client.courses() for _ in range(3)])

    came = sim.calls(since=before)
    assert len(came) == 12
    assert over(sorted(float(str(call["time"])) for call in came), Pace.of(5)) == 0
    assert max(int(str(call["at_once"])) for call in came) <= 2


def test_a_long_pause_is_told_without_redis_too(sim: RunningSimulator) -> None:
    sim.add_fault("findCourse", "status", status=429, retry_after=60)

    with a_client(sim, MemoryGate(5, 2)) as client:
        with pytest.raises(CourseboxError):
            client.course(101)
        with pytest.raises(NotYet, match="Coursebox asked for a pause"):
            client.courses()


def test_what_never_left_costs_no_token_without_redis_either() -> None:
    gate = MemoryGate(0.01, 1)

    with pytest.raises(RuntimeError), gate.passing(calls.COURSES):
        raise RuntimeError

    with gate.passing(calls.COURSES):
        pass
