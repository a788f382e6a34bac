"""What an event says of change: ``previous`` holds old values, ``changed`` lists the fields.

``previous`` mirrors the roots (``previous.deal.status``), ``changed`` holds dotted paths
(``deal.status``); a source may give both, one or none.
"""

from collections.abc import Callable
from datetime import datetime

from rulebook.equality import ValueTest
from rulebook.paths import MISSING, Path, Scope

EventTest = Callable[[object, Scope, datetime], bool]


def becomes(path: Path, same: ValueTest) -> EventTest:
    """A test for a value that fits now and did not before; without word of a change, false."""
    before_of, field = path.under("previous").getter(), path.dotted

    def test(value: object, event: Scope, now: datetime) -> bool:
        if not same(value):
            return False
        before = before_of(event)
        return is_listed(event, field) if before is MISSING else not same(before)

    return test


def changed(path: Path, wanted: bool) -> EventTest:
    """A test for a field that changed, or did not; a field that is not there did not "not"."""
    before_of, field = path.under("previous").getter(), path.dotted

    def test(value: object, event: Scope, now: datetime) -> bool:
        before = before_of(event)
        if is_listed(event, field) or (before is not MISSING and differs(before, value)):
            return wanted
        return not wanted and tells_changes(event) and value is not MISSING and value is not None

    return test


def is_listed(event: Scope, field: str) -> bool:
    """Whether the source lists the field among the changed ones."""
    changed = event.get("changed")
    return isinstance(changed, list) and field in changed


def tells_changes(event: Scope) -> bool:
    """Whether the source says at all what changed."""
    return isinstance(event.get("changed"), list) or isinstance(event.get("previous"), dict)


def differs(before: object, now: object) -> bool:
    """Whether two JSON values differ; missing and null are the same, true and 1 are not."""
    if before is None or before is MISSING:
        return now is not None and now is not MISSING
    if isinstance(before, bool) is not isinstance(now, bool):
        return True
    try:
        return before != now
    except RecursionError:
        return True
