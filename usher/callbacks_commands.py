"""`usher callbacks`: who can be told what came of a run, what is missing for it, and one call."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import click
from ulid import ULID

from coursebox.exchange import Exchange
from rulebook.vocabulary import CallbackShape
from usher.endpoint_text import (
    endpoint_told,
    failure_told,
    given_parameter,
    print_endpoint,
    shape_told,
    what_runs_would_do,
)
from usher.failing import FOUND_WRONG, Failed
from usher.output import document, remark, say, whole
from workers.callbacks import USE, BuiltIn, Callback, CallbackFailed, Callbacks, Came, Telling
from workers.callbacks_file import load_callback_shapes, load_callbacks, open_callbacks
from workers.settings import environment, load_settings

# What is told in a trial of what no run is there to say; these can be given like parameters.
SAMPLES: Final[Mapping[str, str]] = {
    BuiltIn.EVENT_ID: "evt_trial",
    BuiltIn.RULE: "trial",
    BuiltIn.EMAIL: "mira.sol@learner.example",
    BuiltIn.OUTCOME: "enrolled",
}


@click.group()
def callbacks() -> None:
    """Who can be told what came of a run: see it, and try it."""


@callbacks.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Say where the callbacks of lookups.yaml go and which variables they need (all, without NAME).

    Nothing is sent. Ends with 1 if one cannot be used.
    """
    settings = load_settings()
    there, shapes = load_callbacks(settings), load_callback_shapes(settings)
    chosen = [each for key, each in there.items() if name in (None, key)]
    if name is not None and not chosen:
        raise _unknown(name, there)
    variables = environment(settings)
    if as_json:
        document([_checked(each, shapes[each.name], variables) for each in chosen])
    else:
        _print_checked(chosen, shapes, variables)
    if any(shapes[each.name].problem for each in chosen):
        ctx.exit(FOUND_WRONG)


def _unknown(name: str, there: Mapping[str, Callback]) -> Failed:
    settings = load_settings()
    known = ", ".join(there) or "none"
    return Failed(f"There is no callback {name!r} in {settings.lookups_file}.", f"It has: {known}")


def _print_checked(
    chosen: list[Callback], shapes: Mapping[str, CallbackShape], variables: Mapping[str, str]
) -> None:
    if not chosen:
        say("There is no callback.")
    for place, each in enumerate(chosen):
        if place:
            say()
        does = [
            ("sends", f"{each.method} {each.address_text}"),
            ("body", _body(each)),
            ("signed", "as Standard Webhooks" if each.secret else ""),
        ]
        print_endpoint(each, shapes[each.name], variables, does, more=[])


def _body(one: Callback) -> str:
    return json.dumps(one.body.written(), ensure_ascii=False) if one.body else "the standard one"


def _checked(
    one: Callback, shape: CallbackShape, variables: Mapping[str, str]
) -> dict[str, object]:
    return {
        **shape_told(one.name, shape),
        **endpoint_told(one, variables),
        "method": one.method.value,
        "body": one.body.written() if one.body else None,
        "signed": bool(one.secret),
    }


@callbacks.command("try")
@click.argument("name")
@click.argument("values", metavar="[PARAMETER=VALUE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def try_one(name: str, values: tuple[str, ...], as_json: bool) -> None:
    """Send one callback now, and show what was sent and what was answered.

    The other system takes it for a real one. What a run would say of itself can be given as well:
    email, outcome, rule, event_id. Ends with 1 where it is not taken.
    """
    settings = load_settings()
    there = load_callbacks(settings)
    if name not in there:
        raise _unknown(name, there)
    given = dict(given_parameter(value) for value in values)
    params = {key: value for key, value in given.items() if key not in SAMPLES}
    exchanges: list[Exchange] = []
    with open_callbacks(settings) as known:
        failed = _tell(known, name, params, _telling({**SAMPLES, **given}), exchanges)
    if as_json:
        document(_tried(failed, exchanges))
    else:
        _print_tried(exchanges)
    if failed is not None:
        raise Failed(failed.message, what_runs_would_do(failed), FOUND_WRONG)
    if not as_json:
        remark(f"It was taken. In a rule: - action: callback, with: {{{USE}: {name}, ...}}")


def _telling(values: Mapping[str, str]) -> Telling:
    now = datetime.now(UTC)
    outcome = values[BuiltIn.OUTCOME]
    return Telling(
        run_id=f"trial_{ULID()}",
        step="callback",
        event_id=values[BuiltIn.EVENT_ID],
        source="trial",
        event_type="trial",
        occurred_at=now,
        rule=values[BuiltIn.RULE],
        account="default",
        email=values[BuiltIn.EMAIL],
        steps=(Came("enrol", "enrol", outcome),),
        at=now,
    )


def _tell(
    known: Callbacks,
    name: str,
    params: Mapping[str, str],
    telling: Telling,
    exchanges: list[Exchange],
) -> CallbackFailed | None:
    try:
        known.tell(name, params, telling, exchanges.append)
    except CallbackFailed as failed:
        return failed
    return None


def _tried(failed: CallbackFailed | None, exchanges: list[Exchange]) -> dict[str, Any]:
    failure = failure_told(failed) if failed else None
    return {"failure": failure, "exchanges": [asdict(exchange) for exchange in exchanges]}


def _print_tried(exchanges: list[Exchange]) -> None:
    for each in exchanges:
        say(f"{each.method} {each.path}", style="bold")
        whole(each.request)
        status = f"HTTP {each.status}" if each.status is not None else "no answer"
        say(f"{status}, {each.ms} ms", style="bold")
        if each.response:
            whole(each.response)
