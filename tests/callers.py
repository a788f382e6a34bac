"""Processes that call Coursebox through its gate, as workers on several machines do."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Barrier
from typing import Final

from coursebox.client import Coursebox
from coursebox.errors import NotYet
from coursebox.gate import Pace
from coursebox.simulator import RunningSimulator
from tests.engine_room import SECRET_KEY
from workers.store import Connection, SharedTokens
from workers.store.gate import Limits, SharedGate

DESTINATION: Final = "coursebox"


@dataclass(frozen=True, slots=True)
class Calling:
    """What each of the processes does: `calls` reads, or as many as it can within `seconds`."""

    redis_url: str
    limits: Limits
    pace: Pace | None = None
    calls: int = 0
    seconds: float = 0.0


@contextmanager
def callers(number: int, sim: RunningSimulator, told: Calling) -> Iterator[list[SpawnProcess]]:
    """So many processes that begin together; none is left behind."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(number)
    arguments = (sim.url, sim.email, sim.password, told, barrier)
    processes = [context.Process(target=_work, args=arguments) for _ in range(number)]
    for process in processes:
        process.start()
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.join()


def all_called(number: int, sim: RunningSimulator, told: Calling) -> list[float]:
    """When the requests of so many processes arrived at the portal, log-ins among them."""
    with callers(number, sim, told) as processes:
        for process in processes:
            process.join()
            assert process.exitcode == 0
    return sorted(float(str(call["time"])) for call in sim.calls())


def over(arrived: list[float], pace: Pace) -> int:
    """How many calls were one too many for the window before them."""
    return sum(gap < pace.window for gap in _gaps(arrived, pace.tokens))


def used(arrived: list[float], calls: int, window: float) -> float:
    """What share was used, where so many calls were allowed in each window (seconds)."""
    gaps = _gaps(arrived, calls)
    return window * len(gaps) / sum(gaps)


def _gaps(arrived: list[float], calls: int) -> list[float]:
    """From each call to the one that could come a window later at the earliest."""
    pairs = zip(arrived, arrived[calls:], strict=False)
    return [later - earlier for earlier, later in pairs]


def _work(url: str, email: str, password: str, told: Calling, barrier: Barrier) -> None:
    connection = Connection(told.redis_url)
    gate = SharedGate(connection, DESTINATION, told.limits, told.pace)
    tokens = SharedTokens(connection, SECRET_KEY)
    with Coursebox(url, email, password, tokens=tokens, gate=gate) as client:
        barrier.wait()
        until = time.monotonic() + told.seconds
        left = told.calls
        while left > 0 or time.monotonic() < until:
            with suppress(NotYet):
                client.courses()
                left -= 1
    connection.close()
