"""`usher up`: everything in one terminal, kept running."""

import shlex
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from coursebox.policy import FirstUse
from coursebox.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD
from usher.keeper import PARTING_OF_KEEPERS, Keeper, Program, this_usher
from usher.listening import becomes_ready, refuse_taken
from workers.logs import configure_logs
from workers.portal_settings import portal_addresses
from workers.portals import DEFAULT
from workers.redis_server import serving_redis
from workers.settings import Settings, load_settings
from workers.sources_file import load_sources

PROCFILE: Final = Path("Procfile")
PROGRAMS: Final = {"web": "usher web", "worker": "usher worker"}
# What a SIGHUP is passed on to: it has the rules read now. To other programs it means other things.
WORKER: Final = this_usher("worker")
READY_WITHIN: Final = 60.0


@click.command()
def up() -> None:
    """Start Redis (if none is set), the receiver and the workers, and keep them running.

    Where no portal is set, a Coursebox simulator takes its place. Ctrl-C ends it all in order.
    """
    settings = load_settings()
    configure_logs(settings.log_format, settings.log_level)
    # the programs write to us, not to the terminal: what "auto" means is settled here
    console = settings.log_format == "auto" and sys.stdout.isatty()
    variables: dict[str, str] = {"LOG_FORMAT": "console"} if console else {}
    programs: list[Program] = []
    refuse_taken(settings.host, settings.port, "PORT")
    if not portal_addresses(settings):
        port = simulator_port(settings)
        refuse_taken("127.0.0.1", port, "PORT (the simulator takes the port after it)")
        variables |= simulator_variables(port)
        programs.append(Program("coursebox", this_usher("simulator", "--port", str(port))))
    with serving_redis(settings) as redis_url:
        variables["REDIS_URL"] = redis_url
        programs += [
            Program(name, command, variables, hears_hangup=command[: len(WORKER)] == WORKER)
            for name, command in _procfile(PROCFILE).items()
        ]
        click.echo(_welcome(settings))
        threading.Thread(target=_tell_when_ready, args=(settings,), daemon=True).start()
        Keeper(programs, parting=PARTING_OF_KEEPERS).run()
    click.echo("Usher has stopped; what was accepted is kept.")


def simulator_port(settings: Settings) -> int:
    """The simulator stands next door to the receiver."""
    return settings.port + 1 if settings.port < 65_535 else settings.port - 1


def simulator_variables(port: int) -> dict[str, str]:
    """What a program must be told to use the simulator as its Coursebox."""
    return {
        "COURSEBOX_URL": f"http://127.0.0.1:{port}",
        "COURSEBOX_EMAIL": SAMPLE_EMAIL,
        "COURSEBOX_PASSWORD": SAMPLE_PASSWORD,
        # what it does when a learner is removed is our own doing
        "COURSEBOX_FIRST_USE": FirstUse.CONFIRMED,
    }


def _procfile(path: Path) -> Mapping[str, list[str]]:
    """Name -> command of each line "name: command"; the usual two where there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    named = dict(line.split(":", 1) for line in lines if ":" in line and line.strip()[0] != "#")
    return {name.strip(): _command(text) for name, text in (named or PROGRAMS).items()}


def _command(text: str) -> list[str]:
    first, *arguments = shlex.split(text)
    return this_usher(*arguments) if first == "usher" else [first, *arguments]


def _welcome(settings: Settings) -> str:
    rows = [
        ("receiver", f"http://{settings.host}:{settings.port}/hooks/<source>"),
        *_portals(settings),
        (
            "redis",
            (settings.redis_url and "as REDIS_URL says")
            or f"its own, kept in {settings.data_dir}/redis",
        ),
        ("rules", f"{settings.rules_dir}/"),
    ]
    sources = load_sources(settings)
    for name, source in sources.items():
        rows.append(
            (f"source {name}", f"not started: {source.problem}" if source.problem else "started")
        )
    told = "\n".join(f"  {name:<22} {value}" for name, value in rows)
    return f"{click.style('Usher', bold=True)} is starting; Ctrl-C stops it.\n{told}\n"


def _portals(settings: Settings) -> list[tuple[str, str]]:
    told = portal_addresses(settings)
    rows = [("coursebox" if name == DEFAULT else f"coursebox {name}", told[name]) for name in told]
    return rows or [("coursebox", _simulated(settings))]


def _simulated(settings: Settings) -> str:
    where = f"http://127.0.0.1:{simulator_port(settings)}/"
    return f"simulator at {where} (COURSEBOX_URL is not set: no real portal is touched)"


def _tell_when_ready(settings: Settings) -> None:
    receiver = f"http://{settings.host}:{settings.port}"
    if becomes_ready(receiver, READY_WITHIN):
        click.echo(click.style("Usher is ready.", fg="green", bold=True))
    else:
        late = f"Usher is not ready after {READY_WITHIN:g} s; {receiver}/readyz says why."
        click.echo(click.style(late, fg="red", bold=True))
