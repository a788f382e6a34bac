"""Inline tests of what depends on more than the event: look-ups, time, other rules, adapters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulebook import Reading, TestResult, Vocabulary, files_named, read_folder, run_tests
from workers.posted_bodies import adapt_of

SAMPLES = Path(__file__).parent / "samples"
VOCABULARY = Vocabulary(adapt=adapt_of({"crm": "pipedrive", "form": "typeform"}))


def read(text: str, vocabulary: Vocabulary = VOCABULARY, **files: str) -> Reading:
    return read_folder({"r.yaml": text, **files}, vocabulary)


def run(text: str, **files: str) -> tuple[TestResult, ...]:
    reading = read(text, **files)
    assert [problem.headline for problem in reading.problems if problem.is_error] == []
    return run_tests(reading.files["r.yaml"])


def problems(text: str, vocabulary: Vocabulary = VOCABULARY, **files: str) -> list[str]:
    return [one.headline for one in read(text, vocabulary, **files).problems if one.is_error]


LOOKING = """\
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    when: {source: shop, event: deal.won}
    if: {body.total: {more_than: 0}}
    lookup:
      account: {use: crm.account, with: {id: "${ body.account }"}}
      people: {use: crm.people, with: {account: "${ account.id }"}}
    require: {account.tier: gold}
    for_each: people
    once_per: ${ item.email }
    then:
      - action: enrol
        with: {email: "${ item.email }", course_id: "${ account.course }"}
      - action: unenrol
        id: take-away
        delay: 3 days
        lookup:
          activity: {use: coursebox.activity, with: {email: "${ item.email }"}}
        only_if: {activity.started: false}
        with: {email: "${ item.email }", course_id: "${ account.course }"}
    tests:
      - name: everybody of the account
        event: {body: {total: 5, account: 7}}
        lookups:
          account: {id: 7, tier: gold, course: 101}
          people: [{email: a@x.example}]
          activity: {started: false}
        expect:
          - enrol: {email: a@x.example, course_id: 101}
          - unenrol: {email: a@x.example, course_id: 101}
            after: 3 days
"""


def looking(*lines: str) -> TestResult:
    """How a second test goes, with these lines below its name."""
    return run(LOOKING + "      - name: second\n" + "".join(f"        {line}\n" for line in lines))[
        1
    ]


def test_look_ups_answer_what_the_test_says() -> None:
    assert [(result.passed, result.message) for result in run(LOOKING)] == [(True, "")]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            (
                "lookups: {people: [{email: b@x.example}, {email: c@x.example}]}",
                "expect:",
                "  - enrol: {email: b@x.example, course_id: 101}",
                "  - {unenrol: {email: b@x.example, course_id: 101}, after: 3 days}",
                "  - enrol: {email: c@x.example, course_id: 101}",
                "  - {unenrol: {email: c@x.example, course_id: 101}, after: 72 hours}",
            ),
            id="answers of its own beside those of the first test",
        ),
        pytest.param(
            (
                "lookups: {activity: {started: true}}",
                "expect: [{enrol: {email: a@x.example, course_id: 101}}]",
            ),
            id="a step that is left out",
        ),
        pytest.param(("lookups: {people: []}", "expect: []"), id="nobody"),
        pytest.param(
            ("lookups: {account: {id: 7, tier: tin}}", "expect: no match"),
            id="what is required is not there",
        ),
        pytest.param(
            ("lookups: {account: {id: 7, tier: tin}}", "expect: {skipped: account.tier}"),
            id="what is required is said as a reason",
        ),
        pytest.param(("lookups: {account: }", "expect: {error: account.id is missing}"), id="null"),
        pytest.param(
            ("change: {body.account: (removed)}", "expect: {error: 'look-up \"account\"'}"),
            id="a look-up that cannot be asked",
        ),
        pytest.param(
            ("lookups: {people: x}", "expect: {error: must be a list}"), id="not what was wanted"
        ),
        pytest.param(
            ('lookups: {people: [{email: ""}]}', "expect: {error: once_per}"), id="an empty key"
        ),
        pytest.param(("change: {body.total: 0}", "expect: no match"), id="nothing is looked up"),
    ],
)
def test_what_is_looked_up_decides(lines: tuple[str, ...]) -> None:
    result = looking(*lines)

    assert (result.passed, result.message) == (True, "")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(
            ("expect: [{enrol: {email: a@x.example, course_id: 101}}]",),
            "then unenrol {email: \"a@x.example\", course_id: 101} after 3 days",
            id="one action too few",
        ),
        pytest.param(
            (
                "expect:",
                "  - enrol: {email: a@x.example, course_id: 101}",
                "  - unenrol: {email: a@x.example, course_id: 101}",
            ),
            "action 2, unenrol: expected at once, but got after 3 days (write after: 3 days)",
            id="a delay that is not told",
        ),
        pytest.param(
            (
                "expect:",
                "  - enrol: {email: a@x.example, course_id: 101}",
                "    after: 1 hour",
                "  - unenrol: {email: a@x.example, course_id: 101}",
                "    after: 3 days",
            ),
            "action 1, enrol: expected after 1 hour, but got at once (take away its after)",
            id="a delay that is not there",
        ),
        pytest.param(
            ("lookups: {account: {id: 7, tier: tin}}", "expect: []"),
            'expected no action, but the rule does not match: no: account.tier equals "gold"',
            id="a run expected",
        ),
        pytest.param(
            ("expect: {skipped: account.tier}",),
            'expected to be skipped with "account.tier", but got enrol',
            id="no run expected",
        ),
        pytest.param(
            ("change: {body.total: 0}", "expect: {skipped: body.total}"),
            'but the rule does not match: no: body.total more_than 0',
            id="no match is nothing skipped",
        ),
    ],
)  # fmt: skip
def test_what_differs_is_said_in_words(lines: tuple[str, ...], message: str) -> None:
    result = looking(*lines)

    assert not result.passed
    assert message in result.message


@pytest.mark.parametrize("name", ["account", "people", "activity"])
def test_an_answer_that_is_missing_fails_the_test_with_its_name(name: str) -> None:
    lines = [
        line for line in LOOKING.splitlines(True) if not line.startswith(f"          {name}: [")
    ]
    text = "".join(lines).replace(f"          {name}: {{started: false}}\n", "")
    text = text.replace(f"          {name}: {{id: 7, tier: gold, course: 101}}\n", "")

    [result] = run(text)

    assert not result.passed
    assert result.message == (
        f'the test does not say what the look-up "{name}" answers; '
        f"add a line such as lookups: {{{name}: ...}}"
    )


def test_an_answer_to_nothing_that_is_asked_is_a_mistake() -> None:
    [problem] = problems(LOOKING.replace("          people: [", "          peple: ["))

    assert problem.startswith('r.yaml:28:11: error[R06]: this rule looks up nothing as "peple"')


ACTIVE = """\
version: 1
owner: ops@usher.example
rules:
  - id: order-paid
    when: {source: shop, event: order.paid}
    active: {timezone: Europe/Berlin, days: [mon, tue, wed, thu, fri], hours: 08:00-20:00}
    rollout: {percent: 0.01, by: "${ body.email }"}
    then:
      - action: enrol
        only_if: {body.total: {more_than: 0}}
        with: {email: "${ body.email }", course_id: 101}
    tests:
      - name: at night
        event: {body: {total: 10, email: a@x.example}}
        now: 2026-04-15T22:00:00Z
        expect: {skipped: "Mon to Fri, 08:00 to 20:00 Europe/Berlin"}
      - name: by day
        now: 2026-04-15T10:00:00Z
