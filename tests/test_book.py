"""Rules at work: judged by event, split into items, rendered into actions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rulebook import Book, Item, RenderError, Rule, Vocabulary, read_folder

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)


def event(source: str = "shop", kind: str = "order.paid", **roots: Any) -> dict[str, Any]:
    return {"event": {"id": "1", "source": source, "type": kind}, **roots}


def rule(then: str, *, before: str = "", name: str = "a-rule", tables: str = "") -> Rule:
    lines = [
        "version: 1",
        "owner: ops@usher.example",
        *([f"tables: {tables}"] if tables else []),
        "rules:",
        f"  - id: {name}",
        "    when: {source: shop, event: order.paid}",
        *(f"    {line}" for line in before.splitlines()),
        "    then:",
        *(f"      {line}" for line in then.splitlines()),
    ]
    reading = read_folder({"r.yaml": "\n".join(lines)}, Vocabulary())
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return reading.files["r.yaml"].rules[0]


ENROL = "- {action: enrol, with: {email: '${ body.email }', course_id: 101}}"


def test_only_rules_about_the_source_and_type_speak() -> None:
    book = Book([rule(ENROL, name="one-rule"), rule(ENROL, name="two-rule")])

    assert [verdict.rule_id for verdict in book.judge(event(), NOW)] == ["one-rule", "two-rule"]
    assert book.judge(event(source="other"), NOW) == ()
    assert book.judge(event(kind="order.refunded"), NOW) == ()


@pytest.mark.parametrize("odd", [{}, {"event": None}, {"event": {"source": ["shop"], "type": {}}}])
def test_an_event_of_any_shape_is_judged(odd: dict[str, Any]) -> None:
    assert Book([rule(ENROL)]).judge(odd, NOW) == ()


def test_a_book_gives_its_rules() -> None:
    one, two = rule(ENROL, name="one-rule"), rule(ENROL, name="two-rule")
    book = Book(each for each in (one, two))

    assert len(book) == 2
    assert list(book) == [one, two]
    assert book.rule("two-rule") is two
    with pytest.raises(KeyError):
        book.rule("no-rule")


def test_a_verdict_says_why() -> None:
    conditional = rule(
        ENROL, before="if:\n  body.total: {at_least: 100}\n  body.email: a@b.example"
    )
    book = Book([conditional])

    [yes] = book.judge(event(body={"total": "149.00", "email": "a@b.example"}), NOW)
    [no] = book.judge(event(body={"total": 99}), NOW)

    assert (yes.matched, yes.reason) == (True, "yes: all conditions hold")
    assert (no.matched, no.reason) == (False, "no: body.total at_least 100 (event has 99)")
    assert yes.rule_hash == conditional.hash


def test_a_rule_without_conditions_says_so() -> None:
    [verdict] = Book([rule(ENROL)]).judge(event(), NOW)

    assert (verdict.matched, verdict.reason) == (True, "yes: the rule has no conditions")


def test_a_rule_that_is_switched_off_says_so() -> None:
    [verdict] = Book([rule(ENROL, before="enabled: false")]).judge(event(), NOW)

    assert (verdict.matched, verdict.reason) == (False, "no: switched off (enabled: false)")


def test_a_dry_run_says_so() -> None:
    [verdict] = Book([rule(ENROL, before="dry_run: true")]).judge(event(), NOW)

    assert (verdict.matched, verdict.dry_run) == (True, True)


def test_a_rule_without_for_each_has_one_item() -> None:
    assert rule(ENROL).items(event()) == (Item("", None),)


EACH = "- {action: enrol, with: {email: '${ item.mail }', course_id: 1}}"


@pytest.mark.parametrize("written", ["body.people", "${ body.people }", "{items: body.people}"])
def test_for_each_gives_the_entries_of_a_list(written: str) -> None:
    people = [{"mail": "a@b.example"}, {"mail": "c@d.example"}]
    each = rule(EACH, before=f"for_each: {written}")

    items = each.items(event(body={"people": people}))

    assert items == (Item("1", people[0]), Item("2", people[1]))
    assert each.render(0, event(), items[1].value)["email"] == "c@d.example"


def test_for_each_takes_filters() -> None:
    each = rule(
        "- {action: enrol, with: {email: '${ item | trim }', course_id: 1}}",
        before='for_each: ${ body.mails | split(";") | unique }',
    )

    items = each.items(event(body={"mails": "a@b.example; c@d.example;a@b.example"}))

    assert [item.value for item in items] == ["a@b.example", "c@d.example"]


def test_an_empty_list_gives_no_item() -> None:
    assert rule(EACH, before="for_each: body.people").items(event(body={"people": []})) == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "for_each: body.people is missing in the event"),
        ({"people": None}, "for_each: body.people is missing in the event"),
        ({"people": "a@b.example"}, "must be a list, but found text"),
        ({"people": {"a": 1}}, "must be a list, but found a block"),
        ({"people": [1] * 3}, "has 3 items; at most 2"),
        ({"people": [1] * 5_000}, "has 5,000 items; at most 2"),
    ],
)
def test_what_is_no_list_of_bearable_length_is_an_error(body: object, message: str) -> None:
    each = rule(EACH, before="for_each: {items: body.people, max: 2}")

    with pytest.raises(RenderError, match=message):
        each.items(event(body=body))


@pytest.mark.parametrize(
    ("items", "body", "message"),
    [
        ("body.rows", {"rows": [1] * 1_001}, "has 1,001 items; at most 1,000"),
        ("'body.rows[].x'", {"rows": [{}] * 1_001}, "has 1,001 items; at most 1,000"),
        ("'${ body.rows | unique }'", {"rows": [1] * 1_001}, "has 1,001 items; at most 1,000"),
        (
            """'${ body.text | split(",") }'""",
            {"text": "a," * 1_200},
            "has 1,000 or more items; at most 1,000",
        ),
    ],
    ids=["list", "below each", "filtered", "split"],
)
def test_no_item_of_a_long_list_is_left_out_in_silence(
    items: str, body: object, message: str
) -> None:
    each = rule(EACH, before=f"for_each: {{items: {items}, max: 1000}}")

    with pytest.raises(RenderError, match=message):
        each.items(event(body=body))


def test_a_list_of_a_thousand_is_done_whole() -> None:
    each = rule(EACH, before="for_each: {items: body.rows, max: 1000}")

    assert len(each.items(event(body={"rows": [1] * 1_000}))) == 1_000


def test_parameters_are_converted_and_defaults_filled_in() -> None:
    step = """\
