"""`usher send`: what it posts is what the sender's own signature check lets in."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from senders.delivery import Delivery
from senders.preset import Auth
from senders.reading import read_events
from senders.sources import read_sources
from senders.verify import verify
from tests.samples import KNOBS_OF, SAMPLES, Sample, secret_text
from usher.__main__ import main
from usher.send_command import HINTS

SOURCES = """
hubspot: {preset: hubspot, secrets: [HUBSPOT_SECRET]}
form: {preset: typeform, secrets: [FORM_SECRET]}
pipedrive: {preset: pipedrive, secrets: [PIPEDRIVE_BASIC]}
partner: {preset: standard-webhooks, secrets: [PARTNER_SECRET]}
unready: {preset: typeform, secrets: [NOT_SET]}
"""
SECRETS = {
    "HUBSPOT_SECRET": "sample-hubspot",
    "FORM_SECRET": "sample-form",
    "PIPEDRIVE_BASIC": "usher:sample-pipedrive",
    "PARTNER_SECRET": "whsec_c2FtcGxlLXBhcnRuZXI=",
}
BODY = b'{"event_id": "e-1",  "note": "spaces stay"}'


@dataclass
class Receiver:
    """An HTTP server that keeps what it gets and gives the answers in line, then the last again."""

    server: HTTPServer
    answers: list[tuple[int, str]] = field(default_factory=lambda: [(202, '{"accepted": 1}')])
    got: list[Delivery] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.server.server_port


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append(Delivery("POST", self.path, tuple(self.headers.items()), body))
            status, text = kept.answers.pop(0) if len(kept.answers) > 1 else kept.answers[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    kept = Receiver(HTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=kept.server.serve_forever, args=(0.01,))
    thread.start()
    yield kept
    kept.server.shutdown()
    thread.join()
    kept.server.server_close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with sources, their secrets in `.env`, and a delivery to send."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sources.yaml").write_text(SOURCES)
    (tmp_path / ".env").write_text("".join(f"{name}={text}\n" for name, text in SECRETS.items()))
    (tmp_path / "body.json").write_bytes(BODY)
    return tmp_path


def send(port: int, *arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["send", *arguments], input=stdin, env={"PORT": str(port)})


@pytest.mark.parametrize("source", ["hubspot", "form", "pipedrive", "partner"])
def test_what_is_posted_passes_the_check_of_its_source(
    folder: Path, receiver: Receiver, source: str
) -> None:
    result = send(receiver.port, source, "body.json")

    assert result.exit_code == 0, result.output
    assert result.stdout == '202 Accepted  {"accepted": 1}\n'
    [delivery] = receiver.got
    assert (delivery.target, delivery.body) == (f"/hooks/{source}", BODY)
    configured = read_sources(SOURCES, SECRETS)[source]
    origin = f"http://127.0.0.1:{receiver.port}"
    verify(configured, delivery, now=time.time(), public_url=origin)


def test_the_public_address_is_what_is_signed_where_it_is_set(
    folder: Path, receiver: Receiver
) -> None:
    with (folder / ".env").open("a") as env:
        env.write("PUBLIC_URL=https://usher.example\n")

    send(receiver.port, "hubspot", "body.json")

    configured = read_sources(SOURCES, SECRETS)["hubspot"]
    verify(configured, receiver.got[0], now=time.time(), public_url="https://usher.example")


def test_another_address_is_called_exactly_as_written(folder: Path, receiver: Receiver) -> None:
    address = f"http://127.0.0.1:{receiver.port}/hooks/hubspot?a=%20b&c=%2F"

    result = send(1, "hubspot", "body.json", "--url", address)

    assert result.exit_code == 0
    assert receiver.got[0].target == "/hooks/hubspot?a=%20b&c=%2F"
    configured = read_sources(SOURCES, SECRETS)["hubspot"]
    verify(configured, receiver.got[0], now=time.time(), public_url=address)


def test_a_dash_reads_standard_input(folder: Path, receiver: Receiver) -> None:
    result = send(receiver.port, "form", "-", stdin=BODY)

    assert result.exit_code == 0
    assert receiver.got[0].body == BODY


def test_each_of_several_has_an_id_of_its_own_where_the_sender_gives_one(
    folder: Path, receiver: Receiver
) -> None:
    result = send(receiver.port, "partner", "body.json", "--count", "3", "--json")

    answers = json.loads(result.stdout)
    assert [answer["status"] for answer in answers] == [202, 202, 202]
    assert answers[0]["answer"] == {"accepted": 1}
    assert len({delivery.values("webhook-id") for delivery in receiver.got}) == 3


def test_the_event_that_was_accepted_can_be_looked_at(folder: Path, receiver: Receiver) -> None:
    receiver.answers = [(202, '{"accepted": 1, "events": ["evt_1"]}')]

    assert "usher events show evt_1" in send(receiver.port, "form", "body.json").stderr


def test_where_the_answer_names_no_event_the_list_does(folder: Path, receiver: Receiver) -> None:
    receiver.answers = [(200, "<Ack>true</Ack>")]

    said = send(receiver.port, "form", "body.json").stderr

    assert "usher events list --source form" in said


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "the same secret"), (404, "sources.yaml"), (503, "Redis"), (302, "not accepted")],
)
def test_a_refusal_is_printed_and_ends_with_1(
    folder: Path, receiver: Receiver, status: int, said: str
) -> None:
    receiver.answers = [(status, '{"error": {"code": "no"}}')]

    result = send(receiver.port, "form", "body.json")

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{status} ")
    assert '{"error": {"code": "no"}}' in result.stdout
    assert said in result.stderr


def test_one_refusal_among_several_is_counted(folder: Path, receiver: Receiver) -> None:
    receiver.answers = [(202, ""), (503, "busy"), (202, "")]

    result = send(receiver.port, "form", "body.json", "--count", "3")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[1] == "503 Service Unavailable  busy"
    assert "1 of 3 deliveries were not accepted" in result.stderr


def test_nobody_listening_ends_with_2_and_says_what_to_do(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    result = send(port, "form", "body.json")

    assert result.exit_code == 2
    assert f"Nobody listens at http://127.0.0.1:{port}." in result.stderr
    assert "usher up" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["unheard", "body.json"], "hubspot, form, pipedrive", id="unknown source"),
        pytest.param(["unready", "body.json"], "NOT_SET is not set", id="no secret"),
        pytest.param(["form", "sources.yaml"], "sources.yaml is not JSON", id="not JSON"),
        pytest.param(["form", "absent.json"], "absent.json", id="no file"),
        pytest.param(["form", "body.json", "--url", "usher.example"], "no address", id="address"),
        pytest.param(["form", "body.json", "--url", "http://a:b/"], "no address", id="port"),
    ],
)
def test_what_cannot_be_sent_ends_with_2_and_the_reason(
    folder: Path, receiver: Receiver, arguments: list[str], said: str
) -> None:
    result = send(receiver.port, *arguments)

    assert result.exit_code == 2
    assert said in result.stderr
    assert receiver.got == []


def test_no_secret_is_printed(folder: Path, receiver: Receiver) -> None:
    shown = "".join(
        send(receiver.port, source, "body.json", option).output
        for source in ("hubspot", "form", "pipedrive", "partner")
        for option in ("--json", "--count=1")
    )

    assert not [secret for secret in SECRETS.values() if secret in shown]


def settings_for(sample: Sample) -> str:
    """A file of sources with one of that sample's preset; its secrets are in PROOF."""
    lines = [f"posted: {{preset: {sample.preset.name}"]
    knobs = KNOBS_OF.get(sample.preset.name, {})
    lines += [f'{knob}: "{value}"' for knob, value in knobs.items()]
    if sample.preset.auth is not Auth.PATH:
        lines.append("secrets: [PROOF]")
    return ", ".join([*lines, "path_secrets: [IN_PATH]}"])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_recorded_delivery_of_any_sender_passes_its_check(
    folder: Path, receiver: Receiver, sample: Sample
) -> None:
    sources, secrets = settings_for(sample), {"PROOF": secret_text(sample.preset), "IN_PATH": "a b"}
    (folder / "sources.yaml").write_text(sources)
    (folder / ".env").write_text("".join(f"{name}='{text}'\n" for name, text in secrets.items()))

    result = send(receiver.port, "posted", str(sample.path))

    assert result.exit_code == 0, result.output
    [got] = receiver.got
    assert got.target == "/hooks/posted/a%20b"
    configured = read_sources(sources, secrets)["posted"]
    origin = f"http://127.0.0.1:{receiver.port}"
    delivery = replace(got, token="a b")
    verify(configured, delivery, now=time.time(), public_url=origin)
    assert read_events(configured, delivery)
    assert "a b" not in result.output


