"""Deliveries that were refused: kept for a while, sealed, so that they can be judged again.

Headers, addresses and bodies of what was refused hold passwords and people's data, so all of it is
encrypted. In clear stand only id, source, cause, detail, times and sizes.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from senders.delivery import Delivery
from workers.store.connection import Connection, guarded
from workers.store.keys import KEYS
from workers.store.records import known_moment
from workers.store.sealing import Seal
from workers.store.store import new_id

# A longer body keeps its first bytes, and cannot be taken in any more.
LONGEST_BODY: Final = 64 * 1024
# The same for headers and address, in characters; a server reads ten times as much.
LONGEST_HEAD: Final = 16 * 1024
LONGEST_DETAIL: Final = 500

_CLEAR: Final = ("id", "source", "cause", "detail", "size", "whole", "first_at", "last_at", "times")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is kept of one source and one cause: entries, bytes, and seconds."""

    entries: int = 100
    bytes: int = 512 * 1024
    lifetime: float = 72 * 3600.0


@dataclass(frozen=True, slots=True)
class Rejection:
    """What is said in clear of a refused delivery.

    size: of the body, in bytes. whole: all of the request is kept. times: how often it came.
    """

    id: str
    source: str
    cause: str
    detail: str
    size: int
    whole: bool
    first_at: datetime
    last_at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What came: the request, by whom, and when (unix seconds)."""

    delivery: Delivery
    peer: str
    received_at: float


class Rejected:
    """The refused deliveries, kept under `secret`. Raises StoreUnavailable."""

    def __init__(self, connection: Connection, secret: str, bounds: Bounds | None = None) -> None:
        self._connection = connection
        self._redis = connection.redis
        self._seal = Seal(secret, "usher rejected deliveries")
        self._bounds = bounds or Bounds()

    def count(self, source: str, cause: str) -> None:
        """Counts a refused delivery of which nothing is kept."""
        self._run(source, cause, "", "", "", "", 0, 0, 0)

    def keep(
        self,
        source: str,
        cause: str,
        detail: str,
        request: Request,
        *,
        same_as: bytes,
        complete: bool = True,
    ) -> str:
        """Counts a refused delivery and keeps it; gives its id.

        `same_as`: of two with the same bytes here, the second adds to the first. Not `complete`:
        the body was not read, or not to its end.
        """
        kept = _within_bounds(request)
        whole = complete and kept == request
        size = len(request.delivery.body)
        sealed = self._seal.close(_packed(source, kept))
        received = round(request.received_at * 1000)
        mark = self._seal.mark(same_as)
        detail = detail[:LONGEST_DETAIL]
        return self._run(
            source, cause, new_id("rej"), mark, sealed, detail, size, int(whole), received
        )

    def _run(self, *args: str | int) -> str:
        bounds = self._bounds
        lifetime = round(bounds.lifetime * 1000)
        answer = self._connection.run("reject", *args, bounds.entries, bounds.bytes, lifetime)
        return str(answer)

    @guarded
    def get(self, rejection_id: str) -> Rejection | None:
        values = self._redis.hmget(KEYS["rejected"] + rejection_id, _CLEAR)
        return _rejection(values)

    @guarded
    def list(self, wanted: Callable[[Rejection], bool] = lambda _: True) -> list[Rejection]:
        """Those for which `wanted` holds, the one that came last first."""
        pipe = self._redis.pipeline(transaction=False)
        for name in self._redis.smembers(KEYS["rejected_rings"]):
            pipe.zrange(KEYS["rejected_ring"] + name, 0, -1)
        members = [member for ring in pipe.execute() for member in ring]
        for member in members:
            pipe.hmget(KEYS["rejected"] + member.partition(" ")[0], _CLEAR)
        found = filter(None, map(_rejection, pipe.execute()))
        return sorted(filter(wanted, found), key=lambda each: (each.last_at, each.id), reverse=True)

    @guarded
    def request(self, rejection: Rejection) -> Request | None:
        """What came; None where it is gone, or was kept under another secret."""
        sealed = self._redis.hget(KEYS["rejected"] + rejection.id, "sealed")
        opened = self._seal.open(sealed) if sealed else None
        return _unpacked(rejection.source, opened) if opened else None

    def forget(self, rejection_id: str) -> bool:
        """Takes it out; False when it was not there any more."""
        return bool(self._connection.run("forget_rejected", rejection_id))


def _rejection(values: list[str | None]) -> Rejection | None:
    found: Mapping[str, str] = {n: v for n, v in zip(_CLEAR, values, strict=True) if v is not None}
    if len(found) < len(_CLEAR):
        return None
    return Rejection(
        id=found["id"],
        source=found["source"],
        cause=found["cause"],
        detail=found["detail"],
        size=int(found["size"]),
        whole=found["whole"] == "1",
        first_at=known_moment(found["first_at"]),
        last_at=known_moment(found["last_at"]),
        times=int(found["times"]),
    )


def _within_bounds(request: Request) -> Request:
    delivery = request.delivery
    room = LONGEST_HEAD - len(delivery.target) - len(delivery.token or "")
    kept = []
    for name, value in delivery.headers:
        room -= len(name) + len(value)
        if room < 0:
            break
        kept.append((name, value))
    return replace(
        request,
        delivery=replace(
            delivery,
            target=delivery.target[:LONGEST_HEAD],
            token=delivery.token and delivery.token[:LONGEST_HEAD],
            headers=tuple(kept),
            body=delivery.body[:LONGEST_BODY],
        ),
    )


def _packed(source: str, request: Request) -> bytes:
    delivery = request.delivery
    head = {
        # sealed as well, so that nobody can pass one source's delivery off as another's
        "source": source,
        "peer": request.peer,
        "received_at": request.received_at,
        "method": delivery.method,
        "target": delivery.target,
        "token": delivery.token,
        "headers": delivery.headers,
    }
    return json.dumps(head).encode("ascii") + b"\n" + delivery.body


def _unpacked(source: str, packed: bytes) -> Request | None:
    head, _, body = packed.partition(b"\n")
    found = json.loads(head)
    if found["source"] != source:
        return None
    delivery = Delivery(
        method=found["method"],
        target=found["target"],
        headers=tuple((name, value) for name, value in found["headers"]),
        body=body,
        token=found["token"],
    )
    return Request(delivery, found["peer"], found["received_at"])
