"""Checks of a rule's steps: actions, their parameters, and the templates that fill them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any, Final

from rulebook import keys
from rulebook.actions import ACTIONS, Action
from rulebook.callback_checks import check_callback
from rulebook.fields import FIELDS
from rulebook.keys import RULE, STEP, Keys
from rulebook.lookup_checks import check_lookups
from rulebook.nodes import Block, Broken, Entry, Node, Scalar, plain, shortened
from rulebook.page import Page
from rulebook.parameters import Kind, Parameter, ParameterError, check_attribute
from rulebook.run_checks import check_retry
from rulebook.shapes import (
    block,
    choice,
    duration,
    item_block,
    known_keys,
    listing,
    required,
    span_of,
    text,
    wrong_kind,
)
from rulebook.spelling import did_you_mean, nearest
from rulebook.steps import STOP
from rulebook.templates import parse_tree
from rulebook.value_checks import check_condition, check_templates
from rulebook.values import is_there

_FIELD = re.compile(r"\s*[$%<{(\[]*\s*((\w+)(?:\.\w+)+)\s*[%>})\]]*\s*")
STEP_ID = re.compile(r"[a-z0-9_-]{1,64}")

# How a parameter that an action cannot do without may be written.
_FOR_EXAMPLE: Final = {
    "email": "${ contact.email }",
    "user_id": "${ body.user_id }",
    "course_id": "101",
    "first_name": "${ contact.first_name }",
    "last_name": "${ contact.last_name }",
    "attributes": "{city: Bern}",
    "use": "hubspot.deal_enrolled",
}

Step = dict[str, Any]
Retry = dict[str, float]
# What can be done about a step that fails for good.
ON_ERROR: Final = (STOP, "continue")


def check_steps(entry: Entry | None, page: Page, *, has_item: bool, retry: Retry) -> list[Step]:
    """The steps under `then`, in their canonical form; complains of what is wrong in them.

    `retry` is the rule's own; what a step leaves out of its retries is taken from there.
    """
    steps = listing(entry, page.findings)
    if entry is None or steps is None:
        return []
    if not steps.items:
        page.findings.error(span_of(entry), "S03", '"then" needs at least one step')
    checked: list[Step] = []
    for item in steps.items:
        step = item_block(item, "a step", page.findings)
        if step is not None:
            checked.append(_check_step(step, checked, page, retry, has_item=has_item))
    return checked


def _check_step(
    step: Block, before: list[Step], page: Page, retry: Retry, *, has_item: bool
) -> Step:
    if not step.entry("action") and not {*STEP.names, *STEP.foreign} & step.keys() - {"name"}:
        message = '"action" is missing in this step'
        name = step.entries[0].key.text if step.entries else ""
        help = f'write "- action: {name}", and its parameters below "with:"'
        help = help if name in ACTIONS else "a step begins with - action: ..."
        page.findings.error(step.first, "S02", message, help=help)
        return {"id": "", "action": "", "with": {}}
    step, beside = _without_parameters(step, page)
    meant = known_keys(step, STEP, page.findings)
    text(step.entry("notes"), page.findings)
    lookups = dict(page.lookups)
    options = _options(step, page, retry, has_item=has_item)
    entry = required(step, "action", "this step", page.findings, meant)
    action = _action(entry, page)
    given = block(step.entry("with"), page.findings)
    if given is not None:
        _check_values(action, given, page, has_item=has_item)
    usable = not beside and (step.entry("with") is None or given is not None)
    if action is not None and entry is not None and usable and "with" not in meant:
        _check_complete(action, given, entry, page)
    page.lookups = lookups
    name = action.name if action else ""
    return {
        "id": _step_id(step, name, before, page),
        "action": name,
        "with": plain(given) if given else {},
        **options,
    }


def _without_parameters(step: Block, page: Page) -> tuple[Block, bool]:
    """The step without parameters that stand beside "with" and not below it, and whether any did.

    One message is enough for all of them.
    """
    beside = [entry for entry in step.entries if _is_parameter(entry.key.text)]
    if not beside:
        return step, False
    name = beside[0].key.text
    message = f'"{name}" is not a known key in a step'
    help = 'it is a parameter of the action; put it below "with:", two spaces further in'
    page.findings.error(beside[0].key.span, "S01", message, help=help)
    rest = tuple(entry for entry in step.entries if entry not in beside)
    return Block(step.span, rest), True


def _is_parameter(name: str) -> bool:
    known = {*keys.PARAMETERS, *keys.PARAMETERS.values()}
    return name in known - {*STEP.names, *STEP.foreign, *RULE.names}


def _options(step: Block, page: Page, retry: Retry, *, has_item: bool) -> Step:
    """What a step says besides its action, in the order in which it counts."""
    findings = page.findings
    own = check_retry(step.entry("retry"), findings)
    on_error = choice(step.entry("on_error"), ON_ERROR, findings)
    found: Step = {
        "delay": duration(step.entry("delay"), findings),
        "lookup": check_lookups(step.entry("lookup"), page, has_item=has_item),
        "on_error": on_error if on_error != STOP else None,
        "retry": {**retry, **own} if own else None,
    }
    condition = step.entry("only_if")
    if condition is not None:
        check_condition(condition, page, has_item=has_item)
        found["only_if"] = plain(condition.value)
    return {name: value for name, value in found.items() if value}


def _action(entry: Entry | None, page: Page) -> Action | None:
    if entry is not None and isinstance(entry.value, Block):
        apart = 'write the name of the action here, and its parameters below "with:"'
        wrong_kind(entry, "text", page.findings, apart)
        return None
    name = text(entry, page.findings)
    if entry is None or name is None:
        return None
    if name not in ACTIONS:
        near = keys.ACTIONS.get(name.lower()) or nearest(name, ACTIONS)
        message = f'unknown action "{shortened(name)}"'
        help = None if near else f"actions: {', '.join(ACTIONS)}"
        if name.lower() in keys.NOT_BUILT:
            message = f'action "{name}" is not built into this version of Usher'
            near = None
            help = f"actions: {', '.join(ACTIONS)}"
        elif name.lower() in keys.BY_CALLBACK:
            near = None
            help = "other systems are told by - action: callback, which lookups.yaml declares"
        page.findings.error(entry.value.span, "A01", message, label=did_you_mean(near), help=help)
    return ACTIONS.get(name)


def _step_id(step: Block, action: str, before: list[Step], page: Page) -> str:
    taken = {other["id"] for other in before}
    entry = step.entry("id")
    if entry is None:
        numbered = (f"{action}-{number}" for number in count(2))
        return next(name for name in chain([action], numbered) if name not in taken)
    name = text(entry, page.findings) or ""
    if name and not STEP_ID.fullmatch(name):
        message = f'a step id is 1 to 64 of a-z, 0-9, "-" and "_", found "{name}"'
        page.findings.error(entry.value.span, "S04", message)
    if name in taken:
        message = f'the step id "{name}" is used twice in this rule'
        page.findings.error(entry.value.span, "S06", message)
    return name


def _check_values(action: Action | None, given: Block, page: Page, *, has_item: bool) -> None:
    for entry in given.entries:
        parameter = action.parameter(entry.key.text) if action else None
        works = check_templates(entry.value, page, has_item=has_item)
        if parameter is None or not works:
            continue
        if parameter.kind is Kind.ATTRIBUTES and not _attribute_names_fit(entry.value, page):
            continue
        tree = parse_tree(plain(entry.value))
        if not tree.paths and not tree.tables:
            value = check_literal(parameter, entry, tree.render({}, {}), page)
            if isinstance(value, str) and (help := _field_meant(entry.value)):
                message = f'every learner would get the text "{shortened(value)}"'
                page.findings.warning(entry.value.span, "W07", message, help=help)


def _check_complete(action: Action, given: Block | None, entry: Entry, page: Page) -> None:
    known = f'action "{action.name}"'
    findings = page.findings
    meant: frozenset[str] = frozenset()
    if given is not None and action.free is not None:
        check_callback(given, page)
    elif given is not None:
        taken = Keys(known, action.names, keys.PARAMETERS)
        meant = known_keys(given, taken, findings)
    names = {line.key.text for line in given.entries} if given else set()
    names |= meant
    wanted = [p.name for p in action.parameters if p.required and p.name not in names]
    if wanted:
        listed = " and ".join(f'"{name}"' for name in wanted)
        verb = "is" if len(wanted) == 1 else "are"
        message = f"{listed} {verb} missing for {known}"
        findings.error(entry.value.span, "A02", message, help=_lines_for(wanted))
    elif action.any_of and not names & set(action.any_of):
        either = " or ".join(f'"{name}"' for name in action.any_of)
        help = _lines_for(action.any_of[:1])
        findings.error(entry.value.span, "A04", f"{known} needs {either}", help=help)


def _lines_for(names: Sequence[str]) -> str:
    lines = " and ".join(f"{name}: {_FOR_EXAMPLE[name]}" for name in names)
    return f'write under "with", for example, {lines}'


def check_literal(parameter: Parameter, entry: Entry, value: object, page: Page) -> object:
    """The converted value of a parameter that is written out; complains where it does not fit."""
    if isinstance(entry.value, Broken):
        return None
    if not is_there(value):
        if parameter.required:
            message = f'"{parameter.name}" must not be empty'
            page.findings.error(span_of(entry), "A02", message)
        return None
    try:
        return replace(parameter, opened=page.opened).convert(value)
    except ParameterError as error:
        help = _field_meant(entry.value) or error.help
        _report(ParameterError(error.message, help, error.key), entry, page)
        return None


def _field_meant(node: Node) -> str | None:
    """What to write where a field stands without ``${ }``, or in other signs."""
    written = node.text if isinstance(node, Scalar) else ""
    if isinstance(node, Block) and len(node.entries) == 1 and plain(node.entries[0].value) is None:
        written = node.entries[0].key.text
    found = _FIELD.fullmatch(written)
    return f"write ${{ {found[1]} }}" if found and found[2] in FIELDS else None


def _attribute_names_fit(attributes: Node, page: Page) -> bool:
    before = page.findings.errors
    for entry in attributes.entries if isinstance(attributes, Block) else ():
        try:
            check_attribute(entry.key.text, page.opened)
        except ParameterError as error:
            page.findings.error(entry.key.span, "A05", error.message, help=error.help)
    return page.findings.errors == before


def _report(error: ParameterError, entry: Entry, page: Page) -> None:
    inner = entry.value.entry(error.key) if isinstance(entry.value, Block) and error.key else None
    span = inner.key.span if inner else span_of(entry)
    page.findings.error(span, "A05" if error.key else "A03", error.message, help=error.help)
