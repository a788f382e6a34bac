"""Callbacks against a real server: what it gets, what follows from each answer, what is kept."""

import json
import re
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from coursebox.exchange import Exchange
from senders.delivery import Delivery
from senders.keys import read_keys
from senders.presets import PRESETS
from senders.sources import Source
from senders.verify import verify
from tests.crm_server import HERE, SHIPPED, Crm, Reply, Sent, crm
from workers.callbacks import CallbackFailed, Callbacks, Came, Telling, read_both
from workers.callbacks.failures import FAILURES
from workers.lookups import Door
from workers.lookups.failures import kind_of
from workers.lookups.template import Template
from workers.retry import Verdict

TOKEN: Final = "b7d1c0de-token"
WORD: Final = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
FILE: Final = """
callbacks:
  crm.done:
    method: PATCH
    url: CRM/deals/{deal_id}?by={rule}
    headers: {Authorization: "Bearer ${CRM_TOKEN}"}
    parameters: {deal_id: number, note: {default: none}, who: {default: "-"}}
    body:
      deal: "{deal_id}"
      who: "{who}"
      note: "{note}: {outcome} of {outcomes}"
      at: "{occurred_at}"
    private_addresses: [127.0.0.1]
    time_limit: 1 second
  crm.told:
    method: POST
    url: CRM/hook
    parameters: {reference: text, size: {type: number, default: 2.5}}
    signed: standard-webhooks
    secret: CRM_WORD
    private_addresses: [127.0.0.1]
  crm.basic:
    method: PUT
    url: CRM/of/{email}
    basic: CRM_USER
    body: {x: 1}
    headers: {content-type: application/vnd.crm+json}
    private_addresses: [127.0.0.1]
  crm.inside:
    method: POST
    url: https://crm.example/
"""
NOON: Final = datetime(2026, 4, 15, 12, tzinfo=UTC)
TELLING: Final = Telling(
    run_id="run_1",
    step="tell",
    event_id="evt_1",
    source="shop",
    event_type="order.paid",
    occurred_at=NOON,
    rule="seat & tell",
    account="emea",
    email="ada@customer.example",
    steps=(
        Came("a", "enrol", "enrolled"),
        Came("b", "invite", "skipped"),
        Came("c", "invite", "invited"),
        Came("d", "invite", "skipped"),
    ),
    at=NOON,
)
VARIABLES: Final = {"CRM_TOKEN": TOKEN, "CRM_WORD": WORD, "CRM_USER": "usher:of-the-crm"}


@dataclass(slots=True)
class Desk:
    """A server, and callbacks that go there."""

    server: Crm
    callbacks: Callbacks
    kept: list[Exchange] = field(default_factory=list)

    def tell(self, name: str = "crm.done", telling: Telling = TELLING, **params: object) -> int:
        given = params if params or name != "crm.done" else {"deal_id": 7}
        return self.callbacks.tell(name, given, telling, self.kept.append)

    def fails(self, name: str = "crm.done", **params: object) -> CallbackFailed:
        with pytest.raises(CallbackFailed) as failed:
            self.tell(name, **params)
        return failed.value

    def sent(self, name: str = "crm.done", **params: object) -> Sent:
        self.tell(name, **params)
        return self.server.sent[-1]


@contextmanager
def desk_of(server: Crm, door: Door) -> Iterator[Desk]:
    _, found = read_both(FILE.replace("CRM/", f"{server.url}/"))
    with Callbacks(found, VARIABLES, door) as callbacks:
        yield Desk(server, callbacks)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with crm() as server, desk_of(server, Door()) as made:
        server.replies = {
            "/deals/7?by=seat%20%26%20tell": {"id": 7},
            "/hook": Reply(status=204),
            "/of/ada%40customer.example": {},
        }
        yield made


# -- what is sent ----------------------------------------------------------------------------------


