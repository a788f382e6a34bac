"""Rule files: what they come to, and everything that can be wrong in them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook import (
    ACTIONS,
    CallbackShape,
    LookupShape,
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
from tests.rule_texts import FILE
from workers.rulefiles import fingerprint, read_one, read_tree

TESTS = Path(__file__).parent
BAD_RULES = sorted((TESTS / "bad_rules").glob("*.yaml"))
VOCABULARY = Vocabulary(
    {
        "pipedrive": frozenset({"deal.updated", "deal.created"}),
        "shop": frozenset(),
        "form": frozenset({"form.submitted", "form.started"}),
        "woo": frozenset(),
    },
    frozenset({"typeform", "hubspot"}),
    fields={
        "woo": {"order.updated": frozenset({"deal.status", "contact.email"})},
        "form": {
            "form.submitted": frozenset(
                {
                    "event.type",
                    "answers.*",
                    "form.id",
                    "contact.email",
                    "order.items[].sku",
                    "raw.*",
                }
            )
        },
    },
    lookups={
        "hubspot.deal_contacts": LookupShape(
            ("deal_id", "most"), frozenset({"deal_id"}), ("id", "email", "first_name"), is_list=True
        ),
        "coursebox.user": LookupShape(("email",), frozenset({"email"}), ("id", "email")),
        "pipedrive.person": LookupShape(
            ("person_id",), frozenset({"person_id"}), problem="PIPEDRIVE_API_TOKEN is not set"
        ),
    },
    accounts=frozenset({"default", "emea"}),
    callbacks={
        "crm.deal_enrolled": CallbackShape(("deal_id", "note"), frozenset({"deal_id"})),
        "pipedrive.note": CallbackShape(problem="PIPEDRIVE_API_TOKEN is not set"),
    },
)
UNKNOWN = Vocabulary()


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


TABLES = {"tables/courses.csv": "k,v\na,1\n"}


@pytest.mark.parametrize(
    ("old", "new", "label", "help"),
    [
        pytest.param(
            "version: 1\n", "", None, "add version: 1 as the first line", id="version missing"
        ),
        pytest.param(
            "          course_id: 101\n    tests",
            "    tests",
            None,
            'write under "with", for example, course_id: 101',
            id="parameter missing",
        ),
        pytest.param(
            "          email: ${ contact.email }\n",
            "",
            None,
            'write under "with", for example, email: ${ contact.email }',
            id="either of two missing",
        ),
        pytest.param(
            "rules:\n",
            "tables: {a: tables/course.csv}\nrules:\n",
            'did you mean "tables/courses.csv"?',
            "looked in the rules folder for tables/course.csv",
            id="table misspelt",
        ),
        pytest.param(
            "rules:\n",
            "tables: {a: courses.csv}\nrules:\n",
            'did you mean "tables/courses.csv"?',
            "looked in the rules folder for courses.csv",
            id="table in another folder",
        ),
        pytest.param(
            "deal.status: won\n",
            "deal.amount: > 100\n",
            None,
            "to compare, write {more_than: 100}",
            id="more than as a sign",
        ),
        pytest.param(
            "deal.status: won\n",
            "deal.amount: >= 99.5 # euros\n",
            None,
            "to compare, write {at_least: 99.5}",
            id="at least as a sign",
        ),
        pytest.param(
            "deal.status: won\n",
            "deal.status: {is_empty: true}\n",
            None,
            "for a field that is missing or empty, write {is_present: false}",
            id="a field that is missing",
        ),
        pytest.param(
            "deal.status: won\n",
            "deal.stage: closedwon or won\n",
            None,
            "write [closedwon, won]; put it in quotes if it is meant",
            id="several values joined by or",
        ),
        pytest.param(
            "deal.status: won\n",
            "deal.stage: closedwon,won, signed\n",
            None,
            "write [closedwon, won, signed]; put it in quotes if it is meant",
            id="several values joined by commas",
        ),
    ],
)
def test_the_help_says_what_to_write(old: str, new: str, label: str | None, help: str) -> None:
    (problem,) = read(FILE.replace(old, new, 1), **TABLES).problems

    assert (problem.label, problem.help) == (label, help)


def test_a_city_leads_to_its_time_zone() -> None:
    active = "    active: {timezone: Berlin}\n    then:\n"

    problems = read(FILE.replace("    then:\n", active, 1)).problems

    assert problems[0].label == 'did you mean "Europe/Berlin"?'


def test_every_parameter_that_may_be_missing_is_shown_as_a_line() -> None:
    for action in ACTIONS.values():
        text = FILE[: FILE.index("        with:")].replace("enrol", action.name)
        (problem, *_) = [one for one in read(text).problems if one.is_error]

        assert problem.code in {"A02", "A04"}
        assert (problem.help or "").startswith('write under "with", for example, ')


@pytest.mark.parametrize(
    ("event", "named"),
    [
        pytest.param("deal.won", "deal.created, deal.updated, ...", id="same family"),
        pytest.param(
            "persn.updated", "person.updated, deal.updated, ...", id="spelt a little like it"
        ),
        pytest.param("x", ", ".join(f"a.{n}" for n in range(10, 20)) + ", ...", id="like none"),
    ],
)
def test_only_the_events_that_could_be_meant_are_named(event: str, named: str) -> None:
    types = {"deal.updated", "deal.created", "person.updated", *(f"a.{n}" for n in range(10, 30))}
    vocabulary = Vocabulary({"pipedrive": frozenset(types)})
    text = FILE.replace("deal.updated", event)

    (problem,) = read_folder({"rules.yaml": text}, vocabulary).problems

    assert problem.help == f"events of pipedrive: {named}"


def test_every_mistake_in_a_file_is_reported_in_one_pass() -> None:
    text = FILE.replace("deal.status: won\n    then", "deal.stagee: won\n    then")
    text = text.replace("course_id: 101\n    tests", "course_id: 4 2\n    tests")
    text = text.replace("  - id: deal-won\n", "  - id: deal-won\n    enabled: yes\n")
    text = text.replace("expect: no match", "expect: nothing")

    assert codes(read(text)) == ["S03", "F02", "A03", "S03"]


WHEN = "when: {source: pipedrive, event: deal.updated}"
UPDATE = """\
      - action: update_user
        with:
          user_id: 5
          attributes: {firstName: Sam}
    tests:
