"""Warnings that need more than one condition, rule or file to be seen."""

from __future__ import annotations

import pytest

from rulebook import Vocabulary, read_folder
from rulebook.reach import folder_problems

HEAD = "version: 1\nowner: ops@usher.example\n"


def told(files: dict[str, str]) -> list[str]:
    reading = read_folder(files, Vocabulary())
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return [
        f"{problem.file}:{problem.line} {problem.code} {problem.message}"
        for problem in folder_problems(files, reading)
    ]


def rule(name: str, condition: str = "", course: str = "101", more: str = "") -> str:
    given = f"    if: {condition}\n" if condition else ""
    return (
        f"  - id: {name}\n    when: {{source: shop, event: sold}}\n{given}{more}    then:\n"
        "      - action: enrol\n        with: {email: '${ order.email }', "
        f"course_id: {course}}}\n"
    )


def file_of(*rules: str, head: str = "") -> str:
    return f"{HEAD}{head}rules:\n{''.join(rules)}"


def codes(*rules: str, head: str = "") -> list[str]:
    return [line.split()[1] for line in told({"a.yaml": file_of(*rules, head=head)})]


@pytest.mark.parametrize(
    "condition",
    [
        "{deal.status: {equals: won, one_of: [lost, open]}}",
        "{deal.status: won, all: [{deal.status: lost}]}",
        "{deal.status: won, any: [{deal.status: lost}, {deal.status: {equals: open}}]}",
        "{deal.status: {equals: won, not_equals: won}}",
        "{deal.status: {one_of: [won, lost], not_one_of: [lost, won]}}",
        "{deal.status: {becomes: won, equals: lost}}",
        "{deal.status: {becomes: won, changed: false}}",
        "{deal.status: {equals: won, starts_with: l}}",
        "{deal.status: {equals: won, is_present: false}}",
        "{deal.status: {equals: won, more_than: 5}}",
        "{deal.amount: {more_than: 5, less_than: 5}}",
        "{deal.amount: {at_least: 10, between: [1, 9]}}",
        "{deal.amount: {equals: 5, at_least: 10}}",
        "{deal.amount: {equals: 5, one_of: [6, 7]}}",
        "{deal.amount: {at_least: 5, is_present: false}}",
        "{deal.status: won, none: [{deal.status: won}]}",
        "{deal.status: won, none: [{deal.status: [won, lost]}]}",
    ],
)
def test_conditions_that_never_hold_together_are_told(condition: str) -> None:
    assert codes(rule("one", condition)) == ["W21"]


@pytest.mark.parametrize(
    "condition",
    [
        "{deal.status: {one_of: [won, lost], not_equals: won}}",
        "{deal.status: won, any: [{deal.status: lost}, {deal.amount: 5}]}",
        "{any: [{deal.status: lost}, {deal.status: won}]}",
        "{deal.status: won, none: [{deal.status: won, deal.amount: 5}]}",
        "{deal.status: won, none: [{deal.status: lost}]}",
        "{deal.amount: {equals: 5, one_of: ['5', 6]}}",
        "{deal.amount: {equals: 5, not_equals: '5'}}",
        "{deal.amount: {equals: 5, contains: .0}}",
        "{deal.amount: {at_least: 5, at_most: 5}}",
        "{deal.status: {equals: WON, one_of: [won], ignore_case: true}}",
        "{deal.custom.x: {equals: true, one_of: ['TRUE']}}",
        "{'order.items[].sku': {equals: A, one_of: [B]}}",
        "{deal.closed_at: {within_last: 3 days, older_than: 1 day}}",
        "{deal.status: {becomes: won, changed: true}}",
        "{deal.products: {contains: a, not_contains: b, count: 2}}",
    ],
)
def test_conditions_that_may_hold_together_are_not(condition: str) -> None:
    assert codes(rule("one", condition)) == []


def test_a_contradiction_is_told_at_its_place_with_the_other_one() -> None:
    text = file_of(rule("one", "{deal.status: won}", more="    require: {deal.status: lost}\n"))

    assert told({"a.yaml": text}) == [
        'a.yaml:7 W21 deal.status is never both equals "won" and equals "lost", '
        "so this rule never runs"
    ]


def test_a_step_that_is_never_done_is_told() -> None:
    text = rule("one", "{deal.status: won}") + "        only_if: {deal.status: open}\n"

    [line] = told({"a.yaml": file_of(text)})

    assert line.startswith("a.yaml:10 W21 ")
    assert line.endswith("so this step is never done")


FIRST = "matching: first\n"


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("", "{deal.status: won}"),
        ("{deal.status: won}", "{deal.status: {equals: won}}"),
        ("{deal.status: won}", "{deal.amount: 5, deal.status: won}"),
        ("{deal.status: [won, lost]}", "{deal.status: lost}"),
        ("{any: [{a: 1}, {b: 2}]}".replace("a:", "raw.a:").replace("b:", "raw.b:"),) * 2,
    ],
)
def test_a_rule_behind_one_that_takes_everything_is_told(above: str, below: str) -> None:
    assert codes(rule("one", above), rule("two", below, "102"), head=FIRST) == ["W20"]
    assert codes(rule("one", above), rule("two", below, "102")) == []


