"""What looks right in each rule, but not beside the others: what never runs, or runs twice.

Only what is sure is spoken of; where a condition could go either way, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rulebook.claims import Claim, Clash, claims, entries_of, first_clash, groups, implied
from rulebook.nodes import Block, Entry, Listing, Node, Span, plain
from rulebook.problems import Findings, Problem
from rulebook.reading import Reading
from rulebook.rule import DEFAULT_ACCOUNT
from rulebook.table_use import table_problems
from rulebook.yaml_reader import read_yaml

# Where a rule has one of these, it does not take every event that its conditions fit.
_TAKES_ONLY_SOME: Final = ("active", "rollout")
# What tells two rules apart whose conditions are the same.
_TELLING: Final = ("if", "require", "active", "rollout", "lookup", "for_each")
# Who is seated where.
_WHOM: Final = ("course_id", "email", "user_id")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Ruling:
    """A rule as written, and where."""

    file: str
    block: Block
    defaults: Mapping[str, object]

    @property
    def id(self) -> str:
        return str(self.value("id"))

    @property
    def span(self) -> Span:
        node = self.block.get("id")
        return node.span if node else self.block.first

    @property
    def enabled(self) -> bool:
        return self.value("enabled") is not False

    @property
    def dry(self) -> bool:
        own = self.block.get("dry_run")
        return (plain(own) if own else self.defaults.get("dry_run")) is True

    @property
    def pairs(self) -> tuple[Pair, ...]:
        when = self.block.get("when")
        given = when.items if isinstance(when, Listing) else (when,)
        pairs = (plain(pair) for pair in given if isinstance(pair, Block))
        return tuple((pair["source"], pair["event"]) for pair in pairs if isinstance(pair, dict))

    def value(self, name: str) -> object:
        node = self.block.get(name)
        return plain(node) if node else None

    def conditions(self, name: str = "if") -> Block:
        node = self.block.get(name)
        return node if isinstance(node, Block) else Block(self.block.span, ())


def folder_problems(files: Mapping[str, str], reading: Reading) -> tuple[Problem, ...]:
    """The warnings that need more than one rule, or the whole of a rule, to be seen.

    Looks only at files without errors; `files` as for `read_folder`.
    """
    roots = {path: read_yaml(files[path], Findings(path)) for path in sorted(reading.files)}
    known = {path: root for path, root in roots.items() if isinstance(root, Block)}
    findings = {path: Findings(path) for path in known}
    rulings = {path: _rulings(path, root) for path, root in known.items()}
    for path, root in known.items():
        for ruling in rulings[path]:
            _never_holds(ruling, findings[path])
        if root.get("matching") and plain(root.get("matching") or root) == "first":
            _never_first([each for each in rulings[path] if each.enabled], findings[path])
    every = [ruling for path in known for ruling in rulings[path] if ruling.enabled]
    _doubles([each for each in every if not each.dry], known, findings)
    problems = [problem for found in findings.values() for problem in found.problems]
    return (*problems, *table_problems(files, known))


def _rulings(path: str, root: Block) -> list[_Ruling]:
    node, defaults = root.get("rules"), root.get("defaults")
    items = node.items if isinstance(node, Listing) else ()
    common = plain(defaults) if isinstance(defaults, Block) else {}
    given = common if isinstance(common, dict) else {}
    return [_Ruling(path, item, given) for item in items if isinstance(item, Block)]


def _never_holds(ruling: _Ruling, findings: Findings) -> None:
    known: list[Claim] = []
    for name in ("if", "require"):
        block = ruling.conditions(name)
        clash = _clash_in(block, known)
        if clash is not None:
            _report_clash(clash, findings, "so this rule never runs")
            return
        known += claims(block)
    steps = ruling.block.get("then")
    for step in steps.items if isinstance(steps, Listing) else ():
        only_if = step.get("only_if") if isinstance(step, Block) else None
        clash = _clash_in(only_if, known) if isinstance(only_if, Block) else None
        if clash is not None:
            _report_clash(clash, findings, "so this step is never done")


def _report_clash(clash: Clash, findings: Findings, outcome: str) -> None:
    first, second = clash.first, clash.second
    message = f"{second.field} is never both {first.said} and {second.said}, {outcome}"
    where = f"the other condition is in line {first.span.line}"
    values = first.values is not None and second.values is not None
    help = f"{where}; for either of several values, write a list of them" if values else where
    findings.warning(second.span, "W21", message, help=help)


def _clash_in(block: Block, given: Sequence[Claim]) -> Clash | None:
    """Two comparisons because of which the block never holds where the given ones do."""
    own = claims(block)
    clash = first_clash(given, own)
    if clash is not None:
        return clash
    known = [*given, *own]
    for group in groups(block, "any"):
        found = [_clash_in(entry, known) for entry in entries_of(group)]
        if found and all(found):
            return found[0]
    for group in groups(block, "none"):
        for entry in entries_of(group):
            refused = _refused(entry, known)
            if refused is not None:
                return refused
    return None


def _refused(entry: Block, known: Sequence[Claim]) -> Clash | None:
    """A block under `none` that holds wherever the known conditions do."""
    inner = claims(entry)
    is_plain = not any(entry.entry(word) for word in ("any", "none"))
    if not inner or not is_plain or not all(implied(claim, known) for claim in inner):
        return None
    claim = inner[0]
    by = next(one for one in known if implied(claim, [one]))
    name = f"not {claim.operator}"
    return Clash(by, Claim(claim.field, name, claim.literal, claim.ignore_case, claim.span))


def _never_first(rulings: Sequence[_Ruling], findings: Findings) -> None:
    for number, ruling in enumerate(rulings):
        takers = [_taker(pair, ruling, rulings[:number]) for pair in ruling.pairs]
        if takers and all(takers):
            names = " and ".join(dict.fromkeys(f'"{taker.id}"' for taker in takers if taker))
            findings.warning(
                ruling.span,
                "W20",
                f'rule "{ruling.id}" never gets an event: {names} above takes all of them',
                help='with "matching: first" put the rule for the special case above the general',
            )


def _taker(pair: Pair, ruling: _Ruling, before: Sequence[_Ruling]) -> _Ruling | None:
    """A rule further up that takes every event of this kind that the rule would take."""
    wanted = ruling.conditions()
    return next((each for each in before if pair in each.pairs and _takes(each, wanted)), None)


def _takes(ruling: _Ruling, wanted: Block) -> bool:
    if any(ruling.block.get(name) for name in _TAKES_ONLY_SOME):
        return False
    own = ruling.conditions()
    if _said(own) == _said(wanted):
        return True
    if any(True for word in ("any", "none") for _ in groups(own, word)):
        return False
    known = claims(wanted)
    return all(implied(claim, known) for claim in claims(own))


def _doubles(
    rulings: Sequence[_Ruling], roots: Mapping[str, Block], findings: Mapping[str, Findings]
) -> None:
    first: dict[str, tuple[_Ruling, Entry]] = {}
    for ruling in rulings:
        account = _account(ruling, roots)
        for pair in ruling.pairs:
            for action, what in _deeds(ruling):
                other, _ = first.setdefault(f"{pair}{account}{what}", (ruling, action))
                if other is not ruling and not _one_wins(other, ruling, roots):
                    _report_double(pair, ruling, other, action, findings[ruling.file])


def _account(ruling: _Ruling, roots: Mapping[str, Block]) -> object:
    """Where it acts: what is done in one portal is not done in another."""
    named = ruling.block.get("account") or roots[ruling.file].get("account")
    return plain(named) if named else DEFAULT_ACCOUNT


def _deeds(ruling: _Ruling) -> Iterator[tuple[Entry, str]]:
    """Each step with a text that is the same for every rule that does the same for the same."""
    telling = {name: ruling.value(name) for name in _TELLING if name not in {"if", "require"}}
    for name in ("if", "require"):
        telling[name] = _said(ruling.conditions(name))
    node = ruling.block.get("then")
    for step in node.items if isinstance(node, Listing) else ():
        action = step.entry("action") if isinstance(step, Block) else None
        if isinstance(step, Block) and action is not None:
            given = plain(step.get("with") or Block(step.span, ()))
            values = given if isinstance(given, dict) else {}
            only_if = step.get("only_if")
            whom = [str(values.get(name)) for name in _WHOM]
            condition = _said(only_if) if only_if else None
            yield action, repr((telling, plain(action.value), whom, condition))


def _said(conditions: Node) -> object:
    """What conditions say, in whatever order."""
    if not isinstance(conditions, Block):
        return plain(conditions)
    inner = [entry for entry in conditions.entries if entry.key.text in {"any", "none"}]
    others = sorted(f"{entry.key.text}{plain(entry.value)!r}" for entry in inner)
    return sorted(map(str, (claim.key for claim in claims(conditions)))), others


def _one_wins(one: _Ruling, other: _Ruling, roots: Mapping[str, Block]) -> bool:
    """Whether only the first of the two ever takes an event."""
    matching = roots[one.file].get("matching")
    return one.file == other.file and matching is not None and plain(matching) == "first"


def _report_double(
    pair: Pair, ruling: _Ruling, other: _Ruling, action: Entry, findings: Findings
) -> None:
    line = other.span.line
    where = f"line {line}" if other.file == ruling.file else f"{other.file}:{line}"
    findings.warning(
        action.value.span,
        "W22",
        f'rule "{ruling.id}" does the same as rule "{other.id}" ({where}) for {pair[1]} of '
        f'source "{pair[0]}"',
        help="delete one of them, or give them conditions that differ",
    )
