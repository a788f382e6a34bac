"""`usher events`: what came, what the rules said of it, and what it led to."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.scene import CommandLine, Scene
from workers.store import EventState, SaidOf, Store
from workers.store.keys import KEYS


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def usher(redis_url: str) -> CommandLine:
    return CommandLine(redis_url)


def test_the_list_has_the_newest_first_and_ends_with_the_balance(
    scene: Scene, usher: CommandLine
) -> None:
    scene.finished("deal 1")
    scene.ignored("deal 2")
    scene.dead("deal 3")
    scene.waiting("deal 4")

    result = usher("events", "list")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[-1] for line in lines[1:5]] == ["4", "3", "2", "1"]
    assert [next(state for state in EventState if f" {state} " in line) for line in lines[1:5]] == [
        "pending",
        "dead",
        "ignored",
        "finished",
    ]
    assert lines[-1] == "accepted 4 = finished 1 + pending 1 + dead 1 + ignored 1"


def test_the_list_says_that_pending_events_wait_for_a_worker(
    scene: Scene, usher: CommandLine
) -> None:
    scene.event()

    assert "No worker is running" in usher("events", "list").stderr
    scene.alive()
    assert usher("events", "list").stderr == ""


@pytest.mark.parametrize(
    ("options", "identities"),
    [
        pytest.param(["--state", "ignored"], ["deal 2", "deal 1"], id="by state"),
        pytest.param(["--source", "form"], ["form 1"], id="by source"),
        pytest.param(["--limit", "2"], ["form 1", "deal 2"], id="cut"),
        pytest.param(["--source", "unheard-of"], [], id="none"),
    ],
)
def test_the_list_can_be_narrowed(
    scene: Scene, usher: CommandLine, options: list[str], identities: list[str]
) -> None:
    scene.ignored("deal 1")
    scene.ignored("deal 2")
    scene.event("form 1", "form")

    result = usher("events", "list", "--json", *options)

    assert [event["identity"] for event in json.loads(result.stdout)] == identities


def test_the_balance_is_that_of_the_source_asked_for(scene: Scene, usher: CommandLine) -> None:
    scene.ignored("deal 1")
    scene.event("form 1", "form")

    result = usher("events", "list", "--source", "form")

    assert result.stdout.splitlines()[-1] == (
        "accepted 1 = finished 0 + pending 1 + dead 0 + ignored 0"
    )


def test_a_balance_that_does_not_come_out_even_says_what_to_do(
    scene: Scene, store: Store, usher: CommandLine
) -> None:
    scene.finished("deal 1")
    store.connection.redis.hincrby(KEYS["counts"], "crm accepted", 1)

    result = usher("events", "list")

    assert "accepted 2 = finished 1" in result.stdout
    assert "does not come out even" in result.stderr
    assert "Keep a copy of the data" in result.stderr


def test_an_empty_list_says_so(usher: CommandLine) -> None:
    result = usher("events", "list")

    assert (result.exit_code, result.stderr) == (0, "There are no such events.\n")
    assert json.loads(usher("events", "list", "--json").stdout) == []


def test_the_json_of_the_list_has_stable_names(scene: Scene, usher: CommandLine) -> None:
    run = scene.finished("deal 1")
    scene.event("deal 1")

    [event] = json.loads(usher("events", "list", "--json").stdout)

    received = scene.get_event(run.event).received_at
    assert datetime.fromisoformat(event.pop("received_at")) == received
    assert event.pop("occurred_at").endswith("Z")
    assert event == {
        "id": run.event,
        "source": "crm",
        "type": "deal.updated",
        "identity": "deal 1",
        "state": "finished",
        "duplicates": 1,
        "reason": "",
        "run_ids": [run.id],
    }


def test_an_event_is_shown_with_every_verdict_its_runs_and_its_body(
    scene: Scene, usher: CommandLine
) -> None:
    run = scene.dead()

    shown = usher("events", "show", run.event).stdout

    for told in (
        "crm deal.updated",
        "dead: a run of it gave up",
        "yes: all conditions hold",
        'no: deal.stage equals "refunded" (event has "closedwon")',
        run.id,
        "enrol ada@mail.example, course 42: enrolled",
        "invite ada@mail.example, course 7: tried once, not done",
        '    "stage": "closedwon"',
    ):
        assert told in shown


def test_of_an_event_that_no_rule_speaks_of_only_the_reason_is_shown(
    scene: Scene, usher: CommandLine
) -> None:
    event_id = scene.ignored(said=SaidOf("", False, "no rule speaks of crm deal.updated"))

    shown = usher("events", "show", event_id).stdout

    assert "What the rules said\n  no rule speaks of crm deal.updated\n\n" in shown


def test_the_json_of_an_event_holds_what_is_shown(scene: Scene, usher: CommandLine) -> None:
    run = scene.finished()

    event = json.loads(usher("events", "show", run.event, "--json").stdout)

    assert event["body"] == {"id": 7, "stage": "closedwon"}
    assert [said["matched"] for said in event["verdicts"]] == [True, False]
    [shown] = event["runs"]
    assert (shown["id"], shown["state"], shown["rule_version"]) == (
        run.id,
        "finished",
        "5be0d2f1c3aa",
    )
    assert shown["steps"][0]["outcome"] == "created_and_enrolled"


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(lambda id_: id_, id="the whole id"),
        pytest.param(lambda id_: id_.lower(), id="in small letters"),
        pytest.param(lambda id_: id_[:-1], id="its beginning"),
        pytest.param(lambda id_: id_.removeprefix("evt_")[:-1], id="its beginning without evt_"),
        pytest.param(lambda id_: id_[-6:], id="its last six characters"),
    ],
)
def test_an_event_is_found_by_a_part_of_its_id(
    scene: Scene, usher: CommandLine, part: Callable[[str], str]
) -> None:
    event_id = scene.event()

    result = usher("events", "show", part(event_id), "--json")

    assert json.loads(result.stdout)["id"] == event_id


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param("evt_unheard", "There is no event 'evt_unheard'.", id="unknown"),
        pytest.param("evt_", "stands for more than one event", id="not unique"),
        pytest.param("run_01", "usher runs show run_01", id="a run"),
        pytest.param("", "There is no event ''.", id="nothing"),
    ],
)
def test_an_id_that_is_not_one_event_is_said_to_be_so(
    scene: Scene, usher: CommandLine, wanted: str, said: str
) -> None:
    scene.event("deal 1")
    scene.event("deal 2")

    result = usher("events", "show", wanted)

    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


def test_five_last_characters_are_too_few(scene: Scene, usher: CommandLine) -> None:
    assert usher("events", "show", scene.event()[-5:]).exit_code == 1


def test_a_long_body_is_cut_unless_all_of_it_is_wanted(scene: Scene, usher: CommandLine) -> None:
    event_id = scene.event(people=[f"person {n}" for n in range(100)])

    cut = usher("events", "show", event_id)
    full = usher("events", "show", event_id, "--full")

    assert "person 99" not in cut.stdout
    assert "64 more lines: --full shows them" in cut.stderr
    assert "person 99" in full.stdout
    assert "--full" not in full.stderr


def test_what_a_form_calls_a_password_is_not_shown(scene: Scene, usher: CommandLine) -> None:
    event_id = scene.event(answers={"New password": "hunter2", "name": "Ada", "token": "t-1"})

    for option in ("--full", "--json"):
        shown = usher("events", "show", event_id, option).stdout
        assert "hunter2" not in shown
        assert "Ada" in shown
        assert "t-1" in shown


def test_what_was_sent_cannot_move_the_cursor_of_a_terminal(
    scene: Scene, usher: CommandLine
) -> None:
    event_id = scene.event("\x1b[2J deal", note="\x9b31m \u202e \ud800 Zoë")

    shown = usher("events", "show", event_id).stdout + usher("events", "list").stdout

    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert "\\x1b[2J deal" in shown
    assert "Zoë" in shown


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda s: s.event(), "pending: not yet given to the rules", id="waits"),
        pytest.param(lambda s: s.ignored(), "ignored: no rule wanted it", id="ignored"),
        pytest.param(lambda s: s.finished().event, "finished: 1 run", id="finished"),
        pytest.param(lambda s: s.waiting().event, "pending: its run has not ended", id="run waits"),
        pytest.param(
            lambda s: s.undeliverable("the rules broke"),
            "dead: it could not be given to the rules: the rules broke",
            id="undeliverable",
        ),
    ],
)
def test_the_outcome_of_an_event_is_a_sentence(
    scene: Scene, usher: CommandLine, make: Callable[[Scene], str], said: str
) -> None:
    assert said in usher("events", "show", make(scene)).stdout
