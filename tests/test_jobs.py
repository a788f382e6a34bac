"""The doorbell and the RQ workers behind it: a ring is cheap, may be lost, and stops when asked."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from coursebox.simulator import running_simulator
from tests.engine_room import ADA, Room, engine_room, eventually
from workers import jobs
from workers.store import Connection, Counts


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def queue(connection: Connection) -> Queue:
    return Queue(jobs.QUEUE, connection=connection.for_rq(), serializer=JSONSerializer)


@pytest.fixture
def room(redis_url: str) -> Iterator[Room]:
    with running_simulator() as sim, engine_room(redis_url, sim) as made:
        yield made


@contextmanager
def signals_kept() -> Iterator[None]:
    """Puts this test run's own signal handlers back."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class Beside:
    """Says when it runs."""

    name = "beside"

    def __init__(self) -> None:
        self.said: list[str] = []

    def start(self) -> None:
        self.said.append("start")

    def stop(self) -> None:
        self.said.append("stop")


def test_a_ring_is_a_job_that_carries_nothing_but_an_id(
    connection: Connection, queue: Queue
) -> None:
    jobs.Doorbell(connection).ring(["evt_1", "run_2"])

    found = queue.get_jobs()
    assert [(job.func_name, job.args) for job in found] == [
        ("workers.jobs.answer", ["evt_1"]),
        ("workers.jobs.answer", ["run_2"]),
    ]


def test_a_ring_that_redis_cannot_take_is_no_failure() -> None:
    away = Connection("unix:///there/is/no.sock", timeout=0.2)

    jobs.Doorbell(away).ring(["evt_1"])


def test_a_process_without_an_engine_says_what_to_start() -> None:
    with pytest.raises(RuntimeError, match="usher worker"):
        jobs.answer("evt_1")


def test_a_worker_answers_rings_until_it_is_asked_to_stop(
    room: Room, connection: Connection, queue: Queue
) -> None:
    event_id = room.post()
    jobs.Doorbell(connection).ring([event_id, "evt_unknown", event_id])
    beside = Beside()

    def watch() -> None:
        eventually(lambda: room.event(event_id).state == "finished" and queue.count == 0)
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with signals_kept():
        jobs.work(room.store, room.engine, "w1", connection, beside=[beside])
    watcher.join()

    assert beside.said == ["start", "stop"]
    assert room.effects() == {"101": {ADA: 1}}
    assert room.archive.counts() == {"shop": Counts(accepted=1, finished=1)}
    assert queue.failed_job_registry.count == 0
    assert queue.started_job_registry.count == 0


def test_a_worker_that_was_asked_before_it_began_does_not_begin(
    room: Room, connection: Connection
) -> None:
    room.stopping.set()
    beside = Beside()

    with signals_kept():
        jobs.work(room.store, room.engine, "w1", connection, beside=[beside])

    assert beside.said == []


def test_a_worker_that_is_asked_while_it_begins_stops_all_the_same(
    room: Room, connection: Connection
) -> None:
    class Asks(Beside):
        def start(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            super().start()

    beside = Asks()

    with signals_kept():
        jobs.work(room.store, room.engine, "w1", connection, beside=[beside])

    assert beside.said == ["start", "stop"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_does_not_go_on_without_a_thread_it_rests_on(
    room: Room, connection: Connection
) -> None:
    class Falls(Beside):
        def start(self) -> None:
            threading.Thread(target=self.fall, name=self.name).start()

        def fall(self) -> None:
            raise RuntimeError("a fault that nobody foresaw")

    kept = threading.excepthook
    try:
        with signals_kept(), pytest.raises(jobs.ThreadDied, match="beside"):
            jobs.work(room.store, room.engine, "w1", connection, beside=[Falls()])
    finally:
        threading.excepthook = kept
