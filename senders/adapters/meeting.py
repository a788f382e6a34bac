"""What a booked meeting's event has: who booked, what kind of meeting it is, and when."""

from senders.adapters.adapter import Field, Presence
from senders.adapters.record import present
from senders.adapters.submission import ANSWERS, HIDDEN, moment, submission
from senders.shapes import text

MEETING: tuple[Field, ...] = (
    Field("contact.email", "who booked", "ada@meadow.example"),
    Field("contact.name", "who booked", "Ada Lindt"),
    Field("contact.first_name", "first name of who booked", "Ada", Presence.SOMETIMES),
    Field("contact.last_name", "last name of who booked", "Lindt", Presence.SOMETIMES),
    Field("contact.phone", "phone number of who booked", "+49 30 901820", Presence.SOMETIMES),
    Field("form.id", "the kind of meeting", "741202"),
    Field("form.title", "the name of the kind of meeting", "Course advice"),
    *ANSWERS,
    *HIDDEN,
    Field("submission.id", "the booking", "bFJeNb2uX8ANpT3JL5EfXw"),
    Field("submission.status", "the booking's status, in the tool's words", "active"),
    Field("submission.starts_at", "when the meeting begins", "2026-04-20T08:30:00Z"),
    Field("submission.ends_at", "when the meeting ends", "2026-04-20T09:00:00Z"),
)


def meeting(
    id: object,
    status: object,
    starts_at: object,
    ends_at: object,
    submitted_at: object = None,
) -> dict[str, object]:
    """The root `submission` of a booking; times that cannot be read stay as they came."""
    when = {"starts_at": moment(starts_at), "ends_at": moment(ends_at)}
    return {**submission(id, submitted_at), **present({"status": text(status), **when})}
