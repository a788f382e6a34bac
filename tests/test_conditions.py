from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.conditions import ConditionProblem, block_problems, compile_block
from rulebook.paths import parse_path
from tests.json_values import json_values, names

NOW = datetime(2026, 4, 15, 10, 0, tzinfo=UTC)
TABLES = {"courses": {"Safety Basics": 101}}
EVENT = {
    "deal": {
        "stage": "closedwon",
        "status": "Won",
        "amount": "99",
        "currency": "EUR",
        "country": None,
        "tags": ["a", "b"],
        "products": [
            {"sku": "A", "quantity": 1, "item": "inner"},
            {"sku": "B", "quantity": 5},
        ],
        "closed_at": "2026-04-14T10:00:00Z",
    },
    "previous": {"deal": {"status": "open", "stage": "closedwon"}},
    "changed": ["deal.status"],
}


def compiled(block):
    assert block_problems(block, TABLES) == []
    return compile_block(block, TABLES)


def holds(block, event=EVENT):
    return compiled(block).holds(event, NOW)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param({"deal.stage": "closedwon"}, True, id="equals"),
        pytest.param({"deal.stage": "lost"}, False, id="equals not"),
        pytest.param({"deal.stage": ["lost", "closedwon"]}, True, id="list is one of"),
        pytest.param({"deal.amount": {"at_least": 50, "less_than": 100}}, True, id="both hold"),
        pytest.param({"deal.amount": {"at_least": 50, "less_than": 60}}, False, id="one holds"),
        pytest.param({"deal.stage": "closedwon", "deal.currency": "EUR"}, True, id="two lines"),
        pytest.param({"deal.stage": "closedwon", "deal.currency": "USD"}, False, id="one line"),
        pytest.param(
            {"deal.currency": "EUR", "deal.stage": "closedwon", "deal.tags": {"contains": "a"}},
            True,
            id="three lines",
        ),
        pytest.param(
            {"deal.currency": "EUR", "deal.stage": "closedwon", "deal.tags": {"contains": "c"}},
            False,
            id="third line fails",
        ),
        pytest.param({"any": [{"deal.stage": "x"}, {"deal.currency": "EUR"}]}, True, id="any"),
        pytest.param({"any": [{"deal.stage": "x"}, {"deal.currency": "y"}]}, False, id="any not"),
        pytest.param({"all": [{"deal.amount": 99}, {"deal.currency": "EUR"}]}, True, id="all"),
        pytest.param({"all": [{"deal.amount": 99}, {"deal.currency": "y"}]}, False, id="all not"),
        pytest.param({"none": [{"deal.stage": "x"}, {"deal.currency": "y"}]}, True, id="none"),
        pytest.param({"none": [{"deal.stage": "x"}, {"deal.currency": "EUR"}]}, False, id="none x"),
        pytest.param({"none": [{"deal.country": "DE"}]}, True, id="none of a missing field"),
        pytest.param({"deal.country": {"not_equals": "DE"}}, False, id="not_equals of missing"),
        pytest.param(
            {"any": [{"none": [{"deal.stage": "closedwon"}]}, {"all": [{"deal.amount": 99}]}]},
            True,
            id="nested",
        ),
        pytest.param({"deal.status": {"equals": "won", "ignore_case": True}}, True, id="ignore"),
        pytest.param({"deal.status": {"equals": "won", "ignore_case": False}}, False, id="respect"),
        pytest.param({"deal.status": {"becomes": "Won"}}, True, id="becomes"),
        pytest.param({"deal.status": {"becomes": "won"}}, False, id="becomes not"),
        pytest.param(
            {"deal.status": {"becomes": "won", "ignore_case": True}}, True, id="becomes ignoring"
        ),
        pytest.param({"deal.stage": {"becomes": "closedwon"}}, False, id="had it already"),
        pytest.param({"deal.status": {"changed": True}}, True, id="changed"),
        pytest.param({"deal.stage": {"changed": False}}, True, id="not changed"),
        pytest.param({"deal.closed_at": {"within_last": "2 days"}}, True, id="within_last"),
        pytest.param({"deal.tags": {"count": 2}}, True, id="count"),
        pytest.param({"deal.products[].sku": {"contains_all": ["A", "B"]}}, True, id="each"),
        pytest.param({"deal.products[1].sku": "B"}, True, id="second"),
        pytest.param({"deal.products": {"any_item": {"sku": "B", "quantity": 5}}}, True, id="item"),
        pytest.param(
            {"deal.products": {"any_item": {"sku": "A", "quantity": 5}}}, False, id="same item"
        ),
        pytest.param({"deal.products": {"any_item": {"item.sku": "B"}}}, True, id="item by name"),
        pytest.param({"deal.products": {"any_item": {"item.item": "inner"}}}, True, id="item.item"),
        pytest.param({"deal.tags": {"any_item": {"item": "b"}}}, True, id="items that are texts"),
        pytest.param(
            {"deal.products": {"all_items": {"quantity": {"at_least": 1}}}}, True, id="all_items"
        ),
        pytest.param(
            {"deal.products": {"all_items": {"quantity": {"at_least": 2}}}}, False, id="not all"
        ),
        pytest.param(
            {"deal.products": {"any_item": {"any": [{"sku": "X"}, {"quantity": 5}]}}},
            True,
            id="groups in items",
        ),
        pytest.param(
            {"deal.products": {"any_item": {"deal.stage": "closedwon"}}},
            False,
            id="items do not see the event",
        ),
        pytest.param({"deal.stage": {"any_item": {"item": "c"}}}, False, id="text has no items"),
        pytest.param({"deal.country": {"all_items": {"a": 1}}}, False, id="null has no items"),
        pytest.param({"deal.stage": {"in_table": "courses"}}, False, id="in_table"),
    ],
)
def test_blocks(block, expected):
    assert holds(block) is expected


