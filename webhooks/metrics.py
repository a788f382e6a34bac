"""`GET /metrics`: the numbers of `/readyz` and of the balance, for Prometheus.

They are read from Redis at each call, so every web process tells the same ones.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from senders.sources import Sources
from workers.store import Archive, Counts, Store
from workers.store.gate import probe_time, traffic

_STATES: Final = ("finished", "pending", "dead", "ignored")
_TOTALS: Mapping[str, tuple[str, Callable[[Counts], int]]] = MappingProxyType(
    {
        "usher_accepted": ("Events accepted and kept", lambda counts: counts.accepted),
        "usher_duplicates": ("Events that were known already", lambda counts: counts.duplicates),
        "usher_failed_steps": (
            "Steps given up of runs that went on",
            lambda counts: counts.failed_steps,
        ),
    }
)
_GATE: Final = (
    ("waiting", "Calls that wait for their turn under the rate"),
    ("paused_seconds", "For how long nothing is sent, because Coursebox asked for a pause"),
    ("circuit_open", "1 while it is on hold because too many calls failed"),
)


@dataclass(frozen=True, slots=True)
class Metrics:
    """What can be counted, by source."""

    sources: Sources
    archive: Archive
    store: Store

    def blueprint(self) -> Blueprint:
        """The route."""
        routes = Blueprint("metrics", __name__)
        routes.add_url_rule("/metrics", view_func=self.tell)
        return routes

    def tell(self) -> Response:
        """All metrics as text. StoreUnavailable where Redis is away: a gap says so best."""
        # gathered first: an error within the exposition would leave half of it
        found = [*self._events(), *self._work(), *self._calls(), *self._configured()]
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Gathered(found))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _events(self) -> Iterator[Metric]:
        counts = self.archive.counts()
        for name, (meaning, number) in _TOTALS.items():
            total = CounterMetricFamily(name, meaning, labels=["source"])
            for source, counted in counts.items():
                total.add_metric([source], number(counted))
            yield total
        events = GaugeMetricFamily(
            "usher_events", "Accepted events by what became of them", labels=["source", "state"]
        )
        for source, counted in counts.items():
            for state in _STATES:
                events.add_metric([source, state], getattr(counted, state))
        yield events
        refused = CounterMetricFamily(
            "usher_refused", "Deliveries refused, by cause", labels=["source", "cause"]
        )
        for (source, cause), number_of in self.archive.refusals().items():
            refused.add_metric([source, cause], number_of)
        yield refused
        yield self._outcomes()

    def _outcomes(self) -> Metric:
        outcomes = CounterMetricFamily(
            "usher_outcomes",
            "Steps done, by what they came to",
            labels=["account", "action", "outcome"],
        )
        for labels, number_of in self.archive.outcomes().items():
            outcomes.add_metric(labels, number_of)
        return outcomes

    def _work(self) -> Iterator[Metric]:
        waiting, late = self.archive.unfinished()
        yield _gauge("usher_work", "Pieces of unfinished work", waiting)
        yield _gauge("usher_work_overdue_seconds", "How long the oldest due work waits", late)
        yield _gauge(
            "usher_oldest_pending_seconds",
            "Age of the oldest unfinished work, however often it was put off",
            self.archive.oldest_pending(),
        )
        yield _gauge("usher_workers", "Workers alive", self.archive.workers_alive())
        held = GaugeMetricFamily("usher_held", "Destinations on hold", labels=["destination"])
        for destination in self.store.holds():
            held.add_metric([destination], 1)
        yield held
        yield self._parked()

    def _calls(self) -> Iterator[Metric]:
        """What was said to Coursebox; labels are bounded by the calls, and the kinds of failure."""
        calls = CounterMetricFamily(
            "usher_coursebox_calls",
            "Calls to Coursebox by what came of them",
            labels=["destination", "call", "result"],
        )
        waiting, paused, opened = (
            GaugeMetricFamily(f"usher_coursebox_{name}", meaning, labels=["destination"])
            for name, meaning in _GATE
        )
        holds = self.store.holds()
        for destination, found in traffic(self.store.connection).items():
            for (call, result), number in found.calls.items():
                calls.add_metric([destination, call, result], number)
            waiting.add_metric([destination], found.waiting)
            paused.add_metric([destination], found.paused)
            opened.add_metric([destination], probe_time(holds.get(destination, {})) is not None)
        yield from (calls, waiting, paused, opened)

    def _parked(self) -> Metric:
        parked = GaugeMetricFamily(
            "usher_parked",
            "Runs that wait for their turn under their rule's limit",
            labels=["rule"],
        )
        for rule, runs in self.archive.parked().items():
            parked.add_metric([rule], runs)
        return parked

    def _configured(self) -> Iterator[Metric]:
        problems = self.archive.refused_rules()
        yield _gauge(
            "usher_rule_problems", "Mistakes for which rule files are refused", len(problems)
        )
        refused = GaugeMetricFamily(
            "usher_rule_file_refused", "Rule files whose last edit is refused", labels=["file"]
        )
        for file in problems:
            refused.add_metric([file], 1)
        yield refused
        started = GaugeMetricFamily(
            "usher_source_started", "1 if the source takes deliveries", labels=["source"]
        )
        for name, source in self.sources.items():
            started.add_metric([name], source.problem is None)
        yield started


class _Gathered(Collector):
    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)
