"""Values written as rule files have them are read back as they were."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.written import UnreadableError, block_lines, length, read_written, written

SINGLE = (
    st.none()
    | st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.decimals(-(10**9), 10**9, places=6).map(float)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SINGLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=40), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_on_one_line_is_read_back_the_same(value: Any) -> None:
    assert read_written(f"key: {written(value)}") == {"key": value}


@given(VALUES)
def test_a_value_in_block_style_is_read_back_the_same(value: Any) -> None:
    text = "\n".join(block_lines({"key": value}))

    assert read_written(text) == {"key": value}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("won", "won"),
        ("Safety Basics", "Safety Basics"),
        ("94351021", '"94351021"'),
        ("No", '"No"'),
        ("a: b", '"a: b"'),
        ("tab\there", '"tab\\there"'),
        ("\x85\u2028\U000e0001", '"\\x85\\u2028\\U000e0001"'),
        ("half \ud800", '"half \N{REPLACEMENT CHARACTER}"'),
        (5, "5"),
        (1e-7, "0.0000001"),
        (2.0, "2.0"),
        (True, "true"),
        (None, "null"),
        (["closedwon", "94351021"], '[closedwon, "94351021"]'),
        ({"id": 7, "e-mail": "a@x.example"}, "{id: 7, e-mail: a@x.example}"),
    ],
)
def test_text_has_quotes_only_where_it_needs_them(value: Any, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "90 seconds"),
        (3_600, "1 hour"),
        (259_200, "3 days"),
        (604_800, "1 week"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_whole_unit(seconds: int, words: str) -> None:
    assert length(seconds) == words


def test_what_cannot_be_read_says_in_which_line() -> None:
    with pytest.raises(UnreadableError) as raised:
        read_written("a: 1\na: 2\n")

    assert (raised.value.line, raised.value.message[:22]) == (2, '"a" is written twice i')
