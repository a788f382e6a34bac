"""`usher rules status` and `reload`: what is live, who has it, what is refused and why."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rule_files import rule, write
from tests.scene import CommandLine
from usher.rules_live_commands import IN_TIME
from workers.rulebooks import RuleBooks
from workers.ruleloader import RuleLoader
from workers.sources_file import vocabulary
from workers.store import Publication, Store
from workers.store.keys import KEYS


@pytest.fixture
def usher(redis_url: str) -> CommandLine:
    return CommandLine(redis_url)


@pytest.fixture
def publication(store: Store) -> Publication:
    return Publication(store.connection)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "orders.yaml", rule("orders"))
    write(tmp_path / "refunds.yaml", rule("refunds"))
    return tmp_path


@pytest.fixture
def loader(folder: Path, publication: Publication, store: Store) -> RuleLoader:
    """The loader of worker w1, which has loaded what is there and has it itself."""
    made = RuleLoader(folder, vocabulary(None), publication, "w1", poll=60.0)
    made.turn(now=True)
    store.beat("w1", [])
    RuleBooks(publication, "w1").follow()
    return made


@pytest.fixture
def running(loader: RuleLoader) -> Iterator[RuleLoader]:
    """The loader as it is in a worker: it looks by itself every now and then."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            loader.turn()

    thread = threading.Thread(target=look)
    thread.start()
    yield loader
    over.set()
    thread.join()


def published_long_ago(store: Store) -> None:
    """As if what is live had been published well before now."""
    redis = store.connection.redis
    at = int(redis.hget(KEYS["live_rules"], "published_at"))
    redis.hset(KEYS["live_rules"], "published_at", at - int(IN_TIME * 2000))


def test_where_nothing_was_published_nothing_is_live(usher: CommandLine, store: Store) -> None:
    result = usher("rules", "status")

    assert result.exit_code == 1
    assert "No rules are live yet." in result.stdout
    assert "start one" in result.stderr


def test_all_is_well_where_every_worker_has_what_lies_in_the_folder(
    usher: CommandLine, loader: RuleLoader, folder: Path, publication: Publication
) -> None:
    result = usher("rules", "status")

    found = publication.live()
    assert found is not None
    assert result.exit_code == 0
    assert f"2 rules of 2 files live, version {found[0].version[:12]}" in result.stdout
    assert str(folder) in result.stdout
    assert "loaded by  w1" in result.stdout


def test_what_is_refused_is_told_with_its_place(
    usher: CommandLine, loader: RuleLoader, folder: Path
) -> None:
    write(folder / "orders.yaml", rule("orders").replace("action:", "akshun:"))
    loader.turn(now=True)

    result = usher("rules", "status")
    told = json.loads(usher("rules", "status", "--json").stdout)

    assert result.exit_code == 1
    assert "orders.yaml:8:" in result.stdout
    assert told["refused"][0]["file"] == "orders.yaml"
    assert (told["ok"], told["rules"]) == (False, 2)


def test_a_worker_that_is_behind_is_named(
    usher: CommandLine, loader: RuleLoader, folder: Path, store: Store
) -> None:
    store.beat("w2", [])
    on_time = usher("rules", "status")
    published_long_ago(store)

    late = usher("rules", "status")

    assert on_time.exit_code == 0
    assert late.exit_code == 1
    assert [line.split() for line in late.stdout.splitlines() if line.endswith("behind")] == [
        ["w2", "-", "behind"]
    ]


def test_a_worker_that_has_gone_is_not_behind(
    usher: CommandLine, loader: RuleLoader, store: Store
) -> None:
    published_long_ago(store)
    store.beat("w2", [])
    store.goodbye("w2")

    assert usher("rules", "status").exit_code == 0


def test_the_json_of_the_status_has_stable_names(usher: CommandLine, loader: RuleLoader) -> None:
    told = json.loads(usher("rules", "status", "--json").stdout)

    assert set(told) == {
        "version", "generation", "rules", "files", "since", "commit", "folder", "loader",
        "refused", "workers", "ok",
    }  # fmt: skip
    assert told["workers"] == [{"worker": "w1", "version": told["version"], "behind": False}]
    assert told["since"].endswith("Z")


def test_a_reload_reads_the_folder_and_says_what_came_of_it(
    usher: CommandLine, running: RuleLoader, folder: Path
) -> None:
    write(folder / "third.yaml", rule("third"))
    good = usher("rules", "reload")
    write(folder / "third.yaml", "version: [")
    bad = usher("rules", "reload")

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "3 rules of 3 files live" in good.stdout
    assert "\n  third.yaml:1:" in bad.stdout


def test_a_removal_is_carried_out_once_it_is_accepted(
    usher: CommandLine, running: RuleLoader, folder: Path
) -> None:
    write(folder / "third.yaml", rule("third"))
    assert usher("rules", "reload").exit_code == 0
    for name in ("orders", "refunds"):
        (folder / f"{name}.yaml").unlink()

    refused = usher("rules", "reload")
    accepted = usher("rules", "reload", "--accept-removal")

    assert refused.exit_code == 1
    assert "removal of 2 of 3 files at once" in refused.stdout
    assert accepted.exit_code == 0
    assert "1 rule of 1 file live" in accepted.stdout


def test_without_a_worker_there_is_nobody_to_ask(usher: CommandLine, store: Store) -> None:
    result = usher("rules", "reload")

    assert result.exit_code == 2
    assert "No worker is alive that could read the rules." in result.stderr
