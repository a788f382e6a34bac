"""Why a rule does, or does not do, something: in the order of its keys, with what nearly held."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook import Rule, Vocabulary, read_folder
from rulebook.expectations import Outcome
from rulebook.explaining import Explanation, explain
from workers.rulefiles import read_tree

ROOT = Path(__file__).parent.parent

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
EVENT = {"source": "pipedrive", "type": "deal.updated"}
TEXTS = st.sampled_from(["won", "Won", "a", "", "x", "2026-04-15", "5", "sku", "id", "status"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
THEN = """\
    then:
      - action: enrol
        with: {email: "${ contact.email }", course_id: 101}
"""


def rules(*keys: str, then: str = THEN, matching: str = "all") -> tuple[Rule, ...]:
    """One rule for each text of keys, of one file."""
    lines = ["version: 1", f"matching: {matching}", "rules:"]
    for number, text in enumerate(keys, 1):
        lines += [f"  - id: rule-{number}", "    when: {source: pipedrive, event: deal.updated}"]
        lines += [f"    {line}" for line in text.splitlines()]
        lines += [then.rstrip()]
    reading = read_folder({"a.yaml": "\n".join(lines)}, Vocabulary())
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return reading.files["a.yaml"].rules


def told(keys: str, event: Mapping[str, Any], **more: Any) -> Explanation:
    [rule] = rules(keys, then=more.pop("then", THEN))
    return explain(rule, {"event": EVENT, **event}, NOW, **more)


def lines(one: Explanation) -> list[str]:
    return [str(line) for line in one.told]


def test_every_condition_has_its_line_in_the_words_of_the_rule() -> None:
    condition = """\
if:
  deal.status: {becomes: won}
  deal.amount: {at_least: 100}
  deal.currency: [EUR, USD]
  none:
    - deal.custom.skip_lms: true"""
    deal = {"status": "Won", "amount": "99", "currency": "EUR"}

    one = told(condition, {"deal": deal})

    assert lines(one) == [
        'NO  deal.status becomes "won"   (event has: "Won")'
        "   <- differs only in capital letters or spaces",
        'NO  deal.amount at_least 100   (event has: "99")',
        'yes deal.currency one_of ["EUR", "USD"]   (event has: "EUR")',
        "none of:",
        "   NO  deal.custom.skip_lms equals true   (event has: nothing)"
        "   <- the event has no such field",
    ]
    assert (one.matched, one.reason[:24]) == (False, "no: deal.status becomes ")


@pytest.mark.parametrize(
    ("condition", "event", "note"),
    [
        pytest.param(
            "deal.status: {becomes: won}",
            {"deal": {"status": "Won"}, "previous": {"deal": {"status": "Won"}}},
            "already had that value",
            id="already so comes before capitals",
        ),
        pytest.param(
            "deal.status: {becomes: won}",
            {"deal": {"status": "won"}},
            "the source gives no change information",
            id="nobody knows what changed",
        ),
        pytest.param(
            "deal.custom.course: a",
            {"deal": {"custom": {"cuorse": "a"}}},
            "the event has no such field; did you mean deal.custom.cuorse?",
            id="spelt almost alike",
        ),
        pytest.param(
            "deal.custom.course: a",
            {"deal": {"custom": {"Course": "a"}}},
            'the event has no such field, but it has "deal.custom.Course"',
            id="other capitals",
        ),
        pytest.param(
            "deal.custom.course: a",
            {"deal": {"custom": {"year": "a"}}},
            "the event has no such field",
            id="nothing like it",
        ),
    ],
)
def test_what_nearly_held_is_said(condition: str, event: dict[str, Any], note: str) -> None:
    [line] = told(f"if: {{{condition}}}", event).told

    assert (line.ok, line.note) == (False, note)


def test_the_items_of_a_list_stand_below_their_comparison() -> None:
    condition = "if: {order.items: {any_item: {sku: a, quantity: {more_than: 2}}}}"
    items = [{"sku": "A", "quantity": 3}, {"sku": "a", "quantity": 1}]

    one = told(condition, {"order": {"items": items}})

    assert lines(one) == [
        "NO  order.items any_item:   (event has: [a block, a block])",
        "   item 1:",
        '      NO  item.sku equals "a"   (event has: "A")'
        "   <- differs only in capital letters or spaces",
        "      yes item.quantity more_than 2   (event has: 3)",
        "   item 2:",
        '      yes item.sku equals "a"   (event has: "a")',
        "      NO  item.quantity more_than 2   (event has: 1)",
    ]


def test_long_lists_are_cut_and_their_length_is_said() -> None:
    items = [{"sku": str(number)} for number in range(7)]

    one = told("if: {order.items: {any_item: {sku: a}}}", {"order": {"items": items}})

    assert lines(one)[-1] == "   ... 7 items in all"
    assert sum("item.sku" in line for line in lines(one)) == 5


def test_a_group_that_fails_says_so_and_several_lines_of_an_entry_stand_together() -> None:
    condition = "if: {any: [{deal.stage: a, deal.id: 1}, {deal.stage: b}]}"

    one = told(condition, {"deal": {"stage": "c", "id": 1}})

    assert lines(one) == [
        "any of:   <- not one of them holds",
        "   together:",
        '      NO  deal.stage equals "a"   (event has: "c")',
        "      yes deal.id equals 1   (event has: 1)",
        '   NO  deal.stage equals "b"   (event has: "c")',
    ]


def test_an_event_of_another_type_is_said_first() -> None:
    [rule] = rules("if: {deal.status: won}")
    event = {"event": {"source": "pipedrive", "type": "deal.created"}, "deal": {"status": "won"}}

    one = explain(rule, event, NOW)

    assert lines(one) == [
        "NO  when deal.updated of pipedrive   (this event is: deal.created of pipedrive)",
        'yes deal.status equals "won"   (event has: "won")',
    ]
    assert one.reason == (
        "no: the rule is about deal.updated of pipedrive (this event is: deal.created of pipedrive)"
    )


def test_a_rule_that_is_switched_off_says_so_and_still_tells_its_conditions() -> None:
    one = told("enabled: false\nif: {deal.status: won}", {"deal": {"status": "won"}})

    assert lines(one)[0] == "NO  enabled   (the rule says: enabled: false)"
    assert (one.matched, one.reason) == (False, "no: switched off (enabled: false)")


def test_outside_the_active_period_a_rule_is_skipped_and_the_time_is_that_of_its_zone() -> None:
    one = told("active: {from: 2026-05-01T00:00:00Z, timezone: Europe/Berlin}", {})

    assert [line.ok for line in one.told] == [False]
    assert "(received: 2026-04-15T12:00:00+02:00)" in one.told[0].text
    assert one.reason.startswith("skipped: outside the active period")


@pytest.mark.parametrize(("percent", "ok"), [(0.01, False), (99.99, True)])
def test_the_rollout_says_whether_this_person_is_in_it(percent: float, ok: bool) -> None:
    keys = f"rollout: {{percent: {percent}, by: '${{ contact.email }}'}}"

    one = told(keys, {"contact": {"email": "a@x.example"}})

    [line] = one.told
    assert (line.ok, one.matched) == (ok, ok)
    assert '(event has: "a@x.example")' in line.text


def test_in_a_file_that_stops_at_the_first_match_the_earlier_rule_is_named() -> None:
    both = rules("if: {deal.status: won}", "if: {deal.id: 7}", matching="first")

    one = explain(both[1], {"event": EVENT, "deal": {"status": "won", "id": 7}}, NOW, beside=both)

    assert (one.matched, one.reason) == (False, "no: rule rule-1 of this file came first")
    assert [line.ok for line in one.told] == [True]


LOOKUP = """\
lookup:
  contacts: {use: hubspot.deal_contacts, with: {deal_id: "${ deal.id }"}}
