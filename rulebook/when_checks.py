"""Checks of what a rule waits for: its sources and the types of their events."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from rulebook.keys import WHEN
from rulebook.nodes import Block, Entry, Listing, Node, Scalar, shortened
from rulebook.page import Page
from rulebook.shapes import block, item_block, known_keys, required, span_of, text, wrong_kind
from rulebook.spelling import did_you_mean, nearest, resembling

# How many of the events that a source can send are named to someone who looks for one.
MOST_EVENTS: Final = 10


def check_when(entry: Entry | None, page: Page) -> list[dict[str, str]]:
    """The sources and event types under `when`; complains of what is wrong in them."""
    if entry is None:
        return []
    if isinstance(entry.value, Listing):
        if not entry.value.items:
            page.findings.error(span_of(entry), "S03", '"when" must not be an empty list')
        pairs = [
            item_block(item, 'an entry of "when"', page.findings) for item in entry.value.items
        ]
    else:
        help = "write it like when: {source: hubspot, event: deal.updated}"
        pairs = [block(entry, page.findings, help)]
    return [pair for given in pairs if given is not None and (pair := _pair(given, page))]


def _pair(given: Block, page: Page) -> dict[str, str] | None:
    meant = known_keys(given, WHEN, page.findings)
    source_entry = required(given, "source", '"when"', page.findings, meant)
    event_entry = required(given, "event", '"when"', page.findings, meant)
    source = text(source_entry, page.findings)
    event = None if _is_list(event_entry, source, page) else text(event_entry, page.findings)
    if source is None or source_entry is None:
        return None
    known = _check_source(source, source_entry.value, page)
    if event is None or event_entry is None:
        return None
    if known:
        _check_type(source, event, event_entry.value, page)
    return {"source": source, "event": event}


def _is_list(entry: Entry | None, source: str | None, page: Page) -> bool:
    if entry is None or not isinstance(entry.value, Listing):
        return False
    names = [item.text for item in entry.value.items if isinstance(item, Scalar)]
    pairs = ", ".join(f"{{source: {source}, event: {name}}}" for name in names[:2])
    wrong_kind(entry, "text", page.findings, f"write a pair for each: when: [{pairs}]")
    return True


def _check_source(source: str, node: Node, page: Page) -> bool:
    vocabulary = page.vocabulary
    if vocabulary.sources is None or source in vocabulary.sources:
        return True
    if source in vocabulary.presets:
        message = f'source "{source}" is not configured, so no event will come from it'
        page.findings.warning(node.span, "W06", message, help="add it to sources.yaml")
        return True
    names = sorted(vocabulary.sources)
    page.findings.error(
        node.span,
        "R01",
        f'unknown source "{shortened(source)}"',
        label=did_you_mean(nearest(source, [*names, *vocabulary.presets])),
        help=f"sources: {', '.join(names)}" if names else "add it to sources.yaml",
    )
    return False


def _check_type(source: str, event: str, node: Node, page: Page) -> None:
    types = page.vocabulary.types(source)
    if not types:
        _warn_of_type(source, event, node, page)
        return
    if event in types:
        return
    page.findings.error(
        node.span,
        "R02",
        f'source "{source}" never sends "{shortened(event)}"',
        label=did_you_mean(nearest(event, types)),
        help=f"events of {source}: {_events_like(event, types)}",
    )


def _warn_of_type(source: str, event: str, node: Node, page: Page) -> None:
    """Customers may have types of their own here, so what is not known may still be right."""
    known = page.vocabulary.types_told(source)
    if "*" in event:
        message = f'"{shortened(event)}" is taken as written; it does not stand for all events'
        help = "write a pair of source and event for each event that is meant"
        page.findings.warning(node.span, "W09", message, help=help)
        return
    if not known or event in known:
        return
    page.findings.warning(
        node.span,
        "W09",
        f'"{shortened(event)}" is no event that source "{source}" is known to send',
        label=did_you_mean(nearest(event, known)),
        help=f"known events of {source}: {_events_like(event, known)}",
    )


def _events_like(event: str, types: Collection[str]) -> str:
    """The types of the same family, else those spelt a little like it, else the first."""
    family = sorted(each for each in types if each.split(".")[0] == event.split(".")[0].lower())
    some = family or resembling(event, types, MOST_EVENTS) or sorted(types)
    shown = some[:MOST_EVENTS]
    return ", ".join([*shown, "..."] if len(shown) < len(types) else shown)
