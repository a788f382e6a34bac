"""What is said of seats in a scratch course. Pure."""

from coursebox.findings import Finding, Mark, soon, span


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
