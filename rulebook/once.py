"""The key of `once_per`: the same rule and key run once, for ever or within a length of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rulebook.filters import RenderError, Tables
from rulebook.paths import Scope
from rulebook.templates import Template, parse_value
from rulebook.values import is_there, kind_of, text_of


@dataclass(frozen=True, slots=True)
class OncePer:
    """The key of one run, and for how many seconds it holds; None for ever."""

    key: str
    within: float | None = None


@dataclass(frozen=True, slots=True)
class OnceKey:
    """The `once_per` of a rule, ready to be filled."""

    template: Template
    written: str
    within: float | None

    @classmethod
    def of(cls, once_per: Mapping[str, Any]) -> OnceKey:
        """The key of a canonical body."""
        written = once_per["key"]
        return cls(parse_value(written), written, once_per.get("within"))

    def fill(self, scope: Scope, tables: Tables) -> OncePer:
        """The key for these roots.

        Raises RenderError where it is missing or empty: all such events would count as one.
        """
        try:
            value = self.template.render(scope, tables)
        except RenderError as error:
            raise RenderError(f"once_per: {error.message}") from error
        text = text_of(value)
        if text is None or not is_there(text):
            problem = f"must be text or a number, but found {kind_of(value)}"
            why = "must not be empty" if text is not None else problem
            raise RenderError(f"once_per: {self.written} {why}")
        return OncePer(text, self.within)
