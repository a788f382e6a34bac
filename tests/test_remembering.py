"""Senders that never say what changed: a rule about a change fires once, and on the right event."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from coursebox.simulator import running_simulator
from rulebook import Book
from rulebook.rule import Verdict
from tests.engine_room import a_book, engine_room, eventually
from workers.dispatching import TRIES, Dispatcher, RecordBusy, normal_form
from workers.store import ClaimLost, Connection, Event, EventState, NewEvent, Store

REMEMBERED = "activecampaign"
RULES = """
version: 1
owner: ops@usher.example
rules:
  - id: won
    name: Deal won
    when: {source: crm, event: deal.updated}
    if: {deal.status: {becomes: won}}
    then:
      - action: enrol
        with: {email: ada@customer.example, course_id: 101}
"""
NOW = datetime.now(UTC) - timedelta(hours=1)
STATUS = {"open": "0", "won": "1", "lost": "2"}


class Desk:
    """A worker's dispatcher, with a store of its own."""

    def __init__(self, store: Store, preset: str = REMEMBERED, book: Book | None = None) -> None:
        self.store = store
        self.dispatcher = Dispatcher(store, lambda: book or a_book(RULES), lambda _: preset)

    def post(self, status: str, minute: int, deal: str = "7", note: str = "") -> str:
        """The id of an accepted event: a deal with that status, as of that minute."""
        fields = {"id": deal, "status": STATUS[status], "title": note}
        body = json.dumps({"type": "deal_update", "deal": fields})
        at = NOW + timedelta(minutes=minute)
        event = NewEvent(f"{time.monotonic_ns()}", "deal.updated", at, body)
        return self.store.accept("crm", [event]).ids[0]

    def dispatch(self, event_id: str) -> None:
        claim = self.store.claim(event_id)
        assert claim is not None
        assert isinstance(claim.work, Event)
        self.dispatcher.dispatch(claim, claim.work)

    def fires(self, event_id: str) -> bool:
        """Whether the rule fires for the event, which is given to it now."""
        self.dispatch(event_id)
        return self.fired(event_id)

    def fired(self, event_id: str) -> bool:
        return len(self.event(event_id).runs) == 1

    def event(self, event_id: str) -> Event:
        event = self.store.event(event_id)
        assert event is not None
        return event

    def normal(self, event_id: str) -> dict[str, object]:
        return normal_form(self.event(event_id), REMEMBERED)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.mark.parametrize(
    ("statuses", "fires"),
    [
        pytest.param(["open", "won", "won"], [False, True, False], id="won, then edited"),
        pytest.param(["won", "won"], [True, False], id="first seen as won"),
        pytest.param(["open", "lost", "open"], [False] * 3, id="never won"),
        pytest.param(["won", "open", "won"], [True, False, True], id="won, reopened, won again"),
    ],
)
def test_a_rule_fires_for_the_edit_that_won_and_no_other(
    desk: Desk, statuses: list[str], fires: list[bool]
) -> None:
    ids = [desk.post(status, minute) for minute, status in enumerate(statuses)]

    assert [desk.fires(event_id) for event_id in ids] == fires


@pytest.mark.parametrize(
    ("order", "fires"),
    [
        pytest.param([1, 0, 2], {1}, id="won before open"),
        pytest.param([2, 1, 0], {2}, id="the last first"),
        pytest.param([0, 2, 1], {2}, id="the edit before the win"),
    ],
)
def test_out_of_order_it_fires_once(desk: Desk, order: list[int], fires: set[int]) -> None:
    ids = [desk.post(status, minute) for minute, status in enumerate(["open", "won", "won"])]

    fired = {number for number in order if desk.fires(ids[number])}

    assert fired == fires


def test_two_deals_have_nothing_to_do_with_each_other(desk: Desk) -> None:
    first, second = desk.post("won", 0, deal="7"), desk.post("won", 1, deal="8")

    assert (desk.fires(first), desk.fires(second)) == (True, True)


