"""`usher`: the command line."""

from importlib import metadata

import click

from usher.dead_commands import dead
from usher.events_commands import events
from usher.failing import Commands
from usher.hold_commands import hold, release
from usher.runs_commands import runs
from usher.settings_command import settings


def _version() -> str:
    try:
        return metadata.version("usher")
    except metadata.PackageNotFoundError:
        return "(not installed: run from its folder)"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="usher")
def main() -> None:
    """Usher seats learners: signed webhooks in, Coursebox enrolments out.

    Exit codes: 0 fine, 1 something is wrong, 2 it could not be done.
    """


for command in (events, runs, dead, hold, release, settings):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="usher")
