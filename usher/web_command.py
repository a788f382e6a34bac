"""`usher web`: the web server."""

import os
import sys

import click
import structlog

from senders.sources import Sources
from usher.keeper import Keeper, Program
from usher.listening import refuse_taken
from webhooks.app import REDIS_TIMEOUT
from webhooks.server import gunicorn_arguments
from workers.logs import configure_logs
from workers.redis_server import serving_redis
from workers.secret_key import secret_key
from workers.settings import Settings, load_settings, settings_table
from workers.sources_file import load_sources
from workers.store import Connection, Store, StoreUnavailable

log = structlog.get_logger(__name__)


@click.command()
def web() -> None:
    """Serve deliveries and health pages on HOST and PORT, with gunicorn."""
    settings = load_settings()
    sources = load_sources(settings)
    # made, or found missing, here: where it can be told in words
    secret_key(settings)
    _tell(settings, sources)
    program = [sys.executable, "-m", "gunicorn", *gunicorn_arguments(settings)]
    if settings.redis_url is not None:
        _look_for_redis(settings, settings.redis_url)
        os.execv(sys.executable, program)  # noqa: S606
    refuse_taken(settings.host, settings.port, "PORT")
    # somebody must stay to start Redis again, should it fall
    with serving_redis(settings) as redis_url:
        gunicorn = Program("web", program, {"REDIS_URL": redis_url}, relayed=False)
        Keeper([gunicorn], say=lambda line: log.warning(click.unstyle(line))).run()


def _tell(settings: Settings, sources: Sources) -> None:
    configure_logs(settings.log_format, settings.log_level)
    for name, source in sources.items():
        if source.problem is not None:
            log.warning("Source is not started", source=name, reason=source.problem)


def _look_for_redis(settings: Settings, url: str) -> None:
    connection = Connection(url, timeout=REDIS_TIMEOUT)
    try:
        Store(connection).ping()
    except StoreUnavailable as error:
        (address,) = (row.value for row in settings_table(settings) if row.name == "REDIS_URL")
        log.warning(
            "Redis cannot be reached: deliveries are answered with 503 until it is",
            reason=f"{error.reason} ({error.__cause__})",
            redis_url=address,
        )
    finally:
        connection.close()