def test_another_tool_under_the_same_name_has_records_of_its_own(desk: Desk) -> None:
    assert desk.fires(desk.post("won", 0, deal="7"))

    moved = Desk(desk.store, "hubspot-v2")
    won = {"dealstage": {"value": "closedwon"}}
    body = json.dumps({"objectTypeId": "0-3", "objectId": 7, "properties": won})
    event = NewEvent("1", "deal.updated", None, body)

    assert moved.fires(desk.store.accept("crm", [event]).ids[0])


def test_what_was_found_stays_with_the_event(desk: Desk) -> None:
    before, won, after = (desk.post(status, n) for n, status in enumerate(["open", "won", "open"]))
    for event_id in (before, won, after):
        desk.dispatch(event_id)

    # ActiveCampaign's own number of the status stands beside ours
    assert desk.normal(won)["changed"] == ["deal.status", "deal.custom.status"]
    assert desk.normal(won)["previous"] == {"deal": {"status": "open"}}
    assert desk.normal(after)["previous"] == {"deal": {"status": "won"}}
    assert "previous" not in desk.normal(before)


def test_an_event_that_was_not_yet_compared_says_nothing_of_change(desk: Desk) -> None:
    assert "changed" not in desk.normal(desk.post("won", 0))


def test_the_memory_holds_no_names_and_goes_by_itself(desk: Desk) -> None:
    desk.dispatch(desk.post("won", 0, note="Ada Lovelace"))

    redis = desk.store.connection.redis
    (key,) = redis.keys("usher:memory:*")
    assert key == "usher:memory:crm:activecampaign:deal:7"
    assert "Ada" not in redis.get(key)
    assert 399 * 86_400 < redis.ttl(key) <= 400 * 86_400


# -- several workers ---------------------------------------------------------------------------


class Interrupted(Book):
    """A book in which something else happens just before it is asked."""

    __slots__ = ("_before",)

    def __init__(self, before: Iterator[object]) -> None:
        super().__init__(a_book(RULES))
        self._before = before

    def judge(self, event: Mapping[str, object], now: datetime) -> tuple[Verdict, ...]:
        next(self._before, None)
        return super().judge(event, now)


def test_an_event_that_comes_in_between_is_taken_into_account(desk: Desk) -> None:
    first, second = desk.post("won", 0), desk.post("won", 1)

    def meanwhile() -> Iterator[object]:
        yield desk.dispatch(first)

    slow = Desk(desk.store, book=Interrupted(meanwhile()))

    assert slow.fires(second) is False
    assert desk.fired(first) is True
    assert desk.normal(second)["changed"] == []


def test_a_record_that_never_comes_to_rest_is_left_for_a_moment(desk: Desk) -> None:
    last = desk.post("won", 1000)

    def meanwhile() -> Iterator[object]:
        for minute in range(TRIES):
            yield desk.dispatch(desk.post("open", minute))

    slow = Desk(desk.store, book=Interrupted(meanwhile()))

    with pytest.raises(RecordBusy, match="several events of the same record"):
        slow.dispatch(last)
    assert desk.event(last).state is EventState.PENDING
    assert desk.event(last).verdicts == ()


def test_a_worker_that_dies_before_it_has_written_leaves_the_memory_as_it_was(
    store: Store,
) -> None:
    desk = Desk(Store(store.connection, lease=0.05))
    desk.dispatch(desk.post("open", 0))
    won = desk.post("won", 1)
    redis = store.connection.redis
    memory = redis.get("usher:memory:crm:activecampaign:deal:7")

    def dies() -> Iterator[object]:
        raise SystemExit
        yield

    with pytest.raises(SystemExit):
        Desk(desk.store, book=Interrupted(dies())).dispatch(won)

    assert redis.get("usher:memory:crm:activecampaign:deal:7") == memory
    eventually(lambda: desk.store.claim(won) is not None)
    found = desk.event(won)
    assert (found.takeovers, found.runs) == (1, ())


def test_a_worker_that_is_too_slow_writes_nothing(store: Store) -> None:
    desk = Desk(Store(store.connection, lease=0.05))
    won = desk.post("won", 0)

    def meanwhile() -> Iterator[object]:
        eventually(lambda: taken_over(desk, won))
        yield

    with pytest.raises(ClaimLost):
        Desk(desk.store, book=Interrupted(meanwhile())).dispatch(won)

    assert desk.fired(won)
    assert desk.fires(desk.post("won", 1)) is False


