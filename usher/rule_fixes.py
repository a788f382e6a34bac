"""`usher rules check --fix`: sure cures written into rule files, and shown as a diff."""

from __future__ import annotations

from difflib import unified_diff
from typing import Final

import click

from rulebook.fixing import fix_text
from rulebook.problems import split_lines
from usher.output import safe
from usher.rules_reading import Checked
from usher.words import number
from workers.rule_writing import write_one

_COLOURS: Final = {"-": "red", "+": "green"}


def fixed(one: Checked, *, dry: bool, beside: bool) -> Checked:
    """The folder after its cures, or as it is for `dry`; the diff goes to stderr for `beside`."""
    wrong = {problem.file for problem in one.reading.problems if problem.is_error}
    texts = {
        path: text
        for path in one.rule_files
        if path in wrong
        and (text := fix_text(path, one.tree.files, one.vocabulary)) != one.tree.files[path]
    }
    for path, text in texts.items():
        if not dry:
            write_one(one.tree.root, path, text)
        _show(one.shown(path), one.tree.files[path], text, beside=beside)
    click.echo(_told(len(texts), dry=dry) if wrong else "There is nothing to cure.\n", err=beside)
    return one if dry else one.with_texts(texts)


def _told(files: int, *, dry: bool) -> str:
    if not files:
        return "Nothing has a sure cure.\n"
    if dry:
        return f"{number(files, 'file')} would be changed; leave out --dry to do it.\n"
    return f"{number(files, 'file')} changed.\n"


def _show(path: str, before: str, after: str, *, beside: bool) -> None:
    lines = unified_diff(split_lines(before), split_lines(after), path, path, n=0, lineterm="")
    for line in lines:
        heading = line.startswith(("---", "+++", "@@"))
        click.secho(safe(line), fg=None if heading else _COLOURS.get(line[:1]), err=beside)
    click.echo(err=beside)