require: {contacts: {count: {at_least: 1}}}
for_each: {items: "${ contacts }", max: 10}"""
EACH = """\
    then:
      - action: enrol
        with: {email: "${ item.email }", course_id: 101}
"""


def test_without_answers_it_is_said_which_look_up_is_needed() -> None:
    one = told(LOOKUP, {"deal": {"id": 7}}, then=EACH)

    assert lines(one)[:3] == [
        "lookup contacts: hubspot.deal_contacts {deal_id: 7}   (not done: needs lookup contacts)",
        "require:   <- not done: needs lookup contacts",
        "   contacts count {at_least: 1}   (not known: needs lookup contacts)",
    ]
    assert one.reason == "yes: as far as is known; require is not done: needs lookup contacts"
    assert (one.matched, one.planned) == (True, ())
    assert one.fault == "for_each: not done: needs lookup contacts"


def test_canned_answers_are_used_in_every_later_key() -> None:
    people = [{"email": "a@x.example"}, {"email": "none"}]

    one = told(LOOKUP, {"deal": {"id": 7}}, then=EACH, lookups={"contacts": people})

    assert one.matched
    assert [planned.key for planned in one.planned] == ["1", "2"]
    [[first], [second]] = [planned.steps for planned in one.planned]
    assert first.parameters is not None
    assert first.parameters["email"] == "a@x.example"
    assert (second.parameters, second.error[:27]) == (None, '"email" must be an e-mail a')


def test_where_require_is_not_met_the_rule_is_skipped() -> None:
    one = told(LOOKUP, {"deal": {"id": 7}}, then=EACH, lookups={"contacts": []})

    assert not one.matched
    assert one.reason.startswith("skipped: require is not met: contacts count")


def test_a_step_says_its_delay_and_whether_only_if_leaves_it_out() -> None:
    then = """\
    then:
      - action: enrol
        delay: 3 days
        only_if: {deal.stage: a}
        with: {email: "${ contact.email }", course_id: 101}
