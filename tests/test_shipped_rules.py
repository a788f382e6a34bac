"""The rule files that come with Usher: no problem in them, and they fit what senders post."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rulebook import FIELDS, Book, Reading, Rule, is_rule_file, read_folder, run_tests
from rulebook.expectations import Outcome
from senders.normal import FIELDS as SENT_FIELDS
from senders.normal import Facts, normalise
from senders.reading import read_events
from senders.sources import Source, read_sources
from tests.every_sender import ROOT, SHIPPED, VOCABULARY
from tests.samples import SAMPLES as RECORDED
from tests.samples import delivered, source_of
from workers.rulefiles import read_tree

RULES = ROOT / "rules"
SOURCES = (ROOT / "sources.yaml").read_text(encoding="utf-8")
NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
MODELINE = "# yaml-language-server:"
FILES = sorted(RULES.glob("*.yaml"))
EXAMPLES = sorted((RULES / "_examples").glob("*.yaml"))
LIVE_TREE = read_tree(RULES).files
# an example is used by moving it up, to where the tables are
EXAMPLE_TREE = {
    **{path: text for path, text in LIVE_TREE.items() if not is_rule_file(path)},
    **read_tree(RULES / "_examples").files,
}
LIVE = read_folder(LIVE_TREE, SHIPPED)
MOVED_UP = read_folder(EXAMPLE_TREE, VOCABULARY)


@pytest.mark.parametrize(
    ("reading", "files"),
    [pytest.param(LIVE, FILES, id="live"), pytest.param(MOVED_UP, EXAMPLES, id="examples")],
)
def test_the_shipped_rules_have_no_problem_not_even_a_warning(
    reading: Reading, files: list[Path]
) -> None:
    assert [problem.headline for problem in reading.problems] == []
    assert sorted(reading.files) == [file.name for file in files]
    assert len(files) >= 5


@pytest.mark.parametrize("reading", [LIVE, MOVED_UP], ids=["live", "examples"])
def test_the_tests_in_the_shipped_rules_pass(reading: Reading) -> None:
    results = [result for file in reading.files.values() for result in run_tests(file)]

    assert [result for result in results if not result.passed] == []
    assert len(results) >= 15


def test_every_shipped_rule_has_a_test_that_matches_and_one_that_must_not() -> None:
    files = (*LIVE.files.values(), *MOVED_UP.files.values())
    outcomes = {
        rule.id: {example.expected.outcome for example in file.examples[rule.id]}
        for file in files
        for rule in file.rules
        if rule.body["rule"].keys() & {"if", "require"}
    }

    assert outcomes
    assert [id for id, found in outcomes.items() if not found > {Outcome.ACTIONS}] == []


def test_an_example_is_not_live_where_it_lies() -> None:
    assert not any("_examples" in path for path in LIVE_TREE)
    assert set(MOVED_UP.files).isdisjoint(LIVE.files)


@pytest.mark.parametrize("path", [*FILES, *EXAMPLES], ids=lambda path: path.stem)
def test_a_shipped_file_begins_with_a_sentence(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(line for line in lines if not line.startswith(MODELINE))

    assert re.fullmatch(r"# [A-Z].{20,}\.", first)
    assert (LIVE.files.get(path.name) or MOVED_UP.files[path.name]).owner == "ops@usher.example"


def test_rules_know_exactly_the_fields_that_senders_fill() -> None:
    assert dict(FIELDS) == dict(SENT_FIELDS)


def posted(source: Source, sample: str) -> dict[str, object]:
    """The sample as a rule sees it, by the way that a delivery takes."""
    [recorded] = [one for one in RECORDED if one.name == sample]
    delivery = delivered(recorded, source, now=NOW.timestamp())
    [incoming] = read_events(source, delivery)
    facts = Facts(incoming.identity, source.name, incoming.type, NOW, incoming.occurred_at)
    return normalise(source.preset.name, json.loads(incoming.body), facts)


MIRA = "mira.sol@harbour.example"
ADA = "ada.lindt@meadow.example"
TOM = "tom.reed@orchard.example"
LEA = "lea.brook@valley.example"


def doings(reading: Reading, event: dict[str, object], rule_id: str) -> list[tuple[object, ...]]:
    """What the rule does about an event: each action with whom and what it is about."""
    book = Book(rule for file in reading.files.values() for rule in file.rules)
    matched = [verdict.rule_id for verdict in book.judge(event, NOW) if verdict.matched]
    assert rule_id in matched
    rule: Rule = book.rule(rule_id)
    rendered = [
        (step.action, rule.render(number, event, item.value))
        for item in rule.items(event)
        for number, step in enumerate(rule.steps)
    ]
    return [(action, with_["email"], with_["course_id"]) for action, with_ in rendered]


@pytest.mark.parametrize(
    ("source", "sample", "rule_id", "done"),
    [
        ("hubspot", "hubspot-deal-workflow.json", "hubspot-closed-won", ("enrol", MIRA, 101)),
        (
            "pipedrive",
            "pipedrive-deal-won.json",
            "pipedrive-deal-won",
            ("enrol", "jon.vale@lakeside.example", 102),
        ),
        ("sign-up-form", "typeform-response.json", "typeform-auto-enrol", ("enrol", ADA, 101)),
        ("shop", "shop-order.json", "shop-order-paid", ("enrol", LEA, 101)),
        ("shop", "shop-refund.json", "shop-order-refunded", ("unenrol", LEA, 101)),
        ("partner", "standard-webhooks.json", "partner-booking", ("enrol", TOM, 101)),
    ],
)
def test_what_a_sender_posts_ends_in_the_right_course(
    source: str, sample: str, rule_id: str, done: tuple[object, ...]
) -> None:
    configured = read_sources(SOURCES, {})[source]

    event = posted(source_of(configured.preset, source), sample)

    assert doings(LIVE, event, rule_id) == [done]


@pytest.mark.parametrize(
    ("sample", "rule_id", "done"),
    [
        ("close-deal-won.json", "close-deal-won", [("enrol", MIRA, 101)]),
        ("standard-webhooks.json", "partner-purchase-once", [("enrol", TOM, 101)]),
        (
            "typeform-response.json",
            "invite-and-remind",
            [("invite", ADA, 101), ("invite", ADA, 101)],
        ),
        ("jotform-submission.json", "jotform-campaign-old", [("enrol", ADA, 101)]),
    ],
)
def test_the_examples_know_what_senders_post(
    sample: str, rule_id: str, done: list[tuple[object, ...]]
) -> None:
    [recorded] = [one for one in RECORDED if one.name == sample]

    event = posted(source_of(recorded.preset), sample)

    assert doings(MOVED_UP, event, rule_id) == done
