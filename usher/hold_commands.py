"""`usher hold` and `usher release`: intake goes on, while nothing is sent to a destination."""

import click

from usher import words
from usher.opening import COURSEBOX, hold_told, opened, operator
from usher.output import document, remark, say
from workers.lookups import LOOKUP
from workers.lookups_file import load_destinations
from workers.settings import load_settings

DESTINATIONS = (COURSEBOX,)


def _known(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if value in DESTINATIONS:
        return value
    allowed = (*DESTINATIONS, *sorted(load_destinations(load_settings())))
    if value not in allowed:
        raise click.BadParameter(f"{value!r} is unknown. Allowed: {', '.join(allowed)}.")
    return value


def _known_or_held(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """A look-up that is no longer in its file may still be on hold."""
    return value if value.startswith(LOOKUP) else _known(context, parameter, value)


@click.command()
@click.argument("destination", callback=_known)
@click.option("--why", required=True, help="The reason, for everybody who wonders later.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def hold(destination: str, why: str, as_json: bool) -> None:
    """Send nothing to Coursebox, or to where look-ups go, for now.

    Events are still accepted, and given to the rules; their runs wait until DESTINATION
    (coursebox, or lookup:api.crm.example) is released.
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
        remark(f"Events are still accepted; their runs wait for: usher release {destination}")


@click.command()
@click.argument("destination", callback=_known_or_held)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def release(destination: str, as_json: bool) -> None:
    """End a hold.

    The runs that wait for DESTINATION (coursebox, or lookup:api.crm.example) go on.
    """
    with opened(start=True) as usher:
        changed, freed = usher.store.release(destination)
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
