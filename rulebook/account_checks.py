"""Checks of the Coursebox account that a file or a rule is for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rulebook.nodes import Block, Entry, shortened
from rulebook.page import Page
from rulebook.rule import DEFAULT_ACCOUNT
from rulebook.shapes import text
from rulebook.spelling import did_you_mean, nearest

# What does nothing in Coursebox, and so needs no account.
ELSEWHERE: Final = frozenset({"callback"})


def check_account(entry: Entry | None, page: Page) -> str | None:
    """The account that is named; complains where there is none of that name."""
    name = text(entry, page.findings)
    known = page.vocabulary.accounts
    if entry is None or name is None or known is None or name in known:
        return name
    page.findings.error(
        entry.value.span,
        "R11",
        f'unknown Coursebox account "{shortened(name)}"',
        label=did_you_mean(nearest(name, known)),
        help=f"accounts: {_listed(known)}",
    )
    return name


def check_default(rule: Block, actions: Iterable[str], page: Page) -> None:
    """Complains of a rule that names no account where there is none for such rules."""
    known = page.vocabulary.accounts
    if known is None or DEFAULT_ACCOUNT in known or ELSEWHERE.issuperset(actions):
        return
    page.findings.error(
        rule.span,
        "R11",
        "this rule names no Coursebox account, and COURSEBOX_URL is not set",
        help=f"add a line account: NAME to the file or the rule; accounts: {_listed(known)}",
    )


def _listed(known: Iterable[str]) -> str:
    return ", ".join(sorted(known))
