"""The guide to writing rules: each rule in it can be copied, and does what is said of it."""

import re
from textwrap import indent
from typing import Final

import pytest

from rulebook import ACTIONS, FIELDS, Reading, read_folder, run_tests
from rulebook.filters import FILTERS
from rulebook.keys import DEFAULTS, FILE, RETRY, RULE, STEP, TEST
from rulebook.operators import OPERATORS
from tests.every_sender import LOOKUPS, ROOT, VOCABULARY
from tests.recipe_claims import CLAIMS
from usher.rules_commands import rules

GUIDE: Final = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
REFERENCE, _, RECIPES = GUIDE.partition("## Twenty-one things people want to do\n")
HEAD: Final = "version: 1\nowner: ops@usher.example\n"
RULE_ID: Final = re.compile(r"^  - id: (\S+)$", re.MULTILINE)
TABLES: Final = {"tables/courses.csv": "product,course\nSafety Basics,101\n"}


def recipes() -> dict[str, str]:
    """The rules of the guide by the headings above them."""
    found = re.findall(
        r"^### \d+\. ([^\n]+)\n\n```yaml\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL
    )
    return dict(found)


def whole_file(recipe: str) -> str:
    """The file that a recipe stands in, with what is claimed of its rules as their tests."""
    before, *rest = RULE_ID.split(recipe)
    head = HEAD + (before or "rules:\n")
    return head + "".join(
        f"  - id: {rule}{text}    tests:\n{indent(CLAIMS[rule], ' ' * 6)}\n"
        for rule, text in zip(rest[::2], rest[1::2], strict=True)
    )


def problems_and_failures(reading: Reading) -> list[str]:
    results = [result for file in reading.files.values() for result in run_tests(file)]
    failed = [f"{result.name}: {result.message}" for result in results if not result.passed]
    return [problem.headline for problem in reading.problems] + failed


def test_there_are_as_many_things_as_promised_and_a_claim_for_each_rule() -> None:
    ids = [rule for recipe in recipes().values() for rule in RULE_ID.findall(recipe)]

    assert len(recipes()) == 21
    assert sorted(ids) == sorted(CLAIMS)


@pytest.mark.parametrize("name", recipes())
def test_a_rule_to_copy_has_no_problem_and_does_what_is_said(name: str) -> None:
    reading = read_folder({"copied.yaml": whole_file(recipes()[name])}, VOCABULARY)

    assert problems_and_failures(reading) == []
    assert reading.files


def test_the_whole_file_of_the_guide_can_be_copied() -> None:
    [text] = re.findall(r"^```yaml\n(version: .*?)^```", REFERENCE, re.MULTILINE | re.DOTALL)

    assert problems_and_failures(read_folder({"r.yaml": text, **TABLES}, VOCABULARY)) == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(FILE.names, id="keys of a file"),
        pytest.param(DEFAULTS.names, id="defaults"),
        pytest.param(RULE.names, id="keys of a rule"),
        pytest.param(STEP.names, id="keys of a step"),
        pytest.param(RETRY.names, id="retry"),
        pytest.param(TEST.names, id="keys of a test"),
        pytest.param(tuple(FIELDS), id="fields"),
        pytest.param((*OPERATORS, "any", "all", "none", "ignore_case"), id="conditions"),
        pytest.param(tuple(FILTERS), id="filters"),
        pytest.param(tuple(ACTIONS), id="actions"),
        pytest.param(
            tuple(p.name for action in ACTIONS.values() for p in action.parameters),
            id="parameters",
        ),
        pytest.param(
            tuple(name for name in LOOKUPS if name.startswith("coursebox.")), id="look-ups"
        ),
        pytest.param(tuple(rules.commands), id="commands"),
    ],
)
def test_the_guide_names_every_word_of_the_language(words: tuple[str, ...]) -> None:
    spoken = re.sub(r"^```.*?^```", "", REFERENCE, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"[\w.-]+", " ".join(re.findall(r"`([^`]+)`", spoken))))

    assert [word for word in words if word not in named] == []


def test_the_guide_lists_every_shipped_file() -> None:
    linked = set(re.findall(r"\]\(([\w./-]+\.yaml)\)", REFERENCE))

    there = {*(ROOT / "rules").glob("*.yaml"), *(ROOT / "rules" / "_examples").glob("*.yaml")}
    assert {path.relative_to(ROOT / "rules").as_posix() for path in there} <= linked
    assert all((ROOT / "rules" / path).exists() for path in linked)
