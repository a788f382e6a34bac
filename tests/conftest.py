"""What most tests stand on: a real Redis of this run's own, emptied before each test, and the
simulated Coursebox.

Nothing here replaces a part of Usher; the Redis is the one `usher up` starts.
"""

from collections.abc import Iterator

import pytest
from redis import Redis

from coursebox.simulator import RunningSimulator, running_simulator
from workers.redis_server import EmbeddedRedis
from workers.store import Connection, Store


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """The one Redis of this test run, on a socket in a temporary folder."""
    with EmbeddedRedis(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """The address of an empty Redis."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
        client.script_flush()
    return redis_server.url


@pytest.fixture
def store(redis_url: str) -> Iterator[Store]:
    """A store on an empty Redis."""
    connection = Connection(redis_url, timeout=2.0)
    yield Store(connection)
    connection.close()


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSimulator]:
    """A simulator for a file's tests, as the one before has left it."""
    with running_simulator() as sim:
        yield sim


@pytest.fixture
def sim(running: RunningSimulator) -> RunningSimulator:
    """The same, as new."""
    running.reset()
    return running
