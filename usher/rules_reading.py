"""Rule files as the commands of `usher rules` read them: texts, rules, and everything wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import click

from rulebook import Problem, Reading, Severity, Span, Vocabulary, in_order, is_rule_file
from rulebook import read_folder as read_rules
from rulebook.vocabulary import CallbackShape, LookupShape
from senders.sources import SourcesError
from usher.failing import Failed
from usher.output import remark
from workers.callbacks_file import load_callback_shapes
from workers.lookups import LookUpsError
from workers.lookups_file import load_shapes
from workers.portal_settings import known_policies
from workers.rulefiles import Tree, read_one, read_tree
from workers.settings import Settings, environment, load_settings
from workers.sources_file import load_names, vocabulary

ENDINGS: Final = frozenset({".yaml", ".yml"})
_UNCHECKED: Final = "The names of sources are not checked: there is no {} (SOURCES_FILE)."


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder or file as read: its texts, what they hold, and what is wrong; paths as shown.

    `more` are problems that a command found beyond those of reading.
    """

    tree: Tree
    reading: Reading
    vocabulary: Vocabulary
    more: tuple[Problem, ...] = field(default=())

    def problems(self) -> tuple[Problem, ...]:
        """Every problem, those of files that cannot be opened included."""
        closed = (
            Problem(path, Span.of(1, 1), Severity.ERROR, "Y25", f"this file cannot be read: {why}")
            for path, why in self.tree.unreadable.items()
        )
        return in_order((*self.reading.problems, *closed, *self.more))

    def with_texts(self, texts: Mapping[str, str]) -> Checked:
        """The same folder where some files have other texts."""
        files = {**self.tree.files, **texts}
        reading = read_rules(files, self.vocabulary)
        return replace(self, tree=replace(self.tree, files=files), reading=reading)

    def with_more(self, problems: Iterable[Problem]) -> Checked:
        """The same with problems that were found beyond those of reading."""
        return replace(self, more=(*self.more, *problems))

    def without(self, codes: Collection[str]) -> Checked:
        """The same without the problems of reading that have one of these codes."""
        kept = tuple(each for each in self.reading.problems if each.code not in codes)
        return replace(self, reading=replace(self.reading, problems=kept))

    def shown(self, file: str) -> str:
        """A path of the tree as it leads there from the working directory."""
        return (self.tree.root / file).as_posix()

    @property
    def rule_files(self) -> tuple[str, ...]:
        """The paths of the rule files, also of those that cannot be used."""
        return tuple(path for path in sorted(self.tree.files) if is_rule_file(path))


def paths_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """PATHS: rule files or folders of them."""
    return click.argument("paths", nargs=-1, type=click.Path(path_type=Path))(command)


def read_paths(paths: Sequence[Path], settings: Settings | None = None) -> list[Checked]:
    """Rule files and folders, or the folder of RULES_DIR; files of one folder are read together.

    Raises Failed where there is nothing to read.
    """
    settings = settings or load_settings()
    trees: dict[Path, Tree] = {}
    for path in paths or [settings.rules_dir]:
        tree = _tree(path, settings.rules_dir)
        known = trees.get(tree.root)
        trees[tree.root] = _together(known, tree) if known else tree
    words = vocabulary_of(settings)
    return [Checked(tree, read_rules(tree.files, words), words) for tree in trees.values()]


def vocabulary_of(settings: Settings) -> Vocabulary:
    """Who may send, without any secret; sources are not checked where the file cannot be read."""
    names: Mapping[str, str] | None = None
    try:
        names = load_names(settings.sources_file)
        if names is None and "SOURCES_FILE" in environment(settings):
            remark(_UNCHECKED.format(settings.sources_file))
    except SourcesError as error:
        remark(f"The names of sources are not checked, because their file cannot be used:\n{error}")
    lookups, callbacks = _of_lookups_file(settings)
    return vocabulary(names, lookups, known_policies(settings), callbacks)


def _of_lookups_file(
    settings: Settings,
) -> tuple[Mapping[str, LookupShape] | None, Mapping[str, CallbackShape] | None]:
    """What can be looked up and who can be told."""
    try:
        return load_shapes(settings), load_callback_shapes(settings)
    except LookUpsError as error:
        remark(f"Look-ups are not checked, because their file cannot be used:\n{error}")
        return None, None


def all_problems(checked: Iterable[Checked]) -> list[tuple[Checked, Problem]]:
    """Every problem with the folder it was found in, errors of all folders first."""
    told = [(one, problem) for one in checked for problem in one.problems()]
    return sorted(told, key=lambda pair: not pair[1].is_error)


def _tree(path: Path, rules_dir: Path) -> Tree:
    if path.is_dir():
        tree = read_tree(path)
        if not any(is_rule_file(file) for file in (*tree.files, *tree.unreadable)):
            raise Failed(f"{path}: there is no rule file in this folder", "Rule files end in .yaml")
        return tree
    if not path.exists():
        raise Failed(f"{path}: there is no such file or folder")
    if path.suffix not in ENDINGS:
        raise Failed(f"{path}: this is no rule file", "Rule files end in .yaml")
    if not is_rule_file(path.name):
        cure = "Give it another name to have it checked"
        raise Failed(f"{path}: files whose names begin with _ or . are left alone", cure)
    return read_one(path, rules_dir)


def _together(one: Tree, other: Tree) -> Tree:
    return replace(
        one,
        files={**one.files, **other.files},
        unreadable={**one.unreadable, **other.unreadable},
    )
