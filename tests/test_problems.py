"""The form in which a person reads a problem: headline, lines with carets, label, help."""

from __future__ import annotations

import pytest

from rulebook import Problem, Severity, Span, Vocabulary, format_problem, in_order, read_folder

VOCABULARY = Vocabulary({"pipedrive": frozenset()}, frozenset())
HEAD = "version: 1\nowner: ops@usher.example\n"

EXAMPLES = {
    "duplicate key, both places": (
        """\
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.stage: won
      deal.amount: {at_least: 100}
      deal.stage: closedwon
    then:
      - action: enrol
        with: {email: a@x.example, course_id: 1}
""",
        """\
rules.yaml:9:7: error[Y14]: "deal.stage" is written twice in this block; \
only one of them would count
  |
7 |       deal.stage: won
  |       - first written here
. |
9 |       deal.stage: closedwon
  |       ^^^^^^^^^^
  = help: delete one, or merge them under one key""",
    ),
    "tab": (
        """\
version: 1
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
\tdeal.stage: won
""",
        """\
rules.yaml:6:1: error[Y02]: this line is indented with a tab; YAML only allows spaces
  |
5 |     if:
6 | →  deal.stage: won
  | ^
  = help: replace each tab by two spaces (most editors: "Convert indentation to spaces")""",
    ),
    "unknown key in a rule": (
        HEAD
        + """\
rules:
  - id: deal-won
    trigger: {source: pipedrive, event: deal.updated}
    then:
      - action: enrol
        with: {email: a@x.example, course_id: 1}
""",
        """\
rules.yaml:5:5: error[S01]: "trigger" is not a known key in a rule
  |
4 |   - id: deal-won
5 |     trigger: {source: pipedrive, event: deal.updated}
  |     ^^^^^^^ did you mean "when"?""",
    ),
    "unknown parameter of an action": (
        HEAD
        + """\
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.stage: won
    then:
      - action: enrol
        with: {email: "${ contact.email }", course: 1}
""",
        """\
rules.yaml:10:45: error[S01]: "course" is not a known key in action "enrol"
   |
 9 |       - action: enrol
10 |         with: {email: "${ contact.email }", course: 1}
   |                                             ^^^^^^ did you mean "course_id"?""",
    ),
    "yes for true": (
        HEAD
        + """\
rules:
  - id: deal-won
    enabled: yes
    when: {source: pipedrive, event: deal.updated}
    then:
      - action: enrol
        with: {email: a@x.example, course_id: 1}
""",
        """\
rules.yaml:5:14: error[S03]: "enabled" must be true or false, found text "yes"
  |
4 |   - id: deal-won
5 |     enabled: yes
  |              ^^^
  = help: write true""",
    ),
    "another product's operator": (
        HEAD
        + """\
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.amount:
        gte: 1000
    then:
      - action: enrol
        with: {email: a@x.example, course_id: 1}
""",
        """\
rules.yaml:8:9: error[C01]: unknown comparison "gte" for deal.amount
  |
7 |       deal.amount:
8 |         gte: 1000
  |         ^^^ did you mean "at_least"?""",
    ),
    "misspelt field": (
        HEAD
        + """\
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.amount:
        at_least: 1000
      deal.stagee: won
    then:
      - action: enrol
        with: {email: a@x.example, course_id: 1}
""",
        """\
rules.yaml:9:7: error[F02]: unknown field "deal.stagee"
  |
8 |         at_least: 1000
9 |       deal.stagee: won
  |       ^^^^^^^^^^^ did you mean "deal.stage"?
  = help: fields of deal: amount, closed_at, company_id, contact_id, ...; \
your own CRM fields are deal.custom.<name>""",
    ),
    "unknown action": (
        HEAD
        + """\
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    then:
      - action: enroll
        with: {email: a@x.example, course_id: 1}
""",
        """\
rules.yaml:7:17: error[A01]: unknown action "enroll"
  |
6 |     then:
7 |       - action: enroll
  |                 ^^^^^^ did you mean "enrol"?""",
    ),
    "arithmetic in a template": (
        HEAD
        + """\
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    then:
      - action: enrol
        with:
          email: ${ contact.email }
          course_id: ${ deal.custom.course + 1 }
""",
        """\
rules.yaml:10:44: error[T01]: "+" is not expected here; \
after the field name only "|" and a filter may follow
   |
 9 |           email: ${ contact.email }
10 |           course_id: ${ deal.custom.course + 1 }
   |                                            ^""",
    ),
    "mustache": (
        HEAD
        + """\
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    then: [{action: enrol,
        with:
          {email: {{ contact.email }}, course_id: 1}}]
""",
        """\
rules.yaml:8:19: error[Y12]: "{{ ... }}" is not the template form here
  |
7 |         with:
8 |           {email: {{ contact.email }}, course_id: 1}}]
  |                   ^^
  = help: write ${ ... } instead, for example: email: ${ contact.email }""",
    ),
    "no space after a colon": (
        """\
version: 1
rules:
  - id:deal-won
    when: {source: pipedrive, event: deal.updated}
""",
        """\
rules.yaml:3:7: error[Y04]: a space is missing after ":"
  |
2 | rules:
3 |   - id:deal-won
  |       ^
  = help: write "- id: deal-won\"""",
    ),
}


@pytest.mark.parametrize(("text", "report"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_a_problem_is_shown_with_its_lines_carets_and_help(text: str, report: str) -> None:
    reading = read_folder({"rules.yaml": text}, VOCABULARY)

    shown = [format_problem(problem, text) for problem in reading.problems]

    assert shown == [report]


def problem(line: int, column: int, end: int, **more: str) -> Problem:
    span = Span(line, column, line, end)
    return Problem("a.yaml", span, Severity.ERROR, "S01", "wrong", **more)


def test_a_problem_in_the_first_line_has_no_line_above() -> None:
    report = format_problem(problem(1, 1, 3), "abc\n")

    assert report == "a.yaml:1:1: error[S01]: wrong\n  |\n1 | abc\n  | ^^"


def test_a_problem_without_text_is_its_headline_and_help() -> None:
    report = format_problem(problem(3, 1, 2, help="do this"), "")

    assert report == "a.yaml:3:1: error[S01]: wrong\n  = help: do this"


def test_tabs_and_hidden_signs_do_not_shift_the_carets() -> None:
    report = format_problem(problem(1, 4, 5), "\t\u00a0ab\x1b[31m\n")

    assert report.splitlines()[2:] == ["1 | →  ·ab·[31m", "  |      ^"]


def test_a_long_line_is_cut_round_its_problem() -> None:
    line = "x" * 1_000 + "HERE" + "y" * 1_000

    shown, carets = format_problem(problem(1, 1_001, 1_005), line).splitlines()[2:4]

    assert len(shown) < 200
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = "a: 1\r\nb: \u2028x\rc: 2\r\n"

    report = format_problem(problem(3, 1, 2), text)

    assert "3 | c: 2" in report


def test_problems_come_file_by_file_with_errors_first() -> None:
    def at(file: str, line: int, severity: Severity) -> Problem:
        return Problem(file, Span.of(line, 1), severity, "S01", "wrong")

    error, warning = Severity.ERROR, Severity.WARNING
    mixed = [at("b", 1, error), at("a", 9, error), at("a", 2, warning), at("a", 3, error)]

    ordered = in_order([*mixed, at("a", 9, error)])

    places = [(found.file, found.line, found.severity) for found in ordered]
    assert places == [("a", 3, error), ("a", 9, error), ("a", 2, warning), ("b", 1, error)]
