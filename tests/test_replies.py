"""What senders are told once their events are kept, and that they are told so only then."""

import json
from typing import Final
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from senders.preset import Auth, Batch, BodyKind, Preset, Reply, ReplyBody
from senders.sources import Source, Sources
from tests.front_door import client_of, keys
from workers.store import Archive, Connection, Store

PATH: Final = (b"part-of-the-path",)
SOAP: Final = Preset(
    "soap",
    Auth.PATH,
    body=(BodyKind.SOAP,),
    batch=Batch("Notification", most=100, each="Notification"),
    id=(("Notification.Id",),),
    forget=("SessionId",),
    organization="OrganizationId",
    organizations=("00D000000000001",),
    reply=Reply(200, ReplyBody.SOAP_ACK),
)
SOURCES: Final = Sources(
    (
        Source("soap", SOAP, path_secrets=PATH),
        Source("counts", Preset("counts", Auth.NONE)),
        Source("empty", Preset("empty", Auth.NONE, reply=Reply(200, ReplyBody.EMPTY))),
    )
)
ADDRESS: Final = "/hooks/soap/part-of-the-path"


@pytest.fixture
def client(store: Store) -> FlaskClient:
    return client_of(store, SOURCES)


def message(*ids: str, organization: str = "00D000000000001") -> str:
    told = "".join(
        f"<Notification><Id>{each}</Id><sObject><Id>006</Id></sObject></Notification>"
        for each in ids
    )
    return (
        "<Envelope><Body><notifications xmlns='http://soap.sforce.com/2005/09/outbound'>"
        f"<OrganizationId>{organization}</OrganizationId><SessionId>s3cr3t-session</SessionId>"
        f"{told}</notifications></Body></Envelope>"
    )


def test_a_soap_sender_is_told_in_soap_that_all_its_notifications_are_kept(
    client: FlaskClient, store: Store
) -> None:
    answer = client.post(ADDRESS, data=message("04l1", "04l2"), content_type="text/xml")

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    ack = ElementTree.fromstring(answer.data).find(  # noqa: S314
        "{http://schemas.xmlsoap.org/soap/envelope/}Body"
        "/{http://soap.sforce.com/2005/09/outbound}notificationsResponse"
        "/{http://soap.sforce.com/2005/09/outbound}Ack"
    )
    assert ack is not None
    assert ack.text == "true"
    events = Archive(store.connection).events(10)
    assert {event.identity for event in events} == {"04l1", "04l2"}
    one = next(event for event in events if event.identity == "04l1")
    assert json.loads(one.body) == {
        "OrganizationId": "00D000000000001",
        "Notification": {"Id": "04l1", "sObject": {"Id": "006"}},
    }


def test_a_partly_new_soap_message_brings_what_is_new(client: FlaskClient, store: Store) -> None:
    for ids in (("1", "2"), ("2", "3"), ("1", "2", "3")):
        client.post(ADDRESS, data=message(*ids), content_type="text/xml")

    assert len(Archive(store.connection).events(10)) == 3


@pytest.mark.parametrize(
    ("address", "body", "content_type", "status"),
    [
        pytest.param("/hooks/soap", message("1"), "text/xml", 401, id="no secret"),
        pytest.param("/hooks/soap/wrong", message("1"), "text/xml", 401, id="wrong secret"),
        pytest.param("/hooks/soap/wrong", "<", "text/xml", 401, id="unread while unproved"),
        pytest.param(
            ADDRESS, message("1", organization="00D2"), "text/xml", 401, id="another organization"
        ),
        pytest.param(ADDRESS, "<", "text/xml", 401, id="unreadable, so of no organization"),
        pytest.param(ADDRESS, message(*"1" * 101), "text/xml", 400, id="too many"),
    ],
)
def test_no_failure_looks_like_an_acknowledgement(
    client: FlaskClient, address: str, body: str, content_type: str, status: int
) -> None:
    answer = client.post(address, data=body, content_type=content_type)

    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert "Ack" not in answer.text


def test_nothing_is_acknowledged_that_could_not_be_kept() -> None:
    connection = Connection("unix:///nowhere/redis.sock", timeout=1.0)

    answer = client_of(Store(connection), SOURCES).post(
        ADDRESS, data=message("1"), content_type="text/xml"
    )

    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    connection.close()


def test_neither_the_session_nor_the_secret_of_the_address_is_kept(
    client: FlaskClient, store: Store
) -> None:
    client.post(ADDRESS, data=message("1"), content_type="text/xml")
    client.post(ADDRESS, data=message("1"), content_type="text/plain")

    redis = store.connection.redis
    redis.config_set("rdbcompression", "no")
    kept = b"".join(redis.dump(key) or b"" for key in keys(store))
    assert kept
    assert b"s3cr3t-session" not in kept
    assert PATH[0] not in kept


def test_who_wants_nothing_but_a_status_is_told_nothing_else(client: FlaskClient) -> None:
    answer = client.post("/hooks/empty", json={})

    assert (answer.status_code, answer.data) == (200, b"")


def test_who_wants_no_special_form_is_told_what_became_of_each_event(client: FlaskClient) -> None:
    answer = client.post("/hooks/counts", json={})

    assert answer.status_code == 202
    assert set(answer.json or {}) == {"accepted", "duplicates", "events"}
