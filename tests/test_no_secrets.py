"""No password, token or key in clear anywhere: after every kind of failure, by real workers, all
that Usher has written, said or shown is searched for what was secret."""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

import httpx
import pytest
from redis import Redis

from coursebox.simulator import RunningSimulator, running_simulator
from tests.engine_room import eventually
from tests.mirror import ECHOES, Mirror, Told, mirror
from tests.running_usher import Process, Usher, running_usher
from tests.scene import CommandLine

# odd characters, so that each way of writing it down looks different
API_PASSWORD: Final = 'Kx9"ü/ +%pq\\Vd7&Zt='
WRONG_PASSWORD: Final = 'Wm4"ö/ +%hj\\Rb8&Yc='
KEY: Final = "h3Lq-VnT0zUe_81Jb5sYxPd7RwCg2KfA"
PIECE: Final = 8
FAULTS: Final = ("drop_before", "commit_then_drop", "malformed_json")
STATUSES: Final = (400, 401, 403, 404, 422, 429, 500, 502, 503)

RULES: Final = """
version: 1
owner: ops@usher.example
rules:
  - id: seat
    name: Order paid
    when: {source: shop, event: order.paid}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
  - id: make
    name: Account wanted
    when: {source: shop, event: account.wanted}
    then:
      - action: create_account
        with: {email: "${ body.email }", first_name: Ada, last_name: Lovelace}
"""


def ways(secret: str) -> Iterator[str]:
    """The ways in which a secret may be written down."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(json.dumps(secret)[1:-1])[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield quote(secret, safe="")
    yield quote_plus(secret)
    for before in range(3):
        # wherever in what is encoded it begins; the first and last group hold other bytes, too
        padded = b"\0" * before + secret.encode()
        yield base64.b64encode(padded).decode()[4:-4]
        yield base64.urlsafe_b64encode(padded).decode()[4:-4]


def in_hex(secret: str) -> str:
    return secret.encode().hex()


def pieces(secrets: Iterable[str]) -> frozenset[str]:
    """Every so long piece of every way of writing every secret."""
    return frozenset(
        text[at : at + long]
        for secret in secrets
        # twice as long in hex: shorter pieces of it stand in times and checksums by chance
        for long, texts in ((PIECE, ways(secret)), (2 * PIECE, [in_hex(secret)]))
        for text in texts
        for at in range(len(text) - long + 1)
    )


def found_in(text: str, wanted: frozenset[str]) -> list[str]:
    """Where in the text a piece of a secret stands, with what is around it."""
    places = range(len(text) - PIECE + 1)
    return [
        text[max(0, at - 60) : at + 60]
        for at in places
        if text[at : at + PIECE] in wanted or text[at : at + 2 * PIECE] in wanted
    ]


# -- the search finds what is there ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "long"),
    [*((text, PIECE) for text in ways(API_PASSWORD)), (in_hex(API_PASSWORD), 2 * PIECE)],
)
def test_the_search_finds_a_secret_in_each_way_of_writing_it(written: str, long: int) -> None:
    assert found_in(f"before {written} after", pieces([API_PASSWORD]))
    assert found_in(f"before {written[: long + 1]}", pieces([API_PASSWORD]))
    assert not found_in("nothing of it here", pieces([API_PASSWORD]))


# -- what there is to search -----------------------------------------------------------------------


@dataclass(slots=True)
class Place:
    """One Usher with the portal that repeats what it was told."""

    usher: Usher
    portal: Mirror
    logs: list[Process] = field(default_factory=list)

    @property
    def secrets(self) -> frozenset[str]:
        mine = {API_PASSWORD, WRONG_PASSWORD, KEY}
        return frozenset(mine | self.portal.passwords | self.portal.tokens)

    def worker(self, **settings: str) -> Process:
        self.usher.more |= {"LOG_LEVEL": "debug", **settings}
        self.logs.append(self.usher.worker())
        return self.logs[-1]

    def command(self, *arguments: str) -> str:
        return CommandLine(self.usher.redis.url)(*arguments).output

    def post(self, name: str, kind: str = "order.paid") -> str:
        """The id of an event about somebody of that name."""
        return self.usher.post(f"{kind} {name}", kind, email=f"{name}@mail.example", course=101)

    def ended(self, event_ids: Iterable[str]) -> set[str]:
        """The states of the events once nothing of them is pending."""
        return {str(self.usher.settled(event_id).state) for event_id in event_ids}

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything that Usher has kept, said or shown, by where it was found."""
        yield from redis_texts(self.usher.redis.url)
        for file in (self.usher.folder / "redis").rglob("*.aof"):
            yield str(file), text_of(file.read_bytes())
        for process in self.logs:
            yield str(process.log), process.log.read_text()
        for name in ("events", "runs", "dead"):
            yield name, self.command(name, "list", "--json")
        for event in self.usher.archive.events(limit=1000):
            for form in ([], ["--json"]):
                yield event.id, self.command("events", "show", event.id, *form)
                for run in event.runs:
                    yield run, self.command("runs", "show", run, *form)
                    yield run, self.command("dead", "show", run, *form)
        for path in ("/", "/__sim/state", "/__sim/calls", "/__sim/faults"):
            yield path, httpx.get(self.portal.sim.url + path).text


