"""`usher rules new`: a rule file made from an event, as a start."""

from __future__ import annotations

from pathlib import Path

import click

from rulebook import read_folder, run_tests
from rulebook.skeletons import OWNER, Skeleton, skeleton
from usher.failing import Failed
from usher.given_events import Given, Wanted, give
from usher.output import remark
from usher.rules_on_disk import every_rule
from usher.rules_reading import read_paths, vocabulary_of
from usher.shapes import without_secrets
from workers.settings import Settings, load_settings

PERSONAL = (
    "The test holds what the event says of people. Put invented names and addresses in their "
    "place before you share the file."
)


@click.command()
@click.option("--from", "event", required=True, metavar="EVENT", help="The event to start from.")
@click.option("--source", help="Whose delivery a file holds: a name of sources.yaml, or a preset.")
@click.option("--number", type=click.IntRange(1), help="Which event of the delivery in a file.")
@click.option("--owner", default=OWNER, metavar="EMAIL", help="Who looks after the rule.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="The file to write; it must be new."
)
def new(
    event: str, source: str | None, number: int | None, owner: str, output: Path | None
) -> None:
    """Write a rule that matches an event, with the event as its first test.

    EVENT is the id of a stored event (or its end), "last" for the newest, or a file: an event as
    rules see it, or a delivery as its sender posts it. The rule says dry_run: it calls nothing
    until that line is taken out.
    """
    settings = load_settings()
    given = give(Wanted(event, source, number), settings)
    form = without_secrets(given.form)
    made = skeleton(form, given.received_at, name=_name(given), owner=owner, taken=_taken(settings))
    _prove(made, settings)
    if output is None:
        click.echo(made.text, nl=False)
    else:
        _write(output, made.text)
        remark(f"{output} is written; next: {_next(output, made, given, source, settings)}")
    for note in (*made.notes, PERSONAL):
        remark(note)


def _next(
    output: Path, made: Skeleton, given: Given, source: str | None, settings: Settings
) -> str:
    """The command that explains the new rule, wherever it was written to."""
    words = ["usher rules explain", made.rule_id, given.name]
    if source:
        words.append(f"--source {source}")
    if not output.resolve().is_relative_to(settings.rules_dir.resolve()):
        words.append(f"--rules {output}")
    return " ".join(words)


def _name(given: Given) -> str:
    return f"event {given.name}" if given.stored else given.name


def _taken(settings: Settings) -> frozenset[str]:
    """The ids of the rules there are; none where there is no folder of rules yet."""
    try:
        return frozenset(rule.id for rule in every_rule(read_paths([], settings)))
    except Failed:
        return frozenset()


def _prove(made: Skeleton, settings: Settings) -> None:
    """Fails where the rule would not be read, or its own tests would not hold."""
    reading = read_folder({"new.yaml": made.text}, vocabulary_of(settings))
    wrong = [problem.headline for problem in reading.problems if problem.is_error]
    results = [result for file in reading.files.values() for result in run_tests(file)]
    wrong += [f"{result.name}: {result.message}" for result in results if not result.passed]
    if wrong:
        hint = "\n".join(line.removeprefix("new.yaml:") for line in wrong)
        raise Failed("No rule can be made of this event as it is:", hint)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Failed(f"{path} is there already, and is left as it is.") from None
