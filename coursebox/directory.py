"""Who is who: e-mail address to Coursebox user id and back. The API cannot be asked for it."""

from collections import OrderedDict
from typing import Final, Protocol

MOST_REMEMBERED: Final = 50_000


class Directory(Protocol):
    """The map filled from replies. E-mail addresses are given trimmed and in lower case."""

    def user_id(self, email: str) -> str | None: ...

    def email(self, user_id: str) -> str | None: ...

    def learn(self, email: str, user_id: str) -> None: ...


class MemoryDirectory:
    """A Directory for one process."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._emails: dict[str, str] = {}

    def user_id(self, email: str) -> str | None:
        return self._ids.get(email)

    def email(self, user_id: str) -> str | None:
        return self._emails.get(user_id)

    def learn(self, email: str, user_id: str) -> None:
        self._ids[email] = user_id
        self._emails[user_id] = email


class OnlyNews:
    """A Directory that passes on only what this process has not told it yet.

    Every enrolment reads the whole list of a course's learners; telling a shared store all of a
    long list each time would cost more than the enrolment.
    """

    def __init__(self, behind: Directory) -> None:
        self._behind = behind
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    def user_id(self, email: str) -> str | None:
        return self._behind.user_id(email)

    def email(self, user_id: str) -> str | None:
        return self._behind.email(user_id)

    def learn(self, email: str, user_id: str) -> None:
        if (email, user_id) in self._told:
            return
        self._behind.learn(email, user_id)
        self._told[email, user_id] = None
        if len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)
