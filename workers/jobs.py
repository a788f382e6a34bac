"""RQ: the doorbell, and the distribution of work over processes and machines.

A job carries an id and nothing else. A lost, doubled or late job does no harm: what is to be done
stands in the store. RQ's own retry and scheduler are not used.
"""

import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from types import FrameType
from typing import Any, Final, Protocol

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from workers.engine import Engine
from workers.store import Connection, Store, StoreUnavailable

QUEUE: Final = "usher"
# RQ blocks on its list for this long less 15 s, and notices a silent network as late (seconds).
WORKER_TTL: Final = 30
# An answered ring leaves nothing behind; one that broke can be looked at for a day (seconds).
FAILURE_TTL: Final = 24 * 3600
# How soon a worker looks again for a Redis that is away (seconds).
RETURN: Final = 1.0

log = structlog.get_logger("jobs")

_engines: list[Engine] = []


def answer(work_id: str) -> None:
    """The one job: its dotted path lies in Redis, so it keeps its name and its argument."""
    if not _engines:
        raise RuntimeError("this process has no engine: start workers with `usher worker`")
    _engines[-1].answer(work_id)


class Doorbell:
    """Rings for work that is in the store already."""

    def __init__(self, connection: Connection) -> None:
        self._queue = Queue(QUEUE, connection=connection.for_rq(), serializer=JSONSerializer)

    def ring(self, ids: Sequence[str]) -> None:
        """Puts a job on the queue for each id. A ring that fails is made up for by the ticker."""
        try:
            for work_id in ids:
                self._queue.enqueue_call(
                    answer,
                    args=(work_id,),
                    timeout=-1,
                    result_ttl=0,
                    failure_ttl=FAILURE_TTL,
                    description=work_id,
                )
        except RedisError as error:
            log.warning("could not ring: the ticker will", reason=str(error))


class Worker(SimpleWorker):
    """An RQ worker that does not fork; its signal handlers only set a flag, unless it idles."""

    stopping: threading.Event
    idle = False

    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGINT, self._asked_to_stop)
        signal.signal(signal.SIGTERM, self._asked_to_stop)

    def _asked_to_stop(self, signum: int, frame: FrameType | None) -> None:
        # RQ's own handler asks Redis whether it is busy; here it must work without Redis, too
        self.stopping.set()
        self._stop_requested = True
        if self.idle:
            raise StopRequested

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        self.idle = True
        try:
            # asked before RQ had its handlers, or just now
            if self.stopping.is_set():
                raise StopRequested
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        finally:
            self.idle = False


class ThreadDied(Exception):
    """A thread that the work rests on has ended by a fault: this process must not go on."""


class Companion(Protocol):
    """What runs beside the work, in a thread of its own."""

    @property
    def name(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


def work(
    store: Store,
    engine: Engine,
    name: str,
    connection: Connection,
    beside: Sequence[Companion] = (),
) -> None:
    """Answers rings until SIGTERM or SIGINT; waits for Redis whenever it is away.

    What runs `beside` is started when Redis first answers and stopped at the end. Raises ThreadDied
    when one of them ended by a fault: without its heartbeat a worker would lose what it does, and
    without its eye on the rules nobody would hear of an edit that never went live.
    """
    died = _watch([companion.name for companion in beside])
    _engines.append(engine)
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: engine.stopping.set())
    if not _redis_answers(store, engine.stopping):
        return
    for companion in beside:
        companion.start()
    log.info("worker ready", worker=name)
    _live(store, engine, name, connection)
    for companion in reversed(beside):
        companion.stop()
    with suppress(StoreUnavailable):
        store.goodbye(name)
    if died:
        raise ThreadDied(", ".join(died))


def _watch(names: Sequence[str]) -> list[str]:
    """A list that gets the name of each of these threads that dies; the process is then stopped."""
    died: list[str] = []

    def hook(death: threading.ExceptHookArgs) -> None:
        name = death.thread.name if death.thread else ""
        if name not in names or death.exc_value is None:
            threading.__excepthook__(death)
            return
        log.critical("a thread died: the worker ends", thread=name, exc_info=death.exc_value)
        died.append(name)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.excepthook = hook
    return died


def _redis_answers(store: Store, stopping: threading.Event) -> bool:
    """True when Redis answers, however long it takes; False when asked to stop meanwhile."""
    told = False
    while not stopping.is_set():
        try:
            store.ping()
            return True
        except StoreUnavailable as error:
            if not told:
                log.warning("waiting for redis", reason=error.reason)
            told = True
            stopping.wait(RETURN)
    return False


def _live(store: Store, engine: Engine, name: str, connection: Connection) -> None:
    for life in count(1):
        if not _redis_answers(store, engine.stopping):
            return
        try:
            # a name of its own for each life: RQ refuses one that did not say goodbye
            _worker(connection, engine, f"{name}-{life}").work(logging_level="WARNING")
        except RedisError as error:
            log.warning("redis went away", reason=str(error))


def _worker(connection: Connection, engine: Engine, name: str) -> Worker:
    client: Any = connection.for_rq()
    queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
    worker = Worker(
        [queue],
        name=name,
        connection=client,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        log_job_description=False,
    )
    worker.max_connection_wait_time = RETURN
    worker.stopping = engine.stopping
    return worker
