"""`usher`: the command line."""

from typing import Final

import click

from usher.callbacks_commands import callbacks
from usher.coursebox_commands import coursebox
from usher.dead_commands import dead
from usher.demo_command import demo
from usher.events_commands import events
from usher.failing import Commands
from usher.hold_commands import hold, holds, release
from usher.lookups_commands import lookups
from usher.rejected_commands import rejected
from usher.rules_commands import rules
from usher.runs_commands import runs
from usher.send_command import send
from usher.settings_command import settings
from usher.simulator_command import simulator
from usher.sources_commands import sources
from usher.up_command import up
from usher.verify_command import verify
from usher.version import version
from usher.web_command import web
from usher.worker_command import worker


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="usher")
def main() -> None:
    """Usher seats learners: signed webhooks in, Coursebox enrolments out.

    Exit codes: 0 fine, 1 something is wrong, 2 it could not be done.
    """


COMMANDS: Final = (
    *(up, web, worker, simulator, demo, send, verify),
    *(events, runs, dead, rejected, hold, release, holds),
    *(rules, sources, lookups, callbacks, coursebox, settings),
)

for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="usher")
