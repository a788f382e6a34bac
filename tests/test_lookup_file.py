"""lookups.yaml: what it can say, and what is said of one that is wrong."""

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.vocabulary import LookupShape
from tests.crm_server import SHIPPED
from workers.lookups import (
    Definition,
    LookUpsError,
    lookup_problems,
    lookup_shapes,
    read_definitions,
)
from workers.lookups.ready import BadParameter, Ready, make_ready, shown

DEAL = """
crm.deal:
  url: https://api.crm.example/deals/{deal_id}?fields={fields}&key=${CRM_KEY}
  headers: {Authorization: "Bearer ${CRM_TOKEN}"}
  parameters: {deal_id: number, fields: {type: text, default: all}}
  gives:
    id: id
    email: people[0].email
"""
VARIABLES = {"CRM_KEY": "k&y/1", "CRM_TOKEN": "t0ken-of-the-crm"}


def refused(text: str) -> list[str]:
    with pytest.raises(LookUpsError) as error:
        read_definitions(text)
    return list(error.value.problems)


def ready(text: str = DEAL, **variables: str) -> Ready:
    """The last look-up of a text."""
    *_, last = read_definitions(text).values()
    made = make_ready(last, variables or VARIABLES)
    assert isinstance(made, Ready)
    return made


def problem(text: str, **variables: str) -> str:
    *_, last = read_definitions(text).values()
    made = make_ready(last, variables)
    assert isinstance(made, str)
    return made


def entry(**keys: str) -> str:
    """A look-up of one parameter with other keys, or with others instead."""
    usual = {"url": "https://api.crm.example/deals/{id}", "parameters": "{id: text}"}
    return "a.b:\n" + "".join(f"  {key}: {text}\n" for key, text in {**usual, **keys}.items())


# -- what it can say -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "null\n"])
def test_a_file_may_be_empty(text: str) -> None:
    assert read_definitions(text) == {}


def test_the_checker_learns_what_a_look_up_takes_and_gives() -> None:
    definitions = read_definitions(DEAL)

    shapes = lookup_shapes(definitions, lookup_problems(definitions, VARIABLES))

    assert shapes["crm.deal"] == LookupShape(
        ("deal_id", "fields"), frozenset({"deal_id"}), ("id", "email"), is_list=False
    )


def test_the_checker_learns_of_a_list_what_each_item_has() -> None:
    more = """
crm.contact: {url: "https://c.example/{id}", parameters: {id: text}, gives: {email: email}}
crm.contacts:
  url: https://c.example/
  list: ids
  each: {use: crm.contact, with: {id: $}}
"""
    shapes = lookup_shapes(read_definitions(more), {})

    assert shapes["crm.contacts"] == LookupShape((), frozenset(), ("email",), is_list=True)


def test_the_checker_knows_the_six_reads_of_coursebox() -> None:
    shapes = lookup_shapes({}, {})

    assert set(shapes) == {
        f"coursebox.{name}"
        for name in ("user", "course", "courses", "activity", "learners", "admins")
    }
    assert shapes["coursebox.learners"].is_list
    assert shapes["coursebox.user"].required == {"user_id"}


def test_values_are_filled_in_encoded_whole() -> None:
    address = ready().address({"deal_id": "12", "fields": "a b&c=d/../e#?"})

    assert address.text == (
        "https://api.crm.example/deals/12?fields=a%20b%26c%3Dd%2F..%2Fe%23%3F&key=k%26y%2F1"
    )


def test_a_default_counts_where_nothing_is_given() -> None:
    assert "fields=all&" in ready().address({"deal_id": 12}).target
    assert "fields=all&" in ready().address({"deal_id": 12, "fields": None}).target


