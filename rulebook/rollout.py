"""Which events are in a rule's rollout: always the same ones, others for another rule."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rulebook.filters import RenderError, Tables
from rulebook.paths import Scope
from rulebook.templates import Template, parse_value
from rulebook.values import kind_of, shown, text_of

# A percentage may have two decimals.
SHARES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rollout:
    """The `rollout` of a rule."""

    rule_id: str
    percent: float
    by: Template
    written: str

    @classmethod
    def of(cls, rule_id: str, rollout: Mapping[str, Any]) -> Rollout:
        """The rollout of a canonical body."""
        return cls(rule_id, rollout["percent"], parse_value(rollout["by"]), rollout["by"])

    def why_not(self, scope: Scope, tables: Tables) -> str:
        """Why the event is left out, in plain words; empty where it is in."""
        if self.percent >= 100:
            return ""
        try:
            value = self.by.render(scope, tables)
        except RenderError as error:
            return f"not in the {self._share} of the rollout, as {error.message}"
        text = text_of(value)
        if text is None:
            return (
                f"not in the {self._share} of the rollout, as {self.written} is {kind_of(value)}, "
                "not text"
            )
        inside = share_of(self.rule_id, text) < self.percent * (SHARES // 100)
        return "" if inside else f"not in the {self._share} of the rollout"

    @property
    def _share(self) -> str:
        return f"{shown(self.percent)} %"


def share_of(rule_id: str, value: str) -> int:
    """Where the sha256 of `<rule id>:<value>` falls, from 0 to 9,999."""
    hashed = hashlib.sha256(f"{rule_id}:{value}".encode(errors="surrogatepass"))
    return int.from_bytes(hashed.digest()) % SHARES
