"""A thin event of HubSpot, by the shipped rule and the shipped look-ups, to seats in a course."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from coursebox.simulator import RunningSimulator, running_simulator
from tests.crm_server import Crm, Reply, crm, here
from tests.engine_room import Room, engine_room
from workers.lookups import Definition
from workers.store import NewEvent

RULE = Path(__file__).parent.parent / "rules" / "_examples" / "hubspot-deal-contacts.yaml"
HOLD = "lookup:127.0.0.1"
MIRA, JON = "mira.sol@harbour.example", "jon.vale@harbour.example"
IDS = "/crm/v4/objects/deals/90210001/associations/contacts?limit=100"


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def hubspot() -> Iterator[Crm]:
    with crm() as known:
        definitions = keyless(known)
        known.replies = {
            target(definitions, "hubspot.deal", "90210001"): {
                "id": "90210001",
                "properties": {"dealstage": "closedwon", "product_name": "Safety Basics"},
            },
            IDS: {"results": [{"toObjectId": 501}, {"toObjectId": 502}]},
            target(definitions, "hubspot.contact", "501"): person("501", MIRA),
            target(definitions, "hubspot.contact", "502"): person("502", JON),
        }
        yield known


def keyless(known: Crm) -> Mapping[str, Definition]:
    """The shipped look-ups, asking that server without a key."""
    return {name: replace(one, headers={}, basic=None) for name, one in here(known).items()}


def target(definitions: Mapping[str, Definition], name: str, record_id: str) -> str:
    one = definitions[name]
    return one.target.encoded({}, {one.parameters[0].name: record_id})


def person(record_id: str, email: str) -> dict[str, object]:
    return {"id": record_id, "properties": {"email": email, "firstname": "Mira", "phone": None}}


@contextmanager
def room(redis_url: str, sim: RunningSimulator, known: Crm) -> Iterator[Room]:
    rule = RULE.read_text(encoding="utf-8")
    with engine_room(redis_url, sim, rules=rule, preset="hubspot", look_up=keyless(known)) as made:
        yield made


def won(made: Room) -> str:
    """The id of an accepted event as an app gets it: the deal's id, and the property."""
    body = {
        "eventId": 100,
        "subscriptionId": 25,
        "portalId": 62515,
        "occurredAt": 1_776_247_200_000,
        "subscriptionType": "deal.propertyChange",
        "attemptNumber": 0,
        "objectId": 90210001,
        "propertyName": "dealstage",
        "propertyValue": "closedwon",
        "changeSource": "CRM_UI",
    }
    event = NewEvent("62515 25 100", "deal.updated", None, json.dumps(body))
    return made.store.accept("hubspot", [event]).ids[0]


def test_every_contact_of_the_deal_gets_a_seat(
    redis_url: str, sim: RunningSimulator, hubspot: Crm
) -> None:
    with room(redis_url, sim, hubspot) as made:
        event = made.settle(won(made))

        assert event.state == "finished"
        assert made.effects() == {"101": {MIRA: 1, JON: 1}}
    assert len(hubspot.asked) == 4


def test_a_deal_that_is_no_longer_won_seats_nobody(
    redis_url: str, sim: RunningSimulator, hubspot: Crm
) -> None:
    deal = target(keyless(hubspot), "hubspot.deal", "90210001")
    hubspot.replies[deal] = {"id": "90210001", "properties": {"dealstage": "closedlost"}}

    with room(redis_url, sim, hubspot) as made:
        event = made.settle(won(made))

        assert event.state == "ignored"
        assert made.effects() == {}


def test_a_deal_that_was_deleted_seats_nobody(
    redis_url: str, sim: RunningSimulator, hubspot: Crm
) -> None:
    hubspot.replies.clear()

    with room(redis_url, sim, hubspot) as made:
        assert made.settle(won(made)).state == "ignored"


def test_a_key_that_is_refused_holds_that_host_alone_and_loses_nothing(
    redis_url: str, sim: RunningSimulator, hubspot: Crm
) -> None:
    answers = dict(hubspot.replies)
    hubspot.replies = dict.fromkeys(answers, Reply({"category": "EXPIRED_AUTHENTICATION"}, 401))

    with room(redis_url, sim, hubspot) as made:
        event_id = won(made)
        made.answer(event_id)
        assert list(made.store.holds()) == [HOLD]
        assert made.event(event_id).state == "pending"
        hubspot.replies = answers

        assert made.store.release(HOLD)[0]

        assert made.settle(event_id).state == "finished"
        assert made.effects() == {"101": {MIRA: 1, JON: 1}}


def test_a_crm_that_is_down_costs_nothing_but_time(
    redis_url: str, sim: RunningSimulator, hubspot: Crm
) -> None:
    answers = dict(hubspot.replies)
    hubspot.replies = dict.fromkeys(answers, Reply({"message": "later"}, 503))

    with room(redis_url, sim, hubspot) as made:
        event_id = won(made)
        made.answer(event_id)
        assert made.event(event_id).state == "pending"
        hubspot.replies = answers

        assert made.settle(event_id).state == "finished"
        assert made.effects() == {"101": {MIRA: 1, JON: 1}}
