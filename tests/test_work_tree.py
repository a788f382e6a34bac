"""The commit of a work tree, read as git itself keeps it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from workers.work_tree import commit_of

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Kim", "-c", "user.email=kim@usher.example")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree with a commit, and a folder of rules in it."""
    made = tmp_path / "tree"
    (made / "rules").mkdir(parents=True)
    (made / "rules" / "a.yaml").write_text("version: 1\n")
    git(made, "init", "-q")
    git(made, "add", ".")
    git(made, "commit", "-q", "-m", "Begin")
    return made


@needs_git
def test_the_commit_of_a_branch_is_told_for_a_folder_in_it(tree: Path) -> None:
    assert commit_of(tree / "rules") == git(tree, "rev-parse", "HEAD")


@needs_git
def test_a_packed_branch_and_a_detached_head_are_read(tree: Path) -> None:
    head = git(tree, "rev-parse", "HEAD")

    git(tree, "pack-refs", "--all")
    assert commit_of(tree / "rules") == head
    git(tree, "checkout", "-q", "--detach")
    assert commit_of(tree / "rules") == head


@needs_git
def test_a_linked_work_tree_has_a_commit_of_its_own(tree: Path) -> None:
    linked = tree.parent / "linked"
    git(tree, "worktree", "add", "-q", "-b", "other", str(linked))
    git(linked, "commit", "-q", "--allow-empty", "-m", "Go on")

    assert commit_of(linked / "rules") == git(linked, "rev-parse", "HEAD")
    assert commit_of(tree / "rules") != commit_of(linked / "rules")


@needs_git
def test_a_tree_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")

    assert commit_of(tmp_path) == ""


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("", id="empty"),
        pytest.param("ref: HEAD", id="a ring"),
        pytest.param("ref: refs/heads/\x00", id="no name"),
        pytest.param("not a commit", id="something else"),
    ],
)
def test_a_broken_head_is_no_commit(tmp_path: Path, head: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head)

    assert commit_of(tmp_path) == ""


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert commit_of(tmp_path / "nowhere" / "rules") == ""
