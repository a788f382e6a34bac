"""Who sends here, as far as the rule checker has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# In a vocabulary's fields: every event type that is not named.
ANY_TYPE: Final = "*"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The configured sources with the event types each can give (none named: any type).

    `sources` None means that nobody knows, so sources and types are not checked; `presets` are the
    names under which a source could be configured, `preset_types` what those would give.
    `fields` has the paths of fields by source (or preset) and event type; in a path, `*` stands
    for a name that only the customer knows. What is not in it can have any field.
    """

    sources: Mapping[str, frozenset[str]] | None = None
    presets: frozenset[str] = frozenset()
    preset_types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def types(self, source: str) -> frozenset[str]:
        """The event types this source can give; empty for any."""
        return (self.sources or {}).get(source) or self.preset_types.get(source) or frozenset()

    def types_told(self, source: str) -> frozenset[str]:
        """The event types of which this source's fields are known; it may give others as well."""
        return frozenset(self.fields.get(source, {})) - {ANY_TYPE}

    def paths(self, source: str, event: str) -> frozenset[str] | None:
        """The fields that events of this source and type can have; None for any."""
        by_type = self.fields.get(source, {})
        return by_type.get(event, by_type.get(ANY_TYPE))
