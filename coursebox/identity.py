"""What can name a person: ids that may be one at all, and addresses in one form. Pure."""

import re
import unicodedata
from typing import Final

LONGEST_SURE_ID: Final = 64
# how programs write "there is none", and how they count none
NOT_IDS: Final = frozenset({
    "undefined", "null", "none", "nil", "nan", "inf", "infinity", "true", "false", "object",
    "empty", "all", "any", "na",
})  # fmt: skip

_SURE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# 1e3, 0x65 and 0101 are numbers in other words: a portal may read 1000 and 101
_OTHER_NUMBER = re.compile(r"[0-9]{1,6}e[0-9]{1,5}|0[xbo][0-9a-f]{1,10}|0[0-9]+", re.IGNORECASE)


def is_sure(text: str) -> bool:
    """Whether that names one record: ASCII letters, digits, "-" and "_", not a word or number for
    "none", and no number that may be read as another."""
    return (
        _SURE_ID.fullmatch(text) is not None
        and len(text) <= LONGEST_SURE_ID
        and text.lower() not in NOT_IDS
        and text.strip("0-_") != ""
        and _OTHER_NUMBER.fullmatch(text) is None
    )


def same_form(email: str) -> str:
    """An address in the one form by which it is compared and sent: trimmed, in lower case, and an
    accent and its letter as one sign."""
    return unicodedata.normalize("NFC", email.strip().lower())
