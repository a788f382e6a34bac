"""A closed terminal ends a program in order; a hangup that was sent on purpose does not."""

import os
import pty
import signal
import subprocess
import sys

from tests.engine_room import PATIENCE

PROGRAM = """
import signal, sys
from workers.hangup import on_hangup
def said(word):
    print(word, file=sys.stderr, flush=True)
def end(*_):
    said("ends in order")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
on_hangup(lambda: said("looks again"))
said("ready")
while True:
    signal.pause()
"""


def test_a_hangup_on_purpose_is_heard_and_a_closed_terminal_ends_it() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(theirs)
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"

    process.send_signal(signal.SIGHUP)
    assert process.stderr.readline() == "looks again\n"
    os.close(ours)
    process.send_signal(signal.SIGHUP)

    assert process.stderr.readline() == "ends in order\n"
    assert process.wait(PATIENCE) == 0
    process.stderr.close()