def test_a_callback_sends_its_body_filled_in(desk: Desk) -> None:
    sent = desk.sent(deal_id="7", note="two\nlines", who="Åsa")

    assert (sent.method, sent.target) == ("PATCH", "/deals/7?by=seat%20%26%20tell")
    assert sent.body == {
        "deal": 7,
        "who": "Åsa",
        "note": "two\nlines: invited of enrolled, invited",
        "at": "2026-04-15T12:00:00+00:00",
    }
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["idempotency-key"] == "run_1-tell"
    assert "webhook-id" not in sent.headers


def test_without_a_body_all_is_told(desk: Desk) -> None:
    sent = desk.sent("crm.told", reference="order 7")

    assert sent.body == {
        "type": "usher.callback",
        "timestamp": "2026-04-15T12:00:00+00:00",
        "data": {
            "event": {
                "id": "evt_1",
                "source": "shop",
                "type": "order.paid",
                "occurred_at": "2026-04-15T12:00:00+00:00",
            },
            "rule": "seat & tell",
            "run": "run_1",
            "learner": "ada@customer.example",
            "account": "emea",
            "steps": [
                {"id": "a", "action": "enrol", "outcome": "enrolled"},
                {"id": "b", "action": "invite", "outcome": "skipped"},
                {"id": "c", "action": "invite", "outcome": "invited"},
                {"id": "d", "action": "invite", "outcome": "skipped"},
            ],
            "parameters": {"reference": "order 7", "size": 2.5},
        },
    }


def test_user_and_password_and_a_type_of_its_own_are_sent(desk: Desk) -> None:
    sent = desk.sent("crm.basic")

    assert sent.headers["authorization"] == "Basic dXNoZXI6b2YtdGhlLWNybQ=="
    assert sent.headers["content-type"] == "application/vnd.crm+json"


def test_what_nothing_is_known_of_is_none_in_a_body_and_refused_in_an_address(desk: Desk) -> None:
    nobody = replace(TELLING, email="", steps=())

    desk.tell("crm.told", nobody, reference="x")
    with pytest.raises(CallbackFailed, match="email is not known in this run"):
        desk.callbacks.tell("crm.basic", {}, nobody, desk.kept.append)

    assert desk.server.sent[-1].body["data"]["learner"] is None
    assert nobody.values()["outcome"] == nobody.values()["outcomes"] == "none"


# -- signatures ------------------------------------------------------------------------------------


def test_a_signed_callback_is_one_that_usher_itself_would_take(desk: Desk) -> None:
    sent = desk.sent("crm.told", reference="order 7")

    preset = PRESETS["standard-webhooks"]
    source = Source("told", preset, read_keys(preset, WORD).shared)
    delivery = Delivery("POST", sent.target, tuple(sent.headers.items()), sent.content, None)
    verify(source, delivery, now=time.time(), public_url=None)
    assert sent.headers["webhook-id"] == sent.headers["idempotency-key"] == "run_1-tell"


