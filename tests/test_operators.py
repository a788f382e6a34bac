import fnmatch
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook import patterns
from rulebook.conditions import compile_block
from rulebook.operators import FOREIGN, IGNORE_CASE, OPERATORS, Env
from rulebook.paths import MISSING, parse_path
from tests.json_values import json_values, singles

NOW = datetime(2026, 4, 15, 10, 0, tzinfo=UTC)
TABLES = {"courses": {"Safety Basics": 101, " First Aid ": 102, "5": 103}}


def holds(operator, literal, value, *, event=None, ignore_case=False):
    env = Env(parse_path("deal.x"), ignore_case=ignore_case, tables=TABLES)
    assert OPERATORS[operator].problem(literal) is None
    return OPERATORS[operator].compile(literal, env)(value, event or {}, NOW)


# The equality table of the rule language, column by column.
COLUMNS = {
    "missing": MISSING,
    "null": None,
    "empty text": "",
    "won": "won",
    "Won with space": "Won ",
    "5": 5,
    "text 5": "5",
    "text 5.0": "5.0",
    "text 05": "05",
    "5.0": 5.0,
    "true": True,
    "text true": "true",
    "text TRUE": "TRUE",
    "list": [5, "won"],
    "block": {},
}
ROWS = [
    ("equals", "won", "- - - y - - - - - - - - - - -"),
    ("equals", 5, "- - - - - y y y - y - - - - -"),
    ("equals", "5", "- - - - - y y - - y - - - - -"),
    ("equals", True, "- - - - - - - - - - y y y - -"),
    ("not_equals", "won", "- - y - y y y y y y y y y - -"),
    ("one_of", ["won", 5], "- - - y - y y y - y - - - - -"),
    ("not_one_of", ["won"], "- - y - y y y y y y y y y - -"),
    ("contains", "won", "- - - y - - - - - - - - - y -"),
    ("at_least", 5, "- - - - - y y y - y - - - - -"),
    ("is_present", True, "- - - y y y y y y y y y y y -"),
    ("is_present", False, "y y y - - - - - - - - - - - y"),
]
# The other comparisons against the same values; a number is also a unix time.
MORE_ROWS = [
    ("in_table", "courses", "- - - - - y y - - y - - - - -"),
    ("not_contains", "won", "- - y - y y y y y y y y y - -"),
    ("contains_any", ["won", 5], "- - - y - y y y y y - - - y -"),
    ("contains_all", ["won", 5], "- - - - - - - - - - - - - y -"),
    ("starts_with", "wo", "- - - y - - - - - - - - - - -"),
    ("starts_with", "5", "- - - - - y y y - y - - - - -"),
    ("ends_with", "e", "- - - - - - - - - - y y - - -"),
    ("like", "?on", "- - - y - - - - - - - - - - -"),
    ("like", "*", "- - y y y y y y y y y y y - -"),
    ("matches_regex", "^[wt]", "- - - y - - - - - - y y - - -"),
    ("more_than", 4, "- - - - - y y y - y - - - - -"),
    ("more_than", 5, "- - - - - - - - - - - - - - -"),
    ("less_than", 6, "- - - - - y y y - y - - - - -"),
    ("at_most", 5, "- - - - - y y y - y - - - - -"),
    ("between", [5, 6], "- - - - - y y y - y - - - - -"),
    ("before", "2026-04-15", "- - - - - y - - - y - - - - -"),
    ("after", "2026-04-15", "- - - - - - - - - - - - - - -"),
    ("within_last", "3 days", "- - - - - - - - - - - - - - -"),
    ("older_than", "3 days", "- - - - - y - - - y - - - - -"),
    ("becomes", "won", "- - - y - - - - - - - - - - -"),
    ("becomes", 5, "- - - - - y y y - y - - - - -"),
    ("changed", True, "y y y y y y y y y y y y y y y"),
    ("changed", False, "- - - - - - - - - - - - - - -"),
    ("count", 2, "- - - - - - - - - - - - - y -"),
    ("any_item", {"item": "won"}, "- - - - - - - - - - - - - y -"),
    ("all_items", {"item": "won"}, "- - - - - - - - - - - - - - -"),
    ("all_items", {"item": ["won", 5]}, "- - - - - - - - - - - - - y -"),
]
CELLS = [
    pytest.param(operator, literal, value, mark == "y", id=f"{operator} {literal!r} - {column}")
    for operator, literal, marks in ROWS + MORE_ROWS
    for (column, value), mark in zip(COLUMNS.items(), marks.split(), strict=True)
]