def test_headers_of_the_file_and_of_the_command_line_go_along(
    folder: Path, receiver: Receiver
) -> None:
    (folder / "it.http").write_text("X-Topic: orders\nX-Kept: yes\n\n{}")
    given = ("--header", "x-topic: refunds", "--header", "Content-Type: application/cloud+json")

    result = send(receiver.port, "form", "it.http", *given)

    assert result.exit_code == 0, result.output
    [got] = receiver.got
    assert (got.values("X-Topic"), got.values("X-Kept")) == (("refunds",), ("yes",))
    assert got.values("Content-Type") == ("application/cloud+json",)


def test_without_a_file_the_samples_of_the_sender_are_named(
    folder: Path, receiver: Receiver
) -> None:
    result = send(receiver.port, "form")

    assert (result.exit_code, receiver.got) == (2, [])
    assert "Say which file to post." in result.stderr
    assert "usher send form " in result.stderr
    assert "tests/samples/typeform-response.json" in result.stderr


def test_a_source_that_samples_are_named_after_gets_them_named(
    folder: Path, receiver: Receiver
) -> None:
    (folder / "sources.yaml").write_text(
        "shop: {preset: hmac, signature_header: X-Signature, secrets: [FORM_SECRET]}"
    )

    assert "tests/samples/shop-order.json" in send(receiver.port, "shop").stderr


@pytest.mark.parametrize(
    "header", ["nothing", "X Topic: a", "X-Topic: \u20ac", "X-Topic: a\r\nX-B: c"]
)
def test_a_header_that_cannot_be_is_refused(folder: Path, receiver: Receiver, header: str) -> None:
    result = send(receiver.port, "form", "body.json", "--header", header)

    assert (result.exit_code, receiver.got) == (2, [])
    assert "is no header such as" in result.stderr


def test_a_recording_with_a_broken_head_is_refused(folder: Path, receiver: Receiver) -> None:
    (folder / "it.http").write_bytes(BODY)

    result = send(receiver.port, "form", "it.http")

    assert (result.exit_code, receiver.got) == (2, [])
    assert "it.http is no recorded delivery: line 1 is no header" in result.stderr


@pytest.mark.parametrize("status", [400, 401, 404, 413, 415, 503])
def test_every_answer_that_a_receiver_gives_has_a_word_on_it(status: int) -> None:
    assert HINTS[status].endswith((".", "?"))
