"""What an entry of lookups.yaml takes from a rule, and how long it may take. Pure."""

import re
from typing import Final

from rulebook.nodes import Block, Entry, Scalar, describe
from rulebook.problems import Findings
from workers.lookups.complaints import only, say, say_key
from workers.lookups.definition import DEFAULT_TIME, LONGEST_TIME, Form, Takes

_PARAMETER: Final = re.compile(r"[a-z][a-z0-9_]*")
_SECONDS: Final = re.compile(r"([0-9]{1,3}) seconds?")


def read_parameters(body: Block | None, findings: Findings) -> tuple[Takes, ...]:
    found = (_takes(entry, findings) for entry in (body.entries if body else ()))
    return tuple(each for each in found if each is not None)


def _takes(entry: Entry, findings: Findings) -> Takes | None:
    name, node = entry.key.text, entry.value
    if not _PARAMETER.fullmatch(name):
        say_key(entry, findings, f'"{name[:60]}": a parameter has small letters, digits and _')
        return None
    if isinstance(node, Block):
        only(node, ("type", "default"), findings)
        form = _form(node.entry("type"), findings)
        return Takes(name, form, _default(node.entry("default"), form, findings))
    return Takes(name, _form(entry, findings))


def _form(entry: Entry | None, findings: Findings) -> Form:
    written = entry.value.text if entry and isinstance(entry.value, Scalar) else None
    if entry is None or written in list(Form):
        return Form(written) if written else Form.TEXT
    say(
        entry, findings,
        f"a parameter is text or number, found {describe(entry.value)}; with a default write "
        "{type: text, default: ...}",
    )  # fmt: skip
    return Form.TEXT


def _default(entry: Entry | None, form: Form, findings: Findings) -> str | None:
    if entry is None:
        return None
    node = entry.value
    if not isinstance(node, Scalar) or node.text == "" or isinstance(node.value, bool):
        say(entry, findings, f"the default has to be a {form}, found {describe(node)}")
        return None
    if form is Form.NUMBER and not isinstance(node.value, int | float):
        say(entry, findings, f"the default has to be a number, found {describe(node)}")
    return node.text


def read_time(entry: Entry | None, findings: Findings) -> int:
    if entry is None:
        return DEFAULT_TIME
    written = entry.value.text if isinstance(entry.value, Scalar) else ""
    found = _SECONDS.fullmatch(written)
    if found is None or not 1 <= int(found[1]) <= LONGEST_TIME:
        say(
            entry, findings,
            f"the time_limit is {describe(entry.value)}; write 1 second to {LONGEST_TIME} seconds",
        )  # fmt: skip
        return DEFAULT_TIME
    return int(found[1])
