"""The rules of the files on disk, as the commands that try them on events need them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulebook import Rule
from rulebook.spelling import nearest
from usher.failing import FOUND_WRONG, Failed
from usher.output import remark
from usher.rules_reading import Checked


def every_rule(checked: Iterable[Checked]) -> list[Rule]:
    """The rules of all files that can be used, in the order of their files."""
    return [
        rule
        for one in checked
        for _, file in sorted(one.reading.files.items())
        for rule in file.rules
    ]


def beside(rule: Rule, checked: Iterable[Checked]) -> tuple[Rule, ...]:
    """All rules of the file of a rule, in their order."""
    files = (file for one in checked for file in one.reading.files.values())
    return next((file.rules for file in files if rule in file.rules), (rule,))


def the_rule(rule_id: str, rules: Sequence[Rule], checked: Iterable[Checked]) -> Rule:
    """The rule of that id; Failed, with what is known, where there is none that can be used."""
    for rule in rules:
        if rule.id == rule_id:
            return rule
    near = nearest(rule_id, (rule.id for rule in rules))
    hints = [f"Did you mean {near}?"] if near else [_known(rules)]
    broken = files_with_mistakes(checked)
    if broken:
        files = ", ".join(broken)
        hints.append(f"These files have mistakes (`usher rules check` tells them): {files}")
    raise Failed(f"There is no rule {rule_id!r}.", "\n".join(hints), FOUND_WRONG)


def _known(rules: Sequence[Rule]) -> str:
    return f"There are: {', '.join(rule.id for rule in rules)}" if rules else "There are none."


def files_with_mistakes(checked: Iterable[Checked]) -> list[str]:
    """The paths of the rule files that cannot be used."""
    told = (problem for one in checked for problem in one.problems())
    return sorted({problem.file for problem in told if problem.is_error})


def remark_on_mistakes(checked: Iterable[Checked]) -> None:
    """Says which files are left out."""
    broken = files_with_mistakes(checked)
    if broken:
        files = ", ".join(broken)
        remark(f"Left out, since they have mistakes (`usher rules check` tells them): {files}")
