"""The attributes of updateMainAttributes, by the vendor's guide, and who may set them. Pure."""

import json
import math
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from coursebox.errors import refused
from coursebox.people import tidy_email

CALL: Final = "update_user"

# what people say about themselves
OPEN: Final = frozenset({
    "email", "fullName", "firstName", "lastName", "title", "contactNumber", "dateOfBirth",
    "headline", "avatarUrl", "profile", "country", "city", "location", "region", "state",
    "zipCode", "calendlyLink", "personalSite", "companySite", "linkedIn", "twitter",
    "facebookLink", "instagramLink", "isPlatformUpdates", "isSideBarVisible", "isTopBarVisible",
    "channelsPageTabs", "peoplePageTabs", "elibraryPageTabs", "resourcesPageTabs",
})  # fmt: skip

SWITCHES: Final = frozenset({"isPlatformUpdates", "isSideBarVisible", "isTopBarVisible"})
# of a form that the guide does not tell
ANY_FORM: Final = frozenset({
    "profile", "channelsPageTabs", "peoplePageTabs", "elibraryPageTabs", "resourcesPageTabs",
})  # fmt: skip
TRICKS: Final = frozenset({"__proto__", "constructor", "prototype"})
LONGEST_TEXT: Final = 10_000
LONGEST_BLOCK: Final = 50_000  # as JSON

# rights, money, identities and the vendor's own bookkeeping: only where the operator opens them
GUARDED: Final = frozenset({
    "realm", "emailVerified", "status", "rate", "rateAdditionalTax", "price", "currency",
    "additionalTax", "isDiscountCodeUsed", "facebookId", "googleId", "linkedinId", "appleId",
    "customerId", "stripeId", "isDeleted", "isAdmin", "isExpertRequested", "isExpertApproved",
    "organisationCode", "isVIPRequested", "isVIPApproved", "isChannelPublished",
    "isCoursePublished", "newEmail", "lastActiveAt", "isInActive", "isTrial", "inIframe",
    "referer", "username", "credentials", "challenges", "created", "lastUpdated", "createdAt",
    "updatedAt", "isUserAdmin", "isVIP", "isBoxer", "isPro", "isApprovedExpert", "isExpert",
    "isLearner", "isFollowed",
})  # fmt: skip

NEVER: Final[Mapping[str, str]] = MappingProxyType(
    {"id": "the user is named by user_id or email, and an id does not change"}
)


def allowed_attributes(given: object, opened: frozenset[str]) -> dict[str, object]:
    """The attributes as they may be sent. Raises InvalidArgument naming the first that may not."""
    if not isinstance(given, Mapping) or not given:
        raise refused(CALL, "attributes must be a block of at least one name and value")
    for name in given:
        _check(str(name), opened)
    attributes = {str(name): _value(str(name), value) for name, value in given.items()}
    if "email" in attributes:
        attributes["email"] = tidy_email(attributes["email"], CALL)
    return attributes


def _check(name: str, opened: frozenset[str]) -> None:
    if name in OPEN or name in opened & GUARDED:
        return
    if name in NEVER:
        raise refused(CALL, f"the attribute {name!r} cannot be changed: {NEVER[name]}")
    if name in GUARDED:
        raise refused(
            CALL,
            f"the attribute {name!r} may not be changed by a rule, since it is about rights, money "
            "or identity; change it in Coursebox",
        )
    close = get_close_matches(name, OPEN | GUARDED, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise refused(CALL, f"Coursebox has no attribute {name[:60]!r}{hint}")


def _value(name: str, value: object) -> object:
    """A value as it may be sent: texts as text, also where an event has a number for one."""
    if name == "email":
        return value
    if name in SWITCHES:
        return _of_form(name, value, isinstance(value, bool), "true or false")
    if name in GUARDED | ANY_FORM:
        _of_form(name, value, _is_small_json(value), "something JSON can hold, and not huge")
        return _of_form(name, value, not _has_tricks(value), "a block without keys for programs")
    if isinstance(value, int | float) and not isinstance(value, bool):
        _of_form(name, value, abs(value) < 1e15 and math.isfinite(value), "a text")
        return str(int(value)) if value == int(value) else str(value)
    return _of_form(
        name, value, isinstance(value, str) and len(value) <= LONGEST_TEXT, "a text, and not huge"
    )


def _has_tricks(value: object) -> bool:
    """Whether a key in it says something to what keeps it: JavaScript's, or a MongoDB operator."""
    if isinstance(value, Mapping):
        odd = any(str(key) in TRICKS or str(key).startswith("$") for key in value)
        return odd or any(map(_has_tricks, value.values()))
    return isinstance(value, list) and any(map(_has_tricks, value))


def _of_form(name: str, value: object, fits: bool, form: str) -> object:
    if not fits:
        raise refused(CALL, f"the attribute {name!r} must be {form}, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def _is_small_json(value: object) -> bool:
    try:
        return len(json.dumps(value, allow_nan=False)) <= LONGEST_BLOCK
    except (TypeError, ValueError, RecursionError):
        return False
