"""What a portal does with a second account for an address that has one, and what follows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from coursebox.errors import CourseboxError, Kind
from coursebox.findings import Finding, Mark, cause


class Twice(StrEnum):
    """What became of the second request."""

    REFUSED = "refused"
    HIDDEN = "hidden"
    SAME = "same"
    SILENT = "silent"
    SECOND = "second"
    REPLACED = "replaced"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Tried:
    """A request for an account. `then` is the id by which its own password lets in afterwards, None
    where it does not or does not tell; `let_in` whether it does."""

    user_id: str | None = None
    error: CourseboxError | None = None
    let_in: bool = False
    then: str | None = None


def judged(first: str | None, tried: Tried) -> Twice:
    """What a second request came to; `first` is the id of the account that was there."""
    if tried.error:
        return _refusal(tried.error)
    told = tried.user_id or tried.then
    if told and first and told != first:
        return Twice.SECOND
    if tried.let_in:
        return Twice.REPLACED if first and tried.then == first else Twice.UNCLEAR
    return Twice.SAME if tried.user_id and first else Twice.SILENT


def _refusal(error: CourseboxError) -> Twice:
    if error.kind is Kind.ALREADY_EXISTS:
        return Twice.REFUSED
    return Twice.HIDDEN if error.kind is Kind.SERVER_ERROR else Twice.UNCLEAR


SHOWN: Final = {"HIDDEN_DUPLICATES": ("false",)}
HIDES: Final = {"HIDDEN_DUPLICATES": ("true",)}

# what it does, what follows for the same address, and for the same in capitals
TOLD: Final[Mapping[Twice, tuple[str, str, str]]] = {
    Twice.REFUSED: (
        "refused, and it says that the account exists",
        "Usher looks for the id of that account.",
        "Capitals do not make another person.",
    ),
    Twice.HIDDEN: (
        "HTTP 500 without a word of it",
        "A 500 to it is taken for an account that is there: a setting says so.",
        "Capitals do not make another person.",
    ),
    Twice.SAME: (
        "answers with the account that is there, and leaves its password",
        "Usher has the id at once, but cannot tell a new account from an old one.",
        "Capitals do not make another person.",
    ),
    Twice.SILENT: (
        "a good answer that tells nothing, and the new password lets nobody in",
        "Usher cannot tell a new account from an old one.",
        "Whether capitals make another person is not told; Usher sends none.",
    ),
    Twice.SECOND: (
        "MAKES A SECOND ACCOUNT",
        "A request that is sent again after a lost answer makes a double. Ask Coursebox before "
        "Usher makes accounts here.",
        "Usher writes every address in lower case. Who has an account with capitals is another "
        "person to it.",
    ),
    Twice.REPLACED: (
        "GIVES THE OLD ACCOUNT THE NEW PASSWORD",
        "`enrol` of somebody whose id Usher does not know would lock them out. Ask Coursebox "
        "before Usher makes accounts here.",
        "As for the same address.",
    ),
}
BAD: Final = frozenset({Twice.SECOND, Twice.REPLACED})
PLAIN: Final = frozenset({Twice.REFUSED, Twice.HIDDEN, Twice.SAME})


def same_address(first: str | None, tried: Tried, made_another: bool) -> Finding:
    """The finding of the same request twice. `made_another`: right after it an account for a new
    address was made, so a fault was no outage."""
    key, name = "duplicate_account", "Same address again"
    twice = judged(first, tried)
    if twice is Twice.UNCLEAR or (twice is Twice.HIDDEN and not made_another):
        return _unclear(key, name, tried)
    does, follows, _ = TOLD[twice]
    mark = Mark.BAD if twice in BAD else Mark.GOOD if twice in PLAIN else Mark.NOTED
    wants = HIDES if twice is Twice.HIDDEN else SHOWN
    return Finding(key, name, _with_status(does, tried), follows, mark, wants)


def in_capitals(first: str | None, tried: Tried, made_another: bool) -> Finding:
    """The finding of the same address in capitals."""
    key, name = "capitals", "The same in capitals"
    twice = judged(first, tried)
    if twice is Twice.UNCLEAR or (twice is Twice.HIDDEN and not made_another):
        return _unclear(key, name, tried)
    does, _, follows = TOLD[twice]
    mark = Mark.BAD if twice is Twice.REPLACED else Mark.GOOD if twice in PLAIN else Mark.NOTED
    if twice is Twice.SECOND:
        does = "makes a second account"
    return Finding(key, name, _with_status(does, tried), follows, mark)


def _with_status(does: str, tried: Tried) -> str:
    status = tried.error.status if tried.error else None
    return f"{does} (HTTP {status})" if status and str(status) not in does else does


def _unclear(key: str, name: str, tried: Tried) -> Finding:
    why = cause(tried.error) if tried.error else "its answer tells too little"
    follows = "Usher looks before it makes an account, and after each answer that is not clear."
    return Finding(key, name, f"not told: {why}", follows, Mark.NOT_TOLD)
