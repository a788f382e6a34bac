"""Replaying a dead letter with today's rule: shown first, and what is done stays done."""

import json
from collections.abc import Iterator

import pytest

from coursebox.simulator import RunningSimulator, running_simulator
from rulebook import Rule, Snapshot, document_of
from tests.engine_room import ADA, Room, a_book, engine_room
from tests.scene import ENROL as ENROL_ADA
from tests.scene import INVITE as INVITE_ADA
from tests.scene import CommandLine, Scene
from workers.store import Move, Publication, Store
from workers.store.replays import Successor, replay_with

HEAD = """version: 1
owner: ops@usher.example
rules:
  - id: seat
    when: {source: shop, event: order.paid}
"""
ENROL = """      - id: seat
        action: enrol
        with: {email: "${ body.email }", course_id: %s}
"""
INVITE = """      - id: tell
        action: invite
        with: {email: "${ body.email }", course_id: %s}
"""
THEN = "    then:\n"
# no such course: the run gives up at its second step
OLD = HEAD + THEN + ENROL % 101 + INVITE % 999
NEW = HEAD + THEN + ENROL % 101 + INVITE % 102


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


@pytest.fixture
def room(redis_url: str, sim: RunningSimulator) -> Iterator[Room]:
    with engine_room(redis_url, sim, rules=OLD) as made:
        yield made


@pytest.fixture
def usher(redis_url: str) -> CommandLine:
    return CommandLine(redis_url)


def publish(room: Room, text: str) -> Rule:
    """Makes these rules the live ones."""
    publication = Publication(room.store.connection)
    snapshot = Snapshot(tuple(a_book(text)), "c" * 40)
    publication.elect("w", True, 60)
    live: dict[str, str | int] = {
        "document": document_of(snapshot.text),
        "version": snapshot.version,
        "rules": len(snapshot.rules),
        "files": 1,
        "folder": "/rules",
        "commit": snapshot.commit,
    }
    assert publication.publish("w", live, snapshot.text, snapshot.bodies, {}, ())
    return snapshot.rules[0]


def a_dead_run(room: Room) -> str:
    """The id of the event whose run has seated Ada and could not invite her."""
    event_id = room.post()
    assert room.settle(event_id).state == "dead"
    return event_id


def test_the_difference_is_shown_and_the_run_goes_on_with_todays_rule(
    room: Room, usher: CommandLine
) -> None:
    event_id = a_dead_run(room)
    before = room.run(event_id)
    rule = publish(room, NEW)

    result = usher("dead", "replay", before.id, "--with-todays-rule", stdin="y\n")
    event = room.settle(event_id)

    assert result.exit_code == 0, result.stderr
    for line in (
        f"{before.id}  seat  {before.rule_hash[:12]} -> {rule.hash[:12]}",
        f"  = enrol {ADA}, course 101",
        f"  - invite {ADA}, course 999",
        f"  + invite {ADA}, course 102",
    ):
        assert line in result.stderr
    assert f"replayed: with today's rule, version {rule.hash[:12]}" in result.stdout
    run = room.run(event_id)
    assert event.state == "finished"
    assert (run.rule_hash, run.commit, run.replays) == (rule.hash, "c" * 40, 1)
    assert run.steps[0] == before.steps[0]
    assert len(room.calls("enrolUser")) == 1
    assert room.effects("invitation_mails") == {"102": {ADA: 1}}


@pytest.mark.parametrize(
    ("answer", "code"), [pytest.param("n\n", 1, id="no"), pytest.param("", 2, id="nobody to ask")]
)
def test_nothing_happens_without_a_yes(
    room: Room, usher: CommandLine, answer: str, code: int
) -> None:
    run = room.run(a_dead_run(room))
    publish(room, NEW)

    result = usher("dead", "replay", run.id, "--with-todays-rule", stdin=answer)

    assert result.exit_code == code
    assert "course 102" in result.stderr
    assert room.archive.dead() == [run.id]


