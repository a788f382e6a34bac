"""What the events of forms and bookings have in common, as the catalogue tells it."""

from senders.adapters.adapter import Field, Presence

EMAIL = "ada.lindt@harbour.example"

ANSWERS: tuple[Field, ...] = (
    Field("answers.email", "the e-mail address given in the form", EMAIL),
    Field("answers.*", "an answer, by its reference or by the question's text", "Safety Basics"),
)
HIDDEN = Field("hidden.*", "what came along unseen, by its name", "spring", Presence.SOMETIMES)
MEETING: tuple[Field, ...] = (
    Field("contact.email", "who booked", EMAIL),
    Field("contact.name", "who booked", "Ada Lindt"),
    Field("contact.first_name", "first name of who booked", "Ada", Presence.SOMETIMES),
    Field("contact.last_name", "last name of who booked", "Lindt", Presence.SOMETIMES),
    Field("contact.phone", "phone number of who booked", "+49 30 901820", Presence.SOMETIMES),
    *ANSWERS,
    HIDDEN,
)


def form(
    identity: object, title: object | None = None, present: Presence = Presence.ALWAYS
) -> tuple[Field, ...]:
    """`form.id` and, where the tool tells it, `form.title`, with these examples."""
    fields = (Field("form.id", "the form's identity", identity, present),)
    return fields if title is None else (*fields, Field("form.title", "the form's name", title))


def submission(identity: object, *times: str) -> tuple[Field, ...]:
    """`submission.id` with this example, and the times of it that the tool tells."""
    return (
        Field("submission.id", "the identity of what was sent in", identity, Presence.ALWAYS),
        *(Field(f"submission.{name}", _MEANINGS[name], "2026-04-15T10:00:00Z") for name in times),
    )


_MEANINGS = {
    "submitted_at": "when it was sent in",
    "landed_at": "when the form was opened",
    "starts_at": "when the meeting begins",
    "ends_at": "when the meeting ends",
}