"""

    one = told("", {"deal": {"stage": "b"}, "contact": {"email": "a@x.example"}}, then=then)

    [[step]] = [planned.steps for planned in one.planned]
    assert (step.after, step.wanted) == (3 * 86_400, False)
    assert [str(line) for line in step.only_if] == ['NO  deal.stage equals "a"   (event has: "b")']


def test_a_step_whose_only_if_hangs_on_a_look_up_is_neither_wanted_nor_left_out() -> None:
    then = """\
    then:
      - action: enrol
        lookup: {person: {use: coursebox.user, with: {user_id: 7}}}
        only_if: {person.name: {is_present: true}}
        with: {email: "${ contact.email }", course_id: 101}
"""
    event = {"contact": {"email": "a@x.example"}}

    [[open_]] = [planned.steps for planned in told("", event, then=then).planned]
    answered = told("", event, then=then, lookups={"person": {"name": ""}})

    assert (open_.wanted, open_.unknown) == (True, "not done: needs lookup person")
    assert open_.parameters is not None
    assert [step.wanted for planned in answered.planned for step in planned.steps] == [False]


def test_how_often_a_rule_runs_is_told_with_its_key() -> None:
    keys = 'once_per: {key: "${ deal.id }", within: 30 days}\nlimit: {runs: 200, per: 1 hour}'

    one = told(keys, {"deal": {"id": 7}})

    assert lines(one) == [
        "once within 30 days per ${ deal.id }",
        "limit: 200 runs per 1 hour",
    ]
    assert [planned.once for planned in one.planned] == ["7"]


def test_the_key_of_once_is_told_for_each_item() -> None:
    keys = LOOKUP + '\nonce_per: "${ item.email }"'
    people = [{"email": "a@x.example"}, {"email": "b@x.example"}, {"email": "a@x.example"}, {}]

    one = told(keys, {"deal": {"id": 7}}, then=EACH, lookups={"contacts": people})

    assert [(planned.once, planned.left_out, planned.error) for planned in one.planned] == [
        ("a@x.example", "", ""),
        ("b@x.example", "", ""),
        ("a@x.example", "item 1 has the same", ""),
        ("", "", "once_per: item.email is missing in the event"),
    ]


def test_what_cannot_be_filled_in_is_told_for_a_rule_that_does_not_match_too() -> None:
    one = told("if: {deal.status: won}", {"deal": {"status": "lost"}})

    [[step]] = [planned.steps for planned in one.planned]
    assert (step.parameters, step.error) == (None, "email: contact.email is missing in the event")


def test_the_explanation_agrees_with_the_tests_of_every_rule_that_is_shipped() -> None:
    tree = read_tree(ROOT / "rules")
    examples = read_tree(ROOT / "rules" / "_examples")
    count = 0

    for files in (tree.files, examples.files):
        for file in read_folder(files, Vocabulary()).files.values():
            for rule in file.rules:
                for example in file.examples[rule.id]:
                    one = explain(
                        rule,
                        example.event,
                        example.now,
                        lookups=example.lookups,
                        beside=file.rules,
                    )
                    matches = {Outcome.ACTIONS, Outcome.ERROR}
                    assert one.matched is (example.expected.outcome in matches), example.name
                    count += 1

    assert count > 15


SCOPES = st.dictionaries(st.sampled_from(["deal", "order", "previous", "changed"]), JSON)
CONDITION = """\
if:
  deal.status: {becomes: won}
  deal.amount: {between: [1, 5]}
  deal.name: {like: "a*", ignore_case: true}
  deal.closed_at: {within_last: 3 days}
  deal.products: {contains_any: [a, b]}
  deal.custom: {is_present: false}
  order.items: {any_item: {sku: a, none: [{quantity: 2}]}, count: {at_least: 1}}
  any: [{deal.stage: {matches_regex: "^x"}}, {all: [{deal.id: 1}, {deal.owner_id: [2, 3]}]}]"""
ANY_RULE = rules(CONDITION)[0]


@given(SCOPES)
def test_whatever_an_event_holds_it_is_explained_as_it_is_judged(event: dict[str, Any]) -> None:
    scope = {"event": EVENT, **event}

    one = explain(ANY_RULE, scope, NOW)

    assert one.reason == ANY_RULE.judge(scope, NOW).reason
    top = [line.ok for line in one.told if line.depth == 0 and line.ok is not None]
    failed = any(line.ok is None and line.note for line in one.told if line.depth == 0)
    assert one.matched is (all(top) and not failed)
