"""Checks of look-ups: what they are called, whom they ask, and what they ask with."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from rulebook.fields import FIELDS, ITEM
from rulebook.keys import LOOKUP, Keys
from rulebook.nodes import Block, Broken, Entry, Scalar, describe, plain, shortened
from rulebook.page import Page
from rulebook.shapes import block, known_keys, required, span_of, text
from rulebook.spelling import did_you_mean, nearest
from rulebook.value_checks import GROUPS, check_templates
from rulebook.vocabulary import LookupShape

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
# How the names of look-ups are written, as far as nobody knows which there are.
USE: Final = re.compile(r"\w+(?:[.-]\w+)*")
_HELP: Final = (
    "write a line for each, such as contacts: "
    "{use: hubspot.deal_contacts, with: {deal_id: '${ deal.id }'}}"
)

Lookups = dict[str, dict[str, Any]]


def lookup_names(entry: Entry | None) -> frozenset[str]:
    """The names under `lookup`, as far as they can be told."""
    given = entry.value if entry else None
    return frozenset(filter(_is_free, given.keys())) if isinstance(given, Block) else frozenset()


def check_lookups(entry: Entry | None, page: Page, *, has_item: bool) -> Lookups:
    """The look-ups in their canonical form; each is known to the page once it is read.

    So a look-up can be asked with what those above it gave.
    """
    given = block(entry, page.findings, _HELP)
    if entry is None or given is None:
        return {}
    if not given.entries:
        page.findings.error(span_of(entry), "S03", '"lookup" must not be empty', help=_HELP)
    if _forgot_name(given):
        message = "what is looked up needs a name, under which the rule speaks of it"
        page.findings.error(given.first, "S02", message, help=_HELP)
        return {}
    lookups: Lookups = {}
    for line in given.entries:
        name = line.key.text
        free = _check_name(line, page)
        lookups[name], shape = _lookup(line, page, has_item=has_item)
        if free:
            page.lookups[name] = shape
    return lookups


def _forgot_name(given: Block) -> bool:
    return isinstance(given.get("use"), Scalar)


def _is_free(name: str) -> bool:
    return name not in FIELDS and name != ITEM and name not in GROUPS


def _check_name(line: Entry, page: Page) -> bool:
    name = line.key.text
    if not _is_free(name):
        what = f"the {name} of every event" if name in FIELDS else f'what "{name}" means in a rule'
        message = f'a look-up cannot be called "{name}"; it would hide {what}'
        help = f"give it a name of its own, such as {name}_found"
        page.findings.error(line.key.span, "R05", message, help=help)
        return False
    if not NAME.fullmatch(name):
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        message = f'the name of a look-up is made of a-z, 0-9 and "_", found "{shortened(name)}"'
        better = f"write {slug}" if NAME.fullmatch(slug) else None
        page.findings.error(line.key.span, "S04", message, help=better)
        return False
    return True


def _lookup(line: Entry, page: Page, *, has_item: bool) -> tuple[dict[str, Any], LookupShape]:
    open_shape = LookupShape()
    given = block(line, page.findings, "write it like {use: hubspot.deal_contacts, with: {...}}")
    if given is None:
        return {"use": "", "with": {}}, open_shape
    own = _own_keys(given, page)
    meant = known_keys(own, LOOKUP, page.findings)
    where = f'look-up "{shortened(line.key.text)}"'
    help = "name what is looked up, such as use: coursebox.user"
    use = required(given, "use", where, page.findings, meant, help=help)
    name = text(use, page.findings)
    shape = _shape(name, use, page) if use is not None and name is not None else None
    parameters = block(given.entry("with"), page.findings)
    for entry in parameters.entries if parameters else ():
        _check_value(entry, page, has_item=has_item)
    usable = own is given and (given.entry("with") is None or parameters is not None)
    if use is not None and shape is not None and usable and "with" not in meant:
        _check_complete(use, shape, parameters, page)
    return {"use": name or "", "with": plain(parameters) if parameters else {}}, shape or open_shape


def _own_keys(given: Block, page: Page) -> Block:
    """The block without what the look-up is asked with, which stands in a block of its own."""
    name = given.get("use")
    shape = (page.vocabulary.lookups or {}).get(name.text) if isinstance(name, Scalar) else None
    beside = [entry for entry in given.entries if shape and entry.key.text in shape.parameters]
    if not beside or given.entry("with"):
        return given
    message = f'"{beside[0].key.text}" is not a known key in a look-up'
    help = f'what it is asked with goes below "with:", as in with: {{{beside[0].key.text}: ...}}'
    page.findings.error(beside[0].key.span, "S01", message, help=help)
    return Block(given.span, tuple(entry for entry in given.entries if entry not in beside))


def _check_value(entry: Entry, page: Page, *, has_item: bool) -> None:
    """A look-up is a question with a few words in it; lists and blocks are none."""
    if isinstance(entry.value, Scalar) and entry.value.value not in (None, ""):
        check_templates(entry.value, page, has_item=has_item)
    elif not isinstance(entry.value, Broken):
        message = f'"{entry.key.text}" must be text or a number, found {describe(entry.value)}'
        page.findings.error(span_of(entry), "S03", message)


def _shape(name: str, entry: Entry, page: Page) -> LookupShape | None:
    """What is known of the look-up that is used; an open shape where nobody knows."""
    known = page.vocabulary.lookups
    if known is None and not USE.fullmatch(name):
        known = {}
    if "://" in name:
        message = "a rule names look-ups, never addresses"
        help = "an administrator adds the address to lookups.yaml, under a name"
        page.findings.error(entry.value.span, "R06", message, help=help)
        return None
    if known is None or name in known:
        shape = known[name] if known else LookupShape()
        if shape.problem:
            help = "`usher lookups check` says what to do; until then, runs that need it wait"
            message = f'look-up "{name}" cannot be used here: {shape.problem}'
            page.findings.warning(entry.value.span, "W26", message, help=help)
        return shape
    meant = nearest(name, known) or _of_other_sender(name, known)
    shown = f"look-ups: {', '.join(sorted(known))}" if known else "none are set up"
    add = None if meant else f"{shown}; more are added in lookups.yaml"
    if "${" in name:
        add = "it is named in full; what differs from event to event goes under with:"
    message = f'unknown look-up "{shortened(name)}"'
    page.findings.error(entry.value.span, "R06", message, label=did_you_mean(meant), help=add)
    return None


def _of_other_sender(name: str, known: Collection[str]) -> str | None:
    """The one look-up that is called the same after the dot."""
    last = name.rpartition(".")[2]
    same = [each for each in sorted(known) if each.rpartition(".")[2] == last]
    return same[0] if len(same) == 1 else None


def _check_complete(use: Entry, shape: LookupShape, given: Block | None, page: Page) -> None:
    if page.vocabulary.lookups is None:
        return
    where = f'look-up "{plain(use.value)}"'
    meant: frozenset[str] = frozenset()
    if given is not None:
        meant = known_keys(given, Keys(where, shape.parameters), page.findings)
    names = (given.keys() if given else frozenset()) | meant
    wanted = [name for name in shape.parameters if name in shape.required and name not in names]
    if wanted:
        listed = " and ".join(f'"{name}"' for name in wanted)
        verb = "is" if len(wanted) == 1 else "are"
        help = f'write under "with", for example, {wanted[0]}: ${{ deal.id }}'
        message = f"{listed} {verb} missing for {where}"
        page.findings.error(use.value.span, "R09", message, help=help)
