"""Rule files: what they come to, and everything that can be wrong in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook import (
    Reading,
    Rule,
    Severity,
    Vocabulary,
    When,
    files_named,
    format_problem,
    read_folder,
    run_tests,
)
from workers.rulefiles import read_one, read_tree

TESTS = Path(__file__).parent
BAD_RULES = sorted((TESTS / "bad_rules").glob("*.yaml"))
VOCABULARY = Vocabulary(
    {"pipedrive": frozenset({"deal.updated", "deal.created"}), "shop": frozenset()},
    frozenset({"typeform", "hubspot"}),
)
UNKNOWN = Vocabulary()

FILE = """\
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.status: won
    then:
      - action: enrol
        with:
          email: ${ contact.email }
          course_id: 101
    tests:
      - name: won
        event: {deal: {status: won}, contact: {email: sam@learner.example}}
        expect:
          - enrol: {email: sam@learner.example, course_id: 101}
      - name: lost
        change: {deal.status: lost}
        expect: no match
"""


def read(text: str, **more: str) -> Reading:
    return read_folder({"rules.yaml": text, **more}, VOCABULARY)


def codes(reading: Reading) -> list[str]:
    return [problem.code for problem in reading.problems]


def rule_of(text: str, **more: str) -> Rule:
    reading = read(text, **more)
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return reading.files["rules.yaml"].rules[0]


@pytest.mark.parametrize("path", BAD_RULES, ids=lambda path: path.stem)
def test_a_mistake_is_reported_once_and_at_its_place(path: Path) -> None:
    expected = path.with_suffix(".expected").read_text(encoding="utf-8").splitlines()

    reading = read_folder(read_one(path).files, VOCABULARY)

    assert [problem.headline for problem in reading.problems] == expected
    usable = path.name.startswith("warn-")
    assert (path.name in reading.files) is usable


def test_every_mistake_in_a_file_is_reported_in_one_pass() -> None:
    text = FILE.replace("deal.status: won\n    then", "deal.stagee: won\n    then")
    text = text.replace("course_id: 101\n    tests", "course_id: 4 2\n    tests")
    text = text.replace("  - id: deal-won\n", "  - id: deal-won\n    enabled: yes\n")
    text = text.replace("expect: no match", "expect: nothing")

    assert codes(read(text)) == ["S03", "F02", "A03", "S03"]


def test_one_bad_file_does_not_hurt_the_others() -> None:
    other = FILE.replace("id: deal-won", "id: another")

    reading = read(FILE.replace("version: 1", "version: 2"), **{"b/other.yaml": other})

    assert list(reading.files) == ["b/other.yaml"]
    assert [problem.file for problem in reading.problems] == ["rules.yaml"]


def test_a_rule_id_used_in_another_file_is_refused_there() -> None:
    reading = read(FILE, **{"zebra.yml": FILE})

    assert list(reading.files) == ["rules.yaml"]
    assert [problem.headline for problem in reading.problems] == [
        'zebra.yml:4:9: error[S10]: the rule id "deal-won" is already used in rules.yaml:4'
    ]


def test_files_and_folders_that_begin_with_a_dot_or_underscore_are_left_out() -> None:
    left_out = {"_draft.yaml": "x", ".hidden.yaml": "x", "_old/a.yaml": "x", "b/.git/a.yaml": "x"}

    reading = read(FILE, **left_out, **{"README.md": "x"})

    assert list(reading.files) == ["rules.yaml"]
    assert reading.problems == ()


def test_a_rule_says_what_it_is() -> None:
    text = FILE.replace(
        "    tests:\n",
        "    name: Deal won\n    dry_run: true\n    enabled: false\n"
        "    retry: {attempts: 5, first_wait: 30 seconds, give_up_after: 2 days}\n    tests:\n",
    )

    file = read(text).files["rules.yaml"]
    rule = file.rules[0]

    assert (file.path, file.owner) == ("rules.yaml", "ops@usher.example")
    assert (rule.id, rule.name, rule.file, rule.line) == ("deal-won", "Deal won", "rules.yaml", 4)
    assert (rule.enabled, rule.dry_run) == (False, True)
    assert rule.when == (When("pipedrive", "deal.updated"),)
    assert rule.retry is not None
    assert (rule.retry.attempts, rule.retry.first_wait, rule.retry.max_wait) == (5, 30, None)
    assert rule.retry.give_up_after == 172_800
    assert [(step.id, step.action) for step in rule.steps] == [("enrol", "enrol")]


def test_steps_without_an_id_get_one_of_their_own() -> None:
    step = "      - action: enrol\n        with: {email: a@b.example, course_id: 1}\n"
    named = step.replace("enrol\n", "invite\n        id: hello\n")

    rule = rule_of(FILE.replace("    tests:\n", step + named + step + "    tests:\n"))

    assert [found.id for found in rule.steps] == ["enrol", "enrol-2", "hello", "enrol-3"]


def test_when_takes_several_pairs() -> None:
    pair = "{source: pipedrive, event: deal.updated}"

    rule = rule_of(FILE.replace(pair, f"[{pair}, {{source: shop, event: anything}}]"))

    assert rule.when == (When("pipedrive", "deal.updated"), When("shop", "anything"))


@pytest.mark.parametrize(
    "edit",
    [
        ("    if:\n      deal.status: won\n", "    if: {deal.status: won}   # the same\n"),
        ("    when:", "    enabled: true\n    dry_run: false\n    when:"),
        ("  - id: deal-won\n", "  - name: A name\n    id: deal-won\n"),
        ("owner: ops@usher.example", "owner: sales@usher.example\nnotes: some words"),
        ("name: lost", "name: lost again"),
        ("event: deal.updated}", 'event: "deal.updated"}'),
        ("rules:\n", "tables: {unused: {a: 1}}\nrules:\n"),
        ("          email: ${ contact.email }\n          course_id: 101\n", None),
    ],
    ids=["layout", "defaults", "name", "owner", "tests", "quotes", "unused table", "order"],
)
def test_what_does_not_change_a_rule_does_not_change_its_version(
    edit: tuple[str, str | None],
) -> None:
    old, new = edit
    swapped = "".join(reversed(old.splitlines(keepends=True)))

    changed = rule_of(FILE.replace(old, swapped if new is None else new, 1))

    assert changed.hash == rule_of(FILE).hash
    assert len(changed.short_hash) == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: deal-won", "id: deal-won-2"),
        ("deal.status: won\n    then", "deal.status: lost\n    then"),
        ("course_id: 101\n    tests", "course_id: 102\n    tests"),
        ("    tests:\n", "    retry: {attempts: 2}\n    tests:\n"),
        ("    when:", "    enabled: false\n    when:"),
        ("event: deal.updated", "event: deal.created"),
        ("    then:", "    for_each: body.items\n    then:"),
    ],
)
def test_what_changes_a_rule_changes_its_version(old: str, new: str) -> None:
    assert rule_of(FILE.replace(old, new, 1)).hash != rule_of(FILE).hash


def test_a_table_counts_into_the_version_of_the_rules_that_name_it() -> None:
    text = FILE.replace("rules:\n", "tables: {courses: t/c.csv}\nrules:\n")
    looking_up = text.replace(
        "course_id: 101\n    tests", "course_id: ${ deal.product | lookup(courses) }\n    tests"
    )
    before = {"t/c.csv": "product,course\nSafety,101\n"}
    after = {"t/c.csv": "product,course\nSafety,102\n"}

    assert rule_of(text, **before).hash == rule_of(text, **after).hash
    assert rule_of(looking_up, **before).hash != rule_of(looking_up, **after).hash
    assert rule_of(looking_up, **before).body["tables"] == {"courses": {"Safety": 101}}


def test_a_rule_lives_on_from_its_stored_body() -> None:
    rule = rule_of(FILE)

    stored = Rule.from_body(json.loads(json.dumps(rule.body)))

    assert stored.hash == rule.hash
    event = {"contact": {"email": "A@B.example"}}
    assert stored.render(0, event) == rule.render(0, event)
    assert stored.steps == rule.steps


def test_a_body_of_another_engine_is_not_run() -> None:
    body = {**rule_of(FILE).body, "engine": 2}

    with pytest.raises(ValueError, match="engine 2"):
        Rule.from_body(body)


@pytest.mark.parametrize(
    ("vocabulary", "source", "event", "found"),
    [
        (UNKNOWN, "anything", "at.all", []),
        (VOCABULARY, "shop", "at.all", []),
        (VOCABULARY, "pipedrive", "deal.created", []),
        (VOCABULARY, "pipedrive", "deal.created2", ["R02"]),
        (VOCABULARY, "typeform", "form.submitted", ["W06"]),
        (VOCABULARY, "nobody", "x", ["R01"]),
        (Vocabulary({}, frozenset()), "nobody", "x", ["R01"]),
    ],
)
def test_sources_and_event_types_are_checked_as_far_as_they_are_known(
    vocabulary: Vocabulary, source: str, event: str, found: list[str]
) -> None:
    text = FILE.replace("pipedrive", source).replace("deal.updated", event)

    assert codes(read_folder({"rules.yaml": text}, vocabulary)) == found


LOST = """\
      - name: lost
        change: {deal.status: lost}
        expect: no match
