"""Live rules: a good edit goes live, a bad one hurts only itself, and nothing switches all off."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.engine_room import eventually
from workers.rulewatch import RuleWatch, review
from workers.sources_file import vocabulary
from workers.store import Archive, Connection, Store

# what Linux takes, in bytes
PATH_MAX: Final = 4096
NAME_MAX: Final = 255
RULE = """version: 1
owner: ops@usher.example
rules:
  - id: {id}
    name: A rule
    when: {{source: shop, event: order.paid}}
    then:
      - action: enrol
        with: {{email: "${{ body.email }}", course_id: {course}}}
"""
TESTED = """    tests:
      - name: a paid order
        event: {{body: {{email: ada@customer.example}}}}
        expect:
          - enrol: {{email: ada@customer.example, course_id: {course}}}
"""


def rule(rule_id: str, course: int = 101) -> str:
    return RULE.format(id=rule_id, course=course)


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    (made / "orders.yaml").write_text(rule("orders"))
    (made / "refunds.yaml").write_text(rule("refunds"))
    return made


@pytest.fixture
def watch(folder: Path, connection: Connection) -> RuleWatch:
    """A watch that has seen the folder once; `look` lets it see more."""
    made = RuleWatch(folder, vocabulary(None), Store(connection), "w1")
    look(made)
    return made


@pytest.fixture
def archive(connection: Connection) -> Archive:
    return Archive(connection)


def look(watch: RuleWatch) -> None:
    """Two looks: what has changed is read when it has come to rest."""
    watch.poll()
    watch.poll()


def ids(watch: RuleWatch) -> list[str]:
    return sorted(each.id for each in watch.book)


def course_of(watch: RuleWatch, rule_id: str) -> object:
    (step,) = watch.book.rule(rule_id).steps
    return step.with_["course_id"]


def restarted(folder: Path, connection: Connection) -> list[str]:
    """The ids that a worker serves which starts now."""
    fresh = RuleWatch(folder, vocabulary(None), Store(connection), "w2")
    fresh.start()
    fresh.stop()
    return ids(fresh)


@contextmanager
def deeper_than_any_path(folder: Path) -> Iterator[None]:
    """Something in the folder cannot be listed, whoever asks: root may read all that has a path,
    but no path is as long as this one."""
    top = folder / "deep"
    top.mkdir()
    at = os.open(top, os.O_RDONLY)
    for _ in range(PATH_MAX // NAME_MAX + 1):
        os.mkdir("d" * NAME_MAX, dir_fd=at)
        above, at = at, os.open("d" * NAME_MAX, os.O_RDONLY, dir_fd=at)
        os.close(above)
    os.close(at)
    try:
        yield
    finally:
        shutil.rmtree(top)


def test_a_file_whose_test_fails_is_refused_at_the_place_of_the_test() -> None:
    wrong = rule("orders") + TESTED.format(course=102)

    found = review({"orders.yaml": wrong, "refunds.yaml": rule("refunds")}, vocabulary(None))

    assert list(found.good) == ["refunds.yaml"]
    assert found.refused["orders.yaml"].startswith("orders.yaml:11: test failed: a paid order: ")


def test_a_file_whose_tests_pass_is_good() -> None:
    right = rule("orders") + TESTED.format(course=101)

    assert review({"orders.yaml": right}, vocabulary(None)).refused == {}


def test_what_is_in_the_folder_is_live(watch: RuleWatch, archive: Archive) -> None:
    assert ids(watch) == ["orders", "refunds"]
    assert archive.rule_problems() == ()


def test_a_good_edit_goes_live_once_it_has_come_to_rest(watch: RuleWatch, folder: Path) -> None:
    (folder / "orders.yaml").write_text(rule("orders", 105))

    watch.poll()
    assert course_of(watch, "orders") == 101
    watch.poll()
    assert course_of(watch, "orders") == 105


def test_a_bad_edit_leaves_its_last_good_version_and_every_other_file_live(
    watch: RuleWatch, folder: Path, archive: Archive
) -> None:
    (folder / "orders.yaml").write_text(rule("orders", 105).replace("action:", "akshun:"))
    (folder / "refunds.yaml").write_text(rule("refunds", 103))
    look(watch)

    assert (course_of(watch, "orders"), course_of(watch, "refunds")) == (101, 103)
    (told,) = archive.rule_problems()
    assert told.startswith("orders.yaml:8:")
    assert "akshun" in told

    (folder / "orders.yaml").write_text(rule("orders", 104))
    look(watch)

    assert course_of(watch, "orders") == 104
    assert archive.rule_problems() == ()


def test_a_new_file_that_is_bad_is_not_live(
    watch: RuleWatch, folder: Path, archive: Archive
) -> None:
    (folder / "new.yaml").write_text("rules: 3\n")
    look(watch)

    assert ids(watch) == ["orders", "refunds"]
    assert archive.rule_problems()[0].startswith("new.yaml:1:")


def test_a_file_that_was_taken_away_is_no_longer_live(
    watch: RuleWatch, folder: Path, connection: Connection
) -> None:
    (folder / "orders.yaml").unlink()
    look(watch)

    assert ids(watch) == ["refunds"]
    assert restarted(folder, connection) == ["refunds"]


def test_a_restart_serves_the_last_good_version_of_a_broken_file(
    watch: RuleWatch, folder: Path, connection: Connection
) -> None:
    (folder / "orders.yaml").write_text("version: [")
    look(watch)

    assert restarted(folder, connection) == ["orders", "refunds"]


def test_a_folder_that_is_not_there_leaves_all_rules_live(
    watch: RuleWatch, folder: Path, archive: Archive
) -> None:
    shutil.rmtree(folder)
    look(watch)

    assert ids(watch) == ["orders", "refunds"]
    assert archive.rule_problems() == (f"{folder}: there is no such folder",)


def test_a_restart_without_the_folder_leaves_all_rules_live(
    watch: RuleWatch, folder: Path, connection: Connection
) -> None:
    shutil.rmtree(folder)

    assert restarted(folder, connection) == ["orders", "refunds"]


def test_a_folder_without_a_rule_file_leaves_all_rules_live(
    watch: RuleWatch, folder: Path, archive: Archive, connection: Connection
) -> None:
    for name in ("orders.yaml", "refunds.yaml"):
        (folder / name).unlink()
    (folder / "courses.csv").write_text("name,id\n")
    look(watch)

    assert ids(watch) == ["orders", "refunds"]
    assert archive.rule_problems() == (f"{folder}: there is no rule file in it",)
    assert sorted(Store(connection).good_rules()) == ["orders.yaml", "refunds.yaml"]
    assert restarted(folder, connection) == ["orders", "refunds"]


def test_a_folder_below_that_cannot_be_read_leaves_all_rules_live(
    folder: Path, connection: Connection, archive: Archive
) -> None:
    watch = RuleWatch(folder, vocabulary(None), Store(connection), "w1")
    watch.start()
    try:
        with deeper_than_any_path(folder):
            eventually(lambda: archive.rule_problems() != ())
            assert archive.rule_problems()[0].startswith(f"{folder}: cannot be read: ")
            assert ids(watch) == ["orders", "refunds"]
            assert sorted(Store(connection).good_rules()) == ["orders.yaml", "refunds.yaml"]
            assert restarted(folder, connection) == ["orders", "refunds"]
            Store(connection).goodbye("w2")
        eventually(lambda: archive.rule_problems() == ())
        assert ids(watch) == ["orders", "refunds"]
    finally:
        watch.stop()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_rules_in_a_folder_that_may_no_longer_be_read_stay_live(
    folder: Path, connection: Connection, archive: Archive
) -> None:
    below = folder / "below"
    below.mkdir()
    (below / "third.yaml").write_text(rule("third"))
    watch = RuleWatch(folder, vocabulary(None), Store(connection), "w1")
    watch.start()
    try:
        below.chmod(0)
        eventually(lambda: archive.rule_problems() != ())
        assert ids(watch) == ["orders", "refunds", "third"]
        assert restarted(folder, connection) == ["orders", "refunds", "third"]
    finally:
        below.chmod(0o700)
        watch.stop()


def test_a_folder_that_comes_back_as_it_was_is_no_longer_complained_of(
    watch: RuleWatch, folder: Path, archive: Archive
) -> None:
    away = folder.rename(folder.with_name("away"))
    look(watch)
    assert archive.rule_problems()
    away.rename(folder)
    look(watch)

    assert archive.rule_problems() == ()
    assert ids(watch) == ["orders", "refunds"]


def test_a_watch_that_runs_sees_changes_by_itself(folder: Path, connection: Connection) -> None:
    watch = RuleWatch(folder, vocabulary(None), Store(connection), "w1")
    watch.start()
    try:
        (folder / "third.yaml").write_text(rule("third"))
        eventually(lambda: ids(watch) == ["orders", "refunds", "third"])
    finally:
        watch.stop()
