"""The quick way to the rules that want an event says exactly what asking each of them says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook import Book, Rule
from rulebook.conditions import block_problems, compile_block
from rulebook.equality import rule_key
from rulebook.index import EqualityIndex, index_of, needed
from rulebook.paths import parse_path
from tests.json_values import json_values, names
from tests.ruleset import event, file_of, rule_file, rule_text

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)


def made(
    id: str, block: object = None, *, file: str = "r.yaml", matching: str = "all", **keys: Any
) -> Rule:
    """A rule out of its body, as the workers make it."""
    canonical = {
        "id": id,
        "when": [{"source": "shop", "event": "order.paid"}],
        "then": [{"id": "enrol", "action": "enrol", "with": {"course_id": 1, "email": "a@b.c"}}],
        **({"if": block} if block else {}),
        **keys,
    }
    body = {"engine": 1, "rule": canonical, "tables": {}}
    return Rule.from_body(body, file=file, matching=matching)


def field_of(index: EqualityIndex | None) -> str | None:
    return index.field.text if index else None


def test_a_small_bucket_has_no_index() -> None:
    assert index_of([{"body.a": "x"}, {"body.a": "y"}, {"body.a": "z"}]) is None


@pytest.mark.parametrize(
    ("blocks", "field"),
    [
        pytest.param([{"body.a": letter} for letter in "wxyz"], "body.a", id="one value each"),
        pytest.param(
            # every rule lists "won" too, so that field would spare nobody
            [{"body.stage": ["won", f"s-{n}"], "body.pipeline": f"p-{n % 2}"} for n in range(8)],
            "body.pipeline",
            id="fewest candidates, not most values",
        ),
        pytest.param(
            [{"body.a": "x", "body.b": str(n)} for n in range(4)] + [{"body.a": "y"}] * 4,
            "body.a",
            id="rules without the field count",
        ),
        pytest.param([None, {"body.a": 1}, {"body.a": 2}, {"body.a": 3}], "body.a", id="no if"),
        pytest.param([{"body.a": "x"}] * 8, None, id="all the same"),
        pytest.param([None] * 8, None, id="no conditions"),
        pytest.param(
            [{"body.a": {"equals": letter, "ignore_case": True}} for letter in "wxyz"],
            None,
            id="ignore_case",
        ),
        pytest.param([{"body.a": {"at_least": n}} for n in range(4)], None, id="no equality"),
        pytest.param(
            [{"any": [{"body.a": letter}, {"body.b": 1}]} for letter in "wxyz"], None, id="any"
        ),
        pytest.param([{"none": [{"body.a": letter}]} for letter in "wxyz"], None, id="none"),
        pytest.param([{"all": [{"body.a": letter}]} for letter in "wxyz"], "body.a", id="all"),
        pytest.param(
            [{"body.a": {"becomes": letter}} for letter in "wxyz"], "body.a", id="becomes"
        ),
        pytest.param(
            [{"body.a": {"one_of": [n, str(n)], "not_equals": 9}} for n in range(4)],
            "body.a",
            id="one_of beside others",
        ),
        pytest.param(
            [{"body.a[0]": letter} for letter in "wxyz"], "body.a[0]", id="a place in a list"
        ),
    ],
)
def test_the_field_that_leaves_the_fewest_candidates_is_taken(
    blocks: list[dict[str, Any] | None], field: str | None
) -> None:
    assert field_of(index_of(blocks)) == field


def test_keys_are_typed() -> None:
    block = {"body.a": ["5", 5, True, "true", 5.0]}

    assert needed(block)[parse_path("body.a")] == {("s", "5"), ("n", 5), ("b", True), ("s", "true")}
    assert rule_key(True) != rule_key(1)


BLOCKS = [
    {"body.a": value} for value in ("5", 5, "5.0", True, "true", "won", "Won", "ß ", 1, 0, False)
]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (5, ["5", 5]),
        ("5", ["5", 5]),
        ("5.0", [5, "5.0"]),
        (5.0, ["5", 5]),
        ("05", []),
        (True, [True, "true"]),
        ("true", [True, "true"]),
        ("TRUE", [True]),
        (1, [1]),
        (0, [0]),
        ("False", [False]),
        ("won", ["won"]),
        ("Won", ["Won"]),
        ("WON", []),
        ("ß ", ["ß "]),
        (["won"], []),
        ({}, []),
        (None, []),
    ],
)
def test_the_index_keeps_the_table_of_equality(value: object, wanted: list[object]) -> None:
    book = Book([made(f"rule-{n}", block) for n, block in enumerate(BLOCKS)])
    probe = event(body={"a": value})

    found = [rule.body["rule"]["if"]["body.a"] for rule in book.match(probe, NOW)]

    assert [(type(one), one) for one in found] == [(type(one), one) for one in wanted]
    assert found == [
        BLOCKS[n]["body.a"] for n, one in enumerate(book.judge(probe, NOW)) if one.matched
    ]


def test_rules_are_found_in_the_order_in_which_they_were_given() -> None:
    blocks = [{"body.a": "x"}, None, {"body.a": ["y", "x", 5]}, {"body.b": 1}, {"body.a": "5"}]
    book = Book([made(f"rule-{n}", block) for n, block in enumerate(blocks)])

    def found(**body: object) -> list[str]:
        return [rule.id for rule in book.match(event(body=body), NOW)]

    assert found(a="x", b=1) == ["rule-0", "rule-1", "rule-2", "rule-3"]
    assert found(a=5) == ["rule-1", "rule-2", "rule-4"]
    assert found(b=1) == ["rule-1", "rule-3"]


def test_only_the_first_rule_of_a_file_takes_an_event_where_the_file_says_so() -> None:
    text = file_of(
        rule_text("if: {body.a: [x, y]}", id="one-rule"),
        rule_text("if: {body.a: x}", id="two-rule"),
        rule_text("enabled: false", id="off-rule"),
        rule_text(id="the-rest"),
        keys="matching: first\n",
    )
    other = rule_file(file_of(rule_text(id="other-file")), path="s.yaml").rules
    book = Book([*rule_file(text).rules, *other])

    def said(value: str) -> list[str]:
        return [verdict.reason for verdict in book.judge(event(body={"a": value}), NOW)]

    assert said("x") == [
        "yes: all conditions hold",
        "no: rule one-rule of this file came first",
        "no: rule one-rule of this file came first",
        "no: rule one-rule of this file came first",
        "yes: the rule has no conditions",
    ]
    assert said("z")[2:] == [
        "no: switched off (enabled: false)",
        "yes: the rule has no conditions",
        "yes: the rule has no conditions",
    ]
    assert [rule.id for rule in book.match(event(body={"a": "z"}), NOW)] == [
        "the-rest",
        "other-file",
    ]


def test_a_rule_that_is_skipped_takes_no_event_from_others() -> None:
    text = file_of(
        rule_text("rollout: {percent: 0, by: '${ body.a }'}", id="one-rule"),
        rule_text(id="the-rest"),
        keys="matching: first\n",
    )
    book = Book(rule_file(text).rules)

    verdicts = book.judge(event(body={"a": "x"}), NOW)

    assert [(verdict.matched, verdict.skipped) for verdict in verdicts] == [
        (False, True),
        (True, False),
    ]


FIELDS = st.sampled_from(
    [*["body.a"] * 5, "body.b", "body.b", "body.a.c", "body.a[0]", "body[].a", "body"]
)
VALUES = st.sampled_from(
    ["won", "Won", "won ", "5", 5, 5.0, "5.0", "05", "-0", "", " ", True, False, "true", "FALSE",
     0, 1, -1, 0.1, 1e22, 10**20, "1e3", "nan", "null", "\ud800", "ß"]
)  # fmt: skip
TESTS = st.one_of(
    VALUES,
    st.lists(VALUES, min_size=1, max_size=3),
    st.fixed_dictionaries({"equals": VALUES}, optional={"ignore_case": st.booleans()}),
    st.fixed_dictionaries({"one_of": st.lists(VALUES, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"becomes": VALUES}),
    st.fixed_dictionaries({"not_equals": VALUES}),
    st.fixed_dictionaries({"is_present": st.booleans()}),
)
LINES = st.dictionaries(FIELDS, TESTS, min_size=1, max_size=3)
CONDITIONS = st.recursive(
    LINES,
    lambda inner: st.dictionaries(
        st.sampled_from(["any", "all", "none"]), st.lists(inner, min_size=1, max_size=2), min_size=1
    ),
    max_leaves=4,
).filter(lambda block: not block_problems(block))
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.just(False),
        "active": st.sampled_from([{"days": ["wed"]}, {"hours": ["22:00", "06:00"]}]),
        "rollout": st.just({"percent": 50, "by": "${ event.id }"}),
    },
)
RULES = st.lists(
    st.tuples(st.none() | CONDITIONS, KEYS, st.sampled_from(["a.yaml", "b.yaml", "c.yaml"])),
    min_size=3,
    max_size=9,
)
BODIES = st.one_of(
    st.fixed_dictionaries({"a": VALUES}, optional={"b": VALUES}),
    st.dictionaries(st.sampled_from("abc"), json_values, max_size=3),
    json_values,
)


@settings(max_examples=400)
@given(rules=RULES, body=BODIES, previous=json_values, first=st.booleans())
def test_the_quick_way_says_what_every_rule_says(
    rules: list[Any], body: object, previous: object, first: bool
) -> None:
    matching = {"a.yaml": "all", "b.yaml": "first", "c.yaml": "first" if first else "all"}
    book = Book(
        made(f"rule-{n}", block, file=file, matching=matching[file], **keys)
        for n, (block, keys, file) in enumerate(rules)
    )
    probe = event(body=body, previous={"body": previous}, changed=["body.a"])

    quick = [rule.id for rule in book.match(probe, NOW)]

    assert quick == [verdict.rule_id for verdict in book.judge(probe, NOW) if verdict.matched]


@settings(max_examples=300)
@given(block=CONDITIONS, body=BODIES)
def test_what_holds_has_what_is_needed(block: dict[str, Any], body: object) -> None:
    """The index may leave out a rule only where its conditions cannot hold."""
    probe = event(body=body, changed=["body.a"])
    index = index_of(
        [block, *({"body.z": str(n)} for n in range(3)), *[{**block, "body.y": 1}] * 2]
    )

    if index is not None and compile_block(block, {}).holds(probe, NOW):
        assert 0 in index.candidates(probe)


@given(source=json_values, kind=json_values, name=names)
def test_an_event_of_any_shape_is_matched(source: object, kind: object, name: str) -> None:
    book = Book([made("a-rule")])

    assert book.match({"event": {"source": source, "type": kind}, name: 1}, NOW) == ()
    assert book.match({"event": source}, NOW) == ()