"""
CONDITION = "    if:\n      deal.status: won\n"


def test_a_rule_without_tests_is_warned_of_and_used() -> None:
    reading = read(FILE[: FILE.index("    tests:")])

    assert codes(reading) == ["W01", "W02"]
    assert all(problem.severity is Severity.WARNING for problem in reading.problems)
    assert list(reading.files) == ["rules.yaml"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (FILE.replace(LOST, ""), ["W02"]),
        (FILE.replace(LOST, "").replace(CONDITION, ""), []),
        (FILE.replace(LOST, "").replace("    when:", "    enabled: false\n    when:"), []),
        (FILE[: FILE.index("        expect:")] + "        expect: no match\n", ["W01"]),
        (FILE[: FILE.index("        expect:")] + "        expect: {error: x}\n" + LOST, []),
    ],
    ids=["only matches", "cannot fail to match", "switched off", "never matches", "an error"],
)
def test_each_direction_wants_a_test(text: str, found: list[str]) -> None:
    assert codes(read(text)) == found


def test_tables_and_fixtures_lie_beside_the_file_or_at_the_root() -> None:
    text = FILE.replace("rules:\n", "tables: {a: near.csv, b: far.csv}\nrules:\n")
    text = text.replace(
        "event: {deal: {status: won}, contact: {email: sam@learner.example}}", "event: won.json"
    )
    fixture = '{"deal": {"status": "won"}, "contact": {"email": "sam@learner.example"}}'
    files = {
        "emea/rules.yaml": text,
        "emea/near.csv": "k,v\na,1\n",
        "near.csv": "not a table",
        "far.csv": "k,v\na,1\n",
        "won.json": fixture,
    }

    reading = read_folder(files, VOCABULARY)

    assert reading.problems == ()
    assert [result.passed for result in run_tests(reading.files["emea/rules.yaml"])] == [True] * 2


def test_the_files_that_a_rule_file_names_are_known_before_it_is_checked() -> None:
    text = FILE.replace("rules:\n", "tables: {a: t/a.csv, b: ../b.csv, c: {x: 1}}\nrules:\n")
    text = text.replace("event: {deal: {status: won}, contact", "event: f/e.json #")

    assert files_named("emea/r.yaml", text) == (
        *("emea/t/a.csv", "t/a.csv", "emea/f/e.json", "f/e.json"),
    )
    assert files_named("r.yaml", "{") == ()


def test_a_file_is_read_with_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    text = FILE.replace("rules:\n", "tables: {a: t/a.csv}\nrules:\n")
    (tmp_path / "t").mkdir()
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("x", encoding="utf-8")
    (tmp_path / "t/a.csv").write_text("k,v\na,1\n", encoding="utf-8")
    (tmp_path / "t/b.csv").write_text("k,v\na,1\n", encoding="utf-8")

    tree = read_one(tmp_path / "rules.yaml")

    assert sorted(tree.files) == ["rules.yaml", "t/a.csv"]


def test_a_folder_is_read_without_what_is_hidden_or_leads_out_of_it(tmp_path: Path) -> None:
    root = tmp_path / "rules"
    (root / "_old").mkdir(parents=True)
    (root / "_old/a.yaml").write_text("x", encoding="utf-8")
    (root / "a.yaml").write_bytes(b"caf\xe9")
    (root / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("x", encoding="utf-8")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    (root / "same.yaml").symlink_to(root / "a.yaml")

    tree = read_tree(root)

    assert sorted(tree.files) == ["a.yaml", "same.yaml"]
    assert tree.files["a.yaml"] == "caf\udce9"
    assert tree.unreadable == {
        "link.csv": "link.csv: it is a link to a file outside of the rules folder"
    }
    assert read_tree(tmp_path / "nowhere").missing


PIECES = st.sampled_from(
    [
        *("\t", "\n", " ", "  ", ":", ": ", "- ", "- -", "{", "}", "[", "]", '"', "'", "#", "&a"),
        *("*a", "!", "|", ">", "%", "@", "`", "?", ",", "$", "${", "${ }", "{{", "}}", "\u00a0"),
        *("\x00", "\udce4", "é", "0", "-1", "1.5", "true", "null", "yes", "~", "[]", "{}", '""'),
        *("any: []", "none: x", "item", "lookup(", "| default(", "(removed)", "for_each: body.x"),
        *("9" * 30, "a" * 300, "../x.csv", "/etc/passwd.csv", "x.json", "deal[0].x[]", "3 days"),
    ]
)
SEEDS = [
    FILE,
    *(path.read_text(encoding="utf-8") for path in (TESTS.parent / "rules").glob("*.yaml")),
]
TABLES = {
    path: text
    for path, text in read_tree(TESTS.parent / "rules").files.items()
    if path.endswith(".csv")
}
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=4)


def lines_shuffled(text: str, swaps: list[tuple[float, float]]) -> str:
    lines = text.splitlines(keepends=True)
    for one, other in swaps:
        here, there = int(one * (len(lines) - 1)), int(other * (len(lines) - 1))
        lines[here], lines[there] = lines[there], lines[here]
    return "".join(lines)


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(SEEDS),
    EDITS,
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=2),
)
def test_a_damaged_rule_file_is_used_or_refused_with_a_message(
    seed: str, edits: list[tuple[float, int, str]], swaps: list[tuple[float, float]]
) -> None:
    text = lines_shuffled(seed, swaps)
    for place, length, piece in edits:
        start = int(place * len(text))
        text = text[:start] + piece + text[start + length :]

    reading = read(text, **TABLES)

    refused = [problem for problem in reading.problems if problem.is_error]
    assert bool(refused) is ("rules.yaml" not in reading.files)
    for problem in reading.problems:
        assert format_problem(problem, text).startswith("rules.yaml:")
        format_problem(problem, text).encode()
    for file in reading.files.values():
        run_tests(file)


VALUES = st.sampled_from(
    [
        *("", "null", "true", "5", "-1.5", "yes", "[]", "{}", "[1, a, null]", "{a: b}", "[[1]]"),
        *('"x"', "''", "${ deal.stage }", "${ item }", '"${ }"', "'$${ x }'", "deal.stage"),
        *("body.x[]", "body[0].y", "x.json", "tables/courses.csv", "no match", "(removed)"),
        *("3 days", "3d", "2026-01-01T00:00:00Z", '"\\u0000"', '"\\ud800"', "- a", "&a b", "!!x y"),
        *("{any: [{deal.stage: x}]}", "{items: body.x, max: 3}", "{error: x}", "0x10", "2"),
        *("{within_last: 3 days}", "{in_table: courses}", "{becomes: won}", "{any_item: {x: 1}}"),
        *("{count: {at_least: 1}}", "{between: [1, 2]}", '{matches_regex: "("}', "{email: 1}"),
        *("https://x.example/courses/12", "sam@x.example", "|\n            a ${ b.c | lowr }"),
    ]
)
KEYS = st.sampled_from(
    [
        *("any", "all", "none", "id", "when", "if", "then", "tests", "change", "expect", "event"),
        *("now", "deal", "deal.stage", "deal.x", "item.x", 'answers["a b"]', "a b", '""', "0"),
        *("null", "~", "[a]", "? x", "body.a[].b", "previous.deal.stage", "changed", "enrol"),
        *("attributes", "max", "items", "retry", "for_each", "dry_run", "version", "ignore_case"),
    ]
)
LINE = re.compile(r"(\s*(?:- )?)([^:]+):(.*)")


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(SEEDS), st.floats(0, 1), st.tuples(KEYS) | st.tuples(VALUES, VALUES))
def test_a_rule_file_with_another_key_or_value_is_used_or_refused(
    seed: str, place: float, put: tuple[str, ...]
) -> None:
    lines = seed.splitlines()
    number = int(place * (len(lines) - 1))
    found = LINE.fullmatch(lines[number])
    if found and len(put) == 1:
        lines[number] = f"{found[1]}{put[0]}:{found[3]}"
    elif found:
        lines[number] = f"{found[1]}{found[2]}: {put[0]}"
    text = "\n".join(lines)

    reading = read(text, **TABLES)

    refused = [problem for problem in reading.problems if problem.is_error]
    assert bool(refused) is ("rules.yaml" not in reading.files)
    for problem in reading.problems:
        assert format_problem(problem, text).startswith(f"rules.yaml:{problem.line}:")
    for file in reading.files.values():
        run_tests(file)
