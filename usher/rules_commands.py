"""`usher rules`: everything that is done with rule files before and after they go live."""

from __future__ import annotations

import click

from usher.failing import Commands
from usher.rules_check_command import check
from usher.rules_schema_command import schema
from usher.rules_test_command import test


@click.group(cls=Commands)
def rules() -> None:
    """Check rule files and run their tests."""


for command in (check, test, schema):
    rules.add_command(command)
