"""The events that a command is given: one that is stored, or one that stands in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rulebook import FIELDS
from rulebook.written import UnreadableError, read_written
from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.moments import read_moment
from senders.normal import Facts, normalise
from senders.preset import Preset
from senders.presets import PRESETS, preset_named
from senders.reading import Incoming, read_events
from senders.recorded import NotRecorded, parse_recorded
from senders.samples import preset_of_file
from senders.shaping import shape
from senders.sources import Source, SourcesError
from usher.failing import FOUND_WRONG, Failed
from usher.finding import find_event
from usher.opening import Usher, opened
from usher.output import remark
from workers.dispatching import normal_form, remembers
from workers.settings import Settings
from workers.sources_file import load_entries, load_names
from workers.store import Event, Run

LAST: Final = "last"
GENERIC: Final = "generic"
SUFFIXES: Final = (".json", ".yaml", ".yml", ".http")
# what may stand beside a body in a file that names its source and type itself
_FACTS: Final = frozenset({"id", "source", "type", "received_at", "occurred_at"})
_NO_CHANGES: Final = (
    "{} never says what changed: Usher finds that out from the events before, so for a stored "
    "event `changed` and `previous` are known, and for one in a file they are not."
)

Pair = tuple[str, str]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """An event in its normal form; `name` is its id or its file, `stored` None for a file.

    looked_up: what the runs of a stored event were told by their look-ups, by rule and name.
    runs: the runs of a stored event.
    """

    name: str
    form: Mapping[str, Any]
    received_at: datetime
    stored: Event | None = None
    looked_up: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()

    @property
    def source(self) -> str:
        return str(self.form["event"]["source"])

    @property
    def type(self) -> str:
        return str(self.form["event"]["type"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which event is meant, as it was said on the command line.

    event: an id, its beginning or end, "last", or a file. source: whose delivery a file holds.
    number: which event of the delivery, from 1; None for the first that fits. at: when it was
    received. pairs: the sources and types that are of interest, where some are.
    """

    event: str
    source: str | None = None
    number: int | None = None
    at: datetime | None = None
    pairs: Collection[Pair] = ()


def give(wanted: Wanted, settings: Settings) -> Given:
    """The event that is meant; a file needs neither Redis nor secrets. Raises Failed."""
    path = Path(wanted.event)
    if wanted.event != LAST and (path.is_file() or path.suffix.lower() in SUFFIXES):
        return _of_file(path, wanted, settings)
    with opened() as usher:
        event = (
            _last(usher, wanted) if wanted.event == LAST else find_event(usher.archive, path.name)
        )
        runs = tuple(filter(None, map(usher.archive.run, event.runs)))
        looked_up = _looked_up(usher, runs)
    given = stored_given(event, preset_names(settings))
    return replace(given, looked_up=looked_up, runs=runs)


