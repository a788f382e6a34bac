"""What happens in the proof of chaos: the portals, the rules, the events, and what must come of
them. Pure, but for chance that can be repeated."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

ACCOUNTS: Final = ("default", "emea")
PAID, REFUNDED, ASKED = "paid", "refunded", "asked"
SEATS: Final = (101, 102)
# the course that people are only invited to
GUESTS: Final = 103

# every call of every portal, but for an answer that is lost or refused
FAULTS: Final[Sequence[Mapping[str, Any]]] = tuple(
    {"call": "*", "times": None, **fault}
    for fault in (
        {"fault": "drop_before", "chance": 0.1},
        {"fault": "commit_then_drop", "chance": 0.1},
        {"fault": "commit_then_status", "status": 500, "chance": 0.05},
        {"fault": "status", "status": 429, "retry_after": 1, "chance": 0.05},
    )
)

LOOKUPS: Final = """
callbacks:
  crm.told:
    method: POST
    url: CRM/told
    private_addresses: [127.0.0.1]
"""

_RULES: Final = """
version: 1
owner: ops@usher.example
account: ACCOUNT
rules:
  - id: ACCOUNT-paid
    name: Order paid
    when: {source: shop, event: ACCOUNT.paid}
    then:
      - action: enrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
      - action: callback
        with: {use: crm.told}
  - id: ACCOUNT-refunded
    name: Order refunded
    when: {source: shop, event: ACCOUNT.refunded}
    then:
      - action: unenrol
        with: {email: "${ body.email }", course_id: "${ body.course }"}
      - action: callback
        with: {use: crm.told}
  - id: ACCOUNT-asked
    name: Guest asked
    when: {source: shop, event: ACCOUNT.asked}
    then:
      - action: invite
        with: {email: "${ body.email }", course_id: "${ body.course }"}
      - action: callback
        with: {use: crm.told}
"""


def rules_of(account: str) -> str:
    """The rule file of an account."""
    return _RULES.replace("ACCOUNT", account)


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """A learner's place in a course of a portal."""

    account: str
    email: str
    course: int


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the shop tells it."""

    number: int
    kind: str
    seat: Seat
    at: datetime

    @property
    def identity(self) -> str:
        return f"order {self.number}"

    @property
    def type(self) -> str:
        return f"{self.seat.account}.{self.kind}"

    @property
    def more(self) -> dict[str, object]:
        return {
            "email": self.seat.email,
            "course": self.seat.course,
            "at": self.at.isoformat(),
        }


def events(number: int, learners: int, chance: Random) -> list[Told]:
    """So many events in the order in which they happened. The portals share some learners."""
    began = datetime.now(UTC) - timedelta(hours=1)
    people = [f"learner-{each}@customer.example" for each in range(learners)]
    third = learners // 3
    pools = dict(zip(ACCOUNTS, (people[: 2 * third], people[third:]), strict=True))
    return [_event(each, pools, began + timedelta(seconds=each), chance) for each in range(number)]


def _event(number: int, pools: Mapping[str, Sequence[str]], at: datetime, chance: Random) -> Told:
    account = chance.choice(ACCOUNTS)
    email = chance.choice(pools[account])
    if chance.random() < 0.1:
        return Told(number, ASKED, Seat(account, email, GUESTS), at)
    kind = PAID if chance.random() < 0.6 else REFUNDED
    return Told(number, kind, Seat(account, email, chance.choice(SEATS)), at)


def deliveries(told: Sequence[Told], chance: Random) -> list[Told]:
    """Those events out of order, and every tenth of them more than once."""
    posted = [*told, *chance.choices(told, k=len(told) // 10)]
    chance.shuffle(posted)
    return posted


def last_words(told: Sequence[Told]) -> Mapping[Seat, Told]:
    """The last that was said of each seat."""
    return {each.seat: each for each in sorted(told, key=lambda one: one.at)}


def wrong_seats(
    told: Sequence[Told], account: str, state: Mapping[str, Any], unsure: set[Seat]
) -> Iterator[str]:
    """What is not in the portal as the last word has it, or came about more often than asked for.

    `unsure` are those of whom only a person can say whether they were invited.
    """
    effects = state["effects"]
    for seat, last in sorted(last_words(told).items()):
        if seat.account != account:
            continue
        course = str(seat.course)
        seats = _seats(state, course).count(seat.email)
        made, ended, mails = (
            effects[what].get(course, {}).get(seat.email, 0)
            for what in ("enrolments", "unenrolments", "invitation_mails")
        )
        for_nothing = ended and not any(one.seat == seat and one.kind == REFUNDED for one in told)
        seen = f"{seat}: {seats} seats, {made} made, {ended} ended, {mails} mails; last {last.kind}"
        if seats > 1 or mails > 1 or for_nothing or made - ended != seats:
            yield f"done twice: {seen}"
        if last.kind == REFUNDED and seats:
            yield f"not the last word: {seen}"
        if last.kind != REFUNDED and not seats + mails and seat not in unsure:
            yield f"not the last word: {seen}"
    for email, number in effects["accounts"].items():
        if number != 1:
            yield f"{account}, {email}: {number} accounts"
    if state["unenrol_trap"]["sprung"]:
        yield f"{account}: the trap was sprung"


def _seats(state: Mapping[str, Any], course: str) -> list[str]:
    return [
        learner["email"]
        for each in state["courses"]
        if str(each["id"]) == course
        for learner in each["learners"]
    ]


def wrong_tellings(sent: Sequence[tuple[str, bytes]], finished: set[str]) -> Iterator[str]:
    """Of callbacks that came (id, body): what bears two ids or two bodies, is not told, or told of
    a run that has not ended."""
    ids: dict[str, set[str]] = {}
    bodies: dict[str, set[bytes]] = {}
    for key, body in sent:
        ids.setdefault(json.loads(body)["data"]["run"], set()).add(key)
        bodies.setdefault(key, set()).add(body)
    yield from (
        f"{run} was told of under {len(each)} ids" for run, each in ids.items() if len(each) > 1
    )
    yield from (f"{key} had {len(each)} bodies" for key, each in bodies.items() if len(each) > 1)
    yield from (f"{run} was never told of" for run in finished - set(ids))
    yield from (f"{run} was told of and has not finished" for run in set(ids) - finished)