@pytest.mark.parametrize(("operator", "literal", "value", "expected"), CELLS)
def test_truth_table(operator, literal, value, expected):
    event = {"changed": ["deal.x"], "deal": {} if value is MISSING else {"x": value}}

    assert compile_block({"deal.x": {operator: literal}}, TABLES).holds(event, NOW) is expected


def test_the_truth_table_has_every_operator():
    assert {operator for operator, _, _ in ROWS + MORE_ROWS} == set(OPERATORS)


@pytest.mark.parametrize(("operator", "literal", "marks"), ROWS + MORE_ROWS)
def test_missing_and_null_are_the_same(operator, literal, marks):
    missing, null, *_ = marks.split()

    assert missing == null


# One literal for each comparison, chosen so that hardly anything could satisfy the negative ones.
LITERALS = {
    "equals": "won",
    "not_equals": "won",
    "one_of": ["won", 5, True],
    "not_one_of": ["won", 5, True],
    "in_table": "courses",
    "contains": "won",
    "not_contains": "won",
    "contains_any": ["won", 5],
    "contains_all": ["won", 5],
    "starts_with": "won",
    "ends_with": "won",
    "like": "w*n?",
    "matches_regex": "w.n",
    "more_than": 5,
    "at_least": 5,
    "less_than": 5,
    "at_most": 5,
    "between": [1, 5],
    "before": "2026-04-15",
    "after": "2026-04-15",
    "within_last": "3 days",
    "older_than": "3 days",
    "is_present": True,
    "becomes": "won",
    "changed": False,
    "count": {"at_most": 5},
    "any_item": {"sku": "A"},
    "all_items": {"sku": "A"},
}
WITHOUT_ITEMS = {name: LITERALS[name] for name in LITERALS if not name.endswith(("item", "items"))}


def test_every_operator_is_tried_here():
    assert set(LITERALS) == set(OPERATORS)


@pytest.mark.parametrize("operator", WITHOUT_ITEMS)
@pytest.mark.parametrize("value", [MISSING, None], ids=["missing", "null"])
def test_nothing_holds_of_what_is_not_there(operator, value):
    event = {"changed": ["deal.y"], "previous": {"deal": {}}}

    assert not holds(operator, LITERALS[operator], value, event=event)


COMPILED = [
    OPERATORS[name].compile(LITERALS[name], Env(parse_path("deal.x"), ignore_case, TABLES))
    for name in WITHOUT_ITEMS
    for ignore_case in (False, True)
]


ON_ITEMS = [
    compile_block({"deal.x": {name: block}}, TABLES)
    for name in ("any_item", "all_items")
    for block in (
        {"sku": "A"},
        {"item": {"in_table": "courses"}},
        {"any": [{"item.a": 5}, {"b": 1}]},
    )
]


@given(value=json_values, items=st.lists(json_values, max_size=4))
def test_no_value_makes_a_comparison_of_items_fail(value, items):
    for found in (value, items):
        assert {block.holds({"deal": {"x": found}}, NOW) for block in ON_ITEMS} <= {True, False}


@given(value=json_values, previous=json_values, changed=json_values)
def test_no_value_makes_a_comparison_fail(value, previous, changed):
    event = {"previous": {"deal": {"x": previous}}, "changed": changed}

    assert {test(value, event, NOW) for test in COMPILED} <= {True, False}


@given(operator=st.sampled_from(sorted(set(WITHOUT_ITEMS) - {"in_table"})), literal=json_values)
def test_every_literal_is_refused_or_works(operator, literal):
    if OPERATORS[operator].problem(literal) is None:
        assert holds(operator, literal, "won") in {True, False}


