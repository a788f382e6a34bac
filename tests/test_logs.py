"""The logs: readable by people and machines, without secrets, one line an event."""

import inspect
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from rq.worker import base as rq_worker
from rq.worker.base import logger as rq_logger

from workers.logs import configure_logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON; logging is put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("auto", "info", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def _told(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_has_the_time_in_utc_the_level_and_who_said_it(lines: io.StringIO) -> None:
    structlog.get_logger("receiver").info("Accepted", source="shop", events=2)

    (told,) = _told(lines)
    assert told["at"].endswith("Z")
    assert (told["level"], told["logger"], told["event"]) == ("info", "receiver", "Accepted")
    assert (told["source"], told["events"]) == ("shop", 2)


def test_logs_of_libraries_stand_among_ours_and_the_talkative_are_quiet(
    lines: io.StringIO,
) -> None:
    logging.getLogger("gunicorn.error").info("Listening at %s", "http://127.0.0.1:8000")
    rq_logger.info("one line for each job")

    assert [told["event"] for told in _told(lines)] == ["Listening at http://127.0.0.1:8000"]


def test_of_a_redis_that_is_away_rq_says_nothing_but_its_other_errors_show(
    lines: io.StringIO,
) -> None:
    waiting = "Worker %s: could not connect to Redis instance: %s retrying in %d seconds..."
    assert inspect.getsource(rq_worker).count(waiting) == 2

    rq_logger.error(waiting, "one", ConnectionError("refused"), 1)
    for error in (RedisConnectionError("refused"), ValueError("a fault")):
        quitting = "Worker %s: found an unhandled exception, quitting..."
        rq_logger.error(quitting, "one", exc_info=error)

    (told,) = _told(lines)
    assert told["event"] == "Worker one: found an unhandled exception, quitting..."
    assert "a fault" in told["exception"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"password": "sesame"}, id="key"),
        pytest.param({"X-HubSpot-Signature-v3": "sesame"}, id="header"),
        pytest.param({"headers": [{"Authorization": "Basic sesame"}]}, id="nested"),
        pytest.param({"url": "redis://usher:sesame@redis.example"}, id="in an address"),
        pytest.param({"path": "/hooks/legacy-form/sesame"}, id="token in a path"),
        pytest.param({"header": "Bearer sesame.sesame"}, id="bearer"),
        pytest.param({"body": b"sesame"}, id="bytes"),
    ],
)
def test_secrets_are_masked(fields: dict[str, Any], lines: io.StringIO) -> None:
    structlog.get_logger().warning("Something", **fields)

    assert "sesame" not in lines.getvalue()


def test_a_traceback_shows_no_local_values(lines: io.StringIO) -> None:
    local_value = "ses" + "ame"
    try:
        raise ValueError(len(local_value))
    except ValueError:
        structlog.get_logger().exception("It broke")

    (told,) = _told(lines)
    assert "ValueError: 6" in told["exception"]
    assert "sesame" not in lines.getvalue()


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_nobody_outside_can_write_a_line_of_their_own(log_format: str, lines: io.StringIO) -> None:
    stream = io.StringIO()
    configure_logs(log_format, "info", stream)

    structlog.get_logger().info("Refused", detail="a\nb\r\x1b[2J\u2028\x85c")

    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b[2J" not in stream.getvalue()
    assert lines.getvalue() == ""
