"""The store: the only room that speaks to Redis.

`Store` writes (each call one atomic step), `Archive` reads for people, `SharedTokens` and
`Directory` hold what workers share about Coursebox, `Rejected` what was not let in, `Publication`
which rules are live.
"""

from workers.store.archive import Archive, Health
from workers.store.connection import Connection, StoreUnavailable
from workers.store.publication import Asked, Follower, Live, Office, Publication, Report
from workers.store.records import (
    AT_ONCE,
    ENDED,
    STATE_AFTER,
    Accepted,
    Admission,
    Applied,
    Attempt,
    Claim,
    ClaimLost,
    Counts,
    Event,
    EventState,
    HoldChange,
    MemoryMoved,
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
from workers.store.store import SHORT_QUEUE, Store
from workers.store.vault import Directory, SharedTokens

__all__ = [
    "AT_ONCE",
    "ENDED",
    "SHORT_QUEUE",
    "STATE_AFTER",
    "Accepted",
    "Admission",
    "Applied",
    "Archive",
    "Asked",
    "Attempt",
    "Bounds",
    "Claim",
    "ClaimLost",
    "Connection",
    "Counts",
    "Directory",
    "Event",
    "EventState",
    "Follower",
    "Health",
    "HoldChange",
    "Live",
    "MemoryMoved",
    "Move",
    "NewEvent",
    "NewRun",
    "Office",
    "Publication",
    "Recall",
    "Rejected",
    "Rejection",
    "Report",
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
