"""Reading what happened: lists, single records, counts, and whether all is well."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from ulid import ULID

from workers.store.connection import Connection, guarded
from workers.store.keys import KEYS
from workers.store.records import Attempt, Counts, Event, HoldChange, Run, known_moment
from workers.store.texts import attempt_of, event_of, run_of

T = TypeVar("T")

PAGE: Final = 200
# a worker beats every 1.5 s; after this many seconds of silence it does not count as alive
SILENCE: Final = 10.0
# how much unfinished work is looked at for its age: Redis does nothing else meanwhile
MOST_LOOKED_AT: Final = 200_000


@dataclass(frozen=True, slots=True)
class Health:
    """Whether Redis can be relied on, and why not."""

    ok: bool
    reasons: tuple[str, ...]


class Archive:
    """What the store knows, for people: newest first. Raises StoreUnavailable."""

    def __init__(self, connection: Connection) -> None:
        self._redis = connection.redis
        self._connection = connection

    @guarded
    def event(self, event_id: str) -> Event | None:
        fields = self._redis.hgetall(KEYS["event"] + event_id)
        return event_of(fields) if fields else None

    @guarded
    def run(self, run_id: str) -> Run | None:
        fields = self._redis.hgetall(KEYS["run"] + run_id)
        return run_of(fields) if fields else None

    @guarded
    def attempts(self, run_id: str) -> tuple[Attempt, ...]:
        found = self._redis.lrange(KEYS["attempts"] + run_id, 0, -1)
        return tuple(attempt_of(text) for text in found)

    @guarded
    def hold_changes(self) -> tuple[HoldChange, ...]:
        """The last holds and releases."""
        found = map(json.loads, self._redis.lrange(KEYS["hold_history"], 0, -1))
        return tuple(HoldChange(**{**each, "at": known_moment(each["at"])}) for each in found)

    @guarded
    def waiting_for(self, destination: str) -> int:
        """How many unfinished runs wait for its release."""
        held = list(self._redis.smembers(KEYS["held"] + destination))
        return sum(at is not None for at in self._redis.zmscore(KEYS["due"], held)) if held else 0

    @guarded
    def due_at(self, work_id: str) -> float | None:
        """Unix seconds when someone looks at this work again; None when it is not unfinished."""
        score = self._redis.zscore(KEYS["due"], work_id)
        return None if score is None else float(score) / 1000

    def events(self, limit: int, wanted: Callable[[Event], bool] = lambda _: True) -> list[Event]:
        """The newest events for which `wanted` holds, at most `limit`."""
        return self._newest(KEYS["events"], KEYS["event"], event_of, limit, wanted)

    def runs(self, limit: int, wanted: Callable[[Run], bool] = lambda _: True) -> list[Run]:
        return self._newest(KEYS["runs"], KEYS["run"], run_of, limit, wanted)

    @guarded
    def dead(self) -> list[str]:
        """Ids of all dead letters (runs, and events that could not be dispatched), newest first."""
        return list(self._redis.zrevrange(KEYS["dead"], 0, -1))

    @guarded
    def _newest(
        self,
        index: str,
        prefix: str,
        read: Callable[[Mapping[str, str]], T],
        limit: int,
        wanted: Callable[[T], bool],
    ) -> list[T]:
        found: list[T] = []
        start = 0
        while len(found) < limit:
            ids = self._redis.zrevrange(index, start, start + PAGE - 1)
            if not ids:
                break
            pipe = self._redis.pipeline(transaction=False)
            for id_ in ids:
                pipe.hgetall(prefix + id_)
            found += [noun for noun in (read(f) for f in pipe.execute() if f) if wanted(noun)]
            start += PAGE
        return found[:limit]

    @guarded
    def counts(self) -> dict[str, Counts]:
        """The balance of every source that was ever heard of."""
        found: dict[str, Counts] = {}
        for name, number in sorted(self._redis.hgetall(KEYS["counts"]).items()):
            source, what = name.split(" ", 1)
            found[source] = found.get(source, Counts()).plus(what, int(number))
        return found

    @guarded
    def outcomes(self) -> dict[tuple[str, str, str], int]:
        """How often a step came to what, by account, action and outcome."""
        found = sorted(self._redis.hgetall(KEYS["outcomes"]).items())
        named = ((name.split(" "), int(number)) for name, number in found)
        return {(account, action, outcome): number for (account, action, outcome), number in named}

    @guarded
    def refusals(self) -> dict[tuple[str, str], int]:
        """How many deliveries were refused, by source and cause."""
        found = sorted(self._redis.hgetall(KEYS["counts"]).items())
        named = ((name.split(" ", 1), int(number)) for name, number in found)
        return {
            (source, what.removeprefix("refused:")): number
            for (source, what), number in named
            if what.startswith("refused:")
        }

    @guarded
    def unfinished(self) -> tuple[int, float]:
        """How many pieces of work are unfinished, and by how many seconds the oldest is overdue."""
        now_s, now_us = self._redis.time()
        first = self._redis.zrange(KEYS["due"], 0, 0, withscores=True)
        late = now_s + now_us / 1e6 - first[0][1] / 1000 if first else 0.0
        return int(self._redis.zcard(KEYS["due"])), max(0.0, late)

    def oldest_pending(self, most: int = MOST_LOOKED_AT) -> float:
        """For how many seconds the oldest unfinished work has been there, however often it was put
        off; of more than `most` pieces, those that are due first count. 0 where there is none."""
        ids, now = self._connection.run("oldest", most)
        made = [ULID.from_str(each.split("_", 1)[1]).milliseconds for each in ids]
        return max(0, int(now) - min(made)) / 1000 if made else 0.0

    @guarded
    def parked(self) -> dict[str, int]:
        """How many runs of each rule wait because the rule has reached its limit."""
        return {k: int(v) for k, v in sorted(self._redis.hgetall(KEYS["parked"]).items())}

    @guarded
    def workers_alive(self) -> int:
        since = (self._redis.time()[0] - SILENCE) * 1000
        return int(self._redis.zcount(KEYS["workers"], since, "+inf"))

    @guarded
    def names_of_workers(self) -> tuple[str, ...]:
        """The workers that are alive, by name."""
        since = (self._redis.time()[0] - SILENCE) * 1000
        return tuple(sorted(self._redis.zrangebyscore(KEYS["workers"], since, "+inf")))

    @guarded
    def refused_rules(self) -> dict[str, str]:
        """Why each file (or folder, or worker) stands aside: "file:line: why" by its name."""
        report = json.loads(self._redis.get(KEYS["rule_report"]) or "{}")
        followers = {
            worker: json.loads(told)["problem"]
            for worker, told in self._redis.hgetall(KEYS["followers"]).items()
        }
        stuck = {worker: problem for worker, problem in followers.items() if problem}
        return dict(sorted({**report.get("refused", {}), **stuck}.items()))

    def rule_problems(self) -> tuple[str, ...]:
        """What of the rules is refused today, each "file:line: why", told once."""
        return tuple(sorted(set(self.refused_rules().values())))

    @guarded
    def health(self) -> Health:
        """Whether Redis answers, keeps what it is given and has room. Raises when it is away."""
        memory = self._redis.info("memory")
        persistence = self._redis.info("persistence")
        reasons = []
        if memory.get("maxmemory_policy", "noeviction") != "noeviction":
            reasons.append("Redis may throw data away: set maxmemory-policy noeviction")
        if memory.get("maxmemory") and memory["used_memory"] >= memory["maxmemory"]:
            reasons.append("Redis is full (maxmemory reached)")
        if persistence.get("aof_enabled") and persistence.get("aof_last_write_status") != "ok":
            reasons.append("Redis cannot write to its append-only file")
        return Health(not reasons, tuple(reasons))
