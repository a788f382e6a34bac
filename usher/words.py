"""What a record says in plain words: times, states, steps. Pure: `now` is an argument.

Times are told in the zone of `now`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from coursebox.outcomes import SENTENCES
from rulebook.actions import CALLBACK
from workers.callbacks import USE
from workers.lookups import LOOKUP
from workers.retry import times
from workers.store import Event, EventState, Run, RunState, Step

_UNITS: Final = ((86_400, "day", "days"), (3600, "h", "h"), (60, "min", "min"))
# Said without their names: what everybody looks for in a step.
_PERSON: Final = ("email", "user_id")
_LONGEST_VALUE: Final = 60
# How the reasons begin of runs that wait, and not for a release of Coursebox.
DELAYED: Final = "waits until "
PARKED: Final = "parked: "


def span(seconds: float) -> str:
    """A length of time in its largest unit, rounded down: "28 s", "3 min", "5 h", "12 days"."""
    whole = max(0, int(seconds))
    for size, one, many in _UNITS:
        if whole >= size:
            count = whole // size
            return f"{count} {one if count == 1 else many}"
    return f"{whole} s"


def age(at: datetime, now: datetime) -> str:
    """How long ago that was; "now" for what is not a second old."""
    seconds = (now - at).total_seconds()
    return span(seconds) if seconds >= 1 else "now"


def clock(at: datetime, now: datetime) -> str:
    """The time of day, with the date where that is not today: "14:03:22"."""
    here = at.astimezone(now.tzinfo)
    return f"{here:%H:%M:%S}" if here.date() == now.date() else f"{here:%Y-%m-%d %H:%M:%S}"


def moment(at: datetime, now: datetime) -> str:
    """Date, time, zone and age: "2026-11-23 14:03:22 CET (28 s ago)"."""
    here = at.astimezone(now.tzinfo)
    told = age(at, now)
    return f"{here:%Y-%m-%d %H:%M:%S %Z} ({'just now' if told == 'now' else told + ' ago'})"


def ahead(at: datetime, now: datetime) -> str:
    """How soon a time to come is: "in 28 s"; one that has passed is "any moment now"."""
    left = (at - now).total_seconds()
    return f"in {span(left)}" if left >= 1 else "any moment now"


def number(count: int, one: str, many: str = "") -> str:
    """The count with its noun: "1 run", "2 runs"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def also(told: str, more: str) -> str:
    """Two things said in one line, whether the first is a sentence of its own or not."""
    return f"{told.rstrip('. ')}; {more}"


def plain(outcome: str) -> str:
    """An outcome as people say it: "created_and_enrolled" -> "created and enrolled"."""
    return outcome.replace("_", " ")


def told(outcome: str) -> str:
    """An outcome with what it means: "invited: an invitation was asked for; ..."."""
    means = SENTENCES.get(outcome)
    return f"{plain(outcome)}: {means}" if means else plain(outcome)


# -- steps and runs ----------------------------------------------------------------------------


def does(step: Step) -> str:
    """What a step does, to whom and where: "enrol ada@mail.example, course 42", or what it tells:
    "callback crm.deal_enrolled, deal 7"."""
    if step.params is None:
        return plain(step.action)
    told = next((name for name in (USE, *_PERSON) if step.params.get(name)), "")
    whom = str(step.params.get(told, ""))
    rest = [
        f"{plain(name.removesuffix('_id'))} {_short(value)}"
        for name, value in step.params.items()
        if name not in (told, *_PERSON) and value is not None
    ]
    return ", ".join([f"{plain(step.action)} {whom}".strip(), *rest])


def does_briefly(step: Step) -> str:
    """The action with the person and the course, or the callback, alone."""
    brief = ("course_id", USE)
    kept = {name: value for name, value in (step.params or {}).items() if name in brief}
    return does(Step(step.id, step.action, {**_person(step), **kept}))


def _person(step: Step) -> Mapping[str, Any]:
    return {name: step.params[name] for name in _PERSON if step.params and step.params.get(name)}


