"""What is allowed in a rule, but probably not meant."""

from __future__ import annotations

from rulebook.examples import Outcome
from rulebook.nodes import Block, Entry, Listing, plain
from rulebook.none_checks import warn_of_none
from rulebook.occasion_checks import warn_of_clock, warn_of_share
from rulebook.page import Page
from rulebook.rule_checks import Draft


def warn(rule: Block, draft: Draft, page: Page) -> None:
    """Notes what is allowed in a rule, but probably not meant."""
    body, findings = draft.body["rule"], page.findings
    if not {"if", "require"} & body.keys():
        for entry in _unenrol_steps(rule):
            message = "this unenrols people without a condition"
            help = "add if: to the rule, so that only the right events take a course away"
            findings.warning(entry.value.span, "W05", message, help=help)
    warn_of_none(rule, body["when"], page)
    warn_of_share(rule, body.get("rollout", {}), findings)
    warn_of_clock(rule, body.get("active", {}), findings)
    if not body.get("enabled", True):
        return
    outcomes = {example.expected.outcome for example in draft.examples}
    if not outcomes & {Outcome.ACTIONS, Outcome.ERROR}:
        message = f'rule "{draft.id}" has no test that matches'
        findings.warning(draft.span, "W01", message, help='add one under "tests:"')
    if {"if", "require"} & body.keys() and not outcomes & {Outcome.NO_MATCH, Outcome.SKIPPED}:
        message = f'rule "{draft.id}" has no test of an event that must not match'
        help = 'add one under "tests:" with expect: no match'
        findings.warning(draft.span, "W02", message, help=help)


def _unenrol_steps(rule: Block) -> list[Entry]:
    then = rule.get("then")
    steps = then.items if isinstance(then, Listing) else ()
    always = (step for step in steps if isinstance(step, Block) and not step.entry("only_if"))
    actions = (step.entry("action") for step in always)
    return [entry for entry in actions if entry and plain(entry.value) == "unenrol"]
