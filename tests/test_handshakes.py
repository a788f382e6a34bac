"""Requests that are no events: who is answered, with what, and that nothing is kept of them."""

import json
import time
from collections.abc import Mapping
from typing import Final

import pytest
import structlog
from flask.testing import FlaskClient

from senders.jwt import make_token
from senders.preset import Auth, Encoding, Handshake, Preset, SignatureHeader
from senders.signing import sign
from senders.sources import Source, Sources
from tests.front_door import client_of, keys
from workers.store import Connection, Store

SECRET: Final = b"made-up secret"
TOKEN: Final = "part-of-the-path"
CHALLENGE: Final = b'{"token": "t", "challenge": "c\\u00e9-1", "type": "url_verification"}'
FORM: Final = "application/x-www-form-urlencoded"

VISITED: Final = Preset("visited", Auth.NONE, handshakes=(Handshake.VISIT,))
SIGNED: Final = Preset(
    "signed",
    Auth.HMAC,
    signature=SignatureHeader("X-Signature"),
    encoding=Encoding.HEX,
    handshakes=(Handshake.CHALLENGE, Handshake.PING),
)
BOARD: Final = Preset(
    "board",
    Auth.JWT,
    token=SignatureHeader("Authorization"),
    handshakes=(Handshake.CHALLENGE,),
)
PATH: Final = (TOKEN.encode(),)
SOURCES: Final = Sources(
    (
        Source("visited", VISITED),
        Source("visited-2", VISITED, path_secrets=PATH),
        Source("visited-3", VISITED, problem="it has no secret"),
        Source("signed", SIGNED, (SECRET,)),
        Source("signed-2", SIGNED, (SECRET,), path_secrets=PATH),
        Source("board", BOARD, (SECRET,)),
        Source("board-2", BOARD, (SECRET,), path_secrets=PATH),
        Source("board-3", BOARD, path_secrets=PATH),
        Source("silent", Preset("silent", Auth.NONE)),
    )
)


@pytest.fixture
def client(store: Store) -> FlaskClient:
    return client_of(store, SOURCES)


# -- Visits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["visited", "visited/anything", f"visited-2/{TOKEN}", "v%69sited"])
def test_a_sender_that_looks_before_it_posts_is_welcome(
    client: FlaskClient, store: Store, method: str, path: str
) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = client.open(f"/hooks/{path}", method=method)

    assert (answer.status_code, answer.data) == (200, b"")
    assert keys(store) == set()
    assert [line["event"] for line in lines] == ["Handshake answered"]
    assert TOKEN not in str(lines)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["visited-2", "visited-2/wrong", "visited-2/%F0%9F%8E%93%FF"])
def test_a_visit_without_the_secret_of_the_address_is_refused_like_a_delivery(
    client: FlaskClient, method: str, path: str
) -> None:
    answer = client.open(f"/hooks/{path}", method=method)

    assert answer.status_code == 401
    assert method == "HEAD" or answer.text == client.post(f"/hooks/{path}").text
    assert method != "HEAD" or answer.data == b""


def test_a_visit_of_a_source_that_is_not_started_is_to_come_again(client: FlaskClient) -> None:
    assert client.get("/hooks/visited-3").status_code == 503


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_nobody_else_is_visited(client: FlaskClient, method: str) -> None:
    answers = [client.open(f"/hooks/{name}", method=method) for name in ("silent", "nobody")]

    assert [answer.status_code for answer in answers] == [405, 405]
    assert {answer.headers["Allow"] for answer in answers} == {"POST"}


def test_who_may_be_visited_is_told_what_else_it_may_do(client: FlaskClient) -> None:
    answer = client.put("/hooks/visited")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_who_may_be_visited_still_takes_deliveries(client: FlaskClient) -> None:
    assert client.post("/hooks/visited", json={"a": 1}).status_code == 202
    assert client.post(f"/hooks/visited-2/{TOKEN}", json={"a": 1}).status_code == 202


# -- Challenges ------------------------------------------------------------------------------------


def _signed(name: str, body: bytes, target: str = "") -> tuple[str, dict[str, str]]:
    delivery = sign(
        SOURCES[name],
        body,
        target=target or f"/hooks/{name}",
        now=time.time(),
        public_url="http://127.0.0.1:8000",
        event_id="msg_1",
    )
    return delivery.target, dict(delivery.headers)


@pytest.mark.parametrize("name", ["signed", "signed-2", "board", "board-2", "board-3"])
def test_a_proved_challenge_is_echoed_and_nothing_is_kept(
    client: FlaskClient, store: Store, name: str
) -> None:
    target, headers = _signed(name, CHALLENGE)

    answer = client.post(target, data=CHALLENGE, headers=headers)

    assert (answer.status_code, answer.json) == (200, {"challenge": "cé-1"})
    assert answer.mimetype == "application/json"
    assert keys(store) == set()


