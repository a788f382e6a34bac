"""A long night at the front door: requests without end at the real server with the real store.

    python -m tests.proofs.fuzz_receiver [--requests 100000] [--seed 1] [--connections 12]

Counts what was answered and prints it. Ends with status 1 if there was any 5xx, any 2xx without
proof, an honest delivery refused, a request without an answer, a stack trace or secret in the
log, a secret in Redis, or anything kept that has no bounds.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote

from redis import Redis

from senders.sources import read_sources
from tests.proofs.answers import Cut, Line, Silence
from tests.proofs.every_source import secrets_of_all, sources_text
from tests.proofs.hostile_requests import Attempt, Hostile, May
from tests.running_usher import Process, Usher, running_usher
from workers.store.keys import KEYS
from workers.store.rejected import Bounds

REQUESTS: Final = 100_000
CONNECTIONS: Final = 12
# between half of the requests and all of them, in bytes: no more than noise
GROWTH: Final = 24_000_000
_SAMPLED_AT: Final = (10, 50, 100)
_SHOWN: Final = 20
# of jobs that are rung for, and what RQ keeps of its own
_RINGS: Final = 100


@dataclass(slots=True)
class Report:
    """What happened. `violations` is empty if every promise was kept."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0
    resident: dict[int, int] = field(default_factory=dict)  # per cent -> bytes
    redis: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.answers.values())

    def lines(self) -> Iterator[str]:
        """The figures, for people."""
        yield f"{self.total:,} requests in {self.seconds:.0f} s: {self.total / self.seconds:,.0f}/s"
        statuses = Counter[str]()
        for (_, status), count in self.answers.items():
            statuses[status] += count
        yield "answers:   " + ", ".join(f"{s} x {n:,}" for s, n in sorted(statuses.items()))
        for kind in sorted({kind for kind, _ in self.answers}):
            of_kind = sorted((s, n) for (k, s), n in self.answers.items() if k == kind)
            yield f"  {kind:16}" + ", ".join(f"{s} x {n:,}" for s, n in of_kind)
        shown = ", ".join(f"{at} %: {size / 1e6:.1f} MB" for at, size in self.resident.items())
        yield f"receiver's memory:  {shown}"
        yield "Redis:     " + ", ".join(f"{name} {count:,}" for name, count in self.redis.items())
        yield f"violations: {len(self.violations)}"
        yield from (f"  {told}" for told in self.violations[:_SHOWN])


def fuzz(folder: Path, *, requests: int, seed: int, connections: int = CONNECTIONS) -> Report:
    """Starts Redis and `usher web` in an empty folder, and sends so many requests."""
    secrets = secrets_of_all(Random(seed))  # noqa: S311 - chance that can be repeated
    (folder / "sources.yaml").write_text(sources_text())
    report = Report()
    with running_usher(folder) as usher:
        told = {"SOURCES_FILE": str(folder / "sources.yaml"), "WEB_CONCURRENCY": "2"}
        usher.more.update(told | secrets)
        web = usher.web()
        report.redis["keys before"], report.redis["bytes before"] = _kept(usher)
        started = time.monotonic()
        _send_all(usher, web, secrets, requests, seed, connections, report)
        report.seconds = time.monotonic() - started
        report.redis["keys after"], report.redis["bytes after"] = _kept(usher)
        found = [*_in_the_log(web, secrets), *_in_redis(usher, secrets, report)]
        report.violations = [*found, *_in_memory(report), *report.violations]
    return report


# -- sending ---------------------------------------------------------------------------------------


