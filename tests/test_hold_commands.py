"""`usher hold` and `usher release`."""

import json
from pathlib import Path
from typing import Final

import pytest

from coursebox.calls import COURSES
from coursebox.errors import Kind, fail
from tests.scene import CommandLine, Scene
from usher.hold_commands import DESTINATIONS
from usher.opening import hold_told, now, operator
from workers.store import Store
from workers.store.gate import Limits, SharedGate


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
    assert "Allowed: coursebox, coursebox/unenrol, lookup:api.crm.example." in wrong.stderr
    assert "is released" in usher("release", "lookup:api.crm.example").stdout


def test_a_look_up_that_is_gone_can_still_be_released(store: Store, usher: CommandLine) -> None:
    store.hold("lookup:old.example", "its key was refused", "usher")

    assert "is released" in usher("release", "lookup:old.example").stdout
    assert store.holds() == {}


EMEA: Final = {
    "COURSEBOX_ACCOUNTS": "emea",
    "COURSEBOX_EMEA_URL": "https://emea.academy.example",
    "COURSEBOX_EMEA_EMAIL": "usher@academy.example",
    "COURSEBOX_EMEA_PASSWORD": "open-sesame-open-sesame",
}


@pytest.fixture
def _emea(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in EMEA.items():
        monkeypatch.setenv(name, text)


@pytest.mark.usefixtures("_emea")
@pytest.mark.parametrize(
    "destination",
    ["coursebox:emea", "coursebox/unenrol", "coursebox:emea/unenrol"],
)
def test_a_portal_or_a_part_of_its_work_can_be_put_on_hold(
    store: Store, usher: CommandLine, destination: str
) -> None:
    held = usher("hold", destination, "--why", "maintenance")

    assert held.exit_code == 0
    assert list(store.holds()) == [destination]
    assert "is released" in usher("release", destination, "--why", "done").stdout
    assert store.holds() == {}


@pytest.mark.usefixtures("_emea")
@pytest.mark.parametrize(
    ("destination", "command"),
    [
        ("coursebox/first-use", "usher coursebox confirm --why TEXT"),
        ("coursebox:emea/first-use", "usher coursebox confirm --account emea --why TEXT"),
    ],
)
def test_a_first_use_is_not_released_by_hand(
    store: Store, usher: CommandLine, destination: str, command: str
) -> None:
    store.hold(destination, "nobody has seen it", "usher")

    result = usher("release", destination)

    assert result.exit_code == 1
    assert command in result.stderr
    assert list(store.holds()) == [destination]


def test_what_is_on_hold_no_longer_in_the_settings_can_be_released(
    store: Store, usher: CommandLine
) -> None:
    store.hold("coursebox:latam", "log-in failed", "usher")
    store.hold("coursebox:latam/first-use", "nobody has seen it", "usher")

    assert "is released" in usher("release", "coursebox:latam").stdout
    assert "is released" in usher("release", "coursebox:latam/first-use").stdout


def test_the_holds_are_listed_with_who_and_why_and_what_was_before(
    store: Store, usher: CommandLine
) -> None:
    store.hold("coursebox", "log-in failed", "usher")
    usher("release", "coursebox", "--why", "password corrected")
    usher("hold", "coursebox/unenrol", "--why", "looking into it")

    text = usher("holds").stdout
    told = json.loads(usher("holds", "--json").stdout)

    assert f"(by {operator()}): looking into it" in text
    [held] = told["holds"]
    assert (held["destination"], held["by"]) == ("coursebox/unenrol", operator())
    assert [(each["what"], each["destination"], each["why"]) for each in told["changes"]] == [
        ("hold", "coursebox/unenrol", "looking into it"),
        ("release", "coursebox", "password corrected"),
        ("hold", "coursebox", "log-in failed"),
    ]
    assert [each["by"] for each in told["changes"]] == [operator(), operator(), "usher"]
    assert "password corrected" in text


def test_what_changes_nothing_is_no_part_of_the_history(store: Store, usher: CommandLine) -> None:
    store.hold("coursebox", "maintenance", "ann")
    store.hold("coursebox", "log-in failed", "usher")
    store.release("lookup:api.crm.example")

    assert len(json.loads(usher("holds", "--json").stdout)["changes"]) == 1


def test_the_last_hundred_changes_are_kept(store: Store, usher: CommandLine) -> None:
    for n in range(60):
        store.hold("coursebox", f"hold {n}", "ann")
        store.release("coursebox", by="ben")

    told = json.loads(usher("holds", "--last", "100", "--json").stdout)["changes"]

    assert len(told) == 100
    assert told[0]["by"] == "ben"
    assert told[1]["why"] == "hold 59"


def test_how_many_runs_wait_for_a_release_is_told(store: Store, usher: CommandLine) -> None:
    scene = Scene(store)
    store.hold("coursebox", "maintenance", "ann")
    scene.held("deal 1")
    scene.held("deal 2")

    text = usher("holds").stdout
    [held] = json.loads(usher("holds", "--json").stdout)["holds"]

    assert "2 runs wait for it." in text
    assert held["runs"] == 2


@pytest.mark.usefixtures("_emea")
def test_where_learners_may_be_removed_is_told(usher: CommandLine) -> None:
    where = f"Removing and changing learners in {EMEA['COURSEBOX_EMEA_URL']}"

    before = usher("holds").stdout
    usher("coursebox", "confirm", "--account", "emea", "--why", "seen in staging")
    after = usher("holds").stdout
    [known] = json.loads(usher("holds", "--json").stdout)["removals"]

    assert f"{where}: waits until `usher coursebox check --account emea --course ID`" in before
    assert f"{where}: allowed, confirmed by {operator()}" in after
    assert (known["account"], known["allowed"]) == ("emea", True)


@pytest.mark.usefixtures("_emea")
def test_a_portal_that_the_settings_confirm_is_told_so(
    usher: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSEBOX_EMEA_FIRST_USE", "confirmed")

    assert "allowed, COURSEBOX_EMEA_FIRST_USE is confirmed" in usher("holds").stdout


def test_with_nothing_on_hold_that_is_said(usher: CommandLine) -> None:
    assert usher("holds").stdout == "Nothing is on hold.\n"


def test_the_hold_of_a_circuit_says_when_it_is_tried_again_and_gives_way_to_a_persons(
    store: Store, usher: CommandLine
) -> None:
    gate = SharedGate(store.connection, "coursebox", Limits(1000, 100))
    for _ in range(10):
        with gate.passing(COURSES) as passage:
            passage.answered(fail(COURSES, Kind.TIMED_OUT))

    told = hold_told("coursebox", store.holds()["coursebox"], now())
    taken_over = usher("hold", "coursebox", "--why", "maintenance")

    assert "Usher tries by itself whether it works again, next at" in told
    assert taken_over.exit_code == 0
    assert "Nothing changed" not in taken_over.stdout
    assert store.holds()["coursebox"]["reason"] == "maintenance"
