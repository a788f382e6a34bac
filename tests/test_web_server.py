"""The web server as it runs: what only a real gunicorn, a real socket and a real Redis show."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from senders.delivery import Delivery
from tests.deliveries import ROOT, SAMPLES, SECRETS, signed
from workers.redis_server import EmbeddedRedis

LONGEST = 1_000_000
# What a client may wait for an answer; far beyond what an answer takes (seconds).
PATIENCE = 20.0
# A gunicorn that would wait longer than a test does.
WITHOUT_HURRY = "--timeout=600 --graceful-timeout=600"
PLAIN = b"POST /hooks/shop HTTP/1.1\r\nHost: usher\r\nConnection: close\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error; an answer of another shape is a failure of the test."""
        assert list(self.json) == ["error"]
        assert list(self.json["error"]) == ["code", "message"]
        return str(self.json["error"]["code"])


@dataclass(frozen=True, slots=True)
class Server:
    """A running `usher web`."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def deliver(self, source: str, body: bytes | None = None) -> Answer:
        return self.post(signed(source, body, public_url=self.url))

    def post(self, delivery: Delivery) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE)) as connection:
            connection.request(
                delivery.method, delivery.target, delivery.body, dict(delivery.headers)
            )
            return _read(connection.getresponse())

    def get(self, path: str) -> Answer:
        return self.post(Delivery("GET", path, (), b""))

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def raw(self, data: bytes) -> Answer:
        """The one answer to these bytes."""
        with self.connect() as connection:
            connection.sendall(data)
            answer, rest = _first_answer(connection)
        assert rest == b""
        return answer


def _read(response: http.client.HTTPResponse) -> Answer:
    return Answer(response.status, dict(response.getheaders()), response.read())


def _first_answer(connection: socket.socket) -> tuple[Answer, bytes]:
    response = http.client.HTTPResponse(connection)
    response.begin()
    answer = _read(response)
    try:
        return answer, connection.recv(1000)
    except ConnectionResetError:
        return answer, b""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        threading.Event().wait(0.02)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


@contextmanager
def _running(redis_url: str, folder: Path, arguments: str = "") -> Iterator[Server]:
    port = _free_port()
    told = {
        **{name: text for name, text in os.environ.items() if name.isupper()},
        **SECRETS,
        "REDIS_URL": redis_url,
        "SOURCES_FILE": str(ROOT / "sources.yaml"),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "LOG_FORMAT": "json",
        "GUNICORN_CMD_ARGS": arguments,
        "MAX_BODY_BYTES": str(LONGEST),
    }
    log = folder / "web.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "usher", "web"], cwd=folder, env=told, stderr=stream
        )
    try:
        _eventually(lambda: _answers(port) or process.poll() is not None)
        yield Server(port, process, log)
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def running(
    redis_server: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The one web server of these tests; after them its log is looked through."""
    with _running(redis_server.url, tmp_path_factory.mktemp("web")) as server:
        yield server
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "error" not in {json.loads(line).get("level") for line in log.splitlines()}


@pytest.fixture
def server(running: Server, redis_url: str) -> Server:
    """The web server, its Redis empty."""
    return running


