"""`usher runs`: what is done, how far it has come, and what was said to Coursebox."""

import json
from collections.abc import Callable

import pytest

from tests.scene import ENROL, HASH, CommandLine, Scene
from workers.running import SWITCHED_OFF
from workers.store import Move, Run, Store


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def usher(redis_url: str) -> CommandLine:
    return CommandLine(redis_url)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param([], ["form 1", "deal 2", "deal 1"], id="all"),
        pytest.param(["--state", "finished"], ["deal 1"], id="by state"),
        pytest.param(["--rule", "auto-enrol"], ["form 1"], id="by rule"),
        pytest.param(["--source", "crm"], ["deal 2", "deal 1"], id="by source"),
        pytest.param(["--limit", "1"], ["form 1"], id="cut"),
    ],
)
def test_runs_are_listed_newest_first_and_can_be_narrowed(
    scene: Scene, usher: CommandLine, options: list[str], expected: list[str]
) -> None:
    events = {
        scene.finished("deal 1").event: "deal 1",
        scene.waiting("deal 2").event: "deal 2",
        scene.dead("form 1", "form", "auto-enrol").event: "form 1",
    }

    runs = json.loads(usher("runs", "list", "--json", *options).stdout)

    assert [events[run["event_id"]] for run in runs] == expected


def test_a_line_of_the_list_says_what_came_of_the_run(scene: Scene, usher: CommandLine) -> None:
    scene.finished("deal 1")
    scene.waiting("deal 2")
    scene.dead("deal 3")

    dead, waiting, finished = usher("runs", "list").stdout.splitlines()[1:]

    assert dead.endswith("Coursebox has no course 7")
    assert waiting.endswith(": tried 2 times: Coursebox did not answer in time")
    assert finished.endswith("created and enrolled")


def test_an_empty_list_says_so(usher: CommandLine) -> None:
    result = usher("runs", "list")

    assert (result.exit_code, result.stderr) == (0, "There are no such runs.\n")


def test_a_run_is_shown_with_its_rule_its_steps_and_its_attempts(
    scene: Scene, usher: CommandLine
) -> None:
    run = scene.finished()

    shown = usher("runs", "show", run.id).stdout

    for told in (
        "finished 20",
        "deal-won (Seat the winner), version 5be0d2f1c3aa, deals.yaml:4",
        f"{run.event} (crm)",
        "enrol ada@mail.example, course 42: created and enrolled",
        "step 1, try 1, ",
        "POST /api/Courses/42/enrolUser",
        '{"id": 42, "userId": 9}',
        "200 (empty) (120 ms)",
    ):
        assert told in shown
    assert HASH not in shown


def test_a_run_is_found_by_the_end_of_its_id(scene: Scene, usher: CommandLine) -> None:
    run = scene.finished()

    assert run.id in usher("runs", "show", run.id[-8:]).stdout


def test_the_json_of_a_run_has_stable_names(scene: Scene, usher: CommandLine) -> None:
    run = scene.waiting()

    shown = json.loads(usher("runs", "show", run.id, "--json").stdout)

    assert set(shown) == {
        "id", "event_id", "source", "rule", "rule_name", "rule_version", "file", "line",
        "item_key", "item", "dry_run", "state", "reason", "created_at", "finished_at", "due_at",
        "replays", "steps", "attempts", "rules_version", "commit", "engine", "account",
            "priority", "parent_id", "lookups",
    }  # fmt: skip
    assert shown["due_at"].endswith("Z")
    assert shown["finished_at"] is None
    assert shown["steps"] == [
        {
            "id": "1",
            "action": "enrol",
            "params": {"email": "ada@mail.example", "course_id": 42},
            "done": False,
            "outcome": "",
            "detail": "",
            "tries": 2,
        }
    ]
    assert shown["attempts"][0]["exchanges"][0]["status"] == 404


def _working(scene: Scene) -> Run:
    return scene.store.run(scene.run().id)


