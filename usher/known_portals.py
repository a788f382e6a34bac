"""Whether learners may be removed and changed in each portal, and how that is known."""

from dataclasses import dataclass
from datetime import datetime

from coursebox.address import check_address
from coursebox.policy import FirstUse
from usher.opening import Usher
from usher.words import clock
from workers.account_variables import variable_of
from workers.portal_settings import portal_settings
from workers.portals import DEFAULT
from workers.store.proofs import Proof, Proofs


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one account's portal: a proof, or the variable that says so."""

    account: str
    address: str
    proof: Proof | None
    variable: str

    @property
    def allowed(self) -> bool:
        return self.proof is not None or self.variable != ""


def known_portals(usher: Usher) -> list[Known]:
    """Each account that can be logged in to, `default` first."""
    proofs = Proofs(usher.store.connection)
    found = []
    for name, portal in portal_settings(usher.settings).items():
        address = check_address(portal.url)
        variable = variable_of(name, "COURSEBOX_FIRST_USE")
        by_setting = portal.policy.first_use is FirstUse.CONFIRMED
        found.append(Known(name, address, proofs.of(name, address), variable if by_setting else ""))
    return found


def known_told(known: Known, now: datetime) -> str:
    """It in a sentence."""
    where = f"Removing and changing learners in {known.address}"
    if known.variable:
        return f"{where}: allowed, {known.variable} is confirmed"
    if known.proof:
        at = clock(datetime.fromisoformat(known.proof.at), now)
        by = f"{known.proof.how} by {known.proof.by} at {at}: {known.proof.why}"
        return f"{where}: allowed, {by}"
    option = "" if known.account == DEFAULT else f" --account {known.account}"
    return f"{where}: waits until `usher coursebox check{option} --course ID` or `confirm{option}`"
