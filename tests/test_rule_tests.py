"""Inline tests: what they take, and what they say when a rule does not do as expected."""

from __future__ import annotations

import pytest

from rulebook import Reading, TestResult, Vocabulary, read_folder, run_tests

RULE = """\
version: 1
owner: ops@usher.example
tables: {courses: {Safety: 101}}
rules:
  - id: order-paid
    when: {source: shop, event: order.paid}
    if: {body.total: {more_than: 0}}
    for_each: body.items
    then:
      - action: enrol
        with:
          email: ${ body.email }
          course_id: ${ item.product | lookup(courses) }
    tests:
      - name: paid
        event: {body: {total: 10, email: a@x.example, items: [{product: Safety}]}}
        expect:
          - enrol: {email: a@x.example, course_id: 101}
"""


def read(text: str, **files: str) -> Reading:
    return read_folder({"r.yaml": text, **files}, Vocabulary())


def run(text: str, **files: str) -> tuple[TestResult, ...]:
    reading = read(text, **files)
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return run_tests(reading.files["r.yaml"])


def result(*lines: str) -> TestResult:
    """How a second test goes, with these lines below its name."""
    text = RULE + "      - name: second\n" + "".join(f"        {line}\n" for line in lines)
    return run(text)[1]


def test_a_result_names_its_rule_test_and_place() -> None:
    assert run(RULE) == (TestResult("order-paid", "paid", True, "", "r.yaml", 15),)


@pytest.mark.parametrize(
    "lines",
    [
        ("change: {body.total: 0}", "expect: no match"),
        ("change: {body.total: (removed)}", "expect: no match"),
        ("change: {body.items: []}", "expect: []"),
        ('change: {"body.items[0].product": Juggling}', "expect: {error: no row for}"),
        ("change: {body.email: (removed)}", "expect: {error: BODY.EMAIL is missing}"),
        ('change: {body.items: "x"}', "expect: {error: must be a list}"),
        ("change: {event.type: order.refunded}", "expect: no match"),
        ("change: {event.source: elsewhere}", "expect: no match"),
        ("change: {event: (removed)}", "expect: no match"),
        ('expect: [{enrol: {email: " A@X.example", course_id: "101"}}]',),
        ("expect: [{enrol: {email: a@x.example, course_id: 101, on_unknown_user: invite}}]",),
        (
            "change: {body.items: [{product: safety}, {product: Safety}]}",
            "expect:",
            "  - enrol: {email: a@x.example, course_id: 101}",
            "  - enrol: {email: a@x.example, course_id: https://portal.example/courses/101}",
        ),
        (
            "change: {body.new.deeply: 1, body.total: 0.01, answers.any: [1]}",
            "expect: [{enrol: {email: a@x.example, course_id: 101}}]",
        ),
    ],
)
def test_what_the_rule_does_is_what_is_expected(lines: tuple[str, ...]) -> None:
    found = result(*lines)

    assert (found.passed, found.message) == (True, "")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ("expect: no match",),
            "expected no match, but the rule matches and does "
            'enrol {email: "a@x.example", course_id: 101, on_unknown_user: "invite", '
            "marketing_emails: false}",
        ),
        (
            ("change: {body.total: 0}", "expect: [{enrol: {email: a@x.example, course_id: 101}}]"),
            'expected enrol {email: "a@x.example", course_id: 101}, but the rule does not match: '
            "no: body.total more_than 0 (event has 0)",
        ),
        (
            ("expect: [{enrol: {email: b@x.example, course_id: 102}}]",),
            'action 1, enrol: email expected "b@x.example", but got "a@x.example"; '
            "course_id expected 102, but got 101",
        ),
        (
            ("expect: [{enrol: {email: a@x.example, course_id: 101, first_name: Sam}}]",),
            'action 1, enrol: first_name expected "Sam", but got nothing',
        ),
        (
            ("expect: [{enrol: {course_id: 101}}]",),
            'action 1, enrol: email expected nothing, but got "a@x.example"',
        ),
        (
            ("expect: [{enrol: {email: a@x.example, course_id: 101, on_unknown_user: fail}}]",),
            'action 1, enrol: on_unknown_user expected "fail", but got "invite"',
        ),
        (
            ("expect: [{invite: {email: a@x.example, course_id: 101}}]",),
            "action 1: expected invite, but got enrol",
        ),
        (("expect: []",), "expected no action, but got enrol"),
        (
            ("expect: {error: no row}",),
            'expected an error with "no row", but got enrol',
        ),
        (
            ("change: {body.email: sam}", "expect: {error: no row}"),
            'expected an error with "no row", but it is: step "enrol": "email" must be',
        ),
        (
            ("change: {body.email: sam}", "expect: [{enrol: {email: a@x.example, course_id: 1}}]"),
            'but it fails: step "enrol": "email" must be an e-mail address, found text "sam"',
        ),
        (
            ("change: {body.email: sam}", "expect: no match"),
            'expected no match, but the rule matches and fails: step "enrol"',
        ),
        (
            ("change: {event.type: other}", "expect: []"),
            'but the rule does not match: no: it is not about "other" of source "shop"',
        ),
    ],
)
def test_what_differs_is_said_in_words(lines: tuple[str, ...], message: str) -> None:
    found = result(*lines)

    assert not found.passed
    assert message in found.message


