"""`usher rules explain`: why a rule does, or does not do, something for an event."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import get_terminal_size
from typing import Any, Final

import click

from rulebook import Rule
from rulebook.explaining import Explanation
from rulebook.explaining import explain as explained
from rulebook.planning import NOT_DONE, Planned, PlannedStep
from rulebook.told import Told
from rulebook.values import shown
from rulebook.written import UnreadableError, length, read_written, written
from senders.moments import read_moment
from usher.failing import Failed
from usher.given_events import Given, Wanted, give
from usher.output import document, facts, on_terminal, remark, say
from usher.rules_on_disk import beside, every_rule, remark_on_mistakes, the_rule
from usher.rules_reading import read_paths
from usher.shapes import iso, without_secrets
from usher.words import PARKED
from usher.words import number as counted
from workers.portals import DEFAULT
from workers.settings import load_settings
from workers.store import Run, RunState

STEP: Final = 3
# of the runs of one event, how many are told of
MOST_RUNS: Final = 3


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[RULE] EVENT")
@click.option(
    "--rules",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The rule files or folder (default: the setting RULES_DIR).",
)
@click.option("--source", help="Whose delivery a file holds: a name of sources.yaml, or a preset.")
@click.option("--number", type=click.IntRange(1), help="Which event of the delivery in a file.")
@click.option(
    "--lookups",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with the answers of look-ups by their names in the rule.",
)
@click.option("--at", help="When an event in a file was received (default: now).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain(
    words: Sequence[str],
    paths: Sequence[Path],
    source: str | None,
    number: int | None,
    lookups: Path | None,
    at: str | None,
    as_json: bool,
) -> None:
    """Say why a rule does, or does not do, something for an event; nothing is carried out.

    RULE is the id of a rule in the files on disk; without it, every rule about that source and
    type speaks. EVENT is the id of a stored event (or its end), "last" for the newest, or a file:
    an event as rules see it, {source, type, raw}, or a delivery as its sender posts it. Files need
    neither Redis nor secrets.

    Nothing is looked up: answers are those that the event's own run was given, or of --lookups.
    """
    if len(words) > 2:
        raise click.UsageError("give a rule and an event, or an event alone")
    settings = load_settings()
    checked = read_paths(paths, settings)
    rules = every_rule(checked)
    rule = the_rule(words[0], rules, checked) if len(words) == 2 else None
    pairs = [
        (when.source, when.event) for each in rules if rule in (None, each) for when in each.when
    ]
    given = give(Wanted(words[-1], source, number, _moment(at), pairs), settings)
    about = [rule] if rule else _about(given, rules)
    canned = _canned(lookups)
    if rule is None:
        remark_on_mistakes(checked)
    found = [_explained(each, given, canned, beside(each, checked)) for each in about]
    if as_json:
        shapes = [explanation_shape(each, given) for each in found]
        document(shapes[0] if rule else shapes)
        return
    _print(found, given, alone=rule is not None)


def _explained(
    rule: Rule, given: Given, canned: Mapping[str, object], file: Sequence[Rule]
) -> Explanation:
    """With the answers of a file, else those that the event's own runs were given."""
    answers = {**given.looked_up.get(rule.id, {}), **canned}
    return explained(rule, given.form, given.received_at, lookups=answers, beside=file)


def _about(given: Given, rules: Sequence[Rule]) -> list[Rule]:
    subject = (given.source, given.type)
    return [rule for rule in rules if any((w.source, w.event) == subject for w in rule.when)]


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = read_moment(text)
    if moment is None:
        raise click.BadParameter(f"{text!r} is no time such as 2026-04-15T10:00:00Z")
    return moment.astimezone(UTC)


