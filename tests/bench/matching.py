"""What matching and loading cost: prints figures, asserts nothing.

Run it with `make bench`. 200 rules in 200 files and 10,000 events, once with the rules spread over
eight kinds of event and once all about one kind; `json.loads` of the same event stands beside them
for scale.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import perf_counter, process_time
from typing import Any, Final

from rulebook import Book, Rule, Vocabulary, read_folder, run_tests
from rulebook.file_checks import check_file
from rulebook.page import Page
from rulebook.problems import Findings, split_lines
from rulebook.yaml_reader import read_yaml

RULES: Final = 200
EVENTS: Final = 10_000
KINDS: Final = 8
PRODUCTS: Final = 50
ROUNDS: Final = 5
NOW: Final = datetime(2026, 4, 15, 10, tzinfo=UTC)

_FILE: Final = """\
version: 1
owner: ops@usher.example
tables:
  course_by_product: {{"Product {product}": {course}, "Product {product} Plus": {other}}}
rules:
  - id: deal-won-{number}
    name: Deal of pipeline {pipeline} won
    when: {{source: crm-{kind}, event: deal.updated}}
    if:
      deal.stage: [closedwon, won-{number}]
      deal.pipeline: {pipeline}
      deal.amount: {{at_least: 100}}
      contact.email: {{is_present: true}}
      none:
        - deal.custom.skip_lms: true
    then:
      - action: enrol
        with:
          email: ${{ contact.email | trim }}
          course_id: ${{ deal.product | lookup(course_by_product) }}
          first_name: ${{ contact.first_name }}
          last_name: ${{ contact.last_name }}
"""
_TESTS: Final = """\
    tests:
      - name: won deal
        event:
          deal:
            stage: closedwon
            pipeline: {pipeline}
            amount: "1500.00"
            product: Product {product}
          contact: {{email: Mira.Sol@Harbour.example, first_name: Mira, last_name: Sol}}
        expect:
          - enrol:
              email: mira.sol@harbour.example
              course_id: {course}
              first_name: Mira
              last_name: Sol
      - name: another stage
        change: {{deal.stage: contractsent}}
        expect: no match
