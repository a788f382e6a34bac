"""Whether a suggestion is the only word that can have been meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from rulebook import keys
from rulebook.actions import ACTIONS
from rulebook.fields import FIELDS
from rulebook.filters import FILTERS
from rulebook.keys import Keys
from rulebook.operators import FOREIGN, IGNORE_CASE, OPERATORS
from rulebook.parameters import ATTRIBUTES
from rulebook.problems import Problem
from rulebook.spelling import is_clear

_BLOCKS: Final[Mapping[str, Keys]] = MappingProxyType(
    {block.where: block for block in vars(keys).values() if isinstance(block, Keys)}
)
_BY_CODE: Final[Mapping[str, Collection[str]]] = MappingProxyType(
    {
        "C01": (*OPERATORS, IGNORE_CASE),
        "A01": tuple(ACTIONS),
        "A05": tuple(ATTRIBUTES),
        "T01": tuple(FILTERS),
    }
)
_FOREIGN: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"C01": FOREIGN, "A01": keys.ACTIONS}
)
_WHERE: Final = re.compile(r'is not a known key in (?:action "(\w+)"|(.+))')
# What one of a few words must be; a time zone is no such word, as many are spelt alike.
_WORDS: Final = re.compile(r"(?:must be|a day is one of) (.+), found")
_TABLES: Final = re.compile(r"tables: (.+)")
_CALLBACKS: Final = re.compile(r"callbacks: (.+)")


def is_meant(problem: Problem, written: str, suggested: str) -> bool:
    """Whether a name that is not known can only stand for the one that is suggested for it."""
    word = written.lower().strip().replace(" ", "_").replace("-", "_")
    known, foreign = _known(problem)
    if problem.code in {"F01", "F02"}:
        return _field_is_meant(written, suggested)
    if suggested in {foreign.get(written.lower()), foreign.get(word)}:
        return True
    return suggested in known and is_clear(written, suggested, known)


def _known(problem: Problem) -> tuple[Collection[str], Mapping[str, str]]:
    """The names that can stand there, and other products' words for them."""
    if problem.code in {"R03", "C05", "R10"}:
        naming = _CALLBACKS if problem.code == "R10" else _TABLES
        listed = naming.fullmatch(problem.help or "")
        return (listed[1].split(", ") if listed else ()), {}
    if problem.code in {"S03", "S04"}:
        words = _WORDS.search(problem.message)
        return (re.split(r", | or ", words[1]) if words else ("",)), {}
    found = _WHERE.search(problem.message) if problem.code == "S01" else None
    if found is None:
        return _BY_CODE.get(problem.code, ()), _FOREIGN.get(problem.code, {})
    if found[1]:
        action = ACTIONS.get(found[1])
        return (action.names if action else ()), keys.PARAMETERS
    block = _BLOCKS.get(found[2])
    return (block.names, block.foreign) if block else ((), {})


def _field_is_meant(written: str, suggested: str) -> bool:
    """As every step of its name: "deal.state" may be the stage or the status."""
    ours, theirs = suggested.split("."), written.split(".")
    if len(ours) != len(theirs):
        return True
    roots = [tuple(FIELDS), *(FIELDS.get(root, ()) for root in ours[:-1])]
    homes = [names for names in FIELDS.values() if ours[0] in names] if len(ours) == 1 else []
    choices = [[name for names in homes for name in names]] if homes else roots
    return all(
        is_clear(their, our, set(known))
        for their, our, known in zip(theirs, ours, choices, strict=False)
        if their != our
    )
