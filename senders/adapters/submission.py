"""What every form tool's event has: the form, its answers, and how it was sent in."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.record import present
from senders.moments import iso, read_moment
from senders.shapes import text

SUBMITTED = "form.submitted"

FORM = (
    Field("form.id", "the tool's number of the form", "lT4Z3j", Presence.ALWAYS),
    Field("form.title", "the form's name", "Sign up for a course"),
)
# where whoever sets up the webhook decides whether the form is named
FORM_IF_NAMED = tuple(replace(field, present=Presence.USUALLY) for field in FORM)
ANSWERS = (
    Field("answers.email", "the answer to the question called email", "ada@meadow.example"),
    Field("answers.*", "an answer, by the question's key or by its text", "Safety Basics"),
)
HIDDEN = (Field("hidden.*", "a hidden field of the form", "spring", Presence.SOMETIMES),)
SUBMISSION_ID = Field("submission.id", "the tool's number of this response", "n9BX25")
SUBMITTED_AT = Field("submission.submitted_at", "when it was sent in", "2026-04-15T10:00:00Z")
LANDED_AT = Field("submission.landed_at", "when the form was opened", "2026-04-15T09:58:12Z")
SENT_IN = (SUBMISSION_ID, SUBMITTED_AT)


def form_tool(roots: Callable[[object, str], dict[str, object]], *fields: Field) -> Adapter:
    """The adapter of a tool that only ever tells of a form that was sent in, with these fields."""
    return Adapter(
        types=frozenset({SUBMITTED}),
        event_type=_submitted,
        roots=roots,
        catalogue={"*": fields},
    )


def _submitted(body: object, said: str | None) -> str | None:
    return SUBMITTED if isinstance(body, dict) else None


def form(id: object, title: object = None) -> dict[str, object]:
    """The root `form`."""
    return present({"id": text(id), "title": (text(title) or "").strip() or None})


def submission(
    id: object, submitted_at: object = None, landed_at: object = None
) -> dict[str, object]:
    """The root `submission`; times that cannot be read stay as they came."""
    return present(
        {"id": text(id), "submitted_at": moment(submitted_at), "landed_at": moment(landed_at)}
    )


def moment(value: object) -> object:
    """ISO 8601 in UTC where the value is a time, else the text as it came."""
    found = read_moment(value)
    return text(value) if found is None else iso(found)


def joined(values: Iterable[object], between: str = ", ") -> str | None:
    """The single values that are not blank, as one text; None if there are none."""
    found = (text(value) for value in values)
    return between.join(value.strip() for value in found if value and value.strip()) or None


def texts(values: object) -> list[object]:
    """Ticked boxes as texts: the single values of a list, or of an object numbered like one."""
    items = list(values.values()) if isinstance(values, dict) else values
    return [item for item in items if text(item) is not None] if isinstance(items, list) else []