def test_all_items_of_an_empty_list_is_false():
    event = {"deal": {"products": []}}

    assert not holds({"deal.products": {"all_items": {"sku": "A"}}}, event)
    assert not holds({"deal.products": {"any_item": {"sku": "A"}}}, event)
    assert holds({"deal.products": {"count": 0}}, event)


def test_a_condition_tells_what_it_reads():
    condition = compiled(
        {
            "deal.stage": "won",
            "any": [{"contact.email": {"in_table": "courses"}}, {"none": [{"deal.id": 5}]}],
            "deal.products": {"any_item": {"sku": "A"}},
        }
    )

    assert condition.fields == set(
        map(parse_path, ["deal.stage", "contact.email", "deal.id", "deal.products"])
    )
    assert condition.tables == {"courses"}
    inner = compiled({"deal.products": {"any_item": {"sku": {"in_table": "courses"}}}})
    assert inner.tables == {"courses"}


def test_a_field_called_in_table_names_no_table():
    assert compiled({"in_table": "courses"}).tables == set()


def explained(block, event=EVENT):
    return "\n".join(map(str, compiled(block).explain(event, NOW)))


def test_an_explanation_shows_every_comparison_with_what_the_event_has():
    block = {
        "deal.status": {"becomes": "won"},
        "deal.amount": {"at_least": 100},
        "deal.currency": {"one_of": ["EUR", "USD"]},
        "none": [{"deal.custom.skip_lms": True}],
        "any": [{"deal.stage": "x", "deal.amount": 99}],
    }

    assert explained(block) == (
        'NO  deal.status becomes "won"   (event has: "Won")'
        "   <- differs only in capital letters or spaces\n"
        'NO  deal.amount at_least 100   (event has: "99")\n'
        'yes deal.currency one_of ["EUR", "USD"]   (event has: "EUR")\n'
        "none of:\n"
        "   NO  deal.custom.skip_lms equals true   (event has: nothing)"
        "   <- the event has no such field\n"
        "any of:\n"
        "   together:\n"
        '      NO  deal.stage equals "x"   (event has: "closedwon")\n'
        '      yes deal.amount equals 99   (event has: "99")'
    )