@pytest.fixture(scope="module")
def unhurried(
    redis_server: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A web server that waits for a silent sender for longer than a test does."""
    with _running(redis_server.url, tmp_path_factory.mktemp("web"), WITHOUT_HURRY) as server:
        yield server


@pytest.fixture
def keys(redis_url: str) -> Callable[[], set[str]]:
    """What is in Redis now."""

    def look() -> set[str]:
        with Redis.from_url(redis_url, decode_responses=True) as client:
            return set(client.keys("*"))

    return look


@pytest.mark.parametrize("source", SAMPLES)
def test_a_signed_delivery_is_accepted_once(server: Server, source: str) -> None:
    first = server.deliver(source)
    again = server.deliver(source)

    assert (first.status, again.status) == (202, 202)
    assert first.json["accepted"] == len(first.json["events"]) > 0
    assert first.json["duplicates"] == 0
    assert again.json == {
        "accepted": 0,
        "duplicates": first.json["accepted"],
        "events": first.json["events"],
    }


@pytest.mark.parametrize(
    "target",
    ["/hooks/hubspot?", "/hooks/hubspot?a=%20b&c=d%2Fe", "/hooks/h%75bspot", "//hooks/hubspot"],
)
def test_hubspot_signs_the_address_as_it_wrote_it(server: Server, target: str) -> None:
    delivery = signed("hubspot", target=target, public_url=server.url)

    assert server.post(delivery).status == 202


@pytest.mark.parametrize("size", [LONGEST + 1, 10_000_000], ids=["a byte more", "10 MB"])
def test_a_long_body_is_refused_and_its_sender_told(server: Server, size: int) -> None:
    answer = server.deliver("shop", b"1" * size)

    assert answer.status == 413
    assert answer.code == "too_large"


def test_a_long_body_for_nobody_is_refused_and_its_sender_told(server: Server) -> None:
    answer = server.post(Delivery("POST", "/hooks/nobody", (), b"1" * 10_000_000))

    assert answer.status == 413
    assert answer.code == "too_large"


def test_a_long_body_in_chunks_is_refused_and_its_sender_told(server: Server) -> None:
    chunk = b"10000\r\n" + b"1" * 0x10000 + b"\r\n"
    head = PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"

    answer = server.raw(head + chunk * 160 + b"0\r\n\r\n")

    assert answer.status == 413
    assert answer.code == "too_large"


def test_a_long_body_sent_by_curl_is_refused_and_its_sender_told(
    server: Server, tmp_path: Path
) -> None:
    if (curl := shutil.which("curl")) is None:
        pytest.skip("curl is not installed")
    (tmp_path / "body").write_bytes(b"1" * 10_000_000)
    for more in ([], ["--header", "Expect:"]):
        told = subprocess.run(
            [
                *(curl, "--silent", "--show-error", "--write-out", "%{http_code}", *more),
                *("--data-binary", f"@{tmp_path / 'body'}", f"{server.url}/hooks/shop"),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.endswith("413")


@pytest.mark.parametrize(
    "more", [b"", b"Expect: 100-continue\r\n"], ids=["silent", "asks whether to go on"]
)
def test_too_long_an_announcement_is_refused_before_anything_is_sent(
    unhurried: Server, more: bytes
) -> None:
    head = b"POST /hooks/shop HTTP/1.1\r\nHost: usher\r\n" + more
    with unhurried.connect() as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n{" % (LONGEST + 1))
        answer, rest = _first_answer(connection)

    assert (answer.status, answer.code, rest) == (413, "too_large", b"")
    assert answer.headers["Connection"] == "close"


def test_too_much_in_chunks_is_refused_though_its_sender_falls_silent(unhurried: Server) -> None:
    chunk = b"10000\r\n" + b"1" * 0x10000 + b"\r\n"
    head = b"POST /hooks/shop HTTP/1.1\r\nHost: usher\r\nTransfer-Encoding: chunked\r\n\r\n"
    with unhurried.connect() as connection:
        connection.sendall(head + chunk * 16)
        answer, rest = _first_answer(connection)

    assert (answer.status, answer.code, rest) == (413, "too_large", b"")
    assert answer.headers["Connection"] == "close"


def test_a_stop_does_not_wait_for_who_announced_too_much(redis_url: str, tmp_path: Path) -> None:
    with _running(redis_url, tmp_path, WITHOUT_HURRY) as server, server.connect() as connection:
        connection.sendall(PLAIN + b"Content-Length: %d\r\n\r\n{" % (LONGEST + 1))
        _first_answer(connection)

        server.process.terminate()

        assert server.process.wait(PATIENCE) == 0


def test_a_body_of_just_the_longest_size_is_read(server: Server) -> None:
    body = b'{"event_id": "' + b"1" * (LONGEST - 16) + b'"}'

    assert server.deliver("shop", body).status == 202


def test_a_delivery_in_chunks_is_accepted(server: Server) -> None:
    delivery = signed("shop")
    head = PLAIN + b"".join(f"{n}: {v}\r\n".encode() for n, v in delivery.headers)
    size = f"{len(delivery.body):x}".encode()

    answer = server.raw(
        head + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + delivery.body
        + b"\r\n0\r\n\r\n"
    )  # fmt: skip

    assert answer.status == 202


def test_a_sender_that_asks_first_whether_to_go_on_is_answered(server: Server) -> None:
    delivery = signed("shop")
    head = PLAIN + b"".join(f"{n}: {v}\r\n".encode() for n, v in delivery.headers)
    length = f"Content-Length: {len(delivery.body)}\r\nExpect: 100-continue\r\n\r\n".encode()
    with server.connect() as connection:
        connection.sendall(head + length)
        go_on = connection.recv(1000)
        connection.sendall(delivery.body)
        answer, _ = _first_answer(connection)

    assert go_on == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.status == 202


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"hello\r\n\r\n", 400, id="not HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, id="HTTP/2"),
        pytest.param(b"POST /hooks/shop HTTP/9.9\r\n\r\n", 400, id="unknown version"),
        pytest.param(b"POST /hooks/shop\r\n\r\n", 400, id="no version"),
        pytest.param(b"POST  HTTP/1.1\r\n\r\n", 400, id="no target"),
        pytest.param(b"p\xc3\xb6st / HTTP/1.1\r\n\r\n", 400, id="method not ASCII"),
        pytest.param(PLAIN + b"no colon\r\n\r\n", 400, id="header without a colon"),
        pytest.param(PLAIN + b"X Y: 1\r\n\r\n", 400, id="blank in a header's name"),
        pytest.param(PLAIN + b"X: a\x00b\r\n\r\n", 400, id="NUL in a header"),
        pytest.param(PLAIN + b"Content-Length: many\r\n\r\n", 400, id="length not a number"),
        pytest.param(PLAIN + b"Content-Length: -1\r\n\r\n", 400, id="length below zero"),
        pytest.param(
            PLAIN + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400, id="lengths"
        ),
        pytest.param(PLAIN + b"Transfer-Encoding: gold\r\n\r\n", 400, id="unknown coding"),
        pytest.param(
            PLAIN + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 400, id="smuggled"
        ),
        pytest.param(
            PLAIN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", 400, id="broken chunk"
        ),
        pytest.param(PLAIN + b"Expect: cake\r\n\r\n", 417, id="unknown expectation"),
        pytest.param(b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * 20_000), 414, id="20 KB of address"),
        pytest.param(PLAIN + b"X: %s\r\n\r\n" % (b"a" * 20_000), 431, id="20 KB of header"),
        pytest.param(PLAIN + b"X: a\r\n" * 200 + b"\r\n", 431, id="200 headers"),
    ],
)
def test_what_is_no_readable_request_is_told_so(server: Server, data: bytes, status: int) -> None:
    answer = server.raw(data)

    assert answer.status == status
    assert answer.code in ("malformed", "too_large")
    assert b"cake" not in answer.body
    assert b"gold" not in answer.body


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(PLAIN + b"\r\n", 401, id="no body, no length"),
        pytest.param(b"POST /hooks/shop HTTP/1.0\r\n\r\n", 401, id="HTTP/1.0"),
        pytest.param(b"POST /hooks/nobody HTTP/1.0\r\n\r\n", 404, id="unknown, HTTP/1.0"),
        pytest.param(PLAIN + b"X-Signature-256: sha256=\xff\xfe\r\n\r\n", 401, id="high bytes"),
        pytest.param(PLAIN + b"X-Other: caf\xc3\xa9 \xff\r\n\r\n", 401, id="high bytes elsewhere"),
        pytest.param(PLAIN + b"SCRIPT_NAME: /hooks\r\n\r\n", 401, id="SCRIPT_NAME as a header"),
        pytest.param(b"POST //hooks/shop HTTP/1.0\r\n\r\n", 401, id="two slashes"),
        pytest.param(b"POST /hooks/shop/ HTTP/1.0\r\n\r\n", 404, id="slash at the end"),
        pytest.param(b"POST /hooks/%73hop HTTP/1.0\r\n\r\n", 401, id="percent-encoded"),
        pytest.param(b"POST /hooks/%ff%00 HTTP/1.0\r\n\r\n", 404, id="encoded rubbish"),
        pytest.param(b"POST /hooks/\xff HTTP/1.0\r\n\r\n", 400, id="raw rubbish"),
        pytest.param(b"POST http://a:b@c/hooks/shop HTTP/1.0\r\n\r\n", 401, id="whole address"),
        pytest.param(b"POST http://[/hooks/shop HTTP/1.0\r\n\r\n", 400, id="broken address"),
        pytest.param(b"OPTIONS * HTTP/1.0\r\n\r\n", 404, id="asterisk"),
        pytest.param(b"GET /hooks/shop HTTP/1.0\r\n\r\n", 405, id="GET"),
        pytest.param(b"BREW /hooks/shop HTTP/1.0\r\n\r\n", 405, id="unknown method"),
    ],
)
def test_odd_requests_are_refused_in_json(server: Server, data: bytes, status: int) -> None:
    answer = server.raw(data)

    assert answer.status == status
    assert answer.code


def test_a_body_that_ends_too_early_is_not_accepted(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(PLAIN + b"Content-Length: 500\r\n\r\n{}")
        connection.shutdown(socket.SHUT_WR)
        answer, rest = _first_answer(connection)

    assert (answer.status, answer.code, rest) == (400, "malformed", b"")


def test_refused_input_leaves_nothing_but_counts(
    server: Server, keys: Callable[[], set[str]]
) -> None:
    server.raw(b"hello\r\n\r\n")
    server.raw(PLAIN + b"\r\n")
    server.raw(b"POST /hooks/nobody HTTP/1.0\r\n\r\n")
    server.deliver("shop", b"[" * 10_000)
    server.deliver("shop", b"1" * (LONGEST + 1))

    assert {key for key in keys() if not key.startswith("usher:rejected:")} == {"usher:counts"}


def test_slow_clients_do_not_keep_a_delivery_out(server: Server) -> None:
    slow = [server.connect() for _ in range(16)]
    for connection in slow:
        connection.sendall(PLAIN + b"Content-Length: 500\r\n\r\n{")

    answer = server.deliver("shop")

    for connection in slow:
        connection.close()
    assert answer.status == 202


@pytest.fixture(scope="module")
def impatient(
    redis_server: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A web server that waits for a silent sender for 2 s."""
    with _running(redis_server.url, tmp_path_factory.mktemp("web"), "--timeout=2") as server:
        yield server


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(
            b"hello\r\n\r\n", "its first line is not that of an HTTP request", id="no HTTP"
        ),
        pytest.param(PLAIN + b"Expect: cake\r\n\r\n", "it expects what is not known", id="417"),
        pytest.param(
            PLAIN + b"X: %s\r\n\r\n" % (b"a" * 20_000),
            "its headers are too many or too long",
            id="431",
        ),
    ],
)
def test_the_log_says_who_sent_what_is_not_readable_and_why(
    server: Server, data: bytes, words: str
) -> None:
    server.raw(data)

    _eventually(lambda: f"Unreadable request from 127.0.0.1: {words}" in server.log.read_text())
    assert "cake" not in server.log.read_text()


