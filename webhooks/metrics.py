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
        found = [*self._events(), *self._work(), *self._configured()]
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

    def _work(self) -> Iterator[Metric]:
        waiting, late = self.archive.unfinished()
        yield _gauge("usher_work", "Pieces of unfinished work", waiting)
        yield _gauge("usher_work_overdue_seconds", "How long the oldest due work waits", late)
        yield _gauge("usher_workers", "Workers alive", self.archive.workers_alive())
        held = GaugeMetricFamily("usher_held", "Destinations on hold", labels=["destination"])
        for destination in self.store.holds():
            held.add_metric([destination], 1)
        yield held
        yield self._parked()

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
