"""The quick checks say exactly what comparing in the general way says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.conditions import compile_block
from rulebook.operators import OPERATORS, Env
from rulebook.paths import parse_path
from rulebook.quick_checks import all_of, any_of, none_of, quick_equality
from tests.json_values import json_values, singles

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
PATHS = ["body", "body.a", "body.a.b", "body.a[0]", "body[].a"]
LITERALS = st.sampled_from(["won", "Won", "5", "x5", 5, 0, True, "true", "", " ", "ß"]) | singles
VALUES = st.dictionaries(st.sampled_from(["a", "b"]), LITERALS | json_values, max_size=2)


@given(
    name=st.sampled_from(["equals", "one_of", "not_equals", "contains", "is_present"]),
    path=st.sampled_from(PATHS),
    literal=LITERALS,
    body=VALUES | json_values,
)
def test_a_check_says_what_its_comparison_says(
    name: str, path: str, literal: object, body: object
) -> None:
    operator = OPERATORS[name]
    literal = [literal, "other"] if name == "one_of" else literal
    if operator.problem(literal) is not None:
        return
    field, event = parse_path(path), {"body": body}
    general = operator.compile(literal, Env(field))(field.getter()(event), event, NOW)

    assert compile_block({path: {name: literal}}, {}).holds(event, NOW) is general


@pytest.mark.parametrize(
    ("path", "name", "literal"),
    [
        ("body.a.b", "equals", "won"),
        ("body.a[0]", "equals", "won"),
        ("body.a", "equals", "5"),
        ("body.a", "equals", "true"),
        ("body.a", "equals", ""),
        ("body.a", "equals", 5),
        ("body.a", "one_of", ["won", 5]),
        ("body.a", "not_equals", "won"),
    ],
)
def test_what_numbers_or_true_could_equal_has_no_quick_check(
    path: str, name: str, literal: object
) -> None:
    assert quick_equality(parse_path(path), name, literal) is None


@pytest.mark.parametrize("answers", [[], [1], [0], [1, 1], [1, 0], [1, 1, 1], [1, 1, 0], [0] * 5])
def test_checks_are_taken_together(answers: list[int]) -> None:
    checks = [lambda event, now, answer=answer: bool(answer) for answer in answers]

    assert all_of(checks)({}, NOW) is all(answers)
    assert any_of(checks)({}, NOW) is any(answers)
    assert none_of(checks)({}, NOW) is not any(answers)
