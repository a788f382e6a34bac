"""The fields of the normal form that every sender's events are brought into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rulebook.paths import Path
from rulebook.spelling import nearest

# The fields of each root; roots without a list have names of the sender's own.
FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "event": ("id", "source", "type", "received_at", "occurred_at"),
        "deal": (
            *("id", "name", "stage", "status", "amount", "currency", "pipeline", "product"),
            *("products", "owner_id", "owner_email", "contact_id", "company_id", "lead_id"),
            *("closed_at", "custom"),
        ),
        "contact": (
            *("id", "name", "first_name", "last_name", "email", "phone"),
            *("country", "language", "tags", "company_id", "company_name"),
            *("owner_id", "owner_email", "custom"),
        ),
        "company": (
            *("id", "name", "domain", "phone", "country", "owner_id", "owner_email", "custom"),
        ),
        "change": ("field", "value"),
        "changed": (),
        "previous": ("deal", "contact", "company", "order"),
        "form": ("id", "title"),
        "answers": (),
        "hidden": (),
        "submission": ("id", "status", "submitted_at", "landed_at", "starts_at", "ends_at"),
        "order": (
            *("id", "number", "status", "amount", "currency", "email", "product", "products"),
            *("items", "customer_id", "created_at", "paid_at", "custom"),
        ),
        "refund": ("id", "order_id", "amount", "currency", "reason", "full", "refunded_at"),
        "body": (),
        "raw": (),
    }
)
# Holds the fields that the customer has added; nobody can list them.
CUSTOM: Final = "custom"
# A list whose entries have names of the sender's own.
ITEMS: Final = "items"
# How many fields stand beside a suggestion.
FEW: Final = 4
# What stood in the changed fields before: the roots again, one step down.
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
    if path.root == ITEM:
        help = "add for_each to the rule; item is then one entry of that list"
        missing = FieldProblem("F03", '"item" is only there in a rule with for_each', help=help)
        return None if has_item else missing
    if path.root not in FIELDS:
        return _unknown_root(path)
    if path.root == PREVIOUS and path.names[1:2] and path.names[1] in FIELDS[PREVIOUS]:
        inner = _unknown_field(Path(path.steps[1:]))
        return inner and _under_previous(path, inner)
    return _unknown_field(path)


def _unknown_root(path: Path) -> FieldProblem:
    near = nearest(path.root, FIELDS)
    suggestion = _respelled(path) or (Path((near, *path.steps[1:])).text if near else None)
    if suggestion is None and len(path.names) == 1:
        homes = (root for root in ("deal", "contact", "form") if path.root in FIELDS[root])
        suggestion = next((f"{root}.{path.text}" for root in homes), None)
    return FieldProblem(
        "F01",
        f'unknown field "{path.text}"; an event has nothing called "{path.root}"',
        suggestion,
        f"an event has: {', '.join(FIELDS)}; what a generic sender posts is in body.<name>",
    )


def _respelled(path: Path) -> str | None:
    """``deal_status`` and ``Deal.Status`` as ``deal.status``, where there is such a field."""
    lowered = path.text.lower()
    for sign in ("", "_", "-"):
        root, _, rest = lowered.partition(sign) if sign else lowered.partition(".")
        if rest in FIELDS.get(root, ()):
            return f"{root}.{rest}"
    return None


def _unknown_field(path: Path) -> FieldProblem | None:
    fields, names = FIELDS[path.root], path.names[1:]
    if not fields or not names or (names[0] == CUSTOM and CUSTOM in fields):
        return None
    if names[0] in fields:
        if len(names) == 1 or (names[0] == ITEMS and not isinstance(path.steps[2], str)):
            return None
        suggestion: str | None = f"{path.root}.{names[0]}"
    else:
        near = nearest(names[0], fields)
        suggestion = f"{path.root}.{near}" if near else None
    help = _help(path.root, few=suggestion is not None)
    return FieldProblem("F02", f'unknown field "{path.text}"', suggestion, help)


def _help(root: str, *, few: bool) -> str:
    names = sorted(set(FIELDS[root]) - {CUSTOM})
    known = ", ".join([*names[:FEW], "..."] if few and len(names) > FEW else names)
    own = f"; your own CRM fields are {root}.custom.<name>" if CUSTOM in FIELDS[root] else ""
    return f"fields of {root}: {known}{own}"


def _under_previous(path: Path, inner: FieldProblem) -> FieldProblem:
    suggestion = f"{PREVIOUS}.{inner.suggestion}" if inner.suggestion else None
    return FieldProblem(inner.code, f'unknown field "{path.text}"', suggestion, inner.help)
