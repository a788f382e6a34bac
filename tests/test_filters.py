import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.arguments import TableName, arguments_problem
from rulebook.filters import FILTERS, RenderError, find_row
from rulebook.paths import MISSING
from tests.json_values import json_values, singles

TABLES = {"courses": {"Safety Basics": 101, "safety basics": 7, " First Aid ": 102, "5": "five"}}


def apply(name, value, *arguments):
    return FILTERS[name].build(*arguments)(value, TABLES)


def test_there_are_nineteen():
    assert " ".join(FILTERS) == (
        "trim lower upper title default first last join split replace to_int to_text format_date "
        "truncate first_name last_name pluck unique lookup"
    )


@pytest.mark.parametrize(
    ("name", "arguments", "value", "expected"),
    [
        ("trim", (), " \ta b\n", "a b"),
        ("trim", (), 5, "5"),
        ("lower", (), "ÄB", "äb"),
        ("upper", (), "äb", "ÄB"),
        ("title", (), "anna-maria o'NEIL", "Anna-Maria O'neil"),
        ("default", ("-",), MISSING, "-"),
        ("default", ("-",), None, "-"),
        ("default", ("-",), "", "-"),
        ("default", ("-",), [], "-"),
        ("default", ("-",), 0, 0),
        ("default", ("-",), False, False),
        ("default", (7,), "a", "a"),
        ("first", (), ["a", "b"], "a"),
        ("first", (), [], MISSING),
        ("last", (), ["a", "b"], "b"),
        ("last", (), [], MISSING),
        ("join", (), ["a", 5, 1.5, True], "a, 5, 1.5, true"),
        ("join", (" / ",), ["a", None, "", "b"], "a / b"),
        ("join", (), [], ""),
        ("split", (), "a, b,,c ", ["a", "b", "c"]),
        ("split", (" ",), "a  b", ["a", "b"]),
        ("split", (), "", []),
        ("split", (), 5, ["5"]),
        ("replace", ("a", "b"), "abca", "bbcb"),
        ("replace", ("a", ""), "abca", "bc"),
        ("replace", (".", "-"), "a.b*", "a-b*"),
        ("to_int", (), "42", 42),
        ("to_int", (), " 42 ", 42),
        ("to_int", (), "007", 7),
        ("to_int", (), "-3", -3),
        ("to_int", (), "42.00", 42),
        ("to_int", (), 42.0, 42),
        ("to_int", (), 42, 42),
        ("to_text", (), 42, "42"),
        ("to_text", (), 42.0, "42"),
        ("to_text", (), True, "true"),
        ("to_text", (), "007", "007"),
        ("format_date", (), "2026-04-05T10:09:08Z", "2026-04-05"),
        ("format_date", ("%d.%m.%y %H:%M:%S",), "2026-04-05T10:09:08Z", "05.04.26 10:09:08"),
        ("format_date", ("%A %a %B %b 100%%",), "2026-04-05", "Sunday Sun April Apr 100%"),
        ("format_date", ("%d.%m.%Y",), "2026-04-15T00:30:00+02:00", "15.04.2026"),
        ("format_date", (), 1776247200000, "2026-04-15"),
        ("format_date", (), "0001-01-01", "0001-01-01"),
        ("truncate", (3,), "abcdef", "abc"),
        ("truncate", (3,), "ab", "ab"),
        ("first_name", (), " Anna  Maria Schmidt ", "Anna"),
        ("last_name", (), " Anna  Maria Schmidt ", "Maria Schmidt"),
        ("first_name", (), "Schmidt, Anna", "Anna"),
        ("last_name", (), "van Beethoven, Ludwig", "van Beethoven"),
        ("first_name", (), "Anna", "Anna"),
        ("last_name", (), "Anna", MISSING),
        ("first_name", (), "  ", MISSING),
        ("last_name", (), ",", MISSING),
        ("pluck", ("id",), [{"id": 1}, {"x": 2}, {"id": None}, "text", {"id": [3]}], [1, [3]]),
        ("unique", (), ["b", "a", "b"], ["b", "a"]),
        ("unique", (), [1, True, "1", 1.0, None, None], [1, True, "1", None]),
        ("unique", (), [{"a": 1, "b": 2}, {"b": 2, "a": 1}, [1]], [{"a": 1, "b": 2}, [1]]),
        ("lookup", ("courses",), "Safety Basics", 101),
        ("lookup", ("courses",), "SAFETY basics ", 101),
        ("lookup", ("courses",), "first aid", 102),
        ("lookup", ("courses",), 5, "five"),
        ("lookup", ("courses",), 5.0, "five"),
        ("lookup", ("courses", 503), "unknown", 503),
        ("lookup", ("courses", 503), MISSING, 503),
        ("lookup", ("courses", 503), "Safety Basics", 101),
        ("lookup", ("courses",), MISSING, MISSING),
        ("lookup", ("courses",), None, MISSING),
    ],
)
def test_what_filters_make(name, arguments, value, expected):
    made = apply(name, value, *arguments)

    assert made == expected
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    ("name", "arguments", "value", "message"),
    [
        ("trim", (), ["a"], '"trim" needs text, but found a list'),
        ("upper", (), {"a": 1}, '"upper" needs text, but found a block'),
        ("first", (), "abc", '"first" needs a list, but found text "abc"'),
        ("last", (), {"a": 1}, '"last" needs a list'),
        ("join", (), "abc", '"join" needs a list'),
        ("join", (), [{"a": 1}], "use pluck first"),
        ("join", ("x" * 6_000,), ["a", "b", "c"], "longer than 10,000 characters"),
        ("replace", ("a", "x" * 100), "a" * 5_000, "longer than 10,000 characters"),
        ("to_int", (), "12a", 'needs a whole number, but found text "12a"'),
        ("to_int", (), "4 2", "needs a whole number"),
        ("to_int", (), "1,000", "needs a whole number"),
        ("to_int", (), 1.5, "needs a whole number"),
        ("to_int", (), True, "needs a whole number"),
        ("to_int", (), "", "needs a whole number"),
        ("to_int", (), "\u0664", "needs a whole number"),
        ("to_int", (), "9" * 5_000, "needs a whole number"),
        ("to_int", (), float("inf"), "needs a whole number"),
        ("to_int", (), [1], '"to_int" needs a whole number, but found a list'),
        ("to_text", (), [1], '"to_text" needs text'),
        ("format_date", (), "soon", '"format_date" needs a date, but found text "soon"'),
        ("format_date", (), True, "needs a date"),
        ("pluck", ("id",), {"id": 1}, '"pluck" needs a list'),
        ("lookup", ("courses",), "Other", 'the table "courses" has no row for "Other"'),
        ("lookup", ("courses",), "Safety", 'the table "courses" has no row for "Safety"'),
        ("lookup", ("courses", 1), ["Safety Basics"], "needs one text or number"),
    ],
)
def test_what_filters_cannot_use_they_say(name, arguments, value, message):
    with pytest.raises(RenderError) as refused:
        apply(name, value, *arguments)

    assert message in refused.value.message


