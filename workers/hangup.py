"""SIGHUP: asks a program to look again at what it was told, unless its terminal has gone."""

import os
import signal
import sys
from collections.abc import Callable


def on_hangup(do: Callable[[], None]) -> None:
    """Has `do` called at a SIGHUP, in the main thread; it may not wait for anything.

    The system sends the same signal when the terminal is closed that the program was started from:
    it then ends in order, as at a SIGTERM, and is not left behind without anybody who sees it.
    """
    had_terminal = sys.stdout.isatty()

    def answer(*_: object) -> None:
        if had_terminal and not sys.stdout.isatty():
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            do()

    signal.signal(signal.SIGHUP, answer)
