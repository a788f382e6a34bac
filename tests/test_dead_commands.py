"""`usher dead`: what gave up, and that a replay does only what is left."""

import json

import pytest

from tests.scene import CommandLine, Scene
from usher.opening import operator
from workers.store import Archive, EventState, RunState, Store


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def archive(store: Store) -> Archive:
    return Archive(store.connection)


@pytest.fixture
def usher(redis_url: str) -> CommandLine:
    return CommandLine(redis_url)


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        pytest.param([], ["", "auto-enrol", "deal-won"], id="all"),
        pytest.param(["--rule", "deal-won"], ["deal-won"], id="by rule"),
        pytest.param(["--source", "form"], ["auto-enrol"], id="by source"),
        pytest.param(["--limit", "1"], [""], id="cut"),
    ],
)
def test_dead_letters_are_listed_latest_first_and_can_be_narrowed(
    scene: Scene, usher: CommandLine, options: list[str], rules: list[str]
) -> None:
    scene.dead("deal 1")
    scene.dead("form 1", "form", "auto-enrol")
    scene.undeliverable()
    scene.finished("deal 2")

    letters = json.loads(usher("dead", "list", "--json", *options).stdout)

    assert [letter["rule"] for letter in letters] == rules


def test_a_line_of_the_list_says_whom_it_hit_and_why(scene: Scene, usher: CommandLine) -> None:
    run = scene.dead()

    lines = usher("dead", "list").stdout.splitlines()

    assert lines[1].startswith(run.id)
    assert lines[1].endswith("deal-won  ada@mail.example  Coursebox has no course 7")
    assert lines[-1] == "1 dead letter"


def test_a_dead_letter_is_shown_with_why_what_is_done_and_what_is_left(
    scene: Scene, usher: CommandLine
) -> None:
    run = scene.dead()

    result = usher("dead", "show", run.id[-8:])

    for told in (
        "why      Coursebox has no course 7",
        "done     enrol ada@mail.example, course 42: enrolled",
        "left     invite ada@mail.example, course 7: tried once, not done",
        'back  404 {"error": {"message": "no such course"}} (120 ms)',
        run.event,
        '"stage": "closedwon"',
    ):
        assert told in result.stdout
    assert f"usher dead replay {run.id[-8:]}" in result.stderr


def test_the_json_of_a_dead_letter_holds_what_is_shown(scene: Scene, usher: CommandLine) -> None:
    run = scene.dead()

    letter = json.loads(usher("dead", "show", run.id, "--json").stdout)

    assert (letter["kind"], letter["learner"]) == ("run", "ada@mail.example")
    assert [step["action"] for step in letter["done"]] == ["enrol"]
    assert [step["action"] for step in letter["left"]] == ["invite"]
    assert letter["gave_up_at"].endswith("Z")
    assert len(letter["attempts"]) == 2
    assert letter["event"]["body"] == {"id": 7, "stage": "closedwon"}


def test_an_event_that_the_rules_could_not_be_given_is_a_dead_letter_too(
    scene: Scene, usher: CommandLine, archive: Archive
) -> None:
    event_id = scene.undeliverable("the rules broke")

    shown = usher("dead", "show", event_id)
    listed = json.loads(usher("dead", "list", "--json").stdout)
    replayed = usher("dead", "replay", event_id, "--json")

    assert "the rules broke" in shown.stdout
    assert (listed[0]["kind"], listed[0]["id"]) == ("event", event_id)
    assert json.loads(replayed.stdout) == [{"id": event_id, "replayed": True}]
    event = archive.event(event_id)
    assert event is not None
    assert event.state is EventState.PENDING


