"""That a portal is known: kept for the workers, and the runs that waited for it let go on."""

from dataclasses import dataclass
from datetime import UTC, datetime

from usher.opening import Usher, operator
from workers.portals import FIRST_USE, destination
from workers.store.proofs import Proof, Proofs


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of it: the proof, how many runs go on, and how many workers there are."""

    proof: Proof
    freed: int
    workers: int


def keep_proof(usher: Usher, account: str, address: str, how: str, why: str) -> Kept:
    """Keeps the proof for the account's address, and ends the hold of its first use."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    proof = Proof(address, operator(), how, why, at)
    Proofs(usher.store.connection).keep(account, proof)
    _, freed = usher.store.release(
        destination(account, FIRST_USE), by=proof.by, why=f"{how}: {why}"
    )
    return Kept(proof, freed, usher.archive.workers_alive())


def revoke_proof(usher: Usher, account: str, address: str) -> Proof | None:
    """Takes a proof back: the one there was, None where there was none."""
    return Proofs(usher.store.connection).forget(account, address)
