"""Every code has a title, a paragraph on docs/rule-errors.md, and somebody who raises it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulebook.codes import FAMILIES, PAGE, TITLES, anchor

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
CODE = re.compile(rf'"([{"".join(FAMILIES)}]\d\d)"')
PARAGRAPHS = dict(re.findall(r"^### (\w+)\n\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))


def raised() -> set[str]:
    """The codes that stand anywhere in the code."""
    places = [*(ROOT / "rulebook").rglob("*.py"), *(ROOT / "usher").rglob("*.py")]
    texts = (path.read_text(encoding="utf-8") for path in places if path.name != "codes.py")
    return {code for text in texts for code in CODE.findall(text)}


def test_every_code_that_is_raised_has_a_title_and_no_other() -> None:
    assert raised() == set(TITLES)


def test_the_page_has_every_code_once_in_order() -> None:
    assert re.findall(r"^### (.+)$", TEXT, re.MULTILINE) == list(TITLES)


@pytest.mark.parametrize("code", TITLES)
def test_a_paragraph_says_what_it_means_with_an_example_and_its_cure(code: str) -> None:
    meaning, example, cure = re.split(r"\n\n(?=    |\*Cure)", PARAGRAPHS[code].strip())

    assert meaning.startswith(f"**{TITLES[code]}.** ")
    assert len(meaning) > len(TITLES[code]) + 40
    assert all(line.startswith("    ") for line in example.split("\n"))
    assert re.match(r"\*Cure:\* .{10,}\.$", cure)


def test_links_to_a_code_lead_to_its_heading() -> None:
    assert [anchor(code) for code in TITLES] == [code.lower() for code in TITLES]
    assert {code[0] for code in TITLES} == set(FAMILIES)


def test_titles_are_told_apart() -> None:
    assert len(set(TITLES.values())) == len(TITLES)
