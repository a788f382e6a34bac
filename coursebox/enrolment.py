"""`enrol`: one step keyed by e-mail address and course that finds or makes what it needs.

  1  the address is trimmed and put in lower case
  2  in the course already: nothing to do
  3  its id is known: enrolUser
  4  otherwise createAccount, then enrolUser
  5  an account whose id Coursebox does not tell: look through the other courses for it
  6  still unknown: invite or fail, as the rule says
  7  an error of enrolUser: read the course again; present counts as success

Notes in the run's journal: `seat:...` and `invitation:...` are `sending` from right before the
write leaves until its outcome is certain; an invitation that went out is `sent`. One that *may*
have gone out is not sent again: the learner is looked for in the course, now and in the next try;
then the run gives up and asks a person, who can have it sent again (Desk.resend_unsure). What other
runs have sent is noted in Desk.remembered: nobody gets two to the same course within a time.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from coursebox.accounts import Account, Person, account_for, new_account, was_made
from coursebox.calls import INVITE
from coursebox.client import Learner
from coursebox.desk import SENDING, SENT, Desk, Done, find, sending, unless_done
from coursebox.errors import CourseboxError, Decision, Failure, Kind
from coursebox.ids import clean_course_id, sure_id
from coursebox.outcomes import Outcome
from coursebox.params import Params, choice, flag, text
from coursebox.people import full_name, tidy_email
from coursebox.remembered import Invited
from coursebox.sweep import sweep, unfinished

INVITE_UNKNOWN: Final = "invite"
FAIL_UNKNOWN: Final = "fail"


@dataclass(frozen=True, slots=True)
class Letter:
    """An invitation. Empty title and body leave the words to Coursebox."""

    course_id: str
    person: Person
    title: str = ""
    body: str = ""

    @property
    def key(self) -> str:
        return f"invitation:{self.person.email}:{self.course_id}"


def enrol(desk: Desk, params: Params) -> Done:
    """Seats the learner with that e-mail address in the course. Raises CourseboxError."""
    course_id = clean_course_id(params.get("course_id"), "enrol")
    person = _person(params, "enrol")
    unknown = choice(params, "on_unknown_user", "enrol", (INVITE_UNKNOWN, FAIL_UNKNOWN))
    letter = Letter(course_id, person)
    if desk.journal.recall(letter.key) == SENT:
        return _invited("the invitation had gone out already")
    if unfinished(desk, person.email):
        # before all else: what waits for others to look through a course must cost no request
        sweep(desk, person.email, course_id)
    known_id = desk.directory.user_id(person.email)
    present = find(desk.learners(course_id), email=person.email, user_id=known_id)
    if present:
        return _present(desk, letter)
    account = account_for(desk, person, seen=course_id)
    if account.user_id is None:
        return _without_id(desk, letter, account, unknown)
    return _seat_account(desk, letter, account, unknown)


def enrol_user(desk: Desk, params: Params) -> Done:
    """Seats the learner with that user id in the course. Raises CourseboxError."""
    course_id = clean_course_id(params.get("course_id"), "enrol_user")
    user_id = sure_id(params.get("user_id"), "the user id", "enrol_user")
    if find(desk.learners(course_id), user_id=user_id):
        noted = desk.journal.recall(_seat_key(user_id, course_id))
        return Done(Outcome.ENROLLED if noted else Outcome.ALREADY_ENROLLED)
    take_seat(desk, course_id, user_id, key=_seat_key(user_id, course_id))
    return Done(Outcome.ENROLLED)


def invite(desk: Desk, params: Params) -> Done:
    """Invites the person into the course, unless already in it. Raises CourseboxError."""
    course_id = clean_course_id(params.get("course_id"), "invite")
    person = _person(params, "invite")
    title, body = text(params, "subject", "invite"), text(params, "message", "invite")
    letter = Letter(course_id, person, title, body)
    if desk.journal.recall(letter.key) == SENT:
        return _invited("the invitation had gone out already")
    if find(desk.learners(course_id), email=person.email):
        return _present(desk, letter)
    return send_once(desk, letter)


def take_seat(desk: Desk, course_id: str, user_id: str, *, key: str, email: str = "") -> None:
    """enrolUser; an error of it counts only if the learner is not in the course afterwards."""
    try:
        with sending(desk, key) as before:
            desk.client.enrol_user(course_id, user_id, before=before)
    except CourseboxError as error:
        unless_done(error, lambda: _is_in(desk, course_id, email, user_id))


def send_once(desk: Desk, letter: Letter) -> Done:
    """Sends the invitation, once in a run, and not at all where one went out not long ago."""
    earlier = _noted(desk, letter)
    if earlier:
        return _invited(_told(earlier, desk.policy.invite_again_after))
    email, course_id, owner = letter.person.email, letter.course_id, desk.owner()
    try:
        _send(desk, letter)
    except CourseboxError as error:
        if not error.ambiguous:
            desk.remembered.invited(email, course_id, owner, sent=False)
        if error.kind is Kind.ALREADY_INVITED:
            return _invited("Coursebox says that there was an invitation before; none was sent now")
        raise _not_invited(letter, error) from error
    desk.remembered.invited(email, course_id, owner, sent=True)
    desk.journal.remember(letter.key, SENT)
    return _invited()


def _noted(desk: Desk, letter: Letter) -> Invited | None:
    """Notes that an invitation is about to leave; the earlier one because of which none may.

    One that may have gone out, by this run or another, is left to a person to judge.
    """
    unsure = desk.journal.recall(letter.key) == SENDING
    if unsure and not desk.resend_unsure:
        raise _unsure(letter)
    email, course_id, owner = letter.person.email, letter.course_id, desk.owner()
    within = desk.policy.invite_again_after
    ask = partial(desk.remembered.inviting, email, course_id, owner, within=within)
    earlier = ask(again=unsure)
    if earlier is None or earlier.sure:
        return earlier
    if not desk.resend_unsure:
        raise _unsure(letter)
    return ask(again=True)


def _send(desk: Desk, letter: Letter) -> None:
    person = letter.person
    try:
        with sending(desk, letter.key) as before:
            desk.client.invite(
                person.email,
                letter.course_id,
                person.first_name,
                person.last_name,
                title=letter.title,
                body=letter.body,
                before=before,
            )
    except CourseboxError as error:
        if error.kind is Kind.ALREADY_INVITED:
            raise
        unless_done(error, lambda: _is_in(desk, letter.course_id, person.email, ""))


def _not_invited(letter: Letter, error: CourseboxError) -> CourseboxError:
    """The error; of somebody who exists and is not in the course, in words that say what to do."""
    if error.kind is not Kind.ALREADY_EXISTS:
        return error
    message = (
        f"{letter.person.email} was not invited to course {letter.course_id}: Coursebox says that "
        "somebody of that address exists already, and the list of the course does not show them "
        f"({error.message}) Enrol by hand in Coursebox."
    )
    return replace(error.failure, decision=Decision.GIVE_UP, message=message).error()


def _told(earlier: Invited, within: float) -> str:
    at, again = (f"{datetime.fromtimestamp(each, UTC):%Y-%m-%d %H:%M} UTC" for each in (
        earlier.at, earlier.at + within
    ))  # fmt: skip
    return f"no invitation was sent, since one went out on {at}; the next may go out after {again}"


def _person(params: Params, action: str) -> Person:
    email = tidy_email(params.get("email"), action)
    given = text(params, "first_name", action), text(params, "last_name", action)
    first, last = full_name(*given, email)
    marketing = flag(params, "marketing_emails", action, default=False)
    return Person(email, first, last, marketing_emails=marketing)


def _present(desk: Desk, letter: Letter) -> Done:
    """In the course already: by what this run did in an earlier try, or before it."""
    email = letter.person.email
    if desk.journal.recall(letter.key) == SENDING:
        desk.journal.remember(letter.key, SENT)
        return _invited("the answer to the invitation was lost, but the learner is in the course")
    if desk.journal.recall(_seat_key(email, letter.course_id)):
        made = was_made(desk, email)
        return Done(Outcome.CREATED_AND_ENROLLED if made else Outcome.ENROLLED)
    return Done(Outcome.ALREADY_ENROLLED)


def _seat_account(desk: Desk, letter: Letter, account: Account, unknown: str) -> Done:
    person, course_id = letter.person, letter.course_id
    try:
        _seat(desk, letter, account)
    except CourseboxError as error:
        if not _is_stale(desk, account, error):
            raise
        desk.directory.forget(person.email, account.user_id or "")
        account = new_account(desk, person, seen=course_id)
        if account.user_id is None:
            return _without_id(desk, letter, account, unknown)
        _seat(desk, letter, account)
    outcome = Outcome.CREATED_AND_ENROLLED if account.created else Outcome.ENROLLED
    return Done(outcome, account.detail)


def _seat(desk: Desk, letter: Letter, account: Account) -> None:
    email, course_id = letter.person.email, letter.course_id
    key = _seat_key(email, course_id)
    take_seat(desk, course_id, account.user_id or "", key=key, email=email)


def _is_stale(desk: Desk, account: Account, error: CourseboxError) -> bool:
    """Whether the id from our directory is of an account that is gone."""
    if not (account.known and error.kind is Kind.NO_SUCH_RECORD):
        return False
    try:
        desk.client.user(account.user_id or "")
    except CourseboxError as answer:
        return answer.kind is Kind.NO_SUCH_RECORD
    return False


def _without_id(desk: Desk, letter: Letter, account: Account, unknown: str) -> Done:
    if unknown == INVITE_UNKNOWN:
        done = send_once(desk, letter)
        return Done(done.outcome, f"not enrolled by id: {account.detail}{_after(done.detail)}")
    raise Failure(
        "create_account",
        Kind.UNKNOWN_LEARNER,
        Decision.GIVE_UP,
        f"{letter.person.email} could not be enrolled: there is an account, but Coursebox does not "
        f"tell its id, and {account.detail}. Nothing was sent to the learner. Enrol by hand, or "
        "let the rule say on_unknown_user: invite and replay.",
    ).error()


def _after(detail: str) -> str:
    return f". {detail[0].upper()}{detail[1:]}" if detail else ""


def _unsure(letter: Letter) -> CourseboxError:
    return Failure(
        INVITE.name,
        Kind.INVITATION_UNSURE,
        Decision.GIVE_UP,
        f"An invitation of {letter.person.email} to course {letter.course_id} may have gone out: "
        "its answer was lost, and the learner is not in the course. It was not sent again, so that "
        "nobody gets two. Ask the learner or look in Coursebox; if none arrived, invite by hand or "
        "have it sent again.",
        ambiguous=True,
    ).error()


def _invited(detail: str = "") -> Done:
    return Done(Outcome.INVITED, detail)


def _is_in(desk: Desk, course_id: str, email: str, user_id: str) -> bool:
    listed: tuple[Learner, ...] = desk.learners(course_id)
    return find(listed, email=email, user_id=user_id) is not None


def _seat_key(who: str, course_id: str) -> str:
    return f"seat:{who}:{course_id}"