@given(literal=singles.filter(lambda literal: literal is not None), value=json_values)
def test_lists_of_one_and_opposites_agree_with_equals(literal, value):
    single = isinstance(value, (str, int, float))

    assert holds("one_of", [literal], value) is holds("equals", literal, value)
    assert holds("not_equals", literal, value) is (single and not holds("equals", literal, value))


@given(literals=st.lists(singles.filter(lambda one: one is not None), min_size=1), value=singles)
def test_one_of_is_any_of_its_equals(literals, value):
    assert holds("one_of", literals, value) is any(holds("equals", one, value) for one in literals)


@pytest.mark.parametrize(
    ("operator", "literal", "value", "expected"),
    [
        ("equals", "true", True, True),
        ("equals", "True", True, False),
        ("equals", 1, True, False),
        ("equals", True, 1, False),
        ("equals", True, "1", False),
        ("equals", True, "yes", False),
        ("equals", False, "False", True),
        ("equals", 1500, "1500.00", True),
        ("equals", 1500, "1,500", False),
        ("equals", 1500, "1.5e3", False),
        ("equals", 0, "", False),
        ("equals", 0, "-0", True),
        ("equals", 5, " 5", False),
        ("equals", 5, "\u0665", False),
        ("equals", 9007199254740993, "9007199254740993", True),
        ("equals", 9007199254740993, "9007199254740992", False),
        ("equals", "1.5", 1.5, True),
        ("equals", "won", ["won"], False),
        ("contains", 5, [5, "won"], True),
        ("contains", "5", [5], True),
        ("contains", 5, ["05"], False),
        ("contains", "b", "abc", True),
        ("contains", "B", "abc", False),
        ("contains", 23, "1234", True),
        ("contains", 23, 1234, True),
        ("contains", "won", ["a won b"], False),
        ("contains", "a", {"a": 1}, False),
        ("not_contains", "b", "abc", False),
        ("not_contains", "x", "abc", True),
        ("not_contains", "x", "", True),
        ("not_contains", "x", [], True),
        ("not_contains", "x", ["x"], False),
        ("not_contains", "x", {"a": 1}, False),
        ("contains_any", ["a", "b"], ["b"], True),
        ("contains_any", ["a", "b"], ["c"], False),
        ("contains_any", ["a", "b"], "cab", True),
        ("contains_all", ["a", "b"], ["b", "a", "c"], True),
        ("contains_all", ["a", "b"], ["b"], False),
        ("starts_with", "ab", "abc", True),
        ("starts_with", "49", 4915, True),
        ("starts_with", "bc", "abc", False),
        ("ends_with", "@x.example", "a@x.example", True),
        ("ends_with", "@x.example", "a@x.example.org", False),
        ("in_table", "courses", "Safety Basics", True),
        ("in_table", "courses", " safety BASICS", True),
        ("in_table", "courses", "first aid", True),
        ("in_table", "courses", 5, True),
        ("in_table", "courses", "Safety", False),
        ("in_table", "courses", ["Safety Basics"], False),
        ("more_than", 5, "5.01", True),
        ("more_than", 5, 5, False),
        ("less_than", 5, "-7", True),
        ("less_than", 5, True, False),
        ("at_most", 5, 5.0, True),
        ("at_most", 5, "05", False),
        ("at_least", 0.1, "0.1", True),
        ("at_least", 5, "12 EUR", False),
        ("at_least", 5, 10**400, True),
        ("between", [1, 5], 1, True),
        ("between", [1, 5], "5", True),
        ("between", [1, 5], 5.01, False),
        ("between", [1, 5], [3], False),
        ("before", "2026-04-15", "2026-04-14T23:59:59Z", True),
        ("before", "2026-04-15", "2026-04-15T00:00:00Z", False),
        ("before", "2026-04-15T10:00:00Z", "2026-04-15T11:30:00+02:00", True),
        ("after", "2026-04-15", "2026-04-15T23:59:59Z", False),
        ("after", "2026-04-15", "2026-04-16", True),
        ("after", "2026-04-15T10:00:00Z", "2026-04-15T10:00:01Z", True),
        ("after", "2026-04-15T10:00:00Z", 1776247200, False),
        ("after", "2026-04-15T10:00:00Z", "1776247200001", True),
        ("after", "2026-04-15", "soon", False),
        ("within_last", "3 days", "2026-04-12T10:00:00Z", True),
        ("within_last", "3 days", "2026-04-12T09:59:59Z", False),
        ("within_last", "3 days", "2026-04-15T10:00:01Z", False),
        ("older_than", "3 days", "2026-04-12T09:59:59Z", True),
        ("older_than", "3 days", "2026-04-12T10:00:00Z", False),
        ("older_than", "3 days", "never", False),
        ("is_present", True, 0, True),
        ("is_present", True, False, True),
        ("is_present", True, " \t\n", False),
        ("is_present", False, [], True),
        ("count", 2, ["a", "b"], True),
        ("count", 0, [], True),
        ("count", {"at_least": 2, "less_than": 3}, ["a", "b"], True),
        ("count", {"at_least": 3}, ["a", "b"], False),
        ("count", 3, "won", False),
        ("count", 1, {"a": 1}, False),
        ("matches_regex", "^w.n$", "won", True),
        ("matches_regex", "o", "won", True),
        ("matches_regex", "^O", "won", False),
        ("matches_regex", r"^\d+$", 42, True),
        ("matches_regex", ".", ["won"], False),
        ("like", "*@x.example", "a@x.example", True),
        ("like", "w?n", "won", True),
        ("like", "w?n", "woon", False),
        ("like", "[w]on", "won", False),
        ("like", "4*", 42, True),
    ],
)
def test_comparisons(operator, literal, value, expected):
    assert holds(operator, literal, value) is expected


