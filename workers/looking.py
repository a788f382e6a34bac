"""Looking things up for a run: what is asked, and what is made of a refusal."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from coursebox.exchange import Exchange
from rulebook import RenderError
from rulebook.steps import LookupCall
from workers.lookups import LookUpFailed
from workers.retry import Failure, Verdict
from workers.store import Store
from workers.work import Work, offer

# The longest answer (bytes of JSON) that a run remembers of one look-up.
MOST_REMEMBERED: Final = 64 * 1024


class LookUps(Protocol):
    """All that can be looked up. Calling it gives a JSON value, or raises LookUpFailed."""

    def at(self, account: str) -> Self: ...
    def recording(self, record: Callable[[Exchange], None]) -> Self: ...
    def destination(self, name: str) -> str: ...
    def __call__(self, name: str, params: dict[str, object]) -> object: ...


class OnHold(Exception):
    """Nothing is asked there now."""

    def __init__(self, destination: str, reason: str) -> None:
        super().__init__(reason)
        self.destination = destination
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Looking:
    """Asks what a rule or a step wants to know, and puts it in the run's scope."""

    store: Store
    look_ups: LookUps

    def for_rule(self, work: Work) -> None:
        """The look-ups of the rule. What is known from an earlier try is not asked again, so that
        every try goes by the same. Raises RenderError, LookUpFailed, OnHold and ClaimLost."""
        for call in work.rule.lookups:
            if call.name in work.scope:
                continue
            text = json.dumps(self._ask(work, call))
            if len(text) > MOST_REMEMBERED:
                raise RenderError(
                    f'look-up "{call.name}": {call.use} gave {len(text):,} bytes; a run remembers '
                    f"at most {MOST_REMEMBERED:,}: let it give fewer fields in lookups.yaml"
                )
            self._keep(work, call.name, text)
            work.scope[call.name] = json.loads(text)

    def for_step(self, work: Work, calls: Sequence[LookupCall]) -> dict[str, Any]:
        """What the run sees together with the look-ups of a step, asked at this moment.

        Raises RenderError, LookUpFailed and OnHold.
        """
        scope = work.scope
        for call in calls:
            scope = {**scope, call.name: self._ask(work, call, scope)}
        return scope

    def remembered(self, run_id: str) -> dict[str, Any]:
        """What the look-ups of its rule have told a run so far, by name."""
        found = self.store.looked_up(run_id)
        return {name: json.loads(text) for name, text in found.items()}

    def _keep(self, work: Work, name: str, text: str) -> None:
        offer(lambda: self.store.keep_lookup(work.lease.claim, name, text))

    def _ask(self, work: Work, call: LookupCall, scope: dict[str, Any] | None = None) -> object:
        look_ups = self.look_ups.at(work.rule.account)
        destination = look_ups.destination(call.use)
        held = self.store.holds().get(destination)
        if held:
            raise OnHold(destination, held["reason"])
        params = work.rule.lookup_params(call, work.scope if scope is None else scope)
        return look_ups.recording(work.exchanges.append)(call.use, params)


def failure_of(error: RenderError | LookUpFailed) -> Failure:
    """What follows where a value cannot be made or found."""
    if isinstance(error, LookUpFailed):
        return error.failure
    return Failure(str(error), Verdict.GIVE_UP)