"""
ODD = {
    "when is an empty list": (WHEN, "when: []", ("S03", 5)),
    "when holds texts": (WHEN, "when: [pipedrive]", ("S03", 5)),
    "when holds nothing": (WHEN, "when: {}", ("S02", 5), ("S02", 5)),
    "an empty text": ("  - id: deal-won", "  - name: ''\n    id: deal-won", ("S03", 4)),
    "a list for a text": ("  - id: deal-won", "  - name: [a]\n    id: deal-won", ("S03", 4)),
    "no steps": (
        FILE[FILE.index("      - action") : FILE.index("    tests")],
        "      []\n",
        ("S03", 9),
    ),
    "a step that is a text": ("    tests:\n", "      - enrol\n    tests:\n", ("S03", 13)),
    "an id that no step can have": (
        "      - action: enrol\n",
        "      - id: Step One\n        action: enrol\n",
        ("S04", 9),
    ),
    "a step key of the rule": (
        "        with:\n          email",
        "        tests: []\n        with:\n          email",
        ("S01", 10),
    ),
    "with is a text": (
        FILE[FILE.index("with:\n") : FILE.index("    tests")],
        "with: everything\n",
        ("S03", 10),
    ),
    "attributes are a text": (
        "    tests:\n",
        UPDATE.replace("{firstName: Sam}", "Sam"),
        ("A03", 16),
    ),
    "an attribute nested too deeply": (
        "    tests:\n",
        UPDATE.replace("Sam", "[[[[Sam]]]]"),
        ("A05", 16),
    ),
    "item in a condition": ("deal.status: won\n    then", "item.x: 1\n    then", ("F03", 7)),
    "item in a condition beside for_each": (
        "deal.status: won\n    then",
        "item.x: 1\n    for_each: body.x\n    then",
        ("F03", 7),
    ),
    "for_each of a text with a template": (
        "    then:\n",
        "    for_each: all ${ body.x }\n    then:\n",
        ("S03", 8),
    ),
    "for_each of a broken template": (
        "    then:\n",
        "    for_each: ${ body.x | lowr }\n    then:\n",
        ("T01", 8),
    ),
    "for_each of an unknown field": (
        "    then:\n",
        "    for_each: deal.items\n    then:\n",
        ("F02", 8),
    ),
    "for_each without items": ("    then:\n", "    for_each: {max: 3}\n    then:\n", ("S02", 8)),
    "a wait that is a list": ("    tests:", "    retry: {max_wait: [1]}\n    tests:", ("S03", 13)),
    "tables are a list": ("rules:\n", "tables: [a]\nrules:\n", ("S03", 3)),
    "a table that is a number": ("rules:\n", "tables: {a: 5}\nrules:\n", ("S03", 3)),
    "a table value that is missing": ("rules:\n", "tables: {a: {b: }}\nrules:\n", ("S03", 3)),
    "a table that is no CSV": ("rules:\n", "tables: {a: b.txt}\nrules:\n", ("R04", 3)),
    "two actions in one expectation": (
        "          - enrol: {email: sam@learner.example, course_id: 101}\n",
        "          - enrol: {course_id: 1}\n            invite: {course_id: 1}\n",
        ("S03", 17),
    ),
    "an expected action that is a text": (
        "          - enrol: {email: sam@learner.example, course_id: 101}\n",
        "          - enrol\n",
        ("S03", 17),
    ),
    "an event that is a number": (
        "event: {deal: {status: won}, contact: {email: sam@learner.example}}",
        "event: 5",
        ("S03", 15),
    ),
    "an event with a field no path leads to": (
        "event: {deal: {status: won}",
        'event: {"": 1, deal: {status: won}',
        ("F01", 15),
    ),
    "a field that was there before": (
        "deal.status: won\n    then",
        "previous.deal.stat: open\n    then",
        ("F02", 7),
    ),
    "a root that was there before": (
        "deal.status: won\n    then",
        "previous.answers.x: open\n    then",
        ("F02", 7),
    ),
    "a field without its root": ("deal.status: won\n    then", "stage: won\n    then", ("F01", 7)),
}


@pytest.mark.parametrize("case", ODD.values(), ids=ODD.keys())
def test_what_has_the_wrong_shape_is_refused_in_its_line(
    case: tuple[str, str, tuple[str, int]],
) -> None:
    old, new, *expected = case
    assert FILE.count(old) == 1

    problems = [problem for problem in read(FILE.replace(old, new)).problems if problem.is_error]

    assert [(problem.code, problem.line) for problem in problems] == expected


def test_a_file_holds_five_hundred_rules_at_most() -> None:
    rules = FILE[FILE.index("  - id") : FILE.index("    tests")]
    head = FILE[: FILE.index("  - id")]
    many = [rules.replace("deal-won", f"rule-{number}") for number in range(501)]

    fine, refused = read(head + "".join(many[:500])), read(head + "".join(many))

    assert len(fine.files["rules.yaml"].rules) == 500
    assert codes(refused) == ["S05"]


@pytest.mark.parametrize(
    "field",
    [
        *("deal", "deal.custom", "deal.custom.a.b[0].c", 'deal.custom["two words"]', "changed"),
        *("previous.deal.stage", "previous.deal.custom.x", "previous", "raw.x.y", "body[0]"),
        *('answers["Your name?"]', "hidden.utm", "event.id", "change.value", "contact.email"),
    ],
)
def test_fields_that_events_can_hold_are_known(field: str) -> None:
    written = field.replace('"', '\\"')

    text = FILE.replace("deal.status: won\n    then", f'"{written}": won\n    then')

    assert [code for code in codes(read(text)) if code[0] in "FC"] == []


def test_a_rule_can_have_every_key_at_once() -> None:
    assert [problem.headline for problem in read(ALL_KEYS).problems if problem.is_error] == []


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


def test_a_change_of_a_file_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    (tmp_path / "a.yaml").write_text("x", encoding="utf-8")
    before = fingerprint(tmp_path)

    (tmp_path / "_b.yaml").write_text("x", encoding="utf-8")
    unchanged = fingerprint(tmp_path)
    (tmp_path / "a.yaml").write_text("xy", encoding="utf-8")

    assert list(before) == ["a.yaml"]
    assert unchanged == before
    assert fingerprint(tmp_path) != before


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
    (root / "gone.yaml").symlink_to(root / "nowhere.yaml")
    (root / "huge.csv").write_bytes(b"x" * (2 * 1024 * 1024 + 1))
    os.mkfifo(root / "pipe.yaml")

    tree = read_tree(root)

    assert sorted(tree.files) == ["a.yaml", "same.yaml"]
    assert tree.files["a.yaml"] == "caf\udce9"
    assert tree.unreadable == {
        "gone.yaml": "gone.yaml: No such file or directory",
        "huge.csv": "huge.csv: it is larger than 2 MB",
        "link.csv": "link.csv: it is a link to a file outside of the rules folder",
        "pipe.yaml": "pipe.yaml: it is not a file",
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
ALL_KEYS = """\
version: 1
owner: ops@usher.example
notes: every key there is
tags: [sales]
matching: first
defaults:
  retry: {attempts: 5, first_wait: 1 minute}
  priority: low
  limit: {runs: 200, per: 1 hour}
  dry_run: false
