import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.paths import EACH, MAX_ITEMS, MISSING, Path, PathError, parse_path, scan_path
from tests.json_values import json_values, names

EVENT = {
    "deal": {
        "stage": "won",
        "amount": None,
        "custom": {"course": 7},
        "products": [{"sku": "A", "tags": ["x"]}, {"name": "no sku"}, {"sku": None}, {"sku": "B"}],
    },
    "answers": {"Your e-mail": "a@x.example", 'say "hi"\\': "hi", "order-id": 9, "0f7d": "ref"},
    "matrix": [[1, 2], [3], "no list"],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("deal", EVENT["deal"], id="one step"),
        pytest.param("deal.stage", "won", id="two steps"),
        pytest.param("deal.custom.course", 7, id="three steps"),
        pytest.param("deal.amount", None, id="a null is there"),
        pytest.param("deal.products[0].sku", "A", id="first item"),
        pytest.param("deal.products[].sku", ["A", "B"], id="each item that has one"),
        pytest.param("deal.products[].tags[]", ["x"], id="lists in lists are laid flat"),
        pytest.param("matrix[]", [[1, 2], [3], "no list"], id="each without a name"),
        pytest.param("matrix[][]", [1, 2, 3], id="each of each"),
        pytest.param("matrix[][0]", [1, 3], id="first of each"),
        pytest.param('answers["Your e-mail"]', "a@x.example", id="name with a space"),
        pytest.param(r'answers["say \"hi\"\\"]', "hi", id="name with a quote"),
        pytest.param("answers.order-id", 9, id="name with a hyphen"),
        pytest.param("answers.0f7d", "ref", id="name that begins with a digit"),
        pytest.param("person", MISSING, id="no such root"),
        pytest.param("deal.staage", MISSING, id="no such name"),
        pytest.param("deal.stage.more", MISSING, id="below a text"),
        pytest.param("deal.stage[0]", MISSING, id="position in a text"),
        pytest.param("deal[0]", MISSING, id="position in a block"),
        pytest.param("deal.products.sku", MISSING, id="name in a list"),
        pytest.param("deal.products[9]", MISSING, id="beyond the end"),
        pytest.param("deal.stage[]", MISSING, id="each of a text"),
        pytest.param("deal.amount[]", MISSING, id="each of a null"),
    ],
)
def test_a_path_leads_to_the_value(text, value):
    assert parse_path(text).getter()(EVENT) == value


@pytest.mark.parametrize(
    "name", ["__class__", "__dict__", "keys", "get", "items", "append", "__init__.__globals__"]
)
def test_no_name_reaches_into_python(name):
    for start in ("deal", "deal.products", "deal.stage"):
        assert parse_path(f"{start}.{name}").getter()(EVENT) is MISSING


@pytest.mark.parametrize(
    ("text", "offset", "part_of_message"),
    [
        pytest.param("", 0, "a field name is expected", id="nothing"),
        pytest.param("1deal", 0, "a field name is expected", id="begins with a digit"),
        pytest.param("[0]", 0, "a field name is expected", id="begins with a position"),
        pytest.param("deal.", 4, 'a name is expected after "."', id="ends with a dot"),
        pytest.param("deal..stage", 4, 'a name is expected after "."', id="two dots"),
        pytest.param("deal stage", 4, '" " is not expected', id="space"),
        pytest.param("deal.amount >=", 11, '" " is not expected', id="sign"),
        pytest.param("deal[x]", 4, '"["', id="name without quotes"),
        pytest.param("deal[-1]", 4, '"["', id="from the end"),
        pytest.param('deal["x]', 4, '"["', id="open quote"),
        pytest.param("deal[10000]", 4, "too large", id="position too large"),
        pytest.param("deal[99999999999]", 4, '"["', id="position absurd"),
        pytest.param("deal-", 4, '"-"', id="ends with a hyphen"),
    ],
)
def test_a_text_that_is_no_path_is_refused_at_its_place(text, offset, part_of_message):
    with pytest.raises(PathError) as refused:
        parse_path(text)

    assert refused.value.offset == offset
    assert part_of_message in refused.value.message


def test_the_largest_position_is_9999():
    assert parse_path("deal[9999]").steps == ("deal", 9999)


def test_the_end_of_a_list_is_reached_by_a_filter():
    with pytest.raises(PathError) as refused:
        parse_path("deal[-1]")

    assert refused.value.help == "for the last item write | last after the list"


def test_two_spellings_of_a_place_are_the_same_path():
    assert parse_path('deal["stage"]') == parse_path("deal.stage")
    assert parse_path('deal["stage"]').text == "deal.stage"


def test_a_path_tells_its_parts():
    path = parse_path('form["My list"][0].name[]')

    assert path.root == "form"
    assert path.names == ("form", "My list", "name")
    assert path.steps == ("form", "My list", 0, "name", EACH)
    assert parse_path("deal.custom.course").dotted == "deal.custom.course"
    assert parse_path("course.id").under("previous", "deal").text == "previous.deal.course.id"


def test_scanning_stops_where_the_path_ends():
    assert scan_path("${ deal.stage | trim }", 3) == (Path(("deal", "stage")), 13)


def test_long_lists_are_cut():
    many = {"list": list(range(5_000)), "lists": [list(range(600))] * 3}

    assert parse_path("list[]").getter()(many) == list(range(MAX_ITEMS))
    assert len(parse_path("lists[][]").getter()(many)) == MAX_ITEMS
    assert parse_path("list[4999]").getter()(many) == 4_999


steps = st.lists(st.one_of(names, st.integers(0, 9999), st.just(EACH)), max_size=6)


@given(st.text(alphabet='ab.[]"0\\ -_', max_size=20))
def test_any_text_is_a_path_or_refused_inside_itself(text):
    try:
        end = scan_path(text, 0)[1]
    except PathError as error:
        end = error.offset

    assert 0 <= end <= len(text)


@given(steps)
def test_a_path_written_out_is_read_back_as_itself(steps):
    path = Path(("root", *steps))

    assert parse_path(path.text) == path


@given(steps, json_values)
def test_getting_never_fails(steps, value):
    found = Path(("root", *steps)).getter()({"root": value})

    if not steps:
        assert found is value
    if EACH in steps:
        assert found is MISSING or isinstance(found, list)


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("rows", 1_500),
        ("rows[].x", 1_500),
        ("orders[].items", 2),
        ("orders[].items[]", 1_200),
        ("orders[0].items[]", 600),
        ("orders[5].items[]", 0),
        ("name", 0),
        ("nothing.at[].all", 0),
    ],
)
def test_the_items_of_a_list_are_counted_to_its_end(path: str, count: int) -> None:
    orders = [{"items": [1] * 600}, {"items": [2] * 600}]

    assert parse_path(path).count({"rows": [{}] * 1_500, "orders": orders, "name": "x"}) == count