def _looked_up(usher: Usher, runs: Iterable[Run]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for run in runs:
        told = usher.store.looked_up(run.parent or run.id)
        found.setdefault(run.rule, {}).update((n, json.loads(text)) for n, text in told.items())
    return found


def stored_given(event: Event, preset: Callable[[str], str]) -> Given:
    """A stored event as the rules see it."""
    return Given(event.id, normal_form(event, preset(event.source)), event.received_at, event)


def preset_names(settings: Settings) -> Callable[[str], str]:
    """The preset of a source by its name, without any secret; whatever else it could be."""
    try:
        names = load_names(settings.sources_file) or {}
    except SourcesError as error:
        remark(f"Sources are taken for what they are called: their file cannot be used:\n{error}")
        names = {}

    def preset(source: str) -> str:
        row = preset_named(source)
        return names.get(source) or (row.name if row else GENERIC)

    return preset


def _last(usher: Usher, wanted: Wanted) -> Event:
    """The newest event of interest; the newest of all where there is none."""
    pairs = frozenset(wanted.pairs)
    fitting = usher.archive.events(1, lambda event: (event.source, event.type) in pairs)
    newest = fitting or usher.archive.events(1)
    if not newest:
        raise Failed("Nothing has been received yet.", code=FOUND_WRONG)
    return newest[0]


def _of_file(path: Path, wanted: Wanted, settings: Settings) -> Given:
    content = path.read_bytes()
    document = None if path.suffix.lower() == ".http" else _document(path, content)
    if isinstance(document, dict) and wanted.source is None:
        form = _written_form(path, document, wanted, settings)
        if form is not None:
            return form
    return _recorded(path, content, wanted, settings)


def _document(path: Path, content: bytes) -> object:
    """What the file holds as JSON, or as YAML where its name says so; None for neither."""
    text = content.decode("utf-8-sig", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if path.suffix.lower() not in {".yaml", ".yml"}:
            return None
    try:
        return read_written(text)
    except UnreadableError as error:
        raise Failed(f"{path}:{error.line}: {error.message}") from None


def _written_form(
    path: Path, document: Document, wanted: Wanted, settings: Settings
) -> Given | None:
    """An event written under the names of rules, or a body with its source and type."""
    if "raw" in document and document.keys() <= {*_FACTS, "raw"}:
        document = {"event": {k: v for k, v in document.items() if k != "raw"}, **document}
        document = {"event": document["event"], "raw": document["raw"]}
    about = document.get("event", {})
    if not (document and document.keys() <= FIELDS.keys() and isinstance(about, dict)):
        return None
    if not about.keys() <= _FACTS:
        return None
    received = wanted.at or read_moment(about.get("received_at")) or datetime.now(UTC)
    source, kind = _subject(path, about, wanted)
    facts = Facts(
        str(about.get("id", "test")), source, kind, received, read_moment(about.get("occurred_at"))
    )
    preset = preset_names(settings)(source) if document.keys() == {"event", "raw"} else GENERIC
    form = normalise(preset, document.get("raw", {}), facts)
    if document.keys() == {"event", "raw"}:
        return Given(str(path), form, received)
    return Given(str(path), {"raw": {}, **document, "event": form["event"]}, received)


def _subject(path: Path, about: Mapping[str, Any], wanted: Wanted) -> Pair:
    source, kind = about.get("source"), about.get("type")
    first = next(iter(wanted.pairs), None)
    if isinstance(source, str) and isinstance(kind, str):
        return source, kind
    if first is None:
        hint = "Write it like: {event: {source: hubspot, type: deal.updated}, deal: {...}}"
        raise Failed(f"{path} does not say of which source and type the event is.", hint)
    return (source if isinstance(source, str) else first[0]), (
        kind if isinstance(kind, str) else first[1]
    )


def _recorded(path: Path, content: bytes, wanted: Wanted, settings: Settings) -> Given:
    """An event of a delivery as its sender posts it."""
    name, preset = _sender(path, wanted.source, settings)
    try:
        shaped = shape(preset, parse_recorded(path.name, content))
        headers = (("Content-Type", shaped.content_type), *shaped.headers)
        delivery = Delivery("POST", f"/hooks/{name}", headers, shaped.body)
        events = read_events(Source(name, preset), delivery)
    except NotRecorded as error:
        raise Failed(f"{path} is no recorded delivery: {error}") from None
    except (Malformed, UnsupportedType) as error:
        raise Failed(f"{path} is no delivery of {preset.name}: {error}") from None
    event = _chosen(path, name, events, wanted)
    if remembers(preset.name):
        remark(_NO_CHANGES.format(preset.guide.title))
    received = wanted.at or datetime.now(UTC)
    facts = Facts(event.identity, name, event.type, received, event.occurred_at)
    return Given(str(path), normalise(preset.name, json.loads(event.body), facts), received)


def _chosen(path: Path, source: str, events: tuple[Incoming, ...], wanted: Wanted) -> Incoming:
    number = wanted.number
    if number is None:
        fitting = (n for n, e in enumerate(events, 1) if (source, e.type) in wanted.pairs)
        number = next(fitting, 1)
    if not 1 <= number <= len(events):
        raise Failed(f"{path} holds {len(events)} events; there is no number {number}.")
    if len(events) > 1:
        remark(f"{path} holds {len(events)} events; this is number {number} (--number).")
    return events[number - 1]


def _sender(path: Path, source: str | None, settings: Settings) -> tuple[str, Preset]:
    """The name of the source and its preset: as said, or as the name of the file begins."""
    entries = load_entries(settings) if settings.sources_file.exists() else {}
    if source is None:
        own = [name for name in entries if path.stem == name or path.stem.startswith(f"{name}-")]
        row = preset_of_file(path.name)
        source = max(own, key=len) if own else _source_of(row, entries) if row else None
    if source is None:
        hint = "Say it with --source: a name of sources.yaml, or a preset."
        raise Failed(f"{path} does not say whose delivery it holds.", hint)
    if source in entries:
        return source, entries[source].preset
    preset = preset_named(source)
    if preset is None:
        known = ", ".join(entries) or "none"
        hint = f"Sources: {known}. Presets are listed by: usher sources presets"
        raise Failed(f"There is no source and no preset {source!r}.", hint)
    return source, preset


def _source_of(row: Preset, entries: Mapping[str, Any]) -> str:
    """What the one source of that preset is called here; else the preset's own name."""
    own = [name for name, entry in entries.items() if entry.preset.name == row.name]
    return own[0] if len(own) == 1 else PRESETS[row.name].name
