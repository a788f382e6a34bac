"""Calendly and Cal.com: booked meetings."""

from senders.preset import HASH, Auth, Guide, Preset, SignatureHeader, Timestamp

ROWS: tuple[Preset, ...] = (
    # Its page on webhook signatures asks for a tolerance of three minutes, so three it is: a clock
    # that is further off has to be set right.
    # Somebody can be marked as absent again after the mark was taken back, and a contact or a kind
    # of meeting can be changed twice; a booking happens to an invitee but once.
    Preset(
        name="calendly",
        auth=Auth.HMAC,
        adapter="calendly",
        signature=SignatureHeader(
            "Calendly-Webhook-Signature", separator=",", kv="=", take=("v1",)
        ),
        timestamp=Timestamp(field="t", tolerance=180),
        signed="{ts}.{body}",
        id=(
            ("event", "payload.uri", "payload.no_show.created_at"),
            ("event", "payload.uri", "payload.scheduled_event.uri"),
            ("event", "payload.uri", HASH),
        ),
        occurred_at=("created_at", "payload.created_at"),
        guide=Guide(
            title="Calendly",
            group="bookings",
            steps=(
                "Make a webhook subscription over Calendly's API for invitee.created and "
                "invitee.canceled (and invitee_no_show.created), with the address as url and the "
                "secret as signing_key."
            ),
            link="https://developer.calendly.com/docs/api-guides/"
            "receive-data-from-scheduled-events-in-real-time-with-webhook-subscriptions",
            undocumented=(
                "A meeting that is moved is posted as a new one and a cancelled one; here these "
                "are meeting.rescheduled and meeting.replaced, so that no rule for bookings or "
                "cancellations acts on them.",
                "Calendly sends no identity of an event; the event's name with the addresses of "
                "invitee and meeting counts, for an absence the time of the mark, and for what "
                "is no meeting the whole content.",
                "Whether a repeated post is signed anew is not documented; one with a time of "
                "signing more than 3 minutes old is refused.",
                "How several ticked boxes are written is not documented; the answer's text is "
                "taken as it is.",
            ),
        ),
    ),
    # https://cal.com/docs/developing/guides/automation/webhooks
    # Several people can book the same meeting, each an event with the meeting's uid.
    Preset(
        name="cal-com",
        also=("calcom", "cal.com"),
        auth=Auth.HMAC,
        adapter="cal_com",
        signature=SignatureHeader("X-Cal-Signature-256"),
        id=(
            (
                "triggerEvent",
                "payload.uid",
                "payload.startTime",
                "payload.responses.email.value",
            ),
            ("triggerEvent", "payload.uid", "payload.startTime", "payload.attendees[0].email"),
            ("triggerEvent", "payload.uid", HASH),
        ),
        occurred_at=("createdAt",),
        guide=Guide(
            title="Cal.com",
            group="bookings",
            steps=(
                "Settings, Developer, Webhooks, New. Paste the address as Subscriber URL, choose "
                "Booking Created, Rescheduled and Cancelled, set the secret, and leave the custom "
                "payload template off."
            ),
            link="https://cal.com/docs/developing/guides/automation/webhooks",
            undocumented=(
                "Cal.com sends no identity of an event; the trigger with the booking's uid, its "
                "beginning and the booker's address counts, else the trigger's whole content.",
                "That createdAt stays the same when an event is posted again is not documented; "
                "Cal.com's own program keeps it.",
                "The text of the built-in questions is a name such as your_name; your own "
                "questions have theirs.",
                "Bodies made by a template of your own are not read.",
            ),
        ),
    ),
)
