"""Usher as it runs in earnest: real processes, a Redis of their own, the Coursebox simulator."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coursebox.simulator import RunningSimulator, running_simulator
from tests.deliveries import ROOT, SECRETS, signed
from tests.engine_room import ADA, PATIENCE, RULES, SECRET_KEY, eventually
from workers.jobs import Doorbell
from workers.redis_server import EmbeddedRedis
from workers.store import Archive, Connection, Event, NewEvent, Store, StoreUnavailable
from workers.store.publication import Publication


@dataclass(frozen=True, slots=True)
class Process:
    """A running `usher ...` of its own process group."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def kill(self) -> None:
        """SIGKILL to it and all that it has started, as when a machine fails."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(PATIENCE)

    def ask_to_stop(self) -> None:
        self.popen.send_signal(signal.SIGTERM)

    def exit_status(self) -> int:
        """Waits for its end."""
        return self.popen.wait(PATIENCE)

    def children(self) -> set[int]:
        """Process ids of what it has started itself."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return {int(pid) for pid in found.split()}

    def said(self, text: str) -> bool:
        return text in self.log.read_text()


@dataclass(slots=True)
class Usher:
    """A folder, a Redis, a Coursebox, and whatever processes a test starts."""

    folder: Path
    redis: EmbeddedRedis
    sim: RunningSimulator
    store: Store
    archive: Archive
    doorbell: Doorbell
    port: int
    processes: list[Process] = field(default_factory=list)
    # environment variables beside the usual ones, or instead of them
    more: dict[str, str] = field(default_factory=dict)

    @property
    def rules(self) -> Path:
        return self.folder / "rules"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments: str) -> Process:
        log = self.folder / f"{arguments[0]}-{len(self.processes)}.log"
        with log.open("wb") as stream:
            popen = subprocess.Popen(
                [sys.executable, "-m", "usher", *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        self.processes.append(Process(popen, log))
        return self.processes[-1]

    def worker(self, *arguments: str) -> Process:
        """A worker that is ready."""
        started = self.start("worker", *arguments)
        eventually(lambda: started.said("worker ready"), "the worker does not come up")
        return started

    def web(self) -> Process:
        """A web server that answers."""
        started = self.start("web")
        eventually(self._answers, "the web server does not come up")
        return started

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
            return True
        return False

    def deliver(self, identity: str, kind: str = "order.paid", **more: object) -> tuple[int, Any]:
        """Status and JSON that the shop hears for a signed delivery; OSError if it hears none."""
        body = json.dumps({"event_id": identity, "kind": kind, **more}).encode()
        delivery = signed("shop", body, public_url=self.url)
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            connection.request("POST", delivery.target, delivery.body, dict(delivery.headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def post(self, identity: str, kind: str = "order.paid", **body: object) -> str:
        """The id of an event that was accepted and rung for; without more, Ada's of course 101."""
        told = json.dumps(body or {"email": ADA, "course": 101})
        accepted = self.store.accept("shop", [NewEvent(identity, kind, None, told)])
        self.doorbell.ring(accepted.to_ring)
        return accepted.ids[0]

    def event(self, event_id: str) -> Event:
        found = self.archive.event(event_id)
        assert found is not None
        return found

    def settled(self, event_id: str) -> Event:
        """The event once nothing of it is pending; a Redis that is away is waited for."""

        def look() -> bool:
            with suppress(StoreUnavailable):
                return self.event(event_id).state != "pending"
            return False

        eventually(look, f"{event_id} stays pending")
        return self.event(event_id)

    def followed(self) -> bool:
        """Whether every worker has the rules that are live."""
        publication = Publication(self.store.connection)
        live = publication.live()
        told = [each.document for each in publication.followers()]
        return live is not None and bool(told) and set(told) == {live[0].document}

    def calls(self, name: str) -> list[dict[str, Any]]:
        return [call for call in self.sim.calls() if call["call"] == name]

    def effects(self, what: str = "enrolments") -> Any:
        counted: Any = self.sim.snapshot()["effects"]
        return counted[what]

    def kill_redis(self) -> None:
        """SIGKILL to Redis; it stays away until `start_redis`."""
        assert self.redis.process_id is not None
        os.kill(self.redis.process_id, signal.SIGKILL)
        eventually(lambda: not self.redis.owner)

    def start_redis(self) -> None:
        self.redis = EmbeddedRedis(self.folder / "redis")
        self.redis.start()

    def end(self) -> None:
        for process in self.processes:
            process.kill()
        self.redis.stop()

    def _environment(self) -> dict[str, str]:
        # only names in capitals: nothing of this test run's own settings
        inherited = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
        return {
            **{name: os.environ[name] for name in inherited if name in os.environ},
            **SECRETS,
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": self.redis.url,
            "COURSEBOX_URL": self.sim.url,
            "COURSEBOX_EMAIL": self.sim.email,
            "COURSEBOX_PASSWORD": self.sim.password,
            "COURSEBOX_RATE": "100",
            "COURSEBOX_CONCURRENCY": "32",
            "COURSEBOX_FIRST_USE": "confirmed",
            "SECRET_KEY": SECRET_KEY,
            "SOURCES_FILE": str(ROOT / "sources.yaml"),
            "RULES_DIR": str(self.rules),
            "DATA_DIR": str(self.folder / "data"),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "WEB_CONCURRENCY": "1",
            "RETRY_SCHEDULE": "0.1 s, 0.2 s, 0.5 s, 1 s, 1 s, 1 s, 1 s",
            "LOG_FORMAT": "json",
            **self.more,
        }


@contextmanager
def running_usher(folder: Path) -> Iterator[Usher]:
    """Everything but Usher's own processes; all that was started is ended with the block."""
    (folder / "rules").mkdir()
    (folder / "rules" / "rules.yaml").write_text(RULES)
    with ExitStack() as stack:
        sim = stack.enter_context(running_simulator())
        redis = EmbeddedRedis(folder / "redis")
        redis.start()
        connection = Connection(redis.url)
        stack.callback(connection.close)
        usher = Usher(
            folder,
            redis,
            sim,
            Store(connection),
            Archive(connection),
            Doorbell(connection),
            free_port(),
        )
        stack.callback(usher.end)
        yield usher


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
