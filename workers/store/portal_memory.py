"""What all workers remember of one Coursebox account, in Redis; times are Redis's own."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from coursebox.remembered import READING_LEASE, REMOVAL_LEASE, REMOVALS_KEPT, Invited, Turn
from workers.store.connection import Connection, StoreUnavailable, guarded
from workers.store.keys import KEYS

# A list of courses that nobody asks for is forgotten after a day (s).
LIST_KEPT: Final = 86_400


class PortalMemory:
    """A coursebox.remembered.Remembered. Raises StoreUnavailable."""

    def __init__(self, connection: Connection, account: str = "default") -> None:
        self._connection = connection
        self._redis = connection.redis
        self._account = account

    @guarded
    def now(self) -> float:
        seconds, micros = self._redis.time()
        return float(seconds) + float(micros) / 1e6

    @guarded
    def courses(self, within: float) -> tuple[str, ...] | None:
        kept = self._redis.get(KEYS["courses"] + self._account)
        found = json.loads(kept) if kept else None
        if found is None or self.now() - found["at"] >= within:
            return None
        return tuple(found["ids"])

    @guarded
    def keep_courses(self, ids: Sequence[str]) -> None:
        kept = json.dumps({"at": self.now(), "ids": list(ids)})
        self._redis.set(KEYS["courses"] + self._account, kept, ex=LIST_KEPT)

    def next_to_read(self, ids: Sequence[str], since: float) -> Turn:
        course, left, busy, refused = self._connection.run(
            "next_course", self._account, _ms(since), _ms(READING_LEASE), *ids
        )
        return Turn(course or None, int(left), int(busy), int(refused))

    @guarded
    def was_read(self, course_id: str, *, refused: bool = False) -> None:
        at = _ms(self.now()) * (-1 if refused else 1)
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(KEYS["courses_read"] + self._account, course_id, at)
            pipe.hdel(KEYS["courses_reading"] + self._account, course_id)
            pipe.execute()

    @guarded
    def not_read(self, course_id: str) -> None:
        self._redis.hdel(KEYS["courses_reading"] + self._account, course_id)

    def inviting(
        self, email: str, course_id: str, owner: str, *, within: float, again: bool
    ) -> Invited | None:
        earlier = self._connection.run(
            "inviting", self._to(course_id, email), owner, _ms(within), int(again)
        )
        return Invited(int(earlier[1]) / 1000, earlier[0] == "sent") if earlier else None

    def invited(self, email: str, course_id: str, owner: str, *, sent: bool) -> None:
        self._connection.run("settle_invitation", self._to(course_id, email), owner, int(sent))

    def removing(self, course_id: str, owner: str) -> bool:
        return bool(
            self._connection.run("removing", self._to(course_id), owner, _ms(REMOVAL_LEASE))
        )

    def removal_over(self, course_id: str, owner: str) -> None:
        # a lock that cannot be given up runs out by itself
        with suppress(StoreUnavailable):
            self._connection.run("removal_over", self._to(course_id), owner)

    @guarded
    def removed(self, course_id: str, user_ids: Sequence[str]) -> None:
        key, at = KEYS["removed"] + self._to(course_id), _ms(self.now())
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zadd(key, dict.fromkeys(user_ids, at))
            pipe.expire(key, round(REMOVALS_KEPT))
            pipe.execute()

    @guarded
    def removed_since(self, course_id: str, since: float) -> frozenset[str]:
        key = KEYS["removed"] + self._to(course_id)
        return frozenset(self._redis.zrangebyscore(key, _ms(since), "+inf"))

    def _to(self, *parts: str) -> str:
        return ":".join((self._account, *parts))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
