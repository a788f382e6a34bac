"""Ties a child process to its parent, so that nothing is left behind by a SIGKILL (Linux)."""

import os
import sys
from collections.abc import Sequence
from typing import Final

# Run between the fork and the program. Not a preexec_fn: that is unsafe in a process with threads.
# PR_SET_PDEATHSIG is from <sys/prctl.h>; the signal comes when the thread that forked ends.
_SOURCE: Final = """
import ctypes, os, sys
if sys.platform == "linux":
    PR_SET_PDEATHSIG, SIGTERM = 1, 15
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the process that wanted this program has gone")
os.execvp(sys.argv[2], sys.argv[2:])
"""


def tied(command: Sequence[str]) -> list[str]:
    """The same command, to be started by this process: it gets SIGTERM when this process dies."""
    return [sys.executable, "-I", "-S", "-c", _SOURCE, str(os.getpid()), *command]
