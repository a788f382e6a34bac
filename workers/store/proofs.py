"""Which portals have been seen to do what they are told, before anybody is removed or changed."""

import json
from dataclasses import asdict, dataclass

from workers.store.connection import Connection, guarded
from workers.store.keys import KEYS


@dataclass(frozen=True, slots=True)
class Proof:
    """Why learners may be removed and changed in the portal at `address`: who says so, how
    ("checked" or "confirmed"), why in words, and when (ISO 8601)."""

    address: str
    by: str
    how: str
    why: str
    at: str


class Proofs:
    """The proof of each Coursebox account; one for another address does not count."""

    def __init__(self, connection: Connection) -> None:
        self._redis = connection.redis

    @guarded
    def of(self, account: str, address: str) -> Proof | None:
        found = self._redis.hget(KEYS["proofs"], account)
        proof = Proof(**json.loads(found)) if found else None
        return proof if proof and proof.address == address else None

    @guarded
    def keep(self, account: str, proof: Proof) -> None:
        self._redis.hset(KEYS["proofs"], account, json.dumps(asdict(proof)))

    @guarded
    def forget(self, account: str, address: str) -> Proof | None:
        """Takes the account's proof back, and says which it was; None for one of another address,
        which goes as well."""
        found = self.of(account, address)
        self._redis.hdel(KEYS["proofs"], account)
        return found
