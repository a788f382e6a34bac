"""`usher rules diff`: what an edit of rules changes, in the rules and for the events that came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from rulebook import Book, Rule
from rulebook.comparing import (
    Act,
    Difference,
    KeyChange,
    Replayed,
    RuleChange,
    compare_rules,
    parameters_changed,
    replay,
)
from usher.failing import FOUND_WRONG, Failed
from usher.given_events import Given
from usher.opening import NothingReceived, opened
from usher.output import document, remark, say
from usher.replaying import newest, samples
from usher.rules_base import LIVE, base_of
from usher.rules_dry_run_command import act_shape
from usher.rules_on_disk import every_rule, files_with_mistakes
from usher.rules_reading import Checked, read_paths
from usher.words import number, span
from workers.rulereview import review
from workers.settings import load_settings

MOST_NAMED: Final = 10
STYLES: Final = {"+": "green", "-": "red", "~": "yellow"}
_STAYS: Final = "Its rules would stay as they are."
_TESTS_FAIL: Final = "What follows is what it would change if its tests passed."


@click.command()
@click.argument("base", default=LIVE)
@click.option(
    "--limit",
    default=1000,
    show_default=True,
    type=click.IntRange(0),
    help="How many stored events to replay, the newest.",
)
@click.option(
    "--rules",
    "path",
    type=click.Path(path_type=Path, exists=True),
    help="The rule file or folder (default: the setting RULES_DIR).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def diff(ctx: click.Context, base: str, limit: int, path: Path | None, as_json: bool) -> None:
    """Say what the rules on disk change: in the rules, and for the events that came.

    BASE is what they are compared with: "live" (if it is not said), a folder, or a commit, branch
    or tag of git. First it says which files would be refused, and why. Part 1 names the keys that
    differ. Part 2 lets both judge the newest stored events and names those for which something
    else would be done; nothing is called.

    Exit codes: 0 nothing differs, 1 something does.
    """
    settings = load_settings()
    checked = read_paths([path] if path else [], settings)
    [tree] = [one.tree for one in checked]
    whole = base_of(base, tree.root, settings)
    # one file is compared with itself, not with all the others
    asked = {*tree.files, *tree.unreadable} if path and path.is_file() else set()
    before = replace(whole, rules=tuple(r for r in whole.rules if not asked or r.file in asked))
    broken = files_with_mistakes(checked)
    # a file with mistakes does not go live: what was live of it stays
    kept = [rule for rule in before.rules if rule.file in broken]
    refused = _refused(checked)
    for file, why in refused.items():
        stays = _STAYS if file in broken else _TESTS_FAIL
        remark(f"{file} would be refused: {why}\n{stays}")
    after = _in_order([*every_rule(checked), *kept])
    changes = compare_rules(before.rules, after)
    events = _events(limit)
    replayed = replay(Book(before.rules), Book(after), samples(events))
    if as_json:
        document({"refused": refused, **_shape(before.name, changes, replayed)})
    else:
        _print_changes(before.name, changes)
        _print_replayed(replayed, events)
    if changes or replayed.differences:
        ctx.exit(FOUND_WRONG)


def _refused(checked: Sequence[Checked]) -> dict[str, str]:
    """The first reason for each file that would not go live: a mistake, or a test that fails."""
    found: dict[str, str] = {}
    for one in checked:
        for problem in one.problems():
            if problem.is_error:
                found.setdefault(problem.file, problem.headline)
        found |= review(one.tree.files, one.vocabulary).refused
    return dict(sorted(found.items()))


def _in_order(rules: Sequence[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: (rule.file, rule.line))


def _events(limit: int) -> list[Given]:
    """The newest stored events; none, and a word about it, where there is no store."""
    if not limit:
        return []
    try:
        with opened() as usher:
            return newest(usher, limit)
    except NothingReceived:
        return []
    except Failed as error:
        remark(f"No event is replayed: {error}")
        return []


def _print_changes(base: str, changes: Sequence[RuleChange]) -> None:
    if not changes:
        say(f"The rules are the same as {base}.")
    width = max((len(change.id) for change in changes), default=0)
    for change in changes:
        sign = "+" if change.before is None else "-" if change.after is None else "~"
        versions = [rule.short_hash for rule in (change.before, change.after) if rule]
        line = f"{sign} {change.id:<{width}}   {' -> '.join(dict.fromkeys(versions))}"
        say(line, style=STYLES[sign])
        _print_keys(change.keys)


def _print_keys(keys: Sequence[KeyChange]) -> None:
    for key in keys:
        say(f"{key.key}   {key.before}  ->  {key.after}", indent=4)


def _print_replayed(replayed: Replayed, events: Sequence[Given]) -> None:
    if not events:
        remark("No stored event was replayed.")
        return
    length = (events[-1].received_at - events[0].received_at).total_seconds()
    say(f"replayed {number(replayed.events, 'stored event')} ({span(length)}):")
    now, gone = replayed.matched_now(), replayed.matched_no_longer()
    other = replayed.other_acts()
    _print_kind(
        f"+{len(now):<4,}", "now match that did not", [_does(one, one.after) for one in now]
    )
    _print_kind(f"-{len(gone):<4,}", "no longer match", [_does(one, one.before) for one in gone])
    _print_kind(
        f"{len(other):<5,}", "same rule, other parameters", [_differs(one) for one in other]
    )
    _print_acts("would now be done", replayed.gained)
    _print_acts("would no longer be done", replayed.lost)


def _print_kind(count: str, what: str, told: Sequence[str]) -> None:
    example = f"   e.g. {told[0]}" if told else ""
    say(f"{count}{what}{example}", indent=4)
    for line in told[1:MOST_NAMED]:
        say(line, indent=12)
    if len(told) > MOST_NAMED:
        say(f"... and {len(told) - MOST_NAMED:,} more: --json has them", indent=12)


def _does(one: Difference, acts: Sequence[Act] | None) -> str:
    done = ", then ".join(act.words for act in acts or ())
    return f"{one.event.name} -> {done or 'nothing'} ({one.rule})"


def _differs(one: Difference) -> str:
    keys = "; ".join(f"{key.key} {key.before} -> {key.after}" for key in parameters_changed(one))
    return f"{one.event.name} {keys} ({one.rule})"


def _print_acts(title: str, acts: Sequence[str]) -> None:
    if not acts:
        return
    say(f"{title}:")
    for words in acts[:MOST_NAMED]:
        say(words, indent=4)
    if len(acts) > MOST_NAMED:
        say(f"... and {len(acts) - MOST_NAMED:,} more: --json has them", indent=4)


def _shape(base: str, changes: Sequence[RuleChange], replayed: Replayed) -> dict[str, Any]:
    return {
        "base": base,
        "rules": [_change_shape(change) for change in changes],
        "events": replayed.events,
        "now_match": [_difference_shape(one) for one in replayed.matched_now()],
        "no_longer_match": [_difference_shape(one) for one in replayed.matched_no_longer()],
        "other_parameters": [_difference_shape(one) for one in replayed.other_acts()],
        "would_now_be_done": list(replayed.gained),
        "would_no_longer_be_done": list(replayed.lost),
    }


def _change_shape(change: RuleChange) -> dict[str, Any]:
    return {
        "rule": change.id,
        "before": change.before.short_hash if change.before else None,
        "after": change.after.short_hash if change.after else None,
        "keys": [{"key": k.key, "before": k.before, "after": k.after} for k in change.keys],
    }


def _difference_shape(one: Difference) -> dict[str, Any]:
    return {
        "event": one.event.name,
        "rule": one.rule,
        "before": None if one.before is None else [act_shape(act) for act in one.before],
        "after": None if one.after is None else [act_shape(act) for act in one.after],
    }
