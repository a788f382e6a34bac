"""The door to RULES_DIR: only here are rule files, tables and fixtures read from disk."""

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Final, NoReturn, TypeVar

from rulebook import files_named, is_rule_file

SUFFIXES: Final = (".yaml", ".yml", ".csv", ".json")
MAX_BYTES: Final = 2 * 1024 * 1024

T = TypeVar("T")
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tree:
    """The texts of a rules folder by their POSIX path below its root.

    Bytes that are not UTF-8 stay in the text as lone surrogates, which the rule reader reports
    with their place. `unreadable` says "path: why" for each file that could not be read at all.
    """

    root: Path
    files: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False


def read_tree(root: Path) -> Tree:
    """Everything in the folder that rules are made of; names that begin with "_" or "." are not."""
    if not root.is_dir():
        return Tree(root, missing=True)
    return _read(root, _paths(root))


def read_one(file: Path, root: Path | None = None) -> Tree:
    """One rule file with the tables and fixtures it names, and nothing else of the folder.

    `root` is the rules folder, where it is known and the file lies in it; else the file's own.
    """
    below = _below(file, root) if root is not None else None
    # in a part of the folder that is left alone, a file can still be read for itself
    inside = below is not None and is_rule_file(below)
    top = root if root is not None and inside else file.parent
    path = below if below is not None and inside else file.name
    tree = _read(top, [path])
    named = [near for near in files_named(path, tree.files.get(path, "")) if (top / near).is_file()]
    beside = _read(top, named)
    return Tree(top, {**tree.files, **beside.files}, {**tree.unreadable, **beside.unreadable})


def _below(file: Path, root: Path) -> str | None:
    """The file's path in the folder, or None where it lies elsewhere."""
    real, top = file.resolve(), root.resolve()
    return real.relative_to(top).as_posix() if real.is_relative_to(top) else None


def has_rules(root: Path) -> bool:
    """Whether there is a rule file in the folder, and the folder can be read."""
    try:
        return any(is_rule_file(path) for path in _paths(root))
    except OSError:
        return False


class Folder:
    """A rules folder as far as it has come to rest.

    A file is read when its size and time were the same in two looks; one that is gone is missed
    only when two looks did not find it. What was changed longer ago than `settle` (seconds) has
    come to rest before the first look.
    """

    def __init__(self, root: Path, settle: float) -> None:
        self.root = root
        self.files: dict[str, str] = {}
        self.unreadable: dict[str, str] = {}
        # files that are there and were never at rest: nobody knows yet what they say
        self.restless: frozenset[str] = frozenset()
        self.missing = False
        self._settle = settle
        self._read: dict[str, Stamp] = {}
        # what the last two looks saw; None = there was none
        self._earlier: Mapping[str, Stamp] | None = None
        self._seen: Mapping[str, Stamp] | None = None

    def look(self, *, now: bool = False) -> bool:
        """Whether anything is other than after the last look. `now`: whatever is there is at rest,
        and is read again. Raises OSError where the folder cannot be listed."""
        before = (self.files, self.unreadable, self.restless, self.missing)
        self.missing = not self.root.is_dir()
        seen = fingerprint(self.root)
        self._earlier, self._seen = ({} if now else self._seen), seen
        resting = {path: stamp for path, stamp in seen.items() if now or self._rests(path, stamp)}
        known = {} if now else self._read
        self._take({path: at for path, at in resting.items() if known.get(path) != at})
        self._forget({path for path in self._read if self.is_gone(path)})
        self.restless = frozenset(path for path in seen if path not in self._read)
        return before != (self.files, self.unreadable, self.restless, self.missing)

    def is_gone(self, path: str) -> bool:
        """Whether the file is missed: two looks did not find it."""
        if self._earlier is None or self._seen is None:
            return False
        return path not in self._seen and path not in self._earlier

    def changed_at(self, path: str) -> int:
        """When the file that was read was last changed (ns); 0 for one that was not."""
        return self._read.get(path, (0, 0))[1]

    def _rests(self, path: str, stamp: Stamp) -> bool:
        if self._earlier is not None:
            return self._earlier.get(path) == stamp
        return time.time() - stamp[1] / 1e9 > self._settle

    def _take(self, stamps: Mapping[str, Stamp]) -> None:
        tree = _read(self.root, stamps)
        self.files = {**_without(self.files, stamps), **tree.files}
        self.unreadable = {**_without(self.unreadable, stamps), **tree.unreadable}
        self._read.update(stamps)

    def _forget(self, paths: Collection[str]) -> None:
        self.files = _without(self.files, paths)
        self.unreadable = _without(self.unreadable, paths)
        self._read = _without(self._read, paths)


def fingerprint(root: Path) -> Mapping[str, Stamp]:
    """Size and time of the last change (ns) of every file that `read_tree` would read."""
    seen = {}
    for path in _paths(root):
        try:
            stat = (root / path).stat()
        except OSError:
            continue
        seen[path] = (stat.st_size, stat.st_mtime_ns)
    return seen


def _without(known: Mapping[str, T], paths: Collection[str]) -> dict[str, T]:
    return {path: value for path, value in known.items() if path not in paths}


def _paths(root: Path) -> Iterator[str]:
    if not root.is_dir():
        return
    for folder, below, names in os.walk(root, onerror=_raise):
        below[:] = sorted(name for name in below if not name.startswith(("_", ".")))
        for name in sorted(names):
            if name.endswith(SUFFIXES) and not name.startswith(("_", ".")):
                yield (Path(folder) / name).relative_to(root).as_posix()


def _raise(error: OSError) -> NoReturn:
    # a folder that cannot be read is no empty folder
    raise error


def _read(root: Path, paths: Iterable[str]) -> Tree:
    files: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for path in paths:
        try:
            files[path] = _text(root, path)
        except (OSError, ValueError) as error:
            unreadable[path] = f"{path}: {getattr(error, 'strerror', None) or error}"
    return Tree(root, files, unreadable)


def _text(root: Path, path: str) -> str:
    file = (root / path).resolve(strict=True)
    if not file.is_relative_to(root.resolve()):
        raise ValueError("it is a link to a file outside of the rules folder")
    stat = file.stat()
    if not S_ISREG(stat.st_mode):
        raise ValueError("it is not a file")
    if stat.st_size > MAX_BYTES:
        raise ValueError("it is larger than 2 MB")
    return file.read_bytes().decode(errors="surrogateescape")
