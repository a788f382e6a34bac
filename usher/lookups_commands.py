"""`usher lookups`: what rules can look up, what is missing for it, and what it gives."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import Any, Final

import click

from coursebox.client import Coursebox
from coursebox.exchange import Exchange
from rulebook.vocabulary import LookupShape
from usher.endpoint_text import (
    endpoint_told,
    failure_told,
    given_parameter,
    print_endpoint,
    shape_told,
    takes,
    what_runs_would_do,
)
from usher.failing import FOUND_WRONG, Failed
from usher.output import Column, document, remark, say, table, whole
from usher.portal_access import Access
from workers.lookups import Definition, LookUpFailed, LookUps
from workers.lookups.definition import NotFound
from workers.lookups_file import load_definitions, load_shapes, open_lookups
from workers.portal_settings import one_portal, portal_settings
from workers.portals import DEFAULT
from workers.settings import Settings, environment, load_settings

LIST: Final = (
    Column("NAME", most=28),
    Column("TAKES", most=30),
    Column("USABLE"),
    Column("GIVES", from_width=90),
)


@click.group()
def lookups() -> None:
    """What rules can look up elsewhere: see it, and try it."""


@lookups.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_lookups(as_json: bool) -> None:
    """List all look-ups: those of Coursebox, and those of lookups.yaml."""
    shapes = load_shapes(load_settings())
    if as_json:
        document([_shape(name, shape) for name, shape in shapes.items()])
        return
    rows = [
        [name, takes(shape), "no" if shape.problem else "yes", gives(shape)]
        for name, shape in shapes.items()
    ]
    table(LIST, rows)
    for name, shape in shapes.items():
        if shape.problem:
            remark(f"{name} cannot be used: {shape.problem}")


def gives(shape: LookupShape) -> str:
    """What comes of it, in a few words."""
    fields = ", ".join(shape.fields) or "any fields"
    return f"a list of: {fields}" if shape.is_list else fields


def _shape(name: str, shape: LookupShape) -> dict[str, object]:
    return {
        **shape_told(name, shape),
        "fields": list(shape.fields),
        "is_list": shape.is_list,
    }


@lookups.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Say where the look-ups of lookups.yaml go and which variables they need (all, without NAME).

    Nothing is sent. Ends with 1 if one cannot be used.
    """
    settings = load_settings()
    definitions, shapes = load_definitions(settings), load_shapes(settings)
    chosen = [each for key, each in definitions.items() if name in (None, key)]
    if name is not None and not chosen:
        known = ", ".join(definitions) or "none"
        raise Failed(
            f"There is no look-up {name!r} in {settings.lookups_file}.", f"It has: {known}"
        )
    variables = environment(settings)
    if as_json:
        document([_checked(each, shapes[each.name], variables) for each in chosen])
    else:
        _print_checked(chosen, shapes, variables)
    if any(shapes[each.name].problem for each in chosen):
        ctx.exit(FOUND_WRONG)


def _print_checked(
    chosen: list[Definition], shapes: Mapping[str, LookupShape], variables: Mapping[str, str]
) -> None:
    if not chosen:
        say("There is no look-up but those of Coursebox itself.")
    for place, each in enumerate(chosen):
        if place:
            say()
        shape = shapes[each.name]
        absent = "nothing is given" if each.not_found is NotFound.ABSENT else "gives up"
        print_endpoint(
            each,
            shape,
            variables,
            does=[("gives", gives(shape)), ("calls", each.address_text)],
            more=[("if absent", absent)],
        )


def _checked(
    one: Definition, shape: LookupShape, variables: Mapping[str, str]
) -> dict[str, object]:
    return {
        **_shape(one.name, shape),
        **endpoint_told(one, variables),
        "not_found": one.not_found.value,
    }


@lookups.command("try")
@click.argument("name")
@click.argument("values", metavar="[PARAMETER=VALUE]...", nargs=-1)
@click.option(
    "--account", default=DEFAULT, metavar="NAME", help="The Coursebox account that is asked."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def try_one(name: str, values: tuple[str, ...], account: str, as_json: bool) -> None:
    """Look something up now, and show the result as rules see it.

    Ends with 1 where there is no result.
    """
    settings = load_settings()
    params = dict(given_parameter(value) for value in values)
    exchanges: list[Exchange] = []
    with _opened(settings, account) as known:
        if name not in known.shapes():
            hint = f"There are: {', '.join(known.shapes())}"
            raise Failed(f"There is no look-up {name!r}.", hint)
        found = _look_up(known.recording(exchanges.append), name, params)
    if as_json:
        document(_tried(found, exchanges))
    else:
        _print_tried(found, exchanges)
    if isinstance(found, LookUpFailed):
        raise Failed(found.message, what_runs_would_do(found), FOUND_WRONG)


@contextmanager
def _opened(settings: Settings, account: str) -> Iterator[LookUps]:
    portals = portal_settings(settings)
    if account not in portals and account != DEFAULT:
        one_portal(settings, account)  # says which there are
    with ExitStack() as stack:
        told = {account: portals[account]} if account in portals else {}
        clients = {
            name: stack.enter_context(Access(settings, name, portal).client(Coursebox))
            for name, portal in told.items()
        }
        yield stack.enter_context(open_lookups(settings, clients)).at(account)


def _look_up(known: LookUps, name: str, params: Mapping[str, str]) -> object:
    try:
        return known(name, params)
    except LookUpFailed as failed:
        return failed


def _tried(found: object, exchanges: list[Exchange]) -> dict[str, Any]:
    asked = [asdict(exchange) for exchange in exchanges]
    if isinstance(found, LookUpFailed):
        return {"result": None, "failure": failure_told(found), "exchanges": asked}
    return {"result": found, "failure": None, "exchanges": asked}


def _print_tried(found: object, exchanges: list[Exchange]) -> None:
    for each in exchanges:
        status = each.status if each.status is not None else "no answer"
        remark(f"{each.method} {each.path}: {status}, {each.ms} ms")
    if found is None:
        say("There is no such record: rules see nothing (is_present: false).")
    elif not isinstance(found, LookUpFailed):
        for line in json.dumps(found, indent=2, ensure_ascii=False).split("\n"):
            whole(line)
