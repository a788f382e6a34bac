"""The store: the only room that speaks to Redis.

`Store` writes (each call one atomic step), `Archive` reads for people, `SharedTokens` and
`Directory` hold what workers share about Coursebox, `Rejected` what was not let in.
"""

from workers.store.archive import Archive, Health
from workers.store.connection import Connection, StoreUnavailable
from workers.store.records import (
    STATE_AFTER,
    Accepted,
    Attempt,
    Claim,
    Counts,
    Event,
    EventState,
    Move,
    NewEvent,
    NewRun,
    Recall,
    Run,
    RunState,
    SaidOf,
    Step,
    stamp,
)
from workers.store.rejected import Bounds, Rejected, Rejection, Request
from workers.store.store import SHORT_QUEUE, Applied, ClaimLost, MemoryMoved, Store
from workers.store.vault import Directory, SharedTokens

__all__ = [
    "SHORT_QUEUE",
    "STATE_AFTER",
    "Accepted",
    "Applied",
    "Archive",
    "Attempt",
    "Bounds",
    "Claim",
    "ClaimLost",
    "Connection",
    "Counts",
    "Directory",
    "Event",
    "EventState",
    "Health",
    "MemoryMoved",
    "Move",
    "NewEvent",
    "NewRun",
    "Recall",
    "Rejected",
    "Rejection",
    "Request",
    "Run",
    "RunState",
    "SaidOf",
    "SharedTokens",
    "Step",
    "Store",
    "StoreUnavailable",
    "stamp",
]