def redis_texts(url: str) -> Iterator[tuple[str, str]]:
    """Every key of a Redis with all that is in it, RQ's keys too."""
    read = {
        "string": lambda redis, key: [redis.get(key)],
        "hash": lambda redis, key: [part for pair in redis.hgetall(key).items() for part in pair],
        "list": lambda redis, key: redis.lrange(key, 0, -1),
        "set": lambda redis, key: redis.smembers(key),
        "zset": lambda redis, key: redis.zrange(key, 0, -1),
        "stream": lambda redis, key: [repr(entry).encode() for entry in redis.xrange(key)],
    }
    with Redis.from_url(url) as redis:
        for key in redis.scan_iter():
            kind = redis.type(key).decode()
            for part in (key, *read[kind](redis, key)):
                yield key.decode(), text_of(part)


def text_of(data: bytes) -> str:
    """The bytes as text, unpacked where they are packed, as RQ does with its jobs."""
    with suppress(zlib.error):
        data += b"\n" + zlib.decompress(data)
    return data.decode(errors="replace")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with (
        running_simulator(password=API_PASSWORD) as sim,
        mirror(sim) as portal,
        running_usher(tmp_path) as usher,
    ):
        (usher.rules / "rules.yaml").write_text(RULES)
        usher.more |= {
            "COURSEBOX_URL": portal.url,
            "COURSEBOX_PASSWORD": API_PASSWORD,
            "SECRET_KEY": KEY,
            "RETRY_SCHEDULE": "0.05 s, 0.05 s, 0.05 s",
        }
        yield Place(usher, portal)


def fail_to_log_in(place: Place) -> None:
    """A worker with a wrong password, at a portal that repeats it; then the hold is released."""

    def repeats(told: Told) -> tuple[int, str, str]:
        error = {"statusCode": 401, "code": "LOGIN_FAILED", "message": told.text}
        return 401, "application/json", json.dumps({"error": error, "sent": json.loads(told.text)})

    place.portal.log_in = repeats
    wrong = place.worker(COURSEBOX_PASSWORD=WRONG_PASSWORD, LOG_FORMAT="json")
    place.usher.post("kept out", email="kept-out@mail.example", course=101)
    eventually(lambda: "coursebox" in place.usher.store.holds())
    wrong.kill()
    place.portal.log_in = None
    place.usher.more["COURSEBOX_PASSWORD"] = API_PASSWORD


def trouble(sim: RunningSimulator) -> Iterator[str]:
    """Sets trouble of each kind for a learner of its own; their names."""
    for call in ("createAccount", "enrolUser"):
        for fault in FAULTS:
            name = f"{fault}-{call}".replace("_", "").lower()
            sim.add_fault(call, fault, match=f"{name}@")
            yield name
        for status in STATUSES:
            sim.add_fault(call, "status", status=status, match=f"{status}-{call}@")
            yield f"{status}-{call}".lower()


def test_nothing_secret_is_kept_said_or_shown_after_every_kind_of_failure(place: Place) -> None:
    fail_to_log_in(place)
    place.worker(LOG_FORMAT="json")
    place.worker(LOG_FORMAT="console")
    place.command("release", "coursebox")

    posted = [place.post("well")]
    for kind in ("order.paid", "account.wanted"):
        posted += [place.post(f"{echo}-{kind[:3]}", kind) for echo in ECHOES]
    posted += [place.post(name) for name in trouble(place.portal.sim)]
    assert place.ended(posted) == {"finished", "dead"}
    place.portal.sim.switch(replies="empty")
    assert place.ended([place.post("id-not-told")]) == {"finished"}

    assert place.portal.echoed == set(ECHOES)
    assert len(place.portal.passwords) > len(ECHOES)
    assert place.portal.tokens
    wanted, places = pieces(place.secrets), set[str]()
    searched, leaks = 0, dict[str, list[str]]()
    for where, text in place.texts():
        searched += len(text)
        places.add(where)
        if found := found_in(text, wanted):
            leaks[where] = found[:1]
    assert leaks == {}
    assert searched > 100_000
    assert any(where.endswith(".aof") for where in places)
