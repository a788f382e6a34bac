"""What may go live of a rules folder: pure decisions, file by file.

A file is fit when it has no mistake and its inline tests pass. What is not fit leaves its last good
version live, and hurts no other file.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rulebook import Rule, RuleFile, Severity, Vocabulary, read_folder, run_tests

# Under this name a removal is refused that nobody has confirmed.
REMOVAL: Final = "(removal)"
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reading of the folder: files fit to go live, and "file:line:column: why" for the others."""

    good: Mapping[str, RuleFile]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """The rules that are to be live by their file, what is refused and why, what was taken away."""

    live: Mapping[str, tuple[Rule, ...]]
    refused: Mapping[str, str]
    removed: tuple[str, ...]


def review(files: Mapping[str, str], vocabulary: Vocabulary, order: Sequence[str] = ()) -> Reviewed:
    """Reads all rule files and runs their inline tests: a file that fails one is refused.

    Of two files with the same rule id, the one that stands later in `order` is refused.
    """
    reading = read_folder(files, vocabulary, order)
    refused: dict[str, str] = {}
    for problem in reading.problems:
        if problem.severity is Severity.ERROR:
            refused.setdefault(problem.file, problem.headline)
    good = {path: file for path, file in reading.files.items() if path not in refused}
    for path, file in list(good.items()):
        failed = [result for result in run_tests(file) if not result.passed]
        if failed:
            refused[path] = _failing(path, len(failed), failed[0].line, failed[0].name)
            refused[path] += f": {failed[0].message}"
            del good[path]
    return Reviewed(good, refused)


def decide(
    live: Mapping[str, tuple[Rule, ...]],
    found: Reviewed,
    gone: Collection[str],
    *,
    accept_removal: bool = False,
) -> Decision:
    """What follows for the live rules. `gone` are the live files that are not there any more.

    Whatever is live, not gone and not found fit keeps its last good version. More than half of the
    files, and more than one, are not taken away at once unless `accept_removal` says so: it may be
    a volume that is not mounted.
    """
    removed = _removed(live, found.good, gone)
    refused = dict(found.refused)
    spared: Collection[str] = ()
    if not accept_removal and len(removed) > 1 and 2 * len(removed) > len(live):
        refused[REMOVAL] = _too_many(removed, len(live))
        spared = removed
    kept = {
        path: rules
        for path, rules in live.items()
        if path not in found.good and (path not in gone or path in spared)
    }
    good = {path: file.rules for path, file in found.good.items()}
    _part(live, kept, good, refused)
    now = {**kept, **good}
    return Decision(now, refused, tuple(path for path in removed if path not in now))


def _removed(
    live: Mapping[str, tuple[Rule, ...]], good: Mapping[str, RuleFile], gone: Collection[str]
) -> tuple[str, ...]:
    """The files whose going takes rules away; one whose rules stand elsewhere now was renamed."""
    ids = {rule.id for file in good.values() for rule in file.rules}
    return tuple(
        path
        for path in sorted(gone)
        if path in live and not all(rule.id in ids for rule in live[path])
    )


def _part(
    live: Mapping[str, tuple[Rule, ...]],
    kept: dict[str, tuple[Rule, ...]],
    good: dict[str, tuple[Rule, ...]],
    refused: dict[str, str],
) -> None:
    """Refuses files with a rule id that a last good version still has, until no two have the same:
    what is refused may itself have a last good version."""
    while clashes := _clashes(kept, good):
        for path, why in clashes.items():
            refused[path] = why
            del good[path]
            if path in live:
                kept[path] = live[path]


def _clashes(
    kept: Mapping[str, tuple[Rule, ...]], good: Mapping[str, tuple[Rule, ...]]
) -> dict[str, str]:
    owner = {rule.id: path for path, rules in kept.items() for rule in rules}
    return {
        path: f'{path}:{rule.line}: the rule id "{rule.id}" is still used by the last good version '
        f"of {owner[rule.id]}, which stays live until that file is mended or gone"
        for path, rules in good.items()
        for rule in reversed(rules)
        if rule.id in owner
    }


def _failing(path: str, number: int, line: int, name: str) -> str:
    failing = "1 test fails" if number == 1 else f"{number} tests fail"
    return f"{path}:{line}: {failing}: {name}"


def _too_many(removed: Sequence[str], total: int) -> str:
    more = f" and {len(removed) - _SHOWN} more" if len(removed) > _SHOWN else ""
    return (
        f"removal of {len(removed)} of {total} files at once: {', '.join(removed[:_SHOWN])}{more}; "
        "they stay live. If they shall go: `usher rules reload --accept-removal`"
    )
