"""Who sends here, as far as the rule checker has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The configured sources with the event types each can give (none named: any type).

    `sources` None means that nobody knows, so sources and types are not checked; `presets` are the
    names under which a source could be configured, `preset_types` what those would give.
    """

    sources: Mapping[str, frozenset[str]] | None = None
    presets: frozenset[str] = frozenset()
    preset_types: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def types(self, source: str) -> frozenset[str]:
        """The event types this source can give; empty for any."""
        return (self.sources or {}).get(source) or self.preset_types.get(source) or frozenset()
