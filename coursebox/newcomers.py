"""Throw-away accounts for a check: made, made again, and logged in to, to see what comes of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from coursebox.desk import random_password
from coursebox.errors import CourseboxError
from coursebox.findings import Finding, Mark, cause, failed, form_of_record
from coursebox.probe import Probe
from coursebox.replies import read_owner
from coursebox.throwaway import Addresses
from coursebox.twice import Tried, in_capitals, same_address

Tell = Callable[[str], None]

_ASK: Final = "Ask Coursebox what these ids mean; Usher would act on the wrong person."
_BY_LOGIN: Final = {"ID_BY_LOGIN": ("true",)}
_NOT_BY_LOGIN: Final = {"ID_BY_LOGIN": ("false",)}


@dataclass(slots=True)
class Guest:
    """A throw-away learner; `user_id` is None as long as nobody told it."""

    email: str
    password: str
    user_id: str | None = None


class Newcomers:
    """Two throw-away learners; `accounts` are the addresses that stay behind for good."""

    def __init__(self, probe: Probe, addresses: Addresses) -> None:
        self.accounts: list[str] = []
        self.first, self.second = (
            Guest(addresses.one(letter), random_password()) for letter in "ab"
        )
        self._probe = probe

    def findings(self, tell: Tell) -> Iterator[Finding]:
        tell("Making a throw-away account")
        made = self._make(self.first)
        yield made
        if made.mark is Mark.BAD:
            return
        let_in = self._log_in(self.first)
        tell("Making it again")
        again = self._again(self.first.email)
        tell("Making it again in capitals")
        capitals = self._again(self.first.email.upper())
        tell("Making a second account")
        second = self._make(self.second)
        self._log_in(self.second)
        fine = second.mark in (Mark.GOOD, Mark.NOTED)
        yield same_address(self.first.user_id, again, fine)
        yield in_capitals(self.first.user_id, capitals, fine)
        yield let_in
        yield from self._ids_wrong()

    def _make(self, guest: Guest) -> Finding:
        key, name = "create_account", "A new account"
        try:
            guest.user_id = self._probe.create(guest.email, guest.password)
        except CourseboxError as error:
            return self._not_made(key, name, guest, error)
        self.accounts.append(guest.email)
        form = form_of_record(self._probe.body)
        if guest.user_id:
            return Finding(key, name, f"made, and its id told, {form}", "It can be enrolled.")
        does = f"made, and its id is not told, {form}"
        follows = "Usher logs in to the new account for its id, where learners can log in."
        return Finding(key, name, does, follows, Mark.NOTED)

    def _not_made(self, key: str, name: str, guest: Guest, error: CourseboxError) -> Finding:
        if error.ambiguous:
            self.accounts.append(guest.email)
            return failed(key, name, error, "It may have been made: a log-in tells.")
        does = f"not made: {cause(error)}"
        return Finding(key, name, does, "Usher cannot make accounts here.", Mark.BAD)

    def _log_in(self, guest: Guest) -> Finding:
        key, name = "id_by_login", "Log-in of a learner"
        try:
            reply = self._probe.sign_in(guest.email, guest.password)
        except CourseboxError as error:
            return failed(key, name, error)
        told, good = read_owner(reply), reply.status < 300
        does = "let in" if good else f"refused (HTTP {reply.status})"
        if told is None:
            follows = "It cannot tell the id of a new account; a setting keeps Usher from asking."
            return Finding(key, name, f"{does}, no id told", follows, Mark.NOTED, _NOT_BY_LOGIN)
        guest.user_id = guest.user_id or told
        if told != guest.user_id:
            return Finding(key, name, "tells another id than the account's", _ASK, Mark.BAD)
        follows = "It tells the id of a new account where createAccount does not."
        return Finding(key, name, f"{does}, and the id told", follows, wants=_BY_LOGIN)

    def _again(self, email: str) -> Tried:
        password = random_password()
        try:
            user_id = self._probe.create(email, password)
        except CourseboxError as error:
            return Tried(error=error)
        let_in, then = self._lets_in(email, password)
        told = user_id or then
        if told and told != self.first.user_id:
            self.accounts.append(email)
        return Tried(user_id, None, let_in, then)

    def _lets_in(self, email: str, password: str) -> tuple[bool, str | None]:
        try:
            reply = self._probe.sign_in(email, password)
        except CourseboxError:
            return False, None
        return reply.status < 300, read_owner(reply)

    def _ids_wrong(self) -> Iterator[Finding]:
        ids = self.first.user_id, self.second.user_id
        # nothing may be done to an id that could be somebody's, also where nobody can tell
        self.first.user_id = self.second.user_id = None
        if self._are_ours(ids):
            self.first.user_id, self.second.user_id = ids
        else:
            does = "the id told for a new account is of somebody else"
            yield Finding("account_id", "Id of a new account", does, _ASK, Mark.BAD)

    def _are_ours(self, ids: tuple[str | None, str | None]) -> bool:
        if ids[0] is not None and ids[0] == ids[1]:
            return False
        told = zip(ids, (self.first, self.second), strict=True)
        return all(user_id is None or self._is_of(user_id, guest) for user_id, guest in told)

    def _is_of(self, user_id: str, guest: Guest) -> bool:
        try:
            email = self._probe.user(user_id).get("email")
        except CourseboxError:
            return not self._probe.is_own(user_id, None)
        return not isinstance(email, str) or email.strip().lower() == guest.email