def test_the_log_says_at_the_start_that_redis_is_away_and_the_server_serves_all_the_same(
    tmp_path: Path,
) -> None:
    away = f"redis://usher:sample-redis-password@127.0.0.1:{_free_port()}/0"
    with _running(away, tmp_path) as server:
        assert server.get("/healthz").status == 200
        assert _refused_for_now(server.deliver("shop"))

    log = server.log.read_text()
    warning = "Redis cannot be reached: deliveries are answered with 503 until it is"
    (line,) = (told for told in map(json.loads, log.splitlines()) if told["event"] == warning)
    assert line["level"] == "warning"
    assert "refused" in line["reason"]
    assert line["redis_url"].startswith("redis://")
    assert "sample-redis-password" not in log


def test_senders_that_fall_silent_are_let_go(impatient: Server) -> None:
    begun = (b"", b"Content-Length: 500\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5")
    with ExitStack() as stack:
        connections = [stack.enter_context(impatient.connect()) for _ in begun]
        for connection, more in zip(connections, begun, strict=True):
            connection.sendall(PLAIN + more)
        in_head, in_body, in_chunk = (connection.recv(1000) for connection in connections)

    assert in_head == b""
    assert in_body.startswith(b"HTTP/1.1 400 ")
    assert in_chunk.startswith(b"HTTP/1.1 400 ")
    assert "Traceback" not in impatient.log.read_text()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A Redis that a test may stop and kill."""
    with EmbeddedRedis(tmp_path / "data") as redis:
        yield redis


@pytest.fixture
def own_server(own_redis: EmbeddedRedis, tmp_path: Path) -> Iterator[Server]:
    """A web server on a Redis that a test may stop and kill."""
    with _running(own_redis.url, tmp_path) as server:
        yield server


def _refused_for_now(answer: Answer) -> bool:
    assert answer.status == 503
    assert answer.code == "unavailable"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    return True


def test_while_redis_does_not_answer_senders_are_asked_to_come_back(
    own_server: Server, own_redis: EmbeddedRedis
) -> None:
    assert own_server.deliver("shop").status == 202
    assert own_redis.process_id is not None

    os.kill(own_redis.process_id, signal.SIGSTOP)
    try:
        assert _refused_for_now(own_server.deliver("partner"))
        alive = own_server.get("/healthz")
    finally:
        os.kill(own_redis.process_id, signal.SIGCONT)

    assert alive.status == 200
    assert own_server.deliver("partner").status == 202


def test_a_redis_that_was_killed_and_came_back_is_found_again(
    own_server: Server, own_redis: EmbeddedRedis, tmp_path: Path
) -> None:
    kept = own_server.deliver("shop").json["events"]
    assert own_redis.process_id is not None

    os.kill(own_redis.process_id, signal.SIGKILL)
    _eventually(lambda: not own_redis.owner)
    assert _refused_for_now(own_server.deliver("partner"))

    with EmbeddedRedis(tmp_path / "data"):
        new, again = own_server.deliver("partner"), own_server.deliver("shop")

    assert (new.status, new.json["accepted"]) == (202, 1)
    assert (again.json["duplicates"], again.json["events"]) == (1, kept)


def test_a_full_redis_keeps_the_whole_delivery_out(
    own_server: Server, own_redis: EmbeddedRedis
) -> None:
    with Redis.from_url(own_redis.url, decode_responses=True) as client:
        client.config_set("maxmemory", 1)
        answer = own_server.deliver("hubspot")
        ready = own_server.get("/readyz")
        kept = client.keys("*")
        client.config_set("maxmemory", 0)

    assert _refused_for_now(answer)
    assert kept == []
    assert "Redis is full (maxmemory reached)" in ready.json["reasons"]
    assert own_server.deliver("hubspot").json["accepted"] > 1


def test_a_request_that_has_begun_is_finished_after_the_server_is_told_to_stop(
    own_server: Server,
) -> None:
    delivery = signed("shop")
    head = PLAIN + b"".join(f"{n}: {v}\r\n".encode() for n, v in delivery.headers)
    length = f"Content-Length: {len(delivery.body)}\r\nExpect: 100-continue\r\n\r\n".encode()
    with own_server.connect() as connection:
        connection.sendall(head + length)
        connection.recv(1000)  # "go on": a thread reads this request now

        own_server.process.terminate()
        _eventually(lambda: "Handling signal: term" in own_server.log.read_text())
        connection.sendall(delivery.body)
        answer, _ = _first_answer(connection)

    assert answer.status == 202
    assert own_server.process.wait(PATIENCE) == 0