def test_as_it_was_is_what_a_replay_does_without_more(room: Room, usher: CommandLine) -> None:
    event_id = a_dead_run(room)
    before = room.run(event_id)
    publish(room, NEW)

    assert usher("dead", "replay", before.id).exit_code == 0
    room.settle(event_id)

    after = room.run(event_id)
    assert (after.state, after.rule_hash, after.replays) == ("dead", before.rule_hash, 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            HEAD + THEN + INVITE % 102, 'step "seat" (enrol) is done', id="a done step is gone"
        ),
        pytest.param(
            HEAD + THEN + (INVITE % 102).replace("id: tell", "id: seat"),
            'step "seat" is done as enrol, and in today\'s rule it is invite',
            id="a done step does something else",
        ),
        pytest.param(
            HEAD + "    if: {body.email: nobody@customer.example}\n" + THEN + ENROL % 101,
            "does not want this event: no: ",
            id="the event is not wanted",
        ),
        pytest.param(
            HEAD + "    enabled: false\n" + THEN + ENROL % 101 + INVITE % 102,
            "switched off",
            id="switched off",
        ),
        pytest.param(
            NEW.replace("id: seat\n    when", "id: other\n    when"),
            "no rule seat is live today",
            id="removed",
        ),
        pytest.param(
            NEW.replace("order.paid", "order.packed"),
            "is not about shop order.paid",
            id="about something else",
        ),
        pytest.param(
            HEAD + "    for_each: body.courses\n" + THEN + ENROL % 101 + INVITE % 102,
            "makes a run of each item",
            id="split now",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(
    room: Room, usher: CommandLine, text: str, why: str
) -> None:
    run = room.run(a_dead_run(room))
    publish(room, text)

    result = usher("dead", "replay", run.id, "--with-todays-rule", "--yes")

    assert result.exit_code == 1
    assert why in result.stderr
    assert "can be replayed as it was" in result.stderr
    assert room.archive.dead() == [run.id]


def test_of_several_those_that_fit_go_on_and_the_others_are_told(
    room: Room, usher: CommandLine
) -> None:
    first, second = a_dead_run(room), a_dead_run(room)
    publish(room, NEW.replace("when: {", "if: {body.n: {is_present: false}}\n    when: {"))
    letters = {room.run(first).id, room.run(second).id}

    result = usher("dead", "replay", "--all", "--with-todays-rule", "--yes", "--json")

    assert {letter["id"] for letter in json.loads(result.stdout)} == letters
    assert all(letter["rule_version"] for letter in json.loads(result.stdout))
    assert room.archive.dead() == []


def test_a_list_that_could_not_be_read_is_split_by_todays_rule(
    redis_url: str, sim: RunningSimulator, usher: CommandLine
) -> None:
    each = HEAD + "    for_each: %s\n" + THEN + ENROL % '"${ item }"'
    with engine_room(redis_url, sim, rules=each % "body.course") as room:
        event_id = room.post(email=ADA, courses=[101, 102], course=7)
        room.settle(event_id)
        (run_id,) = room.archive.dead()
        publish(room, each % "body.courses")

        result = usher("dead", "replay", run_id, "--with-todays-rule", "--yes")
        event = room.settle(event_id)

    assert result.exit_code == 0, result.stderr
    assert "+ 2 runs, one for each item of the list" in result.stderr
    assert event.state == "finished"
    assert sim.learners(101) == sim.learners(102) == [ADA]


def test_what_a_step_has_noted_goes_along_to_its_new_place(store: Store) -> None:
    scene = Scene(store)
    claim = scene.run(steps=(ENROL_ADA, INVITE_ADA))
    for name in ("0:account", "1:letter"):
        store.note(claim, name, "sending")
    store.record(claim, (ENROL_ADA, INVITE_ADA), Move.DEAD, reason="it gave up")
    rule = next(iter(a_book(NEW)))
    to = Successor(
        rule_hash=rule.hash,
        body=rule.body,
        name="",
        file="a.yaml",
        line=1,
        dry_run=False,
        priority="high",
        rules_version="v",
        commit="",
        steps=(INVITE_ADA,),
        places={1: 0},
        forget=["deal"],
        prepare=True,
    )
    dead = store.run(claim.id)

    assert replay_with(store.connection, dead, "kim", to)

    run = store.run(claim.id)
    assert run.notes == {"0:letter": "sending"}
    assert (run.rule_hash, run.prepare, run.priority) == (rule.hash, True, "high")
    assert store.rule_body(rule.hash) == rule.body
    assert not replay_with(store.connection, dead, "kim", to)


def test_a_run_that_was_replayed_meanwhile_stays_as_it_is(room: Room, usher: CommandLine) -> None:
    event_id = a_dead_run(room)
    run = room.run(event_id)
    publish(room, NEW)
    usher("dead", "replay", run.id, "--with-todays-rule", "--yes")

    again = usher("dead", "replay", run.id, "--with-todays-rule", "--yes")

    assert again.exit_code == 1
    assert "There is no dead letter" in again.stderr


def test_an_event_that_was_never_judged_is_judged_by_todays_rules_anyway(
    room: Room, usher: CommandLine
) -> None:
    event_id = room.post()
    claim = room.store.claim(event_id)
    assert claim is not None
    room.store.postpone_event(claim, None, "the rules broke")

    result = usher("dead", "replay", event_id, "--with-todays-rule", "--json")

    assert json.loads(result.stdout) == [{"id": event_id, "replayed": True}]


IN_EMEA = "rules:\n", "account: emea\nrules:\n"


def test_what_is_done_in_one_portal_does_not_go_on_in_another(
    room: Room, usher: CommandLine
) -> None:
    run = room.run(a_dead_run(room))
    publish(room, NEW.replace(*IN_EMEA))

    result = usher("dead", "replay", run.id, "--with-todays-rule", "--yes")

    assert result.exit_code == 1
    assert "a part is done in the account default, and today's rule acts in emea" in (
        result.stdout + result.stderr
    )


def test_a_run_of_which_nothing_is_done_may_go_on_in_another_portal(
    room: Room, usher: CommandLine
) -> None:
    event_id = room.post(email=ADA, course=101)
    claim = room.store.claim(event_id)
    assert claim is not None
    run_claim = room.engine._dispatcher.dispatch(claim, room.event(event_id))[0]
    assert run_claim is not None
    run = room.run(event_id)
    room.store.note(run_claim, "0:user_id", "7")
    room.store.record(run_claim, run.steps, Move.DEAD, reason="the wrong portal")
    publish(room, OLD.replace(*IN_EMEA))

    result = usher("dead", "replay", run.id, "--with-todays-rule", stdin="y\n")

    assert "account default -> emea" in result.stderr
    assert (room.run(event_id).account, room.run(event_id).notes) == ("emea", {})
