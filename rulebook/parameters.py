"""What an action's parameters take, and how a rule's value becomes what Coursebox needs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

from rulebook.spelling import did_you_mean, nearest
from rulebook.values import found, text_of

# From the attributes in the vendor's API guide ("Edit User Details"): what describes a person.
_PERSONAL = """
email fullName firstName lastName title contactNumber dateOfBirth headline avatarUrl profile
country city location region state zipCode calendlyLink personalSite companySite linkedIn twitter
facebookLink instagramLink isPlatformUpdates isSideBarVisible isTopBarVisible channelsPageTabs
peoplePageTabs elibraryPageTabs resourcesPageTabs
"""
# The rest of that list: rights, identity, money, log-in and bookkeeping are no rule's business.
_GUARDED = """
realm emailVerified status rate rateAdditionalTax price currency additionalTax isDiscountCodeUsed
facebookId googleId linkedinId appleId customerId stripeId isDeleted isAdmin isExpertRequested
isExpertApproved organisationCode isVIPRequested isVIPApproved isChannelPublished
isCoursePublished newEmail lastActiveAt isInActive isTrial inIframe referer username credentials
challenges created lastUpdated id createdAt updatedAt isUserAdmin isVIP isBoxer isPro
isApprovedExpert isExpert isLearner isFollowed
"""
ATTRIBUTES: Final = frozenset(_PERSONAL.split())
GUARDED_ATTRIBUTES: Final = frozenset(_GUARDED.split())
# An id names the user and never changes.
OPENABLE: Final = GUARDED_ATTRIBUTES - {"id"}


class Kind(StrEnum):
    """What a parameter takes."""

    EMAIL = "an e-mail address"
    COURSE = "a course id or course link"
    USER = "a user id"
    TEXT = "a line of text"
    LONG_TEXT = "text"
    FLAG = "true or false"
    CHOICE = "one of a few words"
    ATTRIBUTES = "a block of user attributes"
    CALLBACK = "the name of a callback"
    SINGLE = "text or a number"


class ParameterError(ValueError):
    """A value that its parameter cannot take: why, what helps, and below which key it stands."""

    def __init__(self, message: str, help: str | None = None, key: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.key = key


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an action; `limit` is the most characters a text may have."""

    name: str
    kind: Kind
    required: bool = False
    default: str | bool | None = None
    choices: tuple[str, ...] = ()
    limit: int = 200
    # guarded attributes that are open to the rule in hand
    opened: frozenset[str] = frozenset()

    def convert(self, value: object) -> object:
        """The value as Coursebox needs it; raises ParameterError."""
        return _CONVERT[self.kind](self, value)


# How the names of callbacks are written in lookups.yaml.
CALLBACK_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+", re.ASCII)
_NUMBER_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_COURSE_LINK = re.compile(r"https?://\S+?/([0-9a-fA-F-]+)/?(?:[?#]\S*)?", re.ASCII)
_LOCAL_PART = re.compile(r"[^\s@.<>(),;:\\\"\[\]]+(?:\.[^\s@.<>(),;:\\\"\[\]]+)*")
_LABEL = r"[^\W_](?:[^\W_]|-){0,62}"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_MAX_EMAIL: Final = 254
_MAX_LOCAL_PART: Final = 64
_MAX_ATTRIBUTE: Final = 1_000
_MAX_ATTRIBUTE_DEPTH: Final = 3


def _refuse(parameter: Parameter, value: object, help: str | None = None) -> ParameterError:
    wanted = parameter.kind.value
    return ParameterError(f'"{parameter.name}" must be {wanted}, found {found(value)}', help)


