"""Asking a node for what a key needs: the value, or one message that says what is there instead."""

from __future__ import annotations

import re

from rulebook.durations import parse_duration
from rulebook.keys import STEP, Keys, home_of
from rulebook.nodes import Block, Broken, Entry, Listing, Node, Scalar, Span, describe, shortened
from rulebook.problems import Findings
from rulebook.spelling import did_you_mean, nearest

_YES_NO = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_GLUED = re.compile(r"([A-Za-z_][\w.-]*):(?=[^\s/:])")


def span_of(entry: Entry) -> Span:
    """Where the value stands; the key where nothing stands behind it."""
    span = entry.value.span
    empty = (span.line, span.column) == (span.end_line, span.end_column)
    return entry.key.span if empty else span


def known_keys(block: Block, keys: Keys, findings: Findings) -> frozenset[str]:
    """Complains of every key that is not known; gives the keys that these may stand for."""
    meant: set[str] = set()
    for entry in block.entries:
        name = entry.key.text
        if name in keys.names:
            continue
        elsewhere = keys.foreign.get(name.lower())
        home = None if elsewhere else home_of(name, keys)
        near = elsewhere or (None if home else nearest(name, keys.names))
        near = near if near in keys.names else None
        # a key that resembles nothing may stand for any that is missing
        meant.update([near] if near else () if home else keys.names)
        findings.error(
            entry.key.span,
            "S01",
            f'"{shortened(name)}" is not a known key in {keys.where}',
            label=did_you_mean(near),
            help=None if near else _where_else(home) or f"known here: {', '.join(keys.names)}",
        )
    return frozenset(meant)


def _where_else(home: str | None) -> str | None:
    if home == STEP.where:
        return 'it is a key of a step; put it below "- action:" and line it up with "with:"'
    return (
        f"it is a key of {home}; take away spaces until it lines up with its keys" if home else None
    )


def required(
    block: Block,
    name: str,
    where: str,
    findings: Findings,
    meant: frozenset[str] = frozenset(),
    *,
    help: str | None = None,
) -> Entry | None:
    """The line with this key; complains where it is missing and no unknown key stands for it."""
    entry = block.entry(name)
    if entry is None and name not in meant:
        findings.error(block.first, "S02", f'"{name}" is missing in {where}', help=help)
    return entry


def text(entry: Entry | None, findings: Findings) -> str | None:
    """A text with something in it."""
    if entry is None or isinstance(entry.value, Broken):
        return None
    if isinstance(entry.value, Scalar) and isinstance(entry.value.value, str):
        if entry.value.text.strip():
            return entry.value.text
        findings.error(span_of(entry), "S03", f'"{entry.key.text}" must not be empty')
        return None
    help = None
    if isinstance(entry.value, Scalar) and entry.value.value is not None:
        help = f'write it in quotes: "{entry.value.text}"'
    wrong_kind(entry, "text", findings, help)
    return None


def flag(entry: Entry | None, findings: Findings, default: bool) -> bool:
    """True or false."""
    if entry is None or isinstance(entry.value, Broken):
        return default
    if isinstance(entry.value, Scalar) and isinstance(entry.value.value, bool):
        return entry.value.value
    word = entry.value.text.lower() if isinstance(entry.value, Scalar) else ""
    meant = _YES_NO.get(word) or (word if word in {"true", "false"} else None)
    wrong_kind(entry, "true or false", findings, f"write {meant}" if meant else None)
    return default


def whole_number(entry: Entry | None, findings: Findings, least: int, most: int) -> int | None:
    """A whole number within bounds."""
    if entry is None or isinstance(entry.value, Broken):
        return None
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    wrong_kind(entry, f"a whole number from {least:,} to {most:,}", findings)
    return None


def choice(entry: Entry | None, choices: tuple[str, ...], findings: Findings) -> str | None:
    """One of a few words."""
    if entry is None or isinstance(entry.value, Broken):
        return None
    word = entry.value.text if isinstance(entry.value, Scalar) else ""
    if word in choices:
        return word
    names = f"{', '.join(choices[:-1])} or {choices[-1]}"
    if glued(entry.value, findings):
        return None
    message = f'"{entry.key.text}" must be {names}, found {describe(entry.value)}'
    label = did_you_mean(nearest(word, choices))
    findings.error(span_of(entry), "S03", message, label=label)
    return None


def texts(entry: Entry | None, findings: Findings) -> tuple[str, ...]:
    """A list of texts."""
    if entry is not None and isinstance(entry.value, Scalar) and entry.value.text:
        wrong_kind(entry, "a list", findings, f"write [{entry.value.text}]")
        return ()
    given = listing(entry, findings)
    found: list[str] = []
    for item in given.items if given else ():
        if isinstance(item, Scalar) and isinstance(item.value, str) and item.text.strip():
            found.append(item.text)
        elif entry is not None and not isinstance(item, Broken):
            message = f'"{entry.key.text}" must hold texts, found {describe(item)}'
            findings.error(item.span, "S03", message)
    return tuple(found)


def duration(entry: Entry | None, findings: Findings) -> int | None:
    """A length of time in seconds, written in words."""
    if entry is None or isinstance(entry.value, Broken):
        return None
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if isinstance(entry.value, Scalar):
        try:
            return parse_duration(value)
        except ValueError as error:
            findings.error(span_of(entry), "S04", f'"{entry.key.text}": {error}')
            return None
    wrong_kind(entry, 'a length of time such as "15 minutes"', findings)
    return None


def block(entry: Entry | None, findings: Findings, help: str | None = None) -> Block | None:
    """A block of key: value lines; `help` says how one looks here."""
    if entry is None or isinstance(entry.value, Broken):
        return None
    if isinstance(entry.value, Block):
        return entry.value
    if isinstance(entry.value, Listing):
        help = 'take away the "- " before the keys'
    wrong_kind(entry, "a block of key: value lines", findings, help)
    return None


def listing(entry: Entry | None, findings: Findings) -> Listing | None:
    """A list."""
    if entry is None or isinstance(entry.value, Broken):
        return None
    if isinstance(entry.value, Listing):
        return entry.value
    help = 'begin each item with "- "' if isinstance(entry.value, Block) else None
    wrong_kind(entry, "a list", findings, help)
    return None


def item_block(item: Node, what: str, findings: Findings) -> Block | None:
    """A list item that is a block."""
    if isinstance(item, (Block, Broken)):
        return item if isinstance(item, Block) else None
    if not glued(item, findings):
        message = f"{what} must be a block of key: value lines, found {describe(item)}"
        findings.error(item.span, "S03", message)
    return None


def wrong_kind(entry: Entry, wanted: str, findings: Findings, help: str | None = None) -> None:
    """Complains that a value is not what its key needs."""
    if glued(entry.value, findings):
        return
    message = f'"{entry.key.text}" must be {wanted}, found {describe(entry.value)}'
    findings.error(span_of(entry), "S03", message, help=help)


def glued(node: Node, findings: Findings) -> bool:
    """Complains of `key:value`, which is text for want of a space."""
    found = _GLUED.match(node.text) if isinstance(node, Scalar) and not node.style else None
    if not isinstance(node, Scalar) or found is None:
        return False
    findings.error(
        Span.of(node.span.line, node.span.column + found.end() - 1),
        "Y04",
        'a space is missing after ":"',
        help=f'write "{found[1]}: {shortened(node.text[found.end() :])}"',
    )
    return True