def test_the_check_that_the_page_gives_to_receivers_tells_right_from_wrong(desk: Desk) -> None:
    page = (Path(SHIPPED).parent / "docs" / "callbacks.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    known: dict[str, Any] = {}
    exec(sample, known)  # noqa: S102 - it is ours

    sent = desk.sent("crm.told", reference="order 7")

    check = known["is_from_usher"]
    assert check(WORD, sent.headers, sent.content)
    assert not check(WORD, sent.headers, sent.content + b" ")
    assert not check(WORD, {**sent.headers, "webhook-id": "run_2-tell"}, sent.content)
    old = {**sent.headers, "webhook-timestamp": str(int(time.time()) - 900)}
    assert not check(WORD, old, sent.content)
    other = "whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
    assert not check(other, sent.headers, sent.content)


# -- what follows from an answer -------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
def test_every_good_status_is_an_answer(desk: Desk, status: int) -> None:
    desk.server.in_turn = [Reply({"errors": ["whatever it says"]}, status)]

    assert desk.tell() == status


@pytest.mark.parametrize(
    ("status", "verdict", "said"),
    [
        (301, Verdict.GIVE_UP, "Write the final address as url"),
        (304, Verdict.GIVE_UP, "Write the final address as url"),
        (400, Verdict.GIVE_UP, "it was refused (HTTP 400)"),
        (401, Verdict.HOLD, "the key is not accepted"),
        (402, Verdict.GIVE_UP, "it was refused (HTTP 402)"),
        (403, Verdict.HOLD, "the key is not accepted"),
        (404, Verdict.GIVE_UP, "there is no such record or address"),
        (405, Verdict.GIVE_UP, "it was refused"),
        (408, Verdict.RETRY, "sent again by itself, under the same id"),
        (409, Verdict.GIVE_UP, "it was refused"),
        (410, Verdict.GIVE_UP, "there is no such record or address"),
        (422, Verdict.GIVE_UP, "it was refused"),
        (425, Verdict.RETRY, "it asks to go slower"),
        (429, Verdict.RETRY, "it asks to go slower"),
        (500, Verdict.RETRY, "a fault of its own (HTTP 500)"),
        (502, Verdict.RETRY, "a fault of its own"),
        (503, Verdict.RETRY, "a fault of its own"),
        (504, Verdict.RETRY, "a fault of its own"),
        (599, Verdict.RETRY, "a fault of its own"),
    ],
)
def test_each_status_has_its_consequence(
    desk: Desk, status: int, verdict: Verdict, said: str
) -> None:
    desk.server.in_turn = [Reply({"message": "no"}, status)]

    failed = desk.fails()

    assert failed.decision is verdict
    assert said in failed.message
    assert failed.message.startswith("the callback crm.done failed: ")
    assert failed.destination == f"callback:{HERE}"


def test_no_status_is_without_a_consequence() -> None:
    kinds = {kind_of(status) for status in range(100, 1000)} - {None}

    assert kinds <= FAILURES.keys()


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "120"}, 120.0),
        (503, {"Retry-After": "7"}, 7.0),
        (503, {}, None),
        (404, {"Retry-After": "120"}, None),
    ],
)
def test_a_wish_to_wait_is_kept_where_it_is_tried_again(
    desk: Desk, status: int, headers: Mapping[str, str], wait: float | None
) -> None:
    desk.server.in_turn = [Reply({}, status, headers)]

    assert desk.fails().retry_after == wait


def test_no_redirect_is_followed_not_even_at_home(desk: Desk) -> None:
    desk.server.in_turn = [Reply(status=307, headers={"Location": "/elsewhere?key=b7d1c0de-token"})]

    failed = desk.fails()

    assert len(desk.server.sent) == 1
    assert f"HTTP 307 to {desk.server.url}/elsewhere" in failed.message
    assert TOKEN not in failed.message


def test_a_lost_answer_is_asked_for_again(desk: Desk) -> None:
    desk.server.in_turn = [Reply(drop=True)]

    failed = desk.fails()

    assert failed.decision is Verdict.RETRY
    assert "nobody knows whether it was taken" in failed.message


def test_a_server_that_says_nothing_ends_with_the_time_limit(desk: Desk) -> None:
    end = threading.Event()
    desk.server.in_turn = [Reply(pause=end)]

    failed = desk.fails()
    end.set()

    assert failed.decision is Verdict.RETRY
    assert "no answer came within its time_limit" in failed.message


def test_nobody_there_is_tried_again(desk: Desk) -> None:
    text = FILE.replace("CRM/", "http://127.0.0.1:1/")

    with Callbacks(read_both(text)[1], VARIABLES, Door()) as callbacks:
        failed = Desk(desk.server, callbacks).fails()

    assert failed.decision is Verdict.RETRY
    assert "no connection could be made" in failed.message


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 100_000),
        Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
        Reply(b"<html>thanks</html>"),
        Reply({"id": 1}, cut=True),
    ],
    ids=["long", "compressed", "no JSON", "cut"],
)
def test_once_a_good_status_has_come_nothing_of_the_rest_matters(desk: Desk, reply: Reply) -> None:
    desk.server.in_turn = [reply]

    assert desk.tell() == 200
    assert len(desk.kept[0].response) <= 2_000


