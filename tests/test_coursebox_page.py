"""docs/coursebox.md says what the code does: its tables, held to the code's and the simulator."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Command

from coursebox.actions import PERFORM
from coursebox.calls import CALLS
from coursebox.client import Coursebox
from coursebox.desk import Desk
from coursebox.directory import MemoryDirectory
from coursebox.errors import CLASSES, STATUSES, CourseboxError, Decision, Kind
from coursebox.exchange import Exchange
from coursebox.failures import FAILURES
from coursebox.journal import MemoryJournal
from coursebox.outcomes import SENTENCES, Outcome
from coursebox.simulator import RunningSimulator, running_simulator
from coursebox.tokens import MemoryTokens
from usher.coursebox_check_command import check
from usher.coursebox_confirm_command import confirm
from usher.settings_written import CHECKED

PAGE = (Path(__file__).parent.parent / "docs/coursebox.md").read_text(encoding="utf-8")
DONE = {
    Decision.RETRY: "tried again",
    Decision.GIVE_UP: "gives up",
    Decision.HOLD: "holds",
    Decision.WAIT: "waits",
}
OF_USHER_ITSELF = {
    Kind.INVALID_ARGUMENT: ("gives up", "no"),
    Kind.UNKNOWN_LEARNER: ("gives up", "no"),
    Kind.INVITATION_UNSURE: ("gives up", "yes"),
    Kind.NOT_YET: ("waits", "no"),
    Kind.UNENROL_BRAKE: ("holds", "yes"),
}
NEW, HERE, ELSEWHERE, NOWHERE = (f"{name}@page.example" for name in ("new", "in", "else", "no"))
NAMES = {"first_name": "Ada", "last_name": "Lindt"}


def rows(heading: str) -> list[list[str]]:
    """The cells of the rows of the table under that heading."""
    section = re.split(rf"^## {heading}$", PAGE, flags=re.MULTILINE)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines[1:]]


def test_every_call_stands_on_the_page_as_it_is_made() -> None:
    told = {tuple(cell.strip("`") for cell in row[:2]) for row in rows("The calls")}

    assert told == {(call.name, f"{call.method} {call.path}") for call in CALLS}


def test_every_action_has_its_part() -> None:
    assert set(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == set(PERFORM)
    assert {row[0].strip("`") for row in rows("The actions")} == set(PERFORM)


def test_every_outcome_is_explained() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("Outcomes")}

    assert told == {str(each): SENTENCES[each] for each in Outcome}


def test_every_kind_of_answer_is_told_as_it_is_decided() -> None:
    told = {row[0].strip("`"): (row[2], row[3]) for row in rows("What happens on every answer")}

    decided = {
        kind: (DONE[row.decision], "yes" if row.maybe_done else "no")
        for kind, row in FAILURES.items()
    }
    assert told == decided | OF_USHER_ITSELF
    assert set(told) == set(Kind)


@pytest.mark.parametrize(("status", "kind"), STATUSES.items(), ids=map(str, STATUSES))
def test_every_status_stands_with_its_kind(status: int, kind: Kind) -> None:
    answers = {row[0].strip("`"): row[1] for row in rows("What happens on every answer")}

    assert str(status) in answers[kind]


@pytest.mark.parametrize(("first", "kind"), CLASSES.items(), ids=map(str, CLASSES))
def test_every_class_of_statuses_stands_with_its_kind(first: int, kind: Kind) -> None:
    answers = {row[0].strip("`"): row[1] for row in rows("What happens on every answer")}

    assert f"{first}xx" in answers[kind]


def given(
    sim: RunningSimulator, action: str, case: str, known: MemoryDirectory
) -> dict[str, object]:
    """The parameters of a case of the page; what Usher knows before goes into the directory."""
    email = {
        "has no account": NEW,
        "sits in the course": HERE,
        "does not": NEW,
        "does not sit in the course": ELSEWHERE,
    }.get(case, NOWHERE if "account" in case or "same" in case else ELSEWHERE)
    if "id is known to Usher" in case:
        known.learn(email, user_id(sim, email))
    if action in ("enrol_user", "update_user") and "address" not in case:
        params: dict[str, object] = {"user_id": user_id(sim, email)}
    else:
        params = {"email": email}
    if action == "update_user":
        return params | {"attributes": {"city": "Bern"}}
    if action == "create_account":
        return params | NAMES
    choice = {"on_unknown_user": "fail"} if "fail" in case else {}
    return params | choice | {"course_id": "101"}


def user_id(sim: RunningSimulator, email: str) -> str:
    with client(sim) as coursebox:
        listed = [*coursebox.learners("101"), *coursebox.learners("103")]
    return next(each.user_id or "" for each in listed if each.email == email)


def client(sim: RunningSimulator) -> Coursebox:
    return Coursebox(sim.url, sim.email, sim.password, tokens=MemoryTokens())


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        simulator.add_person(HERE, courses=[101])
        simulator.add_person(ELSEWHERE, courses=[103])
        simulator.add_person(NOWHERE)
        yield simulator


def without_repeats(names: list[str]) -> list[str]:
    return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]


CASES = rows("The actions")


@pytest.mark.parametrize(
    ("action", "case", "sent", "outcome"), CASES, ids=[f"{row[0]} {row[1]}" for row in CASES]
)
def test_what_is_sent_is_what_the_page_says(
    sim: RunningSimulator, action: str, case: str, sent: str, outcome: str
) -> None:
    name, known, made = action.strip("`"), MemoryDirectory(), list[Exchange]()
    params = given(sim, name, case, known)
    with client(sim) as coursebox:
        desk = Desk(coursebox.recording(made.append), known, MemoryJournal(), lambda: None)
        try:
            came = f"`{PERFORM[name](desk, params).outcome}`"
        except CourseboxError as error:
            came = f"gives up: `{error.kind}`"

    calls = [each.call for each in made if each.call != "login"]
    assert (without_repeats(calls), came) == (re.findall(r"`(\w+)`", sent), outcome)


def test_the_settings_that_a_check_writes_stand_on_the_page() -> None:
    section = PAGE.split("## Checking a portal\n")[1].split("\n## ")[0]

    assert set(re.findall(r"COURSEBOX_[A-Z_]+", section)) == {
        f"COURSEBOX_{name}" for name in CHECKED
    }


@pytest.mark.parametrize("command", [check, confirm], ids=lambda command: command.name)
def test_every_option_of_a_check_stands_on_the_page(command: Command) -> None:
    section = PAGE.split("## Checking a portal\n")[1].split("\n## ")[0]

    options = {name for each in command.params for name in each.opts}
    assert [name for name in options - {"--json"} if name not in section] == []