def _short(value: object) -> str:
    text = _said(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _said(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return ", ".join(f"{name} {_said(each)}" for name, each in value.items())
        case list() | tuple():
            return ", ".join(_said(each) for each in value)
        case _:
            return str(value)


def came_to(step: Step) -> str:
    """How far a step is: its outcome, or how often it was tried, and what was seen at that."""
    if step.done:
        return f"{plain(step.outcome)} ({step.detail})" if step.detail else plain(step.outcome)
    told = f"tried {times(step.tries)}, not done" if step.tries else "not begun"
    return f"{told} ({step.detail})" if step.detail else told


def learner(run: Run) -> str:
    """Whom a run is about, as far as its steps say."""
    people = (str(person) for step in run.steps for person in _person(step).values())
    return next(people, "")


def brief(run: Run, due: datetime | None, hold: str, now: datetime) -> str:
    """What a run came to, or what it waits for: for a line of a list, beside its state."""
    match run.state:
        case RunState.FINISHED if run.steps:
            return ", ".join(plain(step.outcome) for step in run.steps)
        case RunState.WAITING if hold and _is_held(run):
            return hold
        case RunState.WAITING if run.reason.startswith(DELAYED):
            return run.reason
        case RunState.WAITING if due:
            return f"until {clock(due, now)}: {run.reason}"
        case _:
            return run.reason or ", ".join(plain(step.action) for step in run.steps)


def waits(run: Run, due: datetime | None, hold: str, now: datetime) -> str:
    """Until when a waiting run waits, and why."""
    if hold and _is_held(run):
        return f"waiting for the release of a hold: {hold}"
    if due and run.reason.startswith(DELAYED):
        return f"{run.reason}, {ahead(due, now)}"
    told = "waiting"
    if due:
        soon = ahead(due, now)
        told = f"waiting until {clock(due, now)} ({soon})" if due > now else f"going on {soon}"
    return f"{told}: {run.reason}" if run.reason else told


def _is_held(run: Run) -> bool:
    """What is delayed, parked or only told to others does not wait for a release of Coursebox."""
    left = next((step for step in run.steps if not step.done), None)
    if left is not None and left.action == CALLBACK:
        return False
    return not run.reason.startswith((DELAYED, PARKED, LOOKUP))


def state(run: Run, due: datetime | None, hold: str, workers: int, now: datetime) -> str:
    """The state of a run in a sentence.

    `hold` says why its destination is on hold ("" = it is not), `workers` how many are alive.
    """
    match run.state:
        case RunState.FINISHED:
            return f"finished{_at(run, now)}{': ' + run.reason if run.reason else ''}"
        case RunState.SKIPPED:
            return f"skipped{_at(run, now)}: {run.reason}"
        case RunState.CANCELLED:
            return f"{run.reason},{_at(run, now)}"
        case RunState.DEAD:
            return f"gave up{_at(run, now)}: {run.reason}"
        case RunState.WAITING:
            return waits(run, due, hold, now)
        case RunState.WORKING:
            return "being carried out" if workers else "its worker has gone; the next takes it over"
        case RunState.READY:
            return f"ready for a worker{': ' + run.reason if run.reason else ''}"


def _at(run: Run, now: datetime) -> str:
    return f" {moment(run.finished_at, now)}" if run.finished_at else ""


NO_WORKER: Final = "No worker is running: start one with `usher up` or `usher worker`."


# -- events ------------------------------------------------------------------------------------


def outcome(event: Event, due: datetime | None, now: datetime) -> str:
    """What became of an event, in a sentence."""
    match event.state:
        case EventState.FINISHED:
            return f"finished: {number(len(event.runs), 'run')}"
        case EventState.IGNORED if event.runs:
            return "ignored: there was nothing to be done"
        case EventState.IGNORED:
            return "ignored: no rule wanted it"
        case EventState.DEAD if event.runs:
            return "dead: a run of it gave up"
        case EventState.DEAD:
            return f"dead: it could not be given to the rules: {event.reason}"
        case EventState.PENDING:
            return f"pending: {_pending(event, due, now)}"


def _pending(event: Event, due: datetime | None, now: datetime) -> str:
    if event.runs:
        runs = len(event.runs)
        return "its run has not ended" if runs == 1 else f"not all of its {runs} runs have ended"
    if event.failures and due:
        tried = f"tried {times(event.failures)}: {event.reason}"
        return f"it is given to the rules again {ahead(due, now)}: {tried}"
    return "not yet given to the rules"
