"""The part `callbacks:` of lookups.yaml: what it can say, and what is said of one that is wrong."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crm_server import SHIPPED
from workers.callbacks import BuiltIn, Callback, callback_problems, read_both
from workers.lookups import LookUpsError, read_definitions

ONE = """
callbacks:
  crm.done:
    method: PATCH
    url: https://${CRM_HOST}/deals/{deal_id}?by={rule}
    headers: {Authorization: "Bearer ${CRM_TOKEN}", X-Team: training}
    parameters: {deal_id: number, note: {default: none}}
    body:
      deal: "{deal_id}"
      text: "{note}: {outcome}"
      plain: [1, true, null, {deep: "{email}"}]
    allowed_hosts: [api.crm.example]
    time_limit: 5 seconds
    notes: Told by sales.
"""
SIGNED = "callbacks: {a.b: {method: POST, url: https://x.example/, signed: standard-webhooks, %s}}"


def read(text: str) -> Mapping[str, Callback]:
    return read_both(text)[1]


def refused(text: str) -> list[str]:
    with pytest.raises(LookUpsError) as error:
        read_both(text)
    return list(error.value.problems)


def entry(**keys: str) -> str:
    """A callback of one parameter with other keys, or with others instead."""
    usual = {"method": "POST", "url": "https://api.crm.example/{id}", "parameters": "{id: text}"}
    lines = [f"    {key}: {text}\n" for key, text in {**usual, **keys}.items() if text]
    return "callbacks:\n  a.b:\n" + "".join(lines)


def test_a_callback_says_where_how_and_what() -> None:
    one = read(ONE)["crm.done"]

    assert (one.method, one.address_text) == (
        "PATCH",
        "https://${CRM_HOST}/deals/{deal_id}?by={rule}",
    )
    assert one.variables == ("CRM_HOST", "CRM_TOKEN")
    assert one.time_limit == 5
    shape = one.shape()
    assert (shape.parameters, shape.required) == (("deal_id", "note"), {"deal_id"})


def test_a_text_that_is_one_place_keeps_what_is_put_in_and_others_are_text() -> None:
    body = read(ONE)["crm.done"].body
    assert body is not None

    filled = body.filled({"deal_id": 7, "note": "x", "outcome": "enrolled", "email": None})

    assert filled == {"deal": 7, "text": "x: enrolled", "plain": [1, True, None, {"deep": None}]}


def test_what_is_put_in_is_never_read_as_a_place() -> None:
    body = read(ONE)["crm.done"].body
    assert body is not None

    filled = body.filled({"deal_id": "{email}", "note": "${CRM_TOKEN}", "outcome": "", "email": ""})

    assert filled == {
        "deal": "{email}",
        "text": "${CRM_TOKEN}: ",
        "plain": [1, True, None, {"deep": ""}],
    }


@pytest.mark.parametrize("text", ["", "callbacks:\n", "callbacks: {}\n"])
def test_a_file_may_have_no_callbacks(text: str) -> None:
    assert read(text) == {}


def test_look_ups_and_callbacks_may_have_the_same_name() -> None:
    lookups, callbacks = read_both("crm.done: {url: https://x.example/}\n" + ONE)

    assert set(lookups) == set(callbacks) == {"crm.done"}


def test_who_wants_look_ups_alone_gets_them_alone() -> None:
    assert read_definitions(ONE) == {}


def test_mistakes_in_both_parts_are_told_in_one_pass_and_in_the_order_of_their_lines() -> None:
    text = "callbacks:\n  a.b: {method: GET, url: https://x.example/}\nc.d: {uri: x}\n"

    lines = [problem.split(":")[0] for problem in refused(text)]

    assert lines == ["line 2", "line 3", "line 3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("callbacks: [a]\n", '"callbacks" must be a block', id="a list"),
        pytest.param("callback: {}\n", 'did you mean "callbacks"?', id="misspelt"),
        pytest.param("callbacks: {done: {}}", '"done" cannot name a callback', id="one word"),
        pytest.param("callbacks: {a.b: x}", '"a.b" must be a block', id="text"),
        pytest.param(entry(method=""), '"method" is missing in this callback', id="no method"),
        pytest.param(entry(url=""), '"url" is missing in this callback', id="no url"),
        pytest.param(entry(method="GET"), "method is POST, PATCH or PUT", id="get"),
        pytest.param(entry(method="PSOT"), 'did you mean "POST"?', id="method misspelt"),
        pytest.param(entry(metod="POST"), 'did you mean "method"?', id="key misspelt"),
        pytest.param(entry(url="crm.example"), "has to be an address", id="no address"),
        pytest.param(
            entry(url="https://x.example/{id}/{outcom}"),
            '{outcom} in the url is not among the "parameters"; did you mean "outcome"?',
            id="place misspelt",
        ),
        pytest.param(
            entry(url="https://{id}.example/"), "{id} cannot stand here", id="host of a rule"
        ),
        pytest.param(
            entry(url="https://x.example/", body="{x: 1}"),
            "neither url nor body has a place for the parameter {id}",
            id="idle",
        ),
        pytest.param(
            entry(body='{x: "{emial}"}'),
            '{emial} in the body is not among the "parameters"; did you mean "email"?',
            id="built-in misspelt",
        ),
        pytest.param(entry(body="[1]"), '"body" must be a block', id="body a list"),
        pytest.param(entry(body='{x: "{id"}'), "in the body, { and } stand round", id="brace"),
        pytest.param(
            entry(body='{x: "${TOKEN_OF_CRM} {id}"}'),
            "${TOKEN_OF_CRM} cannot stand in a body",
            id="variable",
        ),
        pytest.param(
            entry(body='{token: "8c7d6e5f"}'),
            "the value of token looks like a secret",
            id="secret in the body",
        ),
        pytest.param(entry(body='{"{id}": 1}'), "a key of the body is plain text", id="key"),
        pytest.param(
            entry(headers="{X-Api-Key: abc}"), "belongs into the environment", id="secret"
        ),
        pytest.param(
            entry(headers="{Idempotency-Key: abc}"), "is set by Usher itself", id="our header"
        ),
        pytest.param(
            entry(headers='{Authorization: "${A}"}', basic="B"), "delete one", id="two proofs"
        ),
        pytest.param(
            entry(parameters="{id: text, use: text}", body='{x: "{use}"}'),
            '"use" names the callback itself in a rule',
            id="use",
        ),
        pytest.param(
            entry(parameters="{id: text, email: text}"),
            '"email" is there without being declared',
            id="built-in declared",
        ),
        pytest.param(entry(time_limit="2 minutes"), "write 1 second to 30 seconds", id="time"),
        pytest.param(entry(secret="A"), '"secret" needs "signed: standard-webhooks"', id="alone"),
        pytest.param(entry(signed="svix", secret="A"), '"signed" is standard-webhooks', id="kind"),
        pytest.param(SIGNED % "notes: x", '"secret" is missing', id="no secret"),
        pytest.param(
            SIGNED % "secret: whsec_abc", "has to be the name of an environment variable", id="in"
        ),
        pytest.param(
            SIGNED % "secret: A, headers: {webhook-id: x}", "is set by Usher itself", id="sign"
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_cure(text: str, said: str) -> None:
    problems = refused(text)

    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("line ") for problem in problems)


def test_a_secret_that_stands_in_the_file_is_not_repeated() -> None:
    text = entry(body='{token: "8c7d6e5f"}', headers="{X-Api-Key: 1a2b3c4d}")

    assert "8c7d6e5f" not in "".join(refused(text))
    assert "1a2b3c4d" not in "".join(refused(text))


def test_a_body_has_an_end() -> None:
    assert "longer than 20,000" in refused(entry(body='{x: "' + "y" * 20_000 + '"}'))[0]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "CRM_HOST and CRM_TOKEN are not set"),
        ({"CRM_HOST": "evil.example", "CRM_TOKEN": "t"}, "is not among its allowed_hosts"),
        ({"CRM_HOST": "api.crm.example/x", "CRM_TOKEN": "t"}, "the name of a host alone"),
        ({"CRM_HOST": "api.crm.example", "CRM_TOKEN": "t\nx"}, "signs that a header cannot have"),
    ],
)
def test_what_is_missing_in_the_environment_is_told(
    variables: Mapping[str, str], said: str
) -> None:
    assert said in callback_problems(read(ONE), variables)["crm.done"]


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "WORD is not set"),
        ("whsec_???", "WORD "),
        ("whpk_c2FtcGxlLXNlZWQtb2YtMzItYnl0ZXMtaW4tbGVuZ3Q=", "a public key, which cannot sign"),
    ],
)
def test_a_secret_that_cannot_sign_is_told_of_without_itself(secret: str, said: str) -> None:
    problem = callback_problems(read(SIGNED % "secret: WORD"), {"WORD": secret})["a.b"]

    assert said in problem
    assert not secret or secret not in problem


def test_plain_http_is_for_hosts_that_are_named() -> None:
    text = entry(url="http://127.0.0.1/{id}")

    assert "not https" in callback_problems(read(text), {})["a.b"]
    named = entry(url="http://127.0.0.1/{id}", private_addresses="[127.0.0.1]")
    assert callback_problems(read(named), {}) == {}


def test_the_callbacks_that_come_along_wait_for_their_keys() -> None:
    there = read(SHIPPED.read_text(encoding="utf-8"))

    assert there.keys() == callback_problems(there, {}).keys()


def test_the_page_for_administrators_names_every_word() -> None:
    page = (SHIPPED.parent / "docs" / "callbacks.md").read_text(encoding="utf-8")

    there = read(SHIPPED.read_text(encoding="utf-8"))
    assert [name for name in there if f"`{name}`" not in page] == []
    assert [name for name in BuiltIn if f"`{{{name}}}`" not in page] == []


PIECES = st.sampled_from(
    [*"abc: {}[]\"'\n-#$", "  ", "callbacks:", "a.b:", "method: POST", "url: https://x.example/",
     "body:", "{id}", "${A}", "parameters:", "signed: standard-webhooks"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read(text)
    except LookUpsError:
        return
    assert all(one.body is None or json.dumps(one.body.written()) for one in found.values())
