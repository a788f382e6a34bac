"""`usher sources`: who may send, how to connect them, and what rules can say of their events."""

from collections.abc import Sequence

import click

from rulebook.spelling import did_you_mean, nearest
from senders.catalogue import fields_of, is_catalogued, types_of
from senders.preset import Preset
from senders.presets import PRESETS, preset_named
from senders.telling import proof_briefly
from usher.failing import FOUND_WRONG, Failed
from usher.output import Column, document, facts, remark, say, table, whole
from usher.source_fields import NEWEST, Observed, field_rows, field_shape, observe
from usher.source_text import Connected, rows, warnings
from usher.words import number
from workers.settings import Settings, environment, load_settings
from workers.sources_file import load_entries, load_sources

LIST = (
    Column("NAME", most=16),
    Column("PRESET", most=20),
    Column("PROOF", most=18),
    Column("STARTED"),
    Column("POST TO"),
)
PRESET_LIST = (Column("PRESET", most=20), Column("PROOF", most=18), Column("SENDER"))
# of the types of a sender, where another one was asked for
_MOST_TYPES = 10


@click.group()
def sources() -> None:
    """Who may send: connect senders, and see what their events have."""


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_sources(as_json: bool) -> None:
    """List the sources of sources.yaml, and why some are not started."""
    found = _connected(load_settings())
    if as_json:
        document([_listed_shape(each) for each in found])
        return
    table(LIST, [_listed(each) for each in found])
    for each in found:
        if each.source.problem is not None:
            remark(f"{each.name} is not started: {each.source.problem}")


def _listed(of: Connected) -> list[str]:
    started = "yes" if of.source.problem is None else "no"
    return [of.name, of.entry.preset.name, of.proof(), started, of.path()]


def _listed_shape(of: Connected) -> dict[str, object]:
    return {
        "name": of.name,
        "preset": of.entry.preset.name,
        "proof": of.proof(),
        "started": of.source.problem is None,
        "problem": of.source.problem,
        "path": of.path(),
    }


@sources.command()
@click.argument("name", required=False)
@click.option("--reveal", is_flag=True, help="Show secrets that are part of an address.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(ctx: click.Context, name: str | None, reveal: bool, as_json: bool) -> None:
    """Say how to connect a source (all, without NAME), and what is wrong with it.

    The address is what to paste into the sender's form; a secret in it is shown as the name of its
    variable. Ends with 1 if a source is not started.
    """
    settings = load_settings()
    found = [each for each in _connected(settings) if name in (None, each.name)]
    if not found:
        known = ", ".join(each.name for each in _connected(settings)) or "none"
        raise Failed(f"There is no source {name!r} in {settings.sources_file}.", f"It has: {known}")
    if as_json:
        document([_checked_shape(each, reveal) for each in found])
    else:
        for place, each in enumerate(found):
            if place:
                say()
            say(each.name, style="bold")
            whole(each.address(reveal=reveal), indent=2)
            facts(rows(each))
    if any(each.source.problem is not None for each in found):
        ctx.exit(FOUND_WRONG)


def _checked_shape(of: Connected, reveal: bool) -> dict[str, object]:
    guide = of.entry.preset.guide
    return {
        **_listed_shape(of),
        "address": of.address(reveal=reveal),
        "steps": guide.steps,
        "link": guide.link,
        "secrets": of.secrets(),
        "warnings": list(warnings(of)),
        "undocumented": list(guide.undocumented),
    }


@sources.command()
@click.argument("name")
@click.argument("event_type", metavar="[TYPE]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def fields(name: str, event_type: str | None, as_json: bool) -> None:
    """Show which fields the events of a source have, and how often.

    NAME is a source of sources.yaml, or a preset; TYPE an event type (without: all of them). Where
    events have come, it is said in how many of the newest 200 the field was, and which names stood
    where the list has a `*`.
    """
    preset = _preset(load_settings(), name)
    types = types_of(preset)
    if event_type is not None and types and event_type not in types:
        raise Failed(f'{name} never sends "{event_type}".', _types_known(name, event_type, types))
    told = fields_of(preset, event_type)
    observed = observe(name, preset, event_type)
    if as_json:
        document(
            {
                "source": name,
                "preset": preset.name,
                "types": list(types),
                "type": event_type,
                "events": observed.events,
                "fields": [field_shape(field, observed) for field in told],
            }
        )
        return
    facts(field_rows(told, observed), indent=0)
    _remark_on(preset, event_type, observed)


def _types_known(name: str, wanted: str, types: Sequence[str]) -> str:
    """The type that was meant, if one is near, and some of those there are."""
    near = did_you_mean(nearest(wanted, types))
    more = len(types) - _MOST_TYPES
    named = f"Its events: {', '.join(types[:_MOST_TYPES])}"
    named += f", and {more} more: usher sources fields {name}" if more > 0 else ""
    return f"{near[0].upper()}{near[1:]}\n{named}" if near else named


def _remark_on(preset: Preset, event_type: str | None, observed: Observed) -> None:
    types = types_of(preset)
    if event_type is None and types:
        say()
        say(f"Events: {', '.join(types)}")
    if not is_catalogued(preset, event_type):
        remark("No more is known of its fields: rules may name any.")
    if observed.events is not None:
        many = number(observed.events, "event")
        remark(f"Looked at the newest {many} that came, at most {NEWEST}.")


def _preset(settings: Settings, name: str) -> Preset:
    entries = load_entries(settings) if settings.sources_file.exists() else {}
    preset = entries[name].preset if name in entries else preset_named(name)
    if preset is None:
        known = ", ".join(entries) or "none"
        hint = f"Sources: {known}. Presets are listed by: usher sources presets"
        raise Failed(f"There is no source and no preset {name!r}.", hint)
    return preset


@sources.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def presets(as_json: bool) -> None:
    """List every sender that is known, by group."""
    if as_json:
        document([_preset_shape(row) for row in PRESETS.values()])
        return
    groups = dict.fromkeys(row.guide.group for row in PRESETS.values())
    for place, group in enumerate(groups):
        if place:
            say()
        say(group, style="bold")
        table(PRESET_LIST, [_row(row) for row in PRESETS.values() if row.guide.group == group])


def _row(row: Preset) -> Sequence[str]:
    return [row.name, proof_briefly(row), row.guide.title]


def _preset_shape(row: Preset) -> dict[str, object]:
    return {
        "preset": row.name,
        "also": list(row.also),
        "sender": row.guide.title,
        "group": row.guide.group,
        "proof": proof_briefly(row),
        "types": list(types_of(row)),
    }


def _connected(settings: Settings) -> list[Connected]:
    variables, found = environment(settings), load_sources(settings)
    return [
        Connected(entry, found[name], settings.public_url, variables)
        for name, entry in load_entries(settings).items()
    ]
