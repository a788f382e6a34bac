"""The run store on a real Redis: every truth that its scripts are there for."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ResponseError

from workers.store import (
    ENDED,
    STATE_AFTER,
    Accepted,
    Applied,
    Archive,
    Attempt,
    Claim,
    ClaimLost,
    Connection,
    Counts,
    EventState,
    Follower,
    Move,
    NewEvent,
    NewRun,
    Publication,
    Rejected,
    Run,
    SaidOf,
    Step,
    Store,
    StoreUnavailable,
)
from workers.store.keys import KEYS

HASH = "5be0d2f1c3aa"
STEP = Step("1", "enrol")
LEASE = 0.3


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    connection.redis.flushdb()
    yield connection
    connection.redis.config_set("maxmemory", "0")
    connection.close()


@pytest.fixture
def store(connection: Connection) -> Store:
    return Store(connection, lease=LEASE, grace=LEASE)


@pytest.fixture
def archive(connection: Connection) -> Archive:
    return Archive(connection)


def an_event(identity: str = "deal 7", occurred_at: datetime | None = None) -> NewEvent:
    return NewEvent(identity, "deal.updated", occurred_at, '{"id": 7}')


def a_run(item_key: str = "") -> NewRun:
    return NewRun("deal-won", "Deal won", HASH, "deals.yaml", 4, item_key, None, (STEP,))


def event_claim(store: Store, identity: str = "deal 7") -> Claim:
    accepted = store.accept("crm", [an_event(identity)])
    return claimed(store, accepted.ids[0])


def claimed(store: Store, work_id: str) -> Claim:
    claim = store.claim(work_id)
    assert claim is not None
    return claim


def run_claim(store: Store, identity: str = "deal 7") -> Claim:
    claim, _ = store.dispatch(
        event_claim(store, identity), [SaidOf("deal-won", True, "yes")], [a_run()], {HASH: {"x": 1}}
    )
    assert claim is not None
    return claim


def run_claims(store: Store, *keys: str) -> list[Claim]:
    """Claims of several runs of one event."""
    _, ids = store.dispatch(event_claim(store), [], [a_run(key) for key in keys], {})
    return [claimed(store, id_) for id_ in ids]


def steps_of(claim: Claim) -> tuple[Step, ...]:
    assert isinstance(claim.work, Run)
    return claim.work.steps


def end(store: Store, claim: Claim, move: Move = Move.FINISHED, reason: str = "") -> None:
    store.record(claim, steps_of(claim), move, reason=reason)


def until_claimed(store: Store, within: float = 5.0) -> Claim:
    """The next piece of due work, waited for."""
    end_at = time.monotonic() + within
    while time.monotonic() < end_at:
        if claim := store.claim():
            return claim
        time.sleep(0.01)
    raise AssertionError("nothing came up")


def _looked_at_now(store: Store, run_id: str) -> None:
    """Brings the time on at which a run is looked at again."""
    store.connection.redis.zadd(KEYS["due"], {run_id: 0})


# -- accepting ---------------------------------------------------------------------------------


def test_an_accepted_event_is_kept_counted_and_due(store: Store, archive: Archive) -> None:
    accepted = store.accept("crm", [an_event("a"), an_event("b")])

    assert accepted == Accepted(accepted.ids, 2, 0, accepted.ids)
    assert archive.counts() == {"crm": Counts(accepted=2, pending=2)}
    assert archive.unfinished()[0] == 2
    event = archive.event(accepted.ids[0])
    assert event is not None
    assert (event.source, event.identity, event.state) == ("crm", "a", EventState.PENDING)
    assert event.body == '{"id": 7}'


def test_ids_sort_by_time(store: Store) -> None:
    ids = [store.accept("crm", [an_event(str(n))]).ids[0] for n in range(20)]

    assert ids == sorted(ids)


def test_the_same_identity_is_a_duplicate_and_told_with_its_first_id(
    store: Store, archive: Archive
) -> None:
    first = store.accept("crm", [an_event("a")])

    again = store.accept("crm", [an_event("a"), an_event("new")])

    assert (again.accepted, again.duplicates) == (1, 1)
    assert again.ids[0] == first.ids[0]
    assert again.to_ring == (again.ids[1],)
    assert archive.counts()["crm"] == Counts(accepted=2, duplicates=1, pending=2)
    kept = archive.event(first.ids[0])
    assert kept is not None
    assert kept.duplicates == 1


def test_an_identity_belongs_to_its_source(store: Store) -> None:
    store.accept("crm", [an_event("a")])

    assert store.accept("form", [an_event("a")]).accepted == 1


def test_what_one_moment_holds_has_the_order_in_which_it_came(
    store: Store, archive: Archive
) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    ids = store.accept("crm", [an_event("paid", at), an_event("refunded", at)]).ids

    paid, refunded = (archive.event(id_) for id_ in ids)

    assert paid is not None
    assert refunded is not None
    assert paid.order < refunded.order


def test_the_same_identity_twice_in_one_delivery_counts_once(store: Store) -> None:
    accepted = store.accept("crm", [an_event("a"), an_event("a")])

    assert (accepted.accepted, accepted.duplicates) == (1, 1)
    assert accepted.ids[0] == accepted.ids[1]


def test_a_backlog_is_not_rung_for_and_is_due_at_once(store: Store, connection: Connection) -> None:
    connection.redis.rpush("rq:queue:usher", *range(20))

    accepted = store.accept("crm", [an_event()])

    assert accepted.to_ring == ()
    assert store.claim() is not None


def test_a_script_whose_answer_was_lost_may_be_run_again(
    store: Store, connection: Connection
) -> None:
    accept = ("crm", 1000, 1000, 8, "evt_1", "a", "t", "", "{}")
    assert connection.run("accept", *accept) == connection.run("accept", *accept)

    claim = ("evt_1", "token", 1000)
    first, again = connection.run("claim", *claim), connection.run("claim", *claim)

    assert first == again
    assert store.claim("evt_1") is None


def test_a_command_that_redis_finds_wrong_is_not_taken_for_an_outage(
    connection: Connection,
) -> None:
    with pytest.raises(ResponseError):
        connection.run("elect", "w1", "no number")


def test_a_full_redis_takes_nothing_and_leaves_nothing_half_written(
    store: Store, connection: Connection, archive: Archive
) -> None:
    connection.redis.config_set("maxmemory", "1")

    with pytest.raises(StoreUnavailable, match="full"):
        store.accept("crm", [an_event()])

    connection.redis.config_set("maxmemory", "0")
    assert connection.redis.keys("usher:*") == []
    assert archive.health().ok


def test_a_redis_that_is_away_is_said_in_words(tmp_path: object) -> None:
    away = Store(Connection(f"unix://{tmp_path}/none.sock", timeout=0.2))

    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        away.accept("crm", [an_event()])


# -- claiming ----------------------------------------------------------------------------------


def test_what_is_claimed_cannot_be_claimed_again(store: Store) -> None:
    claim = event_claim(store)

    assert store.claim(claim.id) is None
    assert store.claim() is None


def test_a_lease_that_runs_out_lets_another_take_over_and_the_first_record_nothing(
    store: Store, archive: Archive
) -> None:
    first = run_claim(store)

    second = until_claimed(store)

    assert second.id == first.id
    assert isinstance(second.work, Run)
    assert second.work.takeovers == 1
    with pytest.raises(ClaimLost):
        end(store, first)
    end(store, second)
    assert archive.counts()["crm"] == Counts(accepted=1, finished=1)


def test_a_beat_keeps_a_claim_beyond_its_lease(store: Store) -> None:
    claim = run_claim(store)
    until = time.monotonic() + LEASE * 3

    while time.monotonic() < until:
        assert store.beat("w1", [(claim, "")]) == ()
        assert store.claim() is None
        time.sleep(LEASE / 10)

    end(store, claim)


def test_a_beat_tells_a_worker_what_it_has_lost(store: Store) -> None:
    first = run_claim(store)
    until_claimed(store)

    assert store.beat("w1", [(first, "")]) == (first.id,)


def test_work_that_waits_is_not_claimed_before_its_time(store: Store) -> None:
    claim = run_claim(store)
    store.record(claim, steps_of(claim), Move.WAITING, delay=LEASE, reason="later")

    assert store.claim(claim.id) is None
    assert until_claimed(store).id == claim.id


def test_a_late_ring_for_finished_work_does_nothing(store: Store) -> None:
    claim = run_claim(store)
    end(store, claim)

    assert store.claim(claim.id) is None


def test_what_is_rung_for_can_be_claimed_at_once_and_is_not_rung_for_twice(store: Store) -> None:
    claim = run_claim(store)
    store.record(claim, steps_of(claim), Move.WAITING)

    assert store.to_ring() == (claim.id,)
    assert store.to_ring() == ()
    assert store.claim(claim.id) is not None


def test_a_lost_ring_is_rung_again(store: Store) -> None:
    claim = run_claim(store)
    store.record(claim, steps_of(claim), Move.WAITING)
    store.to_ring()

    time.sleep(LEASE * 1.2)  # the grace itself is what is tested

    assert store.to_ring() == (claim.id,)


def test_only_one_worker_is_the_ticker(store: Store) -> None:
    assert store.elect("w1", 10)
    assert not store.elect("w2", 10)
    assert store.elect("w1", 10)


# -- dispatching and ending --------------------------------------------------------------------


def test_an_event_that_no_rule_wants_is_ignored_with_its_reasons(
    store: Store, archive: Archive
) -> None:
    claim = event_claim(store)

    store.dispatch(claim, [SaidOf("deal-won", False, "no: the stage is open")], [], {})

    event = archive.event(claim.id)
    assert event is not None
    assert event.state is EventState.IGNORED
    assert event.verdicts == (SaidOf("deal-won", False, "no: the stage is open"),)
    assert archive.counts()["crm"] == Counts(accepted=1, ignored=1)
    assert archive.unfinished()[0] == 0


def test_an_event_is_pending_until_its_last_run_has_ended(store: Store, archive: Archive) -> None:
    one, two = run_claims(store, "a", "b")

    end(store, one)
    assert archive.counts()["crm"] == Counts(accepted=1, pending=1)
    end(store, two)
    assert archive.counts()["crm"] == Counts(accepted=1, finished=1)


def test_an_event_with_one_dead_run_is_dead(store: Store, archive: Archive) -> None:
    one, two = run_claims(store, "a", "b")

    end(store, one, Move.DEAD, "no such course")
    end(store, two)

    assert archive.counts()["crm"] == Counts(accepted=1, dead=1)
    assert archive.dead() == [one.id]


def test_an_event_is_dispatched_once(store: Store, archive: Archive) -> None:
    first = event_claim(store)
    second = until_claimed(store)
    store.dispatch(second, [], [a_run()], {})

    with pytest.raises(ClaimLost):
        store.dispatch(first, [], [a_run()], {})

    assert len(archive.runs(10)) == 1


def test_the_rule_body_is_kept_with_the_run(store: Store) -> None:
    run_claim(store)

    assert store.rule_body(HASH) == {"x": 1}
    assert store.rule_body("unknown") is None


@pytest.mark.parametrize("move", list(Move), ids=str)
def test_every_move_leaves_the_run_in_the_state_the_table_says(
    store: Store, archive: Archive, move: Move
) -> None:
    claim = run_claim(store)

    end(store, claim, move)

    run = archive.run(claim.id)
    assert run is not None
    assert run.state is STATE_AFTER[move]
    assert (archive.due_at(claim.id) is None) is (run.state in ENDED)
    assert archive.counts()["crm"].balanced


def test_an_attempt_reads_as_it_was_written(store: Store, archive: Archive) -> None:
    claim = run_claim(store)
    at = datetime.now(UTC)
    attempt = Attempt("1", 1, at, at + timedelta(seconds=1), "", "it failed", "retry", ({"a": 1},))

    store.record(claim, steps_of(claim), Move.WAITING, attempt=attempt)

    assert archive.attempts(claim.id) == (attempt,)


def test_notes_stay_with_the_run(store: Store, archive: Archive) -> None:
    claim = run_claim(store)

    store.note(claim, "0:account", "sent")

    run = archive.run(claim.id)
    assert run is not None
    assert run.notes == {"0:account": "sent"}


def test_an_event_that_cannot_be_dispatched_waits_then_dies_and_can_be_replayed(
    store: Store, archive: Archive
) -> None:
    claim = event_claim(store)
    store.postpone_event(claim, 0.0, "a fault")
    waited = until_claimed(store)
    assert waited.work.failures == 1
    store.postpone_event(waited, 0.0, "no rules yet", failed=False)
    again = until_claimed(store)
    assert again.work.failures == 1

    store.postpone_event(again, None, "a fault, for good")

    assert archive.counts()["crm"] == Counts(accepted=1, dead=1)
    assert archive.dead() == [claim.id]
    assert store.replay(claim.id, (), "ops")
    assert archive.counts()["crm"] == Counts(accepted=1, pending=1)
    assert until_claimed(store).id == claim.id


# -- learners ----------------------------------------------------------------------------------


def test_two_runs_never_act_for_one_person_at_once(store: Store) -> None:
    one, two = run_claims(store, "a", "b")

    assert store.take_learner(one, "ada@x.example", 1)
    assert not store.take_learner(two, "ada@x.example", 2)
    with pytest.raises(ClaimLost):
        end(store, two)


def test_who_waits_for_a_person_goes_on_as_soon_as_the_other_is_done(
    connection: Connection,
) -> None:
    store = Store(connection, lease=60.0, grace=60.0)
    one, two = run_claims(store, "a", "b")
    store.take_learner(one, "ada@x.example", 1)
    store.take_learner(two, "ada@x.example", 2)

    store.record(one, steps_of(one), Move.FINISHED, learner="ada@x.example")

    assert until_claimed(store, within=1.0).id == two.id


def test_those_in_line_go_on_in_the_order_in_which_things_happened(connection: Connection) -> None:
    store = Store(connection, lease=60.0, grace=60.0)
    one, late, early = run_claims(store, "a", "b", "c")
    store.take_learner(one, "ada@x.example", 1)
    store.take_learner(late, "ada@x.example", 9)
    store.take_learner(early, "ada@x.example", 5)

    store.record(one, steps_of(one), Move.FINISHED, learner="ada@x.example")

    assert until_claimed(store, within=1.0).id == early.id


def test_a_learner_lock_that_ran_out_is_taken_again_or_the_run_is_lost(store: Store) -> None:
    one, two = run_claims(store, "a", "b")
    store.take_learner(one, "ada@x.example", 1)
    store.connection.redis.delete("usher:learner:ada@x.example")  # as after a stall of Redis

    assert store.beat("w1", [(one, "ada@x.example")]) == ()
    assert not store.take_learner(two, "ada@x.example", 2)

    store.connection.redis.set("usher:learner:ada@x.example", "of another")
    assert store.beat("w1", [(one, "ada@x.example")]) == (one.id,)


def test_a_dead_worker_does_not_keep_a_person_locked(store: Store) -> None:
    one, two = run_claims(store, "a", "b")
    store.take_learner(one, "ada@x.example", 1)

    time.sleep(LEASE * 1.2)  # the lease itself is what is tested

    again = until_claimed(store)
    other = until_claimed(store)
    assert {again.id, other.id} == {one.id, two.id}
    assert store.take_learner(again, "ada@x.example", 1)


def test_the_time_of_the_last_applied_event_is_kept_per_learner_and_course(store: Store) -> None:
    claim = run_claim(store)

    store.record(
        claim,
        steps_of(claim),
        Move.FINISHED,
        applied=Applied("ada@x.example", "101", (1700, 3)),
    )

    assert store.last_applied("ada@x.example", "101") == (1700, 3)
    assert store.last_applied("ada@x.example", "102") is None


# -- dead letters and holds --------------------------------------------------------------------


def test_a_replay_does_only_what_is_left_and_counts_tries_afresh(
    store: Store, archive: Archive
) -> None:
    claim = run_claim(store)
    steps = (Step("1", "enrol", {}, "enrolled", tries=1), Step("2", "invite", {}, "", "", 3, 3))
    store.record(claim, steps, Move.DEAD, reason="no such course")

    assert store.replay(claim.id, steps, "ops")

    assert archive.dead() == []
    assert archive.counts()["crm"] == Counts(accepted=1, pending=1)
    again = until_claimed(store)
    assert steps_of(again) == (steps[0], Step("2", "invite", {}, "", "", 3, 0))


def test_what_is_not_dead_is_not_replayed(store: Store) -> None:
    claim = run_claim(store)

    assert not store.replay(claim.id, steps_of(claim), "ops")


def test_a_hold_keeps_runs_and_a_release_frees_them_all(store: Store, archive: Archive) -> None:
    one, two = run_claims(store, "a", "b")
    assert store.hold("coursebox", "the log-in was refused", "usher")
    assert not store.hold("coursebox", "again", "usher")
    for claim in (one, two):
        store.record(claim, steps_of(claim), Move.HELD, destination="coursebox")
    assert store.claim() is None

    assert store.release("coursebox") == (True, 2)

    assert {until_claimed(store).id, until_claimed(store).id} == {one.id, two.id}
    assert store.holds() == {}
    assert store.release("coursebox") == (False, 0)


def test_a_run_that_has_gone_on_is_woken_by_no_later_release(
    store: Store, archive: Archive
) -> None:
    claim = run_claim(store)
    store.hold("coursebox", "the log-in was refused", "usher")
    store.record(claim, steps_of(claim), Move.HELD, destination="coursebox")
    _looked_at_now(store, claim.id)
    again = claimed(store, claim.id)
    waits_until = time.time() + 3600
    store.record(again, steps_of(again), Move.WAITING, delay=3600)

    assert archive.waiting_for("coursebox") == 0
    assert store.release("coursebox") == (True, 0)
    assert archive.due_at(claim.id) == pytest.approx(waits_until, abs=5)


def test_a_run_that_is_held_again_is_woken_by_the_release(store: Store) -> None:
    claim = run_claim(store)
    store.record(claim, steps_of(claim), Move.HELD, destination="coursebox")
    _looked_at_now(store, claim.id)
    again = claimed(store, claim.id)
    store.record(again, steps_of(again), Move.HELD, destination="coursebox/unenrol")

    assert store.release("coursebox")[1] == 0
    assert store.release("coursebox/unenrol")[1] == 1


@pytest.mark.parametrize(
    ("others", "wait"), [(0, 60), (4_999, 100)], ids=["one that is held", "5,000 that are"]
)
def test_the_more_runs_are_held_the_less_often_they_are_looked_at(
    store: Store, archive: Archive, others: int, wait: int
) -> None:
    claim = run_claim(store)
    held = [f"run_{number}" for number in range(others)]
    if held:
        store.connection.redis.sadd(KEYS["held"] + "coursebox", *held)

    store.record(claim, steps_of(claim), Move.HELD, destination="coursebox")

    assert archive.due_at(claim.id) == pytest.approx(time.time() + wait, abs=5)


# -- reading -----------------------------------------------------------------------------------


def test_lists_are_newest_first_and_filtered(store: Store, archive: Archive) -> None:
    ids = [store.accept(s, [an_event(s)]).ids[0] for s in ("crm", "form", "crm2")]

    assert [event.id for event in archive.events(10)] == ids[::-1]
    assert [e.id for e in archive.events(10, lambda event: event.source == "form")] == [ids[1]]
    assert len(archive.events(2)) == 2


def test_refused_deliveries_are_counted_beside_the_balance(store: Store, archive: Archive) -> None:
    Rejected(store.connection, "sample key").count("crm", "bad_signature")

    counts = archive.counts()["crm"]

    assert counts == Counts(refused=1)
    assert counts.balanced


def test_workers_count_as_alive_until_they_say_goodbye(store: Store, archive: Archive) -> None:
    store.beat("w1", [])
    Publication(store.connection).follow(Follower("w1", problem="it is too new"))
    assert archive.workers_alive() == 1
    assert archive.rule_problems() == ("it is too new",)

    store.goodbye("w1")

    assert archive.workers_alive() == 0
    assert archive.rule_problems() == ()
