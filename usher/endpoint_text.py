"""What `usher lookups` and `usher callbacks` tell alike: of an entry of lookups.yaml, and of one
call that was tried."""

from collections.abc import Mapping
from typing import Any

from rulebook.vocabulary import CallbackShape, LookupShape
from usher.failing import COULD_NOT_RUN, Failed
from usher.output import facts, say
from workers.lookups.definition import Endpoint
from workers.lookups.failures import EndpointFailed
from workers.retry import Verdict

Shape = LookupShape | CallbackShape
Facts = list[tuple[str, str]]


def takes(shape: Shape) -> str:
    """Its parameters; those that may be left out in brackets."""
    return (
        ", ".join(name if name in shape.required else f"[{name}]" for name in shape.parameters)
        or "nothing"
    )


def shape_told(name: str, shape: Shape) -> dict[str, object]:
    """For `--json`: what rules have to give, and whether it can be used."""
    return {
        "name": name,
        "parameters": list(shape.parameters),
        "required": [each for each in shape.parameters if each in shape.required],
        "usable": not shape.problem,
        "problem": shape.problem or None,
    }


def endpoint_told(one: Endpoint, variables: Mapping[str, str]) -> dict[str, object]:
    """For `--json`: where it calls, and with what."""
    return {
        "url": one.address_text,
        "variables": {name: bool(variables.get(name)) for name in one.variables},
        "private_addresses": sorted(one.private_addresses),
        "time_limit": one.time_limit,
    }


def print_endpoint(
    one: Endpoint, shape: Shape, variables: Mapping[str, str], does: Facts, more: Facts
) -> None:
    """Prints one entry; `does` stands after what it takes, `more` at the end."""
    say(one.name, style="bold")
    needs = [f"{name}: {'set' if variables.get(name) else 'NOT SET'}" for name in one.variables]
    facts(
        [
            ("usable", f"no: {shape.problem}" if shape.problem else "yes"),
            ("takes", takes(shape)),
            *does,
            ("variables", "\n".join(needs)),
            ("private", ", ".join(sorted(one.private_addresses))),
            ("within", f"{one.time_limit} s"),
            *more,
        ]
    )


def given_parameter(text: str) -> tuple[str, str]:
    """A parameter as it is written on the command line. Raises Failed."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise Failed(f"{text!r} is no parameter.", "Write NAME=VALUE.", COULD_NOT_RUN)
    return name, value


def what_runs_would_do(failed: EndpointFailed) -> str:
    """The hint beside a trial that failed; "" where there is none."""
    held = f"Runs would wait until a person releases {failed.destination}."
    return held if failed.decision is Verdict.HOLD else ""


def failure_told(failed: EndpointFailed) -> dict[str, Any]:
    """For `--json`: a trial that failed."""
    return {
        "message": failed.message,
        "decision": failed.decision.value,
        "retry_after": failed.retry_after,
        "destination": failed.destination,
    }
