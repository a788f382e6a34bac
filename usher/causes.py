"""Why a delivery was refused, in plain words: what happened, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from senders.delivery import Cause


@dataclass(frozen=True, slots=True)
class Told:
    """A cause in two sentences: `happened` as seen from here, `cure` for an administrator."""

    happened: str
    cure: str


# the causes beside those of senders.delivery.Cause: proved, or nobody could say
MALFORMED: Final = "malformed"
UNSUPPORTED_TYPE: Final = "unsupported_media_type"
TOO_LARGE: Final = "too_large"
NOT_STARTED: Final = "not_started"

_UNKNOWN: Final = Told("It was refused.", "See the detail, and the log of the receiver.")

CAUSES: Final[Mapping[str, Told]] = MappingProxyType(
    {
        Cause.NO_SECRET: Told(
            "The source has no secret to compare with.",
            "Give the source its secret in sources.yaml and the environment, and start Usher anew.",
        ),
        Cause.NO_PUBLIC_URL: Told(
            "This sender signs the address it calls, and Usher does not know that address.",
            "Set PUBLIC_URL to what the sender calls, such as https://hooks.school.example.",
        ),
        Cause.MISSING_HEADER: Told(
            "A header that proves the sender is missing or empty.",
            "Switch signing on at the sender, or enter the secret there; see that the source has "
            "the preset of this sender, and that no proxy takes headers away.",
        ),
        Cause.REPEATED_HEADER: Told(
            "A header that must stand alone came more than once.",
            "Look for a proxy that adds a header of the same name.",
        ),
        Cause.MALFORMED_HEADER: Told(
            "A header that proves the sender is not of the form that this sender uses.",
            "See that the source has the preset of this sender, and the settings of its header.",
        ),
        Cause.BAD_TIMESTAMP: Told(
            "The time of signing is not one that can be read.",
            "See that the source has the preset of this sender, and the unit of its timestamp.",
        ),
        Cause.STALE_TIMESTAMP: Told(
            "The time of signing is too far away from the time it came in.",
            "Set the clock of this machine right (NTP); if it is right, look for what holds "
            "deliveries back on their way, and let the sender send them again.",
        ),
        Cause.TOO_MANY_SIGNATURES: Told(
            "It has more signatures than any sender makes.",
            "This is hardly the sender; see where it came from.",
        ),
        Cause.BAD_SIGNATURE: Told(
            "No signature fits the body and the secret.",
            "Copy the secret from the sender again, without spaces. If it is right: for a sender "
            "that signs the address, see PUBLIC_URL; else look for a proxy that changes the body.",
        ),
        Cause.BAD_CREDENTIALS: Told(
            "The user, the password or the token is wrong.",
            "Enter the same at the sender and in the source's secret.",
        ),
        Cause.BAD_TOKEN: Told(
            "The signed token in the header is not valid.",
            "See that the source has the secret that this sender signs tokens with, and that the "
            "clock of this machine is right.",
        ),
        Cause.WRONG_AUDIENCE: Told(
            "The token was made for somebody else.",
            "See which application or address the sender makes tokens for, and what the source "
            "expects.",
        ),
        Cause.WRONG_VERSION: Told(
            "The sender uses a version of its signature that this source does not read.",
            "Choose the version named in the guide of the preset at the sender.",
        ),
        Cause.BAD_PATH_SECRET: Told(
            "The last part of the address is not the secret of this source.",
            "Copy the whole address into the sender again: /hooks/, the source's name, its secret.",
        ),
        Cause.MISSING_PATH_SECRET: Told(
            "The secret is missing at the end of the address.",
            "Enter the whole address at the sender: /hooks/, the source's name, its secret.",
        ),
        Cause.UNREADABLE_BODY: Told(
            "The secret stands in the body, and the body cannot be read.",
            "See that the sender posts in the form that the guide of the preset names.",
        ),
        Cause.MISSING_BODY_SECRET: Told(
            "The field of the body that holds the secret is missing or empty.",
            "Enter the secret at the sender, so that it posts it along.",
        ),
        Cause.WRONG_ORGANIZATION: Told(
            "It comes from an account that the source does not name.",
            "If it is yours, add it to the source's organizations in sources.yaml.",
        ),
        MALFORMED: Told(
            "The sender is proved, but the body cannot be read, or broke off on its way.",
            "See the detail; choose the form at the sender that the guide of the preset names.",
        ),
        UNSUPPORTED_TYPE: Told(
            "The sender is proved, but the content type is not one that this source reads.",
            "Set the content type at the sender that the detail names.",
        ),
        TOO_LARGE: Told(
            "The body is longer than deliveries may be.",
            "If this sender needs that much, raise MAX_BODY_BYTES, and let it send again.",
        ),
        NOT_STARTED: Told(
            "The source was not started, so nobody could say who sent this.",
            "Mend what the detail names, and start Usher anew.",
        ),
    }
)


def cause_told(cause: str) -> Told:
    """The words for a cause; a general one for a cause of another version of Usher."""
    return CAUSES.get(cause, _UNKNOWN)
