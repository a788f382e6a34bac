"""The fields of the normal form that every sender's events are brought into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rulebook.paths import Path
from rulebook.spelling import nearest

# A field whose inner names nobody can list: they are the customer's own.
FREE: Final = "*"

FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "event": frozenset({"id", "source", "type", "received_at", "occurred_at"}),
        "deal": frozenset(
            {
                *("id", "name", "stage", "status", "amount", "currency", "pipeline"),
                *("owner_email", "contact_id", "lead_id", "closed_at"),
                *("product.*", "products.*", "custom.*"),
            }
        ),
        "contact": frozenset(
            {"id", "email", "first_name", "last_name", "phone", "owner_email", "custom.*"}
        ),
        "company": frozenset({"id", "name", "domain", "phone", "country", "custom.*"}),
        "change": frozenset({"field", "value"}),
        "changed": frozenset({FREE}),
        "form": frozenset({"id", "title"}),
        "submission": frozenset({"id", "submitted_at"}),
        "answers": frozenset({FREE}),
        "hidden": frozenset({FREE}),
        "order": frozenset({FREE}),
        "refund": frozenset({FREE}),
        "body": frozenset({FREE}),
        "raw": frozenset({FREE}),
    }
)
# What stood in the changed fields before: the same names one step down.
PREVIOUS: Final = "previous"
# The one item that a run of a rule with for_each is about.
ITEM: Final = "item"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Why no event can hold a field."""

    code: str
    message: str
    suggestion: str | None = None
    help: str | None = None


def field_problem(path: Path, *, has_item: bool = False) -> FieldProblem | None:
    """What is wrong with a field name; `has_item` inside a rule with for_each."""
    if path.root == PREVIOUS and len(path.names) > 1:
        inner = field_problem(Path(path.steps[1:])) if isinstance(path.steps[1], str) else None
        return inner and _under_previous(path, inner)
    if path.root == PREVIOUS or (path.root == ITEM and has_item):
        return None
    if path.root == ITEM:
        help = "add for_each to the rule; item is then one entry of that list"
        return FieldProblem("F03", '"item" is only there in a rule with for_each', help=help)
    if path.root not in FIELDS:
        return _unknown_root(path)
    return _unknown_field(path)


def known_fields(root: str) -> tuple[str, ...]:
    """The fields of a root as a rule writes them after the dot, in alphabetical order."""
    return tuple(sorted(name.removesuffix(".*") for name in FIELDS[root] if name != FREE))


def _unknown_root(path: Path) -> FieldProblem:
    roots = sorted({*FIELDS, PREVIOUS})
    near = nearest(path.root, roots)
    suggestion = Path((near, *path.steps[1:])).text if near else None
    if near is None and path.root in known_fields("deal"):
        suggestion = f"deal.{path.text}"
    if near is None and path.root in known_fields("contact"):
        suggestion = f"contact.{path.text}"
    return FieldProblem(
        "F01",
        f'unknown field "{path.text}"; an event has nothing called "{path.root}"',
        suggestion,
        f"an event has: {', '.join(roots)}",
    )


def _unknown_field(path: Path) -> FieldProblem | None:
    fields = FIELDS[path.root]
    names = path.names[1:]
    if FREE in fields or not names or f"{names[0]}.*" in fields:
        return None
    if names[0] in fields:
        if len(names) == 1:
            return None
        suggestion: str | None = f"{path.root}.{names[0]}"
    else:
        near = nearest(names[0], known_fields(path.root))
        suggestion = f"{path.root}.{near}" if near else None
    return FieldProblem("F02", f'unknown field "{path.text}"', suggestion, _help(path.root))


def _help(root: str) -> str:
    own = f"; your own CRM fields are {root}.custom.<name>" if "custom.*" in FIELDS[root] else ""
    return f"fields of {root}: {', '.join(known_fields(root))}{own}"


def _under_previous(path: Path, inner: FieldProblem) -> FieldProblem:
    suggestion = f"{PREVIOUS}.{inner.suggestion}" if inner.suggestion else None
    return FieldProblem(inner.code, f'unknown field "{path.text}"', suggestion, inner.help)
