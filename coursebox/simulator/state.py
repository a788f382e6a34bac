"""The simulated Coursebox: people, courses, seats, invitations, tokens, and what was done to them.

Nothing here locks or waits: `Simulator` lets one caller in at a time.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum, auto

from coursebox.simulator.ids import ID_SCHEMES, Id
from coursebox.simulator.switches import Switches

SAMPLE_COURSES: Mapping[str, str] = {
    "101": "Safety Basics",
    "102": "First Aid",
    "103": "Manual Handling",
    "104": "Food Hygiene",
    "105": "Fire Warden",
}

FIRST_USER, FIRST_ACTIVITY, ACTIVITIES_PER_COURSE = 1001, 5001, 2
OWN_FIELDS = frozenset({"email", "firstName", "lastName"})


@dataclass(frozen=True, slots=True)
class User:
    id: Id
    email: str
    first_name: str
    last_name: str
    created: float
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    id: Id
    title: str


@dataclass(frozen=True, slots=True)
class Activity:
    id: Id
    course_id: Id
    title: str


@dataclass(frozen=True, slots=True)
class Seat:
    number: int
    user_id: Id
    since: float
    listed_from: float


@dataclass(frozen=True, slots=True)
class Invitation:
    course_id: Id
    email: str
    first_name: str
    last_name: str
    sent: float
    mails: int = 1
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    id: str
    created: float
    ttl: float


class Standing(Enum):
    """How a token stands: an expired one is forgotten by the look that finds it so."""

    VALID = auto()
    EXPIRED = auto()
    UNKNOWN = auto()


@dataclass(slots=True)
class Effects:
    """How often each thing came about; e-mails in lower case, courses as text."""

    accounts: Counter[str] = field(default_factory=Counter)
    enrolments: Counter[tuple[str, str]] = field(default_factory=Counter)
    unenrolments: Counter[tuple[str, str]] = field(default_factory=Counter)
    invitation_mails: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(slots=True)
class Trap:
    """Whether a DELETE without a usable `userid` has emptied a course."""

    times: int = 0
    courses: list[Id] = field(default_factory=list)


class World:
    """All that the simulated Coursebox knows. `clock` gives unix seconds."""

    def __init__(
        self,
        *,
        email: str,
        switches: Switches,
        courses: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self.switches = switches
        self.ids = ID_SCHEMES[switches.id_type]
        self.effects = Effects()
        self.trap = Trap()
        self._clock = clock
        self._ahead = 0.0
        self._seats_taken = 0
        self._users: dict[Id, User] = {}
        self._ids_by_email: dict[str, list[Id]] = {}
        self._courses: dict[Id, Course] = {}
        self._activities: dict[Id, Activity] = {}
        self._seats: dict[Id, list[Seat]] = {}
        self._invitations: dict[tuple[Id, str], Invitation] = {}
        self._tokens: dict[str, Token] = {}
        self.api_user_id = self._keep_user(1, email, "API", "User").id
        for course, title in courses.items():
            self.add_course(course, title)

    def now(self) -> float:
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass for tokens and late learners, without waiting for it."""
        self._ahead += seconds

    # tokens

    def issue_token(self) -> Token:
        token = Token(secrets.token_urlsafe(48), self.now(), self.switches.token_ttl)
        self._tokens[token.id] = token
        return token

    def look_at_token(self, token_id: str | None) -> Standing:
        token = self._tokens.get(token_id or "")
        if token is None:
            return Standing.UNKNOWN
        if self.now() < token.created + token.ttl:
            return Standing.VALID
        del self._tokens[token.id]
        return Standing.EXPIRED

    # users

    def user(self, user_id: Id) -> User | None:
        return self._users.get(user_id)

    def users(self) -> tuple[User, ...]:
        return tuple(self._users.values())

    def user_by_email(self, email: str, *, case_matters: bool = False) -> User | None:
        for user_id in self._ids_by_email.get(email.lower(), ()):
            user = self._users[user_id]
            if user.email == email or not case_matters:
                return user
        return None

    def add_user(self, email: str, first_name: str = "", last_name: str = "") -> User:
        user = self._keep_user(FIRST_USER + len(self._users) - 1, email, first_name, last_name)
        self.effects.accounts[email.lower()] += 1
        return user

    def change_user(self, user: User, attributes: Mapping[str, object]) -> User:
        """The user with these attributes; another e-mail for the API user ends all its tokens."""
        changed = replace(
            user,
            email=str(attributes.get("email") or user.email),
            first_name=str(attributes.get("firstName", user.first_name)),
            last_name=str(attributes.get("lastName", user.last_name)),
            attributes={
                **user.attributes,
                **{key: value for key, value in attributes.items() if key not in OWN_FIELDS},
            },
        )
        if user.id == self.api_user_id and changed.email != user.email:
            self._tokens.clear()
        self._ids_by_email[user.email.lower()].remove(user.id)
        self._file(changed)
        return changed

    def _keep_user(self, number: int, email: str, first_name: str, last_name: str) -> User:
        user = User(self.ids.numbered(number), email, first_name, last_name, self.now())
        self._file(user)
        return user

    def _file(self, user: User) -> None:
        self._users[user.id] = user
        self._ids_by_email.setdefault(user.email.lower(), []).append(user.id)

    # courses and seats

    def add_course(self, course: str, title: str) -> Course:
        kept = Course(self.ids.from_text(course), title)
        self._courses[kept.id] = kept
        self._seats[kept.id] = []
        for number in range(1, ACTIVITIES_PER_COURSE + 1):
            activity_id = self.ids.numbered(FIRST_ACTIVITY + len(self._activities))
            self._activities[activity_id] = Activity(
                activity_id, kept.id, f"{title}, part {number}"
            )
        return kept

    def course(self, course_id: Id) -> Course | None:
        return self._courses.get(course_id)

    def courses(self) -> tuple[Course, ...]:
        return tuple(self._courses.values())

    def administers(self, course_id: Id) -> bool:
        allowed = self.switches.administered
        return allowed is None or str(course_id) in allowed

    def activity(self, activity_id: Id) -> Activity | None:
        return self._activities.get(activity_id)

    def activities(self, course_id: Id) -> tuple[Activity, ...]:
        return tuple(each for each in self._activities.values() if each.course_id == course_id)

    def seats(self, course_id: Id) -> tuple[Seat, ...]:
        return tuple(self._seats[course_id])

    @property
    def seats_taken(self) -> int:
        """How many seats were ever taken; each seat has its number in that row."""
        return self._seats_taken

    def seat(self, user: User, course_id: Id, *, late: float = 0.0) -> Seat:
        """A new seat for the user, to be listed `late` seconds from now."""
        now = self.now()
        self._seats_taken += 1
        seat = Seat(self._seats_taken, user.id, now, now + late)
        self._seats[course_id].append(seat)
        self.effects.enrolments[user.email.lower(), str(course_id)] += 1
        return seat

    def unseat(self, user_ids: Iterable[Id], course_id: Id) -> int:
        """Take the seats of these users away; how many seats that were."""
        leaving = set(user_ids)
        gone = [seat for seat in self._seats[course_id] if seat.user_id in leaving]
        self._seats[course_id] = [
            seat for seat in self._seats[course_id] if seat.user_id not in leaving
        ]
        for seat in gone:
            self.effects.unenrolments[self._users[seat.user_id].email.lower(), str(course_id)] += 1
        return len(gone)

    def spring_trap(self, course_id: Id) -> int:
        """Empty the course, as stock LoopBack does with a DELETE that names nobody."""
        self.trap.times += 1
        self.trap.courses.append(course_id)
        return self.unseat([seat.user_id for seat in self._seats[course_id]], course_id)

    # invitations

    def invitations(self) -> tuple[Invitation, ...]:
        return tuple(self._invitations.values())

    def invite(self, course_id: Id, email: str, first_name: str, last_name: str) -> Invitation:
        """The invitation, with one mail more than before."""
        key = (course_id, email.lower())
        known = self._invitations.get(key)
        self.effects.invitation_mails[email.lower(), str(course_id)] += 1
        self._invitations[key] = (
            replace(known, mails=known.mails + 1, sent=self.now())
            if known
            else Invitation(course_id, email, first_name, last_name, self.now())
        )
        return self._invitations[key]

    def accept(self, course_id: Id, email: str) -> Invitation | None:
        """Seat who was invited, with an account where there was none; None without invitation."""
        key = (course_id, email.lower())
        found = self._invitations.get(key)
        if found is None:
            return None
        user = self.user_by_email(email)
        if user is None:
            user = self.add_user(found.email, found.first_name, found.last_name)
        if all(seat.user_id != user.id for seat in self._seats[course_id]):
            self.seat(user, course_id)
        self._invitations[key] = replace(found, accepted=True)
        return self._invitations[key]


def iso(seconds: float) -> str:
    """Unix seconds the way JavaScript writes a time: 2025-01-31T09:30:00.000Z."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
