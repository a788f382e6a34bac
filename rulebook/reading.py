"""From the texts of a rules folder to compiled rules, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from rulebook.examples import Example
from rulebook.file_checks import Contents, check_file
from rulebook.nodes import Block, Listing, Node, Scalar, Span
from rulebook.page import Page, candidates, inside
from rulebook.problems import Findings, Problem, in_order, split_lines
from rulebook.rule import Rule
from rulebook.rule_checks import Draft
from rulebook.vocabulary import Vocabulary
from rulebook.yaml_reader import read_yaml


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file without errors; `examples` holds the inline tests of its rules by rule id."""

    path: str
    owner: str | None
    rules: tuple[Rule, ...]
    examples: Mapping[str, tuple[Example, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The files that can be used, and every problem of all files, in the order of `in_order`."""

    files: Mapping[str, RuleFile]
    problems: tuple[Problem, ...]


def read_folder(
    files: Mapping[str, str], vocabulary: Vocabulary, order: Sequence[str] = ()
) -> Reading:
    """Reads every rule file among the texts, which are given by their path in the folder.

    `files` holds the rule files (.yaml, .yml) with the tables (.csv) and fixtures (.json) that they
    name. Paths with a part that begins with "_" or "." are left out. Of two files with the same
    rule id the one that stands later in `order` (else in the alphabet) is the wrong one.
    """
    paths = (path for path in order or sorted(files) if is_rule_file(path))
    read = {path: _read(path, files, vocabulary) for path in paths}
    _check_ids({path: contents for path, (contents, _) in read.items()}, read)
    usable = {
        path: _compile(path, contents)
        for path, (contents, findings) in read.items()
        if not findings.has_errors
    }
    problems = (problem for _, findings in read.values() for problem in findings.problems)
    return Reading(usable, in_order(problems))


def is_rule_file(path: str) -> bool:
    """Whether the path names a rule file, and none that is to be left out."""
    parts = PurePosixPath(path).parts
    return path.endswith((".yaml", ".yml")) and not any(part[0] in "_." for part in parts)


def files_named(path: str, text: str) -> tuple[str, ...]:
    """The paths at which the tables and fixtures may lie that a rule file names."""
    root = read_yaml(text, Findings(path))
    named = [name for name in _names(root) if inside(name)]
    return tuple(dict.fromkeys(place for name in named for place in candidates(path, name)))


def _names(root: Node | None) -> list[str]:
    found: list[Node | None] = []
    if isinstance(root, Block):
        tables = root.get("tables")
        found += [entry.value for entry in tables.entries] if isinstance(tables, Block) else []
        for rule in _blocks(root.get("rules")):
            tests = _blocks(rule.get("tests"))
            found += [test.get(name) for test in tests for name in ("event", "raw")]
    return [node.text for node in found if isinstance(node, Scalar) and node.text]


def _blocks(node: Node | None) -> list[Block]:
    items = node.items if isinstance(node, Listing) else ()
    return [item for item in items if isinstance(item, Block)]


def _read(path: str, files: Mapping[str, str], vocabulary: Vocabulary) -> tuple[Contents, Findings]:
    findings = Findings(path)
    page = Page(path, split_lines(files[path]), findings, files, vocabulary)
    return check_file(read_yaml(files[path], findings), page), findings


def _check_ids(
    contents: Mapping[str, Contents], read: Mapping[str, tuple[Contents, Findings]]
) -> None:
    first: dict[str, tuple[str, Span]] = {}
    for path, found in contents.items():
        for draft in found.drafts:
            if draft.id in first:
                _report_id(draft, path, first[draft.id], read[path][1])
            elif draft.id:
                first[draft.id] = (path, draft.span)


def _report_id(draft: Draft, path: str, first: tuple[str, Span], findings: Findings) -> None:
    other, span = first
    where = f"line {span.line}" if other == path else f"{other}:{span.line}"
    findings.error(
        draft.span,
        "S10",
        f'the rule id "{draft.id}" is already used in {where}',
        help="every rule needs an id of its own; history and retries hang on it",
    )


def _compile(path: str, contents: Contents) -> RuleFile:
    rules = tuple(
        Rule.from_body(
            draft.body,
            name=draft.name,
            file=path,
            line=draft.span.line,
            matching=contents.matching,
            owner=draft.owner or contents.owner,
            tags=tuple(dict.fromkeys((*contents.tags, *draft.tags))),
        )
        for draft in contents.drafts
    )
    examples = {draft.id: draft.examples for draft in contents.drafts}
    return RuleFile(path, contents.owner, rules, examples)