# -- what is refused before anything is sent -------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"note": "x"}, "deal_id is missing"),
        ({"deal_id": ""}, "deal_id is empty"),
        ({"deal_id": "../admin"}, "deal_id must be a number"),
        ({"deal_id": [7]}, "not a list"),
        ({"deal_id": True}, "not true or false"),
        ({"deal_id": 7, "deal": 8}, 'it takes no "deal"'),
        ({"deal_id": 7, "note": "x" * 5_001}, "note is too long"),
        ({"deal_id": 7, "note": "a\x00b"}, "signs that do not show"),
    ],
)
def test_a_value_that_cannot_be_used_sends_nothing(
    desk: Desk, params: Mapping[str, object], said: str
) -> None:
    failed = desk.fails(**params)

    assert failed.decision is Verdict.GIVE_UP
    assert said in failed.message
    assert desk.server.sent == []
    assert desk.kept == []


def test_a_name_that_is_not_there_gives_up(desk: Desk) -> None:
    failed = desk.fails("crm.dnoe")

    assert (failed.decision, failed.destination) == (Verdict.GIVE_UP, "callback:crm.dnoe")


def test_a_callback_without_its_key_is_held_by_its_name(desk: Desk) -> None:
    with desk.server.callbacks(FILE) as callbacks:
        failed = Desk(desk.server, callbacks).fails()
        held = callbacks.destinations()

    assert (failed.decision, failed.destination) == (Verdict.HOLD, "callback:crm.done")
    assert "CRM_TOKEN is not set" in failed.message
    assert held == {
        *("callback:crm.done", "callback:crm.told", "callback:crm.basic"),
        "callback:crm.example",
    }


@pytest.mark.parametrize("inside", ["10.0.0.7", HERE, "169.254.169.254", "::1", "fd00:ec2::254"])
def test_a_name_that_leads_inside_is_held_and_not_called(desk: Desk, inside: str) -> None:
    with desk_of(desk.server, Door(lambda host, port: [inside])) as other:
        failed = other.fails("crm.inside")

    assert (failed.decision, failed.destination) == (Verdict.HOLD, "callback:crm.example")
    assert "nothing was sent" in failed.message


def test_the_connection_goes_to_the_address_that_was_checked(desk: Desk) -> None:
    answers = iter([[HERE], ["169.254.169.254"]])
    asked = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    text = FILE.replace("CRM/", f"http://crm.example:{desk.server.port}/")
    text = text.replace("[127.0.0.1]", "[crm.example]")
    with Callbacks(read_both(text)[1], VARIABLES, Door(rebinding)) as callbacks:
        assert Desk(desk.server, callbacks).tell() == 200

    assert asked == ["crm.example"]


def test_metadata_of_a_cloud_stay_closed_for_named_hosts(desk: Desk) -> None:
    text = FILE.replace("CRM/", "http://crm.example/").replace("[127.0.0.1]", "[crm.example]")
    door = Door(lambda host, port: ["169.254.169.254"])

    with Callbacks(read_both(text)[1], VARIABLES, door) as callbacks:
        failed = Desk(desk.server, callbacks).fails()

    assert failed.decision is Verdict.HOLD


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(desk: Desk) -> None:
    text = FILE.replace("CRM/", f"https://{HERE}:{desk.server.port}/")

    with Callbacks(read_both(text)[1], VARIABLES, Door(trust=ssl.create_default_context())) as one:
        failed = Desk(desk.server, one).fails()

    assert failed.decision is Verdict.RETRY
    assert desk.server.sent == []


# -- what is kept ----------------------------------------------------------------------------------


