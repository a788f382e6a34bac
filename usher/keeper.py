"""Runs several programs in one terminal: names before their output, what dies is started again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import click

from workers.hangup import on_hangup
from workers.lifeline import tied

# After a fall a program is started again soon, then after twice as long each time, up to the last.
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 15.0
# A program that ran this long is well: its next fall counts as the first.
WELL_AFTER: Final = 30.0
# How long a program may take to end (seconds): one call to Coursebox that is answered late, after
# 30 s, and the recording of it. A step is several calls, most of them quick; where together they
# take longer, the program is killed, and its run comes up again when its lease has run out, on
# another worker or after the next start.
PARTING: Final = 40.0
# For programs that are keepers themselves: longer than they wait for their own programs.
PARTING_OF_KEEPERS: Final = PARTING + 10.0
# The last lines of a program that has ended are waited for no longer than this (seconds).
LAST_WORDS: Final = 1.0
COLOURS: Final = ("cyan", "green", "magenta", "yellow", "blue")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a name for people, the command, and variables beside our own environment, of
    which it gets nothing that is named in `without`. It runs in `directory`, else in ours.

    What it writes goes to `say`, or straight to our own output where it is not `relayed`. A SIGHUP
    to us is passed on to it where it `hears_hangup`.
    """

    name: str
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    directory: Path | None = None
    relayed: bool = True
    hears_hangup: bool = False

    def environment(self) -> dict[str, str]:
        """All its variables."""
        ours = {name: text for name, text in os.environ.items() if name not in self.without}
        return {**ours, **self.variables}


@dataclass(slots=True)
class Kept:
    """A program in the keeper's care."""

    program: Program
    colour: str
    process: subprocess.Popen[str] | None = None
    relay: threading.Thread | None = None
    started: float = 0.0
    falls: int = 0
    start_at: float = 0.0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Keeper:
    """Keeps programs running until `stop`. `say` gets each line of output, its name before it;
    `parting` is how many seconds they may take to end.

    Programs are started only from the thread that calls `run` or `start`: on Linux they end
    with it.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        say: Callable[[str], None] = click.echo,
        parting: float = PARTING,
    ) -> None:
        width = max(len(program.name) for program in programs)
        self._say = say
        self._parting = parting
        self._width = width
        self._kept = [
            Kept(program, COLOURS[n % len(COLOURS)]) for n, program in enumerate(programs)
        ]
        self._stopping = threading.Event()
        self._hung_up = threading.Event()

    def run(self) -> None:
        """Starts everything, keeps it running until a signal comes, then ends it in order.

        SIGHUP is passed on to those who hear it.
        """
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: self._stopping.set())
        on_hangup(self._hung_up.set)
        try:
            while not self._stopping.is_set():
                self.start()
                if self._hung_up.is_set():
                    self._hung_up.clear()
                    self._pass_on(signal.SIGHUP)
                self._stopping.wait(0.2)
        finally:
            self.stop()

    def start(self) -> None:
        """Starts every program that is not running and whose pause is over."""
        for kept in self._kept:
            if kept.process is not None and not kept.running:
                self._fell(kept)
            if kept.process is None and time.monotonic() >= kept.start_at:
                self._launch(kept)

    def stop(self) -> None:
        """Asks every program to end, waits for what it has in hand, then ends what is left."""
        self._stopping.set()
        running = [kept.process for kept in self._kept if kept.process is not None and kept.running]
        for process in running:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + self._parting
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for kept in self._kept:
            if kept.relay is not None:
                kept.relay.join(LAST_WORDS)

    def _pass_on(self, signum: int) -> None:
        for kept in self._kept:
            if kept.program.hears_hangup and kept.process is not None and kept.running:
                kept.process.send_signal(signum)

    def _launch(self, kept: Kept) -> None:
        kept.process = subprocess.Popen(  # noqa: S603 - the commands are ours, from the Procfile
            tied(kept.program.command),
            env=kept.program.environment(),
            cwd=kept.program.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if kept.program.relayed else None,
            stderr=subprocess.STDOUT if kept.program.relayed else None,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        kept.started = time.monotonic()
        relay = threading.Thread(target=self._relay, args=(kept, kept.process.stdout), daemon=True)
        kept.relay = relay
        relay.start()

    def _fell(self, kept: Kept) -> None:
        code = kept.process.returncode if kept.process else None
        well = time.monotonic() - kept.started > WELL_AFTER
        kept.falls = 1 if well else kept.falls + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (kept.falls - 1))
        kept.process = None
        kept.start_at = time.monotonic() + pause
        self._tell(kept, f"ended ({_ending(code)}); started again in {pause:g} s")

    def _relay(self, kept: Kept, output: IO[str] | None) -> None:
        if output is None:
            return
        with output:
            for line in output:
                self._tell(kept, line.rstrip("\n"))

    def _tell(self, kept: Kept, line: str) -> None:
        name = click.style(kept.program.name.ljust(self._width), fg=kept.colour)
        self._say(f"{name} | {line}")


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"


def this_usher(*arguments: str) -> list[str]:
    """The command that runs this same Usher with these arguments."""
    return [sys.executable, "-m", "usher", *arguments]
