"""What Usher itself puts on hold, and says so."""

import structlog

from workers.holding import put_on_hold
from workers.store import Store


def test_a_hold_stands_in_the_log_once_when_it_begins(store: Store) -> None:
    with structlog.testing.capture_logs() as lines:
        put_on_hold(store, "coursebox", "log-in failed")
        put_on_hold(store, "coursebox", "log-in failed")

    (line,) = lines
    assert (line["event"], line["log_level"]) == ("on hold: its runs wait", "warning")
    assert (line["destination"], line["reason"]) == ("coursebox", "log-in failed")
    assert store.holds()["coursebox"]["by"] == "usher"
