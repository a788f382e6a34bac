"""The run store: every write that Usher makes to Redis, each one atomic step.

The scripts under `lua/` hold the truths; this module gives them names and types. Times given to it
are seconds; it keeps whole milliseconds by Redis's own clock.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from ulid import ULID

from workers.store.arguments import created, remembered, said, tell_limits
from workers.store.connection import Connection, guarded
from workers.store.keys import KEYS
from workers.store.records import (
    Accepted,
    Admission,
    Applied,
    Attempt,
    Claim,
    ClaimLost,
    Event,
    MemoryMoved,
    Move,
    NewEvent,
    NewRun,
    Order,
    Recall,
    Run,
    SaidOf,
    Step,
    stamp,
)
from workers.store.texts import admission_text, attempt_text, event_of, run_of, steps_text, whole

# How long a worker's claim lasts without a sign of life. With a beat every 1.5 s a dead worker's
# run is taken up within 7 s, and a worker must miss four beats to lose one.
LEASE: Final = 6.0
# How long a ring may take to be heard before the work is looked at again.
GRACE: Final = 2.0
# Senders retry for three days; we know a duplicate for seven.
DUPLICATE_WINDOW: Final = 7 * 24 * 3600.0
# RQ's list is kept this short: its price of about 70 commands a job is then not paid under load.
SHORT_QUEUE: Final = 8
# A held run is looked at this often, or more seldom where thousands are, although the release
# will wake it.
HELD_CHECK: Final = 60.0
# what the script of `dispatch` answers where the memory is another one
_LOST: Final = -1
_MOVED: Final = -2


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def new_id(kind: str) -> str:
    """A fresh id, sortable by time: "evt_01J...", "run_01J..."."""
    return f"{kind}_{ULID()}"


class Store:
    """Everything Usher remembers. Raises StoreUnavailable when Redis cannot take or give it.

    `lease` and `grace` are seconds; they are arguments so that a test can make them short.
    """

    def __init__(
        self, connection: Connection, *, lease: float = LEASE, grace: float = GRACE
    ) -> None:
        self.connection = connection
        self.lease = lease
        self.grace = grace

    @guarded
    def ping(self) -> None:
        """Returns when Redis answers; raises StoreUnavailable when it does not."""
        self.connection.redis.ping()

    # -- the path of an event ---------------------------------------------------------------

    def accept(self, source: str, events: Sequence[NewEvent]) -> Accepted:
        """Takes all events of a delivery in, or none; says which were known already."""
        parts: list[str | int] = []
        for event in events:
            occurred = stamp(event.occurred_at) if event.occurred_at else ""
            parts += [new_id("evt"), event.identity, event.type, occurred, event.body]
        window = _ms(DUPLICATE_WINDOW)
        rings, *answer = self.connection.run(
            "accept", source, _ms(self.grace), window, SHORT_QUEUE, *parts
        )
        ids, new = tuple(answer[0::2]), [flag == "1" for flag in answer[1::2]]
        fresh = tuple(id_ for id_, is_new in zip(ids, new, strict=True) if is_new)
        return Accepted(ids, len(fresh), len(ids) - len(fresh), fresh[: int(rings)])

    def claim(self, work_id: str = "") -> Claim | None:
        """The piece of work with that id, or whatever is due; None if there is nothing to claim."""
        token = str(ULID())
        asked = time.monotonic()
        answer = self.connection.run("claim", work_id, token, _ms(self.lease))
        if not answer:
            return None
        fields = dict(zip(answer[1::2], answer[2::2], strict=True))
        work = event_of(fields) if answer[0].startswith("evt_") else run_of(fields)
        return Claim(answer[0], token, work, asked)

    def dispatch(
        self,
        claim: Claim,
        verdicts: Iterable[SaidOf],
        runs: Sequence[NewRun],
        bodies: Mapping[str, Mapping[str, Any]],
        recall: Recall | None = None,
        *,
        in_turn: bool = False,
    ) -> tuple[Claim | None, tuple[str, ...]]:
        """Records the verdicts of a claimed event and creates its runs.

        Gives the claim of the run where there is exactly one (it is this worker's already, unless
        it is parked, or other work may be more urgent and it goes on `in_turn`), and the ids to
        ring for. Raises ClaimLost, and MemoryMoved where another event has changed what is known of
        the record since it was found: nothing is recorded then.
        """
        ids = [new_id("run") for _ in runs]
        token = str(ULID())
        asked = time.monotonic()
        handed, *rest = self.connection.run(
            "dispatch", claim.id, claim.token, token, _ms(self.lease), _ms(self.grace), SHORT_QUEUE,
            said(verdicts), len(runs), len(bodies), *remembered(recall), int(in_turn),
            *(part for h, body in bodies.items() for part in (h, json.dumps(body))),
            *created(ids, runs, claim.work.source),
        )  # fmt: skip
        if handed == _MOVED:
            raise MemoryMoved(claim.id)
        if handed == _LOST:
            raise ClaimLost(claim.id)
        rung, told = rest
        tell_limits(told, ((run.rule, run.admission) for run in runs))
        if handed:
            return Claim(ids[0], token, self.run(ids[0]), asked), ()
        return None, tuple(rung)

    def begin(self, claim: Claim, steps: tuple[Step, ...], rule: str, asked: Admission) -> bool:
        """Lets a run begin that has looked up what it needs; raises ClaimLost.

        False: it is skipped or parked, and no longer this worker's.
        """
        answer, told = self.connection.run(
            "begin", claim.id, claim.token, steps_text(steps), admission_text(asked),
            _ms(self.lease),
        )  # fmt: skip
        tell_limits(told, [(rule, asked)])
        self._owned(claim, answer != "lost")
        return bool(answer == "go")

    def unfold(self, claim: Claim, runs: Sequence[NewRun], reason: str) -> tuple[str, ...]:
        """Makes these runs of the claimed one, which ends; gives the ids to ring for.

        Raises ClaimLost.
        """
        ids = [new_id("run") for _ in runs]
        lost, *rest = self.connection.run(
            "unfold", claim.id, claim.token, _ms(self.grace), SHORT_QUEUE, reason,
            *created(ids, runs, claim.work.source),
        )  # fmt: skip
        self._owned(claim, lost != _LOST)
        rung, told = rest
        tell_limits(told, ((run.rule, run.admission) for run in runs))
        return tuple(rung)

    @guarded
    def memory(self, record: str) -> str:
        """What is known of a record; "" for one that was never heard of."""
        return self.connection.redis.get(KEYS["memory"] + record) or ""

    def postpone_event(
        self, claim: Claim, delay: float | None, reason: str, *, failed: bool = True
    ) -> None:
        """Looks at an event again after `delay` seconds; None gives it up as a dead letter.

        Not `failed`: the wait is nobody's fault and uses up no patience.
        """
        wait = "" if delay is None else _ms(delay)
        answer = self.connection.run(
            "postpone_event", claim.id, claim.token, wait, whole(reason), int(failed)
        )
        self._owned(claim, answer)

    def take_learner(self, claim: Claim, learner: str, occurred_ms: int) -> bool:
        """True when this run is now the only one that acts for that person.

        False: another one is at work; this run waits in line and is no longer this worker's.
        """
        answer = self.connection.run(
            "take_learner", claim.id, claim.token, learner, _ms(self.lease), occurred_ms
        )
        if answer == "lost":
            raise ClaimLost(claim.id)
        return bool(answer == "taken")

    def record(
        self,
        claim: Claim,
        steps: tuple[Step, ...],
        move: Move,
        *,
        attempt: Attempt | None = None,
        delay: float = 0.0,
        reason: str = "",
        learner: str = "",
        applied: Applied | None = None,
        destination: str = "",
        failed_steps: int = 0,
        outcome: str = "",
    ) -> None:
        """Writes down how far a run has come and where it goes from here. Raises ClaimLost.

        `learner` is free again for others; `applied` is what an event has brought about;
        `failed_steps` counts what the attempt has given up although the run goes on; `outcome`
        ("<account> <action> <outcome>") is counted.
        """
        order = f"{applied.order[0]} {applied.order[1]}" if applied else ""
        wait = HELD_CHECK if move is Move.HELD else delay
        answer = self.connection.run(
            "record", claim.id, claim.token, steps_text(steps),
            attempt_text(attempt) if attempt else "", move, _ms(wait), whole(reason),
            learner, applied.course if applied else "", order, _ms(self.lease), destination,
            applied.learner if applied else "", failed_steps, outcome,
        )  # fmt: skip
        self._owned(claim, answer)

    def note(self, claim: Claim, name: str, value: str) -> None:
        """Keeps a fact for later tries of the run. Raises ClaimLost."""
        self._owned(
            claim, self.connection.run("note", claim.id, claim.token, f"note:{name}", value)
        )

    def keep_lookup(self, claim: Claim, name: str, value: str) -> None:
        """Keeps what a look-up (JSON) has told a run, for all its tries. Raises ClaimLost."""
        self._owned(claim, self.connection.run("keep_lookup", claim.id, claim.token, name, value))

    @guarded
    def looked_up(self, run_id: str) -> dict[str, str]:
        """What the look-ups of its rule have told a run: name -> JSON."""
        return dict(self.connection.redis.hgetall(KEYS["looked"] + run_id))

    def replay(self, dead_id: str, steps: tuple[Step, ...], by: str) -> bool:
        """Brings a dead letter back to life; False when there is none of that id."""
        again = tuple(replace(step, failures=0, failing_since=None) for step in steps)
        return bool(self.connection.run("replay", dead_id, steps_text(again) if again else "", by))

    @staticmethod
    def _owned(claim: Claim, answer: bool | int) -> None:
        if not answer:
            raise ClaimLost(claim.id)

    # -- who is alive, what to ring for -----------------------------------------------------

    def beat(self, worker: str, held: Sequence[tuple[Claim, str]]) -> tuple[str, ...]:
        """A worker's sign of life; extends the leases of (claim, learner) pairs.

        Gives the ids of those it no longer holds.
        """
        parts = [part for claim, learner in held for part in (claim.id, claim.token, learner)]
        answer = self.connection.run("beat", worker, _ms(self.lease), *parts)
        return tuple(claim.id for (claim, _), mine in zip(held, answer, strict=True) if not mine)

    @guarded
    def goodbye(self, worker: str) -> None:
        """A worker that stops says so, and is no longer counted as alive."""
        self.connection.redis.zrem(KEYS["workers"], worker)
        self.connection.redis.hdel(KEYS["followers"], worker)

    def elect(self, worker: str, term: float) -> bool:
        """Whether this worker is the ticker for the next `term` seconds."""
        return bool(self.connection.run("elect", worker, _ms(term)))

    def to_ring(self) -> tuple[str, ...]:
        """Ids of due work to ring for, as far as RQ's queue is short."""
        return tuple(self.connection.run("ring", _ms(self.grace), SHORT_QUEUE))

    # -- holds, rules -----------------------------------------------------------------------

    def hold(self, destination: str, reason: str, by: str) -> bool:
        """Puts a destination on hold; False when it was already, and not by its circuit."""
        since = datetime.now(UTC).isoformat()
        told = json.dumps({"reason": whole(reason), "by": by, "since": since})
        return bool(self.connection.run("hold", destination, told))

    def release(
        self, destination: str, circuit: str = "", *, by: str = "usher", why: str = ""
    ) -> tuple[bool, int]:
        """Opens a destination again: (whether it was on hold, how many runs go on). `circuit`: only
        the hold that its circuit has set then."""
        was, freed = self.connection.run("release_hold", destination, circuit, by, whole(why))
        return bool(was), int(freed)

    @guarded
    def holds(self) -> dict[str, dict[str, str]]:
        """What is on hold: destination -> reason, by, since; of a circuit's also probe_at (ms)."""
        return {k: json.loads(v) for k, v in self.connection.redis.hgetall(KEYS["holds"]).items()}

    @guarded
    def last_applied(self, learner: str, course: str) -> Order | None:
        """The order of the last event applied for that learner and course."""
        found = self.connection.redis.hget(KEYS["applied"] + learner, course)
        if not found:
            return None
        occurred, sequence = found.split(" ")
        return int(occurred), int(sequence)

    @guarded
    def switched_off(self, run: Run) -> bool:
        """Whether the rule of a run is not live and on, or was not at some time since the run was
        created. Before any rules were published nobody may say so."""
        switch, published = self.connection.redis.hmget(KEYS["switches"], run.rule, "")
        if not switch:
            return bool(published)
        state, off = switch.split(" ")
        return state == "off" or int(off) > stamp(run.created_at)

    @guarded
    def rule_body(self, rule_hash: str) -> dict[str, Any] | None:
        """The canonical body of a rule, as it was when its run was created."""
        found = self.connection.redis.get(KEYS["rule"] + rule_hash)
        return json.loads(found) if found else None

    @guarded
    def run(self, run_id: str) -> Run:
        """A run that is known to be there."""
        return run_of(self.connection.redis.hgetall(KEYS["run"] + run_id))

    @guarded
    def event(self, event_id: str) -> Event | None:
        fields = self.connection.redis.hgetall(KEYS["event"] + event_id)
        return event_of(fields) if fields else None
