"""What a check of a portal found, for people and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from coursebox.findings import Finding, Mark, number
from usher.output import Column, remark, say, table, whole
from usher.proving import Kept
from usher.settings_written import ENV_FILE, Changes

FINDINGS: Final = (
    Column(""),
    Column("FINDING"),
    Column("WHAT THIS PORTAL DOES", wraps=True),
    Column("WHAT FOLLOWS", wraps=True),
)
CALLS: Final = (Column("CALL"), Column("TIMES"), Column("SLOWEST"))
SHOWN: Final[Mapping[Mark, str]] = {
    Mark.GOOD: "ok",
    Mark.NOTED: "note",
    Mark.NOT_TOLD: "?",
    Mark.BAD: "BAD",
}


@dataclass(frozen=True, slots=True)
class Report:
    """`proved` is None where nothing was tried; `accounts` stay in the portal, `seats` are still
    in the course. `times`: of each call how often it was made, and its longest time (ms)."""

    account: str
    address: str
    course: str
    findings: tuple[Finding, ...]
    times: Mapping[str, tuple[int, int]]
    proved: bool | None
    accounts: tuple[str, ...]
    seats: tuple[str, ...]

    @property
    def bad(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.mark is Mark.BAD)


def print_report(report: Report) -> None:
    """The findings, the time of each call, and what stays in the portal."""
    rows = [[SHOWN[each.mark], each.name, each.does, each.follows] for each in report.findings]
    table(FINDINGS, rows)
    say()
    times = [[call, str(count), f"{ms} ms"] for call, (count, ms) in report.times.items()]
    table(CALLS, times)
    if report.accounts:
        say(f"\nLeft in the portal, {number(len(report.accounts), 'account')}:")
        for each in report.accounts:
            whole(each, indent=2)
    if report.seats:
        say(f"\nStill in course {report.course}:")
        for each in report.seats:
            whole(each, indent=2)


def tell_changes(changes: Changes, written: Mapping[str, str]) -> None:
    """Which settings follow: those that were written, and those that a person has to set."""
    if written:
        say(f"\nWritten to {ENV_FILE.absolute()}; workers take it when they are started anew:")
        for name, value in written.items():
            whole(f"{name}={value}", indent=2)
    left = {name: value for name, value in changes.wanted.items() if name not in written}
    if left:
        say("\nTo be set:")
        for name, value in left.items():
            whole(f"{name}={value}", indent=2)
    if changes.fixed:
        remark(f"{', '.join(sorted(changes.fixed))}: set in the environment, to be changed there.")
    if left and changes.elsewhere:
        remark(f"{ENV_FILE.absolute()} names another portal, so nothing was written there.")


def report_document(
    report: Report, changes: Changes, written: Mapping[str, str], kept: Kept | None
) -> dict[str, object]:
    """The same as one JSON document."""
    findings = [
        {
            "key": each.key,
            "finding": each.name,
            "does": each.does,
            "follows": each.follows,
            "mark": str(each.mark),
        }
        for each in report.findings
    ]
    return {
        "account": report.account,
        "address": report.address,
        "course": report.course or None,
        "proved": report.proved,
        "findings": findings,
        "calls": {
            call: {"count": count, "slowest_ms": ms} for call, (count, ms) in report.times.items()
        },
        "settings": dict(changes.wanted),
        "written": dict(written),
        "left_accounts": list(report.accounts),
        "left_seats": list(report.seats),
        "runs_freed": kept.freed if kept else 0,
    }
