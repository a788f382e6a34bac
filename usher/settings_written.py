"""Settings that follow from a check, written into `.env`; every other line stays as it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from dotenv import dotenv_values, set_key

from coursebox.findings import Finding
from coursebox.policy import Policy
from usher.portal_access import Access
from workers.settings import Origin, settings_table

ENV_FILE: Final = Path(".env")
# the settings that a check can tell, by the end of their variable's name: what is in force
CHECKED: Final[Mapping[str, Callable[[Policy], str]]] = MappingProxyType(
    {
        "ID_TYPE": lambda policy: str(policy.id_type),
        "HIDDEN_DUPLICATES": lambda policy: str(policy.hidden_duplicates).lower(),
        "ID_BY_LOGIN": lambda policy: str(policy.id_by_login).lower(),
    }
)


@dataclass(frozen=True, slots=True)
class Changes:
    """Variables with the values they should have. `fixed` are those set in the environment, which
    no file can change. `elsewhere`: `.env` speaks of another portal, and must not be changed."""

    wanted: Mapping[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    elsewhere: bool = False


def changes_of(findings: Sequence[Finding], to: Access) -> Changes:
    """What differs from what is in force."""
    wanted = {
        to.variable(f"COURSEBOX_{name}"): values[0]
        for finding in findings
        for name, values in finding.wants.items()
        if CHECKED[name](to.policy) not in values
    }
    fixed = {row.name for row in settings_table(to.settings) if row.origin is Origin.ENVIRONMENT}
    address = dotenv_values(ENV_FILE).get(to.variable("COURSEBOX_URL"))
    elsewhere = bool(address) and str(address).rstrip("/") != to.portal.url
    return Changes(wanted, frozenset(fixed & set(wanted)), elsewhere)


def write_changes(changes: Changes) -> dict[str, str]:
    """Sets the variables in `.env`, in place where they stand there already; which those were.
    Raises OSError."""
    mine = {name: value for name, value in changes.wanted.items() if name not in changes.fixed}
    if changes.elsewhere:
        return {}
    if not mine:
        return mine
    if not ENV_FILE.exists():
        ENV_FILE.touch(mode=0o600)
    mode = ENV_FILE.stat().st_mode & 0o7777
    for name, value in mine.items():
        set_key(ENV_FILE, name, value, quote_mode="never")
    # a new file was put in the place of the old one
    ENV_FILE.chmod(mode)
    return mine