def _canned(path: Path | None) -> dict[str, object]:
    """The answers of look-ups by name."""
    if path is None:
        return {}
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        found = json.loads(text) if path.suffix == ".json" else read_written(text)
    except UnreadableError as error:
        raise Failed(f"{path}:{error.line}: {error.message}") from None
    except (ValueError, RecursionError) as error:
        raise Failed(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Failed(f"{path}: answers are written like {{contacts: [{{email: a@b.example}}]}}")
    return found


def _print(found: Sequence[Explanation], given: Given, *, alone: bool) -> None:
    if not alone:
        say(f"{given.name}: {given.type} of {given.source}, {counted(len(found), 'rule')} about it")
    if not found:
        remark("No rule is about that source and type.")
    for place, one in enumerate(found):
        if place or not alone:
            say()
        _print_explanation(one, given)


def _print_explanation(one: Explanation, given: Given) -> None:
    """The explanation in lines, as a person reads it, with what became of a stored event."""
    where = "" if one.rule.account == DEFAULT else f", account {one.rule.account}"
    say(f"rule {one.rule.id} (version {one.rule.short_hash}{where})", style="bold")
    for line in one.told:
        _print_told(line, 2)
    say(one.reason, style="green" if one.matched else "")
    then, stopped = _said_then(one, given), _stopped(one, given)
    if then and then != one.reason:
        say(f"when it came, the rule said {then}")
    for run in stopped[:MOST_RUNS]:
        say(f"its run {run.id}: {_came_to(run)}")
    if len(stopped) > MOST_RUNS:
        say(f"... and {len(stopped) - MOST_RUNS:,} more: --json has them")
    if one.fault:
        say(f"it cannot be carried out: {one.fault}")
    elif one.planned:
        say(_heading(one, stopped=bool(stopped)))
        for planned in one.planned:
            _print_planned(planned)


def _said_then(one: Explanation, given: Given) -> str:
    """What the rule said of a stored event when it came; empty where it was not asked."""
    said = given.stored.verdicts if given.stored else ()
    return next((each.reason for each in said if each.rule == one.rule.id), "")


def _stopped(one: Explanation, given: Given) -> list[Run]:
    """The runs of the rule for a stored event that were skipped, parked or cancelled."""
    return [run for run in given.runs if run.rule == one.rule.id and _came_to(run)]


def _came_to(run: Run) -> str:
    """How a run was stopped, and why; empty where it was not."""
    if run.state is RunState.SKIPPED:
        return f"skipped: {run.reason}"
    # these reasons begin with the word
    parked = run.state is RunState.WAITING and run.reason.startswith(PARKED)
    return run.reason if parked or run.state is RunState.CANCELLED else ""


def _print_told(line: Told, indent: int) -> None:
    """A line; on a terminal that is too narrow for it, the note stands below."""
    indent += STEP * line.depth
    text = str(line).strip()
    if line.note and on_terminal() and indent + len(text) > get_terminal_size().columns:
        text, _, note = text.rpartition("   <- ")
        say(text, indent=indent)
        say(f"<- {note}", indent=indent + 2 * STEP)
    else:
        say(text, indent=indent)


def _heading(one: Explanation, *, stopped: bool) -> str:
    dry = " (dry_run: it is written down, and nothing is called)" if one.rule.dry_run else ""
    if one.matched and stopped:
        return f"but for that, it would do{dry}:"
    return f"it does{dry}:" if one.matched else f"if it matched, it would do{dry}:"


def _print_planned(planned: Planned) -> None:
    indent = 2
    if planned.key:
        say(f"item {planned.key}: {shown(planned.item)}", indent=indent)
        indent += STEP
    if planned.once:
        left_out = f", left out: {planned.left_out}" if planned.left_out else ""
        say(f"once per: {planned.once}{left_out}", indent=indent)
    if planned.error:
        say(planned.error, indent=indent)
    for step in planned.steps:
        say(_step_line(step), indent=indent)
        for line in step.only_if:
            _print_told(line, indent + STEP)
        facts(_parameters(step), indent=indent + STEP)


def _step_line(step: PlannedStep) -> str:
    named = f" ({step.id})" if step.id != step.action else ""
    after = f" after {length(step.after)}" if step.after else ""
    left_out = ", left out: only_if does not hold" if not step.wanted else ""
    left_out = f", if only_if holds ({step.unknown})" if step.unknown else left_out
    fails = f": {_error(step)}" if step.error else ""
    return f"{step.action}{named}{after}{left_out}{fails}"


def _error(step: PlannedStep) -> str:
    return step.error if step.error.startswith(NOT_DONE) else f"fails, {step.error}"


def _parameters(step: PlannedStep) -> Iterator[tuple[str, str]]:
    for name, value in (step.parameters or {}).items():
        yield name, written(value)


def explanation_shape(one: Explanation, given: Given) -> dict[str, Any]:
    """An explanation as JSON."""
    return {
        "rule": one.rule.id,
        "version": one.rule.short_hash,
        "file": one.rule.file,
        "line": one.rule.line,
        "dry_run": one.rule.dry_run,
        "account": one.rule.account,
        "event": {
            "name": given.name,
            "source": given.source,
            "type": given.type,
            "received_at": iso(given.received_at),
        },
        "matched": one.matched,
        "reason": one.reason,
        "reason_then": _said_then(one, given) or None,
        "stopped_runs": [{"run": r.id, "why": _came_to(r)} for r in _stopped(one, given)],
        "conditions": [_told_shape(line) for line in one.told],
        "error": one.fault or None,
        "items": [
            {
                "key": planned.key,
                "item": without_secrets(planned.item),
                "once_per": planned.once or None,
                "left_out": planned.left_out or None,
                "error": planned.error or None,
                "steps": [_step_shape(step) for step in planned.steps],
            }
            for planned in one.planned
        ],
    }


def _told_shape(line: Told) -> dict[str, Any]:
    return {
        "ok": line.ok,
        "text": line.text,
        "note": line.note or None,
        "depth": line.depth,
        "field": line.field or None,
        "comparison": line.comparison or None,
        "wanted": line.wanted,
        "found": without_secrets(line.found),
    }


def _step_shape(step: PlannedStep) -> dict[str, Any]:
    parameters: Mapping[str, object] | None = step.parameters
    return {
        "id": step.id,
        "action": step.action,
        "parameters": None if parameters is None else dict(parameters),
        "error": step.error or None,
        "after_seconds": step.after,
        "wanted": None if step.unknown else step.wanted,
        "only_if": [_told_shape(line) for line in step.only_if],
    }
