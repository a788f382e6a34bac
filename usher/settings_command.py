"""`usher settings`: what Usher was told, and where from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from senders.sources import SourcesError
from workers.settings import SettingRow, Settings, load_settings, settings_table
from workers.sources_file import load_secret_names


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def settings(as_json: bool) -> None:
    """Show every setting: its value (secrets masked), where it came from, default and meaning;
    then which secrets of sources are set.
    """
    found = load_settings()
    rows, secrets = settings_table(found), _secrets(found)
    if as_json:
        told = {"settings": [asdict(row) for row in rows], "secrets": secrets}
        click.echo(json.dumps(told, indent=2))
    else:
        _print(rows, secrets)


def _secrets(found: Settings) -> Mapping[str, bool]:
    try:
        return load_secret_names(found)
    except SourcesError as error:
        # a broken file of sources is no reason to hide which file it is
        click.echo(str(error), err=True)
        return {}


def _print(rows: Sequence[SettingRow], secrets: Mapping[str, bool]) -> None:
    width = max(len(name) for name in (*(row.name for row in rows), *secrets))
    for row in rows:
        default = row.default or "not set"
        click.echo(f"{row.name:{width}} = {row.value or '(not set)'}  [{row.origin}]")
        click.echo(f"{'':{width}}   {row.meaning} Default: {default}.")
    for name, is_set in secrets.items():
        click.echo(f"{name:{width}}   secret of a source: {'set' if is_set else 'NOT SET'}")
