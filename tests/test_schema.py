"""The JSON Schema of rule files: it allows what is right, and the shipped one is up to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from rulebook import Vocabulary
from rulebook import keys as known_keys
from rulebook.keys import Keys
from rulebook.nodes import plain
from rulebook.operators import OPERATORS
from rulebook.problems import Findings
from rulebook.schema import rule_schema
from rulebook.schema_words import KEY_WORDS, OPERATOR_WORDS
from rulebook.vocabulary import CallbackShape, LookupShape
from rulebook.yaml_reader import read_yaml
from usher.__main__ import main

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "rules" / ".schema" / "rules-v1.json"
RULES = sorted(path for path in (ROOT / "rules").rglob("*.yaml") if ".schema" not in path.parts)
VOCABULARY = Vocabulary(
    {"pipedrive": frozenset({"deal.updated"}), "shop": frozenset()},
    frozenset({"typeform"}),
    lookups={"hubspot.deal": LookupShape(("deal_id",), frozenset({"deal_id"}))},
    callbacks={"crm.deal_enrolled": CallbackShape(("deal_id", "note"), frozenset({"deal_id"}))},
)
SCHEMA = rule_schema(VOCABULARY)
TELL = "      - action: callback\n        with: {use: crm.deal_enrolled, deal_id: 7}\n"
RULE = """\
version: 1
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.status: won
    then:
      - action: enrol
        with: {email: "${ contact.email }", course_id: 101}
"""


def content(text: str) -> Any:
    root = read_yaml(text, Findings("a.yaml"))
    assert root is not None
    return plain(root)


def fits(text: str) -> bool:
    return bool(Draft7Validator(SCHEMA).is_valid(content(text)))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_shipped_rule_file_fits_the_shipped_schema(path: Path) -> None:
    schema = json.loads(SHIPPED.read_text(encoding="utf-8"))

    errors = Draft7Validator(schema).iter_errors(content(path.read_text(encoding="utf-8")))

    assert [error.message for error in errors] == []


def test_the_shipped_schema_is_what_the_command_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name in ("RULES_DIR", "SOURCES_FILE", "LOOKUPS_FILE"):
        monkeypatch.delenv(name, raising=False)

    result = CliRunner().invoke(main, ["rules", "schema", "--out", "-"])

    assert result.exit_code == 0
    assert result.stdout == SHIPPED.read_text(encoding="utf-8")


def test_the_schema_is_one_of_draft_07() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_every_key_and_comparison_is_explained() -> None:
    blocks = [block for block in vars(known_keys).values() if isinstance(block, Keys)]
    named = {(block.where, name) for block in blocks for name in block.names}

    assert named == set(KEY_WORDS)
    assert OPERATORS.keys() | {"ignore_case"} == OPERATOR_WORDS.keys()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("status: won", "status: [won, lost]", id="several values"),
        pytest.param("status: won", "status: {becomes: won, ignore_case: true}", id="comparisons"),
        pytest.param("deal.status: won", "any: [{deal.x: 1}, {none: [{raw.y: 2}]}]", id="groups"),
        pytest.param("101}", "'101'}\n        delay: 3 days", id="a delay"),
        pytest.param("pipedrive, event: deal.updated", "shop, event: x.y", id="any event"),
        pytest.param("pipedrive, event: deal.updated", "typeform, event: x", id="not configured"),
        pytest.param(
            "    then:",
            "    lookup: {deal_: {use: hubspot.deal, with: {deal_id: 5}}}\n    then:",
            id="look-up",
        ),
        pytest.param("    then:", "    once_per: ${ contact.email }\n    then:", id="once_per"),
        pytest.param(
            "    then:",
            "    limit: {runs: 5, per: 1 hour}\n    priority: low\n    then:",
            id="limit",
        ),
    ],
)
def test_what_is_right_fits(old: str, new: str) -> None:
    assert fits(RULE)
    assert fits(RULE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(": 7}", ': "${ deal.id }", note: x}', id="a template"),
        pytest.param("deal_id: 7", "deal_id: 7.5", id="a number"),
    ],
)
def test_a_callback_that_is_right_fits(old: str, new: str) -> None:
    assert fits(RULE + TELL)
    assert fits(RULE + TELL.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("use: crm.deal_enrolled, ", "", id="no name"),
        pytest.param("enrolled", "enroled", id="unknown"),
        pytest.param(", deal_id: 7", "", id="parameter missing"),
        pytest.param("deal_id", "deal", id="parameter unknown"),
        pytest.param("7", "[7]", id="a list"),
    ],
)
def test_a_callback_that_is_wrong_does_not_fit(old: str, new: str) -> None:
    assert not fits(RULE + TELL.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("version: 1", "version: 2", id="version"),
        pytest.param("status: won", "status: {gte: won}", id="comparison"),
        pytest.param("status: won", "status: {at_least: won}", id="literal"),
        pytest.param("enrol", "enroll", id="action"),
        pytest.param("course_id", "course", id="parameter"),
        pytest.param(", course_id: 101", "", id="parameter missing"),
        pytest.param("source: pipedrive", "source: pipedriv", id="source"),
        pytest.param("deal.updated", "deal.updatet", id="event"),
        pytest.param("    then:", "    whom: me\n    then:", id="key"),
        pytest.param("    then:", "    lookup: {x: {use: hubspot.deals}}\n    then:", id="look-up"),
        pytest.param(
            "    then:", "    lookup: {x: {use: hubspot.deal}}\n    then:", id="look-up parameter"
        ),
    ],
)
def test_what_is_wrong_does_not_fit(old: str, new: str) -> None:
    assert old in RULE
    assert not fits(RULE.replace(old, new, 1))
