"""A worker's parts put together in this process: real Redis, real HTTP, and a test at the wheel."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import SecretStr

from coursebox.client import Coursebox
from coursebox.directory import OnlyNews
from coursebox.policy import FirstUse, Policy
from coursebox.simulator import RunningSimulator
from rulebook import Book, Snapshot, read_folder
from rulebook.snapshot import document_of
from workers.assembly import UNKNOWN_PRESET, actors_of, open_portal
from workers.callbacks import Callbacks
from workers.dispatching import Dispatcher
from workers.engine import Engine
from workers.lookups import Definition, Door, LookUps
from workers.portal_settings import PortalSettings
from workers.portals import DEFAULT, Portal, known_as
from workers.pulse import Pulse
from workers.retry import COURSEBOX
from workers.running import Runner
from workers.sources_file import vocabulary
from workers.store import (
    Archive,
    Attempt,
    Connection,
    Directory,
    Event,
    NewEvent,
    Publication,
    Run,
    SharedTokens,
    Store,
)
from workers.store.gate import Limits, SharedGate
from workers.store.keys import KEYS
from workers.store.texts import steps_text

SECRET_KEY: Final = "sample key of the engine room"
SHORT: Final = (0.05, 0.05, 0.05)
ADA: Final = "ada@customer.example"
BEN: Final = "ben@customer.example"
# A portal of which the operator has said that learners may be removed there.
KNOWN: Final = Policy(first_use=FirstUse.CONFIRMED)
LONG_AGO: Final = datetime.now(UTC) - timedelta(hours=1)
# What a test waits for something; far beyond what anything here takes (seconds).
PATIENCE: Final = 20.0

RULES: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: seat
    name: Order paid
    when: {source: shop, event: order.paid}
    if: {body.email: {is_present: true}}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
  - id: unseat
    name: Order refunded
    when: {source: shop, event: order.refunded}
    then:
      - action: unenrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
  - id: seat-in-each
    name: A bundle
    when: {source: shop, event: bundle.paid}
    for_each: body.courses
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ item }"}
  - id: two-steps
    name: One course always, one that was bought
    when: {source: shop, event: both.paid}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: 101}
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
  - id: seat-dryly
    name: Only looked at
    when: {source: shop, event: order.tried}
    dry_run: true
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
"""


def eventually(true: Callable[[], bool], what: str = "it never came true") -> None:
    """Returns once it is true; fails the test where it does not come to be."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def a_book(text: str = RULES) -> Book:
    """The rules of one file."""
    reading = read_folder({"rules.yaml": text}, vocabulary(None))
    assert [p.headline for p in reading.problems if p.severity == "error"] == []
    return Book(rule for file in reading.files.values() for rule in file.rules)


@dataclass(slots=True)
class Room:
    """One worker without its process: rings are collected, and answered when the test says so."""

    store: Store
    sim: RunningSimulator
    engine: Engine
    archive: Archive
    stopping: threading.Event
    portal: Portal
    rung: list[str] = field(default_factory=list)

    def post(self, kind: str = "order.paid", at: datetime | None = None, **body: object) -> str:
        """The id of an accepted event; without more, Ada's order of course 101."""
        told = body or {"email": ADA, "course": 101}
        identity = f"{kind} {time.monotonic_ns()}"
        event = NewEvent(identity, kind, at, json.dumps(told))
        return self.store.accept("shop", [event]).ids[0]

    def answer(self, event_id: str) -> Event:
        """The event after one ring for it, and for what that ring has led to."""
        self.engine.answer(event_id)
        while self.rung:
            self.engine.answer(self.rung.pop())
        return self.event(event_id)

    def settle(self, event_id: str) -> Event:
        """The event once nothing of it is pending."""
        self.answer(event_id)
        self.go_on_until(lambda: self.event(event_id).state != "pending")
        return self.event(event_id)

    def go_on_until(self, true: Callable[[], bool]) -> None:
        """Works on whatever is due until it is true."""

        def look() -> bool:
            self.engine.answer("")
            return true()

        eventually(look)

    def event(self, event_id: str) -> Event:
        found = self.archive.event(event_id)
        assert found is not None
        return found

    def run(self, event_id: str) -> Run:
        """The one run of the event."""
        (run,) = self.runs(event_id)
        return run

    def runs(self, event_id: str) -> list[Run]:
        found = [self.archive.run(run_id) for run_id in self.event(event_id).runs]
        return [run for run in found if run is not None]

    def make_live(self, book: Book) -> None:
        """Publishes these rules, as the loader does."""
        publication = Publication(self.store.connection)
        publication.elect("loader", True, 60.0)
        snapshot = Snapshot(tuple(book))
        live: dict[str, str | int] = {
            "document": document_of(snapshot.text),
            "version": snapshot.version,
            "rules": len(snapshot.rules),
            "files": 1,
            "folder": "rules",
            "commit": "",
        }
        assert publication.publish("loader", live, snapshot.text, snapshot.bodies, {}, [])

    def later(self, event_id: str, seconds: float) -> None:
        """Whatever the event's runs remember of time lies so much further back."""
        redis = self.store.connection.redis
        for run in self.runs(event_id):
            key, steps = KEYS["run"] + run.id, json.loads(steps_text(run.steps))
            for step in steps:
                for name in ("ended_at", "failing_since"):
                    step[name] = step[name] and step[name] - seconds
            created = round((run.created_at.timestamp() - seconds) * 1000)
            redis.hset(key, mapping={"steps": json.dumps(steps), "created_at": created})
            if (due := redis.zscore(KEYS["due"], run.id)) is not None:
                redis.zadd(KEYS["due"], {run.id: due - seconds * 1000})

    def attempts(self, event_id: str) -> Sequence[Attempt]:
        return self.archive.attempts(self.run(event_id).id)

    def outcomes(self, event_id: str) -> list[str]:
        return [step.outcome for run in self.runs(event_id) for step in run.steps]

    def effects(self, what: str = "enrolments") -> Any:
        """How often each thing came about in Coursebox."""
        counted: Any = self.sim.snapshot()["effects"]
        return counted[what]

    def calls(self, name: str) -> list[dict[str, Any]]:
        return [call for call in self.sim.calls() if call["call"] == name]


