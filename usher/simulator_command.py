"""`usher simulator`: a Coursebox to try things on."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from coursebox.simulator import (
    SAMPLE_COURSES,
    SAMPLE_EMAIL,
    SAMPLE_PASSWORD,
    SWITCHES,
    FaultError,
    Switch,
    SwitchError,
    Switches,
    serve,
)
from usher.failing import Failed
from usher.listening import refuse_taken

Command = TypeVar("Command", bound=Callable[..., Any])

EVERY_FAULT: Final = "docs/simulator.md lists what a fault can say."


class SwitchValue(click.ParamType[object]):
    """What may stand after the option of a switch."""

    name = "value"

    def __init__(self, switch: Switch) -> None:
        self.switch = switch

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.switch.read(self.switch.from_text(str(value)))
        except ValueError as error:
            self.fail(f"{value!r} {error}.", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"[{'|'.join(self.switch.values)}]" if self.switch.values else self.switch.form


def switch_options(command: Command) -> Command:
    """An option for every switch there is: `--duplicate-account hidden`."""
    usual = Switches()
    for name, switch in reversed(tuple(SWITCHES.items())):
        command = click.option(
            f"--{name.replace('_', '-')}",
            name,
            type=SwitchValue(switch),
            default=None,
            help=f"{_sentence(switch.meaning)}  [default: {_written(usual, name)}]",
        )(command)
    return command


def _sentence(meaning: str) -> str:
    first, rest = meaning.replace("`", "").split(" ", 1)
    # the name of a call, such as enrolUser, stays as it is
    return f"{first.capitalize() if first.islower() else first} {rest}."


def _written(switches: Switches, name: str) -> str:
    value = getattr(switches, name)
    if value is None:
        return "null"
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _course(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    courses: dict[str, str] = {}
    for each in given:
        course, sign, title = (part.strip() for part in each.partition("="))
        if not (course and sign and title):
            raise click.BadParameter(f"{each!r} must be ID=TITLE, like 201=Ladders.")
        courses[course] = title
    return courses


def _faults(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> list[object]:
    faults: list[object] = []
    for each in given:
        try:
            read = json.loads(each)
        except (ValueError, RecursionError) as error:
            raise click.BadParameter(f"{each!r} is not JSON: {error}") from None
        faults += read if isinstance(read, list) else [read]
    return faults


def _file_of_courses(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise Failed(f"{path} is not JSON: {error}", _COURSES_HINT) from None
    if not isinstance(read, dict) or not all(isinstance(each, str) for each in read.values()):
        raise Failed(f"{path} does not say which courses there are.", _COURSES_HINT)
    return read


_COURSES_HINT: Final = 'It must be an object of ids and titles, like {"201": "Ladders"}.'


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(0, 65535))
@click.option("--email", default=SAMPLE_EMAIL, show_default=True, help="Who may log in.")
@click.option("--password", default=SAMPLE_PASSWORD, show_default=True, help="With which password.")
@click.option(
    "--courses",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file of courses instead of the five samples: ids and titles.",
)
@click.option(
    "--course",
    "courses",
    multiple=True,
    metavar="ID=TITLE",
    callback=_course,
    help="A course instead of the five samples; may be repeated.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="JSON",
    callback=_faults,
    help="Trouble from the start, as for POST /__sim/faults; may be repeated.",
)
@switch_options
def simulator(
    *,
    host: str,
    port: int,
    email: str,
    password: str,
    file: Path | None,
    courses: Mapping[str, str],
    faults: list[object],
    **switches: object,
) -> None:
    """Run the Coursebox simulator: the vendor's API as a real server, with trouble on demand.

    Its page at / shows courses and learners; see docs/simulator.md for the rest. Every switch can
    also be set while it runs, by POST /__sim/switches.
    """
    settings = click.get_current_context()
    given: dict[str, Any] = {
        name: value for name, value in switches.items() if _was_given(settings, name)
    }
    chosen = {**_file_of_courses(file), **courses} or SAMPLE_COURSES
    refuse_taken(host, port, "--port")
    try:
        serve(host, port, email=email, password=password, courses=chosen, faults=faults, **given)
    except SwitchError as error:
        raise Failed(f"The simulator cannot be set like that: {error}") from None
    except FaultError as error:
        raise Failed(f"This fault cannot be: {error}", EVERY_FAULT) from None


def _was_given(settings: click.Context, name: str) -> bool:
    """Whether it stands on the command line: `null` is a value too."""
    return settings.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