@pytest.mark.parametrize(
    ("operator", "literal", "value", "expected"),
    [
        ("equals", "Won", " wON ", True),
        ("equals", "Won", "w on", False),
        ("equals", "strasse", "STRAßE", True),
        ("equals", 5, " 5 ", True),
        ("not_equals", "won", "WON", False),
        ("not_equals", "won", "lost", True),
        ("one_of", ["won", "Lost"], "LOST ", True),
        ("not_one_of", ["won", "Lost"], "LOST ", False),
        ("contains", "SAFETY", "Unsafety", True),
        ("contains", "safety", ["Safety "], True),
        ("contains_any", ["x", "safety"], ["Safety "], True),
        ("starts_with", "AB", " abc", True),
        ("ends_with", "BC", "abc ", True),
        ("like", "W*N", "won ", True),
        ("matches_regex", r"^W\S*$", " won ", True),
        ("matches_regex", r"\S", " ", False),
        ("at_least", 5, "5", True),
        ("before", "2026-04-15T10:00:00Z", "2026-04-15T09:00:00Z", True),
    ],
)
def test_ignore_case_also_ignores_outer_spaces(operator, literal, value, expected):
    assert holds(operator, literal, value, ignore_case=True) is expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param({"previous": {"deal": {"x": "open"}}}, True, id="old value differs"),
        pytest.param({"previous": {"deal": {"x": None}}}, True, id="old value null"),
        pytest.param({"previous": {"deal": {"x": "won"}}}, False, id="already had it"),
        pytest.param(
            {"previous": {"deal": {"x": "won"}}, "changed": ["deal.x"]}, False, id="listed, same"
        ),
        pytest.param({"changed": ["deal.x"]}, True, id="listed as changed"),
        pytest.param({"changed": ["deal.y"]}, False, id="another one changed"),
        pytest.param({"changed": ["deal"]}, False, id="only its block is listed"),
        pytest.param({"previous": {"deal": {"y": 1}}}, False, id="another old value"),
        pytest.param({}, False, id="no change information"),
        pytest.param({"changed": "deal.x"}, False, id="changed is no list"),
        pytest.param({"previous": "deal.x"}, False, id="previous is no block"),
    ],
)
def test_becomes_needs_the_value_now_and_not_before(event, expected):
    assert holds("becomes", "won", "won", event=event) is expected
    assert not holds("becomes", "won", "lost", event=event)


