"""What a later test changes in the first test's event."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from rulebook.fields import field_problem
from rulebook.nodes import Block, plain
from rulebook.page import Page
from rulebook.paths import EACH, Path, PathError, parse_path
from rulebook.value_checks import report_field

REMOVED: Final = "(removed)"

Event = dict[str, Any]


def with_changes(event: Event | None, changes: Block, page: Page) -> Event:
    """A copy of the event with the values under `change`; complains of what cannot be changed."""
    changed = deepcopy(event or {})
    for entry in changes.entries:
        span = entry.key.span
        try:
            path = parse_path(entry.key.text)
        except PathError as error:
            page.findings.error(span, "S08", f'"change": {error.message}', help=error.help)
            continue
        wrong = field_problem(path)
        if wrong:
            report_field(wrong, span, page)
        if wrong or event is None:
            continue
        try:
            _change(changed, path, plain(entry.value))
        except LookupError as error:
            page.findings.error(span, "S08", f'"change": {error.args[0]}')
    return changed


def _change(event: Event, path: Path, value: object) -> None:
    if EACH in path.steps:
        raise LookupError("[] names every item; name one, such as [0]")
    here: Any = event
    for step, following in zip(path.steps, path.steps[1:], strict=False):
        here = _step_into(here, step, following, path)
    last = path.steps[-1]
    there = _has(here, last)
    if value == REMOVED:
        if not there:
            raise LookupError(f"the event has no {path.text} that could be removed")
        del here[last]
    elif isinstance(here, list) and not there:
        raise LookupError(f"the event has no list that reaches {path.text}")
    else:
        here[last] = value


def _step_into(here: Any, step: object, following: object, path: Path) -> Any:
    if not _has(here, step) or here[step] is None:
        if isinstance(here, list) or not isinstance(following, str):
            raise LookupError(f"the event has no list that reaches {path.text}")
        here[step] = {}
    inner = here[step]
    if not isinstance(inner, list if isinstance(following, int) else dict):
        raise LookupError(f"the event has no {path.text}, as there is no block or list before it")
    return inner


def _has(here: Any, step: object) -> bool:
    if isinstance(here, list):
        return isinstance(step, int) and step < len(here)
    return step in here
