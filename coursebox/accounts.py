"""Finding or making the account of a learner: the API has no search by e-mail address.

The note `account:<e-mail>` of the run's journal says how far it is:

  (nothing)    nothing was sent
  sending N    createAccount left N times and no answer to the last is known
  id X         the account has been made: X is its id
  old X        the account was there before: X is its id, told by createAccount or a course
  made         the account has been made, and its id is not told
  exists       Coursebox says there is an account, and does not tell its id

A second createAccount leaves only in a later try of the run, after the courses have been looked
through: by then the first has been carried out or is lost, and Coursebox's own check for a second
account of the same address holds.

Where the answer was lost, or tells no id, the password is still in hand in that very try: one
log-in with it tells the id, and that the account is of our making. The password is kept nowhere.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from coursebox.desk import SENDING, Desk, sending
from coursebox.errors import CourseboxError, Kind
from coursebox.ids import same_id
from coursebox.made import Made
from coursebox.sweep import sweep

# Coursebox may hide "this address has an account" in a 500: after so many it is taken for one, or
# after so many where the operator knows that this portal does so.
HIDDEN_AFTER: Final = 3
HIDDEN_AFTER_IF_KNOWN: Final = 2
EXISTS: Final = "exists"
MADE: Final = "made"
ID: Final = "id "
OLD: Final = "old "
MAY_HIDE: Final = (
    "The portal may be hiding that the address has an account already; if it answers every such "
    "request so, set COURSEBOX_HIDDEN_DUPLICATES=true."
)
TAKEN_FOR: Final = "Coursebox answered 500 each time, which is taken for: there is an account"


@dataclass(frozen=True, slots=True)
class Person:
    """`email` in lower case."""

    email: str
    first_name: str
    last_name: str
    offer_code: str = ""
    marketing_emails: bool = False
    is_18_plus: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """`user_id` is None where Coursebox does not tell it; `known` where it is only from our own
    directory, so that it may be out of date."""

    user_id: str | None
    created: bool = False
    known: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _New:
    """An account that is being made. `own_id` is that of the account Usher logs in with."""

    email: str
    password: str = field(repr=False)
    own_id: str | None


def account_for(desk: Desk, person: Person, *, seen: str) -> Account:
    """The learner's account, made if there is none. Looks hard for its id; `seen` is the course
    whose learners have been read already. Raises CourseboxError."""
    return _on_record(desk, person.email) or new_account(desk, person, seen=seen)


def new_account(desk: Desk, person: Person, *, seen: str) -> Account:
    """As account_for, without asking the directory."""
    email, note = person.email, _note(desk, person.email)
    if _tries(note):
        found = sweep(desk, email, seen)
        if found.user_id:
            return _seen(desk, email, found.user_id)
    account = _settled(note) or _create(desk, person, gives_up_hidden=True)
    if account.user_id:
        return account
    found = sweep(desk, email, seen)
    if found.user_id:
        return _seen(desk, email, found.user_id)
    return replace(account, detail="; ".join(filter(None, (found.detail, account.detail))))


def account_only(desk: Desk, person: Person) -> Account:
    """The learner's account, made if there is none, without looking for the id of an old one."""
    found = _on_record(desk, person.email) or _settled(_note(desk, person.email))
    if found:
        return found
    if _tries(_note(desk, person.email)):
        user_id = sweep(desk, person.email, whole=False).user_id
        if user_id:
            return Account(user_id, detail="found in a course after the answer was lost")
    return _create(desk, person, gives_up_hidden=desk.policy.hidden_duplicates)


def was_made(desk: Desk, email: str) -> bool:
    """Whether this run has made the account of that address."""
    return _note(desk, email) == MADE or _note(desk, email).startswith(ID)


def _seen(desk: Desk, email: str, user_id: str) -> Account:
    """An account that sits in a course already, so that it is not the one just made."""
    desk.journal.remember(_key(email), OLD + user_id)
    return Account(user_id)


