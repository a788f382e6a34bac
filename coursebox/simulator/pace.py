"""How fast calls come, over all callers, and where that is too fast."""

import math
from collections import deque

WINDOW = 1.0  # seconds


class Pace:
    """A window that slides with the calls. Nothing here locks: `Simulator` does."""

    def __init__(self) -> None:
        self.busiest = 0  # the most calls that came in any one second
        self._latest = 0.0
        self._came: deque[float] = deque()
        self._let_in: deque[float] = deque()

    def arrive(self, arrived: float, limit: int | None) -> int | None:
        """Seconds for a Retry-After where this call is one too many, else None.

        A call that is turned away does not count against the limit.
        """
        now = self._latest = max(arrived, self._latest)
        _forget_older(self._came, now)
        _forget_older(self._let_in, now)
        self._came.append(now)
        self.busiest = max(self.busiest, len(self._came))
        if limit is not None and len(self._let_in) >= limit:
            return max(1, math.ceil(self._let_in[-limit] + WINDOW - now))
        self._let_in.append(now)
        return None


def _forget_older(times: deque[float], now: float) -> None:
    while times and times[0] <= now - WINDOW:
        times.popleft()
