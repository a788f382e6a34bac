"""Whether any event that a rule waits for can have a field that the rule speaks of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from rulebook.fields import FEW, ITEM, FieldProblem
from rulebook.paths import Path
from rulebook.spelling import nearest
from rulebook.vocabulary import Vocabulary

OPEN: Final = "*"

# source and event type
Pair = tuple[str, str]


def never_given(path: Path, pairs: Sequence[Pair], vocabulary: Vocabulary) -> FieldProblem | None:
    """What is wrong with a field that no event of these sources and types ever has.

    None where one can have it, and where nothing is known of the fields of one of them.
    """
    if path.root == ITEM or not pairs:
        return None
    known: set[str] = set()
    for source, event in pairs:
        paths = vocabulary.paths(source, event)
        if paths is None:
            return None
        known |= paths
    if any(_fits(path.names, each.split(".")) for each in known):
        return None
    return FieldProblem("W08", _message(path, pairs), _near(path, known), _help(path, pairs, known))


def _fits(names: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the names lead to what the pattern names, towards it, or on below it."""
    return all(
        part in (OPEN, name) for name, part in zip(names, map(_plain, pattern), strict=False)
    )


def _plain(part: str) -> str:
    """The name of a part such as `items[]` or `items[0]`."""
    return part.partition("[")[0]


def _message(path: Path, pairs: Sequence[Pair]) -> str:
    if len(pairs) > 1:
        return f'no event that this rule waits for ever has "{path.text}"'
    [(source, event)] = pairs
    return f'{event} of source "{source}" never has "{path.text}"'


def _near(path: Path, known: Collection[str]) -> str | None:
    closed = [each for each in known if OPEN not in each]
    inner = list(path.names[1:])
    # the same field of another block is what is meant more often than a name spelt like it, but
    # the number of another block is another number
    same = sorted(each for each in closed if each.split(".")[1:] == inner)
    if same and inner and inner != ["id"]:
        return same[0]
    return nearest(".".join(path.names), closed)


def _help(path: Path, pairs: Sequence[Pair], known: Collection[str]) -> str:
    inner = sorted({each for each in known if each.split(".")[0] == path.root})
    names = inner or sorted({_plain(each.split(".")[0]) for each in known})
    shown = ", ".join([*names[:FEW], "..."] if inner and len(names) > FEW else names)
    source, event = pairs[0]
    return f"it has: {shown}; all are shown by: usher sources fields {source} {event}"