@given(st.text(max_size=40))
def test_no_value_leads_to_another_place(value: str) -> None:
    one = ready(entry(url="https://api.crm.example/deals/{id}/people"))

    try:
        address = one.address({"id": value})
    except BadParameter:
        return

    assert address.origin == ("https", "api.crm.example", 443)
    assert address.target.startswith("/deals/")
    assert address.target.endswith("/people")
    assert address.target.count("/") == 3
    assert "?" not in address.target


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "id is empty"),
        ("  ", "id is empty"),
        (None, "id is missing"),
        (True, "not true or false"),
        ([1], "not a list"),
        ({"a": 1}, "not a block"),
        ("..", '"." and ".." cannot'),
        (".", '"." and ".." cannot'),
        ("a\x00b", "signs that do not show"),
        ("a" * 501, "too long"),
    ],
)
def test_a_value_that_could_mean_another_thing_is_refused(value: object, why: str) -> None:
    with pytest.raises(BadParameter, match=why):
        ready(entry()).address({"id": value})


@pytest.mark.parametrize("value", ["1e3", "0x1F", "twelve", "1_000", "\uff11\uff12", "1,5"])
def test_a_number_is_a_plain_number(value: str) -> None:
    with pytest.raises(BadParameter, match="deal_id must be a number"):
        ready().address({"deal_id": value})


@pytest.mark.parametrize(("value", "sent"), [(12, "12"), (12.0, "12"), ("12", "12"), (1.5, "1.5")])
def test_a_number_is_sent_as_it_is_written(value: object, sent: str) -> None:
    assert f"/deals/{sent}?" in ready().address({"deal_id": value}).target


def test_what_a_look_up_does_not_take_is_refused() -> None:
    with pytest.raises(BadParameter, match='takes no "ids"'):
        ready(entry()).address({"id": 1, "ids": 2})


def test_an_address_is_shown_without_its_keys() -> None:
    one = ready()

    text = shown(one.address({"deal_id": 12, "fields": VARIABLES["CRM_TOKEN"]}), one.secrets)

    assert text == "https://api.crm.example/deals/12?fields=(redacted)&key=(redacted)"


# -- what it needs of the environment --------------------------------------------------------------


def test_a_look_up_without_its_variable_cannot_be_used_and_says_which() -> None:
    assert problem(DEAL, CRM_KEY="k") == "CRM_TOKEN is not set"
    assert problem(DEAL) == "CRM_KEY and CRM_TOKEN are not set"


def test_a_look_up_that_needs_another_cannot_be_used_without_it() -> None:
    text = f"""{DEAL}
crm.deals:
  url: https://api.crm.example/deals
  list: ids
  each: {{use: crm.deal, with: {{deal_id: $}}}}
"""
    found = lookup_problems(read_definitions(text), {"CRM_KEY": "k"})

    assert found["crm.deals"] == ("crm.deal, which it needs, cannot be used: CRM_TOKEN is not set")


@pytest.mark.parametrize(
    ("text", "variables", "why"),
    [
        (entry(url="http://crm.example/{id}"), {}, "is not https"),
        (entry(allowed_hosts="[other.example]"), {}, "is not among its allowed_hosts"),
        (entry(url="https://${HOST}/{id}"), {"HOST": "a.example/b"}, "HOST does not hold"),
        (entry(url="https://${HOST}/{id}"), {"HOST": "u:p@a.example"}, "HOST does not hold"),
        (entry(url="https://${HOST}/{id}"), {"HOST": "https://a.example"}, "HOST does not hold"),
        (entry(url="https://a.example:99999/{id}"), {}, "no usable port"),
        (entry(headers='{X-Key: "${KEY}"}'), {"KEY": "a\nX-Evil: 1"}, "header X-Key holds signs"),
        (entry(basic="KEY"), {"KEY": "api_b7d1c0de"}, "KEY does not hold user:password"),
    ],
    ids=[
        *("plain http", "another host", "a path", "a user", "a scheme", "a port", "two headers"),
        "no colon",
    ],
)
def test_a_look_up_whose_settings_cannot_be_is_not_used(
    text: str, variables: dict[str, str], why: str
) -> None:
    assert why in problem(text, **variables)


