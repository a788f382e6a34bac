"""`usher hold` and `usher release`."""

import json
from pathlib import Path

import pytest

from tests.scene import CommandLine, Scene
from usher.hold_commands import DESTINATIONS
from usher.opening import operator
from workers.store import Store


@pytest.fixture
def usher(redis_url: str) -> CommandLine:
    return CommandLine(redis_url)


def test_a_hold_is_kept_with_its_reason_and_who_put_it(store: Store, usher: CommandLine) -> None:
    result = usher("hold", "coursebox", "--why", "maintenance")

    assert result.exit_code == 0
    assert f"(by {operator()}): maintenance" in result.stdout
    held = store.holds()["coursebox"]
    assert (held["reason"], held["by"]) == ("maintenance", operator())


def test_a_second_hold_changes_nothing_and_says_what_there_is(
    store: Store, usher: CommandLine
) -> None:
    store.hold("coursebox", "log-in failed", "usher")

    result = usher("hold", "coursebox", "--why", "maintenance")

    assert result.exit_code == 0
    assert "Nothing changed: coursebox is on hold since" in result.stdout
    assert "(by usher): log-in failed" in result.stdout


def test_a_release_lets_the_runs_go_on_that_waited_for_it(store: Store, usher: CommandLine) -> None:
    scene = Scene(store)
    store.hold("coursebox", "maintenance", "ann")
    scene.held("deal 1")
    scene.held("deal 2")

    result = usher("release", "coursebox")

    assert result.stdout == "coursebox is released; 2 runs that waited can go on.\n"
    assert "No worker is running" in result.stderr
    assert store.holds() == {}


def test_releasing_what_is_not_on_hold_is_fine(usher: CommandLine) -> None:
    result = usher("release", "coursebox")

    assert (result.exit_code, result.stdout) == (0, "coursebox was not on hold.\n")


def test_both_tell_it_as_json(usher: CommandLine) -> None:
    held = json.loads(usher("hold", "coursebox", "--why", "maintenance", "--json").stdout)
    again = json.loads(usher("hold", "coursebox", "--why", "other", "--json").stdout)
    released = json.loads(usher("release", "coursebox", "--json").stdout)

    since = held.pop("since")
    assert held == {
        "destination": "coursebox",
        "on_hold": True,
        "changed": True,
        "reason": "maintenance",
        "by": operator(),
    }
    assert again == {**held, "changed": False, "since": since}
    assert released == {
        "destination": "coursebox",
        "on_hold": False,
        "changed": True,
        "runs_freed": 0,
    }


@pytest.mark.parametrize("command", [("hold", "--why", "x"), ("release",)], ids=["hold", "release"])
def test_an_unknown_destination_is_named_with_what_is_allowed(
    usher: CommandLine, command: tuple[str, ...]
) -> None:
    name, *options = command

    result = usher(name, "zapier", *options)

    assert result.exit_code == 2
    assert "'zapier' is unknown" in result.stderr
    assert all(destination in result.stderr for destination in DESTINATIONS)


def test_a_hold_needs_a_reason(usher: CommandLine) -> None:
    assert usher("hold", "coursebox").exit_code == 2


def test_a_host_that_is_asked_can_be_put_on_hold_and_released(
    store: Store, usher: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lookups.yaml").write_text("crm.deal: {url: 'https://api.crm.example/'}\n")
    monkeypatch.setenv("LOOKUPS_FILE", str(tmp_path / "lookups.yaml"))

    held = usher("hold", "lookup:api.crm.example", "--why", "maintenance")
    wrong = usher("hold", "lookup:api.crm.exmaple", "--why", "maintenance")

    assert held.exit_code == 0
    assert list(store.holds()) == ["lookup:api.crm.example"]
    assert wrong.exit_code == 2
    assert "Allowed: coursebox, lookup:api.crm.example." in wrong.stderr
    assert "is released" in usher("release", "lookup:api.crm.example").stdout


def test_a_look_up_that_is_gone_can_still_be_released(store: Store, usher: CommandLine) -> None:
    store.hold("lookup:old.example", "its key was refused", "usher")

    assert "is released" in usher("release", "lookup:old.example").stdout
    assert store.holds() == {}