def test_what_is_kept_has_no_key_in_it(desk: Desk) -> None:
    plain = WORD.removeprefix("whsec_")
    desk.server.in_turn = [
        Reply({"you": f"Bearer {TOKEN}", "access_token": "other"}),
        Reply({"secret": WORD, "same": plain}, 400),
        Reply({"you": "dXNoZXI6b2YtdGhlLWNybQ==", "all": "usher:of-the-crm"}),
    ]

    desk.tell()
    failed = desk.fails("crm.told", reference=plain)
    desk.tell("crm.basic")

    text = json.dumps([str(each) for each in desk.kept]) + failed.message
    assert [word for word in (TOKEN, WORD, plain, "of-the-crm", "dXNoZXI6") if word in text] == []
    assert [(each.call, each.method, each.status) for each in desk.kept] == [
        ("crm.done", "PATCH", 200),
        ("crm.told", "POST", 400),
        ("crm.basic", "PUT", 200),
    ]


def test_a_request_without_an_answer_is_kept_as_well(desk: Desk) -> None:
    desk.server.in_turn = [Reply(drop=True)]

    failed = desk.fails()

    (kept,) = desk.kept
    assert (kept.status, kept.error) == (None, failed.message)
    assert '"deal": 7' in kept.request


# -- those that come along, in their vendors' shapes -----------------------------------------------


def shipped(server: Crm) -> Callbacks:
    _, found = read_both(SHIPPED.read_text(encoding="utf-8"))
    here = {
        name: replace(
            one,
            scheme="http",
            host=Template((f"{HERE}:{server.port}",)),
            private_addresses=frozenset({HERE}),
        )
        for name, one in found.items()
    }
    keys = {
        "HUBSPOT_ACCESS_TOKEN": "pat-eu1-b7d1c0de",
        "PIPEDRIVE_API_TOKEN": "b7d1c0de0b7d1c0de",
        "CALLBACK_SECRET": WORD,
    }
    return Callbacks(here, keys, Door())


def test_hubspots_deal_shows_what_came_of_it(desk: Desk) -> None:
    server = desk.server
    server.replies["/crm/v3/objects/deals/90210001"] = {
        "id": "90210001",
        "properties": {"training_status": "invited", "hs_lastmodifieddate": "2026-04-15T12:00:00Z"},
        "archived": False,
    }

    with shipped(server) as callbacks:
        Desk(server, callbacks).tell("hubspot.deal_enrolled", deal_id=90210001)

    (sent,) = server.sent
    assert (sent.method, sent.body) == ("PATCH", {"properties": {"training_status": "invited"}})
    assert sent.headers["authorization"] == "Bearer pat-eu1-b7d1c0de"


def test_a_property_that_hubspot_does_not_have_is_a_dead_letter_with_its_words(desk: Desk) -> None:
    said = 'Property values were not valid: [{"name":"training_status"}]'
    body = {"status": "error", "message": said, "category": "VALIDATION_ERROR"}
    desk.server.in_turn = [Reply(body, 400)]

    with shipped(desk.server) as callbacks:
        asking = Desk(desk.server, callbacks)
        failed = asking.fails("hubspot.contact_enrolled", contact_id="501")

    assert failed.decision is Verdict.GIVE_UP
    assert "training_status" in asking.kept[0].response


def test_pipedrive_gets_a_note_beside_the_deal(desk: Desk) -> None:
    desk.server.replies["/v1/notes"] = Reply({"success": True, "data": {"id": 1}}, 201)

    with shipped(desk.server) as callbacks:
        Desk(desk.server, callbacks).tell("pipedrive.deal_note", deal_id="42")

    (sent,) = desk.server.sent
    assert sent.body == {
        "deal_id": 42,
        "content": "ada@customer.example: invited (Usher, run run_1)",
    }
    assert sent.headers["x-api-token"] == "b7d1c0de0b7d1c0de"


def test_a_partner_is_told_all_and_signed(desk: Desk) -> None:
    desk.server.replies["/usher"] = Reply(status=202)

    with shipped(desk.server) as callbacks:
        Desk(desk.server, callbacks).callbacks.tell("partner.run_told", {}, TELLING, print)

    (sent,) = desk.server.sent
    assert sent.body["data"]["parameters"] == {"reference": "none"}
    assert sent.headers["webhook-signature"].startswith("v1,")
