"""The simulated Coursebox: people, courses, seats, invitations, tokens, and what was done to them.

Nothing here locks or waits: `Simulator` lets one caller in at a time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from coursebox.simulator.access import Access, Standing, Token
from coursebox.simulator.ids import ID_SCHEMES, Id, WrongId
from coursebox.simulator.switches import SwitchError, Switches

SAMPLE_COURSES: Mapping[str, str] = {
    "101": "Safety Basics",
    "102": "First Aid",
    "103": "Manual Handling",
    "104": "Food Hygiene",
    "105": "Fire Warden",
}

FIRST_USER, FIRST_ACTIVITY, ACTIVITIES_PER_COURSE = 1001, 5001, 2
FIRST_SEAT = 900_001
OWN_FIELDS = frozenset({"email", "firstName", "lastName"})


@dataclass(frozen=True, slots=True)
class User:
    id: Id
    email: str
    first_name: str
    last_name: str
    created: float
    updated: float
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


class Arrival(StrEnum):
    """How a learner came by a seat."""

    ENROLLED = "enrolled"
    INVITED = "by invitation"
    ADDED = "added by hand"


@dataclass(frozen=True, slots=True)
class Seat:
    """`number` counts all seats that were ever taken."""

    id: Id
    number: int
    user_id: Id
    since: float
    listed_from: float
    how: Arrival


@dataclass(frozen=True, slots=True)
class Invitation:
    course_id: Id
    email: str
    first_name: str
    last_name: str
    sent: float
    mails: int = 1
    accepted: bool = False


@dataclass(slots=True)
class Effects:
    """How often each thing came about; e-mails in lower case, courses as text."""

    accounts: Counter[str] = field(default_factory=Counter)
    enrolments: Counter[tuple[str, str]] = field(default_factory=Counter)
    unenrolments: Counter[tuple[str, str]] = field(default_factory=Counter)
    invitation_mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    updates: Counter[str] = field(default_factory=Counter)


class Cause(StrEnum):
    """Why a DELETE emptied a course: what was wrong with its `userid`, or nothing at all."""

    MISSING = "missing"
    EMPTY = "empty"
    MISSPELT = "misspelt"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Spring:
    """The trap has sprung once; `removed` is how many seats were lost."""

    course: Id
    cause: Cause
    removed: int
    time: float


class World:
    """All that the simulated Coursebox knows. `clock` gives unix seconds."""

    def __init__(
        self,
        *,
        email: str,
        password: str,
        switches: Switches,
        courses: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self.ids = ID_SCHEMES[switches.id_type]
        self.effects = Effects()
        self.springs: list[Spring] = []
        self.access = Access()
        self._clock = clock
        self._ahead = 0.0
        self._seats_taken = 0
        self._users: dict[Id, User] = {}
        self._ids_by_email: dict[str, list[Id]] = {}
        self._courses: dict[Id, Course] = {}
        self._activities: dict[Id, Activity] = {}
        self._seats: dict[Id, list[Seat]] = {}
        self._invitations: dict[tuple[Id, str], Invitation] = {}
        self.set_switches(switches)
        self.api_user_id = self._keep_user(1, email, "API", "User").id
        self.access.api_user = self.api_user_id
        self.access.keep_password(self.api_user_id, password)
        for course, title in courses.items():
            self.add_course(course, title)

    def set_switches(self, switches: Switches) -> None:
        """Go on with these, nothing forgotten; raises SwitchError where an id cannot be one."""
        allowed = switches.administered
        self._administered = (
            None if allowed is None else {self._chosen(each, "administered") for each in allowed}
        )
        self.switches = switches

    def _chosen(self, text: str, switch: str) -> Id:
        try:
            return self.ids.chosen(text)
        except WrongId as error:
            raise SwitchError(f"{switch}: an id cannot be used: {text!r}: {error}") from None

    def now(self) -> float:
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass for tokens and late learners, without waiting for it."""
        self._ahead += seconds

    # tokens

    def issue_token(self, user_id: Id) -> Token:
        return self.access.issue(user_id, self.now(), self.switches.token_ttl)

    def look_at_token(self, token_id: str | None) -> Standing:
        return self.access.look_at(token_id, self.now())

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
        """The user with these attributes; another e-mail ends all tokens of the user."""
        changed = replace(
            user,
            email=str(attributes.get("email") or user.email),
            first_name=str(attributes.get("firstName", user.first_name)),
            last_name=str(attributes.get("lastName", user.last_name)),
            updated=self.now(),
            attributes={
                **user.attributes,
                **{key: value for key, value in attributes.items() if key not in OWN_FIELDS},
            },
        )
        if changed.email != user.email:
            self.access.end_tokens_of(user.id)
        self.effects.updates[user.email.lower()] += 1
        self._ids_by_email[user.email.lower()].remove(user.id)
        self._file(changed)
        return changed

    def _keep_user(self, number: int, email: str, first_name: str, last_name: str) -> User:
        now = self.now()
        user = User(self.ids.numbered(number), email, first_name, last_name, now, now)
        self._file(user)
        return user

    def _file(self, user: User) -> None:
        self._users[user.id] = user
        self._ids_by_email.setdefault(user.email.lower(), []).append(user.id)

    # courses and seats

    def add_course(self, course: str, title: str) -> Course:
        kept = Course(self._chosen(course, "courses"), title)
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
        return self._administered is None or course_id in self._administered

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

    def seat(
        self, user: User, course_id: Id, *, late: float = 0.0, how: Arrival = Arrival.ENROLLED
    ) -> Seat:
        """A new seat for the user, to be listed `late` seconds from now or by `listing_lag`."""
        now = self.now()
        lag = 0.0 if how is Arrival.ADDED else max(late, self.switches.listing_lag)
        seat_id = self.ids.numbered(FIRST_SEAT + self._seats_taken)
        self._seats_taken += 1
        seat = Seat(seat_id, self._seats_taken, user.id, now, now + lag, how)
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

    def spring_trap(self, course_id: Id, cause: Cause) -> int:
        """Empty the course, as stock LoopBack does; how many seats that were."""
        removed = self.unseat([seat.user_id for seat in self._seats[course_id]], course_id)
        self.springs.append(Spring(course_id, cause, removed, self.now()))
        return removed

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
            self.seat(user, course_id, how=Arrival.INVITED)
        self._invitations[key] = replace(found, accepted=True)
        return self._invitations[key]


def iso(seconds: float) -> str:
    """Unix seconds the way JavaScript writes a time: 2025-01-31T09:30:00.000Z."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