def _send_all(
    usher: Usher,
    web: Process,
    secrets: Mapping[str, str],
    requests: int,
    seed: int,
    connections: int,
    report: Report,
) -> None:
    sources = read_sources(sources_text(), secrets)
    report.violations += [f"{name}: {told}" for name, told in sources.problems.items()]
    share = max(1, requests // connections)
    marks = {share * at // 100: at for at in _SAMPLED_AT}
    lock = threading.Lock()

    def send(number: int) -> None:
        hostile = Hostile(sources, usher.url, Random(f"{seed}/{number}"))  # noqa: S311
        answers, violations = Counter[tuple[str, str]](), list[str]()
        line = Line(usher.port)
        for sent in range(1, share + 1):
            attempt = hostile.attempt(time.time())
            for status in _ask(line, attempt):
                answers[attempt.kind, status] += 1
                if not _is_allowed(attempt.may, status):
                    violations.append(f"{attempt.may}, but {status}: {attempt.raw[:240]!r}")
            if number == 0 and sent in marks:
                report.resident[marks[sent]] = _resident(web)
        line.close()
        with lock:
            report.answers.update(answers)
            report.violations += violations

    threads = [threading.Thread(target=send, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ask(line: Line, attempt: Attempt) -> list[str]:
    try:
        return line.ask(attempt.raw, last=attempt.last, head=attempt.head)
    except Silence:
        return ["no answer"]
    except Cut:
        return ["closed"]


def _is_allowed(may: May, status: str) -> bool:
    if status == "closed":  # its client had not sent a whole request, or sent more than was read
        return may is May.BE_REFUSED
    if may is May.BE_KEPT:
        return status.startswith("2")
    if may is May.BE_ANYTHING:
        return status[0] in "24"
    return status.startswith("4")


# -- looking afterwards ----------------------------------------------------------------------------


def _resident(web: Process) -> int:
    """Bytes that the processes of the web server hold in memory."""
    found, waiting = 0, [web.pid]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):
            found += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            waiting += [int(child) for child in children.split()]
    return found * os.sysconf("SC_PAGE_SIZE")


def _redis(usher: Usher) -> "Redis[bytes]":
    return Redis.from_url(usher.redis.url)


def _kept(usher: Usher) -> tuple[int, int]:
    with _redis(usher) as redis:
        return redis.dbsize(), int(redis.info("memory")["used_memory"])


def _in_the_log(web: Process, secrets: Mapping[str, str]) -> list[str]:
    log = web.log.read_text(errors="replace")
    said = [f"{name} stands in the log" for name, text in secrets.items() if _holds(log, text)]
    traces = log.count("Traceback") + log.count("A request broke")
    return said + ([f"{traces} stack traces in the log"] if traces else [])


def _holds(text: str, secret: str) -> bool:
    return any(spelling in text for spelling in {secret, quote(secret, safe="")})


def _in_redis(usher: Usher, secrets: Mapping[str, str], report: Report) -> list[str]:
    found = []
    with _redis(usher) as redis:
        redis.config_set("rdbcompression", "no")
        keys = sorted(redis.scan_iter(count=1000))
        # RQ's own: a job for each of the few pieces that were rung for
        ours = [key for key in keys if not key.startswith(b"rq:")]
        report.redis["keys of RQ"] = len(keys) - len(ours)
        kept = Counter(_name(key.decode("utf-8", "replace")) for key in ours)
        report.redis.update({f"of {name}": count for name, count in sorted(kept.items())})
        everything = b"\n".join((*keys, *(redis.dump(key) or b"" for key in keys)))
        found += [
            f"{name} stands in Redis"
            for name, text in secrets.items()
            if text.encode() in everything
        ]
        counts = redis.hgetall(KEYS["counts"])
        rings = redis.scard(KEYS["rejected_rings"])
    accepted = sum(int(n) for name, n in counts.items() if name.endswith(b" accepted"))
    report.redis["accepted"] = accepted
    most = {
        "event": accepted,
        "seen": accepted,
        "rejected": rings * Bounds().entries,
        "rejected_ring": rings,
    }
    if report.redis["keys of RQ"] > _RINGS:
        found.append(f"{report.redis['keys of RQ']} keys of RQ in Redis")
    return found + [
        f"{count} keys of {name} in Redis, at most {most.get(name, 1)} were due"
        for name, count in kept.items()
        if count > most.get(name, 1)
    ]


def _name(key: str) -> str:
    """Which of the store's keys it is; the key itself for one that the store does not know."""
    whole = [name for name, known in KEYS.items() if key == known]
    below = [name for name, known in KEYS.items() if known.endswith(":") and key.startswith(known)]
    return next(iter((*whole, *sorted(below, key=lambda n: -len(KEYS[n])))), key)


def _in_memory(report: Report) -> list[str]:
    half, end = report.resident.get(50, 0), report.resident.get(100, 0)
    if end - half <= GROWTH:
        return []
    return [f"the receiver grew by {(end - half) / 1e6:.1f} MB in the second half"]


def main() -> int:
    """The exit status: 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description="Fuzz the receiver.")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = fuzz(
            Path(folder), requests=told.requests, seed=told.seed, connections=told.connections
        )
    print("\n".join(report.lines()))  # a program's output
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
