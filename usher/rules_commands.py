"""`usher rules`: everything that is done with rule files before and after they go live."""

from __future__ import annotations

import click

from usher.failing import Commands
from usher.rules_check_command import check
from usher.rules_diff_command import diff
from usher.rules_dry_run_command import dry_run
from usher.rules_explain_command import explain
from usher.rules_live_commands import reload, status
from usher.rules_new_command import new
from usher.rules_schema_command import schema
from usher.rules_test_command import test
from usher.sources_commands import fields


@click.group(cls=Commands)
def rules() -> None:
    """Write rule files: check and test them, see what they do, and why."""


for command in (check, test, explain, dry_run, diff, fields, new, schema, status, reload):
    rules.add_command(command)