"""


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("{skipped: not in the 0.01 % of the rollout}", ""),
        (
            "no match",
            "expected no match, but it is skipped: not in the 0.01 % of the rollout; "
            "write expect: {skipped: ...}",
        ),
        ("[]", "expected no action, but it is skipped: not in the 0.01 % of the rollout"),
        (
            "{skipped: active period}",
            'expected to be skipped with "active period", but it is: '
            "skipped: not in the 0.01 % of the rollout",
        ),
    ],
)
def test_a_rule_that_is_skipped_is_no_rule_that_does_not_match(expect: str, message: str) -> None:
    night, day = run(ACTIVE + f"        expect: {expect}\n")

    assert (night.passed, night.message) == (True, "")
    assert (day.passed, day.message) == (not message, message)


@pytest.mark.parametrize("expect", ["{skipped: body.total more_than 0}", "[]"])
def test_a_run_whose_steps_are_all_left_out_is_skipped(expect: str) -> None:
    text = ACTIVE.replace("percent: 0.01", "percent: 100") + (
        f"        change: {{body.total: 0}}\n        expect: {expect}\n"
    )

    assert [result.passed for result in run(text)] == [True, True]


def test_a_test_of_an_active_period_needs_a_time() -> None:
    [problem] = problems(
        ACTIVE.replace("        now: 2026-04-15T22:00:00Z\n", "") + "        expect: no match\n"
    )

    assert problem == (
        'r.yaml:13:9: error[S02]: "now" is missing in this test; '
        "what the rule does depends on the time"
    )


FIRST = """\
version: 1
owner: ops@usher.example
matching: first
rules:
  - id: gold
    when: {source: shop, event: order.paid}
    if: {body.tier: gold}
    then: [{action: enrol, with: {email: "${ body.email }", course_id: 1}}]
    tests:
      - name: gold
        event: {body: {tier: gold, email: a@x.example}}
        expect: [{enrol: {email: a@x.example, course_id: 1}}]
      - name: not gold
        change: {body.tier: tin}
        expect: no match
  - id: elsewhere
    when: {source: shop, event: order.refunded}
    then: [{action: unenrol, with: {email: "${ body.email }", course_id: 1}}]
  - id: the-rest
    when: {source: shop, event: order.paid}
    then: [{action: enrol, with: {email: "${ body.email }", course_id: 2}}]
    tests:
      - name: tin
        event: {body: {tier: tin, email: a@x.example}}
        expect: [{enrol: {email: a@x.example, course_id: 2}}]
      - name: gold is taken by the rule above
        change: {body.tier: gold}
        expect: no match
      - name: as if it were alone
        change: {body.tier: gold}
        expect: [{enrol: {email: a@x.example, course_id: 2}}]