@contextmanager
def engine_room(
    redis_url: str,
    sim: RunningSimulator,
    *,
    rules: str = RULES,
    schedule: tuple[float, ...] = SHORT,
    password: str | None = None,
    timeout: float = 5.0,
    lease: float = 6.0,
    preset: str = UNKNOWN_PRESET,
    book: Book | Callable[[], Book] | None = None,
    look_up: Mapping[str, Definition] | None = None,
    policy: Policy = KNOWN,
    tell: Callbacks | None = None,
    limits: Limits | None = None,
    beside: Mapping[str, RunningSimulator] | None = None,
) -> Iterator[Room]:
    """A worker of its own connection and client; several in one test are several workers. Without
    `limits` it calls as often as it likes. `beside` are further portals, by account."""
    with ExitStack() as stack:
        connection = Connection(redis_url)
        stack.callback(connection.close)
        store = Store(connection, lease=lease, grace=0.2)
        stopping = threading.Event()
        gate = (
            SharedGate(connection, COURSEBOX, limits, stopping=stopping.is_set) if limits else None
        )
        client = stack.enter_context(
            Coursebox(
                sim.url,
                sim.email,
                password or sim.password,
                tokens=SharedTokens(connection, SECRET_KEY),
                timeout=timeout,
                gate=gate,
            )
        )
        rung: list[str] = []
        pulse = Pulse(store, f"room {time.monotonic_ns()}", rung.extend)
        directory = OnlyNews(Directory(connection, known_as(DEFAULT, sim.url)))
        portal = Portal(DEFAULT, client, directory, policy, stopping.is_set)
        portals = {DEFAULT: portal}
        for name, other in (beside or {}).items():
            told = PortalSettings(other.url, other.email, SecretStr(other.password), policy)
            portals[name] = stack.enter_context(
                open_portal(name, told, connection, SECRET_KEY, stopping.is_set)
            )
        clients = {name: each.client for name, each in portals.items()}
        given = a_book(rules) if book is None else book
        live = given if callable(given) else lambda: given
        look_ups = stack.enter_context(LookUps(look_up or {}, {}, clients, Door()))
        callbacks = stack.enter_context(tell or Callbacks({}, {}, Door()))
        runner = Runner(
            store,
            actors_of(store, connection, portals, callbacks),
            lambda _: preset,
            schedule,
            stopping.is_set,
            lambda: 0.0,
            look_ups=look_ups,
        )
        dispatcher = Dispatcher(store, live, lambda _: preset)
        engine = Engine(
            store, dispatcher, runner, pulse, rung.extend, schedule, lambda: 0.0, stopping
        )
        yield Room(store, sim, engine, Archive(connection), stopping, portal, rung)
