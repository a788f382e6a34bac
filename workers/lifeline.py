"""Ties a child process to its parent, so that nothing is left behind by a SIGKILL."""

import ctypes
import signal
import sys
from typing import Final

# from <sys/prctl.h>
PR_SET_PDEATHSIG: Final = 1

# loaded before the fork: the child of a process with threads must not import anything
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """For `preexec_fn`: the child gets SIGTERM when the thread that started it ends (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