tables: {courses: {Safety: 101}}
rules:
  - id: all-keys
    name: All keys
    owner: sam@usher.example
    notes: none is left out
    tags: [one, two]
    enabled: true
    when: {source: pipedrive, event: deal.updated}
    active:
      from: 2026-01-01
      until: 2026-12-31T18:00:00
      timezone: Europe/Berlin
      days: [mon, tue, wed, thu, fri]
      hours: 06:00-23:30
    if:
      deal.status: won
    rollout: {percent: 100, by: "${ deal.id }"}
    lookup:
      contacts: {use: hubspot.deal_contacts, with: {deal_id: "${ deal.id }"}}
    require:
      contacts: {count: {at_least: 1}}
    for_each: {items: contacts, max: 10}
    once_per: {key: "${ item.email }", within: 30 days}
    limit: {runs: 3, per: 1 day}
    priority: high
    dry_run: false
    retry: {attempts: 3, give_up_after: 2 days}
    then:
      - action: enrol
        id: seat
        delay: 3 days
        on_error: continue
        retry: {attempts: 1}
        notes: waits
        lookup:
          user:
            use: coursebox.user
            with:
              email: ${ item.email }
        only_if:
          user.id: {is_present: false}
        with:
          email: ${ item.email }
          course_id: ${ deal.product | lookup(courses) }
    tests:
      - name: another stage
        event: {deal: {id: 5, status: lost, product: Safety}}
        now: 2026-04-15T10:00:00Z
        expect: no match
