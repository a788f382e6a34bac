"""lookups.yaml, read strictly: every mistake with its line, its look-up and its cure. Pure.

The names of environment variables are read here, what is in them is not.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rulebook.nodes import Block, Broken, Entry, Node, Scalar, describe
from rulebook.paths import Path
from rulebook.problems import Findings
from rulebook.shapes import block, required
from rulebook.spelling import did_you_mean, nearest
from rulebook.yaml_reader import read_yaml
from workers.lookups.complaints import Problems, only, refuse_if_any, say, say_key, sentences
from workers.lookups.definition import Definition, Each, NotFound, Paging
from workers.lookups.places import (
    check_proofs,
    read_headers,
    read_hosts,
    read_url,
    read_variable,
)
from workers.lookups.replies import read_each, read_gives, read_paging, read_place
from workers.lookups.takes import read_parameters, read_time

NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")
OURS: Final = "coursebox."
KEYS: Final = (
    *("url", "headers", "basic", "parameters", "allowed_hosts", "time_limit", "list", "gives"),
    *("paging", "each", "not_found", "private_addresses", "notes"),
)

# The one entry that is no look-up: what can be told to other systems.
CALLBACKS: Final = "callbacks"


def read_definitions(text: str) -> Mapping[str, Definition]:
    """The file's look-ups by name; LookUpsError with all problems if any is wrong."""
    entries, problems = read_root(text)
    found, more = read_lookups(entries)
    refuse_if_any([*problems, *more])
    return found


def read_root(text: str) -> tuple[tuple[Entry, ...], Problems]:
    """What stands in the file, entry by entry, and what is wrong with the file as a whole."""
    findings = Findings("")
    root = read_yaml(text, findings)
    if isinstance(root, Block):
        return root.entries, sentences(findings)
    if root is not None and not isinstance(root, Broken) and not _nothing(root):
        findings.error(root.span, "S03", f"the file has to be a block of look-ups, such as {_LIKE}")
    return (), sentences(findings)


def read_lookups(entries: Sequence[Entry]) -> tuple[Mapping[str, Definition], Problems]:
    """The look-ups among these entries, and what is wrong with them."""
    found: dict[str, Definition] = {}
    problems: Problems = []
    entries = [entry for entry in entries if entry.key.text != CALLBACKS]
    for entry in entries:
        own = Findings(entry.key.text)
        definition = _definition(entry, own)
        problems += sentences(own)
        if definition is not None:
            found[definition.name] = definition
    problems += _chains(found, {entry.key.text for entry in entries})
    return found, problems


_NAMED = 'write system.thing in small letters, digits and _, such as "hubspot.deal"'
_LIKE = "hubspot.deal: {url: ..., parameters: {...}, gives: {...}}"


def _nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _definition(entry: Entry, findings: Findings) -> Definition | None:
    name = entry.key.text
    _check_name(entry, findings)
    body = block(entry, findings, f"such as {_LIKE}")
    if body is None:
        return None
    only(body, KEYS, findings)
    takes = read_parameters(block(body.entry("parameters"), findings), findings)
    url = read_url(required(body, "url", "this look-up", findings), takes, findings)
    listed = read_place(body.entry("list"), findings)
    gives = read_gives(block(body.entry("gives"), findings), findings)
    paging = read_paging(block(body.entry("paging"), findings), findings)
    each = read_each(block(body.entry("each"), findings), findings)
    _check_list(body, listed, paging, each, gives, findings)
    headers = read_headers(block(body.entry("headers"), findings), findings)
    basic = read_variable(body.entry("basic"), findings)
    allowed = read_hosts(body.entry("allowed_hosts"), findings)
    private = read_hosts(body.entry("private_addresses"), findings)
    time_limit = read_time(body.entry("time_limit"), findings)
    not_found = _not_found(body.entry("not_found"), findings)
    check_proofs(body, headers, basic, findings)
    if findings.has_errors or url is None:
        return None
    scheme, host, target = url
    return Definition(
        name, entry.key.span.line, scheme, host, target, headers, basic, takes, allowed, private,
        time_limit, paging, listed, gives, each, not_found,
    )  # fmt: skip


def _check_list(
    body: Block,
    listed: Path | None,
    paging: Paging | None,
    each: Each | None,
    gives: Mapping[str, Path],
    findings: Findings,
) -> None:
    for key, there in (("paging", paging), ("each", each)):
        if there is not None and listed is None:
            say(body.entry(key), findings, f'"{key}" needs "list": where the items are')
    if each is not None and gives:
        say(
            body.entry("gives"), findings,
            '"gives" and "each" exclude each other: the fields are those that each look-up gives',
        )  # fmt: skip


def _check_name(entry: Entry, findings: Findings) -> None:
    name = entry.key.text
    if not NAME.fullmatch(name) or len(name) > 64:
        say_key(
            entry, findings,
            f'"{name[:70]}" cannot name a look-up; '
            + (did_you_mean(nearest(name, [CALLBACKS])) or _NAMED),
        )  # fmt: skip
    elif name.startswith(OURS):
        say_key(entry, findings, f'names that begin with "{OURS}" are those of Usher itself')


def _chains(found: Mapping[str, Definition], named: set[str]) -> list[tuple[int, str]]:
    problems = []
    for one in found.values():
        if one.each is None or (one.each.use not in found and one.each.use in named):
            continue
        wrong = _chain(one.each, found)
        if wrong:
            problems.append((one.line, f"line {one.line}: {one.name}: each: {wrong}"))
    return problems


def _chain(each: Each, found: Mapping[str, Definition]) -> str:
    if each.use not in found:
        hint = did_you_mean(nearest(each.use, found)) or "it has to be another one of this file"
        return f'there is no look-up "{each.use}"; {hint}'
    inner = found[each.use]
    if inner.each is not None or inner.listed is not None:
        return f"{each.use} gives a list itself; take one that gives one thing"
    known = {takes.name for takes in inner.parameters}
    needed = {takes.name for takes in inner.parameters if takes.default is None}
    wrong = [f'{each.use} takes no "{name}"' for name in sorted(set(each.with_) - known)]
    wrong += [f'{each.use} needs "{name}" under with' for name in sorted(needed - set(each.with_))]
    return "; ".join(wrong)


def _not_found(entry: Entry | None, findings: Findings) -> NotFound:
    if entry is None:
        return NotFound.ERROR
    written = entry.value.text if isinstance(entry.value, Scalar) else ""
    if written in list(NotFound):
        return NotFound(written)
    say(entry, findings, f"not_found is absent or error, found {describe(entry.value)}")
    return NotFound.ERROR
