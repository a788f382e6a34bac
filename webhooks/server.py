"""Gunicorn, told how to be a front door.

Its threaded worker: whoever sends slowly holds a thread, not a process, so that deliveries go on
being accepted beside it, and what waits for Redis waits in a thread, too. There are
THREADS * WEB_CONCURRENCY of them. On the open internet a proxy that gathers requests before it
passes them on (nginx does, unasked) belongs in front: somebody with as many sockets as there are
threads could hold them all. A sender that falls silent within a request is let go after gunicorn's
`timeout` (30 s), lest connections that died on their way hold threads for ever. One that announces
more than is taken is answered at once, and its connection closed.

What gunicorn cannot read is answered as JSON, never by 5xx, and neither the answer nor the log
repeats a word of it.
"""

import json
import socket
import struct
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

# gunicorn publishes no types
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from webhooks.address import bound
from workers.logs import configure_logs
from workers.settings import Settings, load_settings

THREADS: Final = 32
# Seconds. Longer than the pauses between the deliveries of a burst.
_KEEP_ALIVE = 5
# Longer than a request may wait for Redis: what was begun is finished before the end.
_GRACEFUL_SECONDS = 20
# A client that is still sending when its connection ends may lose the answer: this much is read
# away.
_LINGER_BYTES = 16_000_000
_LINGER_SECONDS = 1.5
_CHUNK = 65_536

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
# Why a request was unreadable, for the log. The first that fits counts.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (errors.InvalidRequestLine, "its first line is not that of an HTTP request"),
    (errors.InvalidRequestMethod, "its first word is no HTTP method"),
    (errors.InvalidHTTPVersion, "its version of HTTP is not spoken here"),
    (errors.LimitRequestLine, "its address is too long"),
    (errors.LimitRequestHeaders, "its headers are too many or too long"),
    (errors.ObsoleteFolding, "a header is spread over several lines"),
    (errors.InvalidHeaderName, "a header's name has characters that none may have"),
    (errors.InvalidHeader, "a header cannot be read, or contradicts another"),
    (errors.InvalidSchemeHeaders, "its headers contradict each other about https"),
    (errors.UnsupportedTransferCoding, "its transfer coding is not known"),
    (errors.ExpectationFailed, "it expects what is not known"),
    (errors.InvalidChunkSize, "the pieces of its body cannot be told apart"),
    (errors.InvalidChunkExtension, "the pieces of its body cannot be told apart"),
    (errors.ChunkMissingTerminator, "the pieces of its body cannot be told apart"),
)
_NO_HTTP = "it is not readable as HTTP"
_BROKEN: _Answer = (500, "Internal Server Error", "internal", "Something broke on our side.")


def gunicorn_arguments(settings: Settings) -> list[str]:
    """What follows `gunicorn` on its command line; GUNICORN_CMD_ARGS can add to it."""
    options: Mapping[str, object] = {
        "bind": bound(settings.host, settings.port),
        "workers": settings.web_concurrency,
        "worker-class": "webhooks.server.Worker",
        "logger-class": "webhooks.server.Log",
        "log-level": settings.log_level,
        "threads": THREADS,
        "keep-alive": _KEEP_ALIVE,
        "graceful-timeout": _GRACEFUL_SECONDS,
        "limit-request-line": 8190,
        "limit-request-fields": 100,
        "http-parser": "python",
        # from a proxy on this machine the default takes SCRIPT_NAME, which a client could send, too
        "forwarder-headers": "",
    }
    told = [f"--{name}={value}" for name, value in options.items()]
    return [*told, "--no-control-socket", "webhooks.app:wsgi()"]


class Worker(ThreadWorker):  # type: ignore[misc]  # untyped base
    """Gunicorn's threaded worker that waits for nobody for ever, with answers of ours to what it
    cannot read.
    """

    def load_wsgi(self) -> None:
        """Learn what is too long, and load the application.

        Here, and not where the process begins: until gunicorn has set its signals, a worker that is
        asked to stop would not hear it, and be waited for in vain.
        """
        self._longest = load_settings().max_body_bytes
        super().load_wsgi()

    def handle(self, conn: Any) -> Any:
        """Serve what came on a connection; runs in a thread."""
        # kept by the kernel, since gunicorn undoes a timeout of Python's
        silence = struct.pack("ll", self.cfg.timeout, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silence)
        again = super().handle(conn)
        if again is False:
            # here, for gunicorn would wait for the client in the thread that takes connections
            _part(conn.sock)
        return again

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request; the last of its connection where its body may be left unread."""
        told = dict(req.headers)
        too_long = int(told.get("CONTENT-LENGTH", 0)) > self._longest
        if too_long:
            # or gunicorn would ask for the body ("100 Continue") before the application is asked
            req._expected_100_continue = False
        if too_long or "TRANSFER-ENCODING" in told:
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what gunicorn could not read or serve."""
        answer = next((a for kind, a in _REFUSALS if isinstance(exc, kind)), _BROKEN)
        if answer is _BROKEN:
            self.log.error("A request broke in the server", exc_info=exc)
        else:
            reason = next((words for kind, words in _REASONS if isinstance(exc, kind)), _NO_HTTP)
            self.log.info("Unreadable request from %s: %s", _peer(addr), reason)
        try:
            client.sendall(_response(answer))
        except OSError:
            return


def _peer(address: object) -> str:
    # a unix socket's has no host
    return str(address[0]) if isinstance(address, tuple) else "a local socket"


def _part(sock: socket.socket) -> None:
    """End a connection so that its client still reads the answer, without long waits for it."""
    end = time.monotonic() + _LINGER_SECONDS
    left = _LINGER_BYTES
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while left > 0 and (wait := end - time.monotonic()) > 0:
            sock.settimeout(wait)
            part = sock.recv(_CHUNK)
            if not part:
                break
            left -= len(part)
    with suppress(OSError):
        # gunicorn closes it, and finds nothing more to wait for
        sock.shutdown(socket.SHUT_RDWR)


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

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """What gunicorn takes for an error of its own; a silent sender is none."""
        if isinstance(sys.exc_info()[1], BlockingIOError):
            self.info("A sender fell silent within a request")
        else:
            super().exception(msg, *args, **kwargs)
