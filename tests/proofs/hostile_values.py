"""Values that nobody means well with, through every comparison, filter and parameter there is.

    python -m tests.proofs.hostile_values [--seconds 0.25]

Times each value in each rule, and prints the slowest. Ends with status 1 if anything was raised
but RenderError, if what came out was no plain data, or if one rule took longer than that.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from rulebook import RenderError, Rule, read_folder
from rulebook.told import Against
from tests.every_sender import VOCABULARY

NOW: Final = datetime(2026, 4, 15, 10, tzinfo=UTC)
MOST_SECONDS: Final = 0.25
_SHOWN: Final = 8
# what JSON can hold, and the only things that may come out
PLAIN: Final = (dict, list, str, int, float, bool, type(None))
# as deep as json.loads goes
DEPTH: Final = 900


def nested(wrap: Callable[[object], object], depth: int = DEPTH) -> object:
    """A value inside of a value, so many times."""
    value: object = "a"
    for _ in range(depth):
        value = wrap(value)
    return value


HOSTILE: Final[Mapping[str, object]] = MappingProxyType(
    {
        "template": "${ raw } ${ body.secret | upper } $${ x } {{ 7*7 }} {% if 1 %} <%= 1 %> #{1}",
        "template in a list": ["${ body.secret }", {"a": "${ body.secret }"}],
        "template as a key": {"${ body.secret }": "${ body.secret }"},
        "format string": "{0.__class__.__mro__} %(secret)s %s%n",
        "attribute names": {"__class__": {"__mro__": ["a"]}, "__dict__": {"a": 1}, "__len__": 3},
        "attribute name": "__class__",
        "regex bomb": "a" * 29 + "!",
        "regex bomb, long": "a" * 9_999 + "!",
        "glob bomb": "ab" * 1_000,
        "glob bomb, one letter": "a" * 1_999 + "c",
        "1 MB of letters": "a" * 1_000_000,
        "1 MB of spaces": " " * 1_000_000,
        "1 MB of commas": "a," * 500_000,
        "1 MB of lines": "a\n" * 500_000,
        "1 MB of quotes": '"' * 1_000_000,
        "1 MB that grows": "\u0130\u00df" * 250_000,
        "1 MB of hyphens": "a-" * 500_000,
        "1 MB of digits": "9" * 1_000_000,
        "1 MB of @": "a@" * 500_000,
        "1 MB of dots": "a@" + "a." * 500_000,
        "10,000 texts": [f"text {number}" for number in range(10_000)],
        "10,000 numbers": list(range(10_000)),
        "10,000 blocks": [{"sku": str(number), "deep": [number]} for number in range(10_000)],
        "10,000 equal ones": ["won"] * 10_000,
        "10,000 keys": {f"key {number}": number for number in range(10_000)},
        "1,000 long texts": ["a" * 1_000] * 1_000,
        "lists in lists": nested(lambda value: [value]),
        "blocks in blocks": nested(lambda value: {"item": value}),
        "both in turn": nested(lambda value: [{"item": value}], DEPTH // 2),
        "list of deep lists": [nested(lambda value: [value], 400)] * 50,
        "surrogates": "\udfff\ud800 a\udcff@b.example",
        "surrogate key": {"\ud800": "\udcff"},
        "control characters": "Ada\r\nBcc: everybody@customer.example\x00\x1b[2J\u2028x",
        "right to left": "\u202eelpmaxe.reggad@ada\u202c",
        "combining": "a" + "\u0301" * 50_000,
        "zero width": "a\u200bda@meadow.example",
        "two addresses": "ada@meadow.example, eve@evil.example",
        "two lines of addresses": "ada@meadow.example\neve@evil.example",
        "address of letters that look alike": "\u0430da@meadow.example",
        "address that is long": "a" * 60 + "@" + "a." * 90 + "example",
        "path": "../../etc/passwd",
        "course path": "101/../102?admin=true#x",
        "course link": "https://evil.example@portal.example/courses/101/../102",
        "query": {"$gt": ""},
        "huge number": 10**400,
        "very huge number": -(10**4_000),
        "huge float": 1.7e308,
        "smallest float": 5e-324,
        "infinite": float("inf"),
        "huge number in text": "9" * 5_000,
        "exponent": "1e999999999",
        "other digits": "\u0661\u0660\u0661",
        "minus nothing": "-0",
        "true": True,
        "nothing": None,
        "empty": "",
        "empty list": [],
        "empty block": {},
        "last moment": "9999-12-31T23:59:59-23:59",
        "first moment": "0001-01-01T00:00:00+14:00",
        "moment that is huge": 10**30,
        "no moment": "2026-02-30T25:61:61Z",
    }
)
# one comparison of each kind, with what is hardest for it
COMPARISONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "equals": "won",
        "not_equals": "won",
        "one_of": "[won, 5, true]",
        "not_one_of": "[won, 5, true]",
        "in_table": "courses",
        "contains": "won",
        "not_contains": "won",
        "contains_any": "[won, 5, lost]",
        "contains_all": "[won, 5, lost]",
        "starts_with": "won",
        "ends_with": "won",
        "like": '"*a?a*a?a*a?a*a?a*a?a*a?a*a?a*b"',
        "matches_regex": '"^(([a-z])+.)+[A-Z]([a-z])+$"',
        "more_than": "5",
        "at_least": "5",
        "less_than": "5",
        "at_most": "5",
        "between": "[5, 10]",
        "before": "2026-04-15",
        "after": "2026-04-15",
        "within_last": "3 days",
        "older_than": "3 days",
        "is_present": "true",
        "becomes": "won",
        "changed": "true",
        "count": "{at_least: 5}",
        "any_item": "{item: won}",
        "all_items": "{item.sku: {contains: a}}",
    }
)
# one filter of each kind, in front of a parameter that takes text
FILTERED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "trim": "trim",
        "lower": "lower",
        "upper": "upper",
        "title": "title",
        "default": 'default("-")',
        "first": "first",
        "last": "last",
        "join": 'join(", ")',
        "split": 'split(",") | join(";")',
        "replace": 'replace("a", "aaaaaaaaaaaaaaaaaaaa")',
        "to_int": "to_int",
        "to_text": "to_text",
        "format_date": "format_date",
        "truncate": "truncate(50)",
        "first_name": "first_name",
        "last_name": "last_name",
        "pluck": 'pluck("sku") | join',
        "unique": "unique | first",
        "lookup": "lookup(courses, 503)",
    }
)
# what else a value can come into
PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "in-text": "    then: [{action: invite, with: {email: a@b.example, course_id: 1,"
        ' subject: "x ${ body.x } y", message: "x ${ body.x } y"}}]',
        "email": '    then: [{action: enrol, with: {email: "${ body.x }", course_id: 1}}]',
        "course": "    then: [{action: enrol, with:"
        ' {email: a@b.example, course_id: "${ body.x }"}}]',
        "user": '    then: [{action: enrol_user, with: {user_id: "${ body.x }", course_id: 1}}]',
        "reason": "    if: {body.x: {is_present: true}}\n    then: [{action: unenrol, with: {email:"
        ' a@b.example, course_id: 1, reason: "${ body.x }"}}]',
        "attributes": "    then: [{action: update_user, with: {email: a@b.example, attributes:"
        ' {fullName: "${ body.x }", headline: "${ body.x.item }", profile:'
        ' {a: ["${ body.x }"]}}}}]',
        "flag": "    then: [{action: enrol, with: {email: a@b.example, course_id: 1,"
        ' marketing_emails: "${ body.x }"}}]',
        "items": "    for_each: body.x\n    then: [{action: enrol, with:"
        ' {email: "${ item }", course_id: 1}}]',
        "items-of-items": '    for_each: {items: "${ body.x[] | unique }", max: 500}\n'
        '    then: [{action: enrol, with: {email: "${ item.sku }", course_id: 1}}]',
        "lines": "    for_each: {items: '${ body.x | split(\"\\n\") | unique }', max: 500}\n"
        '    then: [{action: enrol, with: {email: "${ item }", course_id: 1}}]',
        "once": "    once_per: ${ body.x }\n    then: [{action: enrol, with:"
        " {email: a@b.example, course_id: 1}}]",
        "rollout": "    rollout: {percent: 50, by: '${ body.x }'}\n    then: [{action: enrol, with:"
        " {email: a@b.example, course_id: 1}}]",
        "look-up": "    lookup: {seat: {use: coursebox.learners, with: {course_id: '${ body.x }',"
        " email: '${ body.x }'}}}\n    require: {seat: {is_present: true}}\n"
        "    then: [{action: enrol, with: {email: a@b.example, course_id: 1}}]",
        "attribute-path": "    if: {body.x.__class__: {is_present: true}}\n    then: [{action:"
        " enrol, with: {email: a@b.example, course_id: 1}}]",
    }
)


def rules() -> Mapping[str, Rule]:
    """A rule for each comparison (with and without ignore_case), each filter and each place."""
    texts = [
        "version: 1\nowner: ops@usher.example\ntables: {courses: {won: 101, '5': 102}}\nrules:"
    ]
    enrol = "    then: [{action: enrol, with: {email: a@b.example, course_id: 1}}]"
    for name, literal in COMPARISONS.items():
        slug = name.replace("_", "-")
        texts += [_rule(f"if-{slug}", f"    if: {{body.x: {{{name}: {literal}}}}}\n{enrol}")]
        folded = f"{name}: {literal}, ignore_case: true"
        texts += [_rule(f"fold-{slug}", f"    if: {{body.x: {{{folded}}}}}\n{enrol}")]
    for name, call in FILTERED.items():
        written = (
            f"        with: {{email: a@b.example, course_id: 1, message: '${{ body.x | {call} }}'}}"
        )
        slug = name.replace("_", "-")
        texts += [_rule(f"filter-{slug}", f"    then:\n      - action: invite\n{written}")]
    texts += [_rule(f"place-{name}", text) for name, text in PLACES.items()]
    reading = read_folder({"hostile.yaml": "\n".join(texts)}, VOCABULARY)
    errors = [problem.headline for problem in reading.problems if problem.is_error]
    if errors:
        raise ValueError("\n".join(errors))
    return {rule.id: rule for rule in reading.files["hostile.yaml"].rules}


def _rule(name: str, rest: str) -> str:
    return f"  - id: {name}\n    when: {{source: shop, event: received}}\n{rest}"


def event_with(value: object) -> dict[str, object]:
    """An event that holds the value, and a secret that no value may bring to light."""
    body = {"x": value, "secret": "s3cret"}
    about = {"id": "1", "source": "shop", "type": "received"}
    return {
        "event": about,
        "body": body,
        "raw": body,
        "changed": value,
        "previous": {"body": value},
    }


def ended(rule: Rule, event: Mapping[str, object]) -> list[object]:
    """Everything that the rule makes of an event: what it says, explains, asks and would do.

    Raises what it should not raise.
    """
    verdict = rule.match(event, NOW)
    made: list[object] = [verdict.reason]
    for block in filter(None, (rule.body["rule"].get(key) for key in ("if", "require"))):
        told = Against(event, NOW, rule.body["tables"]).told(block)
        made += [str(line) for line in told]
    for work in (_looked_up, _once, _rendered):
        try:
            made += work(rule, event)
        except RenderError as error:
            made.append(error.message)
    return made


def _looked_up(rule: Rule, event: Mapping[str, object]) -> list[object]:
    return [rule.lookup_params(call, event) for call in rule.lookups]


def _once(rule: Rule, event: Mapping[str, object]) -> list[object]:
    once = rule.once_key(event)
    return [once.key] if once else []


def _rendered(rule: Rule, event: Mapping[str, object]) -> list[object]:
    made: list[object] = []
    for item in rule.items(event):
        for number in range(len(rule.steps)):
            try:
                made.append(rule.render(number, event, item.value))
            except RenderError as error:
                made.append(error.message)
    return made


def what_is_not_plain(value: object) -> Iterator[str]:
    """What could not be kept and sent as it is."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if type(one) not in PLAIN:
            yield f"a {type(one).__name__}"
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one


