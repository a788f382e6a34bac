"""What is asked before a run may begin: once per key, and no more than the rule's limit."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest

from tests.test_store import event_claim, steps_of
from workers.creating import length
from workers.store import (
    Admission,
    Archive,
    Claim,
    ClaimLost,
    Connection,
    Counts,
    EventState,
    Move,
    NewRun,
    Run,
    RunState,
    Step,
    Store,
)
from workers.store.keys import KEYS

HOUR: Final = 3600.0
ONCE: Final = Admission(once="ada@x.example")


def limited(runs: int, per: float = HOUR) -> Admission:
    return Admission(
        runs=runs, per=per, told=f"{runs} runs in {length(per)}", owner="ops@x.example"
    )


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    yield connection
    connection.close()


@pytest.fixture
def store(connection: Connection) -> Store:
    return Store(connection)


@pytest.fixture
def archive(connection: Connection) -> Archive:
    return Archive(connection)


def a_run(asked: Admission, key: str = "", rule: str = "deal-won") -> NewRun:
    step = Step("1", "enrol")
    return NewRun(rule, "Deal won", "5be0", "deals.yaml", 4, key, None, (step,), admission=asked)


def dispatched(store: Store, *runs: NewRun) -> tuple[str, Claim | None]:
    """The id of a new event of which these runs were made, and the claim of the single one."""
    claim = event_claim(store, f"deal {time.monotonic_ns()}")
    handed, _ = store.dispatch(claim, [], runs, {})
    return claim.id, handed


def runs_of(archive: Archive, event_id: str) -> list[Run]:
    event = archive.event(event_id)
    assert event is not None
    return [run for run in map(archive.run, event.runs) if run is not None]


def begun(store: Store, asked: Admission) -> Claim:
    _, claim = dispatched(store, a_run(asked))
    assert claim is not None
    return claim


def end(store: Store, claim: Claim, move: Move) -> None:
    store.record(claim, steps_of(claim), move, reason="so it ended")


# -- once_per ----------------------------------------------------------------------------------


@pytest.mark.parametrize("move", [Move.WORKING, Move.WAITING, Move.FINISHED, Move.DEAD], ids=str)
def test_a_second_run_with_the_key_is_skipped_and_names_the_first(
    store: Store, archive: Archive, move: Move
) -> None:
    first = begun(store, ONCE)
    end(store, first, move)

    event_id, handed = dispatched(store, a_run(ONCE))

    (run,) = runs_of(archive, event_id)
    event = archive.event(event_id)
    assert handed is None
    assert (run.state, run.reason) == (
        RunState.SKIPPED, f"once_per: {first.id} came first with the same key",
    )  # fmt: skip
    assert run.finished_at is not None
    assert archive.due_at(run.id) is None
    assert event is not None
    assert event.state is EventState.IGNORED
    assert archive.counts()["crm"].balanced


@pytest.mark.parametrize("move", [Move.SKIPPED, Move.CANCELLED], ids=str)
def test_a_run_that_came_to_nothing_leaves_its_key_to_the_next(store: Store, move: Move) -> None:
    end(store, begun(store, ONCE), move)

    assert dispatched(store, a_run(ONCE))[1] is not None


def test_a_run_that_is_cancelled_when_a_part_is_done_keeps_its_key(
    store: Store, archive: Archive
) -> None:
    first = begun(store, ONCE)
    done = (Step("1", "enrol", outcome="enrolled"), Step("2", "notify"))
    store.record(first, done, Move.CANCELLED, reason="cancelled: rule switched off")

    event_id, _ = dispatched(store, a_run(ONCE))

    assert [run.state for run in runs_of(archive, event_id)] == [RunState.SKIPPED]


def test_the_runs_made_of_one_are_not_kept_out_by_its_own_key(
    store: Store, archive: Archive
) -> None:
    parent = begun(store, ONCE)

    store.unfold(parent, [a_run(ONCE, "1"), a_run(ONCE, "2")], "split into 2 runs")

    run = archive.run(parent.id)
    assert run is not None
    states = [each.state for each in runs_of(archive, run.event)]
    assert states == [RunState.FINISHED, RunState.READY, RunState.SKIPPED]


def test_half_a_character_in_a_key_or_an_item_hurts_nobody(store: Store, archive: Archive) -> None:
    asked = Admission(once="Ada \ud83d")

    event_id, _ = dispatched(store, replace(a_run(asked, "key \ud83d"), item="Ada \ud83d"))
    second, _ = dispatched(store, a_run(asked))

    (run,) = runs_of(archive, event_id)
    assert (run.item_key, run.item, run.state) == ("key ?", "Ada \ud83d", RunState.WORKING)
    assert [each.state for each in runs_of(archive, second)] == [RunState.SKIPPED]


def test_a_cancelled_run_ends_though_its_steps_hold_half_a_character(
    store: Store, archive: Archive
) -> None:
    claim = begun(store, ONCE)
    done = Step("1", "enrol", {"first_name": "Ada \ud83d"}, outcome="enrolled")

    store.record(claim, (done,), Move.CANCELLED, reason="found \ud83d")

    run = archive.run(claim.id)
    assert run is not None
    assert (run.state, run.reason) == (RunState.CANCELLED, "found ?")
    assert archive.counts()["crm"].balanced


def test_a_key_belongs_to_its_rule(store: Store) -> None:
    begun(store, ONCE)

    assert dispatched(store, a_run(ONCE, rule="deal-lost"))[1] is not None


def test_a_key_is_free_again_after_its_time(store: Store, connection: Connection) -> None:
    asked = Admission(once="ada@x.example", within=HOUR)
    begun(store, asked)
    (key,) = connection.redis.keys("usher:once:*")
    left = connection.redis.pttl(key)
    connection.redis.pexpire(key, 1)
    until = time.monotonic() + 5
    while connection.redis.exists(key) and time.monotonic() < until:
        pass

    assert HOUR * 1000 - 60_000 < left <= HOUR * 1000
    assert dispatched(store, a_run(asked))[1] is not None


def test_a_key_without_a_time_is_never_free(store: Store, connection: Connection) -> None:
    begun(store, ONCE)

    (key,) = connection.redis.keys("usher:once:*")
    assert connection.redis.pttl(key) == -1
    assert "ada" not in key


def test_of_the_items_of_one_event_each_key_runs_once(store: Store, archive: Archive) -> None:
    other = Admission(once="ben@x.example")

    event_id, _ = dispatched(store, a_run(ONCE, "1"), a_run(other, "2"), a_run(ONCE, "3"))

    assert [run.state for run in runs_of(archive, event_id)] == [
        RunState.READY, RunState.READY, RunState.SKIPPED,
    ]  # fmt: skip


def test_of_many_workers_one_begins_the_run_of_a_key(redis_url: str, archive: Archive) -> None:
    handed: list[Claim | None] = []

    def worker() -> None:
        connection = Connection(redis_url)
        store = Store(connection)
        handed.extend(dispatched(store, a_run(ONCE))[1] for _ in range(10))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(claim is not None for claim in handed) == 1
    assert archive.counts()["crm"] == Counts(accepted=40, pending=1, ignored=39)


# -- limit -------------------------------------------------------------------------------------


def test_what_is_over_the_limit_is_parked_until_its_turn(store: Store, archive: Archive) -> None:
    ids = [dispatched(store, a_run(limited(2)))[0] for _ in range(7)]

    runs = [runs_of(archive, event_id)[0] for event_id in ids]
    first = runs[0].created_at.timestamp()
    turns = [(archive.due_at(run.id) or 0) - first for run in runs[2:]]
    assert [run.state for run in runs[:2]] == [RunState.WORKING] * 2
    assert [run.state for run in runs[2:]] == [RunState.WAITING] * 5
    assert {run.reason for run in runs[2:]} == {"parked: the rule is limited to 2 runs in 1 hour"}
    # two an hour, in the order in which they came
    assert [round(turn / HOUR, 2) for turn in turns] == [1, 1, 2, 2, 3]
    assert turns == sorted(turns)
    assert archive.parked() == {"deal-won": 5}
    assert archive.counts()["crm"] == Counts(accepted=7, pending=7)


def test_no_length_of_time_holds_more_runs_than_the_limit_however_many_workers(
    redis_url: str, archive: Archive, connection: Connection
) -> None:
    def worker() -> None:
        mine = Connection(redis_url)
        for _ in range(15):
            dispatched(Store(mine), a_run(limited(5)))
        mine.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    turns = [
        at for _, at in connection.redis.zrange("usher:limit:deal-won", 0, -1, withscores=True)
    ]
    assert len(turns) == 60
    assert min(b - a for a, b in zip(turns, turns[5:], strict=False)) >= HOUR * 1000
    assert archive.parked() == {"deal-won": 55}


def test_the_release_of_a_destination_lets_nobody_begin_out_of_turn(
    store: Store, archive: Archive
) -> None:
    begun(store, limited(1))
    claim = begun(store, Admission())
    steps = steps_of(claim)
    store.record(claim, steps, Move.HELD, destination="crm-api")
    store.connection.redis.zadd(KEYS["due"], {claim.id: 1})
    again = store.claim(claim.id)
    assert again is not None
    assert store.begin(again, steps, "deal-won", limited(1)) is False
    turn = archive.due_at(claim.id)

    store.release("crm-api")

    assert archive.due_at(claim.id) == turn
    assert archive.parked() == {"deal-won": 1}


def test_a_run_whose_turn_has_come_is_parked_no_longer(
    store: Store, archive: Archive, connection: Connection
) -> None:
    begun(store, limited(1))
    event_id, _ = dispatched(store, a_run(limited(1)))
    (run,) = runs_of(archive, event_id)
    assert store.claim(run.id) is None

    connection.redis.zadd("usher:due", {run.id: 1})

    claim = store.claim()
    assert claim is not None
    assert claim.id == run.id
    assert archive.parked() == {}


def test_a_run_that_came_to_nothing_leaves_its_turn_to_the_next(store: Store) -> None:
    end(store, begun(store, limited(1)), Move.CANCELLED)

    assert dispatched(store, a_run(limited(1)))[1] is not None


def test_who_is_skipped_takes_nobodys_turn(store: Store, archive: Archive) -> None:
    both = Admission(once="ada@x.example", runs=2, per=HOUR, told="2 runs in 1 hour")
    begun(store, both)
    dispatched(store, a_run(both))

    assert dispatched(store, a_run(Admission(once="b", runs=2, per=HOUR)))[1] is not None
    assert archive.parked() == {}


def test_the_owner_is_told_once_in_the_time_of_the_limit(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):
        dispatched(store, a_run(limited(1)))

    told = [line for line in capsys.readouterr().out.splitlines() if "reached its limit" in line]
    assert len(told) == 1
    assert "owner=ops@x.example" in told[0]
    assert "rule=deal-won" in told[0]


def test_of_several_runs_of_one_event_those_over_the_limit_are_parked(
    store: Store, archive: Archive
) -> None:
    event_id, _ = dispatched(store, *(a_run(limited(2), str(n)) for n in range(5)))

    states = Counter(run.state for run in runs_of(archive, event_id))
    assert states == {RunState.READY: 2, RunState.WAITING: 3}
    assert archive.unfinished()[0] == 5


# -- scripts that run again after a lost answer ------------------------------------------------


def test_beginning_again_after_a_lost_answer_gives_the_same_answer(
    store: Store, connection: Connection, archive: Archive
) -> None:
    _, claim = dispatched(store, a_run(Admission()))
    assert claim is not None
    asked = '{"once": "ada", "runs": 1, "per": 3600000, "limit": "1 run in 1 hour"}'
    ask = (claim.id, claim.token, "[]", asked, 6000)

    answers = [connection.run("begin", *ask) for _ in range(2)]

    assert answers == [["go", []], ["go", []]]
    assert connection.redis.zcard("usher:limit:deal-won") == 1
    assert archive.counts()["crm"].balanced


@pytest.mark.parametrize(
    ("asked", "state"),
    [(ONCE, RunState.SKIPPED), (limited(1), RunState.WAITING)],
    ids=["skipped", "parked"],
)
def test_a_run_that_may_not_begin_is_no_longer_the_workers(
    store: Store, archive: Archive, asked: Admission, state: RunState
) -> None:
    begun(store, asked)
    _, claim = dispatched(store, a_run(Admission()))
    assert claim is not None

    assert not store.begin(claim, steps_of(claim), "deal-won", asked)

    run = archive.run(claim.id)
    assert run is not None
    assert run.state is state
    with pytest.raises(ClaimLost):
        store.begin(claim, steps_of(claim), "deal-won", asked)
    with pytest.raises(ClaimLost):
        end(store, claim, Move.FINISHED)
    assert archive.counts()["crm"].balanced


def test_an_attempt_is_recorded_once_though_its_answer_was_lost(
    store: Store, connection: Connection, archive: Archive
) -> None:
    _, claim = dispatched(store, a_run(Admission()))
    assert claim is not None
    tried = '{"step": "1", "number": 1, "failure": "no such course"}'
    ask = (claim.id, claim.token, "[]", tried, "working", 0, "", "", "", "", 6000, "", "", 1, "")

    answers = [connection.run("record", *ask) for _ in range(2)]

    assert answers == [1, 1]
    assert connection.redis.llen(f"usher:attempts:{claim.id}") == 1
    assert archive.counts()["crm"].failed_steps == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"), (90, "90 seconds"), (60, "1 minute"), (7200, "2 hours"),
        (86_400, "1 day"), (259_200, "3 days"), (604_800, "1 week"), (0.5, "0.5 seconds"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_told_as_rules_write_them(seconds: float, words: str) -> None:
    assert length(seconds) == words
