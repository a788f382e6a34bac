"""The part of the rule schema that knows which callbacks there are, and what each takes."""

from __future__ import annotations

from typing import Any

from rulebook.actions import CALLBACK
from rulebook.callback_checks import USE
from rulebook.vocabulary import CallbackShape, Vocabulary

Schema = dict[str, Any]


def callback_steps(vocabulary: Vocabulary) -> list[Schema]:
    """What holds for steps of the action `callback`; nothing where nobody knows what there is."""
    known = vocabulary.callbacks
    if known is None:
        return []
    return [
        _where({"action": {"const": CALLBACK}}, {USE: {"enum": sorted(known)}}),
        *(_taken(name, shape) for name, shape in sorted(known.items())),
    ]


def _taken(name: str, shape: CallbackShape) -> Schema:
    chosen = {"properties": {USE: {"const": name}}, "required": [USE]}
    takes: Schema = {USE: {}, **{each: {} for each in shape.parameters}}
    needs = [USE, *sorted(shape.required)]
    more = {"additionalProperties": False, "required": needs}
    return _where({"action": {"const": CALLBACK}, "with": chosen}, takes, **more)


def _where(given: Schema, takes: Schema, **more: object) -> Schema:
    return {
        "if": {"properties": given, "required": list(given)},
        "then": {"properties": {"with": {"properties": takes, **more}}},
    }