def test_becomes_compares_the_old_value_in_the_same_way():
    event = {"previous": {"deal": {"x": "WON"}}}

    assert holds("becomes", "won", "won", event=event)
    assert not holds("becomes", "won", "won", event=event, ignore_case=True)
    assert not holds("becomes", 5, "5.0", event={"previous": {"deal": {"x": "5"}}})


@pytest.mark.parametrize(
    ("event", "value", "is_changed", "is_unchanged"),
    [
        pytest.param({"changed": ["deal.x"]}, "a", True, False, id="listed"),
        pytest.param({"changed": ["deal.x"]}, MISSING, True, False, id="listed and emptied"),
        pytest.param({"changed": ["deal.y"]}, "a", False, True, id="not listed"),
        pytest.param({"changed": []}, "a", False, True, id="empty list"),
        pytest.param({"previous": {"deal": {"x": "b"}}}, "a", True, False, id="differs"),
        pytest.param({"previous": {"deal": {"x": "a"}}}, "a", False, True, id="same"),
        pytest.param({"previous": {"deal": {"x": 1}}}, True, True, False, id="1 is not true"),
        pytest.param({"previous": {"deal": {"x": None}}}, MISSING, False, False, id="never there"),
        pytest.param({"previous": {"deal": {"x": "b"}}}, MISSING, True, False, id="taken away"),
        pytest.param({"previous": {}}, MISSING, False, False, id="missing"),
        pytest.param({}, "a", False, False, id="no change information"),
    ],
)
def test_changed(event, value, is_changed, is_unchanged):
    assert holds("changed", True, value, event=event) is is_changed
    assert holds("changed", False, value, event=event) is is_unchanged


def test_lists_are_cut_at_a_thousand_items():
    assert holds("contains", "last", ["x"] * 999 + ["last"])
    assert not holds("contains", "last", ["x"] * 1_000 + ["last"])


def nested(depth):
    value = "deep"
    for _ in range(depth):
        value = [value]
    return value


def test_deep_values_do_no_harm():
    value, before = nested(100_000), nested(100_000)
    event = {"previous": {"deal": {"x": before}}, "changed": [before]}

    assert {test(value, event, NOW) for test in COMPILED} <= {True, False}
    assert holds("changed", True, value, event=event)


BOMB = "(((a+)+)+)+$"


def test_a_regex_bomb_answers():
    assert not holds("matches_regex", f"^{BOMB}", "a" * 9_999 + "b")
    assert holds("matches_regex", f"^{BOMB}", "a" * 10_000)


def test_regexes_look_at_ten_thousand_characters_at_most():
    assert holds("matches_regex", "^a", "a" * 10_000)
    assert not holds("matches_regex", "^a", "a" * 10_001)


def test_a_glob_bomb_answers():
    assert not holds("like", "*a" * 80 + "*b", "a" * 2_000)
    assert not holds("like", "*a?" * 60 + "*b", "a" * 2_000)
    assert holds("like", "*a?" * 60 + "*", "a" * 2_000)


def test_like_looks_at_two_thousand_characters_at_most():
    assert holds("like", "a*", "a" * 2_000)
    assert not holds("like", "a*", "a" * 2_001)


@given(st.text("ab*?\n", max_size=12), st.text("ab\n*", max_size=16))
def test_like_is_fnmatch_without_brackets(pattern, text):
    expected = re.match(fnmatch.translate(pattern), text) is not None

    assert patterns.like(pattern)(text) is expected


