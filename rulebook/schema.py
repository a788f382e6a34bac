"""The JSON Schema of rule files, made of the same tables that check them.

It is for completion and hover in editors, and so allows more than `check` does, never less:
https://json-schema.org/draft-07
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from rulebook import keys
from rulebook.actions import ACTIONS, Action
from rulebook.active import DAYS
from rulebook.fields import FIELDS
from rulebook.keys import Keys
from rulebook.literals import COUNTED, MAX_LISTED, LiteralKind
from rulebook.operators import IGNORE_CASE, OPERATORS
from rulebook.parameters import ATTRIBUTES, OPENABLE, Kind, Parameter
from rulebook.schema_callbacks import callback_steps
from rulebook.schema_words import GROUP_WORDS, KEY_WORDS, OPERATOR_WORDS
from rulebook.vocabulary import Vocabulary

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_FLAG: Final[Schema] = {"type": "boolean"}
_SINGLE: Final[Schema] = {"type": ["string", "number", "boolean"]}
_PART: Final[Schema] = {"type": ["string", "number"]}
_NUMBER: Final[Schema] = {"type": "number"}
_ANY_BLOCK: Final[Schema] = {"type": "object"}
_TEMPLATE: Final[Schema] = {"type": "string", "pattern": r"\$\{"}
_DURATION: Final[Schema] = {
    "type": "string",
    "pattern": r"^\s*[0-9]{1,9}\s+(second|minute|hour|day|week)s?\s*$",
    "examples": ["30 seconds", "15 minutes", "2 hours", "3 days", "1 week"],
}
_OWNER: Final[Schema] = {"type": "string", "pattern": "@"}


def _to(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _list(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, **more}


_LITERALS: Final[Mapping[LiteralKind, Schema]] = MappingProxyType(
    {
        LiteralKind.SINGLE: _SINGLE,
        LiteralKind.PART: _PART,
        LiteralKind.TEXT: {"type": "string", "minLength": 1},
        LiteralKind.LIST: _list(_SINGLE, minItems=1, maxItems=MAX_LISTED),
        LiteralKind.PARTS: _list(_PART, minItems=1, maxItems=MAX_LISTED),
        LiteralKind.TABLE: _TEXT,
        LiteralKind.LIKE: _TEXT,
        LiteralKind.REGEX: _TEXT,
        LiteralKind.NUMBER: _NUMBER,
        LiteralKind.RANGE: _list(_NUMBER, minItems=2, maxItems=2),
        LiteralKind.MOMENT: _TEXT,
        LiteralKind.DURATION: _DURATION,
        LiteralKind.YES_NO: _FLAG,
        LiteralKind.COUNT: {
            "anyOf": [
                {"type": "integer"},
                {
                    "type": "object",
                    "properties": {name: {} for name in sorted(COUNTED)},
                    "additionalProperties": False,
                },
            ]
        },
        LiteralKind.BLOCK: _to("conditions"),
    }
)
_KINDS: Final[Mapping[Kind, Schema]] = MappingProxyType(
    {
        Kind.EMAIL: _TEXT,
        Kind.COURSE: {"type": ["integer", "string"]},
        Kind.USER: {"type": ["integer", "string"]},
        Kind.TEXT: _SINGLE,
        Kind.LONG_TEXT: _SINGLE,
        Kind.CALLBACK: _TEXT,
        Kind.SINGLE: _PART,
        Kind.FLAG: {"anyOf": [_FLAG, _TEMPLATE, {"enum": ["true", "false"]}]},
        Kind.ATTRIBUTES: {
            "anyOf": [
                {"type": "object", "propertyNames": {"enum": sorted(ATTRIBUTES | OPENABLE)}},
                _TEMPLATE,
            ]
        },
    }
)
_RETRY_WAITS: Final = dict.fromkeys(("first_wait", "max_wait", "give_up_after"), _DURATION)
_PRIORITY: Final[Schema] = {"enum": ["high", "normal", "low"]}
_RUNNING: Final[Mapping[str, Schema]] = MappingProxyType(
    {
        "retry": _to("retry"),
        "priority": _PRIORITY,
        "limit": _to("limit"),
        "dry_run": _FLAG,
    }
)
_FOR_PEOPLE: Final[Mapping[str, Schema]] = MappingProxyType(
    {"owner": _OWNER, "notes": _TEXT, "tags": {"anyOf": [_TEXT, _list(_TEXT)]}}
)


def rule_schema(vocabulary: Vocabulary) -> Schema:
    """The schema (draft-07) of a rule file; what may send and be looked up is in the vocabulary."""
    file = _block(
        keys.FILE,
        {
            **_FOR_PEOPLE,
            "account": _account(vocabulary),
            "version": {"const": 1},
            "matching": {"enum": ["all", "first"]},
            "defaults": _block(keys.DEFAULTS, _RUNNING),
            "tables": {"type": "object", "additionalProperties": _table()},
            "rules": _list(_to("rule"), minItems=1, maxItems=500),
        },
        ("version", "rules"),
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Usher rule file",
        **file,
        "definitions": {
            "rule": _rule(vocabulary),
            "when": _when(vocabulary),
            "conditions": _conditions(),
            "field": _field(),
            "lookup": _lookup(vocabulary),
            "limit": _block(keys.LIMIT, {"runs": _whole(1), "per": _DURATION}, ("runs", "per")),
            "retry": _block(keys.RETRY, {"attempts": _whole(1, 100), **_RETRY_WAITS}),
            "step": _step(vocabulary),
            "test": _test(),
        },
    }


def _block(block: Keys, values: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    """A block with exactly these keys, each with the words an editor shows."""
    schema: Schema = {
        "type": "object",
        "properties": {
            name: _told(KEY_WORDS[block.where, name], values[name]) for name in block.names
        },
        "additionalProperties": False,
    }
    return {**schema, "required": list(required)} if required else schema


def _told(words: str, schema: Schema) -> Schema:
    # what stands beside a $ref does not count in draft-07
    inner = {"allOf": [schema]} if "$ref" in schema else schema
    return {"description": words, **inner}


def _whole(least: int, most: int | None = None) -> Schema:
    return {"type": "integer", "minimum": least, **({"maximum": most} if most else {})}


def _table() -> Schema:
    rows = {"type": "object", "additionalProperties": _SINGLE}
    return {"anyOf": [rows, {"type": "string", "pattern": r"\.csv$"}]}


def _account(vocabulary: Vocabulary) -> Schema:
    known = vocabulary.accounts
    return _TEXT if known is None else {"enum": sorted(known)}


def _rule(vocabulary: Vocabulary) -> Schema:
    lookups = {"type": "object", "additionalProperties": _to("lookup")}
    items = _block(keys.FOR_EACH, {"items": _TEXT, "max": _whole(1, 500)}, ("items",))
    once = _block(keys.ONCE_PER, {"key": _TEXT, "within": _DURATION}, ("key",))
    values: dict[str, Schema] = {
        **_FOR_PEOPLE,
        **_RUNNING,
        "account": _account(vocabulary),
        "id": {"type": "string", "pattern": "^[a-z0-9-]{3,64}$"},
        "name": _TEXT,
        "enabled": _FLAG,
        "when": {"anyOf": [_to("when"), _list(_to("when"), minItems=1)]},
        "active": _active(),
        "if": _to("conditions"),
        "rollout": _block(keys.ROLLOUT, {"percent": _NUMBER, "by": _TEXT}, ("percent", "by")),
        "lookup": lookups,
        "require": _to("conditions"),
        "for_each": {"anyOf": [_TEXT, items]},
        "once_per": {"anyOf": [_TEXT, once]},
        "then": _list(_to("step"), minItems=1),
        "tests": _list(_to("test")),
    }
    return _block(keys.RULE, values, ("id", "when", "then"))


def _active() -> Schema:
    days = _list({"enum": list(DAYS)}, minItems=1)
    hours = {"type": "string", "examples": ["08:00-20:00"]}
    moments = dict.fromkeys(("from", "until", "timezone"), _TEXT)
    return _block(keys.ACTIVE, {**moments, "days": days, "hours": hours})


def _when(vocabulary: Vocabulary) -> Schema:
    names = sorted(vocabulary.sources or ())
    others = sorted(vocabulary.presets - set(names))
    source = {"enum": [*names, *others]} if vocabulary.sources is not None else _TEXT
    schema = _block(keys.WHEN, {"source": source, "event": _TEXT}, ("source", "event"))
    return {**schema, "allOf": [_events(name, vocabulary) for name in names]} if names else schema


def _events(source: str, vocabulary: Vocabulary) -> Schema:
    types = sorted(vocabulary.types(source))
    # a source that may have types of its customer's own only has some of them offered
    told = [{"enum": sorted(vocabulary.types_told(source))}, _TEXT]
    event: Schema = {"enum": types} if types else {"anyOf": told if told[0]["enum"] else [_TEXT]}
    return _where("source", source, {"properties": {"event": event}})


def _where(key: str, value: str, then: Schema) -> Schema:
    given = {"properties": {key: {"const": value}}, "required": [key]}
    return {"if": given, "then": then}


def _conditions() -> Schema:
    fields = (f"{root}.{name}" for root, names in FIELDS.items() for name in names)
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            **{
                name: _told(words, _list(_to("conditions"), minItems=1))
                for name, words in GROUP_WORDS.items()
            },
            **{field: _to("field") for field in fields},
        },
        "additionalProperties": _to("field"),
    }


def _field() -> Schema:
    """A value that the field equals, several, or a block of comparisons."""
    comparisons = {
        name: _told(OPERATOR_WORDS[name], _LITERALS[operator.literal])
        for name, operator in OPERATORS.items()
    }
    comparisons[IGNORE_CASE] = _told(OPERATOR_WORDS[IGNORE_CASE], _FLAG)
    block = {
        "type": "object",
        "minProperties": 1,
        "properties": comparisons,
        "additionalProperties": False,
    }
    return {"anyOf": [_SINGLE, _LITERALS[LiteralKind.LIST], block]}


def _lookup(vocabulary: Vocabulary) -> Schema:
    shapes = vocabulary.lookups
    use = {"enum": sorted(shapes)} if shapes is not None else _TEXT
    schema = _block(keys.LOOKUP, {"use": use, "with": _ANY_BLOCK}, ("use",))
    takes = [
        _where("use", name, _with({key: {} for key in shape.parameters}, sorted(shape.required)))
        for name, shape in sorted((shapes or {}).items())
    ]
    return {**schema, "allOf": takes} if takes else schema


def _with(parameters: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    needed = list(required)
    given: Schema = {"properties": dict(parameters), "additionalProperties": False}
    if not needed:
        return {"properties": {"with": given}}
    return {"properties": {"with": {**given, "required": needed}}, "required": ["with"]}


def _step(vocabulary: Vocabulary) -> Schema:
    values: dict[str, Schema] = {
        "action": {"enum": list(ACTIONS)},
        "with": _ANY_BLOCK,
        "id": {"type": "string", "pattern": "^[a-z0-9_-]{1,64}$"},
        "only_if": _to("conditions"),
        "lookup": {"type": "object", "additionalProperties": _to("lookup")},
        "delay": _DURATION,
        "on_error": {"enum": ["stop", "continue"]},
        "retry": _to("retry"),
        "notes": _TEXT,
    }
    schema = _block(keys.STEP, values, ("action",))
    taken = [_takes(action) for action in ACTIONS.values()]
    return {**schema, "allOf": [*taken, *callback_steps(vocabulary)]}


def _takes(action: Action) -> Schema:
    parameters = {parameter.name: _parameter(parameter) for parameter in action.parameters}
    required = [parameter.name for parameter in action.parameters if parameter.required]
    then = _with(parameters, required)
    if action.free is not None:
        then["properties"]["with"]["additionalProperties"] = _KINDS[action.free]
    if action.any_of:
        then["properties"]["with"]["anyOf"] = [{"required": [name]} for name in action.any_of]
    return _where("action", action.name, then)


def _parameter(parameter: Parameter) -> Schema:
    need = "Required. " if parameter.required else ""
    wanted = " or ".join(parameter.choices) or parameter.kind.value
    default = "" if parameter.default is None else f" If left out: {_word(parameter.default)}."
    words = f"{need}{wanted[:1].upper()}{wanted[1:]}.{default}"
    if parameter.kind is Kind.CHOICE:
        return _told(words, {"anyOf": [{"enum": list(parameter.choices)}, _TEMPLATE]})
    return _told(words, _KINDS[parameter.kind])


def _word(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _test() -> Schema:
    said = {
        "type": "object",
        "properties": {"error": _TEXT, "skipped": _TEXT},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    calls = {
        "type": "object",
        "properties": {
            **{name: {"type": ["object", "null"]} for name in ACTIONS},
            "after": _DURATION,
        },
        "additionalProperties": False,
    }
    values: dict[str, Schema] = {
        "name": _TEXT,
        "event": {"anyOf": [_ANY_BLOCK, {"type": "string", "pattern": r"\.json$"}]},
        "raw": {},
        "change": _ANY_BLOCK,
        "lookups": _ANY_BLOCK,
        "now": _TEXT,
        "expect": {"anyOf": [{"const": "no match"}, said, _list(calls)]},
    }
    return _block(keys.TEST, values, ("name", "expect"))
