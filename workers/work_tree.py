"""Which commit a folder stands at, read from the files of its work tree: no program is started.

How git keeps them: https://git-scm.com/docs/gitrepository-layout
"""

import re
from pathlib import Path
from typing import Final

_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_LINKS: Final = 5


def commit_of(folder: Path) -> str:
    """The commit (hex) that is checked out where the folder lies; "" where there is no work tree.

    Edits that are not committed do not show in it.
    """
    try:
        git = _git_folder(folder.resolve())
        return _resolved(git, "HEAD") if git else ""
    except (OSError, ValueError):
        return ""


def _git_folder(folder: Path) -> Path | None:
    for above in (folder, *folder.parents):
        git = above / ".git"
        if git.is_dir():
            return git
        # a linked work tree, or a submodule
        if git.is_file():
            return above / _text(git).removeprefix("gitdir:").strip()
    return None


def _resolved(git: Path, name: str) -> str:
    shared = git / "commondir"
    home = git / _text(shared).strip() if shared.is_file() else git
    for _ in range(_MOST_LINKS):
        told = _told(git, home, name)
        if not told.startswith("ref:"):
            return told if _COMMIT.fullmatch(told) else ""
        name = told.removeprefix("ref:").strip()
    return ""


def _told(git: Path, home: Path, name: str) -> str:
    for place in (git, home):
        if (place / name).is_file():
            return _text(place / name).strip()
    packed = home / "packed-refs"
    lines = _text(packed).splitlines() if packed.is_file() else []
    found = (line.split(" ", 1)[0] for line in lines if line.endswith(f" {name}"))
    return next(found, "")


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