@pytest.mark.parametrize(
    ("make", "alive", "said"),
    [
        pytest.param(
            Scene.waiting, True, ": tried 2 times: Coursebox did not answer in time", id="waiting"
        ),
        pytest.param(Scene.waiting, True, "waiting until ", id="until"),
        pytest.param(Scene.waiting, True, " (in 1 min): ", id="how long"),
        pytest.param(Scene.dead, True, "gave up 20", id="dead"),
        pytest.param(_working, True, "being carried out", id="working"),
        pytest.param(_working, False, "its worker has gone", id="worker gone"),
    ],
)
def test_the_state_of_a_run_is_a_sentence(
    scene: Scene, usher: CommandLine, make: Callable[[Scene], Run], alive: bool, said: str
) -> None:
    run = make(scene)
    if alive:
        scene.alive()

    result = usher("runs", "show", run.id)

    assert said in result.stdout
    assert ("No worker is running" in result.stderr) is not alive


def test_a_run_on_hold_says_who_holds_it_and_why(scene: Scene, usher: CommandLine) -> None:
    run = scene.held()
    scene.store.hold("coursebox", "maintenance", "ann")

    shown = usher("runs", "show", run.id).stdout

    assert "waiting for the release of a hold: coursebox is on hold since " in shown
    assert "(by ann): maintenance" in shown


def test_a_replayed_run_says_so(scene: Scene, usher: CommandLine) -> None:
    run = scene.dead()
    scene.store.replay(run.id, run.steps, "ann")

    shown = usher("runs", "show", run.id).stdout

    assert "ready for a worker: replayed by ann" in shown
    assert "1 time" in shown


def test_a_dry_run_and_its_item_are_named(scene: Scene, usher: CommandLine) -> None:
    claim = scene.run(dry_run=True, item=("sku-1", {"sku": "sku-1", "secret": "s-1"}))

    shown = usher("runs", "show", claim.id).stdout

    assert "nothing is sent to Coursebox" in shown
    assert 'sku-1: {"sku": "sku-1", "secret": "(redacted)"}' in shown


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param("run_unheard", "There is no run 'run_unheard'.", id="unknown"),
        pytest.param("evt_01", "usher events show evt_01", id="an event"),
    ],
)
def test_an_id_that_is_no_run_is_said_to_be_so(usher: CommandLine, wanted: str, said: str) -> None:
    result = usher("runs", "show", wanted)

    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize(
    ("move", "reason", "state", "listed"),
    [
        (Move.SKIPPED, "require: people count at_least 1 (event has 0)", "skipped", "require: "),
        (Move.CANCELLED, SWITCHED_OFF, "cancelled: rule switched off,", "rule switched off"),
        (
            Move.WAITING, 'waits until 2026-11-26 14:03 UTC for step "2" (delay 3 days)',
            'waits until 2026-11-26 14:03 UTC for step "2" (delay 3 days), in ', "waits until 2026",
        ),
        (
            Move.WAITING, "parked: the rule is limited to 2 runs in 1 hour",
            "): parked: the rule is limited to 2 runs in 1 hour", "parked: the rule is limited",
        ),
        (Move.FINISHED, 'step "1" failed: no such course', "failed: no such course", "enrol"),
    ],
    ids=["skipped", "cancelled", "delayed", "parked", "with a failed step"],
)  # fmt: skip
def test_what_a_run_came_to_or_waits_for_is_said_though_coursebox_is_on_hold(
    scene: Scene, usher: CommandLine, move: Move, reason: str, state: str, listed: str
) -> None:
    claim = scene.run()
    scene.store.record(claim, (ENROL,), move, reason=reason, delay=3 * 86_400)
    scene.store.hold("coursebox", "maintenance", "ops")
    scene.alive()

    shown = " ".join(usher("runs", "show", claim.id).stdout.split())
    rows = usher("runs", "list").stdout

    assert state in shown
    assert "on hold" not in shown
    assert listed in rows or move is Move.FINISHED
    assert json.loads(usher("runs", "show", claim.id, "--json").stdout)["reason"] == reason


def test_what_a_run_was_told_by_look_ups_is_shown(scene: Scene, usher: CommandLine) -> None:
    claim = scene.run()
    scene.store.keep_lookup(claim, "deal", '{"amount": 7, "api_key": "k"}')

    shown = usher("runs", "show", claim.id)
    as_json = json.loads(usher("runs", "show", claim.id, "--json").stdout)

    assert 'look-up deal  {"amount": 7' in shown.stdout
    assert as_json["lookups"]["deal"]["amount"] == 7
    assert '"k"' not in shown.stdout
