"""Slack: events, slash commands and what people press in messages, under `body`.

https://docs.slack.dev/apis/events-api
https://docs.slack.dev/interactivity/handling-user-interaction
Who joins gives `contact` as well, with the address where the app may read it.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.record import present
from senders.shapes import block, dig, text


def _event_type(body: object, said: str | None) -> str | None:
    command = text(dig(body, "command"))
    if command is not None:
        return f"command.{command.removeprefix('/')}"
    # the outer type of an event is always event_callback
    paths = ("event.type", "payload.type", "type")
    return next((kind for path in paths if (kind := text(dig(body, path))) is not None), None)


def _roots(body: object, type: str) -> dict[str, object]:
    inner = dig(body, "payload")
    roots: dict[str, object] = {"body": inner if isinstance(inner, dict) else body}
    user = block(dig(body, "event.user"))
    if user:
        roots["contact"] = _person(user)
    return roots


def _person(user: Mapping[str, object]) -> dict[str, object]:
    profile = block(user.get("profile"))
    return present(
        {
            "id": user.get("id"),
            "name": text(profile.get("real_name")) or text(user.get("real_name")),
            "first_name": text(profile.get("first_name")),
            "last_name": text(profile.get("last_name")),
            "email": text(profile.get("email")),
            "phone": text(profile.get("phone")),
            "language": text(user.get("locale")),
        }
    )


_JOINED = (
    Field("contact.id", "Slack's id of the member", "U07QK1M2N", Presence.ALWAYS),
    Field("contact.name", "whole name", "Mira Sol"),
    Field("contact.first_name", "first name", "Mira"),
    Field("contact.last_name", "last name", "Sol"),
    Field("contact.language", "language and region", "de-DE", Presence.SOMETIMES),
    Field("contact.phone", "phone number", "+49301234567", Presence.SOMETIMES),
    Field("contact.email", "address, with the scope users:read.email", "mira@harbour.example"),
    Field("body.team_id", "the workspace", "T04AB12CD", Presence.ALWAYS),
)

ADAPTER = Adapter(
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "team_join": _JOINED,
        "user_change": _JOINED,
        "message": (
            Field("body.event.text", "what was written", "Hello", Presence.USUALLY),
            Field("body.event.user", "Slack's id of who wrote", "U07QK1M2N"),
            Field("body.event.channel", "id of the channel", "C05XY34ZA", Presence.ALWAYS),
        ),
        "block_actions": (
            Field("body.user.id", "Slack's id of who pressed", "U07QK1M2N", Presence.ALWAYS),
            Field("body.actions[0].action_id", "your name of the button", "enrol"),
            Field("body.actions[0].value", "your value of the button", "101"),
        ),
        "*": (
            Field("body.text", "what stands after a slash command", "safety", Presence.SOMETIMES),
            Field("body.user_id", "who gave the command", "U07QK1M2N", Presence.SOMETIMES),
            Field("body.*", "what else Slack sends", None),
        ),
    },
)
