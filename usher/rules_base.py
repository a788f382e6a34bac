"""What rules on disk are compared with: those that are live, a folder, or a state that git has."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rulebook import Rule, is_rule_file, read_folder
from rulebook.snapshot import SnapshotError, hashes_named, read_snapshot
from usher.failing import Failed
from usher.opening import NothingReceived, opened
from usher.output import remark
from usher.rules_on_disk import every_rule
from usher.rules_reading import read_paths, vocabulary_of
from workers.rulefiles import SUFFIXES
from workers.settings import Settings
from workers.store.publication import Publication

LIVE: Final = "live"
# of a member of an archive, in bytes; longer than any file that rules are made of
MOST_BYTES: Final = 2 * 1024 * 1024
# how long git may take, in seconds
PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Base:
    """Rules to compare with, and what they are called."""

    name: str
    rules: tuple[Rule, ...]


def base_of(named: str, folder: Path, settings: Settings) -> Base:
    """The rules that are live, those of a folder or file, or those of a git ref.

    folder: the rules on disk, of which git is asked for an earlier state. Raises Failed.
    """
    if named == LIVE:
        return _live()
    if Path(named).exists():
        return Base(named, tuple(every_rule(read_paths([Path(named)], settings))))
    return _of_texts(named, _in_git(named, folder), settings)


def _live() -> Base:
    try:
        with opened() as usher:
            rules = _published(Publication(usher.store.connection))
    except NothingReceived as error:
        hint = "Compare with a git ref or a folder instead: usher rules diff HEAD"
        raise Failed(f"No rules are live here: {error}", hint) from None
    if rules is None:
        raise Failed("No rules are live: no worker has loaded any yet.", "Is `usher up` running?")
    return Base(LIVE, rules)


def _published(publication: Publication) -> tuple[Rule, ...] | None:
    """The rules of the live snapshot; None where none was ever published."""
    found = publication.live()
    if found is None:
        return None
    live, text = found
    try:
        return read_snapshot(text, publication.bodies(hashes_named(text))).rules
    except SnapshotError as error:
        version = live.version[:12]
        raise Failed(f"The live rules (version {version}) cannot be read: {error}") from error


def _of_texts(name: str, texts: Mapping[str, str], settings: Settings) -> Base:
    if not any(is_rule_file(path) for path in texts):
        raise Failed(f"{name} has no rule file.")
    reading = read_folder(texts, vocabulary_of(settings))
    broken = sorted({problem.file for problem in reading.problems if problem.is_error})
    if broken:
        remark(f"Left out of {name}, since they have mistakes: {', '.join(broken)}")
    return Base(name, tuple(rule for _, f in sorted(reading.files.items()) for rule in f.rules))


def _in_git(ref: str, folder: Path) -> dict[str, str]:
    """The texts of the folder as they were at that commit, branch or tag, by their paths in it."""
    git = shutil.which("git")
    where = folder if folder.is_dir() else folder.parent
    if git is None or ref.startswith("-") or not where.is_dir():
        raise Failed(f"{ref} is no folder, and git cannot be asked for it.")
    # in a folder of a work tree, it gives that folder alone
    command = [git, "-C", str(where), "archive", "--format=tar", f"{ref}^{{commit}}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603 - git itself, and a ref that is no option
    except subprocess.TimeoutExpired:
        raise Failed(f"git did not give {ref} within {PATIENCE:.0f} s.") from None
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Failed(
            f"{ref} is neither a folder nor something that git knows of {where}.",
            f"git: {why[-1]}" if why else "",
        )
    return _texts(done.stdout)


def _texts(archive: bytes) -> dict[str, str]:
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            hidden = any(part[0] in "_." for part in Path(member.name).parts)
            fits = member.isfile() and member.name.endswith(SUFFIXES) and not hidden
            file = tar.extractfile(member) if fits and member.size <= MOST_BYTES else None
            if file is not None:
                texts[member.name] = file.read().decode(errors="surrogateescape")
    return texts
