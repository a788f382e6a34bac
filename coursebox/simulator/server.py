"""The simulator on a socket: HTTP/1.1 with warm connections, one thread a connection."""

import itertools
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from coursebox.simulator.control import answer
from coursebox.simulator.errors import phrase
from coursebox.simulator.exchange import Reply, Request, json_reply
from coursebox.simulator.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD, Courses, Simulator
from coursebox.simulator.state import SAMPLE_COURSES
from coursebox.simulator.switches import read_switches

LARGEST_BODY, LONGEST_LENGTH = 1_000_000, 7
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
IDLE_SECONDS = 300.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Server(ThreadingMixIn, TCPServer):
    """Listens from the moment it is made; `close` ends every connection, warm ones too."""

    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = False

    def __init__(self, host: str, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        self.stopping = False
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._numbers = itertools.count(1)
        super().__init__((host, port), Handler)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def next_number(self) -> int:
        with self._guard:
            return next(self._numbers)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A caller that went away is everyday; anything else must be seen.
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Answer what is being answered, then end all connections and threads."""
        self.stopping = True
        self.simulator.end_delays(for_good=True)
        self.shutdown()
        with self._guard:
            for connection in self._connections:
                _shut(connection, socket.SHUT_RD)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection until either side has had enough."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def setup(self) -> None:
        super().setup()
        self.number = self.server.next_number()

    def parse_request(self) -> bool:
        # the first moment after the wait for a request: a client's rate is proved by these times
        self.arrived = self.server.simulator.clock()
        return super().parse_request()

    def serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body, self.number, self.arrived)
        reply = answer(self.server.simulator, request)
        if reply is None:
            self._hang_up()
        else:
            self._write(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what came in stands in the log of calls."""

    def _read_body(self) -> bytes | None:
        """The body; None where it cannot be had, and then the caller has been told."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self._turn_away(411, "send the body with a Content-Length")
            return None
        if len(length) > LONGEST_LENGTH or int(length) > LARGEST_BODY:
            self._turn_away(413, f"a body may have {LARGEST_BODY} bytes")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _turn_away(self, status: int, message: str) -> None:
        self.close_connection = True
        self._write(json_reply({"error": {"statusCode": status, "message": message}}, status))

    def _write(self, reply: Reply) -> None:
        if self.server.stopping:
            self.close_connection = True
        headers = {"Date": self.date_time_string()}
        if reply.status not in BODILESS:
            headers |= {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body))}
        headers |= reply.headers
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {reply.status} {phrase(reply.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        silent = self.command == "HEAD" or reply.status in BODILESS
        self.wfile.write(head if silent else head + reply.body)

    def _hang_up(self) -> None:
        self.close_connection = True
        _shut(self.connection, socket.SHUT_RDWR)


def _shut(connection: socket.socket, how: int) -> None:
    with suppress(OSError):  # the caller may have closed it already
        connection.shutdown(how)


class RunningSimulator(Simulator):
    """A simulator that listens at `url`."""

    url: str


@contextmanager
def running_simulator(
    port: int = 0,
    *,
    email: str = SAMPLE_EMAIL,
    password: str = SAMPLE_PASSWORD,
    courses: Courses = SAMPLE_COURSES,
    **switches: object,
) -> Iterator[RunningSimulator]:
    """A simulator in threads of this process, on a free port unless one is named.

    Raises SwitchError for a switch that does not exist, OSError where the port is taken.
    """
    simulator = RunningSimulator(
        email=email, password=password, courses=courses, switches=read_switches(switches)
    )
    with _listening(simulator, "127.0.0.1", port) as url:
        simulator.url = url
        yield simulator


def serve(
    host: str = "127.0.0.1",
    port: int = 8001,
    email: str = SAMPLE_EMAIL,
    password: str = SAMPLE_PASSWORD,
    *,
    courses: Courses = SAMPLE_COURSES,
    faults: Iterable[object] = (),
    started: Callable[[str], None] = print,
    **switches: object,
) -> None:
    """Serve until SIGTERM or SIGINT; `started` is told the address. Main thread only.

    Raises SwitchError for a switch that does not exist, FaultError for a fault that cannot be,
    OSError where the port is taken.
    """
    simulator = Simulator(
        email=email, password=password, courses=courses, switches=read_switches(switches)
    )
    simulator.add_faults(list(faults))
    stop = threading.Event()
    with _listening(simulator, host, port) as url, _on_signal(stop.set):
        started(url)
        stop.wait()


@contextmanager
def _listening(simulator: Simulator, host: str, port: int) -> Iterator[str]:
    server = Server(host, port, simulator)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="coursebox-simulator"
    )
    thread.start()
    try:
        yield server.url
    finally:
        server.close()
        thread.join()


@contextmanager
def _on_signal(act: Callable[[], None]) -> Iterator[None]:
    before = {each: signal.signal(each, lambda *_: act()) for each in STOP_SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
