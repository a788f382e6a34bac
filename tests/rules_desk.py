"""A folder of rules and senders, and a Redis with events: what the commands of rules work on."""

import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from rulebook import Book, read_folder
from rulebook.snapshot import Snapshot, document_of
from usher.__main__ import main
from workers.dispatching import Dispatcher
from workers.sources_file import load_names, vocabulary
from workers.store import Claim, Event, NewEvent, Store
from workers.store.publication import Publication

SOURCES = "shop: {preset: hmac, signature_header: X-Sign, secrets: [NOWHERE_SET], type: kind}\n"
RULES = """\
version: 1
owner: ops@usher.example
rules:
  - id: course-sold
    when: {source: shop, event: sold}
    if:
      body.course: [Safety, Fire]
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: 101}
    tests:
      - name: sold
        event: {body: {course: Safety, email: ada@x.example}}
        expect:
          - enrol: {email: ada@x.example, course_id: 101}
      - name: another course
        change: {body.course: Juggling}
        expect: no match
"""
ADA = {"id": 1, "course": "Safety", "email": "ada@x.example"}
ROOT = Path(__file__).parent.parent
BOB = {"id": 2, "course": "Juggling", "email": "bob@x.example"}


@dataclass(frozen=True, slots=True)
class Desk:
    """The working directory, and the Redis if there is one."""

    folder: Path
    redis_url: str = ""

    @property
    def rules(self) -> Path:
        return self.folder / "rules" / "shop.yaml"

    def write(self, text: str) -> None:
        self.rules.write_text(text, encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        text = self.rules.read_text(encoding="utf-8")
        assert old in text
        self.write(text.replace(old, new))

    def file(self, name: str, value: object) -> str:
        """Writes a file of JSON into the working directory; its name."""
        text = value if isinstance(value, str) else json.dumps(value)
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def __call__(self, *words: str) -> Result:
        environment = {"REDIS_URL": self.redis_url} if self.redis_url else {}
        return CliRunner().invoke(main, words, env=environment)

    def data(self, *words: str) -> Any:
        return json.loads(self(*words, "--json").stdout)

    def book(self) -> Book:
        """The rules of the folder."""
        words = vocabulary(load_names(self.folder / "sources.yaml"))
        reading = read_folder({"shop.yaml": self.rules.read_text(encoding="utf-8")}, words)
        return Book(rule for file in reading.files.values() for rule in file.rules)


def make_desk(folder: Path, redis_url: str = "") -> Desk:
    """A desk with one source and one rule file."""
    (folder / "rules").mkdir()
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    desk = Desk(folder, redis_url)
    desk.write(RULES)
    return desk


def came(store: Store, body: Mapping[str, Any], kind: str = "sold") -> str:
    """The id of an event that was accepted, and that no worker has looked at."""
    event = NewEvent(f"order {body['id']}", kind, datetime.now(UTC), json.dumps(body))
    return store.accept("shop", [event]).ids[0]


def dispatched(store: Store, desk: Desk, body: Mapping[str, Any]) -> str:
    """The id of an event that the rules of the folder have judged."""
    return run_of(store, desk, body)[0]


def run_of(store: Store, desk: Desk, body: Mapping[str, Any]) -> tuple[str, Claim | None]:
    """The same, with the claim of its run if it has a single one."""
    event_id = came(store, body)
    claim = store.claim(event_id)
    event = store.event(event_id)
    assert claim is not None
    assert isinstance(event, Event)
    run, _ = Dispatcher(store, desk.book, lambda source: "hmac").dispatch(claim, event)
    return event_id, run


def publish(store: Store, desk: Desk) -> None:
    """Makes the rules of the folder the live ones, as the loader does."""
    publication = Publication(store.connection)
    publication.elect("worker-1", True, 60.0)
    snapshot = Snapshot(tuple(desk.book()))
    live: dict[str, str | int] = {
        "document": document_of(snapshot.text),
        "version": snapshot.version,
        "rules": len(snapshot.rules),
        "files": 1,
        "folder": str(desk.rules.parent),
        "commit": "",
    }
    assert publication.publish("worker-1", live, snapshot.text, snapshot.bodies, {}, [])


def on_terminal(*words: str, columns: int) -> list[str]:
    """The lines that a command prints where a person looks, without colours and padding."""
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (50, columns))
    command = [sys.executable, "-m", "usher", *words]
    environment = {**os.environ, "TERM": "dumb", "PYTHONPATH": str(ROOT)}
    environment.pop("COLUMNS", None)
    with subprocess.Popen(command, stdout=follower, env=environment) as process:
        os.close(follower)
        found = b""
        with suppress(OSError):  # a terminal that nobody holds any more
            while more := os.read(leader, 4096):
                found += more
        assert process.wait() == 0
    os.close(leader)
    return [line.rstrip() for line in found.decode().splitlines()]