- action: enrol
  with:
    email: " ${ body.email } "
    course_id: ${ body.product | lookup(courses) }
    first_name: ${ body.name | first_name }
    marketing_emails: ${ body.news }
"""
    enrol = rule(step, tables="{courses: {Safety: '101'}}")
    body = {"email": "A@X.Example", "product": "safety", "name": "Ann Lee", "news": "true"}

    assert enrol.render(0, event(body=body)) == {
        "email": "a@x.example",
        "course_id": 101,
        "first_name": "Ann",
        "marketing_emails": True,
        "on_unknown_user": "invite",
    }


@pytest.mark.parametrize("name", [None, "", "  ", []])
def test_an_optional_parameter_that_comes_out_empty_is_left_out(name: object) -> None:
    step = ENROL.replace("course_id: 101", "course_id: 1, first_name: '${ body.name }'")
    step = step.replace("}}", ", last_name: 'van ${ body.last }'}}")

    rendered = rule(step).render(0, event(body={"email": "a@b.example", "name": name}))

    assert {"first_name", "last_name"}.isdisjoint(rendered)


def test_an_optional_parameter_that_cannot_be_filled_is_an_error() -> None:
    step = ENROL.replace("course_id: 101", "course_id: 1, first_name: '${ body.name | lookup(t) }'")

    with pytest.raises(RenderError, match=r"first_name: body\.name: the table"):
        rule(step, tables="{t: {a: b}}").render(
            0, event(body={"email": "a@b.example", "name": "x"})
        )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, 'step "enrol": email: body.email is missing in the event'),
        ({"email": " "}, 'step "enrol": email must not be empty (from ${ body.email })'),
        ({"email": "sam"}, 'step "enrol": "email" must be an e-mail address, found text "sam"'),
        ({"email": ["a@b.example"]}, '"email" must be an e-mail address, found a list'),
    ],
)
def test_a_required_parameter_that_comes_out_wrong_names_its_template(
    body: object, message: str
) -> None:
    with pytest.raises(RenderError) as refused:
        rule(ENROL).render(0, event(body=body))

    assert message in str(refused.value)


UNENROL = """\
- action: unenrol
  with:
    email: ${ body.email }
    user_id: ${ body.user }
    course_id: 7
"""


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ({"email": "a@b.example"}, {"email": "a@b.example", "course_id": 7}),
        ({"user": 5}, {"user_id": 5, "course_id": 7}),
    ],
)
def test_either_way_of_naming_a_person_is_enough(body: object, given: dict[str, object]) -> None:
    assert rule(UNENROL).render(0, event(body=body)) == given


def test_nobody_is_never_unenrolled() -> None:
    with pytest.raises(RenderError, match="one of email and user_id is needed"):
        rule(UNENROL).render(0, event(body={"user": ""}))


def test_attributes_that_are_missing_are_left_out_one_by_one() -> None:
    step = """\
- action: update_user
  with:
    email: ${ body.email }
    attributes:
      firstName: ${ body.first }
      city: ${ body.city | default("unknown") }
      profile: {background: "${ body.job }"}
"""
    update = rule(step)

    rendered = update.render(0, event(body={"email": "a@b.example", "first": "Sam"}))

    assert rendered["attributes"] == {"firstName": "Sam", "city": "unknown"}


def test_an_update_of_nothing_is_an_error() -> None:
    step = "- {action: update_user, with: {user_id: 5, attributes: {city: '${ body.city }'}}}"

    with pytest.raises(RenderError, match="attributes must not be empty"):
        rule(step).render(0, event(body={}))


def test_what_an_event_holds_is_never_a_template() -> None:
    step = ENROL.replace("course_id: 101", "course_id: 1, first_name: '${ body.name }'")

    rendered = rule(step).render(
        0, event(body={"email": "a@b.example", "name": "${ raw } {{ 7*7 }}\n"})
    )

    assert rendered["first_name"] == "${ raw } {{ 7*7 }}"


def test_item_is_not_there_without_for_each() -> None:
    stored = rule(EACH, before="for_each: body.people")

    with pytest.raises(RenderError, match=r"item\.mail is missing"):
        stored.render(0, event(item={"mail": "a@b.example"}))