def _email(parameter: Parameter, value: object) -> str:
    # Coursebox would make a second account for A@X.com beside a@x.com, and for an accent beside its
    # letter instead of upon it.
    text = normalize("NFC", value.strip().lower()) if isinstance(value, str) else ""
    local, at, domain = text.rpartition("@")
    fits = len(text) <= _MAX_EMAIL and len(local) <= _MAX_LOCAL_PART and text.isprintable()
    if not (at and fits and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise _refuse(parameter, value, "one address, such as sam@learner.example")
    return text


def _id(value: object) -> int | str | None:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    text = str(value).strip().lower() if isinstance(value, (int, str)) else ""
    if isinstance(value, bool):
        return None
    if _NUMBER_ID.fullmatch(text):
        return int(text)
    return text if _UUID.fullmatch(text) else None


def _user(parameter: Parameter, value: object) -> int | str:
    identifier = _id(value)
    if identifier is None:
        raise _refuse(parameter, value, "a number such as 42, or a UUID")
    return identifier


def _course(parameter: Parameter, value: object) -> int | str:
    link = _COURSE_LINK.fullmatch(value.strip()) if isinstance(value, str) else None
    identifier = _id(link[1] if link else value)
    if identifier is None:
        help = "a number such as 101, a UUID, or the link of the course that ends in one"
        raise _refuse(parameter, value, help)
    return identifier


def _cleaned(parameter: Parameter, value: object, control: re.Pattern[str]) -> str:
    text = text_of(value)
    if text is None:
        raise _refuse(parameter, value)
    text = control.sub(" ", text.replace("\r\n", "\n")).strip()
    if len(text) > parameter.limit:
        raise ParameterError(
            f'"{parameter.name}" is {len(text):,} characters long; at most {parameter.limit:,}'
        )
    return text


def _text(parameter: Parameter, value: object) -> str:
    return _cleaned(parameter, value, _CONTROL)


def _long_text(parameter: Parameter, value: object) -> str:
    return _cleaned(parameter, value, _CONTROL_BUT_LINES)


def _flag(parameter: Parameter, value: object) -> bool:
    text = value.strip().lower() if isinstance(value, str) else value
    if text is True or text == "true":
        return True
    if text is False or text == "false":
        return False
    yes_or_no = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    word = yes_or_no.get(text) if isinstance(text, str) else None
    raise _refuse(parameter, value, f"write {word}" if word else None)


def _choice(parameter: Parameter, value: object) -> str:
    if isinstance(value, str) and value.strip() in parameter.choices:
        return value.strip()
    choices = " or ".join(parameter.choices)
    raise ParameterError(f'"{parameter.name}" must be {choices}, found {found(value)}')


def _callback(parameter: Parameter, value: object) -> str:
    if isinstance(value, str) and CALLBACK_NAME.fullmatch(value.strip()):
        return value.strip()
    help = "one of lookups.yaml, such as hubspot.deal_enrolled"
    if isinstance(value, str) and "://" in value:
        help = "a rule never names addresses; an administrator adds this one to lookups.yaml"
    raise _refuse(parameter, value, help)


def _single(parameter: Parameter, value: object) -> str | int | float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(value, (int, float)) and is_number and math.isfinite(value):
        return value
    if not isinstance(value, str):
        raise _refuse(parameter, value)
    return _long_text(parameter, value)


def _attributes(parameter: Parameter, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _refuse(parameter, value)
    for name in value:
        check_attribute(str(name), parameter.opened)
    return {str(name): _attribute(str(name), entry, 1) for name, entry in value.items()}


def check_attribute(name: str, opened: frozenset[str] = frozenset()) -> None:
    """Raises ParameterError for a user attribute that a rule may not set."""
    if name in ATTRIBUTES or name in opened & OPENABLE:
        return
    if name in GUARDED_ATTRIBUTES:
        help = f"an operator can open it: COURSEBOX_OPEN_ATTRIBUTES={name}"
        message = f'attribute "{name}" may not be set by a rule'
        raise ParameterError(message, help if name in OPENABLE else None, key=name)
    help = did_you_mean(nearest(name, ATTRIBUTES)) or f"attributes: {', '.join(sorted(ATTRIBUTES))}"
    raise ParameterError(f'"{name}" is not an attribute of a user', help, key=name)


def _attribute(name: str, value: object, depth: int) -> object:
    if name == "email" and depth == 1:
        return _email(Parameter(name, Kind.EMAIL), value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ParameterError(f'attribute "{name}" cannot be {value}', key=name)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return _long_text(Parameter(name, Kind.LONG_TEXT, limit=_MAX_ATTRIBUTE), value)
    if depth >= _MAX_ATTRIBUTE_DEPTH:
        raise ParameterError(f'attribute "{name}" is nested too deeply', key=name)
    if isinstance(value, list):
        return [_attribute(name, item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {str(key): _attribute(name, item, depth + 1) for key, item in value.items()}
    raise ParameterError(f'attribute "{name}" cannot hold this', key=name)


_CONVERT: Mapping[Kind, Callable[[Parameter, object], object]] = MappingProxyType(
    {
        Kind.EMAIL: _email,
        Kind.COURSE: _course,
        Kind.USER: _user,
        Kind.TEXT: _text,
        Kind.LONG_TEXT: _long_text,
        Kind.FLAG: _flag,
        Kind.CHOICE: _choice,
        Kind.ATTRIBUTES: _attributes,
        Kind.CALLBACK: _callback,
        Kind.SINGLE: _single,
    }
)