def taken_over(desk: Desk, event_id: str) -> bool:
    claim = desk.store.claim(event_id)
    if claim is None or not isinstance(claim.work, Event):
        return False
    desk.dispatcher.dispatch(claim, claim.work)
    return True


@pytest.mark.parametrize("round_", range(5))
def test_of_two_at_the_same_time_exactly_one_fires(redis_url: str, round_: int) -> None:
    with closing(Connection(redis_url)) as first, closing(Connection(redis_url)) as second:
        desks = [Desk(Store(first)), Desk(Store(second))]
        ids = [desk.post("won", minute) for minute, desk in enumerate(desks)]
        together = threading.Barrier(2)

        def work(desk: Desk, event_id: str) -> None:
            together.wait()
            desk.dispatch(event_id)

        threads = [
            threading.Thread(target=work, args=pair) for pair in zip(desks, ids, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(desks[0].fired(event_id) for event_id in ids) == 1


# -- in a worker -------------------------------------------------------------------------------

OF_BEFORE = """
version: 1
owner: ops@usher.example
rules:
  - id: won
    name: Deal won
    when: {source: crm, event: deal.updated}
    if: {deal.status: {becomes: won}, previous.deal.status: {equals: open}}
    then:
      - action: enrol
        with: {email: "was-${ previous.deal.status }@customer.example", course_id: 101}
"""


def test_a_run_is_told_what_was_there_before(redis_url: str) -> None:
    with (
        running_simulator() as sim,
        engine_room(redis_url, sim, rules=OF_BEFORE, preset=REMEMBERED) as room,
    ):
        desk = Desk(room.store)
        states = [room.settle(desk.post(each, n)).state for n, each in enumerate(["open", "won"])]

        assert states == [EventState.IGNORED, EventState.FINISHED]
        assert room.sim.learners(101) == ["was-open@customer.example"]


def test_an_event_of_a_busy_record_is_looked_at_again_and_is_nobodys_fault(redis_url: str) -> None:
    with running_simulator() as sim, closing(Connection(redis_url)) as connection:
        desk = Desk(Store(connection))

        def meanwhile() -> Iterator[object]:
            for minute in range(TRIES):
                yield desk.dispatch(desk.post("open", minute))

        busy = Interrupted(meanwhile())
        with engine_room(redis_url, sim, preset=REMEMBERED, book=busy) as room:
            won = desk.post("won", 50)
            room.answer(won)
            waiting = room.event(won)
            room.go_on_until(lambda: desk.fired(won))

        assert (waiting.state, waiting.failures) == (EventState.PENDING, 0)
        assert waiting.reason == "several events of the same record are being looked at"


# -- who pays for it ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "calls"),
    [
        pytest.param(REMEMBERED, ["GET", "EVALSHA"], id="remembered"),
        pytest.param("pipedrive", ["EVALSHA"], id="Pipedrive says it"),
        pytest.param("hubspot", ["EVALSHA"], id="HubSpot says it"),
    ],
)
def test_only_those_who_do_not_say_it_cost_a_call(
    store: Store, preset: str, calls: list[str]
) -> None:
    desk = Desk(store, preset)
    desk.dispatch(desk.post("open", 0))
    claim = store.claim(desk.post("open", 1))
    assert claim is not None
    assert isinstance(claim.work, Event)
    commands: list[str] = []

    with store.connection.redis.monitor() as monitor:
        store.ping()
        desk.dispatcher.dispatch(claim, claim.work)
        store.connection.redis.echo("that is all")
        while commands[-1:] != ["ECHO"]:
            told = monitor.next_command()
            if told["client_type"] != "lua":
                commands.append(told["command"].split()[0])

    assert commands[commands.index("PING") + 1 : -1] == calls


@pytest.mark.parametrize("preset", ["pipedrive", "hubspot", "hmac"])
def test_of_other_senders_nothing_is_remembered(store: Store, preset: str) -> None:
    desk = Desk(store, preset)

    event_id = desk.post("won", 0)
    desk.dispatch(event_id)

    assert store.connection.redis.keys("usher:memory:*") == []
    assert desk.event(event_id).before == ""
