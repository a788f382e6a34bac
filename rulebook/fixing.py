"""Takes mistakes out of a rule file by small edits; comments and layout stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rulebook.cures import Edit, Edits, cures
from rulebook.nodes import plain
from rulebook.problems import Findings, Problem, split_lines
from rulebook.reading import is_rule_file, read_folder
from rulebook.vocabulary import Vocabulary
from rulebook.yaml_reader import read_yaml

# How many characters are read anew while a file is being mended, and how often at least.
MOST_READ: Final = 4_000_000
LEAST_READS: Final = 20

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# What a value is complained of that belongs to another key than it now stands behind.
_MISFITS: Final = frozenset({"S03", "S04", "Y14", "C02", "C03"})


@dataclass(frozen=True, slots=True)
class _State:
    """A text and the errors in it."""

    text: str
    errors: tuple[Problem, ...]

    @property
    def rank(self) -> tuple[bool, int]:
        """The less, the better; a text that cannot be read hides what else is wrong."""
        return any(problem.code.startswith("Y") for problem in self.errors), len(self.errors)


def fix_text(path: str, files: Mapping[str, str], vocabulary: Vocabulary) -> str:
    """The text of the rule file at `path`, with every mistake cured that has one sure cure.

    It never has more errors than before; the text stays the same where nothing can be done.
    `files` are as for `read_folder`.
    """
    return _Fixer(path, files, vocabulary).run(files[path])


def splice(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made, which must not overlap; all else stays byte for byte."""
    starts = [int(text.startswith("\ufeff")), *(end.end() for end in _LINE_END.finditer(text))]
    first_end = _LINE_END.search(text)
    line_end = first_end[0] if first_end else "\n"
    for edit in sorted(edits, reverse=True):
        start = starts[edit.span.line - 1] + edit.span.column - 1
        end = starts[edit.span.end_line - 1] + edit.span.end_column - 1
        text = text[:start] + edit.text.replace("\n", line_end) + text[end:]
    return text


class _Fixer:
    """Tries cures one round after the other, and looks each time what is still wrong."""

    def __init__(self, path: str, files: Mapping[str, str], vocabulary: Vocabulary) -> None:
        self._path = path
        self._beside = {name: text for name, text in files.items() if not is_rule_file(name)}
        self._vocabulary = vocabulary
        self._reads = LEAST_READS

    def run(self, text: str) -> str:
        self._reads = max(LEAST_READS, MOST_READ // max(1, len(text)))
        states = [self._state(text)]
        while states[-1].errors and self._reads > 0:
            better = self._together(states[-1]) or self._one(states[-1])
            if better is None:
                break
            states.append(better)
        most = len(states[0].errors)
        return next(state.text for state in reversed(states) if len(state.errors) <= most)

    def _state(self, text: str) -> _State:
        self._reads -= 1
        reading = read_folder({**self._beside, self._path: text}, self._vocabulary)
        return _State(text, tuple(problem for problem in reading.problems if problem.is_error))

    def _together(self, state: _State) -> _State | None:
        """All sure cures at once, but for those that turn out not to help."""
        lines = split_lines(state.text)
        sure = [ways[0] for problem in state.errors if len(ways := cures(problem, lines)) == 1]
        edits = _apart([edit for edits in sure for edit in edits])
        while len(edits) > 1 and self._reads > 0:
            after = self._state(splice(state.text, edits))
            misfits = _misfits(edits, state, after)
            if not misfits:
                return after if len(after.errors) < len(state.errors) else None
            edits = [edit for edit in edits if edit.span.line not in misfits]
        return None

    def _one(self, state: _State) -> _State | None:
        lines = split_lines(state.text)
        tried = (self._cured(state, problem, lines) for problem in state.errors if self._reads > 0)
        return next(filter(None, tried), None)

    def _cured(self, state: _State, problem: Problem, lines: Sequence[str]) -> _State | None:
        made = [(edits, self._state(splice(state.text, edits))) for edits in cures(problem, lines)]
        ways = [after for edits, after in made if _helps(problem, edits, state, after)]
        best = min(ways, key=lambda after: after.rank, default=None)
        if best is None:
            return None
        as_good = [after for after in ways if after.rank == best.rank]
        return best if all(_content(after) == _content(best) for after in as_good) else None


def _helps(problem: Problem, edits: Edits, before: _State, after: _State) -> bool:
    """Whether the problem is gone, and nothing new came for it."""
    if before.text == after.text or problem in after.errors:
        return False
    if problem.code.startswith("Y"):
        # now more of the file can be read, and what is wrong there was wrong before
        return True
    if len(after.errors) != len(before.errors):
        return len(after.errors) < len(before.errors)
    return not _misfits(edits, before, after)


def _misfits(edits: Iterable[Edit], before: _State, after: _State) -> set[int]:
    """The edited lines in which something new does not fit."""
    edited = {edit.span.line for edit in edits}
    new = set(after.errors) - set(before.errors)
    return {one.line for one in new if one.line in edited and one.code in _MISFITS}


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that do not overlap one before them, each once."""
    chosen: list[Edit] = []
    for edit in sorted(set(edits)):
        last = chosen[-1].span if chosen else None
        start = (edit.span.line, edit.span.column)
        if last is None or start >= (last.end_line, last.end_column):
            chosen.append(edit)
    return chosen


def _content(state: _State) -> object:
    root = read_yaml(state.text, Findings(""))
    return None if root is None else plain(root)
