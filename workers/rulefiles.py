"""The door to RULES_DIR: only here are rule files, tables and fixtures read from disk."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Final, NoReturn

from rulebook import files_named

SUFFIXES: Final = (".yaml", ".yml", ".csv", ".json")
MAX_BYTES: Final = 2 * 1024 * 1024


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
    inside = root is not None and file.resolve().is_relative_to(root.resolve())
    top = root if root is not None and inside else file.parent
    path = (file.resolve() if inside else file).relative_to(top.resolve() if inside else top)
    tree = _read(top, [path.as_posix()])
    text = tree.files.get(path.as_posix(), "")
    named = [near for near in files_named(path.as_posix(), text) if (top / near).is_file()]
    beside = _read(top, named)
    return Tree(top, {**tree.files, **beside.files}, {**tree.unreadable, **beside.unreadable})


def fingerprint(root: Path) -> Mapping[str, tuple[int, int]]:
    """Size and time of the last change of every file that `read_tree` would read."""
    seen = {}
    for path in _paths(root):
        try:
            stat = (root / path).stat()
        except OSError:
            continue
        seen[path] = (stat.st_size, stat.st_mtime_ns)
    return seen


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
