"""Who sends here and what can be looked up, as far as the rule checker has to know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

# In a vocabulary's fields: every event type that is not named.
ANY_TYPE: Final = "*"

# From a body as a source posts it, the source's name, the sources and event types of which one is
# meant, and when it was received, to the event in its normal form; raises ValueError with a reason.
Adapt = Callable[[str, str, Collection[tuple[str, str]], datetime], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class LookupShape:
    """One look-up: what it takes, which of that it needs, and the fields of what it gives.

    No `fields`: any. `is_list`: what it gives is a list of blocks with these fields. `problem`
    says why it cannot be used here and now, if so.
    """

    parameters: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()
    is_list: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CallbackShape:
    """One callback: what it takes from a rule, and which of that it needs. `problem` says why it
    cannot be used here and now, if so."""

    parameters: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The configured sources with the event types each can give (none named: any type).

    `sources` None means that nobody knows, so sources and types are not checked; `presets` are the
    names under which a source could be configured, `preset_types` what those would give.
    `fields` has the paths of fields by source (or preset) and event type; in a path, `*` stands
    for a name that only the customer knows. What is not in it can have any field.
    `lookups` are the look-ups and `callbacks` the callbacks by name; None means that nobody knows.
    `adapt` reads what senders post, for tests with `raw`. `often_missing` has those of `fields`
    that many events lack.
    `accounts` are the Coursebox accounts by name, None where nobody knows; `opened` has the guarded
    attributes that rules may change, by account.
    """

    sources: Mapping[str, frozenset[str]] | None = None
    presets: frozenset[str] = frozenset()
    preset_types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    lookups: Mapping[str, LookupShape] | None = None
    adapt: Adapt | None = None
    often_missing: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    accounts: frozenset[str] | None = None
    opened: Mapping[str, frozenset[str]] = field(default_factory=dict)
    callbacks: Mapping[str, CallbackShape] | None = None

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

    def lacks(self, path: str, source: str, event: str) -> bool:
        """Whether many events of this source and type are known not to have the field."""
        by_type = self.often_missing.get(source, {})
        return path in by_type.get(event, by_type.get(ANY_TYPE, frozenset()))
