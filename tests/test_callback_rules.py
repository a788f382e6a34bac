"""Rules that tell other systems: checked, tested, explained and filled in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rulebook import CallbackShape, Reading, Rule, Vocabulary, read_folder, run_tests
from rulebook.comparing import Act
from rulebook.explaining import explain
from rulebook.filters import RenderError
from rulebook.problems import Severity

VOCABULARY = Vocabulary(
    callbacks={
        "crm.done": CallbackShape(("deal_id", "note"), frozenset({"deal_id"})),
        "crm.told": CallbackShape(),
    }
)
RULE = """\
version: 1
owner: ops@usher.example
rules:
  - id: told-back
    when: {source: shop, event: order.paid}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: 101}
      - action: callback
        delay: 1 hour
        with: {use: crm.done, note: "for ${ body.email }", deal_id: "${ body.deal }"}
      - action: callback
        id: again
        only_if: {body.twice: true}
        with: {use: crm.told}
    tests:
      - name: paid
        event: {body: {email: ada@customer.example, deal: 7}}
        expect:
          - enrol: {email: ada@customer.example, course_id: 101}
          - callback: {use: crm.done, deal_id: 7, note: for ada@customer.example}
            after: 1 hour
"""
BODY = {"body": {"email": "ada@customer.example", "deal": 7}}


def read(text: str = RULE, vocabulary: Vocabulary = VOCABULARY) -> Reading:
    return read_folder({"r.yaml": text}, vocabulary)


def errors(text: str) -> list[str]:
    return [each.headline for each in read(text).problems if each.severity == Severity.ERROR]


def rule(text: str = RULE) -> Rule:
    assert errors(text) == []
    return read(text).files["r.yaml"].rules[0]


def failures(text: str) -> list[str]:
    return [one.message for one in run_tests(read(text).files["r.yaml"]) if not one.passed]


def test_a_test_expects_a_callback_with_what_it_is_given() -> None:
    assert errors(RULE) == []
    assert failures(RULE) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("deal_id: 7, note", "deal_id: 8, note", "deal_id expected 8, but got 7"),
        ("deal_id: 7, note", "note", "deal_id expected nothing, but got 7"),
        ("{use: crm.done, deal_id: 7", "{use: crm.told, deal_id: 7", 'use expected "crm.told"'),
        ("            after: 1 hour\n", "", "but got after 1 hour"),
    ],
)
def test_a_test_that_expects_something_else_fails(old: str, new: str, said: str) -> None:
    assert old in RULE
    (message,) = failures(RULE.replace(old, new))
    assert said in message


def test_what_an_event_lacks_is_an_error_of_the_step() -> None:
    without = {"body": {"email": "ada@customer.example"}}

    with pytest.raises(RenderError, match=r'step "callback": deal_id: body.deal is missing'):
        rule().render(1, without)


def test_what_is_given_keeps_its_kind_and_its_order() -> None:
    assert list(rule().render(1, BODY).items()) == [
        ("use", "crm.done"),
        ("note", "for ada@customer.example"),
        ("deal_id", 7),
    ]


def test_an_empty_value_is_an_error_and_a_default_helps() -> None:
    empty = {"body": {"email": "ada@customer.example", "deal": " "}}
    helped = RULE.replace("${ body.deal }", "${ body.deal | default(0) }")

    with pytest.raises(RenderError, match="deal_id must not be empty"):
        rule().render(1, empty)
    assert rule(helped).render(1, empty)["deal_id"] == 0


@pytest.mark.parametrize("value", [[7], {"id": 7}])
def test_a_list_or_a_block_is_given_to_no_callback(value: object) -> None:
    with pytest.raises(RenderError, match='"deal_id" must be text or a number'):
        rule().render(1, {"body": {"email": "a@b.example", "deal": value}})


def test_where_nobody_knows_the_callbacks_any_name_may_be_one() -> None:
    text = RULE.replace("crm.done", "who.knows").replace("deal_id", "any_thing")

    reading = read(text, Vocabulary())

    assert [each.headline for each in reading.problems if each.is_error] == []


def test_nothing_is_set_up_is_said() -> None:
    (problem, _) = [
        each for each in read(RULE, Vocabulary(callbacks={})).problems if each.code == "R10"
    ]

    assert problem.help == "none are set up; more are added in lookups.yaml"


def test_a_parameter_that_is_almost_right_is_suggested_once() -> None:
    text = RULE.replace('note: "for', 'nte: "for').replace("note: for", "nte: for")

    (problem,) = [each for each in read(text).problems if each.is_error]

    assert (problem.code, problem.label) == ("S01", 'did you mean "note"?')


def test_an_explanation_shows_what_would_be_told() -> None:
    (item,) = explain(rule(), BODY, datetime.now(UTC)).planned
    assert [(step.id, step.action, step.wanted) for step in item.steps] == [
        ("enrol", "enrol", True),
        ("callback", "callback", True),
        ("again", "callback", False),
    ]
    assert item.steps[1].parameters == {
        "use": "crm.done",
        "note": "for ada@customer.example",
        "deal_id": 7,
    }


def test_a_comparison_names_the_callback() -> None:
    assert Act("callback", {"use": "crm.done", "deal_id": 7}).words == "callback crm.done"
