"""Gunicorn, told how to be a front door: a threaded worker that slow clients cannot hold up.

1. A request takes a thread only when it has arrived whole, or is longer than what is gathered
   for it; until then it waits in the worker's event loop, where it costs a socket and its bytes.
2. A request that has not arrived within `ARRIVAL_SECONDS` is given up, after `HURRIED_SECONDS`
   where connections run short. Reading in a thread keeps the first of these.
3. What gunicorn cannot read is answered as JSON, never by 5xx, and neither the answer nor the log
   repeats a word of it.
"""

import json
import re
import socket
import struct
import time
from collections.abc import Mapping
from selectors import EVENT_READ
from typing import Any, Final

# gunicorn publishes no types
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from workers.logs import configure_logs
from workers.settings import Settings, load_settings

ARRIVAL_SECONDS: Final = 30.0
HURRIED_SECONDS: Final = 3.0
THREADS: Final = 16
CONNECTIONS: Final = 512
_KEEP_ALIVE = 5
_GRACEFUL_SECONDS = 20
# Longer heads are refused by gunicorn; longer bodies are read by a thread, against the deadline.
_HEAD_BYTES = 65_536
_GATHERED_BYTES = 262_144
_READ = 65_536

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)

# What was wrong with a request -> status, reason phrase, code, message. The first that fits counts.
_Answer = tuple[int, str, str, str]
_UNREADABLE: _Answer = (400, "Bad Request", "malformed", "This is not a readable HTTP request.")
_REFUSALS: tuple[tuple[type[Exception], _Answer], ...] = (
    (errors.LimitRequestLine, (414, "URI Too Long", "too_large", "The address is too long.")),
    (
        errors.LimitRequestHeaders,
        (431, "Request Header Fields Too Large", "too_large", "The headers are too long."),
    ),
    (errors.ExpectationFailed, (417, "Expectation Failed", "malformed", "Unknown expectation.")),
    (errors.ParseException, _UNREADABLE),
    (OSError, _UNREADABLE),
)
_BROKEN: _Answer = (500, "Internal Server Error", "internal", "Something broke on our side.")
_LATE: _Answer = (408, "Request Timeout", "too_slow", "The request did not arrive in time.")


def gunicorn_arguments(settings: Settings) -> list[str]:
    """What follows `gunicorn` on its command line; GUNICORN_CMD_ARGS can add to it."""
    options: Mapping[str, object] = {
        "bind": f"{_bracketed(settings.host)}:{settings.port}",
        "workers": settings.web_concurrency,
        "worker-class": "webhooks.server.PatientWorker",
        "logger-class": "webhooks.server.Log",
        "log-level": settings.log_level,
        "threads": THREADS,
        "worker-connections": CONNECTIONS,
        "keep-alive": _KEEP_ALIVE,
        "graceful-timeout": _GRACEFUL_SECONDS,
        "limit-request-line": 8190,
        "limit-request-fields": 100,
        "http-parser": "python",
        # from a proxy on this machine the default takes SCRIPT_NAME, which a client could send, too
        "forwarder-headers": "",
        "proc-name": "usher-web",
    }
    told = [f"--{name}={value}" for name, value in options.items()]
    return [*told, "--no-control-socket", "webhooks.app:wsgi()"]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Arrival:
    """A request on its way in: since when (monotonic), and the bytes so far."""

    def __init__(self, since: float, data: bytes = b"") -> None:
        self.since = since
        self.data = bytearray(data)
        self.told_to_go_on = False
        self._head_end = -1
        self._whole: int | None = None
        self._searched = 0

    def whole(self) -> bool:
        """Whether a thread can go on without waiting. A wrong yes costs a thread's time only."""
        if self._head_end < 0 and not self._find_head():
            return len(self.data) >= _HEAD_BYTES
        if len(self.data) - self._head_end >= _GATHERED_BYTES:
            return True
        if self._whole is not None:
            return len(self.data) >= self._whole
        return self.data.endswith(_HEAD_END)

    def waits_for_us(self) -> bool:
        """Whether the client wants to hear "100 Continue" before it sends the body."""
        headed = self._head_end >= 0 and not self.told_to_go_on
        return headed and bool(_EXPECTS.search(self.data, 0, self._head_end))

    def _find_head(self) -> bool:
        found = self.data.find(_HEAD_END, self._searched)
        if found < 0:
            self._searched = max(0, len(self.data) - len(_HEAD_END) + 1)
            # lines that end in a bare LF never come to an end that gunicorn accepts
            return b"\n\n" in self.data
        self._head_end = found + len(_HEAD_END)
        if not _CHUNKED.search(self.data, 0, self._head_end):
            length = _LENGTH.search(self.data, 0, self._head_end)
            self._whole = self._head_end + (int(length[1]) if length else 0)
        return True


