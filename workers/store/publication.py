"""Which rules are live: published by one elected loader, followed by every worker.

A snapshot is kept under the hash of its text, the bodies under theirs; one pointer says which
snapshot is live. All that changes together changes in one script.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from ulid import ULID

from workers.store.connection import Connection, guarded
from workers.store.keys import KEYS
from workers.store.records import known_moment

# Snapshots that are kept: enough to see what was live lately. Bodies stay by themselves.
KEPT: Final = 50
# A request that no loader has heard within this time is void (seconds): a removal that was accepted
# yesterday must not be carried out today. What came of one can be read for as long.
ASKED_FOR: Final = 30.0


class Office(IntEnum):
    """Whether a worker is the loader."""

    NOT = 0
    STILL = 1
    NEWLY = 2


@dataclass(frozen=True, slots=True)
class Live:
    """The pointer: which snapshot is live, since when, and who made it so.

    `document` names its text, `version` is what people and runs call it by; `folder` is that of the
    loader, on its machine.
    """

    document: str
    version: str
    generation: int
    published_at: datetime
    rules: int
    files: int
    loader: str
    folder: str
    commit: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the loader found when it last looked: why each file is refused, by its path."""

    loader: str = ""
    folder: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Follower:
    """Which rules a worker has; `problem` is why it does not take the live ones."""

    worker: str
    document: str = ""
    version: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to look at the folder now."""

    id: str
    by: str
    accept_removal: bool


class Publication:
    """The rules as the workers share them. Raises StoreUnavailable."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._redis = connection.redis

    # -- the loader ---------------------------------------------------------------------------

    def elect(self, worker: str, fit: bool, term: float) -> tuple[Office, str]:
        """Whether this worker loads for the next `term` seconds, and which document is live.

        `fit`: it has a folder with rules.
        """
        answer = self._connection.run("elect_loader", worker, int(fit), round(term * 1000))
        return Office(answer[0]), str(answer[1])

    def resign(self, worker: str) -> None:
        """Leaves the office, so that another worker has it at once."""
        self._connection.run("elect_loader", worker, "", 0)

    def publish(
        self,
        worker: str,
        live: Mapping[str, str | int],
        text: str,
        bodies: Mapping[str, Mapping[str, Any]],
        good: Mapping[str, str],
        gone: Sequence[str],
    ) -> int:
        """Makes a snapshot live and keeps the good texts: its generation, or 0 where another
        worker is the loader by now.

        `live` has document, version, rules, files, folder and commit; `bodies` those of all rules.
        """
        rules = [body["rule"] for body in bodies.values()]
        on = json.dumps([rule["id"] for rule in rules if rule.get("enabled", True)])
        parts = [part for h, body in bodies.items() for part in (h, json.dumps(body))]
        parts += [part for pair in good.items() for part in pair]
        answer = self._connection.run(
            "publish_rules", worker, live["document"], live["version"], text, live["rules"],
            live["files"], live["folder"], live["commit"], KEPT, len(bodies), len(good),
            on, *parts, *gone,
        )  # fmt: skip
        return max(0, int(answer))

    @guarded
    def tell(self, report: Report) -> None:
        """What the loader refuses today, and where it looks."""
        self._redis.set(KEYS["rule_report"], json.dumps(asdict(report)))

    @guarded
    def good_texts(self) -> dict[str, str]:
        """The last good text of every live file, by its path."""
        return dict(self._redis.hgetall(KEYS["good_rules"]))

    @guarded
    def requests(self) -> tuple[Asked, ...]:
        """Takes the requests that are waiting, but for those that came too long ago."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.lrange(KEYS["rule_requests"], 0, -1)
        pipe.delete(KEYS["rule_requests"])
        pipe.time()
        texts, _, (seconds, _) = pipe.execute()
        told = [json.loads(text) for text in texts]
        return tuple(
            Asked(one["id"], one["by"], one["accept_removal"])
            for one in told
            if seconds - one["at"] <= ASKED_FOR
        )

    @guarded
    def answer(self, asked: Asked, said: Mapping[str, Any]) -> None:
        """Says what came of a request."""
        key = KEYS["rule_answer"] + asked.id
        self._redis.set(key, json.dumps(dict(said)), ex=int(ASKED_FOR))

    # -- everybody ----------------------------------------------------------------------------

    def follow(self, me: Follower) -> tuple[Live, str] | None:
        """Says which rules a worker has; what is live, and its text, where it is another."""
        told = asdict(me)
        told.pop("worker")
        answer = self._connection.run("follow_rules", me.worker, me.document, json.dumps(told))
        if not answer:
            return None
        return live_of(dict(zip(answer[1::2], answer[2::2], strict=True))), str(answer[0])

    @guarded
    def bodies(self, hashes: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The canonical bodies under these hashes, as far as they are kept."""
        if not hashes:
            return {}
        found = self._redis.mget([KEYS["rule"] + each for each in hashes])
        return {h: json.loads(text) for h, text in zip(hashes, found, strict=True) if text}

    @guarded
    def live(self) -> tuple[Live, str] | None:
        """What is live and its text; None before anything was published."""
        answer = self._connection.run("follow_rules", "", "", "")
        if not answer:
            return None
        return live_of(dict(zip(answer[1::2], answer[2::2], strict=True))), str(answer[0])

    @guarded
    def report(self) -> Report:
        """What the loader last said; empty before any did."""
        return Report(**json.loads(self._redis.get(KEYS["rule_report"]) or "{}"))

    @guarded
    def loader(self) -> str:
        """The worker that is the loader now; "" when there is none."""
        holder: str = self._redis.get(KEYS["rule_loader"]) or ""
        return holder[2:]

    @guarded
    def followers(self) -> tuple[Follower, ...]:
        """Every worker that has said which rules it has, by name."""
        told = sorted(self._redis.hgetall(KEYS["followers"]).items())
        return tuple(Follower(worker, **json.loads(text)) for worker, text in told)

    @guarded
    def ask(self, by: str, *, accept_removal: bool = False) -> str:
        """Asks the loader to look now; the id under which it answers."""
        asked = {
            "id": str(ULID()),
            "by": by,
            "accept_removal": accept_removal,
            "at": self._redis.time()[0],
        }
        self._redis.rpush(KEYS["rule_requests"], json.dumps(asked))
        return str(asked["id"])

    @guarded
    def answered(self, request_id: str) -> dict[str, Any] | None:
        """What came of a request; None while nothing has."""
        found = self._redis.get(KEYS["rule_answer"] + request_id)
        return json.loads(found) if found else None


def live_of(fields: Mapping[str, str]) -> Live:
    """The pointer in a hash of the store."""
    return Live(
        document=fields["document"],
        version=fields["version"],
        generation=int(fields["generation"]),
        published_at=known_moment(fields["published_at"]),
        rules=int(fields["rules"]),
        files=int(fields["files"]),
        loader=fields["loader"],
        folder=fields["folder"],
        commit=fields["commit"],
    )
