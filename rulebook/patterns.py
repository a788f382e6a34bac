"""Patterns that no text can make slow: ``*`` and ``?`` piece by piece, RE2 for the rest."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

try:
    import re2
except ImportError:  # google-re2 has no build for this machine: matches_regex is refused
    re2 = None

MAX_LIKE_VALUE: Final = 2_000
MAX_REGEX_VALUE: Final = 10_000
MAX_LIKE_PATTERN: Final = 200
MAX_REGEX_PATTERN: Final = 1_000
REGEX_MEMORY: Final = 1 << 20
_PIECES: Final = 1_024

TextTest = Callable[[str], bool]


def like(pattern: str) -> TextTest:
    """A test for the whole text, where ``*`` is any run of characters and ``?`` any one.

    The pieces between the stars are looked for from left to right, each at its first place, so
    nothing is ever tried twice; texts over 2,000 characters do not match.
    """
    head, *rest = pattern.split("*")
    if not rest:
        return lambda text: len(text) == len(head) and _fits(head, text, 0)
    *middle, tail = [piece for i, piece in enumerate(rest) if piece or i == len(rest) - 1]

    def test(text: str) -> bool:
        end = len(text) - len(tail)
        if len(text) > MAX_LIKE_VALUE or end < len(head):
            return False
        if not (_fits(head, text, 0) and _fits(tail, text, end)):
            return False
        at = len(head)
        for piece in middle:
            at = _find(piece, text, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return test


def _fits(piece: str, text: str, at: int) -> bool:
    """Whether the piece stands in the text at this offset, which is inside the text."""
    if "?" not in piece:
        return text.startswith(piece, at)
    return _signs(piece).match(text, at) is not None


def _find(piece: str, text: str, start: int, end: int) -> int:
    """The first offset where the piece stands between start and end, or -1."""
    if "?" not in piece:
        return text.find(piece, start, end)
    found = _signs(piece).search(text, start, end)
    return found.start() if found else -1


@lru_cache(_PIECES)
def _signs(piece: str) -> re.Pattern[str]:
    """The piece sign by sign: nothing in it repeats, so there is nothing to go back to."""
    return re.compile("".join("." if sign == "?" else re.escape(sign) for sign in piece), re.DOTALL)


def regex(pattern: str, *, ignore_case: bool = False) -> TextTest:
    """A test for texts of up to 10,000 characters in which the RE2 pattern is found anywhere.

    Raises ValueError with what RE2 cannot use in the pattern.
    """
    if re2 is None:
        raise ValueError("matches_regex needs the package google-re2, which is not installed here")
    options = re2.Options()
    options.max_mem = REGEX_MEMORY
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        raise ValueError(_reason(error)) from error

    def test(text: str) -> bool:
        if len(text) > MAX_REGEX_VALUE:
            return False
        return compiled.search(text.encode("utf-8", "replace")) is not None

    return test


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(error)
