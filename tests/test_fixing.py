"""Mistakes with one sure cure are taken out of a file, and nothing else in it changes."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import pytest

from rulebook import Vocabulary, read_folder
from rulebook.cures import Edit
from rulebook.fixing import fix_text, splice
from rulebook.nodes import Span
from rulebook.vocabulary import CallbackShape
from workers.rulefiles import read_one

BAD_RULES = Path(__file__).parent / "bad_rules"
VOCABULARY = Vocabulary(
    {"pipedrive": frozenset({"deal.updated"}), "shop": frozenset()},
    accounts=frozenset({"default", "emea"}),
    callbacks={"crm.deal_enrolled": CallbackShape(("deal_id",), frozenset({"deal_id"}))},
)
# file -> what stands in place of what
CURED = {
    "action-unknown": [("enroll", "enrol")],
    "active-day-long": [("Monday", "mon")],
    "active-hours-short": [("8-18", "08:00-18:00")],
    "active-key-foreign": [("start", "from")],
    "attribute-unknown": [("firstname", "firstName")],
    "callback-misspelt": [("call_back", "callback")],
    "callback-unknown": [("crm.deal_enroled", "crm.deal_enrolled")],
    "enabled-yes": [("yes", "true")],
    "field-below-text": [("contact.email.value", "contact.email")],
    "field-in-template": [("contact.e_mail", "contact.email")],
    "field-misspelt": [("deal.stagee", "deal.stage")],
    "field-root-misspelt": [("deals.stage", "deal.stage")],
    "file-key-misspelt": [("ruels", "rules")],
    "limit-per-unit": [("hour", "1 hour")],
    "matching-misspelt": [("frist", "first")],
    "once-per-foreign": [("dedupe_key", "once_per")],
    "operator-foreign": [("gte", "at_least")],
    "operator-true-as-text": [("yes", "true")],
    "parameter-flag": [("no", "false")],
    "parameter-misspelt": [("course", "course_id")],
    "priority-misspelt": [("hihg", "high")],
    "retry-short-duration": [("3d", "3 days")],
    "rollout-percent-sign": [("50%", "50")],
    "rule-id-number": [("12345", '"12345"')],
    "rule-key-foreign": [("trigger", "when")],
    "rule-key-misspelt": [("test", "tests")],
    "step-delay-fraction": [("1.5 hours", "90 minutes")],
    "step-delay-short": [("3d", "3 days")],
    "step-if": [("if", "only_if")],
    "step-on-error-misspelt": [("contineu", "continue")],
    "template-filter-unknown": [("lowr", "lower")],
    "template-in-double-quotes": [("lowr", "lower")],
    "template-over-lines": [("lowr", "lower")],
    "template-table-unknown": [("course", "courses")],
    "test-expect-action": [("enroll", "enrol")],
    "test-expect-text": [("nothing", "no match")],
    "version-missing": [("", "version: 1\n")],
    "yaml-mustache": [("{{ contact.email }}", "${ contact.email }")],
    "yaml-mustache-in-quotes": [("{{ contact.email }}", "${ contact.email }")],
    "yaml-no-break-space": [("\u00a0", " ")],
    "yaml-no-space-after-colon": [("", " ")],
    "yaml-no-space-after-colon-in-block": [("", " ")],
    "yaml-no-space-after-dash": [("", " ")],
    "yaml-tab": [("\t", " " * 8)],
    "yaml-template-in-brackets": [("${ contact.email }", '"${ contact.email }"')],
}
# what is sure is not all that is wrong
PARTLY = {"within-last-short": [("3d", "3 days")]}
# a word that may stand for several things, or a place where only a person knows
LEFT = (
    *("field-in-test", "test-change-field", "rule-id-spelling", "source-unknown", "yaml-tag"),
    *("step-delay-months", "rollout-percent-decimals", "active-zone-unknown"),
    "account-unknown",
)

FILE = """\
version: 1
owner: ops@usher.example
rules:
  - id: deal-won  # a comment
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.status:   won
    then:
      - action: enrol
        with: {email: "${ deal.custom.email }", course_id: 101}
