"""A rule file while it is being checked: its text, its problems, and what lies around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rulebook.fields import FieldProblem, field_problem
from rulebook.given import Pair, never_given
from rulebook.looked_up import result_problem, too_early
from rulebook.nodes import Span, shortened
from rulebook.paths import Path
from rulebook.problems import Findings
from rulebook.rule import DEFAULT_ACCOUNT
from rulebook.spelling import did_you_mean, nearest
from rulebook.tables import Table
from rulebook.vocabulary import LookupShape, Vocabulary


@dataclass(slots=True)
class Page:
    """What the checks of one file share. A table that could not be read is there, but empty.

    Where its tables cannot be told, `knows_tables` is false; `missing` are those complained of.
    `pairs` are the sources and event types that the rule in hand waits for; `lookups` are the
    results of look-ups that are there by now, `later` the names of all that the rule has.
    `account` is the Coursebox account of the file, `opened` the guarded attributes that the rule in
    hand may change there.
    """

    path: str
    lines: Sequence[str]
    findings: Findings
    files: Mapping[str, str]
    vocabulary: Vocabulary
    tables: dict[str, Table] = field(default_factory=dict)
    knows_tables: bool = True
    missing: set[str] = field(default_factory=set)
    pairs: Sequence[Pair] = ()
    lookups: dict[str, LookupShape] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    account: str = DEFAULT_ACCOUNT
    opened: frozenset[str] = frozenset()

    def wrong_field(self, path: Path, *, has_item: bool = False) -> FieldProblem | None:
        """What is wrong with a field that the rule in hand speaks of."""
        if path.root in self.lookups:
            return result_problem(path, self.lookups[path.root])
        wrong = field_problem(path, has_item=has_item)
        if wrong and path.root in self.later:
            return too_early(path)
        return wrong or never_given(path, self.pairs, self.vocabulary)

    def near(self, name: str, suffix: str, span: Span) -> str | None:
        """The path in the tree of a file that the rule file names; complains if there is none."""
        help, near = None, None
        if not name.endswith(suffix):
            message = f'"{shortened(name)}" is not a {suffix} file'
        elif not inside(name):
            message = f'"{shortened(name)}" leads out of the rules folder'
            help = 'write the path from this file on, without "..", such as tables/courses.csv'
        else:
            found = next((path for path in candidates(self.path, name) if path in self.files), None)
            if found:
                return found
            message = f'there is no file "{shortened(name)}"'
            help = f"looked in the rules folder for {' and '.join(candidates(self.path, name))}"
            near = self._nearest(name, suffix)
        self.findings.error(span, "R04", message, label=did_you_mean(near), help=help)
        return None

    def _nearest(self, name: str, suffix: str) -> str | None:
        """A file that is there and is spelt almost like this one, or lies in another folder."""
        there = sorted(path for path in self.files if path.endswith(suffix))
        last = PurePosixPath(name).name
        moved = next((path for path in there if PurePosixPath(path).name == last), None)
        return moved or nearest(name, there)


def inside(name: str) -> bool:
    """Whether a path stays in its folder: no absolute path, no "..", no Windows separators."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def candidates(path: str, name: str) -> tuple[str, ...]:
    """Where a file may lie that the rule file at `path` names: beside it, or from the root on."""
    beside = (PurePosixPath(path).parent / name).as_posix()
    return tuple(dict.fromkeys((beside, PurePosixPath(name).as_posix())))