@pytest.mark.parametrize(
    ("above", "below", "more"),
    [
        ("{deal.status: won}", "", ""),
        ("{deal.status: won}", "{deal.status: lost}", ""),
        ("{deal.status: 1}", "{deal.status: true}", ""),
        ("{deal.status: won, deal.amount: 5}", "{deal.status: won}", ""),
        ("{deal.status: lost}", "{deal.status: [won, lost]}", ""),
        ("{none: [{deal.status: won}]}", "{deal.status: lost}", ""),
        ("", "", "    enabled: false\n"),
        ("", "", '    rollout: {percent: 50, by: "${ order.email }"}\n'),
        ("", "", "    active: {from: 2026-01-01, timezone: Europe/Berlin}\n"),
    ],
)
def test_a_rule_that_may_still_get_an_event_is_not(above: str, below: str, more: str) -> None:
    given = (rule("one", above, more=more), rule("two", below, "102"))

    assert codes(*given, head=FIRST) == []


def test_only_events_of_the_same_kind_are_taken() -> None:
    other = rule("two").replace("{source: shop, event: sold}", "[{source: shop, event: paid}]")
    both = other.replace("[{", "[{source: shop, event: sold}, {")

    assert codes(rule("one"), other, head=FIRST) == []
    assert codes(rule("one"), both, head=FIRST) == []
    assert codes(rule("one"), other.replace("two", "paid"), both, head=FIRST) == ["W20"]


def test_two_rules_that_do_the_same_are_told_also_over_files() -> None:
    files = {
        "a.yaml": file_of(rule("one", "{deal.status: won, deal.amount: 5}")),
        "b.yaml": file_of(rule("two", "{deal.amount: {equals: 5}, deal.status: won}")),
    }

    assert told(files) == [
        'b.yaml:8 W22 rule "two" does the same as rule "one" (a.yaml:4) for sold of source "shop"'
    ]


@pytest.mark.parametrize(
    "other",
    [
        rule("two", "{deal.status: won}", "102"),
        rule("two", "{deal.status: lost}"),
        rule("two", "{deal.status: won}", more="    enabled: false\n"),
        rule("two", "{deal.status: won}", more="    account: emea\n"),
        rule("two", "{deal.status: won}", more="    dry_run: true\n"),
        rule("two", "{deal.status: won}", more="    require: {deal.amount: 5}\n"),
        rule("two", "{deal.status: won}").replace("order.email", "contact.email"),
        rule("two", "{deal.status: won}").replace("event: sold", "event: paid"),
        rule("two", "{deal.status: won}").replace("enrol\n", "invite\n"),
    ],
)
def test_rules_that_differ_are_not(other: str) -> None:
    assert codes(rule("one", "{deal.status: won}"), other) == []


TABLES = "tables:\n  courses:\n    A: 1\n    B: 2\n    5: 3\n"
LOOKED_UP = '"${ order.product | trim | lookup(courses) }"'


def test_a_key_that_no_rule_can_look_up_is_told() -> None:
    text = file_of(rule("one", "{order.product: [a, 5]}", LOOKED_UP), head=TABLES)

    assert told({"a.yaml": text}) == [
        'a.yaml:6 W23 "B" is never looked up: the conditions of the rules let other values through'
    ]


@pytest.mark.parametrize(
    "rules",
    [
        [rule("one", "{order.product: [A, 5]}", LOOKED_UP), rule("two", "", LOOKED_UP)],
        [rule("one", "{any: [{order.product: A}, {order.id: 1}]}", LOOKED_UP)],
        [rule("one", "{order.product: A}", LOOKED_UP.replace("trim", "truncate(1)"))],
        [rule("one", "{order.product: A}", LOOKED_UP.replace("product", "number"))],
        [rule("one", "{order.product: {in_table: courses}}", LOOKED_UP)],
        [
            rule("one", "{order.product: A}", LOOKED_UP),
            rule("two", "{order.id: {in_table: courses}}"),
        ],
    ],
)
def test_a_key_that_may_be_looked_up_is_not(rules: list[str]) -> None:
    assert codes(*rules, head=TABLES) == []


def test_a_table_that_nothing_uses_is_told_at_its_name() -> None:
    assert told({"a.yaml": file_of(rule("one"), head=TABLES)}) == [
        'a.yaml:4 W24 nothing in this file uses the table "courses"'
    ]


def test_a_shared_csv_is_looked_at_over_all_files() -> None:
    head = "tables: {courses: c.csv}\n"
    one = file_of(rule("one", "{order.product: A}", LOOKED_UP), head=head)
    two = file_of(rule("two", "{order.product: B}", LOOKED_UP), head=head)
    table = {"c.csv": "product,course\nA,1\nB,2\nC,3\n"}

    assert [line.split(":")[0] for line in told({"a.yaml": one, **table})] == ["a.yaml"]
    [line] = told({"a.yaml": one, "b.yaml": two, **table})
    assert line.startswith('a.yaml:3 W23 "C" is never looked up')


def test_files_with_errors_are_left_out() -> None:
    text = file_of(rule("one", "{deal.status: {equals: won, one_of: [lost]}}"), "  - id: two\n")

    reading = read_folder({"a.yaml": text}, Vocabulary())

    assert folder_problems({"a.yaml": text}, reading) == ()
