"""Rules out of YAML for tests: one file, read and compiled."""

from __future__ import annotations

from textwrap import indent
from typing import Any

from rulebook import Rule, Vocabulary, read_folder
from rulebook.reading import RuleFile

ENROL = "- {action: enrol, with: {email: '${ body.email }', course_id: 101}}"


def rule_file(text: str, path: str = "r.yaml", **files: str) -> RuleFile:
    """The one file, which must have no errors."""
    reading = read_folder({path: text, **files}, Vocabulary())
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return reading.files[path]


def rule(keys: str = "", then: str = ENROL, *, id: str = "a-rule", tables: str = "{}") -> Rule:
    """A rule about order.paid of shop with these keys and steps."""
    return rule_file(file_of(rule_text(keys, then, id=id), tables=tables)).rules[0]


def rule_text(keys: str = "", then: str = ENROL, *, id: str = "a-rule") -> str:
    """A rule about order.paid of shop as an entry of `rules`."""
    lines = ["when: {source: shop, event: order.paid}", *keys.splitlines(), "then:"]
    inside = "\n".join([*lines, indent(then, "  ")])
    return f"  - id: {id}\n{indent(inside, '    ')}\n"


def file_of(*rules: str, keys: str = "", tables: str = "{}") -> str:
    """A rule file with these entries."""
    head = f"version: 1\nowner: ops@usher.example\n{keys}tables: {tables}\nrules:\n"
    return head + "".join(rules)


def event(source: str = "shop", kind: str = "order.paid", **roots: Any) -> dict[str, Any]:
    return {"event": {"id": "1", "source": source, "type": kind}, **roots}