@pytest.mark.parametrize(
    ("line", "note"),
    [
        pytest.param({"deal.status": "won"}, "differs only in capital letters or spaces", id="won"),
        pytest.param({"deal.status": ["won"]}, "differs only in capital", id="list"),
        pytest.param({"deal.tags": {"contains": "A"}}, "differs only in capital", id="contains"),
        pytest.param({"deal.status": {"like": "w*"}}, "differs only in capital", id="like"),
        pytest.param({"deal.status": {"matches_regex": "^w"}}, "differs only in", id="regex"),
        pytest.param({"deal.status": {"not_equals": "Won"}}, "", id="a negative one"),
        pytest.param({"deal.stage": "x"}, "", id="simply another value"),
        pytest.param({"deal.gone": "x"}, "the event has no such field", id="missing"),
        pytest.param({"deal.gone": {"is_present": True}}, "the event has no such", id="present"),
        pytest.param({"deal.country": "x"}, "", id="null"),
        pytest.param(
            {"Deal.Stage": "x"}, 'the event has no such field, but it has "deal.Stage"', id="root"
        ),
        pytest.param(
            {"deal.Stage": "x"}, 'the event has no such field, but it has "deal.stage"', id="name"
        ),
        pytest.param({"deal.stage": {"becomes": "closedwon"}}, "already had that value", id="had"),
        pytest.param({"deal.stage": {"becomes": "ClosedWon"}}, "already had", id="had, capitals"),
        pytest.param({"deal.currency": {"becomes": "EUR"}}, "did not change", id="unchanged"),
        pytest.param({"deal.currency": {"becomes": "USD"}}, "", id="becomes another"),
        pytest.param({"deal.stage": {"at_least": 5}}, "not written as a plain number", id="number"),
        pytest.param({"deal.stage": {"after": "2026-01-01"}}, "is not a date", id="date"),
        pytest.param({"deal.stage": {"older_than": "1 day"}}, "is not a date", id="age"),
        pytest.param({"deal.stage": {"count": 1}}, "is not a list", id="count"),
        pytest.param({"deal.stage": {"any_item": {"a": 1}}}, "is not a list", id="items"),
        pytest.param({"deal.tags": "a"}, "compared with contains or any_item", id="a list"),
    ],
)
def test_near_misses_are_told(line, note):
    (told,) = compiled(line).explain(EVENT, NOW)

    assert told.ok is False
    assert note in told.note
    assert bool(note) is bool(told.note)


def test_without_change_information_becomes_says_so():
    (line,) = compiled({"deal.stage": {"becomes": "won"}}).explain({"deal": {"stage": "won"}}, NOW)

    assert line.note == "the source gives no change information"


def test_long_values_are_told_by_their_length():
    event = {"body": {"text": "x" * 10_001}}
    (line,) = compiled({"body.text": {"matches_regex": "y"}}).explain(event, NOW)

    assert line.note == 'is longer than the 10,000 characters that "matches_regex" looks at'
    assert len(line.text) < 200


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        pytest.param({"deal.stage": "closedwon"}, "", id="holds"),
        pytest.param(
            {"deal.currency": "EUR", "deal.stage": "lost"},
            'deal.stage equals "lost" (event has "closedwon")',
            id="one line",
        ),
        pytest.param(
            {"deal.amount": {"at_least": 100}, "deal.stage": "lost"},
            'deal.amount at_least 100 (event has "99")',
            id="the first that is written",
        ),
        pytest.param(
            {"deal.status": {"becomes": "won"}},
            'deal.status becomes "won" (event has "Won"); '
            "differs only in capital letters or spaces",
            id="near miss",
        ),
        pytest.param(
            {"any": [{"deal.stage": "x"}, {"deal.stage": "y"}]},
            'none of the 2 entries of "any" holds, '
            'the first because deal.stage equals "x" (event has "closedwon")',
            id="any",
        ),
        pytest.param(
            {"any": [{"deal.stage": "x"}]},
            'deal.stage equals "x" (event has "closedwon")',
            id="any of one",
        ),
        pytest.param(
            {"all": [{"deal.amount": 99}, {"deal.stage": "y"}]},
            'deal.stage equals "y" (event has "closedwon")',
            id="all",
        ),
        pytest.param(
            {"none": [{"deal.stage": "x"}, {"deal.amount": 99, "deal.tags": {"contains": "a"}}]},
            'an entry of "none" holds: deal.amount equals 99 and deal.tags contains "a"',
            id="none",
        ),
        pytest.param(
            {"none": [{"any": [{"deal.amount": 99}, {"deal.amount": 1}]}]},
            'an entry of "none" holds: any of (deal.amount equals 99; deal.amount equals 1)',
            id="any in none",
        ),
        pytest.param(
            {"deal.stage": {"equals": "LOST", "ignore_case": True}},
            'deal.stage equals "LOST" (ignore_case) (event has "closedwon")',
            id="ignore_case",
        ),
        pytest.param(
            {"deal.products": {"any_item": {"sku": "C"}}},
            'deal.products any_item {sku: "C"} (event has [a block, a block])',
            id="any_item",
        ),
    ],
)
def test_the_first_no_is_one_sentence(block, sentence):
    assert compiled(block).first_no(EVENT, NOW) == sentence


