"""The rule files that come with Usher: no problem in them, and they fit what senders post."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rulebook import FIELDS, Book, read_folder, run_tests
from senders.delivery import Delivery
from senders.normal import FIELDS as SENT_FIELDS
from senders.normal import Facts, normalise
from senders.reading import read_events
from senders.sources import read_presets, read_sources
from workers.rulefiles import read_tree
from workers.sources_file import vocabulary

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests" / "samples"
SOURCES = (ROOT / "sources.yaml").read_text(encoding="utf-8")
NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
VOCABULARY = vocabulary(read_presets(SOURCES))
READING = read_folder(read_tree(ROOT / "rules").files, VOCABULARY)
FILES = sorted((ROOT / "rules").glob("*.yaml"))


def test_the_shipped_rules_have_no_problem_not_even_a_warning() -> None:
    assert [problem.headline for problem in READING.problems] == []
    assert len(READING.files) == len(FILES) == 5


def test_the_tests_in_the_shipped_rules_pass() -> None:
    results = [result for file in READING.files.values() for result in run_tests(file)]

    assert [result for result in results if not result.passed] == []
    assert len(results) >= 15


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_file_begins_with_a_sentence(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]

    assert re.fullmatch(r"# [A-Z].{20,}\.", first)
    assert READING.files[path.name].owner == "ops@usher.example"


def test_rules_know_exactly_the_fields_that_senders_fill() -> None:
    assert dict(FIELDS) == dict(SENT_FIELDS)


def normal_form(source_name: str, sample: str) -> dict[str, object]:
    """The sample as a rule sees it, by the way that a delivery takes."""
    source = read_sources(SOURCES, {})[source_name]
    body = (SAMPLES / f"{sample}.json").read_bytes()
    headers = (("Content-Type", "application/json"), ("webhook-id", "msg_1"))
    [incoming] = read_events(source, Delivery("POST", f"/hooks/{source_name}", headers, body))
    facts = Facts(incoming.identity, source_name, incoming.type, NOW, incoming.occurred_at)
    return normalise(source.preset.name, json.loads(incoming.body), facts)


@pytest.mark.parametrize(
    ("source", "sample", "rule_id", "calls"),
    [
        (
            "hubspot",
            "hubspot-deal-workflow",
            "hubspot-closed-won",
            [("enrol", "mira.sol@harbour.example", 101)],
        ),
        (
            "pipedrive",
            "pipedrive-deal-won",
            "pipedrive-deal-won",
            [("enrol", "jon.vale@lakeside.example", 102)],
        ),
        (
            "sign-up-form",
            "typeform-response",
            "typeform-auto-enrol",
            [("enrol", "ada.lindt@meadow.example", 101)],
        ),
        ("shop", "shop-order", "shop-order-paid", [("enrol", "lea.brook@valley.example", 101)]),
        (
            "shop",
            "shop-refund",
            "shop-order-refunded",
            [("unenrol", "lea.brook@valley.example", 101)],
        ),
        (
            "partner",
            "standard-webhooks",
            "partner-booking",
            [("enrol", "tom.reed@orchard.example", 101)],
        ),
    ],
)
def test_what_a_sender_posts_ends_in_the_right_course(
    source: str, sample: str, rule_id: str, calls: list[tuple[str, str, int]]
) -> None:
    book = Book(rule for file in READING.files.values() for rule in file.rules)
    event = normal_form(source, sample)

    [verdict] = book.judge(event, NOW)

    rule = book.rule(rule_id)
    assert (verdict.rule_id, verdict.matched) == (rule_id, True)
    rendered = [
        (step.action, rule.render(number, event, item.value))
        for item in rule.items(event)
        for number, step in enumerate(rule.steps)
    ]
    assert [(action, with_["email"], with_["course_id"]) for action, with_ in rendered] == calls


def test_the_rules_in_the_guide_can_be_copied() -> None:
    guide = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```yaml\n(version: .*?)^```", guide, re.MULTILINE | re.DOTALL)
    tables = {"tables/courses.csv": "product,course\nSafety Basics,101\n"}

    readings = [read_folder({"r.yaml": text, **tables}, VOCABULARY) for text in examples]

    assert examples
    assert [problem.headline for reading in readings for problem in reading.problems] == []
    results = [result for reading in readings for result in run_tests(reading.files["r.yaml"])]
    assert [result for result in results if not result.passed] == []
