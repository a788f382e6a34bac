"""The strict YAML reader: places, typing, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.nodes import Block, Listing, Node, Scalar, Span, plain, walk
from rulebook.problems import Findings
from rulebook.yaml_reader import read_yaml, typed


def read(text: str) -> tuple[Node | None, list[str]]:
    findings = Findings("f")
    node = read_yaml(text, findings)
    return node, [problem.headline for problem in findings.problems]


def value(text: str) -> object:
    node, problems = read(text)
    assert problems == []
    assert node is not None
    return plain(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((word, word) for word in ("NO", "no", "off", "yes", "True", "TRUE", "Null", "y")),
        *((word, word) for word in ("010", "0123456789", "+4915112345", "12:30", "12:30:45")),
        *((word, word) for word in ("1_000", "1e3", "12e5", "0x1F", ".5", "5.", "+5", "-0", "-x")),
        *((word, word) for word in ("2024-01-31", ".inf", ".nan", "1.2.3", "٣")),
        ("1234567890123456", "1234567890123456"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("5", 5),
        ("-5", -5),
        ("1.10", 1.1),
        ("-0.5", -0.5),
        ("0.0", 0.0),
        ('"5"', "5"),
        ("'true'", "true"),
        ('""', ""),
        ("won deal", "won deal"),
    ],
)
def test_only_plain_words_and_numbers_are_typed(text: str, expected: object) -> None:
    found = value(f"key: {text}\n")

    assert found == {"key": expected}
    assert type(found["key"]) is type(expected)  # type: ignore[index]


def test_keys_are_text_as_they_are_written() -> None:
    assert value("1: a\ntrue: b\n010: c\non: d\n'': e\n") == {
        "1": "a",
        "true": "b",
        "010": "c",
        "on": "d",
        "": "e",
    }


def test_every_piece_knows_its_place() -> None:
    node, _ = read("a: 1\nbé: [x, 'y z']\nc:\n  - d: two words\n")

    assert isinstance(node, Block)
    second = node.entries[1]
    assert second.key.span == Span(2, 1, 2, 3)
    assert isinstance(second.value, Listing)
    assert [item.span for item in second.value.items] == [Span.of(2, 6), Span.of(2, 9, 5)]
    texts = [piece.span for piece in walk(node) if isinstance(piece, Scalar)]
    assert texts[-1] == Span.of(4, 8, 9)


def test_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    node, problems = read("\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n")

    assert problems == []
    assert node is not None
    assert plain(node) == {"a": 1, "b": "x\ny\n"}
    assert node.entries[0].key.span == Span.of(1, 1)  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_a_text_without_content_holds_nothing(text: str) -> None:
    node, problems = read(text)

    assert problems == []
    assert node is None or plain(node) is None


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a: 1\na: 2\n", ["f:2:1: error[Y14]"]),
        ("x: {a: 1, b: 2, a: 3, a: 4}\n", ["f:1:17: error[Y14]", "f:1:23: error[Y14]"]),
        ("a: &x 1\nb: *x\n", ["f:1:4: error[Y09]", "f:2:4: error[Y09]"]),
        ("a: &x [1, {b: c}]\nd: 1\nd: 2\n", ["f:1:4: error[Y09]", "f:3:1: error[Y14]"]),
        ("a: !!python/object/apply:os.system [id]\n", ["f:1:4: error[Y10]"]),
        ("a: !\n", ["f:1:4: error[Y10]"]),
        ("a: *\n", ["f:1:4: error[Y06]"]),
        ("a: & b\n", ["f:1:4: error[Y06]"]),
        ("a: 1\n---\nb: 2\n", ["f:2:1: error[Y11]"]),
        ("a: 1\n...\nb: 2\n", ["f:3:1: error[Y11]"]),
        ("%YAML 1.1\n---\na: 1\n", ["f:1:1: error[Y06]"]),
        ("[a]: 1\n", ["f:1:1: error[Y17]"]),
        ("? {a: 1}\n: 1\n", ["f:1:3: error[Y17]"]),
        (": 1\n", ["f:1:1: error[Y17]"]),
        ("a: > 5\n", ["f:1:4: error[Y06]"]),
        ("a: | x\n", ["f:1:4: error[Y06]"]),
        ("a: ?\n", ["f:1:4: error[Y06]"]),
        ("a: ]\n", ["f:1:4: error[Y06]"]),
        ("a: - b\n", ["f:1:4: error[Y24]"]),
        ("a: {b: 1}}\n", ["f:1:10: error[Y18]"]),
        ("a: [1, 2\n", ["f:1:4: error[Y18]"]),
        ("a: [b}\n", ["f:1:6: error[Y18]"]),
        ("a: {b: {{ c }}, d: 1}\n", ["f:1:8: error[Y12]"]),
        ("a: {{ b | c(1) }} and more\n", ["f:1:4: error[Y12]"]),
        ("a: [${ b }]\n", ["f:1:5: error[Y20]"]),
        ("a:\u00a0b\nc: d\n", ["f:1:3: error[Y03]"]),
        ("- \u200bid: a\n", ["f:1:3: error[Y03]"]),
        ("a: b\u00a0\n", ["f:1:5: error[Y03]"]),
        ("a:\n  - b\n   - c\n", ["f:3:4: error[Y08]"]),
        ("a:\n  b: 1\n c: 2\n", ["f:3:2: error[Y08]"]),
        ("a: 1\n- b\n", ["f:2:1: error[Y08]"]),
        ("- a\nb: 1\n", ["f:2:1: error[Y08]"]),
        ("a: 1\nfoo\nb: 2\n", ["f:2:1: error[Y16]"]),
        ("a: 'x\nb: it's\n", ["f:1:4: error[Y07]"]),
        ("a: 'x\n\tb: 1\n", ["f:1:4: error[Y07]"]),
        ('a: "x" y\n', ["f:1:8: error[Y23]"]),
        ("a: \x00\n", ["f:1:4: error[Y01]"]),
        ("a: b\u2028c\n", ["f:1:5: error[Y01]"]),
        ("a: \udce4\n", ["f:1:4: error[Y22]"]),
        ("k" * 1_100 + ": 1\n", ["f:1:1: error[Y17]"]),
    ],
)
def test_what_yaml_would_guess_is_refused_at_its_place(text: str, places: list[str]) -> None:
    _, problems = read(text)

    assert [problem.split(": ", 1)[0] + ": " + problem.split(": ")[1] for problem in problems] == (
        places
    )


def test_a_no_break_space_inside_a_text_is_kept() -> None:
    assert value("a: 10\u00a0km\n") == {"a": "10\u00a0km"}


def nested(depth: int) -> str:
    return "a: " + "[" * (depth - 1) + "]" * (depth - 1) + "\n"


def test_twelve_levels_are_read_and_thirteen_refused() -> None:
    _, fine = read(nested(12))
    _, refused = read(nested(13))

    assert fine == []
    assert [problem.split(": ")[1] for problem in refused] == ["error[Y13]"]


def test_a_text_over_256_kilobytes_is_refused() -> None:
    line = "# " + "é" * 1_000 + "\n"

    _, fine = read(line * 130)
    _, refused = read(line * 132)

    assert fine == []
    assert [problem.split(": ")[1] for problem in refused] == ["error[Y15]"]


BOMBS = {
    "brackets": "[" * 100_000,
    "braces": "{a: " * 50_000,
    "keys": "? " * 100_000,
    "dashes": "- " * 100_000,
    "indents": "".join(" " * n + "a:\n" for n in range(500)),
    "laughs": "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(3_000)),
    "duplicates": "a: 1\n" * 40_000,
    "quotes": '"' * 200_001,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_hostile_texts_are_refused(text: str) -> None:
    _, problems = read(text)

    assert problems


SAMPLE = (Path(__file__).parent.parent / "rules" / "shop-orders.yaml").read_text(encoding="utf-8")
SIGNS = st.sampled_from([*"\t\n -:[]{}\"'#&*!|>%@`?,$\u00a0\u200b\x00é", "{{", "}}", "${", ": "])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE)), st.integers(0, 6), SIGNS), max_size=6))
def test_a_damaged_text_is_read_or_refused_with_a_place(
    edits: list[tuple[int, int, str]],
) -> None:
    text = SAMPLE
    for start, length, sign in edits:
        text = text[:start] + sign + text[start + length :]
    findings = Findings("f")

    node = read_yaml(text, findings)

    lines = text.split("\n")
    assert node is not None or findings.problems or not text.strip()
    for problem in findings.problems:
        assert 1 <= problem.line <= len(lines) + 1
        assert problem.column >= 1


@given(st.text(max_size=30))
def test_typing_never_fails_and_keeps_what_it_does_not_know(text: str) -> None:
    found = typed(text)

    assert found is None or isinstance(found, (bool, int, float)) or found == text
