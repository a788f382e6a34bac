"""The names of a form's answers: which there are, and which of them wins."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.adapters.answers import Answer, answers, simple_key
from tests.json_values import json_values


def test_an_answer_is_found_by_reference_by_question_and_by_a_simple_key() -> None:
    found = answers([Answer(("q3", "mail"), " E-mail address ", "a@x.example")])

    assert found == {
        "q3": "a@x.example",
        "mail": "a@x.example",
        "E-mail address": "a@x.example",
        "e_mail_address": "a@x.example",
    }


def test_a_name_of_an_earlier_kind_is_never_hidden() -> None:
    found = answers(
        [
            Answer((), "course", "by text"),
            Answer(("course",), None, "by reference"),
            Answer((), "Days", "by simple key"),
            Answer((), "days", "by text"),
            Answer(("who",), None, "x", parts={"first": "by part"}),
            Answer((), "Who first", "by simple key"),
        ]
    )

    assert found == {
        "course": "by reference",
        "Days": "by simple key",
        "days": "by text",
        "who": "x",
        "Who first": "by simple key",
        "who_first": "by simple key",
    }


def test_a_blank_answer_still_keeps_its_name_from_other_kinds() -> None:
    found = answers([Answer(("email",), None, ""), Answer((), "Email", "boss@x.example")])

    assert found == {"Email": "boss@x.example"}


def test_of_two_equal_names_the_first_that_is_answered_counts() -> None:
    asked = [Answer((), "Course", None), Answer((), "Course", "A"), Answer((), "Course", "B")]

    assert answers(asked) == {"Course": "A", "course": "A"}


@pytest.mark.parametrize("blank", [None, "", " \n", [], {}], ids=repr)
def test_a_blank_answer_is_absent(blank: object) -> None:
    assert answers([Answer(("q",), "Q", blank, email=True, parts={"first": blank})]) == {}


@pytest.mark.parametrize("value", [False, 0, "0", [False]], ids=repr)
def test_no_and_nought_are_answers(value: object) -> None:
    assert answers([Answer(("q",), None, value)]) == {"q": value}


def test_parts_hang_on_the_references_and_without_any_on_the_simple_key() -> None:
    parts = {"first": "Ada", "last": "Lindt"}

    found = answers([Answer(("name",), "Your name", "Ada Lindt", parts=parts)])

    assert found == {
        "name": "Ada Lindt",
        "Your name": "Ada Lindt",
        "your_name": "Ada Lindt",
        "name_first": "Ada",
        "name_last": "Lindt",
    }
    assert answers([Answer((), "Your name", None, parts=parts)]) == {
        "your_name_first": "Ada",
        "your_name_last": "Lindt",
    }


MAIL = Answer((), "Where do we write to?", "ada@x.example", email=True)
BOSS = Answer((), "And your boss?", "boss@x.example", email=True)
BLANK = Answer((), "Your address", "", email=True)


@pytest.mark.parametrize(
    ("asked", "email"),
    [
        ([MAIL], "ada@x.example"),
        ([MAIL, BOSS], "ada@x.example"),
        ([BLANK, BOSS], None),
        ([BOSS, Answer(("email",), None, "ada@x.example")], "ada@x.example"),
        ([BOSS, Answer((), "E-Mail", "x"), Answer((), "Email", "ada@x.example")], "ada@x.example"),
        ([BOSS, Answer((), "Email", "")], None),
        ([Answer((), "Where do we write to?", "ada@x.example")], None),
    ],
    ids=[
        "the e-mail question",
        "the first of two",
        "the first is blank",
        "a reference",
        "a text",
        "a text left blank",
        "no e-mail question",
    ],
)
def test_the_first_email_question_is_email_where_nothing_else_is_called_so(
    asked: list[Answer], email: str | None
) -> None:
    assert answers(asked).get("email") == email


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("Email", "email"),
        ("E-mail address", "e_mail_address"),
        ("  Which course, 2026?  ", "which_course_2026"),
        ("first_name", "first_name"),
        ("Größe", "größe"),
        ("???", ""),
    ],
)
def test_a_simple_key_is_small_letters_and_digits(question: str, key: str) -> None:
    assert simple_key(question) == key


TEXTS = st.text(max_size=4) | st.sampled_from(["email", "a", "A", "a_b"])


@given(
    st.lists(
        st.builds(
            Answer,
            st.lists(TEXTS, max_size=2).map(tuple),
            st.none() | TEXTS,
            json_values,
            st.booleans(),
            st.dictionaries(TEXTS, json_values, max_size=2),
        ),
        max_size=6,
    )
)
def test_any_answers_have_names_and_are_never_null(asked: list[Answer]) -> None:
    found = answers(asked)

    assert None not in found.values()
    assert "" not in found
    json.dumps(found)
    for answer in asked:
        for reference in answer.references:
            same = [a.value for a in asked if reference in a.references]
            assert reference not in found or found[reference] in same
