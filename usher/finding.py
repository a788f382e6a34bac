"""Finding a record by what a person gives of its id: its beginning, or its last characters."""

from collections.abc import Iterable
from typing import Final

from usher.failing import FOUND_WRONG, Failed
from workers.store import Archive, Event, Run

# what a list on a terminal shows of an id
SHOWN: Final = 8
SHORTEST_END: Final = 6
MOST_TOLD: Final = 5


def short(id_: str) -> str:
    """The end of an id: enough to tell records apart, and to find them by."""
    return id_[-SHOWN:]


def fits(wanted: str, id_: str) -> bool:
    """Whether that is the beginning of the id (with "evt_" or without), or the end of it."""
    part, whole = wanted.strip().casefold(), id_.casefold()
    bare = whole.partition("_")[2]
    at_end = len(part) >= SHORTEST_END and whole.endswith(part)
    return bool(part) and (whole.startswith(part) or bare.startswith(part) or at_end)


def find_event(archive: Archive, wanted: str) -> Event:
    """The one event of that id; Failed when there is none, or more than one."""
    found = archive.event(wanted)
    if found:
        return found
    _refuse_kind(wanted, "run_", "is the id of a run", f"usher runs show {wanted}")
    events = archive.events(MOST_TOLD + 1, lambda event: fits(wanted, event.id))
    only_id(wanted, (event.id for event in events), "event", "usher events list")
    return events[0]


def find_run(archive: Archive, wanted: str) -> Run:
    """The one run of that id; Failed when there is none, or more than one."""
    found = archive.run(wanted)
    if found:
        return found
    _refuse_kind(wanted, "evt_", "is the id of an event", f"usher events show {wanted}")
    runs = archive.runs(MOST_TOLD + 1, lambda run: fits(wanted, run.id))
    only_id(wanted, (run.id for run in runs), "run", "usher runs list")
    return runs[0]


def only_id(wanted: str, ids: Iterable[str], kind: str, listing: str) -> str:
    """The single id among those that fit; Failed that says what there is instead."""
    found = list(ids)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Failed(f"There is no {kind} {wanted!r}.", f"`{listing}` shows them.", FOUND_WRONG)
    told = "\n".join(f"  {id_}" for id_ in found[:MOST_TOLD])
    more = "\n  ..." if len(found) > MOST_TOLD else ""
    raise Failed(
        f"{wanted!r} stands for more than one {kind}; give more of it:", told + more, FOUND_WRONG
    )


def _refuse_kind(wanted: str, prefix: str, what: str, instead: str) -> None:
    if wanted.casefold().startswith(prefix):
        raise Failed(f"{wanted} {what}.", f"Say: {instead}", FOUND_WRONG)
