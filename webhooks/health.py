"""Whether Usher is alive (`/healthz`), and whether it does its work (`/readyz`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, jsonify

from senders.sources import Sources
from workers.portals import FIRST_USE
from workers.store import Archive, Store, StoreUnavailable
from workers.store.gate import probe_time

# work that nobody takes up for longer than this (seconds) is told
LATE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """Answers for whoever watches this process."""

    sources: Sources
    archive: Archive
    store: Store

    def blueprint(self) -> Blueprint:
        """The routes."""
        routes = Blueprint("health", __name__)
        routes.add_url_rule("/healthz", view_func=self.alive)
        routes.add_url_rule("/readyz", view_func=self.ready)
        return routes

    def alive(self) -> Response:
        """200 as long as this process answers."""
        return jsonify(status="ok")

    def ready(self) -> tuple[Response, int]:
        """503 where accepted work would wait; 200 "degraded" where some would, else "ready"."""
        try:
            missing = self._missing()
            impaired = self._impaired()
        except StoreUnavailable as error:
            return jsonify(status="unavailable", reasons=[error.reason]), 503
        if missing:
            return jsonify(status="unavailable", reasons=[*missing, *impaired]), 503
        if impaired:
            return jsonify(status="degraded", reasons=impaired), 200
        return jsonify(status="ready"), 200

    def _missing(self) -> list[str]:
        reasons = list(self.archive.health().reasons)
        if self.archive.workers_alive() == 0:
            reasons.append("no worker is alive: start one with `usher worker`")
        return reasons

    def _impaired(self) -> list[str]:
        refused = [f"rule file refused: {told}" for told in self.archive.rule_problems()]
        not_started = [
            f"source {name} is not started: {source.problem}"
            for name, source in self.sources.items()
            if source.problem is not None
        ]
        return [*self._waiting(), *self._parked(), *refused, *not_started]

    def _parked(self) -> list[str]:
        return [
            f"rule {rule} has reached its limit: {runs} parked; is that many right? "
            f"`usher runs list --state waiting --rule {rule}` shows them"
            for rule, runs in self.archive.parked().items()
        ]

    def _waiting(self) -> list[str]:
        held = [
            f"{destination} is on hold since {_minute(hold['since'])}: "
            + _with_end(destination, hold)
            for destination, hold in sorted(self.store.holds().items())
        ]
        waiting, late = self.archive.unfinished()
        if late <= LATE:
            return held
        pieces = "1 piece waits" if waiting == 1 else f"{waiting} pieces wait"
        return [*held, f"work is overdue by {late:.0f} s: {pieces}; are there enough workers?"]


def _with_end(destination: str, hold: Mapping[str, str]) -> str:
    """Why it is on hold, and how that ends where the reason does not say so itself."""
    reason, command = hold["reason"], f"usher release {destination}"
    if probe := probe_time(hold):
        end = f"Usher tries by itself whether it works again, next at {probe:%H:%M:%S} UTC"
    elif command in reason or destination.endswith(f"/{FIRST_USE}"):
        return reason
    else:
        end = f"release it with `{command}`"
    return f"{reason.rstrip('. ')}; {end}"


def _minute(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