def test_an_unknown_key_is_shown_shortened():
    with pytest.raises(RenderError) as refused:
        apply("lookup", "x" * 5_000, "courses")

    assert len(refused.value.message) < 200


def test_long_lists_are_cut():
    many = ["a"] * 1_000 + ["b"]

    assert apply("unique", many) == ["a"]
    assert apply("pluck", [{"n": 1}] * 5_000, "n") == [1] * 1_000
    assert apply("split", "a," * 5_000) == ["a"] * 1_000
    assert apply("last", many) == "b"


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_deep_values_do_no_harm():
    with pytest.raises(RenderError, match="nested this deep"):
        apply("unique", nested(100_000))


ARGUMENTS = {
    "default": ("x",),
    "replace": ("a", "bb"),
    "truncate": (3,),
    "pluck": ("a",),
    "lookup": ("courses",),
}


@given(name=st.sampled_from(sorted(FILTERS)), value=json_values)
def test_a_filter_gives_a_value_or_a_render_error(name, value):
    try:
        made = apply(name, value, *ARGUMENTS.get(name, ()))
    except RenderError as error:
        made = error.message

    assert made is MISSING or made is None or isinstance(made, (str, int, float, list, dict))


@given(key=st.text(), rows=st.dictionaries(st.text(), singles))
def test_a_row_is_found_by_its_exact_key_first(key, rows):
    table = {f"{key} ": "with a space", **rows, key: "exact"}

    assert find_row(table, key) == "exact"


@pytest.mark.parametrize(
    ("name", "given_", "problem"),
    [
        ("trim", [], None),
        ("trim", ["a"], "takes nothing in brackets"),
        ("default", [], "needs text in quotes, a number, true or false"),
        ("default", ["a"], None),
        ("default", ["a", "b"], "takes only"),
        ("default", [TableName("t")], "found the name t"),
        ("join", [], None),
        ("join", [5], "found the number 5"),
        ("replace", ["a"], "needs text"),
        ("replace", ["a", ""], None),
        ("truncate", ["x"], 'needs a whole number from 1 to 10000, found text "x"'),
        ("truncate", [1.5], "found the number 1.5"),
        ("truncate", [10_001], "needs a whole number"),
        ("format_date", ["%d.%m.%Y"], None),
        ("format_date", ["DD.MM.YYYY"], 'needs a date format in quotes, such as "%d.%m.%Y"'),
        ("format_date", ["%d %"], "needs a date format"),
        ("lookup", [TableName("t")], None),
        ("lookup", [TableName("t"), 503], None),
        ("lookup", ["t"], "needs the name of a table, without quotes"),
        ("lookup", [TableName("t"), TableName("u")], "found the name u"),
    ],
)
def test_arguments_are_checked_before_any_event_comes(name, given_, problem):
    said = arguments_problem(FILTERS[name].arguments, given_)

    assert (said is None) is (problem is None)
    assert problem is None or problem in said


@given(name=st.sampled_from(sorted(FILTERS)), given_=st.lists(singles, max_size=3), value=singles)
def test_arguments_without_a_problem_work(name, given_, value):
    given_ = [TableName("courses"), *given_] if name == "lookup" else given_
    if arguments_problem(FILTERS[name].arguments, given_) is not None or value is None:
        return

    arguments = [one.name if isinstance(one, TableName) else one for one in given_]
    try:
        made = apply(name, value, *arguments)
    except RenderError:
        made = "refused"
    assert made is not None
