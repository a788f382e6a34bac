"""The loader: a good edit goes live, a bad one hurts only itself, and nothing switches all off."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.engine_room import eventually
from tests.rule_files import rule, write
from workers.rulebooks import RuleBooks, live_snapshot
from workers.ruleloader import RuleLoader
from workers.sources_file import vocabulary
from workers.store import Archive, Connection, Publication
from workers.store.keys import KEYS

# what Linux takes, in bytes
PATH_MAX: Final = 4096
NAME_MAX: Final = 255
QUICK: Final = 0.02


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def publication(connection: Connection) -> Publication:
    return Publication(connection)


@pytest.fixture
def archive(connection: Connection) -> Archive:
    return Archive(connection)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    write(made / "orders.yaml", rule("orders"))
    write(made / "refunds.yaml", rule("refunds"))
    return made


def a_loader(folder: Path, publication: Publication, worker: str = "w1") -> RuleLoader:
    """A loader that looks when the test says so; files are at rest after two looks."""
    return RuleLoader(folder, vocabulary(None), publication, worker, poll=60.0)


@pytest.fixture
def loader(folder: Path, publication: Publication) -> RuleLoader:
    """A loader that has loaded what is there."""
    made = a_loader(folder, publication)
    look(made)
    return made


def look(loader: RuleLoader) -> None:
    """Two looks: what has changed is read when it has come to rest."""
    loader.turn()
    loader.turn()


def ids(publication: Publication) -> list[str]:
    """The ids of the rules that are live."""
    found = live_snapshot(publication)
    return sorted(each.id for each in found[1].rules) if found else []


def course_of(publication: Publication, rule_id: str) -> object:
    found = live_snapshot(publication)
    assert found is not None
    (step,) = next(each for each in found[1].rules if each.id == rule_id).steps
    return step.with_["course_id"]


def generation(publication: Publication) -> int:
    found = publication.live()
    assert found is not None
    return found[0].generation


def restarted(folder: Path, publication: Publication) -> RuleLoader:
    """A loader of a new worker; the one before has left."""
    publication.resign("w1")
    made = a_loader(folder, publication, "w2")
    look(made)
    return made


def test_what_is_in_the_folder_is_live(
    loader: RuleLoader, publication: Publication, archive: Archive
) -> None:
    assert ids(publication) == ["orders", "refunds"]
    assert archive.rule_problems() == ()


def test_one_rule_is_counted_as_one(
    folder: Path, publication: Publication, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "refunds.yaml").unlink()

    look(a_loader(folder, publication))

    assert "loaded 1 rule, version " in capsys.readouterr().out


def test_a_good_edit_goes_live_once_it_has_come_to_rest(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    write(folder / "orders.yaml", rule("orders", 105))

    loader.turn()
    assert course_of(publication, "orders") == 101
    loader.turn()
    assert course_of(publication, "orders") == 105


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    name: A rule\n", "    name: Orders\n"),
        ("    name: A rule\n", "    notes: as agreed\n"),
        ("    name: A rule\n", "    tags: [sales]\n"),
        ("owner: ops@", "owner: sales@"),
    ],
    ids=["name", "notes", "tags", "owner"],
)
def test_what_a_rule_is_called_goes_live_under_the_same_version(
    loader: RuleLoader, publication: Publication, folder: Path, old: str, new: str
) -> None:
    before = publication.live()
    write(folder / "orders.yaml", rule("orders").replace(old, new))

    look(loader)

    after = publication.live()
    assert before
    assert after
    assert (after[0].generation, after[0].version) == (
        before[0].generation + 1,
        before[0].version,
    )


def test_a_file_that_is_still_written_to_holds_up_no_other(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    write(folder / "refunds.yaml", rule("refunds", 103))
    for course in (104, 105, 106):
        write(folder / "orders.yaml", rule("orders", course) + "#" * course)
        loader.turn()

    assert course_of(publication, "refunds") == 103
    assert course_of(publication, "orders") == 101


def test_a_file_that_was_saved_as_it_was_changes_nothing(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    before = generation(publication)
    write(folder / "orders.yaml", rule("orders"))
    look(loader)

    assert generation(publication) == before


def test_a_bad_edit_leaves_its_last_good_version_and_every_other_file_live(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    write(folder / "orders.yaml", rule("orders", 105).replace("action:", "akshun:"))
    write(folder / "refunds.yaml", rule("refunds", 103))
    look(loader)

    assert course_of(publication, "orders") == 101
    assert course_of(publication, "refunds") == 103
    (told,) = archive.rule_problems()
    assert told.startswith("orders.yaml:")
    assert "akshun" in told

    write(folder / "orders.yaml", rule("orders", 104))
    look(loader)

    assert course_of(publication, "orders") == 104
    assert archive.rule_problems() == ()


def test_a_new_file_that_is_bad_is_not_live(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    write(folder / "new.yaml", "rules: 3\n")
    look(loader)

    assert ids(publication) == ["orders", "refunds"]
    assert archive.rule_problems()[0].startswith("new.yaml:1:")


def test_of_two_files_with_one_id_the_one_that_changed_last_is_refused(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    write(folder / "a-new-one.yaml", rule("orders", 109))
    look(loader)

    assert course_of(publication, "orders") == 101
    (told,) = archive.rule_problems()
    assert told.startswith("a-new-one.yaml:")
    assert "orders.yaml" in told


def test_after_a_restart_the_live_file_still_has_the_right_to_its_id(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    write(folder / "a-new-one.yaml", rule("orders", 109))
    look(loader)
    # a fresh check-out: all files are as old
    for file in folder.iterdir():
        os.utime(file, (1_000_000_000, 1_000_000_000))
    restarted(folder, publication)

    assert course_of(publication, "orders") == 101
    assert archive.rule_problems()[0].startswith("a-new-one.yaml:")


def test_a_file_that_was_taken_away_is_no_longer_live(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    (folder / "orders.yaml").unlink()
    loader.turn()
    assert ids(publication) == ["orders", "refunds"]
    loader.turn()

    assert ids(publication) == ["refunds"]
    restarted(folder, publication)
    assert ids(publication) == ["refunds"]


def test_a_file_that_is_saved_by_way_of_another_name_is_never_missed(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    (folder / "orders.yaml").rename(folder / "orders.yaml~")
    loader.turn()
    write(folder / "orders.yaml", rule("orders", 105))
    loader.turn()
    assert ids(publication) == ["orders", "refunds"]
    loader.turn()

    assert course_of(publication, "orders") == 105


def test_a_restart_serves_the_last_good_version_of_a_broken_file(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    write(folder / "orders.yaml", "version: [")
    restarted(folder, publication)

    assert ids(publication) == ["orders", "refunds"]
    assert archive.rule_problems()[0].startswith("orders.yaml:")


def test_a_first_start_runs_without_a_file_that_was_never_good(
    folder: Path, publication: Publication, archive: Archive
) -> None:
    write(folder / "orders.yaml", "version: [")
    look(a_loader(folder, publication))

    assert ids(publication) == ["refunds"]
    assert archive.rule_problems()[0].startswith("orders.yaml:")


def test_a_file_that_is_saved_at_the_moment_of_a_restart_is_not_missed(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    publication.resign("w1")
    write(folder / "orders.yaml", rule("orders", 105))
    fresh = a_loader(folder, publication, "w2")
    fresh.turn()

    assert course_of(publication, "orders") == 101
    fresh.turn()
    assert course_of(publication, "orders") == 105


def test_a_folder_that_is_not_there_leaves_all_rules_live(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    shutil.rmtree(folder)
    look(loader)

    assert ids(publication) == ["orders", "refunds"]
    assert archive.rule_problems() == (f"{folder}: there is no such folder",)


def test_a_restart_without_the_folder_leaves_all_rules_live(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    shutil.rmtree(folder)
    restarted(folder, publication)

    assert ids(publication) == ["orders", "refunds"]


def test_a_folder_without_a_rule_file_leaves_all_rules_live(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    for name in ("orders.yaml", "refunds.yaml"):
        (folder / name).unlink()
    write(folder / "courses.csv", "name,id\n")
    look(loader)

    assert ids(publication) == ["orders", "refunds"]
    assert archive.rule_problems() == (f"{folder}: there is no rule file in it",)
    assert sorted(publication.good_texts()) == ["orders.yaml", "refunds.yaml"]


def test_a_folder_that_comes_back_as_it_was_is_no_longer_complained_of(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    away = folder.rename(folder.with_name("away"))
    look(loader)
    assert archive.rule_problems()
    away.rename(folder)
    look(loader)

    assert archive.rule_problems() == ()
    assert ids(publication) == ["orders", "refunds"]


def test_most_files_are_not_taken_away_at_once_until_somebody_confirms_it(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    write(folder / "third.yaml", rule("third"))
    look(loader)
    for name in ("orders.yaml", "refunds.yaml"):
        (folder / name).unlink()
    write(folder / "third.yaml", rule("third", 103))
    look(loader)

    assert ids(publication) == ["orders", "refunds", "third"]
    assert course_of(publication, "third") == 103
    (told,) = archive.rule_problems()
    assert told.startswith("removal of 2 of 3 files at once: orders.yaml, refunds.yaml")

    restarted(folder, publication)
    assert ids(publication) == ["orders", "refunds", "third"]
    publication.resign("w2")
    again = a_loader(folder, publication, "w3")
    request = publication.ask("kim", accept_removal=True)
    again.turn()

    assert ids(publication) == ["third"]
    assert archive.rule_problems() == ()
    answer = publication.answered(request)
    assert answer is not None
    assert answer["refused"] == {}


def test_a_removal_that_was_accepted_long_ago_is_not_carried_out_now(
    loader: RuleLoader, publication: Publication, folder: Path, connection: Connection
) -> None:
    write(folder / "third.yaml", rule("third"))
    look(loader)
    publication.ask("kim", accept_removal=True)
    said = connection.redis.lpop(KEYS["rule_requests"])
    connection.redis.rpush(KEYS["rule_requests"], said.replace('"at": ', '"at": -'))
    for name in ("orders.yaml", "refunds.yaml"):
        (folder / name).unlink()
    look(loader)

    assert ids(publication) == ["orders", "refunds", "third"]


def test_files_that_were_all_renamed_are_not_missed(
    loader: RuleLoader, publication: Publication, folder: Path, archive: Archive
) -> None:
    below = folder / "below"
    below.mkdir()
    for name in ("orders.yaml", "refunds.yaml"):
        (folder / name).rename(below / name)
    look(loader)

    assert ids(publication) == ["orders", "refunds"]
    assert archive.rule_problems() == ()
    assert sorted(publication.good_texts()) == ["below/orders.yaml", "below/refunds.yaml"]


def test_a_request_is_answered_at_once_by_whoever_loads(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    write(folder / "orders.yaml", rule("orders", 105))
    other = a_loader(folder, publication, "w2")

    other.turn(now=True)
    loader.turn()

    assert course_of(publication, "orders") == 105


def test_one_loader_is_at_work_and_another_takes_its_place(
    loader: RuleLoader, publication: Publication, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere / "orders.yaml", rule("orders", 109))
    write(elsewhere / "refunds.yaml", rule("refunds"))
    second = a_loader(elsewhere, publication, "w2")

    look(second)
    assert course_of(publication, "orders") == 101
    publication.resign("w1")
    look(second)
    assert course_of(publication, "orders") == 109
    found = publication.live()
    assert found is not None
    assert (found[0].loader, found[0].folder) == ("w2", str(elsewhere))
    write(folder / "orders.yaml", rule("orders", 111))
    look(loader)
    assert course_of(publication, "orders") == 109


def test_who_has_rules_loads_before_who_has_none(
    publication: Publication, folder: Path, tmp_path: Path, archive: Archive
) -> None:
    without = a_loader(tmp_path / "nowhere", publication, "w1")
    look(without)
    assert archive.rule_problems() == (f"{tmp_path / 'nowhere'}: there is no such folder",)

    look(a_loader(folder, publication, "w2"))
    look(without)

    assert publication.loader() == "w2"
    assert ids(publication) == ["orders", "refunds"]
    assert archive.rule_problems() == ()


def test_what_is_published_by_one_whose_time_is_over_does_not_count(
    loader: RuleLoader, publication: Publication, folder: Path, connection: Connection
) -> None:
    before = generation(publication)
    found = publication.live()
    assert found is not None
    connection.redis.delete(KEYS["rule_loader"])
    pointer: dict[str, str | int] = {
        **{"document": "other", "version": "v", "rules": 0, "files": 0},
        **{"folder": "/", "commit": ""},
    }

    assert publication.publish("w1", pointer, "{}", {}, {}, []) == 0
    assert generation(publication) == before


def test_an_emptied_redis_is_told_again(
    loader: RuleLoader, publication: Publication, connection: Connection, folder: Path
) -> None:
    shutil.rmtree(folder)
    look(loader)
    connection.redis.delete(KEYS["live_rules"], KEYS["good_rules"], KEYS["rule_report"])
    loader.turn()

    assert ids(publication) == ["orders", "refunds"]
    assert sorted(publication.good_texts()) == ["orders.yaml", "refunds.yaml"]
    assert publication.report().refused


@pytest.mark.parametrize("newly", [False, True], ids=["the same loader", "another loader"])
def test_a_text_that_redis_has_lost_is_put_there_again(
    loader: RuleLoader,
    publication: Publication,
    folder: Path,
    connection: Connection,
    newly: bool,
) -> None:
    before = generation(publication)
    document = connection.redis.hget(KEYS["live_rules"], "document")
    connection.redis.delete(KEYS["snapshot"] + document)
    assert publication.live() is None

    if newly:
        publication.resign("w1")
        look(a_loader(folder, publication, "w2"))
    else:
        loader.turn()

    assert ids(publication) == ["orders", "refunds"]
    assert generation(publication) == before


def test_only_the_last_snapshots_are_kept(
    loader: RuleLoader, publication: Publication, folder: Path, connection: Connection
) -> None:
    for course in range(200, 255):
        write(folder / "orders.yaml", rule("orders", course))
        loader.turn(now=True)

    assert connection.redis.zcard(KEYS["snapshots"]) == 50
    assert len(connection.redis.keys(KEYS["snapshot"] + "*")) == 50
    assert course_of(publication, "orders") == 254


def test_rules_for_a_newer_usher_are_not_replaced_by_what_an_older_one_reads(
    loader: RuleLoader, publication: Publication, connection: Connection, folder: Path
) -> None:
    found = publication.live()
    assert found is not None
    newer = found[1].replace('"format":1', '"format":2')
    connection.redis.set(KEYS["snapshot"] + found[0].document, newer)
    write(folder / "orders.yaml", rule("orders", 105))
    older = restarted(folder, publication)

    assert generation(publication) == found[0].generation
    (why,) = publication.report().refused.values()
    assert "update this machine" in why
    publication.ask("kim", accept_removal=True)
    look(older)
    assert course_of(publication, "orders") == 105


def test_a_commit_of_the_work_tree_goes_along(
    loader: RuleLoader, publication: Publication, folder: Path
) -> None:
    git = folder.parent / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs" / "heads" / "main").write_text("a" * 40 + "\n")
    before = publication.live()
    loader.turn()

    found = live_snapshot(publication)
    assert found is not None
    assert before is not None
    assert (found[0].commit, found[1].commit) == ("a" * 40, "a" * 40)
    assert found[0].version == before[0].version


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


def test_a_folder_below_that_cannot_be_read_leaves_all_rules_live(
    folder: Path, publication: Publication, archive: Archive
) -> None:
    loader = RuleLoader(folder, vocabulary(None), publication, "w1", poll=QUICK)
    loader.start()
    try:
        with deeper_than_any_path(folder):
            eventually(lambda: archive.rule_problems() != ())
            assert archive.rule_problems()[0].startswith(f"{folder}: cannot be read: ")
            assert ids(publication) == ["orders", "refunds"]
            assert sorted(publication.good_texts()) == ["orders.yaml", "refunds.yaml"]
        eventually(lambda: archive.rule_problems() == ())
        assert ids(publication) == ["orders", "refunds"]
    finally:
        loader.stop()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_rules_in_a_folder_that_may_no_longer_be_read_stay_live(
    folder: Path, publication: Publication, archive: Archive
) -> None:
    below = folder / "below"
    below.mkdir()
    write(below / "third.yaml", rule("third"))
    loader = RuleLoader(folder, vocabulary(None), publication, "w1", poll=QUICK)
    loader.start()
    try:
        below.chmod(0)
        eventually(lambda: archive.rule_problems() != ())
        assert ids(publication) == ["orders", "refunds", "third"]
    finally:
        below.chmod(0o700)
        loader.stop()


def test_a_loader_that_runs_sees_changes_by_itself_and_leaves_in_order(
    folder: Path, publication: Publication
) -> None:
    loader = RuleLoader(folder, vocabulary(None), publication, "w1", poll=QUICK)
    books = RuleBooks(publication, "w1", poll=QUICK)
    loader.start()
    books.start()
    try:
        assert sorted(each.id for each in books.book) == ["orders", "refunds"]
        write(folder / "third.yaml", rule("third"))
        eventually(lambda: len(books.book) == 3)
    finally:
        books.stop()
        loader.stop()
    assert publication.loader() == ""


def test_a_loader_that_is_asked_looks_at_once(folder: Path, publication: Publication) -> None:
    loader = a_loader(folder, publication)
    loader.turn()
    loader.turn()
    loader.start()
    try:
        write(folder / "third.yaml", rule("third"))
        loader.look_now()
        eventually(lambda: ids(publication) == ["orders", "refunds", "third"])
    finally:
        loader.stop()