def main() -> int:
    """The exit status: 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description="Send hostile values through rules.")
    parser.add_argument("--seconds", type=float, default=MOST_SECONDS)
    most = parser.parse_args().seconds
    violations, times = [], list[tuple[float, str]]()
    every = rules()
    for name, value in HOSTILE.items():
        event = event_with(value)
        for rule in every.values():
            started = time.perf_counter()
            try:
                made = ended(rule, event)
            except Exception as error:  # whatever it is, it is a fault of ours
                violations.append(f"{rule.id}, {name}: {type(error).__name__}: {error!s:.200}")
                continue
            times.append((time.perf_counter() - started, f"{rule.id}, {name}"))
            violations += [f"{rule.id}, {name}: {why}" for why in what_is_not_plain(made)]
            json.dumps(made)
    times.sort(reverse=True)
    violations += [f"{named}: {spent * 1e3:.0f} ms" for spent, named in times if spent > most]
    total = sum(spent for spent, _ in times)
    print(f"{len(HOSTILE)} values in {len(every)} rules: {len(times):,} in {total:.1f} s")
    for spent, named in times[:_SHOWN]:
        print(f"  {spent * 1e3:6.1f} ms  {named}")
    print(f"violations: {len(violations)}")
    print("\n".join(f"  {told}" for told in violations[:40]))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