class PacedUnreader(SocketUnreader):  # type: ignore[misc]  # untyped base
    """Reads a socket until a deadline; what has not come by then counts as never sent."""

    deadline = 0.0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes; none at the end of the stream or of the time."""
        limit = self.sock.gettimeout()
        left = self.deadline - time.monotonic()
        if left <= 0:
            return b""
        try:
            self.sock.settimeout(left if limit is None else min(left, limit))
            data: bytes = super().chunk(size_hint)
        except TimeoutError:
            return b""
        finally:
            self.sock.settimeout(limit)
        return data


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # untyped base
    """Gunicorn's threaded worker with requests gathered by its event loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # those that the loop gathers, the longest waiting first; the loop's thread alone uses it
        self._arrivals: dict[TConn, Arrival] = {}

    def enqueue_req(self, conn: TConn) -> None:
        """A connection may bring a request: gather it, then give it to a thread."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        read_ahead = conn.parser.unreader.take_buffered() if conn.parser else b""
        arrival = Arrival(time.monotonic(), read_ahead)
        if read_ahead and arrival.whole():
            self._hand_over(conn, arrival)
            return
        conn.sock.setblocking(False)
        self._arrivals[conn] = arrival
        self.poller.register(conn.sock, EVENT_READ, lambda _: self._gather(conn, arrival))
        self._gather(conn, arrival)

    def _gather(self, conn: TConn, arrival: Arrival) -> None:
        try:
            data = conn.sock.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        arrival.data += data
        if data and not arrival.whole():
            if arrival.waits_for_us():
                arrival.told_to_go_on = True
                self._say(conn, b"HTTP/1.1 100 Continue\r\n\r\n")
        elif arrival.data:
            self._forget(conn)
            self._hand_over(conn, arrival)
        else:
            self._give_up(conn)

    def _hand_over(self, conn: TConn, arrival: Arrival) -> None:
        conn.arrival = arrival
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Serve a gathered request; runs in a thread."""
        if not self.cfg.is_ssl:
            conn.init()
            unreader = conn.parser.unreader
            if not isinstance(unreader, PacedUnreader):
                unreader = conn.parser.unreader = PacedUnreader(conn.sock)
                # kept by the kernel, since gunicorn undoes a timeout of Python's
                limit = struct.pack("ll", int(ARRIVAL_SECONDS), 0)
                conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            unreader.deadline = conn.arrival.since + ARRIVAL_SECONDS
            unreader.unread(bytes(conn.arrival.data))
        return super().handle(conn)

    def murder_pending(self) -> None:
        """Give up what does not arrive in time; called each turn of the loop."""
        now = time.monotonic()
        crowded = self.nr_conns >= self.worker_connections
        for conn, arrival in list(self._arrivals.items()):
            hurry = crowded or not (self.alive or arrival.data)
            if now - arrival.since > (HURRIED_SECONDS if hurry else ARRIVAL_SECONDS):
                if arrival.data:
                    self._say(conn, _response(_LATE))
                self._give_up(conn)
        super().murder_pending()

    def _forget(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        del self._arrivals[conn]

    def _give_up(self, conn: TConn) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    @staticmethod
    def _say(conn: TConn, text: bytes) -> None:
        try:
            conn.sock.send(text)
        except OSError:
            return

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what gunicorn could not read or serve."""
        answer = next((a for kind, a in _REFUSALS if isinstance(exc, kind)), _BROKEN)
        if answer is _BROKEN:
            self.log.error("A request broke in the server", exc_info=exc)
        else:
            self.log.info("Unreadable request: %s", type(exc).__name__)
        try:
            client.sendall(_response(answer))
        except OSError:
            return


def _response(answer: _Answer) -> bytes:
    status, reason, code, message = answer
    body = json.dumps({"error": {"code": code, "message": message}}) + "\n"
    head = (
        f"HTTP/1.1 {status} {reason}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode("ascii")


class Log(Logger):  # type: ignore[misc]  # untyped base
    """Gunicorn's messages among Usher's logs."""

    def setup(self, cfg: Config) -> None:
        """Take away gunicorn's own handlers and formats."""
        super().setup(cfg)
        settings = load_settings()
        configure_logs(settings.log_format, settings.log_level)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