"""


def test_a_test_runs_through_the_whole_file_where_the_first_rule_takes_the_event() -> None:
    *passing, last = run(FIRST)

    assert [result.message for result in passing] == ["", "", "", ""]
    assert "no: rule gold wins before this one" in last.message


def test_a_rule_that_is_switched_off_wins_before_no_other() -> None:
    results = run(FIRST.replace("  - id: gold\n", "  - id: gold\n    enabled: false\n"))

    assert [result.passed for result in results] == [True, True, True, False, True]
    assert "the rule matches and does enrol" in results[3].message


def test_in_other_files_every_rule_speaks_for_itself() -> None:
    results = run(FIRST.replace("matching: first", "matching: all"))

    assert [result.passed for result in results] == [True, True, True, False, True]


RAW = """\
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    when: {source: crm, event: deal.updated}
    if: {deal.status: won}
    then: [{action: enrol, with: {email: "sam@learner.example", course_id: 1}}]
    tests:
      - name: as it was posted
        raw: fixtures/won.json
        expect: [{enrol: {email: sam@learner.example, course_id: 1}}]
      - name: another status
        change: {deal.status: open}
        expect: no match
"""
WON = (SAMPLES / "pipedrive-v2-deal-won.json").read_text()


def test_a_body_as_it_was_posted_goes_through_its_adapter() -> None:
    assert [result.passed for result in run(RAW, **{"fixtures/won.json": WON})] == [True, True]


def test_a_posted_body_may_be_written_out() -> None:
    written = json.dumps(json.loads(WON))

    results = run(RAW.replace("raw: fixtures/won.json", f"raw: {written}"))

    assert [result.passed for result in results] == [True, True]


def test_the_file_of_a_posted_body_is_one_the_rule_file_names() -> None:
    assert files_named("sub/r.yaml", RAW) == ("sub/fixtures/won.json", "fixtures/won.json")


@pytest.mark.parametrize(
    ("fixture", "why"),
    [
        ("{", '"raw" is no delivery: '),
        ('{"body": "\udce4"}', "fixtures/won.json is not UTF-8 text"),
    ],
)
def test_a_file_that_holds_no_delivery_is_refused(fixture: str, why: str) -> None:
    [problem] = problems(RAW, **{"fixtures/won.json": fixture})

    assert problem.startswith("r.yaml:10:14: error[S07]: ")
    assert why in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            RAW,
            'r.yaml:10:14: error[R04]: there is no file "fixtures/won.json"',
        ),
        (
            RAW.replace("fixtures/won.json", "5"),
            'r.yaml:10:14: error[S03]: "raw" must be a block of key: value lines, '
            "found the number 5",
        ),
        (
            RAW.replace("raw: fixtures/won.json", "raw: {}\n        event: {deal: {status: won}}"),
            'r.yaml:10:9: error[S06]: "event" and "raw" both say what the event of this test is',
        ),
    ],
)  # fmt: skip
def test_what_names_no_posted_body_is_refused(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_without_adapters_a_posted_body_cannot_be_read() -> None:
    [problem] = problems(RAW.replace("fixtures/won.json", "{}"), Vocabulary())

    assert problem.startswith('r.yaml:10:14: error[S07]: "raw" cannot be read here')


def test_a_source_nobody_knows_leaves_the_body_as_it_came() -> None:
    text = RAW.replace("source: crm, event: deal.updated", "source: own, event: order.paid")
    text = text.replace("if: {deal.status: won}", "if: {body.order.state: paid}")
    text = text.replace("raw: fixtures/won.json", "raw: {order: {state: paid}}")

    results = run(text.replace("change: {deal.status: open}", "change: {body.order.state: open}"))

    assert [result.passed for result in results] == [True, True]


@pytest.mark.parametrize(
    ("expect", "problem", "help"),
    [
        ("skipped", 'must be a list of actions, "no match" or an error', "{skipped: part of"),
        ("{skipped: }", '"skipped" must be text', None),
        ("{skipped: a, error: b}", '"error" is not a known key in "expect"', None),
        ("[{enrol: {}, delay: 3 days}]", "an expected action is one line", "after: 3 days"),
        ("[{enrol: {course_id: 1}, after: 3d}]", '"after": "3d" is no length of time', None),
        ("[{enrol: {course_id: 1}, after: soon}]", '"after": "soon" is no length of time', None),
        ("[{after: 3 days}]", "an expected action is one line", None),
    ],
)
def test_what_cannot_be_expected_is_refused(expect: str, problem: str, help: str | None) -> None:
    text = RAW.replace("raw: fixtures/won.json", "event: {deal: {status: won}}")
    text = text.replace("expect: [{enrol: {email: sam@learner.example, course_id: 1}}]", "EXPECT")

    [found] = [
        one for one in read(text.replace("EXPECT", f"expect: {expect}")).problems if one.is_error
    ]

    assert problem in found.message
    assert help is None or help in (found.help or "")
