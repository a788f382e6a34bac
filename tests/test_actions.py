"""The actions' registry, and how values become what Coursebox needs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebox.actions import PERFORM, Outcome
from coursebox.attributes import GUARDED, NEVER, OPEN
from rulebook import ACTIONS, ATTRIBUTES, Kind, Parameter
from rulebook.actions import CALLBACK
from rulebook.parameters import GUARDED_ATTRIBUTES, ParameterError
from workers.callbacks.actions import TOLD

UUID = "0196c1f2-aaaa-7bbb-8ccc-000000000001"


def parameter(kind: Kind, **more: Any) -> Parameter:
    return Parameter(**{"name": "it", "kind": kind, **more})


def test_the_actions_and_their_parameters() -> None:
    required = {
        name: [p.name for p in action.parameters if p.required] for name, action in ACTIONS.items()
    }

    assert required == {
        "enrol": ["email", "course_id"],
        "unenrol": ["course_id"],
        "invite": ["email", "course_id"],
        "create_account": ["email", "first_name", "last_name"],
        "update_user": ["attributes"],
        "enrol_user": ["user_id", "course_id"],
        "callback": ["use"],
    }
    assert [name for name, action in ACTIONS.items() if action.any_of] == ["unenrol", "update_user"]
    assert all(action.outcomes for action in ACTIONS.values())


def test_defaults_are_what_the_parameter_itself_takes() -> None:
    given = [p for action in ACTIONS.values() for p in action.parameters if p.default is not None]

    assert {p.name for p in given} == {"on_unknown_user", "marketing_emails", "is_18_plus"}
    assert all(p.convert(p.default) == p.default for p in given)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("sam@learner.example", "sam@learner.example"),
        ("  Sam.O'Hara+x@Learner.EXAMPLE \n", "sam.o'hara+x@learner.example"),
        ("a@b-c.d1.example", "a@b-c.d1.example"),
        ("zoë@bücher.example", "zoë@bücher.example"),
    ],
)
def test_an_address_is_trimmed_and_wholly_lower_case(written: str, address: str) -> None:
    assert parameter(Kind.EMAIL).convert(written) == address


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " ",
            "sam",
            "sam@",
            "@learner.example",
            "sam@learner",
            "sam@learner.",
            "a@b@c.example",
        ),
        *("a b@c.example", "a@b c.example", ".a@b.example", "a.@b.example", "a..b@c.example"),
        *("a@b..example", "a@.example", "a@-b.example", "a,b@c.example", "<a@b.example>"),
        *("Sam <a@b.example>", "mailto:a@b.example", "a@b.example, c@d.example", "a@b.example\x00"),
        *("a@b.example\nBcc: c@d.example", "a\u200b@b.example", "a@[127.0.0.1]", "a@127.0.0.1"),
        *("a" * 65 + "@b.example", "a@" + "b" * 64 + ".example", "a@" + "b." * 130 + "example"),
        *(None, True, 5, ["a@b.example"], {"email": "a@b.example"}),
    ],
)
def test_what_is_no_address_is_refused(written: object) -> None:
    with pytest.raises(ParameterError, match='"it" must be an e-mail address'):
        parameter(Kind.EMAIL).convert(written)


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        (42, 42),
        ("42", 42),
        (" 42 ", 42),
        (42.0, 42),
        (UUID, UUID),
        (UUID.upper(), UUID),
        ("https://portal.example/courses/about/196716", 196716),
        ("http://portal.example/course/42/?tab=1#x", 42),
        (f"https://portal.example/{UUID.upper()}/", UUID),
    ],
)
def test_a_course_is_a_number_a_uuid_or_a_link(written: object, identifier: object) -> None:
    found = parameter(Kind.COURSE).convert(written)

    assert (found, type(found)) == (identifier, type(identifier))


NO_ID = [
    *(
        "",
        "4 2",
        "12a",
        "007",
        "0",
        "-1",
        "4.2",
        "42.0",
        "1e3",
        "1_000",
        "٤٢",
        UUID[:-1],
        UUID + "0",
    ),
    *("x" + UUID, "9" * 19, True, False, None, 0, -1, 4.2, float("nan"), float("inf"), [42], {}),
]


@pytest.mark.parametrize(
    "written",
    [
        *NO_ID,
        *("https://portal.example/courses/safety", "https://portal.example/", "portal.example/42"),
        *("ftp://portal.example/42", "https://portal.example/42x", "javascript:/42"),
    ],
)
def test_what_is_no_course_is_refused(written: object) -> None:
    with pytest.raises(ParameterError, match="must be a course id"):
        parameter(Kind.COURSE).convert(written)


@pytest.mark.parametrize("written", [*NO_ID, "https://portal.example/users/42"])
def test_what_is_no_user_is_refused(written: object) -> None:
    with pytest.raises(ParameterError, match="must be a user id"):
        parameter(Kind.USER).convert(written)


@pytest.mark.parametrize(
    ("kind", "written", "text"),
    [
        (Kind.TEXT, " Sam\r\nBcc: x\x00\x1b[31m\x85\u2028y ", "Sam Bcc: x [31m y"),
        (Kind.TEXT, 5, "5"),
        (Kind.TEXT, True, "true"),
        (Kind.TEXT, 1.5, "1.5"),
        (Kind.LONG_TEXT, "Hello\r\n\r\nSam\x00\n", "Hello\n\nSam"),
    ],
)
def test_text_loses_control_characters(kind: Kind, written: object, text: str) -> None:
    assert parameter(kind).convert(written) == text


def test_text_is_bounded_and_single() -> None:
    assert parameter(Kind.TEXT, limit=3).convert("abc") == "abc"
    with pytest.raises(ParameterError, match="4 characters long; at most 3"):
        parameter(Kind.TEXT, limit=3).convert("abcd")
    with pytest.raises(ParameterError, match="found a list"):
        parameter(Kind.TEXT).convert(["a"])


@pytest.mark.parametrize(
    ("written", "meant"), [(True, True), ("true", True), (" FALSE ", False), (False, False)]
)
def test_true_and_false(written: object, meant: bool) -> None:
    assert parameter(Kind.FLAG).convert(written) is meant


@pytest.mark.parametrize("written", ["yes", 1, 0, "", None, "on", [True]])
def test_what_is_neither_true_nor_false_is_refused(written: object) -> None:
    with pytest.raises(ParameterError, match="must be true or false"):
        parameter(Kind.FLAG).convert(written)


def test_a_choice_is_one_of_its_words() -> None:
    choice = parameter(Kind.CHOICE, choices=("invite", "fail"))

    assert choice.convert(" fail ") == "fail"
    for other in ("Fail", "", None, True, ["fail"]):
        with pytest.raises(ParameterError, match="must be invite or fail"):
            choice.convert(other)


def test_attributes_are_taken_as_they_are_but_for_control_characters() -> None:
    written = {
        "firstName": "Sam\x00",
        "isPlatformUpdates": False,
        "profile": {"background": "Nurse\nsince 2001"},
    }

    assert parameter(Kind.ATTRIBUTES).convert(written) == {
        "firstName": "Sam",
        "isPlatformUpdates": False,
        "profile": {"background": "Nurse\nsince 2001"},
    }


@pytest.mark.parametrize(
    "name",
    [
        *("isAdmin", "isUserAdmin", "isDeleted", "realm", "credentials", "challenges", "stripeId"),
        *("customerId", "emailVerified", "organisationCode", "id", "firstname", "__proto__", ""),
    ],
)
def test_attributes_that_give_power_or_do_not_exist_are_refused(name: str) -> None:
    with pytest.raises(ParameterError) as refused:
        parameter(Kind.ATTRIBUTES).convert({"firstName": "Sam", name: True})

    assert refused.value.key == name


def test_rules_and_coursebox_agree_on_attributes_actions_and_outcomes() -> None:
    assert ATTRIBUTES == OPEN
    assert GUARDED | NEVER.keys() == GUARDED_ATTRIBUTES
    in_coursebox = {name: action for name, action in ACTIONS.items() if name != CALLBACK}
    assert in_coursebox.keys() == PERFORM.keys()
    outcomes = {outcome for action in in_coursebox.values() for outcome in action.outcomes}
    assert outcomes == set(Outcome)
    assert ACTIONS[CALLBACK].outcomes == (TOLD,)


@pytest.mark.parametrize("name", ["crm.deal_enrolled", " hubspot.eu.deal2 "])
def test_a_callback_is_named_as_lookups_yaml_does(name: str) -> None:
    assert parameter(Kind.CALLBACK).convert(name) == name.strip()


@pytest.mark.parametrize(
    "name", ["deal", "crm.", "Crm.deal", "crm deal", "https://crm.example/x", "", 7, None, ["a.b"]]
)
def test_what_names_no_callback_is_refused(name: object) -> None:
    with pytest.raises(ParameterError, match='"it" must be the name of a callback'):
        parameter(Kind.CALLBACK).convert(name)


@pytest.mark.parametrize(
    ("value", "kept"), [(7, 7), (7.5, 7.5), ("7", "7"), (" a\r\nb\x00 ", "a\nb"), ("", "")]
)
def test_what_a_callback_is_given_keeps_its_kind(value: object, kept: object) -> None:
    assert ACTIONS[CALLBACK].parameter("deal_id") == parameter(
        Kind.SINGLE, name="deal_id", required=True, limit=5_000
    )
    assert parameter(Kind.SINGLE).convert(value) == kept


@pytest.mark.parametrize("value", [True, None, [7], {"id": 7}, float("nan"), float("inf")])
def test_a_callback_is_given_no_lists_and_blocks(value: object) -> None:
    with pytest.raises(ParameterError, match='"it" must be text or a number'):
        parameter(Kind.SINGLE).convert(value)


def test_an_address_among_attributes_is_an_address() -> None:
    attributes = parameter(Kind.ATTRIBUTES)

    assert attributes.convert({"email": " A@X.Example"}) == {"email": "a@x.example"}
    with pytest.raises(ParameterError, match='"email" must be an e-mail address'):
        attributes.convert({"email": "sam"})


def test_an_attribute_is_either_allowed_or_guarded() -> None:
    assert not ATTRIBUTES & GUARDED_ATTRIBUTES
    assert len(ATTRIBUTES | GUARDED_ATTRIBUTES) == 76


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ATTRIBUTES, "x", "isAdmin"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(list(Kind)), JSON)
def test_any_value_is_converted_once_and_for_all_or_refused(kind: Kind, value: object) -> None:
    taking = parameter(kind, choices=("a", "b"))
    try:
        converted = taking.convert(value)
    except ParameterError:
        return
    assert repr(taking.convert(converted)) == repr(converted)
