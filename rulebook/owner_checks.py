"""Check of the address that is told when a rule fails."""

from __future__ import annotations

from rulebook.nodes import Entry
from rulebook.parameters import Kind, Parameter, ParameterError
from rulebook.problems import Findings
from rulebook.shapes import text

_OWNER = Parameter("owner", Kind.EMAIL)


def check_owner(entry: Entry | None, findings: Findings) -> str | None:
    """The address of whoever owns a file or a rule; complains where it is none."""
    owner = text(entry, findings)
    if entry is None or owner is None:
        return None
    try:
        return str(_OWNER.convert(owner))
    except ParameterError as error:
        findings.error(entry.value.span, "S04", error.message, help=error.help)
        return None
