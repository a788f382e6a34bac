"""The runs that a rule makes of what it sees, and what is asked before each may begin."""

from collections.abc import Mapping
from typing import Any, Final

from rulebook import RenderError, Rule
from rulebook.steps import Limit
from workers.store import AT_ONCE, Admission, NewRun, Step

_UNITS: Final = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def runs_of(
    rule: Rule, scope: Mapping[str, Any], *, dry_run: bool, parent: str = ""
) -> list[NewRun]:
    """One run for each item. What cannot even be split is a run that says why, and becomes a dead
    letter."""
    try:
        items = [(item.key, item.value) for item in rule.items(scope)]
    except RenderError as error:
        return [_run(rule, dry_run=dry_run, parent=parent, fault=str(error))]
    return [_of_item(rule, scope, item, dry_run=dry_run, parent=parent) for item in items]


def run_to_prepare(rule: Rule, *, dry_run: bool) -> NewRun:
    """The one run of a rule that has to look things up before it knows what there is to do."""
    return _run(rule, dry_run=dry_run, prepare=True)


def admission_of(rule: Rule, scope: Mapping[str, Any], item: object, *, dry_run: bool) -> Admission:
    """What is asked before a run may begin. A dry run is asked nothing: it takes nothing from the
    runs that come once the rule is live. Raises RenderError."""
    if dry_run:
        return AT_ONCE
    once, limit = rule.once_key(scope, item), rule.limit
    return Admission(
        once=once.key if once else None,
        within=once.within if once else None,
        runs=limit.runs if limit else None,
        per=limit.per if limit else None,
        told=_told(limit) if limit else "",
        owner=rule.owner or "",
    )


def _told(limit: Limit) -> str:
    return f"{limit.runs:,} run{'' if limit.runs == 1 else 's'} in {length(limit.per)}"


def length(seconds: float) -> str:
    """A length of time as rules write it: "3 days", "90 seconds"."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0 or size == 1)
    count = seconds / size
    return f"{count:g} {unit}{'' if count == 1 else 's'}"


def _of_item(
    rule: Rule,
    scope: Mapping[str, Any],
    item: tuple[str, object],
    *,
    dry_run: bool,
    parent: str,
) -> NewRun:
    try:
        asked, fault = admission_of(rule, scope, item[1], dry_run=dry_run), ""
    except RenderError as error:
        asked, fault = AT_ONCE, str(error)
    return _run(rule, item, dry_run=dry_run, parent=parent, fault=fault, admission=asked)


def _run(
    rule: Rule,
    item: tuple[str, object] = ("", None),
    *,
    dry_run: bool,
    prepare: bool = False,
    parent: str = "",
    fault: str = "",
    admission: Admission = AT_ONCE,
) -> NewRun:
    return NewRun(
        rule=rule.id,
        rule_name=rule.name,
        rule_hash=rule.hash,
        file=rule.file,
        line=rule.line,
        item_key=item[0],
        item=item[1],
        steps=tuple(Step(step.id, step.action) for step in rule.steps),
        fault=fault,
        dry_run=dry_run,
        priority=rule.priority,
        prepare=prepare,
        admission=admission,
        parent=parent,
        engine=rule.body["engine"],
        account=rule.account,
    )
