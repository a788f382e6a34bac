"""The JSON Schema of rule files."""

from __future__ import annotations

from typing import Any

from rulebook.vocabulary import Vocabulary


def rule_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """The schema (draft-07) of a rule file."""
    return {"$schema": "http://json-schema.org/draft-07/schema#"}
