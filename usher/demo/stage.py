"""The demo's stage: a receiver and workers as in production, a simulator in the portal's place."""

import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from coursebox.policy import FirstUse
from coursebox.simulator import RunningSimulator, running_simulator
from senders.recorded import Recorded
from senders.sources import Sources, read_sources
from usher.demo.story import FAULTS, RETRY_SCHEDULE, SECRETS
from usher.failing import Failed
from usher.keeper import PARTING_OF_KEEPERS, Keeper, Program, this_usher
from usher.listening import becomes_ready
from usher.posting import Answer, post, signed
from workers.account_variables import PREFIX
from workers.redis_server import EmbeddedRedis
from workers.settings import VARIABLES
from workers.store import Archive, Connection, Store

PROJECT: Final = Path(__file__).resolve().parents[2]
WORKERS: Final = 2
READY_WITHIN: Final = 60.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on; everything on it is real but the portal."""

    receiver: str
    simulator: RunningSimulator
    store: Store
    archive: Archive
    sources: Sources

    def post(self, source: str, body: bytes, secret: str | None = None) -> Answer:
        """Posts a body as that source would, or with another secret."""
        address = urlsplit(f"{self.receiver}/hooks/{source}")
        sources = self.sources if secret is None else _sources(dict.fromkeys(SECRETS, secret))
        return post(address, signed(sources[source], Recorded(body), address, self.receiver))


@contextmanager
def stage(data_dir: Path) -> Iterator[Stage]:
    """A stage that is ready, with what earlier demos left in `data_dir` swept away."""
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.mkdir(parents=True)
    with ExitStack() as stack:
        simulator = stack.enter_context(running_simulator())
        for fault in FAULTS:
            simulator.add_fault(fault.call, fault.fault, **fault.details)
        redis = stack.enter_context(EmbeddedRedis(data_dir))
        connection = Connection(redis.url)
        stack.callback(connection.close)
        port = _free_port()
        receiver = f"http://127.0.0.1:{port}"
        log = data_dir / "usher.log"
        lines = stack.enter_context(log.open("a", encoding="utf-8", buffering=1))
        variables = _variables(data_dir, redis.url, port, simulator)
        keeper = Keeper(
            _programs(variables, data_dir),
            say=lambda line: print(line, file=lines),
            parting=PARTING_OF_KEEPERS,
        )
        stack.callback(keeper.stop)
        keeper.start()
        archive = Archive(connection)
        _wait_until_ready(receiver, archive, log)
        yield Stage(receiver, simulator, Store(connection), archive, _sources(SECRETS))


def _programs(variables: Mapping[str, str], directory: Path) -> list[Program]:
    workers = this_usher("worker", "--processes", str(WORKERS))
    # in a folder without .env
    ours = frozenset(name for name in os.environ if name in VARIABLES or name.startswith(PREFIX))
    return [
        Program("web", this_usher("web"), variables, ours, directory),
        Program("worker", workers, variables, ours, directory),
    ]


def _variables(
    data_dir: Path, redis_url: str, port: int, simulator: RunningSimulator
) -> dict[str, str]:
    """Everything a program is told, so that nobody's own settings or secrets come into it."""
    return {
        **SECRETS,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(data_dir),
        "RULES_DIR": str(PROJECT / "rules"),
        "SOURCES_FILE": str(PROJECT / "sources.yaml"),
        "LOOKUPS_FILE": str(PROJECT / "lookups.yaml"),
        "COURSEBOX_URL": simulator.url,
        "COURSEBOX_EMAIL": simulator.email,
        "COURSEBOX_PASSWORD": simulator.password,
        "COURSEBOX_RATE": "50",
        "COURSEBOX_FIRST_USE": FirstUse.CONFIRMED,
        "RETRY_SCHEDULE": RETRY_SCHEDULE,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "info",
    }


def _sources(secrets: Mapping[str, str]) -> Sources:
    text = (PROJECT / "sources.yaml").read_text(encoding="utf-8")
    return read_sources(text, secrets)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(receiver: str, archive: Archive, log: Path) -> None:
    if becomes_ready(receiver, READY_WITHIN, lambda: archive.workers_alive() == WORKERS):
        return
    told = "\n".join(log.read_text(encoding="utf-8").splitlines()[-15:])
    raise Failed(f"Usher did not become ready within {READY_WITHIN:g} s. The end of {log}:", told)
