"""Checks of the action `callback`: which callback it uses, and what it gives it."""

from __future__ import annotations

from typing import Final

from rulebook.actions import CALLBACK
from rulebook.keys import Keys
from rulebook.nodes import Block, Entry, Scalar, shortened
from rulebook.page import Page
from rulebook.parameters import CALLBACK_NAME
from rulebook.shapes import known_keys
from rulebook.spelling import did_you_mean, nearest
from rulebook.vocabulary import CallbackShape

USE: Final = "use"


def check_callback(given: Block, page: Page) -> None:
    """Complains of a callback that is not there, and of parameters that it does not take or lacks.

    Nothing is said where nobody knows which callbacks there are, nor of what can be no name: it is
    complained of where parameters are.
    """
    entry = given.entry(USE)
    if entry is None or not isinstance(entry.value, Scalar) or not entry.value.text.strip():
        return
    name = entry.value.text.strip()
    if "${" in name:
        message = "a callback is named in full, not by a template"
        help = "what differs from event to event goes into the parameters beside use:"
        page.findings.error(entry.value.span, "R10", message, help=help)
        return
    known = page.vocabulary.callbacks
    if known is None or not CALLBACK_NAME.fullmatch(name):
        return
    if name not in known:
        _report_unknown(entry, name, page)
        return
    _check_given(entry, name, known[name], given, page)


def _report_unknown(entry: Entry, name: str, page: Page) -> None:
    known = page.vocabulary.callbacks or {}
    near = nearest(name, known)
    listed = f"callbacks: {', '.join(sorted(known))}" if known else "none are set up"
    help = listed if near else f"{listed}; more are added in lookups.yaml"
    message = f'unknown callback "{shortened(name)}"'
    page.findings.error(entry.value.span, "R10", message, label=did_you_mean(near), help=help)


def _check_given(entry: Entry, name: str, shape: CallbackShape, given: Block, page: Page) -> None:
    where = f'{CALLBACK} "{name}"'
    meant = known_keys(given, Keys(where, (USE, *shape.parameters)), page.findings)
    names = given.keys() | meant
    wanted = [each for each in shape.parameters if each in shape.required and each not in names]
    if wanted:
        listed = " and ".join(f'"{each}"' for each in wanted)
        verb = "is" if len(wanted) == 1 else "are"
        help = f'write under "with", for example, {wanted[0]}: ${{ deal.id }}'
        message = f"{listed} {verb} missing for {where}"
        page.findings.error(entry.value.span, "A02", message, help=help)
    if shape.problem:
        help = "`usher callbacks check` says what to do; until then, runs that come to it wait"
        message = f'callback "{name}" cannot be used here: {shape.problem}'
        page.findings.warning(entry.value.span, "W27", message, help=help)