def test_tests_of_a_rule_that_is_switched_off_are_run() -> None:
    text = RULE.replace("    if:", "    enabled: false\n    dry_run: true\n    if:")

    assert [found.passed for found in run(text)] == [True]


def test_changes_leave_the_first_event_as_it_is() -> None:
    removed = "      - name: no address\n        change: {body.email: (removed)}\n"
    again = "      - name: again\n        expect: [{enrol: {email: a@x.example, course_id: 101}}]\n"

    results = run(RULE + removed + "        expect: {error: missing}\n" + again)

    assert [found.passed for found in results] == [True, True, True]


def test_a_fixture_is_a_file_beside_the_rules() -> None:
    inline = "event: {body: {total: 10, email: a@x.example, items: [{product: Safety}]}}"
    fixture = '{"body": {"total": 10, "email": "a@x.example", "items": [{"product": "Safety"}]}}'

    [found] = run(RULE.replace(inline, "event: f/order.json"), **{"f/order.json": fixture})

    assert found.passed


@pytest.mark.parametrize(
    ("fixture", "why"),
    [
        ("{", "line 1 is not JSON"),
        ('{"body": NaN}', "NaN is no number"),
        ("[]", "is not an event in the normal form"),
        ('{"type": "x"}', "is not an event in the normal form"),
        ('{"body": "\udce4"}', "is not UTF-8 text"),
        ('{"body": ' + "[" * 100_000, "cannot be used"),
    ],
)
def test_a_fixture_that_holds_no_event_is_refused(fixture: str, why: str) -> None:
    inline = "event: {body: {total: 10, email: a@x.example, items: [{product: Safety}]}}"

    reading = read(RULE.replace(inline, "event: order.json"), **{"order.json": fixture})

    [problem] = reading.problems
    assert (problem.code, problem.line) == ("S07", 16)
    assert why in problem.message


def test_event_data_and_expectations_are_plain_data() -> None:
    text = RULE.replace(
        "email: ${ body.email }", "email: a@x.example\n          first_name: ${ body.name }"
    )
    text = text.replace("email: a@x.example, items", 'email: x, name: "${ raw } {{ x }}", items')
    text = text.replace("course_id: 101}", 'course_id: 101, first_name: "${ raw } {{ x }}"}')

    assert [found.passed for found in run(text)] == [True]


CLOCK = RULE.replace("if: {body.total: {more_than: 0}}", "if: {body.at: {within_last: 3 days}}")
CLOCK = CLOCK.replace("total: 10", 'at: "2026-04-14T10:00:00Z"')


def test_a_test_has_a_clock_of_its_own() -> None:
    late = "      - name: late\n        now: 2026-04-18T10:00:00+02:00\n        expect: no match\n"
    still = "      - name: still late\n        expect: no match\n"
    text = CLOCK.replace("        expect:", "        now: 2026-04-15T10:00:00Z\n        expect:", 1)

    assert [found.passed for found in run(text + late + still)] == [True, True, True]


def test_a_rule_that_asks_for_the_time_needs_it_in_its_tests() -> None:
    [problem] = read(CLOCK).problems

    assert problem.headline.startswith('r.yaml:15:9: error[S02]: "now" is missing')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            '{"body.items[3].product": x}',
            "the event has no list that reaches body.items[3].product",
        ),
        ('{"body.items[1]": x}', "the event has no list that reaches body.items[1]"),
        ("{body.email.host: x}", "the event has no body.email.host"),
        ("{body.items.x: 1}", "the event has no body.items.x"),
        ("{body.phone: (removed)}", "the event has no body.phone that could be removed"),
        ('{"body.items[].product": x}', "[] names every item; name one, such as [0]"),
        ('{"body..x": 1}', 'a name is expected after "."'),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(change: str, message: str) -> None:
    second = f"      - name: second\n        change: {change}\n        expect: no match\n"

    problems = [problem for problem in read(RULE + second).problems if problem.is_error]

    assert [(problem.code, problem.line) for problem in problems] == [("S08", 20)]
    assert message in problems[0].message
