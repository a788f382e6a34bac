"""`usher worker`: carries events and runs out, in one process or several."""

import click

from usher.failing import Failed
from usher.keeper import Keeper, Program, this_usher
from workers.assembly import run_worker
from workers.jobs import ThreadDied
from workers.logs import configure_logs
from workers.redis_server import serving_redis
from workers.settings import Settings, load_settings


@click.command()
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=None,
    help="How many processes (default: WORKER_PROCESSES, else 1).",
)
def worker(processes: int | None) -> None:
    """Carry out what was accepted: dispatch events to rules, run their steps in Coursebox.

    SIGTERM ends it in order: a step in progress finishes, what is left goes back.
    """
    settings = load_settings()
    configure_logs(settings.log_format, settings.log_level)
    wanted = processes or settings.worker_processes
    if wanted == 1:
        _one(settings)
    else:
        _several(settings, wanted)


def _one(settings: Settings) -> None:
    try:
        run_worker(settings)
    except ThreadDied as error:
        hint = "Its last log lines say why. What it had in hand is taken up by another worker."
        raise Failed(f"This worker ended, because its thread {error} died.", hint) from error


def _several(settings: Settings, wanted: int) -> None:
    command = this_usher("worker", "--processes", "1")
    # one Redis for all of them: none of them takes it along when it ends
    with serving_redis(settings) as redis_url:
        told = {"REDIS_URL": redis_url}
        Keeper(
            [Program(f"worker.{n}", command, told, hears_hangup=True) for n in range(1, wanted + 1)]
        ).run()