@pytest.mark.parametrize(
    ("operator", "literal", "message", "help"),
    [
        ("equals", None, "found nothing", "is_present: false"),
        ("equals", {"a": 1}, "found a block of key: value lines", None),
        ("equals", ["a"], "found a list", "for several values use one_of"),
        ("one_of", "won", 'found text "won"', 'write ["won"]'),
        ("one_of", [], "must not be an empty list", None),
        ("one_of", ["a", None], "one item is nothing", None),
        ("one_of", ["a", ["b"]], "one item is a list", None),
        ("one_of", ["a"] * 1_001, "must not list more than 1000", "in_table"),
        ("in_table", ["a"], "must be the name of a table", None),
        ("contains", True, "must be text or a number, found true", None),
        ("contains", "", "must not be empty", "is_present: true"),
        ("contains", ["a"], "found a list", "contains_any"),
        ("contains_any", "a", "must be a list", 'write ["a"]'),
        ("contains_any", ["a", True], "one item is true", None),
        ("contains_any", ["a", ""], "one item is text", None),
        ("starts_with", 49, "must be text, found the number 49", 'put it in quotes: "49"'),
        ("starts_with", "", "must not be empty", None),
        ("like", "a" * 201, "longer than 200", None),
        ("matches_regex", "(a", "missing )", "RE2"),
        ("matches_regex", "(?=a)", "cannot be used", "RE2"),
        ("matches_regex", "a{1001}", "cannot be used", "RE2"),
        ("matches_regex", "(((a{100}){10}){10}){10}", "cannot be used", "RE2"),
        ("matches_regex", "a" * 1_001, "longer than 1000", None),
        ("more_than", "100", 'must be a number, found text "100"', "write 100 without quotes"),
        ("more_than", True, "must be a number, found true", None),
        ("more_than", "2026-04-15", "must be a number", "before and after"),
        ("between", [1], "must be a list of two numbers", "[10, 20]"),
        ("between", [5, 1], "must have the smaller number first", "write [1, 5]"),
        ("before", "soon", "must be a date", "2026-04-15"),
        ("before", 1776247200, "must be a date", "2026-04-15"),
        ("after", "3 days", "must be a date", "older_than"),
        ("within_last", "3d", 'must be a length of time, found text "3d"', 'write "3 days"'),
        ("is_present", "yes", 'must be true or false, found text "yes"', "write true"),
        ("is_present", "no", "must be true or false", "write false"),
        ("is_present", 1, "must be true or false, found the number 1", "write true"),
        ("is_present", "maybe", "must be true or false", None),
        ("changed", "won", "must be true or false", None),
        ("becomes", ["a"], "found a list", None),
        ("count", "2", "must be a number or a block", "{at_least: 2}"),
        ("count", 1.5, "must be a number or a block", "{at_least: 2}"),
        ("count", {}, "must be a number or a block", "{at_least: 2}"),
        ("count", {"like": "2"}, 'cannot be held against "like"', "at_least"),
        ("count", {"at_least": "2"}, 'has "at_least", which must be a number', "without quotes"),
        ("count", {"between": [2, 1]}, 'has "between", which must have', "[1, 2]"),
        ("any_item", "A", "must be a block of conditions", "{sku:"),
        ("all_items", {}, "must be a block of conditions", None),
    ],
)
def test_a_literal_of_the_wrong_kind_is_refused_in_plain_words(operator, literal, message, help):
    problem = OPERATORS[operator].problem(literal)

    assert problem.message.startswith(f'"{operator}" ')
    assert message in problem.message
    if help is not None:
        assert help in problem.help


def test_without_google_re2_regexes_are_refused_and_say_why():
    program = (
        "import sys; sys.modules['re2'] = None\n"
        "from rulebook.operators import OPERATORS\n"
        "print(OPERATORS['matches_regex'].problem('a').message)"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "google-re2, which is not installed" in said.stdout


def test_foreign_spellings_lead_to_ours():
    assert len(FOREIGN) >= 50
    assert set(FOREIGN.values()) <= {*OPERATORS, IGNORE_CASE}
    assert not set(FOREIGN) & {*OPERATORS, IGNORE_CASE}


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("gte", "at_least"),
        (">=", "at_least"),
        ("$eq", "equals"),
        ("eq", "equals"),
        ("exists", "is_present"),
        ("startswith", "starts_with"),
        ("regex", "matches_regex"),
        ("nin", "not_one_of"),
        ("!=", "not_equals"),
    ],
)
def test_well_known_foreign_spellings(foreign, ours):
    assert FOREIGN[foreign] == ours
