"""Logs: structlog set up once a process, UTC times, no secrets, the libraries' logs among ours."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from workers.settings import MASK

_SECRET_KEY = re.compile(
    r"pass(word|wd)|token|secret|authorization|signature|cookie|api[-_]?key|credential",
    re.IGNORECASE,
)
# user:password@ of an address, the token that may stand in a hook's path, a Bearer or Basic value
_SECRET_TEXT = re.compile(
    r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)|(?<=/hooks/)(?P<source>[^/\s]{1,64}/)[^\s\"'?]+"
    r"|(?i:\b(?P<scheme>bearer|basic) )[\w.~+/=-]{8,}"
)
# A line of a log is one line: nobody outside may write a second one, or move a terminal's cursor.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_OURS_TO_BREAK = frozenset({"exception", "stack"})
_DEPTH = 6
# What these say at "info" is said better by ours, or once a job. rq.worker has a level of its own.
_QUIET = ("rq", "rq.worker", "httpx", "httpcore", "gunicorn.access", "asyncio")

# RQ says this about once a second while Redis is away; ours say once that it went and came back.
_RQ_IS_WAITING = "could not connect to Redis"


def configure_logs(log_format: str, log_level: str, stream: TextIO | None = None) -> None:
    """Send every log of this process to `stream` (stderr) as lines of text or JSON.

    `log_format` is console, json, or auto: console where the stream is a terminal. `log_level` is
    debug, info, warning or error. May be called again; the last call counts.
    """
    stream = stream or sys.stderr
    console = log_format == "console" or (log_format == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(console, colors=stream.isatty()))
    level = logging.getLevelNamesMapping()[log_level.upper()]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING) if level > 10 else level)
    logging.getLogger("rq.worker").addFilter(_worth_telling)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _worth_telling(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    # RQ calls an outage an unhandled exception, with a stack trace; its worker is begun anew
    of_redis = type(error).__module__.startswith("redis.")
    return not of_redis and _RQ_IS_WAITING not in str(record.msg)


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]


def _formatter(console: bool, *, colors: bool) -> logging.Formatter:
    # Tracebacks are made into plain text before the masking: a pretty one would show local values.
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=colors,
            timestamp_key="at",
            exception_formatter=structlog.dev.plain_traceback,
        )
        if console
        else structlog.processors.JSONRenderer(default=str)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            mask_secrets,
            renderer,
        ],
    )


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event without secrets: values under telling keys, passwords in addresses, hook tokens."""
    return {key: _masked(str(key), value, _DEPTH) for key, value in event.items()}


def _masked(key: str, value: object, depth: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_KEY.search(key):
        return MASK
    if isinstance(value, str):
        return _clean(value, lines=key in _OURS_TO_BREAK)
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if depth == 0:
        return "..."
    if isinstance(value, Mapping):
        return {name: _masked(str(name), inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", inner, depth - 1) for inner in value]
    return _clean(str(value), lines=False)


def _clean(text: str, *, lines: bool) -> str:
    text = _SECRET_TEXT.sub(_mask_text, text)
    return text if lines else _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def _mask_text(found: re.Match[str]) -> str:
    scheme = f"{found['scheme']} " if found["scheme"] else ""
    return f"{found['source'] or scheme}{MASK}"
