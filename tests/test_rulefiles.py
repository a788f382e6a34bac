"""The rules folder as it comes to rest: what is half written is not read."""

import os
import time
from pathlib import Path

from tests.rule_files import write
from workers.rulefiles import Folder, has_rules

LONG = 60.0
AN_HOUR_AGO = 3600


def aged(file: Path, text: str) -> None:
    """A file that was saved an hour ago."""
    file.write_text(text)
    at = time.time() - AN_HOUR_AGO
    os.utime(file, (at, at))


def test_what_is_old_is_read_at_the_first_look_and_what_is_new_at_the_second(
    tmp_path: Path,
) -> None:
    aged(tmp_path / "old.yaml", "old")
    write(tmp_path / "new.yaml", "new")
    folder = Folder(tmp_path, LONG)

    assert folder.look()
    assert (folder.files, folder.restless) == ({"old.yaml": "old"}, frozenset({"new.yaml"}))
    assert folder.look()
    assert folder.files == {"old.yaml": "old", "new.yaml": "new"}
    assert not folder.look()


def test_while_a_file_is_written_what_it_said_before_counts(tmp_path: Path) -> None:
    aged(tmp_path / "a.yaml", "first")
    folder = Folder(tmp_path, LONG)
    folder.look()
    for text in ("sec", "secon", "second"):
        write(tmp_path / "a.yaml", text)
        assert not folder.look()

    assert folder.files == {"a.yaml": "first"}
    assert folder.look()
    assert folder.files == {"a.yaml": "second"}


def test_a_look_now_takes_what_is_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path, LONG)
    folder.look()
    write(tmp_path / "a.yaml", "new")

    assert folder.look(now=True)
    assert folder.files == {"a.yaml": "new"}
    (tmp_path / "a.yaml").unlink()
    assert folder.look(now=True)
    assert folder.is_gone("a.yaml")


def test_a_file_is_missed_when_two_looks_did_not_find_it(tmp_path: Path) -> None:
    aged(tmp_path / "a.yaml", "text")
    folder = Folder(tmp_path, LONG)
    folder.look()
    (tmp_path / "a.yaml").unlink()

    assert not folder.look()
    assert not folder.is_gone("a.yaml")
    assert folder.look()
    assert folder.is_gone("a.yaml")
    assert folder.files == {}


def test_a_first_look_misses_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path, LONG)
    folder.look()

    assert not folder.is_gone("a.yaml")


def test_a_file_that_was_touched_has_not_changed(tmp_path: Path) -> None:
    aged(tmp_path / "a.yaml", "text")
    folder = Folder(tmp_path, LONG)
    folder.look()
    write(tmp_path / "a.yaml", "text")
    folder.look()

    assert not folder.look()


def test_a_file_that_cannot_be_read_is_told_and_hurts_no_other(tmp_path: Path) -> None:
    aged(tmp_path / "a.yaml", "text")
    (tmp_path / "b.yaml").symlink_to("/etc/hostname")
    folder = Folder(tmp_path, LONG)
    folder.look(now=True)

    assert folder.files == {"a.yaml": "text"}
    assert "outside of the rules folder" in folder.unreadable["b.yaml"]


def test_a_folder_has_rules_where_there_is_a_rule_file(tmp_path: Path) -> None:
    (tmp_path / "courses.csv").touch()
    assert not has_rules(tmp_path)
    assert not has_rules(tmp_path / "nowhere")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.yaml").touch()
    assert has_rules(tmp_path)
