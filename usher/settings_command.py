"""`usher settings`: what Usher was told, and where from."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from workers.settings import SettingRow, SettingsError, load_settings, settings_table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def settings(as_json: bool) -> None:
    """Show every setting: its value (secrets masked), where it came from, default and meaning."""
    try:
        rows = settings_table(load_settings())
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps({"settings": [asdict(row) for row in rows]}, indent=2))
    else:
        _print(rows)


def _print(rows: Sequence[SettingRow]) -> None:
    width = max(len(row.name) for row in rows)
    for row in rows:
        default = row.default or "not set"
        click.echo(f"{row.name:{width}} = {row.value or '(not set)'}  [{row.origin}]")
        click.echo(f"{'':{width}}   {row.meaning} Default: {default}.")
