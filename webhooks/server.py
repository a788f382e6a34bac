"""Gunicorn, told how to be a front door.

Its threaded worker: whoever sends slowly holds a thread, not a process, so that deliveries go on
being accepted beside it, and what waits for Redis waits in a thread, too. There are
THREADS * WEB_CONCURRENCY of them. On the open internet a proxy that gathers requests before it
passes them on (nginx does, unasked) belongs in front: somebody with as many sockets as there are
threads could hold them all. A sender that falls silent within a request is let go after gunicorn's
`timeout` (30 s), lest connections that died on their way hold threads for ever.

What gunicorn cannot read is answered as JSON, never by 5xx, and neither the answer nor the log
repeats a word of it.
"""

import json
import socket
import struct
import sys
from collections.abc import Mapping
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

    def handle(self, conn: Any) -> Any:
        """Serve what came on a connection; runs in a thread."""
        # kept by the kernel, since gunicorn undoes a timeout of Python's
        silence = struct.pack("ll", self.cfg.timeout, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silence)
        return super().handle(conn)

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

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """What gunicorn takes for an error of its own; a silent sender is none."""
        if isinstance(sys.exc_info()[1], BlockingIOError):
            self.info("A sender fell silent within a request")
        else:
            super().exception(msg, *args, **kwargs)