def test_a_board_that_has_no_token_yet_is_known_by_its_address(
    client: FlaskClient, store: Store
) -> None:
    answer = client.post(f"/hooks/board-2/{TOKEN}", data=CHALLENGE)

    assert (answer.status_code, answer.json) == (200, {"challenge": "cé-1"})
    assert keys(store) == set()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("signed", {}, id="no signature"),
        pytest.param("signed", {"X-Signature": "0" * 64}, id="wrong signature"),
        pytest.param(f"signed-2/{TOKEN}", {}, id="the address alone does not do"),
        pytest.param("board", {}, id="no token"),
        pytest.param(f"board/{TOKEN}", {}, id="an address that proves nothing"),
        pytest.param("board", {"Authorization": "a.b.c"}, id="wrong token"),
        pytest.param("board-2", {}, id="no address"),
        pytest.param("board-2/wrong", {}, id="wrong address"),
        pytest.param(
            "board-2/wrong",
            {"Authorization": make_token({"exp": 9_999_999_999}, SECRET)},
            id="token at a wrong address",
        ),
    ],
)
def test_a_challenge_without_proof_is_not_echoed(
    client: FlaskClient, path: str, headers: Mapping[str, str]
) -> None:
    answer = client.post(f"/hooks/{path}", data=CHALLENGE, headers=headers)

    assert answer.status_code == 401
    assert "c\u00e9-1" not in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"challenge": "c", "event": {}}, 202, id="another key"),
        pytest.param({"challenge": 7}, 202, id="a number"),
        pytest.param({"challenge": None}, 202, id="null"),
        pytest.param({"token": "t", "type": "url_verification"}, 202, id="none at all"),
        pytest.param(["challenge"], 202, id="a list"),
        pytest.param({"challenge": "c" * 10_000}, 202, id="too long"),
        pytest.param({"challenge": ""}, 200, id="empty"),
    ],
)
def test_only_a_challenge_is_a_challenge(client: FlaskClient, body: object, status: int) -> None:
    raw = json.dumps(body).encode()
    target, headers = _signed("signed", raw)

    assert client.post(target, data=raw, headers=headers).status_code == status


def test_a_proved_challenge_that_cannot_be_read_is_malformed(client: FlaskClient) -> None:
    target, headers = _signed("signed", CHALLENGE[:-1])

    assert client.post(target, data=CHALLENGE[:-1], headers=headers).status_code == 400


def test_a_sender_that_asks_no_questions_has_its_challenge_kept_as_an_event(
    client: FlaskClient,
) -> None:
    assert client.post("/hooks/silent", data=CHALLENGE).status_code == 202


# -- Pings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["signed", "signed/ignored", f"signed-2/{TOKEN}"])
@pytest.mark.parametrize("content_type", [FORM, FORM + "; charset=UTF-8", None])
def test_the_ping_of_a_shop_is_answered_with_exactly_200(
    client: FlaskClient, store: Store, path: str, content_type: str | None
) -> None:
    answer = client.post(f"/hooks/{path}", data=b"webhook_id=17", content_type=content_type)

    assert (answer.status_code, answer.data) == (200, b"")
    assert keys(store) == set()


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        pytest.param("signed", b"webhook_id=", {}, id="no number"),
        pytest.param("signed", b"webhook_id=1&a=1", {}, id="more fields"),
        pytest.param("signed", b"webhook_id=1\n", {}, id="line break"),
        pytest.param("signed", b"webhook_id=" + b"1" * 21, {}, id="too long"),
        pytest.param("signed", b"webhook_id=\xd9\xa1", {}, id="other digits"),
        pytest.param("signed", b"webhook_id=1", {"X-Signature": "0"}, id="with a signature"),
        pytest.param("signed", b"webhook_id=1", {"Content-Type": "text/xml"}, id="no form"),
        pytest.param("signed-2", b"webhook_id=1", {}, id="without the address"),
        pytest.param("signed-2/wrong", b"webhook_id=1", {}, id="at a wrong address"),
        pytest.param("board", b"webhook_id=1", {}, id="of another sender"),
    ],
)
def test_what_only_looks_like_a_ping_is_refused(
    client: FlaskClient, path: str, body: bytes, headers: Mapping[str, str]
) -> None:
    told = {"Content-Type": FORM, **headers}

    assert client.post(f"/hooks/{path}", data=body, headers=told).status_code == 401


def test_a_signed_delivery_of_a_sender_that_pings_is_kept(client: FlaskClient) -> None:
    target, headers = _signed("signed", b"{}")

    assert client.post(target, data=b"{}", headers=headers).status_code == 202


def test_no_handshake_waits_for_redis() -> None:
    connection = Connection("unix:///nowhere/redis.sock", timeout=1.0)
    client = client_of(Store(connection), SOURCES)
    target, headers = _signed("signed", CHALLENGE)

    answers = [
        client.get("/hooks/visited"),
        client.post("/hooks/signed", data=b"webhook_id=1"),
        client.post(target, data=CHALLENGE, headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    connection.close()