def problem(where, on, code, message, help=None, suggestion=None):
    return ConditionProblem(where, on, code, message, help, suggestion)


def test_an_unknown_comparison_gets_ours():
    assert block_problems({"deal.amount": {"gte": 1000}}) == [
        problem(
            ("deal.amount", "gte"),
            "key",
            "C01",
            'unknown comparison "gte" for deal.amount',
            suggestion="at_least",
        )
    ]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        (">=", "at_least"),
        ("$eq", "equals"),
        ("Greater Than", "more_than"),
        ("not-in", "not_one_of"),
        ("startsWith", "starts_with"),
        ("equal", "equals"),
        ("contians", "contains"),
        ("ignorecase", "ignore_case"),
        ("elephant", None),
    ],
)
def test_spellings_are_put_right(name, ours):
    (told,) = [one for one in block_problems({"x": {"equals": "a", name: 5}}) if one.code == "C01"]

    assert told.suggestion == ours


@pytest.mark.parametrize(
    ("block", "where", "on", "code", "message", "help"),
    [
        pytest.param(
            "won", (), "value", "C03", 'must be a block of key: value lines, found text "won"',
            None, id="text for a block",
        ),
        pytest.param([{"x": 1}], (), "value", "C03", "found a list", '"any:" or "all:"', id="list"),
        pytest.param(None, (), "value", "C03", "found nothing", None, id="nothing"),
        pytest.param({}, (), "value", "C03", "no condition in this block", None, id="empty"),
        pytest.param(
            {"any": {"x": 1}}, ("any",), "value", "C03", '"any" must be a list', '"- "', id="any"
        ),
        pytest.param(
            {"none": []}, ("none",), "value", "C03", "found an empty list", None, id="none"
        ),
        pytest.param(
            {"all": [{"x": 1}, "y"]}, ("all", 1), "value", "C03", "must be a block", None, id="y"
        ),
        pytest.param(
            {"any": [{"none": [{"x": {"gt": 1}}]}]},
            ("any", 0, "none", 0, "x", "gt"),
            "key",
            "C01",
            "unknown comparison",
            None,
            id="deep inside",
        ),
        pytest.param({"x": {}}, ("x",), "value", "C03", "no comparison for x", None, id="no op"),
        pytest.param(
            {"x": {"ignore_case": True}}, ("x",), "value", "C03", "needs a comparison", None,
            id="ignore_case alone",
        ),
        pytest.param(
            {"x": {"equals": "a", "ignore_case": "yes"}}, ("x", "ignore_case"), "value", "C02",
            'must be true or false, found text "yes"', None, id="ignore_case yes",
        ),
        pytest.param(
            {"x": None}, ("x",), "value", "C02", '"x" must be text, a number, true or false',
            "is_present: false", id="null",
        ),
        pytest.param(
            {"x": []}, ("x",), "value", "C02", '"x" must not be an empty list', None, id="no values"
        ),
        pytest.param(
            {"x": {"at_least": "5"}}, ("x", "at_least"), "value", "C02", "must be a number",
            "write 5 without quotes", id="literal",
        ),
        pytest.param(
            {"deal.amount >=": 5}, ("deal.amount >=",), "key", "C04", "is not the name of a field",
            "write deal.amount: {at_least: ...}", id="sign in the key",
        ),
        pytest.param(
            {"Your name": "x"}, ("Your name",), "key", "C04", '" " is not expected', 'answers["',
            id="space in the key",
        ),
        pytest.param(
            {"deal": {"stage": "won"}}, ("deal", "stage"), "key", "C01", "unknown comparison",
            'write "deal.stage:" as one key', id="block of fields",
        ),
        pytest.param(
            {"x": {"in_table": "cours"}}, ("x", "in_table"), "value", "C05",
            'there is no table "cours"', None, id="table",
        ),
        pytest.param(
            {"x": {"any_item": {"y": {"gt": 1}}}}, ("x", "any_item", "y", "gt"), "key", "C01",
            "unknown comparison", None, id="in an item",
        ),
        pytest.param(
            {"x": {"all_items": {"any": [{"y": {"becomes": 1}}]}}},
            ("x", "all_items", "any", 0, "y", "becomes"), "key", "C06",
            '"becomes" cannot be asked of the items of a list', None, id="becomes in an item",
        ),
        pytest.param(
            {"contact.email": {"ends_with": "acme.com"}}, ("contact.email", "ends_with"), "value",
            "W03", '"evilacme.com"', 'write "@acme.com"', id="look-alike",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_told_at_their_place(block, where, on, code, message, help):
    (told,) = block_problems(block, TABLES)

    assert (told.where, told.on, told.code) == (where, on, code)
    assert message in told.message
    if help is not None:
        assert help in told.help


def test_a_wrong_table_gets_the_right_one():
    (told,) = block_problems({"x": {"in_table": "course"}}, TABLES)

    assert told.suggestion == "courses"


def test_all_mistakes_are_told_at_once():
    block = {"a b": 1, "x": {"gt": 1, "at_least": "y"}, "any": [{"y": None}]}

    assert [one.code for one in block_problems(block)] == ["C04", "C01", "C02", "C02"]


@pytest.mark.parametrize(
    "block",
    [
        {"contact.email": {"ends_with": "@acme.com"}},
        {"deal.name": {"ends_with": "acme.com"}},
        {"x": {"in_table": "any table, where none are given"}},
    ],
)
def test_no_needless_complaints(block):
    assert block_problems(block) == []


fields = st.sampled_from(["a", "a.b", "a[0]", "a[].name", "item", "any", "all", "none", "a b"])
operators = st.sampled_from(
    ["equals", "one_of", "contains", "like", "becomes", "changed", "count", "any_item", "all_items",
     "is_present", "in_table", "older_than", "ignore_case", "gte"]
)  # fmt: skip
blocks = st.recursive(
    json_values | st.sampled_from(["courses", "3 days", True]),
    lambda inner: (
        st.dictionaries(fields, st.dictionaries(operators, inner, max_size=2) | inner, max_size=3)
        | st.lists(inner, max_size=2)
    ),
    max_leaves=8,
)


@given(block=blocks)
def test_any_block_is_refused_at_a_place_that_is_there_or_works(block):
    problems = block_problems(block, TABLES)

    for told in problems:
        here = block
        for step in told.where:
            here = here[step]
    if not problems:
        condition = compile_block(block, TABLES)
        assert bool(condition.first_no(EVENT, NOW)) is not condition.holds(EVENT, NOW)


RICH = {
    "a": {"becomes": "won"},
    "a.b": {"changed": False},
    "any": [{"a[].name": {"contains": "x"}}, {"a": {"any_item": {"name": "x", "item.id": [1]}}}],
    "none": [{"a": {"all_items": {"b": {"older_than": "3 days"}}}}, {"a.id": {"count": 2}}],
}


@given(event=st.dictionaries(names | st.sampled_from(["previous", "changed"]), json_values))
def test_no_event_makes_a_condition_fail(event):
    condition = compile_block(RICH, TABLES)

    assert bool(condition.first_no(event, NOW)) is not condition.holds(event, NOW)
    assert all(str(line) for line in condition.explain(event, NOW))
