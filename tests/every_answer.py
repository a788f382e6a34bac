"""Every answer that a portal may give, as what the simulator has to be told to give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from coursebox.simulator import RunningSimulator

# How long clients of these tests wait for an answer, and how long a slow one takes (seconds).
IMPATIENT: Final = 0.2
PATIENT: Final = 20.0
SLOW: Final = 30.0
SOON: Final = 0.02
# Seconds that a token of the simulator lives.
LIFE: Final = 1_209_600.0
# The same error bodies as LoopBack gives, see the simulator.
INVALID: Final = "INVALID_TOKEN"
REFUSED: Final = "AUTHORIZATION_REQUIRED"


@dataclass(frozen=True, slots=True)
class Answer:
    """How one call is answered. `fault` is for the simulator, None where it is a good answer as
    the `switches` shape it; with `expires` the token has run out by then. `calls` is how many
    requests the fault meets: a 401 is asked once more. `commits`: a write has been carried out."""

    fault: Mapping[str, Any] | None = None
    commits: bool = False
    calls: int = 1
    switches: Mapping[str, Any] | None = None
    expires: bool = False

    @property
    def patience(self) -> float:
        """How long a client of it is to wait (seconds): not long for what does not come."""
        late = self.fault is not None and "seconds" in self.fault
        return IMPATIENT if late else PATIENT

    def prepare(self, sim: RunningSimulator, call: str, *, times: int = 1, after: int = 0) -> None:
        """Has calls of that name answered so: `times` in a row, the first `after` not."""
        if self.fault is not None:
            sim.add_fault(call, times=times * self.calls, after=after, **self.fault)
        if self.expires:
            sim.advance(2 * LIFE)


def _refused(status: int, **more: Any) -> Answer:
    return Answer({"fault": "status", "status": status, **more})


def _after(status: int, **more: Any) -> Answer:
    return Answer({"fault": "commit_then_status", "status": status, **more}, commits=True)


HTML: Final = "<html><body><h1>One moment, please</h1></body></html>"

ANSWERS: Final[Mapping[str, Answer]] = {
    "200 bare": Answer(commits=True),
    "200 wrapped": Answer(commits=True, switches={"replies": "wrapped"}),
    "204": _after(204, body=""),
    "200 empty": _after(200, body=""),
    "302": _refused(302, body="", headers={"Location": "https://elsewhere.example/"}),
    "400": _refused(400),
    "401 expired": Answer(commits=True, expires=True),
    "401 refused": Answer({"fault": "status", "status": 401, "code": REFUSED}, calls=2),
    "403": _refused(403, code="ACCESS_DENIED"),
    "404 with a code": _refused(404, code="MODEL_NOT_FOUND"),
    "404 without": _refused(404),
    "409": _refused(409),
    "422": _refused(422),
    "429 with Retry-After": _refused(429, retry_after=SOON),
    "500 before commit": _refused(500),
    "500 after commit": _after(500),
    "502 HTML before commit": _refused(502),
    "502 HTML after commit": _after(502),
    "503": _refused(503),
    "504 after commit": _after(504),
    "dropped before commit": Answer({"fault": "drop_before"}),
    "dropped after commit": Answer({"fault": "commit_then_drop"}, commits=True),
    "timeout before commit": Answer({"fault": "delay", "seconds": SLOW}),
    "timeout after commit": Answer({"fault": "delay_reply", "seconds": SLOW}, commits=True),
    "malformed JSON": Answer({"fault": "malformed_json"}, commits=True),
    "200 HTML": _after(200, body=HTML, headers={"Content-Type": "text/html"}),
}
