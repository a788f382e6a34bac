"""Did you mean?"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# Below this likeness a suggestion misleads more often than it helps ("limit" is not "id").
LIKENESS = 0.75
SOME_LIKENESS = 0.5


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that is spelt almost like the word, whatever its capitals."""
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(word.lower()[:100], by_lower, n=1, cutoff=LIKENESS)
    return by_lower[close[0]] if close else None


def resembling(word: str, choices: Iterable[str], most: int) -> list[str]:
    """The choices that are spelt a little like the word, best first: to choose from."""
    return get_close_matches(word.lower()[:100], sorted(choices), most, SOME_LIKENESS)


def did_you_mean(choice: str | None) -> str | None:
    """The label for a suggestion."""
    return f'did you mean "{choice}"?' if choice else None
