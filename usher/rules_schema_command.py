"""`usher rules schema`: what an editor has to know to complete and explain rule files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from rulebook.schema import rule_schema
from usher.output import remark
from usher.rules_reading import vocabulary_of
from workers.settings import load_settings

PLACE = Path(".schema") / "rules-v1.json"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help='Where to; "-" prints it.')
def schema(out: Path | None) -> None:
    """Write the JSON Schema (draft-07) of rule files, for completion and hover in editors.

    It goes to .schema/rules-v1.json in the folder of the setting RULES_DIR.
    """
    settings = load_settings()
    text = json.dumps(rule_schema(vocabulary_of(settings)), indent=2, ensure_ascii=True) + "\n"
    if str(out) == "-":
        click.echo(text, nl=False)
        return
    target = out or settings.rules_dir / PLACE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    remark(f"wrote {target}")
