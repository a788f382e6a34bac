"""`usher coursebox check`: what this portal does where the vendor's guide is silent."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import click

from coursebox.checking import Seen, Tell, check_reads
from coursebox.findings import Finding, Mark
from coursebox.ids import clean_course_id
from coursebox.probe import Probe
from coursebox.scratch import NotScratch, Scratch
from coursebox.throwaway import Addresses, address_pattern
from usher import words
from usher.checked_text import Report, print_report, report_document, tell_changes
from usher.coursebox_confirm_command import tell_freed
from usher.failing import FOUND_WRONG, Failed
from usher.opening import Usher, opened
from usher.output import document, remark, say
from usher.portal_access import ALL_COURSES, Access, access, account_option, in_words
from usher.portal_records import as_json_option
from usher.progress import waiting
from usher.proving import Kept, keep_proof, revoke_proof
from usher.settings_written import Changes, changes_of, write_changes


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    course: str = ""
    email: str = ""
    invite: bool = False
    yes: bool = False
    as_json: bool = False
    no_write: bool = False


@dataclass(slots=True)
class Trial:
    """A check under way."""

    to: Access
    probe: Probe
    seen: Seen = field(default_factory=Seen)
    scratch: Scratch | None = None


@click.command()
@account_option
@click.option("--course", "course_id", default="", metavar="ID", help="An empty course to try on.")
@click.option("--email", default="", metavar="PATTERN", help="Throw-away addresses: a+*@b.example.")
@click.option("--invite", is_flag=True, help="Send an invitation too: a mail to such an address.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--no-write", is_flag=True, help="Print the settings that follow; leave .env alone.")
@as_json_option
def check(
    account: str,
    course_id: str,
    email: str,
    invite: bool,
    yes: bool,
    no_write: bool,
    as_json: bool,
) -> None:
    """Find out what a portal does where the vendor's guide is silent.

    Without --course it only reads. With an empty course, throw-away learners are made, enrolled,
    changed and taken out again; if a removal takes out exactly the one it names, that is kept, and
    steps that remove or change learners no longer wait. Settings that follow are written to .env.

    Ends with 1 where Usher must not be used with something the portal does, with 2 where it could
    not be tried.
    """
    if not course_id and (invite or email):
        raise click.UsageError("--invite and --email go with --course.")
    to = access(account)
    wish = Wish(course_id, email, invite, yes, as_json, no_write)
    with ExitStack() as stack:
        usher = stack.enter_context(opened(start=True)) if course_id else None
        if usher:
            # found out before anything is done in the portal
            usher.store.holds()
        stack.enter_context(in_words(to, ALL_COURSES))
        trial = Trial(to, stack.enter_context(to.client(Probe)))
        trial.probe = trial.probe.recording(trial.seen.exchanges.append)
        report = _checked(trial, wish)
        changes = changes_of(report.findings, to)
        kept = _keep(usher, to, report) if usher else None
        _tell(report, changes, kept, wish)
    if report.bad or report.proved is False:
        raise Failed(*_not_good(report), FOUND_WRONG)


def _checked(trial: Trial, wish: Wish) -> Report:
    if wish.course:
        trial.scratch = _scratch(trial, wish)
        _ask(trial, wish)
    with waiting(f"Checking {trial.to.address}") as tell:
        findings = list(_findings(trial, wish, lambda text: tell(text, 0)))
    scratch = trial.scratch
    return Report(
        account=trial.to.account,
        address=trial.to.address,
        course=wish.course,
        findings=tuple(findings),
        times=trial.seen.times,
        proved=scratch.proved and not _bad(findings, "remove", "update") if scratch else None,
        accounts=scratch.accounts if scratch else (),
        seats=tuple(scratch.seats) if scratch else (),
    )


def _findings(trial: Trial, wish: Wish, tell: Tell) -> Iterator[Finding]:
    for finding in check_reads(trial.probe, trial.seen, tell, wish.course):
        yield finding
        fits = finding.wants.get("ID_TYPE", ())
        if trial.scratch and fits and trial.to.policy.id_type not in fits:
            # tried as it will be once the setting that follows is in force
            trial.scratch.send_ids_as(fits[0])
    if trial.scratch:
        yield from trial.scratch.findings(tell, invite=wish.invite)


def _scratch(trial: Trial, wish: Wish) -> Scratch:
    """The trial, made where the course is empty. Raises Failed where it is not."""
    course = clean_course_id(wish.course, "check")
    pattern = address_pattern(trial.to.portal.email, wish.email)
    made = Scratch(trial.probe, course, Addresses(pattern, secrets.token_hex(4)))
    try:
        with waiting("Looking whether the course is empty"):
            made.must_be_empty()
    except NotScratch as error:
        people = words.number(error.count, "person", "people")
        raise Failed(
            f"Nothing was tried: course {course} has {people} in it.",
            "Name an empty course that nobody needs; make one in Coursebox, and make the user that "
            "Usher logs in with its administrator.",
        ) from None
    return made


def _ask(trial: Trial, wish: Wish) -> None:
    if trial.scratch is None or wish.yes:
        return
    remark(_leaves_behind(trial.to.address, trial.scratch, wish.invite))
    try:
        sure = click.confirm("Go on?", err=True)
    except click.Abort:
        raise Failed("\nNothing was tried: say --yes where nobody can be asked.") from None
    if not sure:
        raise Failed("Nothing was tried.")


def _leaves_behind(address: str, scratch: Scratch, invite: bool) -> str:
    first, second = scratch.addresses
    lines = [
        f"In {address} this makes two accounts, and a third where capitals make another person:",
        f"  {first}",
        f"  {second}",
        "They stay: the API cannot delete accounts. Coursebox may send mails to these addresses.",
        f"They are enrolled in course {scratch.course}, changed, and taken out again.",
    ]
    if invite:
        lines.append(f"{first} is sent an invitation: a mail.")
    return "\n".join(lines)


def _keep(usher: Usher, to: Access, report: Report) -> Kept | None:
    """Keeps what was proved; what was proved before goes, where it is now seen to be otherwise."""
    if report.proved:
        why = f"a learner was removed from course {report.course}, and nobody else"
        return keep_proof(usher, to.account, to.address, "checked", why)
    if _bad(report.findings, "remove", "update", "tidy"):
        revoke_proof(usher, to.account, to.address)
    return None


def _bad(findings: Sequence[Finding], *keys: str) -> bool:
    return any(each.mark is Mark.BAD and each.key in keys for each in findings)


def _tell(report: Report, changes: Changes, kept: Kept | None, wish: Wish) -> None:
    written = {} if wish.no_write else write_changes(changes)
    if wish.as_json:
        document(report_document(report, changes, written, kept))
        return
    print_report(report)
    tell_changes(changes, written)
    if kept:
        say(f"\nKept: learners may be removed and changed in {report.address}.", "green")
        tell_freed(kept)


def _not_good(report: Report) -> tuple[str, str]:
    if report.bad:
        what = ", ".join(each.name.lower() for each in report.bad)
        text = f"Usher must not be used with this portal as it is: {what}."
    else:
        text = "It was not seen that a removal takes out exactly the learner it names."
    if report.proved is False:
        text += "\nSteps that remove or change learners stay on hold."
    return text, "Show the lines marked BAD or ? to Coursebox's support (support@coursebox.ai)."