"""


def errors(text: str) -> list[str]:
    reading = read_folder({"a.yaml": text}, VOCABULARY)
    return [problem.headline for problem in reading.problems if problem.is_error]


def fix(text: str) -> str:
    return fix_text("a.yaml", {"a.yaml": text}, VOCABULARY)


def broken(*changes: tuple[str, str]) -> str:
    """The file with mistakes made in it; each has to be there once."""
    text = FILE
    for right, wrong in changes:
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    return text


@pytest.mark.parametrize("name", [*CURED, *PARTLY])
def test_a_sure_cure_is_made_and_nothing_else(name: str) -> None:
    tree = read_one(BAD_RULES / f"{name}.yaml")
    path = f"{name}.yaml"
    text = tree.files[path]

    fixed = fix_text(path, tree.files, VOCABULARY)

    for wrong, right in {**CURED, **PARTLY}[name]:
        assert any(
            fixed == text[:at] + right + text[at + len(wrong) :]
            for at in range(len(text))
            if text.startswith(wrong, at)
        )
    left = read_folder({**tree.files, path: fixed}, VOCABULARY).problems
    assert name in PARTLY or [problem.headline for problem in left if problem.is_error] == []


@pytest.mark.parametrize("path", sorted(BAD_RULES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_file_never_has_more_errors_than_before(path: Path) -> None:
    tree = read_one(path)

    def wrong(text: str) -> int:
        problems = read_folder({**tree.files, path.name: text}, VOCABULARY).problems
        return sum(problem.is_error for problem in problems)

    fixed = fix_text(path.name, tree.files, VOCABULARY)

    assert wrong(fixed) <= wrong(tree.files[path.name])
    assert fix_text(path.name, {**tree.files, path.name: fixed}, VOCABULARY) == fixed


@pytest.mark.parametrize("name", LEFT)
def test_what_may_mean_several_things_is_left_alone(name: str) -> None:
    tree = read_one(BAD_RULES / f"{name}.yaml")

    assert fix_text(f"{name}.yaml", tree.files, VOCABULARY) == tree.files[f"{name}.yaml"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        pytest.param("    if:", "    disabled: true\n    if:", id="the opposite"),
        pytest.param("won\n", "{ilike: won}\n", id="nearly the same"),
        pytest.param("deal.status:   won", "status: won", id="a field of several blocks"),
        pytest.param(
            '"${ deal.custom.email }"', '"{{ a.b if c else d }}"', id="another product's template"
        ),
        pytest.param("when: {source: pipedrive, event: deal.updated}", "source: x", id="no block"),
    ],
)
def test_a_word_that_would_change_the_meaning_is_left_to_a_person(right: str, wrong: str) -> None:
    text = broken((right, wrong))

    assert errors(text) != []
    assert fix(text) == text


def test_many_mistakes_are_cured_in_one_go() -> None:
    text = broken(
        ("when:", "trigger:"),
        ("enrol\n", "enroll\n"),
        ("course_id", "course"),
        ("deal.status:   won", "deal.amount: {gte: 5}"),
        ('"${ deal.custom.email }"', "{{ deal.custom.email | lowr }}"),
    )

    fixed = fix(text)

    assert errors(fixed) == []
    assert fixed == broken(
        ("deal.status:   won", "deal.amount: {at_least: 5}"),
        ("deal.custom.email", "deal.custom.email | lower"),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark_stay(start: str, end: str) -> None:
    text = start + broken(("version: 1\n", ""), ("deal.status", "deal.statuss")).replace("\n", end)

    assert fix(text) == start + FILE.replace("\n", end)


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    text = broken(("a comment", "\udce4"), ("enrol\n", "enroll\n"))

    assert fix(text) == text


@pytest.mark.parametrize("width", [2, 4, 8])
def test_tabs_become_as_many_spaces_as_the_file_needs(width: int) -> None:
    block = f"rules:\n{' ' * width}- id: a-rule\n"
    rest = "  when: {source: shop, event: sold}\n".replace("  ", " " * (width + 2), 1)
    text = "version: 1\n" + block.replace(" " * width, "\t", 1) + rest

    assert fix(text) == "version: 1\n" + block + rest


def test_a_tab_inside_a_text_of_several_lines_is_text() -> None:
    text = broken(("rules:\n", "notes: |\n  a\n  \tb\nrules:\n"), ("      deal", "\tdeal"))

    fixed = fix(text)

    assert errors(fixed) == []
    assert "  a\n  \tb\n" in fixed


def test_edits_are_made_at_their_places() -> None:
    edits = [Edit(Span(1, 1, 1, 2), "x"), Edit(Span(2, 2, 3, 1), "\n"), Edit(Span.of(3, 1, 0), "y")]

    assert splice("ab\r\ncd\r\nef", edits) == "xb\r\nc\r\nyef"


def test_a_cure_changes_one_place() -> None:
    fixed = fix(broken(("deal.status:   won", "deal.statuss:   won")))

    blocks = SequenceMatcher(None, FILE, fixed, autojunk=False).get_matching_blocks()
    assert [block.size for block in blocks] == [len(FILE), 0]


def test_a_large_file_is_cured_in_whole() -> None:
    rules = "".join(
        f"  - id: rule-{number}\n    trigger: {{source: shop, event: sold}}\n    then:\n"
        f"      - action: enroll\n        with: {{email: a@x.example, course: {number}}}\n"
        for number in range(1, 301)
    )

    assert errors(fix(f"version: 1\nrules:\n{rules}")) == []
