"""Ids of Salesforce: 15 characters in which capitals count, or 18 in which they do not."""

import re

_SHORT = re.compile(r"[A-Za-z0-9]{15}")
_GROUP = 5
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(value: str) -> str:
    """The id in its longer spelling; what is no id of 15 characters stays as it is.

    The three characters at the end say which of the 15 are capitals:
    https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm
    """
    if not _SHORT.fullmatch(value):
        return value
    groups = (value[start : start + _GROUP] for start in range(0, len(value), _GROUP))
    return value + "".join(_ALPHABET[_capitals(group)] for group in groups)


def _capitals(group: str) -> int:
    return sum(1 << place for place, letter in enumerate(group) if letter.isupper())
