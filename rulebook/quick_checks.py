"""Checks of an event, made for the shapes that most conditions have, so that few calls are made.

They say exactly what the general way says: `equality` compares, `paths` walks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rulebook.equality import ValueTest, only_texts_read
from rulebook.paths import MISSING, Getter, Path, Scope

Check = Callable[[Scope, datetime], bool]


def quick_equality(path: Path, name: str, literal: object) -> Check | None:
    """A check for a field of one or two names being one of some texts; None for anything else.

    The texts are such as no number and no true/false is written like.
    """
    if name not in {"equals", "one_of"}:
        return None
    literals = literal if isinstance(literal, list) else [literal]
    texts = [text for text in literals if isinstance(text, str) and only_texts_read(text)]
    if len(texts) < len(literals):
        return None
    match path.steps:
        case (str(root),):
            return _root_is_one(root, frozenset(texts))
        case (str(root), str(field)) if len(texts) == 1:
            return _field_is(root, field, texts[0])
        case (str(root), str(field)):
            return _field_is_one(root, field, frozenset(texts))
    return None


def quick_test(path: Path, get: Getter, test: ValueTest) -> Check:
    """A check for a field's value passing a test."""
    match path.steps:
        case (str(root), str(field)):
            return _field_passes(root, field, test)
    return lambda event, now: test(get(event))


def _root_is_one(root: str, texts: frozenset[str]) -> Check:
    def check(event: Scope, now: datetime) -> bool:
        value = event.get(root)
        return isinstance(value, str) and value in texts

    return check


def _field_is(root: str, field: str, text: str) -> Check:
    def check(event: Scope, now: datetime) -> bool:
        block = event.get(root)
        return isinstance(block, dict) and block.get(field) == text

    return check


def _field_is_one(root: str, field: str, texts: frozenset[str]) -> Check:
    def check(event: Scope, now: datetime) -> bool:
        block = event.get(root)
        if not isinstance(block, dict):
            return False
        value = block.get(field)
        return isinstance(value, str) and value in texts

    return check


def _field_passes(root: str, field: str, test: ValueTest) -> Check:
    def check(event: Scope, now: datetime) -> bool:
        block = event.get(root)
        return test(block.get(field, MISSING) if isinstance(block, dict) else MISSING)

    return check


def all_of(checks: Sequence[Check]) -> Check:
    """Whether every check holds; asked in their order."""
    match checks:
        case []:
            return lambda event, now: True
        case [only]:
            return only
        case [first, second]:
            return lambda event, now: first(event, now) and second(event, now)
        case [first, second, third]:
            return lambda event, now: first(event, now) and second(event, now) and third(event, now)

    # all() and any() with a generator take twice as long
    def check(event: Scope, now: datetime) -> bool:
        for one in checks:  # noqa: SIM110
            if not one(event, now):
                return False
        return True

    return check


def any_of(checks: Sequence[Check]) -> Check:
    """Whether at least one check holds."""

    def check(event: Scope, now: datetime) -> bool:
        for one in checks:  # noqa: SIM110
            if one(event, now):
                return True
        return False

    return check


def none_of(checks: Sequence[Check]) -> Check:
    """Whether no check holds."""
    match checks:
        case [only]:
            return lambda event, now: not only(event, now)
    one = any_of(checks)
    return lambda event, now: not one(event, now)