"""
SEEDS = [
    FILE,
    *(5 * [ALL_KEYS]),
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
        *("50%", "0", "150", "${ contacts[0].email }", "contacts", "contacts.x", "coursebox.users"),
        *("Europe/Berlin", "../../etc/passwd", "berlin", "0001-01-01", "9999-12-31", "24:00-00:00"),
        *(
            "22:00-06:00",
            "mon",
            "[mon-fri]",
            "0 days",
            "9999999 weeks",
            "high",
            "first",
            "continue",
        ),
        *("{deal: {use: coursebox.user}}", "{runs: 1, per: 1 day}", "{key: x}", "{from: [1]}"),
        *("https://x.example/courses/12", "sam@x.example", "|\n            a ${ b.c | lowr }"),
    ]
)
KEYS = st.sampled_from(
    [
        *("any", "all", "none", "id", "when", "if", "then", "tests", "change", "expect", "event"),
        *("now", "deal", "deal.stage", "deal.x", "item.x", 'answers["a b"]', "a b", '""', "0"),
        *("null", "~", "[a]", "? x", "body.a[].b", "previous.deal.stage", "changed", "enrol"),
        *("active", "rollout", "lookup", "require", "once_per", "limit", "priority", "delay"),
        *("only_if", "on_error", "matching", "defaults", "tags", "days", "hours", "timezone"),
        *("use", "with", "percent", "by", "within", "per", "or", "contacts", "user.id", "from"),
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


def of_form(condition: str, event: str = "form.submitted", more: str = "") -> str:
    """A rule of the form with one condition."""
    when = f"[{{source: form, event: {event}}}{more}]"
    text = FILE.replace("{source: pipedrive, event: deal.updated}", when)
    return text.replace("deal.status: won\n    then", f"{condition}: won\n    then", 1)


@pytest.mark.parametrize(
    "field",
    [
        "answers.course",
        'answers["Which course?"]',
        "raw.form_response.token",
        "form",
        "form.id",
        "order.items[].sku",
        "order.items[0].sku",
        "event.type",
    ],
)
def test_a_field_that_its_source_can_give_is_fine(field: str) -> None:
    assert not {"F01", "F02", "W08"} & set(codes(read(of_form(field))))


@pytest.mark.parametrize(
    ("event", "more"),
    [
        pytest.param("form.started", "", id="a type without a catalogue"),
        pytest.param(
            "form.submitted", ", {source: shop, event: received}", id="another source without one"
        ),
    ],
)
def test_where_the_fields_are_not_known_any_is_accepted(event: str, more: str) -> None:
    assert "W08" not in codes(read(of_form("deal.stage", event, more)))


@pytest.mark.parametrize(
    ("field", "label", "help"),
    [
        pytest.param(
            "deal.stage",
            None,
            "it has: answers, contact, event, form, order, raw; "
            "all are shown by: usher sources fields form form.submitted",
            id="no such block",
        ),
        pytest.param(
            "order.email",
            'did you mean "contact.email"?',
            "it has: order.items[].sku; all are shown by: usher sources fields form form.submitted",
            id="it stands in another block",
        ),
        pytest.param(
            "event.id",
            None,
            "it has: event.type; all are shown by: usher sources fields form form.submitted",
            id="another field of the block",
        ),
    ],
)
def test_a_field_that_is_never_given_is_explained(field: str, label: str | None, help: str) -> None:
    [problem] = [one for one in read(of_form(field)).problems if one.code == "W08"]

    assert (problem.label, problem.help) == (label, help)


def test_what_an_item_has_is_not_known() -> None:
    text = of_form("answers.course").replace(
        "    then:\n", "    for_each: order.items\n    then:\n"
    )

    reading = read(text.replace("${ contact.email }", "${ item.email }"))

    assert not {"F03", "W08"} & set(codes(reading))


def test_a_source_that_is_not_known_says_nothing_of_fields() -> None:
    text = of_form("deal.stage").replace("source: form", "source: forn")

    assert "W08" not in codes(read(text))


def test_a_star_is_told_to_stand_for_no_other_event() -> None:
    text = (BAD_RULES[0].parent / "warn-operator-of-item.yaml").read_text(encoding="utf-8")
    text = text.replace("source: pipedrive, event: deal.updated", 'source: form, event: "*"')

    told = [p.message for p in read_folder({"a.yaml": text}, UNKNOWN).problems if p.code == "W09"]

    assert told == ['"*" is taken as written; it does not stand for all events']
