"""A CRM's API on loopback: answers what a test wrote down, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from workers.callbacks import Callbacks, read_both
from workers.lookups import Definition, Door, LookUps, read_definitions
from workers.lookups.template import Template

HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `body` is sent as JSON unless it is bytes. `pause` ends when the test says so, or
    when the server goes. One that is `cut` breaks off at its end, one to `drop` never comes."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: threading.Event | None = None
    cut: bool = False
    drop: bool = False

    def wait(self) -> None:
        if self.pause is not None:
            self.pause.wait(10)

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that changes something. Header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass(slots=True)
class Crm:
    """`replies` are answers by request target; one that is not there is a 404. Answers `in_turn`
    come first, one a request. `sent` has what was not a GET, with its bodies."""

    replies: dict[str, Reply | Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    in_turn: list[Reply] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    def reply(self, target: str) -> Reply:
        if self.in_turn:
            return self.in_turn.pop(0)
        found = self.replies.get(target, Reply({"message": "not found"}, 404))
        return found if isinstance(found, Reply) else Reply(found)

    def callbacks(self, text: str, **variables: str) -> Callbacks:
        """The callbacks of a file in which CRM stands for this server."""
        _, found = read_both(text.replace("CRM/", f"{self.url}/"))
        return Callbacks(found, variables, Door())

    def lookups(self, text: str, **variables: str) -> LookUps:
        """The look-ups of a file in which CRM stands for this server."""
        return LookUps(
            read_definitions(text.replace("CRM/", f"{self.url}/")), variables, {}, Door()
        )


@contextmanager
def crm() -> Iterator[Crm]:
    """A server of its own port."""
    known = Crm()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known.asked.append(self.path)
            known.headers.append({name.lower(): value for name, value in self.headers.items()})
            known.connections.add(self.client_address[1])
            self._answer(known.reply(self.path))

        def _take(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            known.sent.append(Sent(self.command, self.path, headers, self.rfile.read(length)))
            self._answer(known.reply(self.path))

        do_POST = do_PATCH = do_PUT = _take

        def _answer(self, reply: Reply) -> None:
            reply.wait()
            if reply.drop:
                self.close_connection = True
                return
            content = reply.content()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            length = 0 if reply.status == 204 else len(content) + reply.cut
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if length:
                self.wfile.write(content)
            self.close_connection = self.close_connection or reply.cut

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                """The caller had enough."""

    server = ThreadingHTTPServer((HERE, 0), Handler)
    server.daemon_threads = True
    known.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


SHIPPED = Path(__file__).parent.parent / "lookups.yaml"


def here(known: Crm) -> Mapping[str, Definition]:
    """The look-ups that come with Usher, with every vendor's host played by `known`."""
    found = read_definitions(SHIPPED.read_text(encoding="utf-8"))
    return {
        name: replace(
            one,
            scheme="http",
            host=Template((f"{HERE}:{known.port}",)),
            private_addresses=frozenset({HERE}),
        )
        for name, one in found.items()
    }


def shipped(known: Crm, **variables: str) -> LookUps:
    """Those look-ups, with their keys."""
    return LookUps(here(known), variables, {}, Door())
