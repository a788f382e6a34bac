"""`usher hold`, `release` and `holds`: intake goes on, while nothing is sent to a destination."""

from dataclasses import asdict
from typing import Final

import click

from usher import words
from usher.failing import FOUND_WRONG, Failed
from usher.known_portals import known_portals, known_told
from usher.opening import COURSEBOX, Usher, hold_told, opened, operator
from usher.output import Column, document, remark, say, table
from workers.callbacks_file import load_callback_destinations
from workers.lookups_file import load_destinations
from workers.portal_settings import portal_addresses
from workers.portals import DEFAULT, FIRST_USE, UNENROL, destination
from workers.settings import Settings, load_settings

DESTINATIONS: Final = (COURSEBOX, destination(DEFAULT, UNENROL))
HISTORY: Final = (
    Column("when"),
    Column("what"),
    Column("destination"),
    Column("by"),
    Column("why", wraps=True),
)


def _known(settings: Settings) -> tuple[str, ...]:
    """What can be put on hold."""
    accounts = sorted(portal_addresses(settings).keys() - {DEFAULT})
    portals = [destination(name, scope) for name in accounts for scope in ("", UNENROL)]
    others = load_destinations(settings) | load_callback_destinations(settings)
    return (*DESTINATIONS, *portals, *sorted(others))


def _first_use_of(place: str, settings: Settings) -> str | None:
    """The account whose first use it is that is held there."""
    accounts = {DEFAULT, *portal_addresses(settings)}
    return next((name for name in accounts if destination(name, FIRST_USE) == place), None)


def _must_be_known(context: click.Context, parameter: click.Parameter, value: str) -> str:
    allowed = DESTINATIONS if value in DESTINATIONS else _known(load_settings())
    if value not in allowed:
        raise click.BadParameter(f"{value!r} is unknown. Allowed: {', '.join(allowed)}.")
    return value


@click.command()
@click.argument("destination", callback=_must_be_known)
@click.option("--why", required=True, help="The reason, for everybody who wonders later.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def hold(destination: str, why: str, as_json: bool) -> None:
    """Send nothing to a portal, or to where look-ups or callbacks go, for now.

    Events are still accepted, and given to the rules; their runs wait until DESTINATION is
    released: coursebox, coursebox:emea (an account), coursebox/unenrol (removals alone),
    lookup:api.crm.example, callback:api.crm.example.
    """
    with opened(start=True) as usher:
        changed = usher.store.hold(destination, why, operator())
        held = usher.store.holds().get(destination, {})
    if as_json:
        document({"destination": destination, "on_hold": True, "changed": changed, **held})
        return
    told = hold_told(destination, held, usher.now)
    say(told if changed else f"Nothing changed: {told}")
    if changed:
        remark(
            f"Events are still accepted; whatever needs it waits for: usher release {destination}"
        )


@click.command()
@click.argument("destination")
@click.option("--why", default="", help="The reason, for everybody who wonders later.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def release(destination: str, why: str, as_json: bool) -> None:
    """End a hold.

    The runs that wait for DESTINATION go on; `usher holds` shows what is on hold.
    """
    with opened(start=True) as usher:
        _may_be_released(destination, usher)
        changed, freed = usher.store.release(destination, by=operator(), why=why)
        workers = usher.archive.workers_alive()
    if as_json:
        document(
            {"destination": destination, "on_hold": False, "changed": changed, "runs_freed": freed}
        )
        return
    if not changed:
        say(f"{destination} was not on hold.")
        return
    say(f"{destination} is released; {words.number(freed, 'run')} that waited can go on.")
    if freed and not workers:
        remark(words.NO_WORKER)


def _may_be_released(place: str, usher: Usher) -> None:
    """What is no longer in the settings may still be on hold."""
    held = usher.store.holds()
    account = _first_use_of(place, usher.settings)
    if account is not None and place in held:
        option = "" if account == DEFAULT else f" --account {account}"
        raise Failed(
            f"{place} is not released by hand: it is held until somebody knows what this portal "
            "does when a learner is removed or changed.",
            f"Try it on an empty course: usher coursebox check{option} --course ID; or say that it "
            f"is known: usher coursebox confirm{option} --why TEXT",
            FOUND_WRONG,
        )
    allowed = _known(usher.settings)
    if place not in (*allowed, *held) and account is None:
        raise click.BadParameter(
            f"{place!r} is unknown. Allowed: {', '.join(sorted({*allowed, *held}))}.",
            param_hint="'DESTINATION'",
        )


@click.command()
@click.option(
    "--last", default=10, show_default=True, type=click.IntRange(0, 100), help="Changes to show."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def holds(last: int, as_json: bool) -> None:
    """Show what is on hold, by whom and why, and what was held and released before.

    And of each portal, whether learners may be removed and changed there.
    """
    with opened(start=True) as usher:
        held = dict(sorted(usher.store.holds().items()))
        waiting = {place: usher.archive.waiting_for(place) for place in held}
        changes = usher.archive.hold_changes()[:last]
        known = known_portals(usher)
    if as_json:
        now = [{"destination": p, **told, "runs": waiting[p]} for p, told in held.items()]
        before = [{**asdict(each), "at": each.at.isoformat()} for each in changes]
        removals = [{**asdict(each), "allowed": each.allowed} for each in known]
        document({"holds": now, "changes": before, "removals": removals})
        return
    for place, told in held.items():
        say(hold_told(place, told, usher.now))
        say(f"{words.number(waiting[place], 'run waits', 'runs wait')} for it.", indent=2)
    if not held:
        say("Nothing is on hold.")
    if known:
        say()
    for each in known:
        say(known_told(each, usher.now))
    if changes:
        say()
        rows = [
            [words.clock(each.at, usher.now), each.what, each.destination, each.by, each.why]
            for each in changes
        ]
        table(HISTORY, rows)
