"""What the rows of tools share whose customers write the webhook's body themselves."""

from senders.preset import Auth, Preset

OWN_BODY = Preset(
    name="",
    auth=Auth.TOKEN,
    id=(("id", "event", "changed_at"),),
    type="event",
    occurred_at=("changed_at",),
    settings=("header", "prefix", "id", "type", "occurred_at", "batch"),
)
# the end of the steps that show such a body
STEPS = (
    "The event's type is event, its time changed_at; id, event and changed_at together tell one "
    "event from another. Where your body says it by other names, name them in sources.yaml as "
    "type, occurred_at and id. Rules find all fields under body."
)
