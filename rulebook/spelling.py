"""Did you mean?"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

# Below this likeness a suggestion misleads more often than it helps ("limit" is not "id").
LIKENESS = 0.75
SOME_LIKENESS = 0.5
# By how much a choice must be more like a word than all others, to be the only one meant.
LEAD = 0.12


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


def is_clear(word: str, choice: str, choices: Iterable[str]) -> bool:
    """Whether no other choice is spelt about as much like the word."""
    least = _likeness(word, choice) - LEAD
    return all(_likeness(word, other) < least for other in choices if other != choice)


def _likeness(word: str, other: str) -> float:
    return SequenceMatcher(None, word.lower()[:100], other.lower()).ratio()