def _on_record(desk: Desk, email: str) -> Account | None:
    note = _note(desk, email)
    for mark in (ID, OLD):
        if note.startswith(mark):
            return Account(note.removeprefix(mark), created=mark == ID)
    user_id = desk.directory.user_id(email)
    return Account(user_id, known=True) if user_id else None


def _settled(note: str) -> Account | None:
    """What an earlier try has come to that learned no id."""
    return Account(None, created=note == MADE) if note in (MADE, EXISTS) else None


def _create(desk: Desk, person: Person, *, gives_up_hidden: bool) -> Account:
    """Makes the account; without an id where there is one already or nothing tells it.

    With `gives_up_hidden`, a number of faults in a row are taken for "there is one already".
    """
    tries = _tries(_note(desk, person.email)) + 1
    # asked before the write: between its answer and the note of it nothing else may fail
    new = _New(person.email, desk.password(), desk.client.own_id())
    try:
        made = _send(desk, person, new.password, tries)
    except CourseboxError as error:
        return _after_failure(desk, new, tries, error, gives_up_hidden)
    if made.user_id and not _is_ours(desk, new, made.user_id):
        return _keep(desk, person.email, made)
    return _without_id(desk, new)


def _after_failure(
    desk: Desk,
    new: _New,
    tries: int,
    error: CourseboxError,
    gives_up_hidden: bool,
) -> Account:
    if error.kind is Kind.ALREADY_EXISTS:
        desk.journal.remember(_key(new.email), EXISTS)
        return Account(None)
    if not error.ambiguous:
        raise error
    user_id = _by_login(desk, new)
    if user_id:
        account = _keep(desk, new.email, Made(user_id))
        return replace(account, detail="its id was learned by logging in, the answer was lost")
    if error.status != 500:
        raise error
    enough = HIDDEN_AFTER_IF_KNOWN if desk.policy.hidden_duplicates else HIDDEN_AFTER
    if gives_up_hidden and tries >= enough:
        desk.journal.remember(_key(new.email), EXISTS)
        return Account(None, detail=TAKEN_FOR)
    raise replace(error.failure, message=f"{error.message} {MAY_HIDE}").error() from error


def _without_id(desk: Desk, new: _New) -> Account:
    user_id = _by_login(desk, new)
    if user_id:
        return _keep(desk, new.email, Made(user_id))
    desk.journal.remember(_key(new.email), MADE)
    return Account(
        None, created=True, detail="Coursebox did not tell whether the account was there before"
    )


def _keep(desk: Desk, email: str, made: Made) -> Account:
    user_id = made.user_id or ""
    desk.journal.remember(_key(email), (OLD if made.older else ID) + user_id)
    desk.directory.learn(email, user_id)
    return Account(user_id, created=not made.older, detail=made.older)


def _by_login(desk: Desk, new: _New) -> str | None:
    if not desk.policy.id_by_login:
        return None
    try:
        user_id = desk.client.id_of_new(new.email, new.password)
    except CourseboxError:
        # its turn has not come, and with this try the password goes: it is looked for elsewhere
        return None
    return None if user_id and _is_ours(desk, new, user_id) else user_id


def _is_ours(desk: Desk, new: _New, user_id: str) -> bool:
    """Whether that is the id of the account Usher logs in with, and not of the learner: a reply may
    tell who made an account, and a log-in whose session it is."""
    return same_id(new.own_id, user_id) and not desk.client.is_own(None, new.email)


def _send(desk: Desk, person: Person, password: str, tries: int) -> Made:
    with sending(desk, _key(person.email), f"{SENDING} {tries}") as before:
        return desk.client.create_account(
            person.email,
            person.first_name,
            person.last_name,
            password,
            offer_code=person.offer_code,
            marketing_emails=person.marketing_emails,
            is_18_plus=person.is_18_plus,
            before=before,
        )


def _key(email: str) -> str:
    return f"account:{email}"


def _note(desk: Desk, email: str) -> str:
    return desk.journal.recall(_key(email)) or ""


def _tries(note: str) -> int:
    count = note.removeprefix(SENDING).strip()
    return int(count) if note.startswith(SENDING) and count.isdigit() else 0
