"""Two sets of rules side by side: keys, and what each would do for the same events."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from rulebook import Book, Rule, Vocabulary, read_folder
from rulebook.comparing import (
    Act,
    KeyChange,
    Sample,
    acts_of,
    compare_rules,
    parameters_changed,
    replay,
)

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
HEAD = "version: 1\n"
RULE = """\
rules:
  - id: deal-won
    when: {source: crm, event: deal.updated}
    if:
      deal.status: won
    then:
      - action: enrol
        with: {email: "${ contact.email }", course_id: 101}
"""


def rules(text: str = RULE, head: str = HEAD, file: str = "a.yaml") -> tuple[Rule, ...]:
    reading = read_folder({file: head + text}, Vocabulary())
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return reading.files[file].rules


def event(name: str, **roots: Any) -> Sample:
    return Sample(name, {"event": {"source": "crm", "type": "deal.updated"}, **roots}, NOW)


WON = event("1", deal={"status": "won"}, contact={"email": "a@x.example"})
LOST = event("2", deal={"status": "lost"}, contact={"email": "b@x.example"})


def keys(before: Iterable[Rule], after: Iterable[Rule]) -> list[tuple[str, str, str]]:
    [change] = compare_rules(before, after)
    return [(each.key, each.before, each.after) for each in change.keys]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            "deal.status: won",
            'deal.status: [won, "5"]',
            [("if.deal.status", "won", '[won, "5"]')],
            id="a condition",
        ),
        pytest.param(
            "    then:",
            "    retry: {attempts: 8, give_up_after: 3 days}\n    then:",
            [("retry.attempts", "nothing", "8"), ("retry.give_up_after", "nothing", "3 days")],
            id="new keys",
        ),
        pytest.param(
            "course_id: 101",
            "course_id: 102",
            [("then[0].with.course_id", "101", "102")],
            id="a parameter",
        ),
        pytest.param(
            "if:\n      deal.status: won",
            "if:\n      any: [{deal.status: won}, {deal.stage: x}]",
            [
                ("if.deal.status", "won", "nothing"),
                ("if.any[0].deal.status", "nothing", "won"),
                ("if.any[1].deal.stage", "nothing", "x"),
            ],
            id="a group",
        ),
        pytest.param(
            "event: deal.updated",
            "event: deal.created",
            [("when[0].event", "deal.updated", "deal.created")],
            id="another type",
        ),
    ],
)
def test_what_differs_is_named_key_by_key(
    old: str, new: str, told: list[tuple[str, str, str]]
) -> None:
    assert keys(rules(), rules(RULE.replace(old, new))) == told


def test_a_table_that_a_rule_names_is_a_part_of_it() -> None:
    text = RULE.replace("deal.status: won", "deal.product: {in_table: courses}")
    one = "version: 1\ntables: {courses: {Safety: 101}}\n"
    other = "version: 1\ntables: {courses: {Safety: 102, Fire: 103}}\n"

    assert keys(rules(text, one), rules(text, other)) == [
        ("tables.courses.Safety", "101", "102"),
        ("tables.courses.Fire", "nothing", "103"),
    ]


def test_another_way_of_matching_is_a_change_though_the_body_is_the_same() -> None:
    first = rules(head="version: 1\nmatching: first\n")

    assert keys(rules(), first) == [("matching", "nothing", "first")]


def test_names_notes_and_another_file_are_no_change() -> None:
    named = rules(
        RULE.replace("    when:", "    name: Won\n    notes: why\n    when:"), file="b.yaml"
    )

    assert compare_rules(rules(), named) == ()


def test_the_same_rules_do_the_same() -> None:
    done = replay(Book(rules()), Book(rules()), [WON, LOST])

    assert (done.events, done.differences, done.gained, done.lost) == (2, (), (), ())


def test_events_that_match_by_one_alone_are_told_with_what_would_be_done() -> None:
    lost = rules(RULE.replace("won\n    then", "lost\n    then"))

    done = replay(Book(rules()), Book(lost), [WON, LOST])

    assert [one.event.name for one in done.matched_now()] == ["2"]
    assert [one.event.name for one in done.matched_no_longer()] == ["1"]
    assert done.other_acts() == ()
    assert done.gained == ("enrol b@x.example in 101",)
    assert done.lost == ("enrol a@x.example in 101",)


def test_other_parameters_are_named_one_by_one() -> None:
    other = rules(RULE.replace("course_id: 101", "course_id: 102"))

    [one] = replay(Book(rules()), Book(other), [WON]).other_acts()

    assert parameters_changed(one) == (KeyChange("course_id", "101", "102"),)


def test_other_actions_are_told_as_a_whole() -> None:
    other = rules(RULE.replace("enrol\n", "invite\n"))

    [one] = replay(Book(rules()), Book(other), [WON]).other_acts()

    assert parameters_changed(one) == (
        KeyChange("then", "enrol a@x.example in 101", "invite a@x.example in 101"),
    )


def test_an_action_that_begins_to_fail_is_told() -> None:
    other = rules(RULE.replace("contact.email", "contact.phone"))

    done = replay(Book(rules()), Book(other), [WON])

    [one] = done.other_acts()
    assert parameters_changed(one) == (
        KeyChange(
            "enrol",
            "enrol a@x.example in 101",
            "enrol fails: email: contact.phone is missing in the event",
        ),
    )
    assert done.lost == ("enrol a@x.example in 101",)


def test_what_another_rule_does_as_well_is_neither_new_nor_gone() -> None:
    renamed = rules(RULE.replace("deal-won", "deal-sold"))

    done = replay(Book(rules()), Book(renamed), [WON])

    assert (len(done.matched_now()), len(done.matched_no_longer())) == (1, 1)
    assert (done.gained, done.lost) == ((), ())


def test_a_dry_run_calls_nobody() -> None:
    dry = rules(RULE.replace("    then:", "    dry_run: true\n    then:"))

    done = replay(Book(rules()), Book(dry), [WON])

    assert (done.differences, done.lost) == ((), ("enrol a@x.example in 101",))


@pytest.mark.parametrize(
    ("keys", "acts"),
    [
        pytest.param(
            "lookup: {people: {use: coursebox.learners, with: {course_id: 7}}}\n"
            "require: {people: {is_present: true}}",
            ["require: not done: needs lookup people"],
            id="what is required is not known",
        ),
        pytest.param(
            "lookup: {people: {use: coursebox.learners, with: {course_id: 7}}}\n"
            "for_each: {items: '${ people }'}",
            ["for_each: not done: needs lookup people"],
            id="nor are the items",
        ),
        pytest.param(
            "for_each: {items: '${ order.products }'}\nonce_per: '${ item }'",
            ["enrol a@x.example in 101", "enrol a@x.example in 101"],
            id="the same key counts once",
        ),
        pytest.param(
            "once_per: '${ deal.id }'",
            ["once_per fails: deal.id is missing in the event"],
            id="no key",
        ),
    ],
)
def test_acts_are_those_that_are_known_without_asking_anybody(keys: str, acts: list[str]) -> None:
    lines = "".join(f"    {line}\n" for line in keys.splitlines())
    [rule] = rules(RULE.replace("    then:\n", f"{lines}    then:\n"))
    form = {**WON.form, "order": {"products": ["a", "b", "a"]}}

    assert [act.words for act in acts_of(rule, form, NOW)] == acts


def test_a_step_that_only_if_leaves_out_is_no_act() -> None:
    text = RULE.replace("enrol\n", "enrol\n        only_if: {deal.stage: x}\n")

    assert acts_of(rules(text)[0], WON.form, NOW) == ()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (Act("enrol_user", {"user_id": 7, "course_id": 3}), "enrol_user 7 in 3"),
        (Act("update_user", {"email": "a@x.example"}), "update_user a@x.example"),
        (Act("notify", {"message": "hello"}), "notify"),
        (Act("enrol", {}, "why"), "enrol fails: why"),
        (Act("enrol", {}, "not done: needs lookup x"), "enrol: not done: needs lookup x"),
    ],
)
def test_an_action_is_told_in_short(act: Act, words: str) -> None:
    assert act.words == words