"""


def main() -> None:
    print(f"{RULES} rules in as many files, {EVENTS:,} events; the best of {ROUNDS} rounds\n")
    _loading("without tests", _files(KINDS, tests=False))
    _loading("with two tests each", _files(KINDS, tests=True))
    events = {kinds: [_event(number, kinds) for number in range(EVENTS)] for kinds in (KINDS, 1)}
    texts = [json.dumps(event) for event in events[KINDS]]
    size = statistics.median(map(len, texts))
    print(f"\nper event of {size:.0f} bytes         median       p99      mean")
    _told("json.loads", [json.loads] * EVENTS, [(text,) for text in texts])
    for kinds in (KINDS, 1):
        book = _book(_files(kinds, tests=False))
        _matching(f"in {kinds} bucket{'s' if kinds > 1 else ''}", book, events[kinds])


def _matching(where: str, book: Book, events: list[dict[str, Any]]) -> None:
    given = [(event, NOW) for event in events]
    _told(f"match, {where}", [book.match] * EVENTS, given)
    _told(f"match and render, {where}", [_rendering(book)] * EVENTS, given)
    _told(f"judge, {where}", [book.judge] * EVENTS, given)
    matched = sum(len(book.match(*each)) for each in given)
    print(f"  {matched:,} matches of {len(given):,} events; a match renders one step")


def _rendering(book: Book) -> Callable[[dict[str, Any], datetime], None]:
    def match_and_render(event: dict[str, Any], now: datetime) -> None:
        for rule in book.match(event, now):
            for step in range(len(rule.steps)):
                rule.render(step, event)

    return match_and_render


def _told(what: str, calls: list[Callable[..., object]], given: list[tuple[Any, ...]]) -> None:
    times = min((_times(calls, given) for _ in range(ROUNDS)), key=sum)
    median, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(f"{what:<32}{median:7.1f} us{p99:7.1f} us{statistics.mean(times):7.1f} us")


def _times(calls: list[Callable[..., object]], given: list[tuple[Any, ...]]) -> list[float]:
    """Microseconds of every call."""
    times = []
    for call, arguments in zip(calls, given, strict=True):
        start = perf_counter()
        call(*arguments)
        times.append((perf_counter() - start) * 1e6)
    return times


def _loading(what: str, files: Mapping[str, str]) -> None:
    first, *later = [_parts(files) for _ in range(ROUNDS)]
    best = {name: min(each[name] for each in later) for name in first}
    for when, parts in (("first time", first), ("again", best)):
        told = ", ".join(f"{name} {seconds * 1_000:.0f}" for name, seconds in parts.items())
        print(f"loading {len(files)} files {what}, {when}, in ms: {told}")


def _parts(files: Mapping[str, str]) -> dict[str, float]:
    """Seconds of this process's own work, so that a busy machine does not count."""
    vocabulary = Vocabulary()
    start = process_time()
    roots = {path: read_yaml(text, Findings(path)) for path, text in files.items()}
    read = process_time()
    pages = {
        path: Page(path, split_lines(text), Findings(path), files, vocabulary)
        for path, text in files.items()
    }
    drafts = [
        draft for path, page in pages.items() for draft in check_file(roots[path], page).drafts
    ]
    checked = process_time()
    rules = [Rule.from_body(draft.body) for draft in drafts]
    compiled = process_time()
    Book(rules)
    indexed = process_time()
    reading = read_folder(files, vocabulary)
    whole = process_time()
    tests = [result for file in reading.files.values() for result in run_tests(file)]
    tested = process_time()
    if len(rules) != RULES or not all(result.passed for result in tests):
        raise SystemExit("the rules of this benchmark do not do what they should")
    return {
        "read": read - start,
        "check": checked - read,
        "compile": compiled - checked,
        "index": indexed - compiled,
        "all of it": indexed - start,
        "by read_folder": whole - indexed,
        f"run {len(tests)} tests": tested - whole,
    }


def _files(kinds: int, *, tests: bool) -> dict[str, str]:
    """Every file has one rule; one bucket has rules about as many pipelines as there are rules."""
    text = _FILE + _TESTS if tests else _FILE
    return {
        f"deal-{number:03}.yaml": text.format(
            number=number,
            kind=number % kinds,
            pipeline=f"pipeline-{number // kinds}",
            product=number % PRODUCTS,
            course=101 + number % PRODUCTS,
            other=201 + number % PRODUCTS,
        )
        for number in range(RULES)
    }


def _book(files: Mapping[str, str]) -> Book:
    reading = read_folder(files, Vocabulary())
    return Book(rule for file in reading.files.values() for rule in file.rules)


def _event(number: int, kinds: int) -> dict[str, Any]:
    """Two in five events match one rule; the others have another stage, or too small an amount."""
    rule = number * 7 % RULES
    return {
        "event": {
            "id": f"evt-{number:06}",
            "source": f"crm-{rule % kinds}",
            "type": "deal.updated",
            "received_at": "2026-04-15T10:00:00+00:00",
            "occurred_at": "2026-04-15T09:59:58+00:00",
        },
        "deal": {
            "id": 7_000_000 + number,
            "name": f"Safety training for customer {number}",
            "stage": "contractsent" if number % 2 else "closedwon",
            "pipeline": f"pipeline-{rule // kinds}",
            "amount": "99.00" if number % 5 == 0 else "1500.00",
            "currency": "EUR",
            "product": f"Product {rule % PRODUCTS}",
            "custom": {"region": "north"},
        },
        "contact": {
            "email": f" Learner{number}@Harbour.example ",
            "first_name": "Mira",
            "last_name": "Sol",
        },
        "raw": {},
    }


if __name__ == "__main__":
    main()
