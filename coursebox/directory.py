"""Who is who: e-mail address to Coursebox user id and back. The API cannot be asked for it."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Protocol

MOST_REMEMBERED: Final = 50_000


class Directory(Protocol):
    """The map filled from replies. E-mail addresses are given trimmed and in lower case."""

    def user_id(self, email: str) -> str | None: ...

    def email(self, user_id: str) -> str | None: ...

    def learn(self, email: str, user_id: str) -> None: ...

    def learn_all(self, people: Mapping[str, str]) -> None:
        """Learns the user ids of many addresses."""

    def forget(self, email: str, user_id: str) -> None:
        """That address is no longer the one of that user."""


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

    def learn_all(self, people: Mapping[str, str]) -> None:
        for email, user_id in people.items():
            self.learn(email, user_id)

    def forget(self, email: str, user_id: str) -> None:
        if self._ids.get(email) == user_id:
            del self._ids[email]
        if self._emails.get(user_id) == email:
            del self._emails[user_id]


class OnlyNews:
    """A Directory that passes on only what this process has not told it yet.

    Every enrolment reads the whole list of a course's learners; telling a shared store all of a
    long list each time would cost more than the enrolment.
    """

    def __init__(self, behind: Directory) -> None:
        self._behind = behind
        self._told: OrderedDict[str, str] = OrderedDict()

    def user_id(self, email: str) -> str | None:
        found = self._behind.user_id(email)
        if self._told.get(email) != found:
            # others have learned otherwise, or forgotten it: what is seen next is news again
            self._told.pop(email, None)
        return found

    def email(self, user_id: str) -> str | None:
        return self._behind.email(user_id)

    def learn(self, email: str, user_id: str) -> None:
        self.learn_all({email: user_id})

    def learn_all(self, people: Mapping[str, str]) -> None:
        news = {email: id_ for email, id_ in people.items() if self._told.get(email) != id_}
        if news:
            self._behind.learn_all(news)
        self._told.update(news)
        while len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)

    def forget(self, email: str, user_id: str) -> None:
        self._told.pop(email, None)
        self._behind.forget(email, user_id)
