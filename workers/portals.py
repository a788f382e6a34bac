"""The Coursebox portals of this installation, by the names of their accounts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from coursebox.client import Coursebox
from coursebox.directory import Directory
from coursebox.gate import never
from coursebox.policy import Policy
from workers.retry import COURSEBOX

# The account of COURSEBOX_URL, and of rules that name none.
DEFAULT: Final = "default"
# Parts of a portal's work that can be on hold while all else goes on.
UNENROL: Final = "unenrol"
FIRST_USE: Final = "first-use"


@dataclass(frozen=True, slots=True)
class Portal:
    """One account as a worker uses it: its warm client, and what all workers know of it.
    `stopping` says that this worker shall end."""

    name: str
    client: Coursebox
    directory: Directory
    policy: Policy = field(default_factory=Policy)
    stopping: Callable[[], bool] = never

    def destination(self, scope: str = "") -> str:
        """What is held where the portal, or that part of its work, is on hold."""
        return destination(self.name, scope)

    @property
    def known_as(self) -> str:
        """The name under which what was learned of the portal is kept."""
        return known_as(self.name, self.client.address)


def known_as(account: str, address: str) -> str:
    """An account at another address is another portal: the same ids mean other people there."""
    return f"{account} {address}"


def destination(account: str, scope: str = "") -> str:
    """`coursebox`, `coursebox:emea` for another account, and of a part `coursebox/unenrol`."""
    portal = COURSEBOX if account == DEFAULT else f"{COURSEBOX}:{account}"
    return f"{portal}/{scope}" if scope else portal
