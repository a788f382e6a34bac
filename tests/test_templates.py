import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.paths import parse_path
from rulebook.templates import RenderError, TemplateError, parse_tree, parse_value, tree_problems
from tests.json_values import json_values, names

SCOPE = {
    "contact": {"email": " a@x.example ", "first_name": "Ada", "nothing": None, "blank": "  "},
    "deal": {
        "id": 42,
        "code": "007",
        "phone": "+491511",
        "amount": 1.5,
        "round": 5.0,
        "won": True,
        "tags": ["a", "b"],
        "custom": {"course": "Safety Basics"},
        "products": [{"sku": "A"}, {"sku": "B"}],
    },
    "answers": {"Your e-mail": "q@x.example"},
    "item": {"sku": "A"},
}
TABLES = {"courses": {"Safety Basics": 101, "5": 105}}


def render(text, scope=SCOPE):
    return parse_value(text).render(scope, TABLES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("${ deal.id }", 42, id="number"),
        pytest.param("${ deal.code }", "007", id="digits stay text"),
        pytest.param("${ deal.phone }", "+491511", id="phone number stays text"),
        pytest.param("${ deal.amount }", 1.5, id="fraction"),
        pytest.param("${ deal.won }", True, id="true"),
        pytest.param("${ deal.tags }", ["a", "b"], id="list"),
        pytest.param("${ deal.custom }", {"course": "Safety Basics"}, id="block"),
        pytest.param("${deal.id}", 42, id="without spaces"),
        pytest.param("${  deal.id\n}", 42, id="with many spaces"),
        pytest.param("${ deal.products[].sku }", ["A", "B"], id="each item"),
        pytest.param("${ deal.products[1].sku }", "B", id="second item"),
        pytest.param("${ item.sku }", "A", id="item"),
        pytest.param('${ answers["Your e-mail"] }', "q@x.example", id="name in quotes"),
        pytest.param('${ deal.gone | default("-") }', "-", id="default text"),
        pytest.param("${ deal.gone | default(7) }", 7, id="default number"),
        pytest.param("${ deal.gone | default(1.5) }", 1.5, id="default fraction"),
        pytest.param("${ deal.gone | default(true) }", True, id="default true"),
        pytest.param("${ deal.custom.course | lookup(courses) }", 101, id="lookup keeps type"),
    ],
)
def test_one_single_reference_keeps_its_type(text, value):
    rendered = render(text)

    assert rendered == value
    assert type(rendered) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a ${ deal.id } b", "a 42 b"),
        (" ${ deal.id }", " 42"),
        ("${ deal.id }${ deal.id }", "4242"),
        ("${ deal.amount } / ${ deal.round } / ${ deal.won }", "1.5 / 5 / true"),
        ("${ contact.email | trim }!", "a@x.example!"),
        ("$${ deal.id }", "${ deal.id }"),
        ("$${ deal.id } ${ deal.id }", "${ deal.id } 42"),
        ("$$${ deal.id }", "$${ deal.id }"),
        ("$$", "$$"),
        ("$", "$"),
        ("5 $ { deal.id }", "5 $ { deal.id }"),
        ("$5 } {", "$5 } {"),
        ("a{b}c", "a{b}c"),
        ("{{ 7*7 }", "{{ 7*7 }"),
        ('${ deal.gone | default("a\\nb\\t\\"\\\\n") }', 'a\nb\t"\\n'),
    ],
)
def test_text_round_a_reference_makes_text(text, value):
    assert render(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("${ deal.gone }", "deal.gone is missing in the event", id="missing"),
        pytest.param("a ${ deal.gone }", "deal.gone is missing in the event", id="missing in text"),
        pytest.param("${ contact.nothing }", "contact.nothing is missing", id="null"),
        pytest.param("${ deal.gone | trim | upper }", "deal.gone is missing", id="passes filters"),
        pytest.param("a ${ deal.tags }", "a list cannot stand inside a text", id="list in text"),
        pytest.param("a ${ deal.custom }", "a block cannot stand inside a text", id="block"),
        pytest.param("${ deal.tags | trim }", 'deal.tags: "trim" needs text', id="filter error"),
        pytest.param(
            "${ deal.code | lookup(courses) }",
            'deal.code: the table "courses" has no row for "007"',
            id="unknown key",
        ),
        pytest.param("${ deal.__class__ }", "deal.__class__ is missing", id="no attributes"),
    ],
)
def test_what_cannot_be_filled_says_why(text, message):
    with pytest.raises(RenderError) as refused:
        render(text)

    assert message in refused.value.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('${ deal.gone | trim | default("-") }', "-"),
        ('${ deal.gone | trim | default("b") | upper }', "B"),
        ('${ contact.nothing | default("-") }', "-"),
        ('${ contact.blank | default("-") }', "-"),
        ('${ contact.blank | trim | default("-") }', "-"),
        ('${ contact.first_name | last_name | default("-") }', "-"),
        ("${ deal.gone | lookup(courses, 503) }", 503),
        ("${ deal.code | lookup(courses, 503) }", 503),
        ("${ deal.won | default(false) }", True),
    ],
)
def test_missing_goes_past_filters_to_the_first_that_fills(text, value):
    assert render(text) == value