def test_a_replay_keeps_what_is_done_and_names_who_asked_for_it(
    scene: Scene, usher: CommandLine, archive: Archive
) -> None:
    run = scene.dead()

    result = usher("dead", "replay", run.id)

    assert result.exit_code == 0
    assert result.stdout == f"{run.id}  replayed: invite ada@mail.example, course 7\n"
    again = archive.run(run.id)
    assert again is not None
    assert again.state is RunState.READY
    assert again.reason == f"replayed by {operator()}"
    assert [step.outcome for step in again.steps] == ["enrolled", ""]
    assert archive.dead() == []


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [
        pytest.param("y\n", 0, 0, id="yes"),
        pytest.param("n\n", 1, 3, id="no"),
        pytest.param("", 2, 3, id="nobody to ask"),
    ],
)
def test_more_than_one_is_shown_first_and_asked_about(
    scene: Scene, usher: CommandLine, archive: Archive, answer: str, code: int, left: int
) -> None:
    for n in range(3):
        scene.dead(f"deal {n}")

    result = usher("dead", "replay", "--all", stdin=answer)

    assert result.exit_code == code
    assert len(archive.dead()) == left
    for told in (
        "3 dead letters would be tried again",
        "invite: 3",
        "invite ada@mail.example, course 7",
    ):
        assert told in result.stderr


def test_many_are_told_by_their_number_and_the_latest_of_them(
    scene: Scene, usher: CommandLine
) -> None:
    for n in range(7):
        scene.dead(f"deal {n}")

    said = usher("dead", "replay", "--all", stdin="n\n").stderr

    assert said.count("invite ada@mail.example") == 5
    assert "... and 2 more" in said


def test_all_of_one_rule_are_replayed_without_asking_when_told_so(
    scene: Scene, usher: CommandLine, archive: Archive
) -> None:
    meant = {scene.dead(f"deal {n}").id for n in range(2)}
    other = scene.dead("form 1", "form", "auto-enrol")
    unread = scene.undeliverable()

    result = usher("dead", "replay", "--all", "--rule", "deal-won", "--yes", "--json")

    assert {letter["id"] for letter in json.loads(result.stdout)} == meant
    assert set(archive.dead()) == {other.id, unread}


def test_the_question_does_not_spoil_the_json(scene: Scene, usher: CommandLine) -> None:
    scene.dead("deal 1")
    scene.dead("deal 2")

    result = usher("dead", "replay", "--all", "--json", stdin="y\n")

    assert len(json.loads(result.stdout)) == 2


def test_the_same_id_twice_is_replayed_once(scene: Scene, usher: CommandLine) -> None:
    run = scene.dead()

    result = usher("dead", "replay", run.id, run.id[-8:], "--json")

    assert json.loads(result.stdout) == [{"id": run.id, "replayed": True}]


def test_one_unknown_id_among_several_replays_none(
    scene: Scene, usher: CommandLine, archive: Archive
) -> None:
    run = scene.dead()

    result = usher("dead", "replay", run.id, "run_unheard", "--yes")

    assert result.exit_code == 1
    assert "There is no dead letter 'run_unheard'" in result.stderr
    assert archive.dead() == [run.id]


def test_what_is_no_dead_letter_is_said_to_be_so(scene: Scene, usher: CommandLine) -> None:
    finished, dead = scene.finished("deal 1"), scene.dead("deal 2")

    of_run = usher("dead", "replay", finished.id)
    of_event = usher("dead", "replay", dead.event)

    assert (of_run.exit_code, of_event.exit_code) == (1, 1)
    assert "That run is finished." in of_run.stderr
    assert f"Its run {dead.id} gave up." in of_event.stderr


def test_replaying_all_where_there_are_none_is_fine(usher: CommandLine) -> None:
    result = usher("dead", "replay", "--all")

    assert (result.exit_code, result.stdout) == (0, "There are no such dead letters.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="neither"),
        pytest.param(["run_1", "--all"], id="both"),
        pytest.param(["run_1", "--rule", "deal-won"], id="rule without all"),
    ],
)
def test_either_ids_or_all_must_be_said(usher: CommandLine, arguments: list[str]) -> None:
    result = usher("dead", "replay", *arguments)

    assert result.exit_code == 2
    assert "--all" in result.stderr