def test_a_host_may_come_from_the_environment() -> None:
    one = ready(entry(url="https://${CRM_HOST}/{id}"), CRM_HOST="Meadow.crm.example:8443")

    assert one.address({"id": 1}).text == "https://meadow.crm.example:8443/1"
    assert one.destination == "lookup:meadow.crm.example"


def test_user_and_password_make_a_header() -> None:
    one = ready(entry(basic="CRM_BASIC"), CRM_BASIC="user:open sesame")

    assert one.headers == {"Authorization": "Basic dXNlcjpvcGVuIHNlc2FtZQ=="}


# -- what is wrong ---------------------------------------------------------------------------------

WRONG = {
    "a name without a dot": (
        'deal: {url: "https://c.example"}',
        'line 1: deal: "deal" cannot name a look-up; write system.thing',
    ),
    "a name of ours": (
        'coursebox.user: {url: "https://c.example"}',
        "are those of Usher itself",
    ),
    "a name twice": (
        'a.b: {url: "https://c.example"}\na.b: {url: "https://c.example"}',
        '"a.b" is written twice',
    ),
    "no block": ("a.b: https://c.example", 'must be a block of key: value lines, found text "http'),
    "a list": ("- a.b", "the file has to be a block of look-ups"),
    "no YAML": ("a.b: [", "line 1"),
    "a tab": ("a.b:\n\turl: x", "indented with a tab"),
    "a key that is not known": (entry(urls="x"), 'not a known key here; did you mean "url"?'),
    "no url": ("a.b: {notes: x}", 'line 1: a.b: "url" is missing in this look-up'),
    "another scheme": (entry(url="ftp://c.example/{id}"), "has to be an address such as"),
    "a parameter for a host": (entry(url="https://{id}.example/"), "{id} cannot stand here"),
    "a parameter beside a host": (
        entry(url="https://c.example{id}/"),
        "{id} cannot stand here; only ${VARIABLE} can",
    ),
    "a user": (entry(url="https://u:p@c.example/{id}"), "without user and password"),
    "a fragment": (entry(url='"https://c.example/{id}#x"'), "without spaces and #"),
    "a backslash": (entry(url="https://c.example/{id}\\x"), "has to be an address such as"),
    "a stray brace": (entry(url="https://c.example/{id}}"), "{ and } stand round"),
    "a capital parameter": (entry(url="https://c.example/{Id}"), "{ and } stand round"),
    "a parameter that is not declared": (
        entry(url="https://c.example/{ids}"),
        '{ids} in the url is not among the "parameters"; did you mean "id"?',
    ),
    "a parameter without a place": (
        entry(url="https://c.example/"),
        "the url has no place for the parameter {id}",
    ),
    "a parameter of another spelling": (
        entry(parameters="{id: text, Id: text}"),
        '"Id": a parameter has small letters, digits and _',
    ),
    "a default that is none": (
        entry(parameters="{id: {default: [1]}}"),
        "the default has to be a text, found a list",
    ),
    "a parameter of another type": (
        entry(parameters="{id: date}"),
        'a parameter is text or number, found text "date"',
    ),
    "a default of another type": (
        entry(parameters="{id: {type: number, default: x}}"),
        "the default has to be a number",
    ),
    "a secret in a header": (
        entry(headers="{Authorization: Bearer b7d1c0de}"),
        "the secret for the header Authorization belongs into the environment",
    ),
    "a secret in the url": (
        entry(url="https://c.example/{id}?api_token=b7d1c0de"),
        "the value of api_token in the url looks like a secret",
    ),
    "a header that is ours": (entry(headers="{Host: c.example}"), '"Host" is not a header that'),
    "a parameter in a header": (
        entry(headers='{X-Id: "{id}"}'),
        "in the header X-Id, {id} cannot stand here",
    ),
    "a secret for a variable": (
        entry(basic="user:password"),
        "has to be the name of an environment variable",
    ),
    "two proofs": (
        entry(basic="CRM_BASIC", headers='{authorization: "Bearer ${CRM_TOKEN}"}'),
        '"basic" makes the header Authorization; delete one',
    ),
    "a host with a scheme": (
        entry(allowed_hosts='["https://c.example"]'),
        "a host name in small letters is expected here",
    ),
    "any host": (entry(private_addresses='["*"]'), "a host name in small letters is expected"),
    "too long a time": (entry(time_limit="31 seconds"), "write 1 second to 30 seconds"),
    "no length of time": (entry(time_limit="10"), "write 1 second to 30 seconds"),
    "another word for absent": (entry(not_found="ignore"), "not_found is absent or error"),
    "a field with a dot": (entry(gives="{a.b: c}"), '"a.b" cannot name a field'),
    "a place that is none": (entry(gives="{a: b..c}"), '"b..c" is no place in a reply'),
    "pages of no list": (
        entry(paging="{next: next}"),
        '"paging" needs "list": where the items are',
    ),
    "two ways to page": (
        entry(list="items", paging="{next: next, offset: skip, page_size: 5}"),
        "paging needs one of: next",
    ),
    "a cursor without its parameter": (
        entry(list="items", paging="{cursor: next}"),
        '"parameter" is missing in paging by cursor',
    ),
    "a parameter without a cursor": (
        entry(list="items", paging="{next: next, parameter: after}"),
        '"parameter" means nothing in paging by next',
    ),
    "too many pages": (
        entry(list="items", paging="{next: next, most_pages: 51}"),
        '"most_pages" must be a whole number from 1 to 50',
    ),
    "each of no list": (entry(each="{use: a.c, with: {id: id}}"), '"each" needs "list"'),
    "each and fields": (
        entry(list="items", each="{use: a.b, with: {id: id}}", gives="{a: b}"),
        '"gives" and "each" exclude each other',
    ),
    "each of nothing": (
        entry(list="items", each="{use: a.c, with: {id: id}}"),
        'each: there is no look-up "a.c"',
    ),
    "each of itself": (
        entry(list="items", each="{use: a.b, with: {id: id}}"),
        "each: a.b gives a list itself",
    ),
    "each without what it needs": (
        entry() + 'a.c: {url: "https://c.example", list: x, each: {use: a.b, with: {no: id}}}',
        'line 4: a.c: each: a.b takes no "no"; a.b needs "id" under with',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_named_with_its_line_and_its_cure(text: str, said: str) -> None:
    problems = refused(text)

    assert len(problems) == 1
    assert said in problems[0]
    assert problems[0].startswith("line ")


def test_all_mistakes_are_named_at_once_in_the_order_of_lines() -> None:
    text = entry(not_found="no", time_limit="1 day") + "deal: {}\n"

    lines = [problem.partition(":")[0] for problem in refused(text)]

    assert lines == ["line 4", "line 5", "line 6", "line 6"]


def test_a_secret_that_was_written_into_the_file_is_not_repeated() -> None:
    secret = "b7d1c0de-secret"
    text = entry(
        headers=f"{{X-Api-Key: {secret}}}",
        basic=f"user:{secret}",
        url=f"https://c.example/{{id}}?api_key={secret}",
    )

    assert len(refused(text)) == 3
    assert secret not in "\n".join(refused(text))


SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")
SIGNS = st.sampled_from([*"{}[]$:#&*!|>\"'%@`,?- \t\n.", "${", "{{", "\x00", "\ud800", "é", "~"])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SHIPPED_TEXT) - 1), st.integers(0, 12), SIGNS)
def test_whatever_is_written_is_read_or_refused_in_words(at: int, gone: int, new: str) -> None:
    text = SHIPPED_TEXT[:at] + new + SHIPPED_TEXT[at + gone :]

    definitions, problems = read_or_refused(text)

    assert all(re.match(r"line \d+: .{10}", problem) for problem in problems)
    for one in definitions.values():
        assert isinstance(make_ready(one, dict.fromkeys(one.variables, "x")), Ready | str)


def read_or_refused(text: str) -> tuple[Mapping[str, Definition], Sequence[str]]:
    try:
        return read_definitions(text), ()
    except LookUpsError as error:
        return {}, error.problems
