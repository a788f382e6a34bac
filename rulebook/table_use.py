"""Tables that nothing uses, and keys of tables that no rule can look up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rulebook.claims import Claim, claims
from rulebook.equality import equals
from rulebook.nodes import Block, Entry, Listing, Scalar, Span, shortened, walk
from rulebook.page import candidates
from rulebook.problems import Findings, Problem
from rulebook.references import Reference, TemplateError
from rulebook.tables import TableError, read_csv
from rulebook.templates import parse_value
from rulebook.values import fold, text_of

# How many keys of one CSV are named.
FEW = 5
# Filters after which a key is still found where the text before them would have found it.
_KEEPING = frozenset({"trim", "lower", "upper"})
_FOR_PEOPLE = frozenset({"tests", "notes", "name", "tags", "owner"})


@dataclass(frozen=True, slots=True)
class _Use:
    """A table that a rule looks something up in; `values` are all that it can be, if known."""

    table: str
    values: tuple[object, ...] | None


def table_problems(files: Mapping[str, str], roots: Mapping[str, Block]) -> list[Problem]:
    """The warnings about tables of these rule files, which have no errors."""
    found = {path: Findings(path) for path in roots}
    shared: dict[str, list[tuple[str, Entry, Sequence[_Use]]]] = {}
    for path, root in roots.items():
        uses = list(_uses(root))
        for table in _tables(root):
            own = [use for use in uses if use.table == table.key.text]
            if not own:
                message = f'nothing in this file uses the table "{table.key.text}"'
                found[path].warning(table.key.span, "W24", message, help="delete it")
            if isinstance(table.value, Block):
                _report_rows(table.value, own, found[path])
            elif isinstance(table.value, Scalar):
                csv = _csv(path, table.value.text, files)
                shared.setdefault(csv, []).append((path, table, own))
    for csv, named in shared.items():
        _report_csv(csv, named, files, found)
    return [problem for findings in found.values() for problem in findings.problems]


def _tables(root: Block) -> Sequence[Entry]:
    tables = root.get("tables")
    return tables.entries if isinstance(tables, Block) else ()


def _csv(path: str, name: str, files: Mapping[str, str]) -> str:
    return next((place for place in candidates(path, name) if place in files), name)


def _report_rows(rows: Block, uses: Sequence[_Use], findings: Findings) -> None:
    for entry in rows.entries:
        if _is_out_of_reach(entry.key.text, uses):
            _report(entry.key.span, [entry.key.text], findings)


def _report_csv(
    csv: str,
    named: Sequence[tuple[str, Entry, Sequence[_Use]]],
    files: Mapping[str, str],
    found: Mapping[str, Findings],
) -> None:
    """Several files may share a CSV: a key is only out of reach where it is for all of them."""
    uses = [use for _, _, own in named for use in own]
    try:
        table = read_csv(files.get(csv, ""))
    except TableError:
        return
    keys = [key for key in table if _is_out_of_reach(key, uses)]
    path, entry, _ = named[0]
    if keys:
        _report(entry.value.span, keys, found[path])


def _report(span: Span, keys: Sequence[str], findings: Findings) -> None:
    told = ", ".join(f'"{shortened(key)}"' for key in keys[:FEW])
    if len(keys) > FEW:
        told += f" and {len(keys) - FEW} more"
    verb = "is" if len(keys) == 1 else "are"
    message = f"{told} {verb} never looked up: the conditions of the rules let other values through"
    findings.warning(span, "W23", message, help="add the value to the condition, or delete the row")


def _is_out_of_reach(key: str, uses: Sequence[_Use]) -> bool:
    if not uses or any(use.values is None for use in uses):
        return False
    return not any(_finds(value, key) for use in uses for value in use.values or ())


def _finds(value: object, key: str) -> bool:
    return fold(text_of(value)) == fold(key) or equals(value)(key.strip())


def _uses(root: Block) -> Iterator[_Use]:
    rules = root.get("rules")
    for rule in rules.items if isinstance(rules, Listing) else ():
        if isinstance(rule, Block):
            yield from _of_rule(rule)


def _of_rule(rule: Block) -> Iterator[_Use]:
    known: list[Claim] = []
    for name in ("if", "require"):
        block = rule.get(name)
        known += claims(block) if isinstance(block, Block) else []
    for entry in rule.entries:
        if entry.key.text in _FOR_PEOPLE:
            continue
        for node in walk(entry.value):
            if isinstance(node, Scalar) and isinstance(node.value, str):
                yield from _of_text(node.text, known)
            elif isinstance(node, Block):
                yield from _of_conditions(node, known)


def _of_conditions(block: Block, known: Sequence[Claim]) -> Iterator[_Use]:
    """Every `in_table`, also those under any, none and any_item."""
    for entry in block.entries:
        table = entry.value.get("in_table") if isinstance(entry.value, Block) else None
        if isinstance(table, Scalar):
            yield _Use(table.text, _values(entry.key.text, known))


def _of_text(text: str, known: Sequence[Claim]) -> Iterator[_Use]:
    try:
        parts = parse_value(text).parts
    except TemplateError:
        return
    for part in parts:
        if isinstance(part, Reference):
            calls = [call.name for call in part.filters]
            keeps = len(part.tables) == 1 and _KEEPING.issuperset(calls[: calls.index("lookup")])
            values = _values(part.path.text, known) if keeps else None
            yield from (_Use(table, values) for table in part.tables)


def _values(field: str, known: Sequence[Claim]) -> tuple[object, ...] | None:
    return next((claim.values for claim in known if claim.field == field and claim.values), None)
