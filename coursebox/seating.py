"""What is said of seats in a scratch course. Pure."""

from coursebox.errors import CourseboxError, Kind
from coursebox.findings import Finding, Mark, failed, soon, span


def not_enrolled(key: str, name: str, error: CourseboxError) -> Finding:
    """What is said where enrolUser fails; the list of the course says whether it was done."""
    follows = "The list of the course says whether it was done."
    if error.kind is Kind.ALREADY_EXISTS:
        does = f"refused, and it says that the learner is there (HTTP {error.status})"
        return Finding(key, name, does, follows, Mark.NOT_TOLD)
    if error.kind is Kind.SERVER_ERROR:
        does = f"HTTP {error.status} without a word of why"
        return Finding(key, name, does, follows, Mark.NOT_TOLD)
    return failed(key, name, error, follows)


def listing(took: float | None, waited: float) -> Finding:
    key, name = "listing", "Until listed"
    if took is None:
        does = f"not in the list {span(waited)} later"
        follows = "Usher cannot see what it did here."
        return Finding(key, name, does, follows, Mark.BAD)
    follows = "Usher looks once before it enrols, and again after an unclear answer."
    return Finding(key, name, soon(took), follows)


def enrolled_twice(again: Finding, rows: int) -> Finding:
    if rows > 1:
        follows = "Usher looks first, so it asks for no second one; a removal must take both."
        return Finding(again.key, again.name, f"listed {rows} times", follows, Mark.NOTED)
    if again.mark is Mark.NOT_TOLD:
        follows = "Usher reads the list after it, and counts who is there as enrolled."
        return Finding(again.key, again.name, again.does.removeprefix("not told: "), follows)
    return Finding(again.key, again.name, "does nothing, and says it is well", "It does no harm.")