HOSTILE = ["${ deal.id }", "$${ deal.id }", "{{ 7*7 }}", "${ raw } {{ 7*7 }}", "}", '" | x', "${"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_template_text_in_an_event_stays_text(hostile):
    scope = {"deal": {"id": 42}, "answers": {"name": hostile}}

    assert render("${ answers.name }", scope) == hostile
    assert render("a ${ answers.name } b", scope) == f"a {hostile} b"
    assert render('${ answers.gone | default("x") }${ answers.name }', scope) == f"x{hostile}"


@given(before=st.text(), after=st.text())
def test_no_text_of_an_event_is_ever_rendered(before, after):
    hostile = f"{before}${{ deal.id }}{after}"[:5_000]

    assert render("- ${ answers.name } -", {"answers": {"name": hostile}}) == f"- {hostile} -"


def test_long_lists_are_cut_and_long_texts_refused():
    scope = {"body": {"list": list(range(5_000)), "text": "x" * 10_000, "long": "x" * 10_001}}

    assert render("${ body.list }", scope) == list(range(1_000))
    assert render("${ body.text }", scope) == "x" * 10_000
    assert render("${ body.long | truncate(5) }", scope) == "xxxxx"
    for text in ("${ body.long }", "${ body.text }!"):
        with pytest.raises(RenderError, match=r"longer than 10,000 characters"):
            render(text, scope)


PLUS = '"+" is not expected here; after the field name only "|" and a filter may follow'


@pytest.mark.parametrize(
    ("text", "offset", "length", "message", "help"),
    [
        pytest.param("${ deal.custom.course + 1 }", 22, 1, PLUS, None, id="arithmetic"),
        pytest.param("${ deal.x == 1 }", 10, 1, '"=" is not expected', None, id="comparison"),
        pytest.param("${ deal.x ? 1 }", 10, 1, '"?" is not expected', None, id="condition"),
        pytest.param("${ deal.x or 1 }", 10, 2, '"or" is not expected', "in brackets", id="word"),
        pytest.param("${ answers.Your name }", 16, 4, '"name"', '["Your e-mail"]', id="space"),
        pytest.param(
            "${ lower(deal.x) }", 8, 1, '"(" is not expected', "contact.email | lower", id="call"
        ),
        pytest.param("${ deal.x | trim + 1 }", 17, 1, "after the filter only", None, id="after"),
        pytest.param("${ deal.x | lowr }", 12, 4, 'unknown filter "lowr"', 'mean "lower"?', id="u"),
        pytest.param("${ deal.x | zzz }", 12, 3, "unknown filter", "filters: default", id="list"),
        pytest.param("${ deal.x | }", 12, 1, 'a filter is expected after "|"', None, id="none"),
        pytest.param("${ deal.x || trim }", 11, 1, "a filter is expected", None, id="two bars"),
        pytest.param("a ${ deal.x", 2, 2, '"${" is not closed', "in quotes", id="open"),
        pytest.param("${", 0, 2, '"${" is not closed', None, id="open at the end"),
        pytest.param('${ x | default("a }', 15, 1, "this quote is not closed", None, id="quote"),
        pytest.param(
            '${ x | split("a\\d") }', 14 + 1, 2, "means nothing here", "a new line", id="sign"
        ),
        pytest.param("${ x | default('a') }", 15, 1, "use double quotes", None, id="single quote"),
        pytest.param("${ x | default(-) }", 15, 1, '"-" is not expected here', None, id="sign"),
        pytest.param("${ x | default(1 2) }", 17, 1, 'put "," or ")"', None, id="no comma"),
        pytest.param("${ x | default(05) }", 15, 1, '"0" is not expected', None, id="zero"),
        pytest.param('${ x | default("a" }', 19, 1, '"}" is not expected here', None, id="bracket"),
        pytest.param("${ x | default(a) }", 7, 10, "found the name a", None, id="bare name"),
        pytest.param("${ x | default }", 7, 7, '"default" needs text', "default(value)", id="few"),
        pytest.param(
            '${ x | truncate("x") }', 7, 13, "needs a whole number", "truncate(length)", id="kind"
        ),
        pytest.param("${ x | truncate(0) }", 7, 11, "needs a whole number", None, id="range"),
        pytest.param("${ x | truncate(true) }", 7, 14, "needs a whole number", None, id="bool"),
        pytest.param("${ x | trim(1) }", 7, 7, "takes nothing in brackets", None, id="many"),
        pytest.param('${ x | lookup("t") }', 7, 11, "name of a table", None, id="table in quotes"),
        pytest.param("${ x | lookup() }", 7, 8, "name of a table", "[fallback]", id="no table"),
        pytest.param('${ x | replace("", "b") }', 7, 16, "needs text in", None, id="empty text"),
        pytest.param('${ x | format_date("%Q") }', 7, 17, "a date format", None, id="date code"),
        pytest.param("${}", 2, 1, 'a field name is missing before "}"', "for example", id="empty"),
        pytest.param("${ | trim }", 3, 1, 'a field name is missing before "|"', None, id="filter"),
        pytest.param("${ 5 }", 3, 1, "a field name is expected", None, id="number"),
        pytest.param("${ deal. }", 7, 1, "a name is expected", "in brackets", id="dot"),
        pytest.param("${ deal[-1] }", 7, 1, '"["', "| last", id="from the end"),
        pytest.param("${ deal.x[10000] }", 9, 1, "too large", None, id="position"),
        pytest.param("${ a ${ b } }", 5, 2, '"${" inside', None, id="nested"),
    ],
)
def test_mistakes_are_told_at_their_place(text, offset, length, message, help):
    with pytest.raises(TemplateError) as refused:
        parse_value(text)

    error = refused.value
    assert (error.offset, error.length, error.code) == (offset, length, "T01")
    assert message in error.message
    if help is not None:
        assert help in error.help


def test_mustache_is_told_apart():
    with pytest.raises(TemplateError) as refused:
        parse_value("Dear {{ contact.email }}")

    error = refused.value
    assert (error.code, error.offset, error.length) == ("Y12", 5, 19)
    assert error.message == '"{{ ... }}" is not the template form here'
    assert error.help == "write ${ contact.email } instead"


def test_many_open_braces_are_read_in_one_go():
    assert render("{{" * 4_000) == "{{" * 4_000


def test_a_template_tells_what_it_reads():
    template = parse_value("${ deal.a | lookup(courses) } ${ deal.b | lookup(other, 1) } $${ c }")

    assert template.paths == {parse_path("deal.a"), parse_path("deal.b")}
    assert template.tables == {"courses", "other"}


def test_a_brace_or_bar_in_quotes_belongs_to_the_text():
    assert render('${ deal.gone | default("}|) \\" \\\\") }') == '}|) " \\'


def test_a_tree_is_filled_throughout():
    tree = parse_tree(
        {"email": "${ contact.email | trim }", "n": 5, "yes": True, "no": None,
         "deep": {"list": ["${ deal.id }", "x ${ deal.id }", ["${ deal.tags }"]]},
         "${ deal.id }": "keys are plain"}
    )  # fmt: skip

    assert tree.render(SCOPE, TABLES) == {
        "email": "a@x.example", "n": 5, "yes": True, "no": None,
        "deep": {"list": [42, "x 42", [["a", "b"]]]},
        "${ deal.id }": "keys are plain",
    }  # fmt: skip
    assert tree.paths == {
        parse_path("contact.email"),
        parse_path("deal.id"),
        parse_path("deal.tags"),
    }


def test_every_mistake_of_a_tree_is_told_with_the_way_to_it():
    problems = tree_problems({"a": "${ x", "b": ["fine", {"c": "{{ x }}"}], "d": 5})

    assert [(where, error.code) for where, error in problems] == [
        (("a",), "T01"),
        (("b", 1, "c"), "Y12"),
    ]


@given(st.text(alphabet='${}|"(),[]. abtrim0+\\-', max_size=40))
def test_any_text_is_a_template_or_refused_inside_itself(text):
    try:
        parse_value(text)
        offset, length = 0, 0
    except TemplateError as error:
        offset, length = error.offset, error.length

    assert 0 <= offset <= offset + length <= max(len(text), offset + 1)


FIELDS = ["a", "a.b", "a[0]", "a[].name", 'a["id"]']
FILTERS = [
    "trim", "lower", "upper", "title", 'default("x")', "first", "last", 'join("-")', 'split("a")',
    'replace("a", "bb")', "to_int", "to_text", 'format_date("%d.%m.%Y")', "truncate(3)",
    "first_name", "last_name", 'pluck("name")', "unique", "lookup(courses)", "lookup(courses, 1)",
]  # fmt: skip


@given(
    field=st.sampled_from(FIELDS),
    filters=st.lists(st.sampled_from(FILTERS), max_size=4),
    around=st.sampled_from(["", "x "]),
    scope=st.dictionaries(names, json_values, max_size=3),
)
def test_rendering_gives_a_value_or_a_render_error(field, filters, around, scope):
    template = parse_value(f"{around}${{ {' | '.join([field, *filters])} }}")

    try:
        value = template.render(scope, TABLES)
    except RenderError:
        value = "refused"

    assert value is not None
    assert not around or isinstance(value, str)
