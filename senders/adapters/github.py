"""GitHub: the payload under `body`, whether it came as JSON or as the field of a form.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from senders.adapters.adapter import Adapter, Field, Presence
from senders.shapes import dig, text


def _event_type(body: object, said: str | None) -> str | None:
    action = text(dig(_payload(body), "action"))
    return f"{said}.{action}" if said and action else said


def _roots(body: object, type: str) -> dict[str, object]:
    return {"body": _payload(body)}


def _payload(body: object) -> object:
    """What the form's one field holds, or the whole body."""
    inner = dig(body, "payload")
    return inner if isinstance(inner, dict) else body


_ANY = (
    Field("body.sender.login", "who did it", "mira-sol", Presence.ALWAYS),
    Field("body.repository.full_name", "the repository", "harbour/handbook"),
    Field("body.organization.login", "the organization", "harbour", Presence.SOMETIMES),
    Field("body.*", "the payload of this event", None),
)

ADAPTER = Adapter(
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "*": _ANY,
        "organization.member_added": (
            Field("body.membership.user.login", "who was added", "ada-lindt", Presence.ALWAYS),
            *_ANY,
        ),
        "team.added_to_repository": (Field("body.team.slug", "the team", "editors"), *_ANY),
        "push": (Field("body.ref", "branch or tag", "refs/heads/main", Presence.ALWAYS), *_ANY),
    },
)
